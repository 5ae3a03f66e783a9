"""What runs beside the rooms: pushes, the bell, the hooks; with the real bot beside a sandbox."""

import asyncio
import datetime as dt

import pytest

from bot.delivery.kinds import Priority
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Push
from bot.house import Room
from bot.intake.updates import wanted_updates
from bot.machine import _hooks, _renderers


def push(person, words, **more):
    return Push(words, "test", person.id, Content(Text(html=words)), **more)


async def test_a_push_leaves_at_once_and_one_for_tomorrow_when_the_clock_gets_there(lotse):
    anna = await lotse.person()
    tomorrow = lotse.rooms.clock.now() + dt.timedelta(days=1)
    await lotse.rooms.outbox.enqueue(push(anna, "für heute"))
    await lotse.rooms.outbox.enqueue(push(anna, "für morgen", not_before=tomorrow))
    await anna.receives(containing="für heute")
    lotse.move_clock(dt.timedelta(days=1, minutes=1))
    await anna.receives(containing="für morgen")


async def test_daily_work_is_done_at_once_when_the_clock_is_moved(lotse):
    async def times():
        async with lotse.rooms.database.engine.connect() as connection:
            return (
                await connection.exec_driver_sql("SELECT count(*) FROM audit_log WHERE action = 'retention'")
            ).scalar()

    assert await times() == 1
    lotse.move_clock(dt.timedelta(days=2))
    while await times() == 1:
        await asyncio.sleep(0)


async def test_who_blocks_the_bot_is_found_out_by_a_push(lotse):
    anna = await lotse.person()
    await lotse.rooms.members.joining.accept(
        (await lotse.rooms.members.joining.invite(lotse.office.id))[0].token, _newcomer(anna)
    )
    await anna.blocks_bot()
    await lotse.rooms.outbox.enqueue(push(anna, "Hallo", priority=Priority.URGENT))
    while (await lotse.rooms.members.members.profile(anna.id)).unreachable_at is None:
        await asyncio.sleep(0)


async def test_what_waits_when_it_stops_is_sent_after_the_restart(lotse):
    anna = await lotse.person()
    soon = lotse.rooms.clock.now() + dt.timedelta(minutes=5)
    await lotse.rooms.outbox.enqueue(push(anna, "nach dem Neustart", not_before=soon))
    await lotse.restart()
    lotse.move_clock(dt.timedelta(minutes=10))
    await anna.receives(containing="nach dem Neustart")


def test_two_rooms_cannot_make_messages_by_the_same_name():
    one, other = Room("one", renderers={"digest": None}), Room("other", renderers={"digest": None})
    with pytest.raises(ValueError, match="digest"):
        _renderers([one, other])


async def test_a_room_that_fails_when_told_hinders_no_other():
    told = []

    class Broken:
        async def moved(self, old_id, new_id):
            raise RuntimeError("no")

    class Fine:
        async def moved(self, old_id, new_id):
            told.append((old_id, new_id))

    await _hooks([Room("broken", hooks=Broken()), Room("fine", hooks=Fine())]).moved(-1, -1001)
    assert told == [(-1, -1001)]


def test_rooms_ask_for_more_kinds_of_update_once():
    assert wanted_updates(["chat_member", "message", "chat_member"]) == [
        "message", "edited_message", "callback_query", "inline_query", "chat_member",
    ]  # fmt: skip


def _newcomer(person):
    from bot.members.joining import Newcomer

    return Newcomer(person.id, "Anna")
