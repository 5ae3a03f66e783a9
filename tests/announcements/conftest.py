"""The rules of announcements on a database of the test's own, at a time that the test moves, sending to a sandbox."""

from dataclasses import dataclass

import pytest

from bot.announcements.kinds import By, Doubt, Part
from bot.announcements.rooms import AnnouncementsRooms
from bot.announcements.spec import Criterion
from bot.content.kept import Content
from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher, Hooks
from bot.delivery.limiter import Limiter
from bot.delivery.request import AiohttpRequest
from bot.delivery.service import Outbox
from bot.groups.rooms import GroupsRooms
from bot.members.joining import Newcomer
from bot.members.roles import Role
from bot.members.rooms import MembersRooms
from bot.rendering import Messages
from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.settings import Settings
from tests.groups.conftest import FAST, MONDAY
from tests.members.conftest import ADMIN, SetClock

ALL = Criterion(by=By.ALL)


@dataclass
class Office:
    """The rooms, the outbox and the sandbox."""

    database: Database
    clock: SetClock
    sandbox: RunningSandbox
    members: MembersRooms
    groups: GroupsRooms
    rooms: AnnouncementsRooms
    dispatcher: Dispatcher

    async def member(self, name="Anna", *groups, role=Role.MEMBER, town=None):
        """Somebody who has started the bot, is a member and follows groups."""
        person = await self.sandbox.client.person(name)
        town_id = (await self.members.towns.search(town))[0].id if town else None
        invitation, _ = await self.members.joining.invite(ADMIN, role=role, town_id=town_id)
        await self.members.joining.accept(invitation.token, Newcomer(person.id, name))
        for key in groups:
            await self.groups.groups.follow(person.id, (await self.groups.groups.by_key(key)).id, None)
        return person

    async def coordinator(self, name="Miriam"):
        return await self.member(name, role=Role.COORDINATOR)

    async def write(self, actor, html="Guten Tag", *criteria, **more):
        """An announcement for some; for all members if not told."""
        item = await self.rooms.drafts.begin(actor.id, Content(html=html, **more))
        for criterion in criteria or (ALL,):
            item = await self.rooms.drafts.toggle(actor.id, item.id, Part.ANY, criterion)
        return item

    async def release(self, actor, item, at=None, answered=0):
        item = await self.rooms.drafts.item(actor.id, item.id)
        return await self.rooms.releasing.release(actor.id, item.id, item.row.version, at, Doubt(answered))

    async def send(self, actor, html="Guten Tag", *criteria, **more):
        """Write and release; what is due now is queued and sent."""
        item = await self.write(actor, html, *criteria, **more)
        await self.release(actor, item)
        await self.work()
        return await self.rooms.drafts.item(actor.id, item.id)

    async def work(self):
        """Let everything happen that is due, also what only becomes due by that."""
        for _ in range(2):
            await self.rooms.outgoing.work()
            await self.dispatcher.drain()

    async def report(self, actor, item):
        return await self.rooms.reporting.report(actor.id, item.id)

    def texts(self, chat):
        """What the bot has in a chat now."""
        number = chat if isinstance(chat, int) else chat.id
        return [
            message.data.get("text") or message.data.get("caption") or ""
            for message in self.sandbox.world.chats[number].messages.values()
            if message.sender == self.sandbox.world.bot_id
        ]

    def buttons(self, chat):
        """Labels below the bot's last message in a chat."""
        messages = list(self.sandbox.world.chats[chat.id].messages.values())
        rows = messages[-1].data.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]


@pytest.fixture
def clock():
    return SetClock(MONDAY)


@pytest.fixture
def chosen():
    """Settings that a test module wants otherwise."""
    return {}


@pytest.fixture
async def office(database, clock, chosen):
    settings = Settings(database_url="sqlite+aiosqlite://", admins=str(ADMIN), access="members", **chosen)
    async with running_sandbox() as sandbox, AiohttpRequest(pool_timeout=None) as request:
        members = MembersRooms.build(database, clock, settings)
        await members.towns.ship()
        outbox = Outbox(database, clock)
        groups = GroupsRooms.build(
            database, clock, settings, members, outbox, Messages("bot.groups", settings.zone), lambda: "lotse_bot"
        )
        await groups.groups.ship()
        rooms = AnnouncementsRooms.build(
            database, clock, settings, members, outbox, Messages("bot.announcements", settings.zone)
        )

        async def unreachable(chat_id, why):
            await members.members.mark_unreachable(chat_id, why)

        dispatcher = Dispatcher(
            database,
            clock,
            Wire(request, f"{sandbox.url}/bot{sandbox.token}"),
            limiter=Limiter(**FAST),
            renderers=rooms.making.renderers,
            hooks=Hooks(unreachable=unreachable),
            suits=members.push_times.suits,
        )
        yield Office(database, clock, sandbox, members, groups, rooms, dispatcher)
        await dispatcher.close()
