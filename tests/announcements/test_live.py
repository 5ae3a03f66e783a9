"""The one message that shows how far a sending is: not changed too often, not under a finger, not after the end."""

import datetime as dt

import pytest
from telegram.error import NetworkError

from bot.announcements.desk import Desk
from bot.announcements.live import Live
from bot.announcements.screens import Screens
from bot.dates.reader import DateReader
from bot.delivery.kinds import State as Sent
from bot.members.roles import Role
from bot.rendering import Messages
from tests.announcements.test_following import correct
from tests.members.conftest import ADMIN

ZONE = dt.UTC
MESSAGE = 77


class Edits:
    """A bot that writes down what it is told to change."""

    def __init__(self):
        self.texts = []
        self.broken = False

    async def edit_message_text(self, html, *, chat_id, message_id, **_):
        if self.broken:
            raise NetworkError("away")
        assert message_id == MESSAGE
        self.texts.append(html)


@pytest.fixture
def watched(office):
    """What looks after live messages, and the bot that changes them."""
    dates = DateReader(office.clock, ZONE)
    desk = Desk(office.rooms, office.members, Messages("bot.announcements", ZONE), dates, office.clock, "")
    edits = Edits()
    return Live(desk, Screens(desk), edits), edits


async def begin(office, miriam):
    """Release an announcement to Miriam and Anna; it is queued, and its message is followed."""
    item = await office.write(miriam)
    item = await office.rooms.drafts.item(miriam.id, item.id)
    await office.rooms.releasing.release(miriam.id, item.id, item.row.version, live=(miriam.id, MESSAGE))
    await office.rooms.outgoing.work()
    return item


async def test_it_is_changed_every_few_seconds_where_something_changed_and_never_after_the_end(office, watched):
    live, edits = watched
    miriam = await office.coordinator()
    await office.member("Anna")
    item = await begin(office, miriam)
    for _ in range(3):
        await live.work()
    assert len(edits.texts) == 1
    assert "0 von 2" in edits.texts[0]
    office.clock.move(seconds=3)
    await office.rooms.following.pause(miriam.id, item.id)
    await live.work()
    assert len(edits.texts) == 1
    office.clock.move(seconds=2)
    await live.work()
    assert edits.texts[1].startswith("<b>Angehalten:</b>")
    for _ in range(5):  # it stays as it is all night: nothing to change
        office.clock.move(minutes=10)
        await live.work()
    assert len(edits.texts) == 2
    await office.rooms.following.resume(miriam.id, item.id)
    await office.dispatcher.drain()
    await live.work()
    assert "Zugestellt: 2 von 2" in edits.texts[2]
    for _ in range(3):
        office.clock.move(seconds=10)
        await live.work()
    assert len(edits.texts) == 3


async def test_it_is_not_over_while_an_earlier_correction_waits_for_somebodys_hours(office, watched):
    live, edits = watched
    miriam, anna = await office.coordinator(), await office.member("Anna")
    item = await begin(office, miriam)
    await office.work()
    office.sandbox.world.chats[anna.id].messages.clear()
    office.clock.move(hours=13)
    for words in ("Richtig", "Ganz richtig"):
        await correct(office, miriam, item, words)
    await live.work()
    assert (await office.rooms.drafts.item(miriam.id, item.id)).row.finished_at is None
    assert "noch auf die Zeiten ihrer Empfänger warten: 1" in edits.texts[-1]
    office.clock.move(hours=10)
    await office.work()
    await live.work()
    assert (await office.rooms.drafts.item(miriam.id, item.id)).row.finished_at is not None
    assert "als eigene Nachricht: 1" in edits.texts[-1]


async def test_what_is_asked_in_it_is_left_alone_for_a_minute(office, watched):
    live, edits = watched
    miriam = await office.coordinator()
    item = await begin(office, miriam)
    await live.work()
    await office.rooms.releasing.rest(item.id, miriam.id, MESSAGE)
    await office.rooms.releasing.rest(item.id, miriam.id, MESSAGE + 1)
    await office.rooms.following.pause(miriam.id, item.id)
    for _ in range(5):
        office.clock.move(seconds=10)
        await live.work()
    assert len(edits.texts) == 1
    office.clock.move(seconds=20)
    await live.work()
    assert len(edits.texts) == 2


async def test_the_last_word_is_said_again_when_it_did_not_get_through(office, watched):
    live, edits = watched
    miriam = await office.coordinator()
    item = await begin(office, miriam)
    edits.broken = True
    await office.dispatcher.drain()
    await live.work()
    assert (await office.rooms.drafts.item(miriam.id, item.id)).row.finished_at is None
    edits.broken = False
    await live.work()
    assert edits.texts == []  # not at once: what follows looks at every recipient
    office.clock.move(minutes=1)
    await live.work()
    assert "Zugestellt: 1 von 1" in edits.texts[-1]
    assert (await office.report(miriam, item)).count(Sent.SENT) == 1


async def test_who_left_the_office_does_not_watch_any_more(office, watched):
    live, edits = watched
    miriam, paul = await office.coordinator(), await office.coordinator("Paul")
    item = await begin(office, miriam)
    await office.members.members.set_role(ADMIN, miriam.id, Role.MEMBER)
    await live.work()
    await office.dispatcher.drain()
    await live.work()
    assert edits.texts == []
    item = await office.rooms.drafts.item(paul.id, item.id)
    assert (item.row.live_message_id, item.row.finished_at) == (None, office.clock.now())
