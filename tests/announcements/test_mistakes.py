"""The worst that could happen: late starts, stale presses, races, lost roles, lost names, and who may correct alone."""

import asyncio
import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.announcements.desk import Desk
from bot.announcements.errors import ChangedError, DoubtError, StateError
from bot.announcements.kinds import By, Doubt, Part, State
from bot.announcements.own_data import OwnData
from bot.announcements.reporting import Report, keep_outcomes, reason
from bot.announcements.screens import Screens
from bot.announcements.spec import Criterion, read_question
from bot.content.errors import TooLongError
from bot.content.kept import Content
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Batch, Delivery
from bot.delivery.own_data import DeliveryData
from bot.members.errors import NotAllowedError
from bot.members.models import Person
from bot.members.roles import Role
from bot.rendering import Messages, html_length
from tests.announcements.conftest import ALL
from tests.announcements.test_following import correct, picture
from tests.groups.conftest import MONDAY
from tests.members.conftest import ADMIN

HOUR = dt.timedelta(hours=1)
one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Of tests about what no kind of database sees differently."""


async def press(office, actor, item, seen, at=None):
    """A press on a screen that showed a state."""
    now = await office.rooms.drafts.item(actor.id, item.id)
    return await office.rooms.releasing.release(actor.id, item.id, now.row.version, at, seen=seen)


class TestSecondPerson:
    """From so many recipients on, who writes does not release, nor correct."""

    @pytest.fixture
    def chosen(self):
        return {"second_release_from": 3}

    async def test_a_press_that_is_too_late_sends_nothing_before_its_time(self, office):
        miriam, paul, rita = [await office.coordinator(name) for name in ("Miriam", "Paul", "Rita")]
        anna = await office.member("Anna")
        item = await office.write(miriam)
        assert (await office.release(miriam, item, MONDAY + 20 * HOUR)).asked == [paul.id, rita.id]
        assert (await press(office, paul, item, State.WAITING)).fresh
        late = await press(office, rita, item, State.WAITING)
        assert (late.fresh, late.item.state) == (False, State.SCHEDULED)
        await office.work()
        assert office.texts(anna) == []
        await office.rooms.releasing.hold(miriam.id, item.id)
        held = await press(office, rita, item, State.WAITING)
        assert (held.fresh, held.item.state) == (False, State.DRAFT)

    async def test_who_waits_hears_that_it_is_released_and_that_it_is_not_any_more(self, office):
        miriam, paul = await office.coordinator(), await office.coordinator("Paul")
        await office.member("Anna")
        item = await office.write(miriam)
        for _ in range(2):  # asked, held, asked again: Paul hears of it each time
            await office.rooms.notices.asked(await office.release(miriam, item, MONDAY + 20 * HOUR), "Miriam")
            office.clock.move(minutes=1)
            await office.rooms.releasing.hold(miriam.id, item.id)
        await office.work()
        assert sum("Freigabe erbeten" in text for text in office.texts(paul)) == 2
        await office.release(miriam, item, MONDAY + 20 * HOUR)
        released = await office.release(paul, item)
        await office.rooms.notices.released(released.item, paul.id)
        await office.rooms.drafts.write(miriam.id, item.id, Content(html="Anders"))
        await office.work()
        assert "Freigegeben von Paul: „Guten Tag“ geht Di, 9. März 2027, 6:00 hinaus." in office.texts(miriam)
        assert office.texts(paul)[-1].startswith(
            "Nicht mehr für Di, 9. März 2027, 6:00 geplant: „Guten Tag“ wurde von Miriam geändert"
        )

    async def test_a_correction_for_many_waits_for_somebody_else(self, office):
        miriam, paul, anna = await office.coordinator(), await office.coordinator("Paul"), await office.member("Anna")
        item = await office.write(miriam)
        await office.release(miriam, item)
        await office.release(paul, item)
        await office.work()
        following = office.rooms.following
        first = await following.correct(paul.id, item.id, Content(html="Besser"))
        assert (first.asked, first.fresh) == ([miriam.id], True)
        assert not (await following.correct(paul.id, item.id, Content(html="Besser"))).fresh
        _, mark = await following.proposed(miriam.id, item.id)
        await office.rooms.notices.correction_asked(item, first.asked, "Paul", mark)
        await office.work()
        assert office.texts(anna) == ["Guten Tag"]
        assert office.texts(miriam)[-1].startswith("Freigabe einer Korrektur erbeten: Paul möchte „Guten Tag“")
        assert (await following.release_correction(paul.id, item.id, mark)).asked == [miriam.id]
        await following.correct(paul.id, item.id, Content(html="Noch besser"))
        with pytest.raises(ChangedError):
            await following.release_correction(miriam.id, item.id, mark)
        after, mark = await following.proposed(miriam.id, item.id)
        assert after.body.content.html == "Noch besser"
        assert (await following.release_correction(miriam.id, item.id, mark)).fresh
        assert not (await following.release_correction(miriam.id, item.id, mark)).fresh
        await office.work()
        assert office.texts(anna) == ["Noch besser"]

    @one_kind
    async def test_a_correction_that_was_dropped_and_is_wanted_after_all_is_told_again(self, office, clock):
        miriam, paul = await office.coordinator(), await office.coordinator("Paul")
        await office.member("Anna")
        item = await office.write(miriam)
        await office.release(paul, item)
        await office.work()
        following = office.rooms.following
        for _ in range(2):
            proposed = await following.correct(paul.id, item.id, Content(html="Besser"))
            assert proposed.fresh
            _, mark = await following.proposed(miriam.id, item.id)
            await office.rooms.notices.correction_asked(proposed.item, proposed.asked, "Paul", mark)
            await following.drop_correction(miriam.id, item.id)
            clock.move(minutes=5)
        await office.work()
        assert sum("Freigabe einer Korrektur erbeten" in text for text in office.texts(miriam)) == 2

    async def test_taking_back_stopping_retrying_and_few_recipients_need_nobody_else(self, office):
        miriam, paul, anna = await office.coordinator(), await office.coordinator("Paul"), await office.member("Anna")
        few = await office.send(miriam, "Wenige", Criterion(by=By.LIST, ids=(anna.id,)))
        assert (await office.rooms.following.correct(miriam.id, few.id, Content(html="Nur Anna"))).asked == []
        item = await office.write(miriam)
        await office.release(paul, item)
        await office.work()
        await office.rooms.following.correct(miriam.id, item.id, Content(html="Anders"))
        assert await office.rooms.following.retry(miriam.id, item.id) == 0
        assert (await office.rooms.following.withdraw(miriam.id, item.id))[1]
        assert await office.rooms.following.proposed(paul.id, item.id) is None
        await office.work()
        assert office.texts(anna) == ["Nur Anna"]

    async def test_a_dropped_correction_and_one_without_anybody_else(self, office):
        miriam, paul = await office.coordinator(), await office.coordinator("Paul")
        anna = await office.member("Anna")
        item = await office.write(miriam)
        await office.release(paul, item)
        await office.work()
        await office.rooms.following.correct(miriam.id, item.id, Content(html="Anders"))
        await office.rooms.following.drop_correction(paul.id, item.id)
        assert await office.rooms.following.proposed(paul.id, item.id) is None
        await office.members.members.set_role(ADMIN, paul.id, Role.MEMBER)
        assert (await office.rooms.following.correct(miriam.id, item.id, Content(html="Allein"))).fresh
        await office.work()
        assert office.texts(anna) == ["Allein"]


@pytest.mark.parametrize(("hours", "arrives"), [(5, True), (7, False)])
async def test_what_the_bot_slept_through_for_long_is_asked_about(office, clock, hours, arrives):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam, "Heute um elf")
    await office.release(miriam, item, MONDAY + HOUR)
    clock.move(hours=hours + 1)
    await office.work()
    assert (office.texts(anna) == ["Heute um elf"]) is arrives
    if not arrives:
        assert (await office.rooms.drafts.item(miriam.id, item.id)).state is State.DRAFT
        assert "Lotse lief zu der Zeit nicht, und das ist mehr als sechs Stunden her." in office.texts(miriam)[-1]


async def test_a_last_moment_that_passed_while_the_bot_was_down_holds_it(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam)
    await office.rooms.drafts.set_not_after(miriam.id, item.id, MONDAY + 2 * HOUR)
    await office.release(miriam, item, MONDAY + HOUR)
    clock.move(hours=3)
    await office.work()
    assert office.texts(anna) == []
    assert "Der letzte Zeitpunkt, zu dem sie ankommen durfte, ist vorbei." in office.texts(miriam)[-1]


async def test_the_same_text_that_is_planned_for_the_same_people_is_questioned(office):
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    anna = await office.member("Anna")
    first = await office.write(miriam)
    await office.release(miriam, first, MONDAY + HOUR)
    with pytest.raises(DoubtError) as caught:
        await office.release(paul, await office.write(paul))
    assert (caught.value.doubts, caught.value.again) == (Doubt.AGAIN, 3)
    other = await office.write(paul, "Guten Tag", Criterion(by=By.LIST, ids=(anna.id,)))
    with pytest.raises(DoubtError):
        await office.release(paul, other)
    await office.rooms.drafts.discard(miriam.id, first.id)
    assert (await office.release(paul, other)).fresh


async def test_who_lost_the_role_between_preview_and_press_sends_nothing(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam)
    await office.members.members.set_role(ADMIN, miriam.id, Role.MEMBER)
    with pytest.raises(NotAllowedError):
        await office.release(miriam, item)
    await office.work()
    assert office.texts(anna) == []


async def test_what_arrives_while_a_correction_looks_round_is_corrected_too(office, monkeypatch):
    """A message may be on its way at the first look and there at the second."""
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.send(miriam, "Falsch")

    async def settle(state):
        async with office.database.writing() as session:
            mine = update(Delivery).where(Delivery.recipient == anna.id, Delivery.occasion == "sent")
            await session.execute(mine.values(state=state))

    await settle(Sent.SENDING)
    looks = office.rooms.ground.reports.proofs

    async def proofs(batch, states, **more):
        for state in states:
            async for proof in looks(batch, [state], **more):
                yield proof
            await settle(Sent.SENT)

    monkeypatch.setattr(office.rooms.ground.reports, "proofs", proofs)
    await correct(office, miriam, item, "Richtig")
    assert office.texts(anna) == ["Richtig"]
    await settle(Sent.SENDING)
    await office.rooms.following.withdraw(miriam.id, item.id)
    await office.work()
    assert office.texts(anna) == []


@one_kind
async def test_a_text_that_fits_alone_must_also_fit_as_a_correction(office):
    miriam = await office.coordinator()
    await office.member("Anna")
    item = await office.send(miriam, "x" * 4096)
    with pytest.raises(TooLongError) as caught:
        await office.rooms.following.correct(miriam.id, item.id, Content(html="y" * 4090))
    assert caught.value.over == len("Berichtigung\n") + 4090 - 4096
    await correct(office, miriam, item, "y" * 4083)
    photo = await picture(office, miriam)
    below = await office.write(miriam, "z" * 1024, items=(photo,))
    with pytest.raises(TooLongError) as caught:
        await office.rooms.drafts.write(miriam.id, below.id, Content(html="z" * 1025))
    assert caught.value.over == 1
    with pytest.raises(TooLongError):
        await office.rooms.drafts.set_question(miriam.id, below.id, read_question("Ja?\nJa\nNein"))


@one_kind
@pytest.mark.parametrize("name", ["<b>Anna</b> & Co", "{stadt}", "👩‍🌾" * 30, "A" * 140])
async def test_names_neither_break_nor_forge_nor_lengthen_a_message(office, name):
    miriam, anna = await office.coordinator(), await office.member("Anna", town="Gera")
    async with office.database.writing() as session:
        (await session.get(Person, anna.id)).name = name[:140]
    item = await office.send(miriam, "<b>Guten Tag {name}</b> aus {stadt} " + "x" * 3950)
    [text] = office.texts(anna)
    assert text.startswith(f"Guten Tag {name[:10]}")
    assert " aus Gera xxx" in text
    assert html_length(text.replace("<", "&lt;")) <= 4096
    await correct(office, miriam, item, "<i>{name}</i>")
    [text] = office.texts(anna)
    assert text.startswith(name[:10])
    table = (await office.rooms.reporting.csv(miriam.id, item.id)).decode("utf-8-sig")
    assert name[:60] in table


@one_kind
async def test_no_cell_of_the_table_is_a_formula(office):
    miriam = await office.coordinator()
    anna = await office.member("Anna")
    async with office.database.writing() as session:
        (await session.get(Person, anna.id)).name = '=HYPERLINK("http://x";"y")'
    item = await office.write(miriam)
    await office.rooms.drafts.set_question(miriam.id, item.id, read_question("Kommen Sie?\n+1\n@nein"))
    await office.release(miriam, item)
    await office.work()
    await office.rooms.following.answer(anna.id, item.id, 0)
    table = (await office.rooms.reporting.csv(miriam.id, item.id)).decode("utf-8-sig")
    assert "'=HYPERLINK" in table
    assert ";'+1;" in table


async def test_who_is_erased_on_the_way_gets_nothing_and_is_counted_rightly(office):
    miriam = await office.coordinator()
    anna, ben = await office.member("Anna", town="Gera"), await office.member("Ben", town="Suhl")
    item = await office.write(miriam)
    await office.release(miriam, item)
    await office.rooms.outgoing.work()  # queued, not sent

    async def erase(person):
        async with office.database.writing() as session:  # in the order of /loeschen
            await office.rooms.ground.outbox.forget(person.id, session)
            await OwnData("").erase(session, person.id)
            await session.delete(await session.get(Person, person.id))

    await erase(anna)
    await office.work()
    assert office.texts(anna) == []
    async with office.database.writing() as session:
        await keep_outcomes(session, item.id)
    await erase(ben)
    report = await office.report(miriam, item)
    assert (report.meant, report.sent, report.count(Sent.CANCELLED)) == (3, 2, 1)
    assert report.towns["Suhl"] == (1, 1)
    assert "Suhl" not in report.without_contact
    table = (await office.rooms.reporting.csv(miriam.id, item.id)).decode("utf-8-sig")
    assert "(gelöscht);Suhl;zugestellt" in table
    assert "Anna" not in table
    assert "Ben" not in table
    async with office.database.writing() as session:  # a year later nobody is named, and nothing is counted anew
        await OwnData("").forget(session, office.clock.now() + dt.timedelta(days=366))
    assert (await office.report(miriam, item)).towns["Suhl"] == (1, 1)


async def test_new_ones_get_it_for_a_year_and_nobody_twice_when_it_is_forgotten_who_had_it(office, clock):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.send(miriam)
    desk = Desk(office.rooms, office.members, Messages("bot.announcements", dt.UTC), None, clock, "")
    following = office.rooms.following

    async def offered():
        screen = await Screens(desk).running(await office.rooms.drafts.item(miriam.id, item.id))
        return "Auch an Neue senden" in [button.text for row in screen.keyboard for button in row]

    clock.move(days=364)
    await office.member("Ben")
    assert (await offered(), await following.late(miriam.id, item.id)) == (True, 1)
    clock.move(days=2)
    async with office.database.writing() as session:
        await OwnData("").forget(session, clock.now())
        await DeliveryData(office.rooms.ground.outbox, "").forget(session, clock.now())
    assert not await offered()
    for wish in (following.late, following.send_late):
        with pytest.raises(StateError) as refused:
            await wish(miriam.id, item.id)
    assert "ist nach einem Jahr nicht mehr gespeichert" in desk.note(refused.value)
    assert desk.note(refused.value).endswith(".")
    await office.work()
    assert office.texts(anna) == ["Guten Tag"]


async def test_a_withdrawal_names_copies_that_nobody_knows_the_number_of(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.send(miriam)
    async with office.database.writing() as session:
        await session.execute(update(Delivery).where(Delivery.recipient == anna.id).values(possibly_twice=True))
    await office.rooms.following.withdraw(miriam.id, item.id)
    await office.work()
    undone = (await office.report(miriam, item)).undone
    assert (undone.deleted, undone.copies) == (2, 1)


@one_kind
async def test_one_that_is_stuck_holds_up_no_other(office, monkeypatch):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    first, second = await office.write(miriam, "Kaputt"), await office.write(miriam, "Heil")
    plan = office.rooms.outgoing._plan

    async def broken(item, now):
        if item.id == first.id:
            raise RuntimeError("no way")
        return await plan(item, now)

    monkeypatch.setattr(office.rooms.outgoing, "_plan", broken)
    for item in (first, second):
        await office.release(miriam, item)
    await office.work()
    assert office.texts(anna) == ["Heil"]
    monkeypatch.undo()
    await office.work()
    assert office.texts(anna) == ["Heil", "Kaputt"]


async def test_two_corrections_at_once_leave_one_text_everywhere(office):
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    people = [await office.member(f"Mitglied {number}") for number in range(5)]
    item = await office.send(miriam, "Falsch")
    wishes = [office.rooms.following.correct(who.id, item.id, Content(html=f"Von {who.id}")) for who in (miriam, paul)]
    await asyncio.gather(*wishes)
    await asyncio.gather(office.rooms.outgoing.work(), office.rooms.outgoing.work())
    for _ in range(3):
        await office.work()
    now = await office.rooms.drafts.item(miriam.id, item.id)
    assert {text for person in people for text in office.texts(person)} == {now.body.content.html}
    with pytest.raises(StateError):
        await office.rooms.following.correct(miriam.id, (await office.write(miriam)).id, Content(html="x"))


@one_kind
async def test_mere_words_leave_the_pictures_until_they_are_dropped(office):
    miriam = await office.coordinator()
    item = await office.write(miriam, "Mit Bild", items=(await picture(office, miriam),))
    item = await office.rooms.drafts.write(miriam.id, item.id, Content(html="Andere Worte"))
    assert (item.body.content.html, len(item.body.content.items)) == ("Andere Worte", 1)
    item = await office.rooms.drafts.drop_files(miriam.id, item.id)
    assert (item.body.content.html, item.body.content.items) == ("Andere Worte", ())


async def test_all_drafts_are_within_reach(office):
    miriam = await office.coordinator()
    items = [await office.write(miriam, f"Entwurf {number}") for number in range(11)]
    pages = [await office.rooms.drafts.all(miriam.id, page) for page in range(2)]
    assert [len(page) for page in pages] == [9, 3]
    assert {each.id for each in pages[0][:8]} | {each.id for each in pages[1]} == {each.id for each in items}


@pytest.mark.parametrize(
    ("said", "german"),
    [
        ("Bad Request: not enough rights to send text messages to the chat", "der Bot darf dort nicht schreiben"),
        ("given up after 12 tries: Internal Server Error", "nach vielen Versuchen aufgegeben"),
        ("it could not be made: RuntimeError: no way", "die Nachricht ließ sich nicht erstellen"),
        ("Something new", "Telegram: Something new"),
        (None, "unbekannt"),
    ],
)
def test_reasons_are_german(said, german):
    assert reason(said) == german


async def test_paused_by_itself_it_tells_somebody_even_if_who_released_it_is_gone(office):
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    item = await office.write(miriam)
    await office.release(miriam, item)
    await office.rooms.outgoing.work()
    await office.members.members.set_role(ADMIN, miriam.id, Role.MEMBER)
    await office.rooms.notices.paused(await office.rooms.drafts.item(paul.id, item.id))
    async with office.database.reading() as session:
        assert await session.scalar(select(Batch.id))
        told = select(Delivery.recipient).where(Delivery.occasion.startswith("paused"))
        assert paul.id in set(await session.scalars(told))
        assert miriam.id not in set(await session.scalars(told))


@one_kind
async def test_a_criterion_is_toggled_in_its_part_only(office):
    miriam = await office.coordinator()
    item = await office.rooms.drafts.begin(miriam.id, Content(html="x"))
    for part in (Part.ANY, Part.WITHOUT, Part.WITHOUT):
        item = await office.rooms.drafts.toggle(miriam.id, item.id, part, ALL)
    assert (item.audience.any, item.audience.without) == ((ALL,), ())


@one_kind
async def test_a_message_waits_for_a_database_that_is_away(office, monkeypatch):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    looks, away = office.rooms.making._look, [1]

    async def look(row):
        if away:
            away.pop()
            raise OperationalError("SELECT", {}, OSError("away"))
        return await looks(row)

    monkeypatch.setattr(office.rooms.making, "_look", look)
    item = await office.send(miriam)
    office.clock.move(seconds=5)
    await office.work()
    assert (office.texts(anna), away) == (["Guten Tag"], [])
    assert (await office.report(miriam, item)).count(Sent.FAILED) == 0


async def test_two_who_press_send_at_once_send_once_and_what_went_out_is_not_written_again(office):
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    anna = await office.member("Anna")
    item = await office.write(miriam)
    both = await asyncio.gather(*(press(office, who, item, State.DRAFT) for who in (miriam, paul)))
    assert sorted(each.fresh for each in both) == [False, True]
    await asyncio.gather(office.rooms.outgoing.work(), office.rooms.outgoing.work())
    await office.work()
    assert office.texts(anna) == ["Guten Tag"]
    with pytest.raises(StateError):
        await office.rooms.drafts.open_item(paul.id, item.id)


async def test_read_twice_is_read_once(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await office.write(miriam)
    await office.rooms.drafts.toggle_read_button(miriam.id, item.id)
    await office.release(miriam, item)
    await office.work()
    assert [(await office.rooms.following.read(anna.id, item.id)).fresh for _ in range(2)] == [True, False]
    both = await asyncio.gather(*(office.rooms.following.read(miriam.id, item.id) for _ in range(2)))
    assert sorted(each.fresh for each in both) == [False, True]
    assert (await office.report(miriam, item)).read == 2


@one_kind
async def test_a_name_in_an_address_does_not_break_out_of_it(office):
    miriam, anna = await office.coordinator(), await office.member("Anna")
    async with office.database.writing() as session:
        (await session.get(Person, anna.id)).name = 'x"><b>y'
    item = await office.send(miriam, '<a href="https://www.stadt.de/?n={name}">Hier, {name}</a>')
    assert office.texts(anna) == ['Hier, x"><b>y']
    assert (await office.report(miriam, item)).sent == 2


@one_kind
async def test_who_is_paused_beyond_the_last_moment_is_named_before(office):
    miriam, anna = await office.coordinator(), await office.member("Anna", town="Gera")
    await office.members.push_times.change(anna.id, paused_until=dt.date(2027, 3, 20))
    item = await office.write(miriam)
    item = await office.rooms.drafts.set_not_after(miriam.id, item.id, MONDAY + 5 * HOUR)
    outlook = await office.rooms.drafts.outlook(miriam.id, item)
    assert (outlook.people, outlook.paused, outlook.paused_names) == (1, 1, ["Anna (Gera)"])


def test_reasons_are_counted_in_german():
    reasons = {"hat den Bot blockiert": 2, "Konto gelöscht": 1, "hat den Bot nie gestartet": 1}
    assert Report(None, reasons=Counter(reasons)).why_not == [
        "1 nicht zugestellt (Konto gelöscht)",
        "2 haben den Bot blockiert",
        "1 hat den Bot nie gestartet",
    ]
