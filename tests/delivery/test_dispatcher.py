import asyncio
import datetime as dt

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from bot.delivery.kinds import Priority, State, Unreachable
from bot.delivery.payloads import Button, Copy, Delete, Edit, Text
from bot.delivery.pushes import Content
from bot.delivery.sending import PAUSES, TRIES
from tests.delivery.conftest import MONDAY, push


async def test_a_message_arrives_once_and_its_number_is_kept(office):
    [anna] = await office.people(1)
    first = push(anna, "<b>Neues</b>")
    assert await office.outbox.enqueue(first)
    assert not await office.outbox.enqueue(first)
    await office.dispatcher().drain()
    proof = await office.proof(first)
    assert proof.state == State.SENT
    assert list(office.sandbox.world.chats[anna].messages) == list(proof.message_ids)
    assert await office.texts(anna) == ["Neues"]
    assert proof.settled_at == office.clock.now()
    assert not proof.possibly_twice


async def test_many_get_the_words_of_their_batch(office):
    people = await office.people(40)
    batch = await office.mail(people)
    await office.dispatcher().drain()
    progress = await office.reports.progress(batch)
    assert progress.finished
    assert progress.counts[State.SENT] == progress.total == 40
    assert all([await office.texts(person) == ["Neues"] for person in people])


async def test_nothing_leaves_before_its_time(office):
    [anna] = await office.people(1)
    later = push(anna, not_before=office.clock.now() + dt.timedelta(hours=2))
    await office.outbox.enqueue(later)
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    assert await office.texts(anna) == []
    office.clock.advance(hours=2)
    await dispatcher.drain()
    assert await office.texts(anna) == ["Neues"]


async def test_what_comes_too_late_expires_unsent(office):
    [anna] = await office.people(1)
    stale = push(anna, not_after=office.clock.now() + dt.timedelta(hours=1))
    await office.outbox.enqueue(stale)
    office.clock.advance(hours=1)
    await office.dispatcher().drain()
    assert (await office.proof(stale)).state == State.EXPIRED
    assert await office.texts(anna) == []


@pytest.mark.parametrize(
    "lost",
    [
        OperationalError("SELECT", {}, OSError("the server is gone")),
        NoConnectionError("no connection came free in time"),
        ConnectionRefusedError(),
    ],
)
async def test_a_message_that_cannot_be_made_because_the_database_is_away_waits_for_it(office, lost):
    [anna] = await office.people(1)

    async def words(_):
        if office.clock.now() == MONDAY:
            raise lost
        return Text(html="Neues")

    rendered = push(anna, content=Content(renderer="words", context={}))
    await office.outbox.enqueue(rendered)
    dispatcher = office.dispatcher(renderers={"words": words})
    await dispatcher.drain()
    assert (await office.proof(rendered)).state == State.QUEUED
    office.clock.advance(minutes=1)
    await dispatcher.drain()
    assert await office.texts(anna) == ["Neues"]


async def evening_is_unwelcome(_, instant):
    """From 18:00 to 7:00, by the clock of UTC."""
    if 7 <= instant.hour < 18:
        return instant
    morning = instant + dt.timedelta(days=instant.hour >= 18)
    return morning.replace(hour=7, minute=0, second=0, microsecond=0)


async def test_what_is_late_after_an_outage_keeps_the_recipients_hours(office):
    anna, ben, cleo, dora = await office.people(4)
    at_five = {"not_before": MONDAY.replace(hour=17)}
    await office.outbox.enqueue(push(anna, **at_five))
    await office.outbox.enqueue(push(ben, **at_five, priority=Priority.URGENT))
    await office.outbox.enqueue(push(cleo, **at_five, not_after=MONDAY.replace(hour=22)))
    office.clock.moment = MONDAY.replace(hour=17)
    dispatcher = office.dispatcher(suits=evening_is_unwelcome)
    office.clock.moment = MONDAY.replace(hour=21)
    await office.outbox.enqueue(push(dora))
    await dispatcher.drain()
    assert await office.texts(anna) == []
    assert [len(await office.texts(each)) for each in (ben, cleo, dora)] == [1, 1, 1]
    office.clock.moment = MONDAY.replace(hour=7) + dt.timedelta(days=1)
    await dispatcher.drain()
    assert await office.texts(anna) == ["Neues"]


async def test_a_sending_that_reaches_a_little_into_unwelcome_hours_is_not_cut(office):
    [anna] = await office.people(1)
    await office.outbox.enqueue(push(anna, not_before=MONDAY.replace(hour=17, minute=58)))
    office.clock.moment = MONDAY.replace(hour=18, minute=9)
    await office.dispatcher(suits=evening_is_unwelcome).drain()
    assert await office.texts(anna) == ["Neues"]


async def test_a_late_correction_makes_no_sound_and_goes_at_once(office):
    [anna] = await office.people(1)
    await office.outbox.enqueue(first := push(anna))
    await office.dispatcher().drain()
    [number] = (await office.proof(first)).message_ids
    edit = Content(payload=Edit(message_id=number, html="Neuer"))
    await office.outbox.enqueue(push(anna, content=edit, occasion="edit"))
    office.clock.moment = MONDAY.replace(hour=21)
    await office.dispatchers[0].close()
    await office.dispatcher(suits=evening_is_unwelcome).drain()
    assert await office.texts(anna) == ["Neuer"]


async def test_the_most_urgent_goes_first_and_a_chat_gets_one_after_the_other(office):
    [anna] = await office.people(1)
    for priority in reversed(Priority):
        await office.outbox.enqueue(push(anna, priority.name, occasion=priority.name, priority=priority))
    await office.dispatcher().drain()
    assert await office.texts(anna) == [priority.name for priority in Priority]


async def test_a_long_text_takes_several_messages_with_the_buttons_below_the_last(office):
    [anna] = await office.people(1)
    buttons = ((Button(text="Zusage", callback_data="yes"),),)
    long = push(anna, content=Content(payload=Text(html="\n\n".join(["Absatz " * 200] * 5), buttons=buttons)))
    await office.outbox.enqueue(long)
    await office.dispatcher().drain()
    messages = list(office.sandbox.world.chats[anna].messages.values())
    assert len(messages) == len((await office.proof(long)).message_ids) > 1
    assert [("reply_markup" in message.data) for message in messages] == [False] * (len(messages) - 1) + [True]


async def test_a_long_text_goes_on_where_it_was_interrupted(office):
    [anna] = await office.people(1)
    long = push(anna, "\n\n".join(f"{n} " + "Absatz " * 400 for n in range(3)))
    await office.outbox.enqueue(long)
    dispatcher = office.dispatcher()
    await office.sandbox.client.fault("http_500", chat_id=anna, times=0)
    office.sandbox.world.faults.clear()
    office.sandbox.world.faults.add(_FailSecond())
    await dispatcher.drain()
    assert (await office.proof(long)).state == State.QUEUED
    office.clock.advance(minutes=1)
    await dispatcher.drain()
    assert [text[0] for text in await office.texts(anna)] == ["0", "1", "2"]
    assert (await office.proof(long)).state == State.SENT


class _FailSecond:
    kind, seconds, calls = "http_500", 1.0, 0

    def strikes(self, method, chat_id):
        self.calls += 1
        return self.calls == 2


async def test_a_copy_an_edit_and_a_withdrawal(office):
    anna = await office.sandbox.client.person("Anna")
    [bob] = await office.people(1)
    number = await anna.sends("wie geschrieben")
    copy = push(bob, content=Content(payload=Copy(from_chat_id=anna.id, message_ids=(number,))))
    text = push(bob, "alt", occasion="text")
    await office.outbox.enqueue(copy)
    await office.outbox.enqueue(text)
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    assert sorted(await office.texts(bob)) == ["alt", "wie geschrieben"]
    [sent] = (await office.proof(text)).message_ids
    for occasion in ("edit", "same edit again"):
        edit = push(bob, occasion=occasion, content=Content(payload=Edit(message_id=sent, html="neu")))
        await office.outbox.enqueue(edit)
        await dispatcher.drain()
        assert (await office.proof(edit)).state == State.SENT
    assert sorted(await office.texts(bob)) == ["neu", "wie geschrieben"]
    gone = push(bob, occasion="gone", content=Content(payload=Delete(message_ids=(sent,))))
    await office.outbox.enqueue(gone)
    await dispatcher.drain()
    assert await office.texts(bob) == ["wie geschrieben"]


async def test_who_blocked_the_bot_is_marked_told_of_and_asked_no_more(office):
    anna = await office.sandbox.client.person("Anna")
    await anna.blocks_bot()
    first, second = push(anna.id), push(anna.id, occasion="second")
    await office.outbox.enqueue(first)
    await office.outbox.enqueue(second)
    await office.dispatcher().drain()
    assert {(await office.proof(each)).state for each in (first, second)} == {State.BLOCKED}
    assert office.told == [("unreachable", anna.id, Unreachable.BLOCKED)]
    assert len(await office.sandbox.client.record(method="sendMessage")) == 1


@pytest.mark.parametrize(("what", "why"), [("deactivate", "deactivated"), ("never started", "never_started")])
async def test_other_ways_to_be_unreachable(office, what, why):
    anna = await office.sandbox.client.person("Anna", started=what == "deactivate")
    if what == "deactivate":
        await office.sandbox.client.post("deactivate", person=anna.id)
    await office.outbox.enqueue(push(anna.id))
    await office.dispatcher().drain()
    assert office.told == [("unreachable", anna.id, Unreachable(why))]


async def test_a_group_that_became_a_supergroup_is_followed_and_remembered(office):
    anna = await office.sandbox.client.person("Anna")
    old = await office.sandbox.client.group("AG Klima", anna)
    new = await office.sandbox.client.migrate(old)
    first, second = push(old, "eins"), push(old, "zwei", occasion="second")
    await office.outbox.enqueue(first)
    await office.outbox.enqueue(second)
    await office.dispatcher().drain()
    assert [text for text in await office.texts(new) if text] == ["eins", "zwei"]
    assert office.told == [("moved", old, new)]
    assert (await office.proof(first)).chat_id == new
    await office.dispatchers[0].close()
    third = push(old, "drei", occasion="third")
    await office.outbox.enqueue(third)
    await office.dispatcher().drain()
    refused = [call for call in await office.sandbox.client.record() if call["status"] == 400]
    assert len(refused) == 1
    assert (await office.texts(new))[-1] == "drei"


async def test_a_bad_message_fails_alone_with_its_reason(office):
    anna, bob = await office.people(2)
    bad = push(anna, content=Content(payload=Edit(message_id=999_999, html="x")))
    good = push(bob)
    await office.outbox.enqueue(bad)
    await office.outbox.enqueue(good)
    await office.dispatcher().drain()
    assert (await office.proof(bad)).state == State.FAILED
    assert "Message to edit not found" in (await office.proof(bad)).reason
    assert (await office.proof(good)).state == State.SENT


@pytest.mark.parametrize(
    ("fault", "arrived", "twice"),
    [("http_500", 1, False), ("reset_before", 1, True), ("reset_after", 2, True), ("malformed", 2, True)],
)
async def test_it_tries_again_after_a_passing_fault_and_says_what_may_be_there_twice(office, fault, arrived, twice):
    [anna] = await office.people(1)
    first = push(anna)
    await office.outbox.enqueue(first)
    await office.sandbox.client.fault(fault, method="sendMessage")
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    assert (await office.proof(first)).state == State.QUEUED
    await dispatcher.drain()
    assert (await office.proof(first)).state == State.QUEUED
    office.clock.advance(seconds=PAUSES[0].total_seconds())
    await dispatcher.drain()
    proof = await office.proof(first)
    assert (proof.state, proof.possibly_twice) == (State.SENT, twice)
    assert len(await office.texts(anna)) == arrived


async def test_the_pauses_grow_and_end(office):
    [anna] = await office.people(1)
    first = push(anna)
    await office.outbox.enqueue(first)
    await office.sandbox.client.fault("http_500", method="sendMessage", times=100)
    dispatcher = office.dispatcher()
    tries = 0
    while (await office.proof(first)).state == State.QUEUED:
        before = len(await office.sandbox.client.record())
        await dispatcher.drain()
        assert len(await office.sandbox.client.record()) == before + 1
        office.clock.advance(seconds=PAUSES[min(tries, len(PAUSES) - 1)].total_seconds())
        tries += 1
    assert tries == TRIES
    assert "given up after 12 tries" in (await office.proof(first)).reason


async def test_while_telegram_cannot_be_reached_no_try_is_counted(office):
    [anna] = await office.people(1)
    first = push(anna)
    await office.outbox.enqueue(first)
    dispatcher = office.dispatcher()
    there, dispatcher.wire._base_url = dispatcher.wire._base_url, "http://127.0.0.1:9/bot1:x"
    for _ in range(TRIES + 3):
        await dispatcher.drain()
        office.clock.advance(minutes=1)
    dispatcher.wire._base_url = there
    await dispatcher.drain()
    proof = await office.proof(first)
    assert (proof.state, proof.possibly_twice) == (State.SENT, False)


async def test_a_429_is_obeyed_by_its_chat_and_by_nobody_else(office):
    anna, bob = await office.people(2)
    first, second = push(anna), push(bob)
    await office.outbox.enqueue(first)
    await office.sandbox.client.fault("too_many_requests", chat_id=anna, seconds=30)
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    await office.outbox.enqueue(second)
    office.clock.advance(seconds=31)
    await dispatcher.drain()
    assert (await office.proof(second)).state == State.SENT
    assert (await office.proof(first)).state == State.QUEUED
    assert 0 < dispatcher.limiter.halted_for(anna) <= 30
    assert dispatcher.limiter.halted_for() == 0


async def test_a_long_halt_survives_a_restart(office):
    [anna] = await office.people(1)
    await office.outbox.enqueue(push(anna))
    await office.sandbox.client.fault("too_many_requests", chat_id=anna, seconds=12 * 3600)
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    await dispatcher.close()
    assert await office.reports.halts(office.clock.now()) == {anna: office.clock.now() + dt.timedelta(hours=12)}
    office.clock.advance(hours=11)
    second = office.dispatcher()
    await second.drain()
    assert 3590 < second.limiter.halted_for(anna) <= 3600
    assert await office.texts(anna) == []


async def test_too_many_failures_pause_a_batch_and_tell_somebody(office):
    people = await office.people(60)
    batch = await office.mail(people, Edit(message_id=999_999, html="x"), error_limit=5)
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    progress = await office.reports.progress(batch)
    assert progress.paused_at == office.clock.now()
    assert "Message to edit not found" in progress.pause_reason
    assert 5 <= progress.counts[State.FAILED] < 30
    assert progress.held == progress.counts[State.QUEUED] > 0
    assert not progress.finished
    [told] = office.told
    assert told[:2] == ("paused", "news:1")
    assert await office.outbox.resume(batch)
    await dispatcher.drain()
    assert (await office.reports.progress(batch)).counts[State.FAILED] >= 10
    assert len(office.told) == 2


async def test_a_paused_batch_waits_and_others_go_on(office):
    anna, bob = await office.people(2)
    batch = await office.mail([anna])
    assert await office.outbox.pause(batch, "Tippfehler")
    assert not await office.outbox.pause(batch, "noch einmal")
    await office.outbox.enqueue(push(bob))
    dispatcher = office.dispatcher()
    await dispatcher.drain()
    assert (await office.texts(anna), await office.texts(bob)) == ([], ["Neues"])
    await office.outbox.resume(batch)
    await dispatcher.drain()
    assert await office.texts(anna) == ["Neues"]


async def test_due_pushes_with_one_merge_key_become_one_message(office):
    anna, bob = await office.people(2)

    async def digest(rows):
        return Text(html=" + ".join(row.payload["title"] for row in rows))

    def item(chat, title, **more):
        content = Content(renderer="digest", context={"title": title}, merge_key="digest")
        return push(chat, occasion=title, content=content, priority=Priority.DIGEST, **more)

    tomorrow = office.clock.now() + dt.timedelta(days=1)
    pushes = [item(anna, "A"), item(anna, "B"), item(anna, "C"), item(bob, "A")]
    for each in [*pushes, item(anna, "D", not_before=tomorrow)]:
        await office.outbox.enqueue(each)
    dispatcher = office.dispatcher(renderers={"digest": digest})
    await dispatcher.drain()
    assert await office.texts(anna) == ["A + B + C"]
    assert await office.texts(bob) == ["A"]
    proofs = [await office.proof(each) for each in pushes[:3]]
    assert {proof.state for proof in proofs} == {State.SENT}
    assert len({proof.message_ids for proof in proofs}) == 1


async def test_a_renderer_with_nothing_to_say_sends_nothing_and_a_broken_one_harms_nobody(office):
    anna, bob, carl = await office.people(3)

    async def silent(rows):
        return None

    async def broken(rows):
        raise RuntimeError("no template")

    quiet = push(anna, content=Content(renderer="silent"))
    bad = push(bob, content=Content(renderer="broken"))
    good = push(carl)
    for each in (quiet, bad, good):
        await office.outbox.enqueue(each)
    await office.dispatcher(renderers={"silent": silent, "broken": broken}).drain()
    states = [(await office.proof(each)).state for each in (quiet, bad, good)]
    assert states == [State.CANCELLED, State.FAILED, State.SENT]
    assert "no template" in (await office.proof(bad)).reason


async def test_a_failing_hook_stops_nobody(office):
    anna = await office.sandbox.client.person("Anna")
    await anna.blocks_bot()
    [bob] = await office.people(1)

    async def fail(*_):
        raise RuntimeError

    dispatcher = office.dispatcher()
    dispatcher.hooks = type(dispatcher.hooks)(unreachable=fail)
    await office.outbox.enqueue(push(anna.id))
    await office.outbox.enqueue(push(bob))
    await dispatcher.drain()
    assert await office.texts(bob) == ["Neues"]


async def test_a_ring_is_heard_while_it_rests(office, monkeypatch):
    monkeypatch.setattr("bot.delivery.dispatcher.IDLE_SECONDS", 60)
    [anna] = await office.people(1)
    resting, begun, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def begins(rows):
        begun.set()
        return Text(html="Neues")

    dispatcher = office.dispatcher(renderers={"begins": begins})
    pause = dispatcher._pause

    async def noticed(seconds):
        resting.set()
        return await pause(seconds)

    dispatcher._pause = noticed
    office.outbox.on_queued = dispatcher.ring
    running = asyncio.create_task(dispatcher.run(stop))
    await resting.wait()
    await office.outbox.enqueue(push(anna, content=Content(renderer="begins")))
    try:
        await asyncio.wait_for(begun.wait(), 10)
    finally:
        stop.set()
        await running
