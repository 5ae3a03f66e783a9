import datetime as dt

import pytest

from bot.delivery.kinds import State
from bot.delivery.models import Batch, Delivery
from bot.delivery.payloads import FileRef, Photo, Text, from_json, to_json
from bot.delivery.pushes import Content, Mailing, Recipient
from bot.delivery.service import PAGE
from tests.delivery.conftest import push
from tests.delivery.test_request import PNG


async def test_a_message_is_queued_with_its_cause_or_not_at_all(office):
    rung = []
    office.outbox.on_queued = lambda: rung.append(1)
    async with office.database.writing() as session:
        await office.outbox.enqueue(push(1), session)
        await session.rollback()
    assert await office.proof(push(1)) is None
    assert rung == []
    async with office.database.writing() as session:
        await office.outbox.enqueue(push(1), session)
        assert rung == []
    assert rung == [1]
    assert (await office.proof(push(1))).state == State.QUEUED


async def test_what_recipient_and_occasion_together_are_queued_once(office):
    assert await office.outbox.enqueue(push(1))
    assert not await office.outbox.enqueue(push(1, "andere Worte"))
    assert await office.outbox.enqueue(push(1, occasion="moved"))
    assert await office.outbox.enqueue(push(2))
    assert await office.outbox.enqueue(push(1, what="news:2"))


async def test_a_batch_that_broke_off_goes_on_and_nobody_is_queued_twice(office):
    mailing = Mailing("news:1", "news:1", "first", Text(html="Neues"))

    def breaks_off():
        for chat in range(1, PAGE + 100):
            yield Recipient(chat)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await office.outbox.enqueue_batch(mailing, breaks_off())
    batch = await office.reports.find_batch("news:1")
    progress = await office.reports.progress(batch)
    assert (progress.total, progress.complete, progress.finished) == (PAGE, False, False)

    async def all_of_them():
        for chat in range(1, PAGE + 200):
            yield Recipient(chat)

    assert await office.outbox.enqueue_batch(mailing, all_of_them()) == batch
    progress = await office.reports.progress(batch)
    assert (progress.total, progress.complete) == (PAGE + 199, True)


async def test_a_batch_keeps_its_words_once(office):
    batch = await office.mail(range(1, 50))
    own = Recipient(99, content=Content(payload=Text(html="nur für Sie")))
    mailing = Mailing("news:1", "news:1", "first", Text(html="Neues"))
    await office.outbox.enqueue_batch(mailing, [own])
    async with office.database.reading() as session:
        assert (await session.get(Batch, batch)).payload == {"kind": "text", "html": "Neues"}
        rows = (await session.execute(Delivery.__table__.select().where(Delivery.payload.is_not(None)))).all()
    assert [(row.recipient, row.payload["html"]) for row in rows] == [(99, "nur für Sie")]


async def test_what_is_queued_can_be_taken_back_and_what_is_sent_stays(office):
    anna, bob = await office.people(2)
    batch = await office.mail([anna])
    await office.dispatcher().drain()
    await office.mail([bob])
    assert await office.outbox.cancel_batch(batch) == 1
    await office.dispatchers[0].drain()
    progress = await office.reports.progress(batch)
    assert (progress.counts[State.SENT], progress.counts[State.CANCELLED]) == (1, 1)
    assert await office.texts(bob) == []
    for chat in (anna, bob):
        await office.outbox.enqueue(push(chat, what="meeting:1"))
    assert await office.outbox.cancel("meeting:1", recipient=anna) == 1
    assert await office.outbox.cancel("meeting:1", "other") == 0
    assert await office.outbox.cancel("meeting:1") == 1


async def test_only_what_failed_is_tried_again(office):
    anna = await office.sandbox.client.person("Anna")
    [bob] = await office.people(1)
    stranger = 42
    await anna.blocks_bot()
    batch = await office.mail([anna.id, bob, stranger])
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    assert await office.reports.reasons(batch) == {
        "Forbidden: bot was blocked by the user": 1,
        "Chat not found": 1,
    }
    assert await office.outbox.retry_failed(batch) == 1
    await dispatcher.drain()
    progress = await office.reports.progress(batch)
    assert [progress.counts[state] for state in (State.SENT, State.BLOCKED, State.FAILED)] == [1, 1, 1]
    assert len(await office.sandbox.client.record()) == 4
    failed = [proof.recipient async for proof in office.reports.proofs(batch, [State.FAILED])]
    assert failed == [stranger]


async def test_rows_of_a_paused_batch_are_held_also_when_they_come_later(office):
    batch = await office.mail([1])
    await office.outbox.pause(batch, "Tippfehler")
    await office.mail([2])
    assert (await office.reports.progress(batch)).held == 2
    await office.outbox.resume(batch)
    assert (await office.reports.progress(batch)).held == 0
    assert not await office.outbox.resume(batch)


async def test_who_is_forgotten_leaves_only_numbers(office):
    anna, bob = await office.people(2)
    batch = await office.mail([anna, bob])
    await office.outbox.enqueue(push(anna, what="meeting:1", not_before=office.clock.now() + dt.timedelta(days=1)))
    await office.dispatcher().drain()
    assert await office.outbox.forget(anna) == 2
    assert await office.outbox.forget(bob) == 1
    assert (await office.reports.progress(batch)).counts[State.SENT] == 2
    async with office.database.reading() as session:
        rows = (await session.execute(Delivery.__table__.select())).all()
    assert {row.recipient for row in rows} == {row.chat_id for row in rows} == {0}
    assert {row.message_ids for row in rows} == {row.payload for row in rows} == {None}


async def test_old_words_are_dropped_and_what_became_of_them_stays(office):
    [anna] = await office.people(1)
    await office.outbox.enqueue(push(anna))
    await office.dispatcher().drain()
    assert await office.outbox.clear_contents(office.clock.now()) == 0
    office.clock.advance(days=90)
    assert await office.outbox.clear_contents(office.clock.now()) == 1
    assert (await office.proof(push(anna))).state == State.SENT


async def test_a_stored_file_is_uploaded_once(office):
    people = await office.people(30)
    number = await office.outbox.store_file("photo", "code.png", PNG, "image/png")
    assert await office.outbox.store_file("photo", "code.png", PNG, "image/png") == number
    batch = await office.mail(people, Photo(file=FileRef(stored=number), caption="<b>Code</b>"))
    await office.dispatcher().drain()
    assert (await office.reports.progress(batch)).counts[State.SENT] == 30
    messages = [message for person in people for message in office.sandbox.world.chats[person].messages.values()]
    assert len({message.data["photo"][-1]["file_id"] for message in messages}) == 1
    assert {message.data["caption"] for message in messages} == {"Code"}
    await office.dispatchers[0].close()
    await office.mail(people[:1], Photo(file=FileRef(stored=number)), key="news:2")
    await office.dispatcher().drain()
    last = list(office.sandbox.world.chats[people[0]].messages.values())[-1]
    assert last.data["photo"][-1]["file_id"] == messages[0].data["photo"][-1]["file_id"]


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "text", "html": " <b></b> "},
        {"kind": "text", "html": "x", "buttons": [[{"text": "x"}]]},
        {"kind": "text", "html": "x", "buttons": [[{"text": "x", "callback_data": "ä" * 33}]]},
        {"kind": "photo", "file": {}},
        {"kind": "album", "items": [{"type": "photo", "file": {"file_id": "x"}}]},
        {"kind": "copy", "from_chat_id": 1, "message_ids": [2, 1]},
        {"kind": "edit", "message_id": 1, "html": "x" * 4097},
        {"kind": "delete", "message_ids": []},
        {"kind": "sticker"},
    ],
)
def test_odd_payloads_are_refused_when_they_are_queued(odd):
    with pytest.raises(ValueError, match="validation error"):
        from_json(odd)


def test_a_payload_comes_back_as_it_was_stored():
    payload = Photo(file=FileRef(file_id="x"), caption="<b>x</b>", silent=True)
    assert from_json(to_json(payload)) == payload
