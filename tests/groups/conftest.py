"""The rules of groups on a database of the test's own, at a time that the test moves, sending to a sandbox."""

import datetime as dt
from dataclasses import dataclass, field

import pytest

from bot.content.kept import Content
from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher, Hooks
from bot.delivery.limiter import Limiter
from bot.delivery.request import AiohttpRequest
from bot.delivery.service import Outbox
from bot.groups.errors import FeedFaultError
from bot.groups.fetching import HttpFetcher
from bot.groups.rooms import GroupsRooms
from bot.members.joining import Newcomer
from bot.members.roles import Role
from bot.members.rooms import MembersRooms
from bot.rendering import Messages
from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.settings import Settings
from tests.members.conftest import ADMIN, SetClock

MONDAY = dt.datetime(2027, 3, 8, 9, 0, tzinfo=dt.UTC)
"""10:00 in Thuringia."""
FAST = {"pace": 10_000, "private": (1000, 0.01), "group": (1000, 0.01)}


class NoFetcher:
    """Knows no feed until a test says what it holds."""

    def __init__(self):
        self.feeds = {}

    async def fetch(self, url, etag=None, last_modified=None):
        if url not in self.feeds:
            raise FeedFaultError("der Server ist nicht zu erreichen")
        answer = self.feeds[url]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Office:
    """The rooms, the outbox and the sandbox."""

    database: Database
    clock: SetClock
    sandbox: RunningSandbox
    members: MembersRooms
    rooms: GroupsRooms
    outbox: Outbox
    dispatcher: Dispatcher
    fetcher: NoFetcher
    ids: dict = field(default_factory=dict)

    async def member(self, name="Anna", *groups, mode=None, role=Role.MEMBER, leads=(), town=None):
        """Somebody who has started the bot, is a member and follows groups."""
        person = await self.sandbox.client.person(name)
        town_id = (await self.members.towns.search(town))[0].id if town else None
        invitation, _ = await self.members.joining.invite(ADMIN, role=role, town_id=town_id)
        await self.members.joining.accept(invitation.token, Newcomer(person.id, name))
        for key in groups:
            await self.rooms.groups.follow(person.id, await self.group(key), mode)
        for key in leads:
            await self.members.members.set_lead(ADMIN, person.id, key, leads=True)
        return person

    async def group(self, key="ag-klima"):
        return (await self.rooms.groups.by_key(key)).id

    async def write(self, actor, html="Neues aus Gotha", key="ag-klima", **more):
        item = await self.rooms.news.begin(actor.id, await self.group(key))
        return await self.rooms.news.write(actor.id, item.id, Content(html=html, **more))

    async def send(self, actor, html="Neues aus Gotha", key="ag-klima", at=None, **more):
        """Write and release; what is due now is queued and sent."""
        item = await self.write(actor, html, key, **more)
        item, _ = await self.rooms.news.release(actor.id, item.id, item.news.version, at)
        await self.work()
        return item

    async def work(self):
        """Let everything happen that is due."""
        await self.rooms.feeds.check_due()
        await self.rooms.outgoing.work()
        await self.dispatcher.drain()

    async def edit(self, actor, item, html):
        sent = (await self.rooms.news.item(actor.id, item.id)).news.state not in ("draft", "scheduled")
        change = self.rooms.news.correct if sent else self.rooms.news.write
        await change(actor.id, item.id, Content(html=html))
        await self.work()

    async def withdraw(self, actor, item):
        await self.rooms.news.withdraw(actor.id, item.id)
        await self.work()

    def texts(self, chat, thread=None):
        """What the bot has in a chat now."""
        number = chat if isinstance(chat, int) else chat.id
        messages = self.sandbox.world.chats[number].messages.values()
        return [
            message.data.get("text") or message.data.get("caption") or ""
            for message in messages
            if message.sender == self.sandbox.world.bot_id and thread in (None, message.data.get("message_thread_id"))
        ]


@pytest.fixture
def clock():
    return SetClock(MONDAY)


@pytest.fixture
async def office(database, clock):
    settings = Settings(database_url="sqlite+aiosqlite://", admins=str(ADMIN), access="members")
    async with running_sandbox() as sandbox, AiohttpRequest(pool_timeout=None) as request:
        members = MembersRooms.build(database, clock, settings)
        await members.towns.ship()
        outbox, fetcher = Outbox(database, clock), NoFetcher()
        messages = Messages("bot.groups", settings.zone)
        rooms = GroupsRooms.build(
            database, clock, settings, members, outbox, messages, lambda: "lotse_bot", fetcher=fetcher
        )
        await rooms.groups.ship()

        async def moved(old, new):
            await rooms.links.moved(old, new)

        wire = Wire(request, f"{sandbox.url}/bot{sandbox.token}")
        dispatcher = Dispatcher(
            database,
            clock,
            wire,
            limiter=Limiter(**FAST),
            renderers=rooms.outgoing.renderers,
            hooks=Hooks(moved=moved),
            suits=members.push_times.suits,
        )
        yield Office(database, clock, sandbox, members, rooms, outbox, dispatcher, fetcher)
        await dispatcher.close()


@pytest.fixture
def http_fetcher():
    return HttpFetcher(private_hosts=True)
