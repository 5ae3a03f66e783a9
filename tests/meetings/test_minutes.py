"""Minutes: in pieces, with pictures, late, corrected, withdrawn."""

import asyncio
import datetime as dt
import io

import pytest
from PIL import Image
from sqlalchemy import select

from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.payloads import Album, Delete, Photo, Text
from bot.meetings.cards import Cards
from bot.meetings.errors import NotAllowedError, OddValueError, OverError, SentMinutesError, UnsentMinutesError
from bot.meetings.kinds import Answer, PaperKind
from bot.meetings.minutes import MINUTES_LIMIT, Minutes, NewPaper
from bot.meetings.notices import MeetingNotices
from bot.meetings.reminders import KEEP_AFTER
from bot.members.models import GroupLead, Person
from bot.rendering import Messages
from tests.meetings.conftest import ANNA, BEN, CARLA, DORA, LEAD, OFFICE
from tests.meetings.test_dates import BERLIN
from tests.meetings.town import planned
from tests.questions.conversation import asks, labels, presses

IN_APRIL = {"start": dt.datetime(2027, 4, 12, 10, tzinfo=BERLIN), "end": dt.datetime(2027, 4, 12, 11, tzinfo=BERLIN)}


@pytest.fixture
async def minutes(house):
    return Minutes(house.calendar, house.replies)


@pytest.fixture
async def met(house):
    """A meeting that is over: Anna and Ben had accepted, Carla had declined."""
    view = await house.planned()
    await house.arrives()
    for person, answer in ((ANNA, Answer.YES), (BEN, Answer.YES), (CARLA, Answer.NO)):
        await house.replies.answer(person, view.id, answer)
    house.clock.set(2027, 3, 12, 13, 0)
    await house.arrives()
    return view


async def rows(house, occasion):
    async with house.database.reading() as session:
        found = await session.scalars(select(Delivery).where(Delivery.occasion == occasion).order_by(Delivery.id))
        return {row.recipient: row for row in found}


def renderer(house):
    return MeetingNotices(house.calendar, Cards(Messages("bot.meetings", BERLIN), house.clock, BERLIN))


async def test_minutes_in_several_messages_are_kept_together_and_too_long_ones_are_refused(house, minutes, met):
    await minutes.write(LEAD, met.id, "Erster Teil")
    assert (await minutes.write(LEAD, met.id, "Zweiter Teil")).minutes_text == "Erster Teil\n\nZweiter Teil"
    with pytest.raises(OddValueError):
        await minutes.write(LEAD, met.id, "x" * MINUTES_LIMIT)
    assert (await minutes.empty(LEAD, met.id)).minutes_text == ""
    with pytest.raises(OddValueError):
        await minutes.send(LEAD, met.id, to_all=True)


async def test_long_minutes_are_shown_in_part_with_a_way_to_the_whole(house, minutes, met):
    await minutes.write(LEAD, met.id, "Beschluss Nummer eins. " * 100)
    await minutes.send(LEAD, met.id, to_all=True)
    meeting, reply = await house.replies.mine(ANNA, met.id)
    card = Cards(Messages("bot.meetings", BERLIN), house.clock, BERLIN).meeting(meeting, reply)
    assert len(card.html) < 2000
    assert card.rows[-1][0].text == "Ganzes Protokoll"


async def test_minutes_that_come_weeks_later_still_go_out(house, minutes, met):
    house.clock.set(2027, 4, 20, 9, 0)
    await minutes.write(LEAD, met.id, "Beschlossen")
    await minutes.send(LEAD, met.id, to_all=False)
    await house.pushed()
    sent = await rows(house, "minutes")
    assert set(sent) == {ANNA, BEN}
    assert {row.not_after for row in sent.values()} == {house.clock.now() + KEEP_AFTER}


async def test_a_correction_goes_to_all_who_had_the_former_minutes_and_takes_those_away(house, minutes, met):
    await minutes.write(LEAD, met.id, "40 Bäume")
    await minutes.send(LEAD, met.id, to_all=False)
    await house.arrives()
    with pytest.raises(SentMinutesError):
        await minutes.write(LEAD, met.id, "und Bänke")
    house.clock.set(2027, 3, 13, 9, 0)
    corrected = await minutes.correct(LEAD, met.id, "14 Bäume", [], drop=False)
    assert corrected.minutes_text == "14 Bäume"
    await house.pushed()
    (again, back) = (await rows(house, "minutes:1"), await rows(house, "back:0"))
    assert set(again) == set(back) == {ANNA, BEN}
    said = await renderer(house)([again[ANNA]])
    assert "Berichtigtes Protokoll" in said.html
    assert "14 Bäume" in said.html
    former = (await rows(house, "minutes"))[ANNA].message_ids
    assert await renderer(house)([back[ANNA]]) == Delete(message_ids=tuple(former))
    house.clock.set(2027, 3, 20, 9, 0)
    assert await renderer(house)([back[ANNA]]) is None  # too late to delete; the new ones say what they are
    assert (await minutes.send(LEAD, met.id, to_all=True))[1]
    await house.pushed()
    assert set(await rows(house, "minutes:1")) == {LEAD, ANNA, BEN, CARLA, DORA}  # nobody twice


async def test_who_still_waits_for_the_minutes_gets_the_corrected_ones_alone(house, minutes, met):
    await minutes.write(LEAD, met.id, "falsch")
    await minutes.send(LEAD, met.id, to_all=False)
    await house.pushed()
    await minutes.correct(LEAD, met.id, "richtig", [], drop=False)
    await house.pushed()
    assert {row.state for row in (await rows(house, "minutes")).values()} == {Sent.CANCELLED}
    assert {row.state for row in (await rows(house, "minutes:1")).values()} == {Sent.QUEUED}
    assert await rows(house, "back:0") == {}
    said = (await renderer(house)([(await rows(house, "minutes:1"))[ANNA]])).html
    assert "Protokoll" in said
    assert "richtig" in said
    assert "Berichtigt" not in said  # she had none before
    assert "frühere" not in said


async def test_a_correction_at_once_reaches_those_to_whom_nothing_was_queued_yet(house, minutes, met):
    await minutes.write(LEAD, met.id, "falsch")
    await minutes.send(LEAD, met.id, to_all=False)
    await minutes.correct(LEAD, met.id, "richtig", [], drop=False)
    await house.pushed()
    assert await rows(house, "minutes") == {}
    assert set(await rows(house, "minutes:1")) == {ANNA, BEN}


async def test_withdrawn_minutes_go_from_all_chats_or_are_said_not_to_hold(house, minutes, met):
    await minutes.write(LEAD, met.id, "vertraulich")
    await minutes.send(LEAD, met.id, to_all=False)
    await house.arrives()
    assert (await minutes.withdraw(LEAD, met.id)).minutes_at is None
    with pytest.raises(UnsentMinutesError):
        await minutes.withdraw(LEAD, met.id)
    assert await minutes.papers(ANNA, met.id) == []
    await house.pushed()
    back = await rows(house, "back:0")
    assert set(back) == {ANNA, BEN}
    assert isinstance(await renderer(house)([back[ANNA]]), Delete)
    house.clock.set(2027, 3, 16, 9, 0)
    late = await renderer(house)([back[ANNA]])
    assert isinstance(late, Text)
    assert "gilt nicht mehr" in late.html
    assert "vertraulich" not in late.html
    assert (await minutes.send(LEAD, met.id, to_all=False))[1]
    await house.pushed()
    assert set(await rows(house, "minutes:1")) == {ANNA, BEN}


async def test_only_those_who_plan_correct_and_only_what_was_sent(house, minutes, met):
    with pytest.raises(UnsentMinutesError):
        await minutes.correct(LEAD, met.id, "x", [], drop=False)
    for wish in (minutes.correct(ANNA, met.id, "x", [], drop=True), minutes.withdraw(ANNA, met.id)):
        with pytest.raises(NotAllowedError):
            await wish
    view = await house.planned(**IN_APRIL)
    with pytest.raises(OverError):
        await minutes.withdraw(LEAD, view.id)


async def test_pictures_go_as_pictures_and_the_larger_part_goes_along(house, minutes, met):
    for number in range(3):
        await minutes.add_paper(
            LEAD, met.id, NewPaper(f"p{number}", f"p{number}", kind=PaperKind.PHOTO), of_minutes=True
        )
    await minutes.send(LEAD, met.id, to_all=False)
    await house.pushed()
    row = (await rows(house, "minutes"))[ANNA]
    album = await renderer(house)([row])
    assert isinstance(album, Album)
    assert {item.type for item in album.items} == {"photo"}
    await minutes.correct(LEAD, met.id, None, [NewPaper("d", "d", "plan.pdf")], drop=False)
    await house.pushed()
    mixed = await renderer(house)([(await rows(house, "minutes:1"))[ANNA]])
    assert len(mixed.items) == 3
    assert "3 von 4 Dokumenten" in mixed.foot.html
    assert mixed.foot.buttons[0][0].text == "Alle Dokumente"
    await minutes.correct(LEAD, met.id, "nur ein Bild", [NewPaper("q", "q", kind=PaperKind.PHOTO)], drop=True)
    await house.pushed()
    one = await renderer(house)([(await rows(house, "minutes:2"))[ANNA]])
    assert isinstance(one, Photo)
    assert one.file.file_id == "q"


async def test_who_asks_for_minutes_asks_whoever_leads_now(house, met):
    view = await house.planned(**IN_APRIL)
    async with house.database.writing() as session:
        await session.delete(await session.get(GroupLead, (LEAD, "ag-klima")))
        session.add(GroupLead(person_id=DORA, group_key="ag-klima", since=house.clock.now()))
    house.clock.set(2027, 4, 12, 11, 30)
    await house.pushed()
    asked = await rows(house, "asked:0")
    assert {who for who, row in asked.items() if row.what == f"meeting:{view.id}"} == {DORA}


async def test_where_nobody_leads_any_more_the_office_is_asked_for_minutes(house):
    await house.planned()
    async with house.database.writing() as session:
        await session.delete(await session.get(GroupLead, (LEAD, "ag-klima")))
        (await session.get(Person, CARLA)).role = "coordinator"
    house.clock.set(2027, 3, 12, 12, 30)
    await house.pushed()
    assert set(await rows(house, "asked:0")) == {CARLA, OFFICE}


async def test_an_office_of_the_operators_administrators_alone_is_asked_even_if_one_is_marked_suspended(house):
    now = house.clock.now()
    await house.planned()
    async with house.database.writing() as session:
        await session.delete(await session.get(GroupLead, (LEAD, "ag-klima")))
        session.add(Person(id=OFFICE, name="Olga", role="member", created_at=now, joined_at=now, suspended_at=now))
    house.clock.set(2027, 3, 12, 12, 30)
    await house.pushed()
    assert set(await rows(house, "asked:0")) == {OFFICE}


async def test_an_administrator_who_blocked_the_bot_is_not_asked_for_minutes(house):
    now = house.clock.now()
    await house.planned()
    async with house.database.writing() as session:
        await session.delete(await session.get(GroupLead, (LEAD, "ag-klima")))
        session.add(Person(id=OFFICE, name="Olga", role="administrator", created_at=now, unreachable_at=now))
        (await session.get(Person, CARLA)).role = "coordinator"
    house.clock.set(2027, 3, 12, 12, 30)
    await house.pushed()
    assert set(await rows(house, "asked:0")) == {CARLA}


def picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return out.getvalue()


async def test_a_photographed_flipchart_becomes_minutes_that_are_corrected_and_withdrawn_in_chat(town):
    await planned(town)
    invited = await town.anna.receives(containing="AG Klima: Bäume")
    await town.anna.presses("Zusage", message=invited)
    await town.anna.receives(containing="Ihre Antwort: Zusage")
    town.set_clock(2027, 3, 12, 12, 31)
    asked = await town.lea.receives(containing="ist vorbei", timeout=15)
    await presses(town.lea, "Protokoll", asked)
    await town.lea.uploads(
        picture(), name="flipchart.jpg", kind="photo", caption="Vom Flipchart", mime_type="image/jpeg"
    )
    ready = await town.lea.receives(containing="und 1 Dokument")
    await town.lea.presses("An alle, die zugesagt haben", message=ready)
    got = await town.anna.receives(containing="Vom Flipchart", timeout=15)
    assert got["photo"]
    on_way = await town.lea.receives(containing="ist unterwegs")
    await presses(town.lea, "Berichtigen", on_way)
    await town.lotse.restart()
    fix = await asks(town.lea, "40 Bäume & <Bänke>")
    assert "Verschickt ist noch nichts" in fix["text"]
    fix = await presses(town.lea, "Bisherige Dokumente entfernen", fix)
    assert "entfallen" in fix["text"]
    fixed = await presses(town.lea, "Berichtigung senden", fix)
    await town.anna.receives(containing="Berichtigtes Protokoll", timeout=15)
    await vanishes(town, "Flipchart")
    question = await presses(town.lea, "Zurückziehen", fixed)
    gone = await presses(town.lea, "Ja, zurückziehen", question)
    assert "gilt nicht mehr" in gone["text"]
    assert labels(gone) == ["Neu schreiben und senden"]
    await vanishes(town, "40 Bäume")


async def vanishes(town, text):
    """Wait until no message of Anna's holds a text any more."""
    async with asyncio.timeout(20):
        while text in str(await town.anna.chat_history()):
            await town.lotse.sandbox.client.settles(quiet=0.5)
