import asyncio
import datetime as dt

import pytest
from sqlalchemy import func, select, update

from bot.content.errors import AlbumFullError, AlbumMixedError, EmptyContentError, TooLongError
from bot.content.kept import Content, Item
from bot.delivery.kinds import Priority, State
from bot.delivery.models import Delivery
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Push
from bot.delivery.quiet import Mode, next_allowed
from bot.groups.audience import NEWS
from bot.groups.errors import (
    NewsChangedError,
    NewsGoneError,
    NewsStateError,
    OnlyTextError,
    PastError,
)
from bot.groups.news import OWN
from bot.groups.outgoing import MOST_MESSAGES, news_of_batch
from bot.members.errors import NotAllowedError, UnknownGroupError
from bot.members.roles import Role
from tests.groups.conftest import MONDAY
from tests.members.conftest import ADMIN
from tests.questions.conversation import PIXEL

BERLIN = dt.timezone(dt.timedelta(hours=1))
SATURDAY = dt.datetime(2027, 3, 13, 10, 0, tzinfo=dt.UTC)


async def lead(office):
    return await office.member("Lea", leads=["ag-klima"])


async def picture(office, person):
    """A picture's id at Telegram."""
    number = await person.uploads(PIXEL, kind="photo", name="bild.png", mime_type="image/png")
    return office.sandbox.world.chats[person.id].messages[number].data["photo"][-1]["file_id"]


async def test_news_reaches_its_followers_and_nobody_else(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    ben = await office.member("Ben", "ag-leerstandsbewaeltigung")
    await office.send(lea, "<b>Neue Bäume</b> in Gotha")
    assert office.texts(anna) == ["AG Klima\nNeue Bäume in Gotha"]
    assert office.texts(ben) == office.texts(lea) == []


async def test_only_those_who_lead_the_group_may_write(office):
    lea, anna = await lead(office), await office.member()
    other = await office.member("Otto", leads=["ag-leerstandsbewaeltigung"])
    item = await office.write(lea)
    for person in (anna, other):
        with pytest.raises(NotAllowedError):
            await office.rooms.news.begin(person.id, await office.group())
        with pytest.raises(NotAllowedError):
            await office.rooms.news.release(person.id, item.id, item.news.version)
        with pytest.raises(NotAllowedError):
            await office.rooms.news.withdraw(person.id, item.id)
        with pytest.raises(NotAllowedError):
            await office.rooms.news.item(person.id, item.id)
    miriam = await office.member("Miriam", role=Role.COORDINATOR)
    await office.rooms.news.item(miriam.id, item.id)


async def test_a_second_press_sends_nothing_twice(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    item = await office.send(lea)
    _, fresh = await office.rooms.news.release(lea.id, item.id, item.news.version)
    assert not fresh
    await office.work()
    assert len(office.texts(anna)) == 1


async def test_quiet_hours_hold_news_back_until_they_end(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    office.clock.moment = SATURDAY
    await office.send(lea)
    assert office.texts(anna) == []
    office.clock.moment = dt.datetime(2027, 3, 15, 6, 0, tzinfo=dt.UTC)  # Monday, 7:00
    await office.work()
    assert len(office.texts(anna)) == 1


async def test_several_that_are_due_together_come_as_one_digest(office):
    lea = await office.member("Lea", role=Role.COORDINATOR)
    anna = await office.member("Anna", "ag-klima", "ag-leerstandsbewaeltigung")
    office.clock.moment = SATURDAY
    await office.send(lea, "Erstens")
    await office.send(lea, "Zweitens", key="ag-leerstandsbewaeltigung")
    await office.send(lea, "Drittens")
    office.clock.moment = dt.datetime(2027, 3, 15, 6, 0, tzinfo=dt.UTC)
    await office.work()
    [digest] = office.texts(anna)
    assert digest.startswith("3 Neuigkeiten")
    assert digest.index("Zweitens") < digest.index("Erstens") < digest.index("Drittens")


async def test_daily_and_weekly_come_at_their_time(office):
    lea = await lead(office)
    dora = await office.member("Dora", "ag-klima", mode=Mode.DAILY)
    wim = await office.member("Wim", "ag-klima", mode=Mode.WEEKLY)
    await office.send(lea, "Erstens")  # Monday, 10:00
    await office.send(lea, "Zweitens")
    assert office.texts(dora) == office.texts(wim) == []
    office.clock.move(days=1)
    await office.work()
    assert [text.split("\n")[0] for text in office.texts(dora)] == ["2 Neuigkeiten"]
    assert office.texts(wim) == []
    office.clock.move(days=6)
    await office.work()
    assert len(office.texts(wim)) == 1


async def test_a_long_digest_is_split_between_items_and_loses_nothing(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    for number in range(6):
        await office.send(lea, f"Nummer {number} " + "Wort " * 300)
    office.clock.move(days=1)
    await office.work()
    pieces = office.texts(anna)
    assert len(pieces) > 1
    assert all(len(piece) <= 4096 for piece in pieces)
    assert all(piece.startswith(("6 Neuigkeiten", "AG Klima")) for piece in pieces)
    assert "".join(pieces).count("Wort") == 6 * 300


async def test_pictures_in_a_digest_are_a_link_away(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    file_id = await picture(office, lea)
    item = await office.send(lea, "Baum", items=(Item(type="photo", file_id=file_id),))
    await office.send(lea, "Zweitens")
    office.clock.move(days=1)
    await office.work()
    [digest] = office.texts(anna)
    assert "1 Bild ansehen" in digest
    message = list(office.sandbox.world.chats[anna.id].messages.values())[-1].data
    assert any(each.get("url") == f"https://t.me/lotse_bot?start=n_{item.id}" for each in message["entities"])


async def test_pictures_documents_and_albums_arrive_as_sent(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    photo = Item(type="photo", file_id=await picture(office, lea))
    number = await lea.uploads(b"%PDF", name="plan.pdf")
    document = office.sandbox.world.chats[lea.id].messages[number].data["document"]["file_id"]
    await office.send(lea, "Bild", items=(photo,))
    await office.send(lea, "", items=(Item(type="document", file_id=document),))
    await office.send(lea, "Album", items=(photo, photo, photo))
    got = [m.data for m in office.sandbox.world.chats[anna.id].messages.values() if m.sender != anna.id]
    assert [sorted(message.keys() & {"photo", "document"}) for message in got] == [
        ["photo"],
        ["document"],
        *3 * [["photo"]],
    ]
    assert [message.get("caption") for message in got] == ["AG Klima\nBild", "AG Klima", "AG Klima\nAlbum", None, None]
    assert len({message.get("media_group_id") for message in got[2:]}) == 1


async def test_the_parts_of_an_album_come_one_by_one(office):
    lea = await lead(office)
    photo = Item(type="photo", file_id="A" * 20)
    item = await office.rooms.news.begin(lea.id, await office.group())
    await office.rooms.news.write(lea.id, item.id, Content(items=(photo,), album="7"))
    item = await office.rooms.news.write(lea.id, item.id, Content(items=(photo,), html="Worum", album="7"))
    assert (len(item.content.items), item.content.html) == (2, "Worum")
    document = Item(type="document", file_id="B" * 20)
    with pytest.raises(AlbumMixedError):
        await office.rooms.news.write(lea.id, item.id, Content(items=(document,), album="7"))
    for _ in range(8):
        await office.rooms.news.write(lea.id, item.id, Content(items=(photo,), album="7"))
    with pytest.raises(AlbumFullError):
        await office.rooms.news.write(lea.id, item.id, Content(items=(photo,), album="7"))
    item = await office.rooms.news.write(lea.id, item.id, Content(html="Doch nur Text"))
    assert item.content.items == ()


async def test_planned_news_goes_out_at_its_time(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    await office.send(lea, at=MONDAY + dt.timedelta(hours=2))
    assert office.texts(anna) == []
    office.clock.move(hours=2)
    await office.work()
    assert len(office.texts(anna)) == 1


async def test_a_planned_item_can_be_changed_held_and_dropped(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    first = await office.send(lea, "Erstens", at=MONDAY + dt.timedelta(hours=2))
    second = await office.send(lea, "Zweitens", at=MONDAY + dt.timedelta(hours=2))
    third = await office.send(lea, "Drittens", at=MONDAY + dt.timedelta(hours=2))
    await office.edit(lea, first, "Anders")
    assert (await office.rooms.news.unschedule(lea.id, second.id)).news.state == "draft"
    await office.rooms.news.discard(lea.id, third.id)
    office.clock.move(hours=2)
    await office.work()
    assert office.texts(anna) == ["AG Klima\nAnders"]
    with pytest.raises(NewsGoneError):
        await office.rooms.news.item(lea.id, third.id)


@pytest.mark.parametrize("hours", [-1, 24 * 400])
async def test_a_time_that_is_past_or_far_away_is_refused(office, hours):
    lea = await lead(office)
    with pytest.raises(PastError):
        await office.send(lea, at=MONDAY + dt.timedelta(hours=hours))


async def test_what_was_changed_since_it_was_looked_at_is_looked_at_again(office):
    lea = await lead(office)
    item = await office.write(lea)
    await office.rooms.news.write(lea.id, item.id, Content(html="Anders"))
    with pytest.raises(NewsChangedError):
        await office.rooms.news.release(lea.id, item.id, item.news.version)


async def test_an_empty_or_too_long_text_is_refused(office):
    lea = await lead(office)
    with pytest.raises(EmptyContentError):
        await office.write(lea, "<b> </b>")
    with pytest.raises(TooLongError) as caught:
        await office.write(lea, "x" * 4096)
    assert caught.value.over == len("AG Klima\n")
    item = await office.rooms.news.begin(lea.id, await office.group())
    with pytest.raises(EmptyContentError):
        await office.rooms.news.release(lea.id, item.id, 1)


async def test_a_change_reaches_what_was_delivered_and_what_waits(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    dora = await office.member("Dora", "ag-klima", mode=Mode.DAILY)
    item = await office.send(lea, "Falsch")
    await office.edit(lea, item, "<i>Richtig</i>")
    assert office.texts(anna) == ["AG Klima\nRichtig"]
    office.clock.move(days=1)
    await office.work()
    assert office.texts(dora) == ["AG Klima\nRichtig"]


async def test_a_change_reaches_a_caption_and_an_album(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    photo = Item(type="photo", file_id=await picture(office, lea))
    one = await office.send(lea, "Bild", items=(photo,))
    album = await office.send(lea, "Album", items=(photo, photo))
    await office.edit(lea, one, "Baum")
    await office.edit(lea, album, "Bäume")
    assert office.texts(anna) == ["AG Klima\nBaum", "AG Klima\nBäume", ""]
    with pytest.raises(OnlyTextError):
        await office.rooms.news.correct(lea.id, one.id, Content(items=(photo,)))


async def test_a_change_reaches_a_digest(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    item = await office.send(lea, "Falsch")
    other = await office.send(lea, "Daneben " + "Wort " * 600)
    long = await office.send(lea, "Lang " + "Wort " * 600)
    office.clock.move(days=1)
    await office.work()
    assert len(office.texts(anna)) == 2
    await office.edit(lea, item, "Richtig")
    assert "Richtig" in office.texts(anna)[0]
    await office.edit(lea, item, "Richtig " + "viel " * 700)
    texts = office.texts(anna)
    assert len(texts) == 2
    assert "weiterlesen" in texts[0]
    assert all(word in "".join(texts) for word in ("Richtig", "Daneben", "Lang"))
    await office.withdraw(lea, other)
    await office.withdraw(lea, long)
    left, gone = office.texts(anna)
    assert gone == "Dieser Teil ist entfallen."
    assert "Wort" not in left
    assert left.count("viel") == 700


async def test_withdrawing_removes_what_arrived_and_holds_what_waits(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    dora = await office.member("Dora", "ag-klima", mode=Mode.DAILY)
    photo = Item(type="photo", file_id=await picture(office, lea))
    item = await office.send(lea, "Album", items=(photo, photo))
    assert len(office.texts(anna)) == 2
    await office.withdraw(lea, item)
    assert office.texts(anna) == []
    office.clock.move(days=1)
    await office.work()
    assert office.texts(dora) == []
    _, fresh = await office.rooms.news.withdraw(lea.id, item.id)
    assert not fresh
    with pytest.raises(NewsStateError):
        await office.edit(lea, item, "Doch")


async def test_what_telegram_keeps_after_two_days_says_that_it_was_withdrawn(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    item = await office.send(lea)
    office.clock.move(days=3)
    await office.withdraw(lea, item)
    assert office.texts(anna) == ["AG Klima\nDiese Nachricht wurde zurückgezogen."]


async def test_withdrawing_leaves_the_rest_of_a_digest(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    item = await office.send(lea, "Erstens")
    await office.send(lea, "Zweitens")
    office.clock.move(days=1)
    await office.work()
    await office.withdraw(lea, item)
    [digest] = office.texts(anna)
    assert "Erstens" not in digest
    assert "Zweitens" in digest


async def test_who_leaves_or_is_suspended_gets_nothing_that_waits(office):
    lea = await lead(office)
    anna = await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    ben = await office.member("Ben", "ag-klima", mode=Mode.DAILY)
    await office.send(lea)
    await office.rooms.groups.leave(anna.id, await office.group())
    await office.members.members.suspend(ADMIN, ben.id)
    office.clock.move(days=1)
    await office.work()
    assert office.texts(anna) == office.texts(ben) == []


async def test_a_crash_while_queueing_loses_and_repeats_nothing(office, monkeypatch):
    lea = await lead(office)
    people = [await office.member(f"P{number}", "ag-klima") for number in range(3)]
    item = await office.write(lea)
    await office.rooms.news.release(lea.id, item.id, item.news.version)

    async def crash(*_):
        raise RuntimeError("no power")

    with monkeypatch.context() as patch:
        patch.setattr("bot.groups.outgoing.mark_queued", crash)
        with pytest.raises(RuntimeError):
            await office.rooms.outgoing.work()
    with pytest.raises(NewsStateError):  # some may have it already: it can be withdrawn, not held
        await office.rooms.news.unschedule(lea.id, item.id)
    await office.dispatcher.drain()
    await office.work()
    await office.work()
    assert [len(office.texts(person)) for person in people] == [1, 1, 1]
    assert (await office.rooms.outgoing.progress(item.id)).counts[State.SENT] == 3


async def test_a_change_while_it_is_being_queued_reaches_those_who_have_it(office, monkeypatch):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    item = await office.write(lea, "Falsch")
    await office.rooms.news.release(lea.id, item.id, item.news.version)

    async def crash(*_):
        raise RuntimeError("no power")

    with monkeypatch.context() as patch:
        patch.setattr("bot.groups.outgoing.mark_queued", crash)
        with pytest.raises(RuntimeError):
            await office.rooms.outgoing.work()
    await office.dispatcher.drain()
    assert office.texts(anna) == ["AG Klima\nFalsch"]
    await office.edit(lea, item, "Richtig")
    await office.work()
    assert office.texts(anna) == ["AG Klima\nRichtig"]


async def test_the_preview_counts_people_towns_and_when_it_suits_them(office):
    lea = await lead(office)
    await office.member("Anna", "ag-klima", town="Gotha")
    await office.member("Ben", "ag-klima", town="Gotha")
    await office.member("Dora", "ag-klima", mode=Mode.DAILY, town="Gera")
    gone = await office.member("Gil", "ag-klima")
    await office.members.members.mark_unreachable(gone.id, "blocked")
    item = await office.write(lea)
    audience = await office.rooms.news.audience(item)
    assert (audience.at_once, audience.later, audience.collected) == (2, 0, 1)
    assert (audience.people, audience.towns, audience.unreachable) == (3, 2, 1)
    audience = await office.rooms.news.audience(item, SATURDAY)
    assert (audience.at_once, audience.later) == (0, 2)
    assert audience.next_at == dt.datetime(2027, 3, 15, 6, 0, tzinfo=dt.UTC)


async def test_news_at_once_go_before_digests_that_are_due_together_with_them(office):
    lea = await lead(office)
    dora = await office.member("Dora", "ag-klima", mode=Mode.DAILY)
    anna = await office.member("Anna", "ag-klima")
    office.clock.moment = SATURDAY
    item = await office.write(lea)
    await office.rooms.news.release(lea.id, item.id, item.news.version)
    await office.rooms.outgoing.work()
    async with office.database.reading() as session:
        rows = await session.execute(select(Delivery.recipient, Delivery.due_at).order_by(Delivery.priority))
        order = [(row.recipient, row.due_at) for row in rows]
    monday = dt.datetime(2027, 3, 15, 6, 0, tzinfo=dt.UTC)
    assert order[-1] == (dora.id, monday)
    assert (anna.id, monday) in order[:-1]


async def test_who_pauses_for_very_long_reads_it_back_instead(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    await office.members.push_times.change(anna.id, paused_until=dt.date(2027, 6, 1))
    item = await office.send(lea)
    assert (await office.rooms.news.audience(item)).paused == 1
    office.clock.move(days=100)
    await office.work()
    assert office.texts(anna) == []
    assert [each.id for each in await office.rooms.news.recent(ADMIN, await office.group())] == [item.id]


async def test_what_looks_personal_is_pointed_out(office):
    item = await office.write(await lead(office), "Fragen an <b>anna@example.org</b>")
    assert item.personal == ("E-Mail-Adresse",)


async def test_sent_news_is_read_back_newest_first_and_withdrawn_is_not(office):
    lea = await lead(office)
    first = await office.send(lea, "Erstens")
    office.clock.move(minutes=1)
    second = await office.send(lea, "Zweitens")
    draft = await office.write(lea, "Entwurf")
    group = await office.group()
    assert [each.id for each in await office.rooms.news.recent(ADMIN, group)] == [second.id, first.id]
    await office.withdraw(lea, second)
    assert [each.id for each in await office.rooms.news.recent(ADMIN, group)] == [first.id]
    for gone in (second, draft):
        with pytest.raises(NewsGoneError):
            await office.rooms.news.read(ADMIN, gone.id)


async def test_a_sending_that_fails_too_often_pauses_and_goes_on_when_told(office):
    lea = await lead(office)
    people = [await office.member(f"P{number:02}", "ag-klima") for number in range(12)]
    right, left = office.dispatcher.renderers[NEWS], list(range(10))

    async def wrong(rows):
        if left:
            left.pop()
            raise ValueError("no words")
        return await right(rows)

    office.dispatcher.renderers[NEWS] = wrong
    item = await office.send(lea)
    progress = await office.rooms.outgoing.progress(item.id)
    assert progress.paused_at is not None
    await office.rooms.notices.paused(item.id, progress.pause_reason, 1)
    await office.work()
    assert "Zustellung angehalten" in office.texts(lea)[0]
    assert await office.rooms.outgoing.resume(item) == 1
    assert await office.rooms.outgoing.retry(item) == 10
    await office.work()
    assert [len(office.texts(person)) for person in people] == [1] * 12


@pytest.mark.parametrize(
    ("key", "news"), [("news:5", 5), ("news:5:2:0", 5), ("news:x", None), ("announcement:5", None), ("news", None)]
)
def test_a_batch_names_its_news(key, news):
    assert news_of_batch(key) == news


async def test_changed_times_move_all_that_waits_but_not_what_must_arrive(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    office.clock.moment = SATURDAY
    await office.send(lea)

    async def queue(what, priority, *, quiet, not_after=None):
        times = await office.members.push_times.of(anna.id)
        due = next_allowed(times, office.clock.now()) if quiet else None
        push = Push(what, "once", anna.id, Says(Text(html=what)), priority, due, not_after)
        await office.outbox.enqueue(push)

    monday = SATURDAY + dt.timedelta(days=2)
    await queue("Ankündigung", Priority.NEWS, quiet=True)
    await queue("Dringend", Priority.URGENT, quiet=True)
    await queue("Einladung", Priority.MEETING, quiet=True, not_after=monday + dt.timedelta(hours=1))
    await queue("Verlegt", Priority.MEETING, quiet=False)
    before = await office.members.push_times.of(anna.id)
    await office.members.push_times.change(anna.id, paused_until=dt.date(2027, 3, 17))
    assert await office.rooms.outgoing.replan(anna.id, before) == 2
    await office.work()
    assert office.texts(anna) == ["Verlegt"]
    office.clock.moment = monday
    await office.work()
    assert office.texts(anna) == ["Verlegt", "Dringend", "Einladung"]
    before = await office.members.push_times.of(anna.id)
    await office.members.push_times.change(anna.id, paused_until=None)
    assert await office.rooms.outgoing.replan(anna.id, before) == 2
    await office.work()
    assert sorted(office.texts(anna)[3:]) == ["AG Klima\nNeues aus Gotha", "Ankündigung"]


async def test_the_weekly_digest_comes_on_the_chosen_day_and_follows_a_change(office):
    lea, wim = await lead(office), await office.member("Wim", "ag-klima", mode=Mode.WEEKLY)
    await office.send(lea)
    await office.members.push_times.change(wim.id, digest_day=3, digest_at=dt.time(9))
    assert await office.rooms.outgoing.replan(wim.id) == 1
    office.clock.moment = dt.datetime(2027, 3, 11, 7, 59, tzinfo=dt.UTC)  # Thursday, 8:59
    await office.work()
    assert office.texts(wim) == []
    office.clock.move(minutes=1)
    await office.work()
    assert len(office.texts(wim)) == 1


async def test_a_change_reaches_who_gets_the_message_at_that_very_moment(office, monkeypatch):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    item = await office.send(lea, "Falsch")

    async def become(state):
        async with office.database.writing() as session:
            mine = (Delivery.recipient == anna.id, Delivery.occasion == "sent")
            await session.execute(update(Delivery).where(*mine).values(state=state))

    await become(State.SENDING)
    proofs = office.rooms.outgoing._reports.proofs

    async def arriving(batch, states):
        for state in states:  # it arrives between the look at those and the look at these
            async for proof in proofs(batch, [state]):
                yield proof
            await become(State.SENT)

    monkeypatch.setattr(office.rooms.outgoing._reports, "proofs", arriving)
    await office.edit(lea, item, "Richtig")
    assert office.texts(anna) == ["AG Klima\nRichtig"]


async def test_planned_news_waits_when_its_releaser_may_not_any_more(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    luis = await office.member("Luis", leads=["ag-klima"])
    item = await office.send(lea, "Geplant", at=MONDAY + dt.timedelta(hours=2))
    await office.members.members.set_lead(ADMIN, lea.id, "ag-klima", leads=False)
    office.clock.move(hours=2)
    await office.work()
    assert office.texts(anna) == office.texts(lea) == []
    [told] = office.texts(luis)
    assert told.startswith("⚠️ Nicht gesendet (AG Klima): „Geplant“")
    item = await office.rooms.news.item(luis.id, item.id)
    assert item.news.state == "draft"
    await office.rooms.news.release(luis.id, item.id, item.news.version)
    await office.work()
    assert office.texts(anna) == ["AG Klima\nGeplant"]


async def test_a_group_that_ended_sends_nothing_that_was_planned(office):
    lea = await lead(office)
    item = await office.send(lea, at=MONDAY + dt.timedelta(hours=2))
    await office.rooms.founding.end(ADMIN, await office.group())
    office.clock.move(hours=2)
    await office.work()
    assert (await office.rooms.news.item(ADMIN, item.id)).news.state == "draft"
    with pytest.raises(UnknownGroupError):
        await office.rooms.news.release(ADMIN, item.id, item.news.version)


async def test_what_gathered_in_a_pause_comes_in_a_few_messages_with_links(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    await office.members.push_times.change(anna.id, paused_until=dt.date(2027, 3, 22))
    for number in range(7):
        await office.send(lea, f"Nummer {number} " + "Wort " * 700)
    office.clock.moment = dt.datetime(2027, 3, 22, 9, 0, tzinfo=dt.UTC)
    await office.work()
    pieces = office.texts(anna)
    assert 1 < len(pieces) <= MOST_MESSAGES
    assert all(f"Nummer {number} " in "".join(pieces) for number in range(7))
    assert "".join(pieces).count("weiterlesen") == 7


async def test_what_is_sent_is_corrected_and_what_is_not_is_written(office):
    lea = await lead(office)
    await office.member("Anna", "ag-klima")
    draft, sent = await office.write(lea, "Entwurf"), await office.send(lea, "Gesendet")
    with pytest.raises(NewsStateError):
        await office.rooms.news.correct(lea.id, draft.id, Content(html="Anders"))
    with pytest.raises(NewsStateError):
        await office.rooms.news.write(lea.id, sent.id, Content(html="Anders"))
    await office.edit(lea, sent, "Anders")
    sent = await office.rooms.news.item(lea.id, sent.id)
    assert (await office.rooms.outgoing.changes(sent)).counts[State.SENT] == 1
    await office.withdraw(lea, sent)
    sent = await office.rooms.news.item(lea.id, sent.id)
    assert (await office.rooms.outgoing.changes(sent)).counts[State.SENT] == 1


async def test_ones_own_news_are_listed_page_by_page(office):
    lea = await lead(office)
    for number in range(OWN + 2):
        await office.write(lea, f"Nummer {number}")
    first, more = await office.rooms.news.own(lea.id)
    second, no_more = await office.rooms.news.own(lea.id, 1)
    assert (len(first), more, len(second), no_more) == (OWN, True, 2, False)
    assert len({item.id for item in first + second}) == OWN + 2


async def test_what_is_late_keeps_quiet_hours_too(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    office.clock.moment = dt.datetime(2027, 3, 8, 16, 50, tzinfo=dt.UTC)  # 17:50
    item = await office.write(lea)
    await office.rooms.news.release(lea.id, item.id, item.news.version)
    await office.rooms.outgoing.work()
    office.clock.moment = dt.datetime(2027, 3, 8, 21, 0, tzinfo=dt.UTC)  # the sender was down until 22:00
    await office.work()
    assert office.texts(anna) == []
    office.clock.moment = dt.datetime(2027, 3, 9, 6, 0, tzinfo=dt.UTC)  # 7:00
    await office.work()
    assert len(office.texts(anna)) == 1


async def test_a_sending_that_begins_just_before_quiet_hours_is_not_cut_in_two(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    office.clock.moment = dt.datetime(2027, 3, 8, 16, 59, tzinfo=dt.UTC)
    item = await office.write(lea)
    await office.rooms.news.release(lea.id, item.id, item.news.version)
    await office.rooms.outgoing.work()
    office.clock.move(minutes=5)
    await office.work()
    assert len(office.texts(anna)) == 1


async def test_trying_again_in_the_evening_waits_for_the_morning(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    right = office.dispatcher.renderers[NEWS]

    async def wrong(_):
        raise ValueError("no words")

    office.dispatcher.renderers[NEWS] = wrong
    item = await office.send(lea)
    office.dispatcher.renderers[NEWS] = right
    office.clock.move(hours=12)
    assert await office.rooms.outgoing.retry(item) == 1
    await office.work()
    assert office.texts(anna) == []
    office.clock.move(hours=9)
    await office.work()
    assert len(office.texts(anna)) == 1


@pytest.mark.parametrize(("hours", "stays"), [(46.9, []), (47.1, ["AG Klima\nDiese Nachricht wurde zurückgezogen."])])
async def test_a_message_is_removed_as_long_as_telegram_lets_it_be(office, hours, stays):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima")
    item = await office.send(lea)
    office.clock.move(hours=hours)
    await office.withdraw(lea, item)
    assert office.texts(anna) == stays


async def test_nothing_withdrawn_stays_in_an_old_digest_of_several_messages(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    short = await office.send(lea, "Kurz")
    long = await office.send(lea, "Geheim " * 580)
    other = await office.send(lea, "Geheim " * 580)
    office.clock.move(days=1)
    await office.work()
    assert len(office.texts(anna)) == 2
    office.clock.move(days=3)
    await office.withdraw(lea, long)
    await office.withdraw(lea, other)
    assert "Geheim" not in "".join(office.texts(anna))
    assert "Kurz" in office.texts(anna)[0]
    await office.withdraw(lea, short)
    assert office.texts(anna) == ["Diese Nachrichten wurden zurückgezogen."] * 2


async def test_a_digest_that_got_shorter_can_grow_again(office):
    lea, anna = await lead(office), await office.member("Anna", "ag-klima", mode=Mode.DAILY)
    item = await office.send(lea, "Eins " + "lang " * 700)
    await office.send(lea, "Zwei " + "lang " * 300)
    office.clock.move(days=1)
    await office.work()
    assert len(office.texts(anna)) == 2
    await office.edit(lea, item, "Eins, kurz")
    assert office.texts(anna)[1] == "Dieser Teil ist entfallen."
    await office.edit(lea, item, "Eins, wieder " + "lang " * 700)
    assert ["Eins, wieder" in office.texts(anna)[0], "Zwei" in office.texts(anna)[1]] == [True, True]
    progress = await office.rooms.outgoing.changes(await office.rooms.news.item(lea.id, item.id))
    assert progress.counts[State.FAILED] == 0


async def test_changes_while_it_is_being_sent_and_faults_leave_everybody_with_the_last_words(office):
    lea = await lead(office)
    people = [await office.member(f"P{number}", "ag-klima") for number in range(8)]
    stop = asyncio.Event()
    office.outbox.on_queued = office.dispatcher.ring
    await office.sandbox.client.fault("http_500", times=6)
    item, gone = await office.write(lea, "Fassung 0"), await office.write(lea, "Irrtum")
    for each in (item, gone):
        await office.rooms.news.release(lea.id, each.id, each.news.version)
    running = asyncio.create_task(office.dispatcher.run(stop))
    for version in range(1, 5):
        await office.rooms.outgoing.work()
        await office.rooms.news.correct(lea.id, item.id, Content(html=f"Fassung {version}"))
    await office.rooms.news.withdraw(lea.id, gone.id)
    await office.rooms.outgoing.work()
    await office.rooms.outgoing.work()
    async with asyncio.timeout(60):
        while await waiting(office):
            office.clock.move(seconds=30)
            office.dispatcher.ring()
            await office.sandbox.client.settles()
    stop.set()
    await running
    assert [[text.split("\n")[-1] for text in office.texts(person)] for person in people] == [["Fassung 4"]] * 8


async def waiting(office):
    async with office.database.reading() as session:
        on_their_way = select(func.count()).where(Delivery.state.in_((State.QUEUED, State.SENDING)))
        return await session.scalar(on_their_way)
