"""What this capability gives to the whole."""

import datetime as dt

from bot.bell import Ring
from bot.dates.reader import DateReader
from bot.delivery.dispatcher import Hooks
from bot.delivery.kinds import Unreachable
from bot.delivery.store import PausedBatch
from bot.groups.callbacks import Verb, button
from bot.groups.chat import GroupsChat
from bot.groups.demo import seed
from bot.groups.desk import Desk
from bot.groups.fetching import Fetcher
from bot.groups.hooks import FindMeeting, More, no_meeting
from bot.groups.outgoing import news_of_batch
from bot.groups.own_data import KEEP_DRAFTS, OwnData
from bot.groups.rooms import GroupsRooms
from bot.house import House, Room
from bot.telegram import Keyboard

LOOK_EVERY = dt.timedelta(seconds=20)
"""How often it is asked whether planned news is due."""
FEEDS_EVERY = dt.timedelta(minutes=2)
"""How often it is asked whether a feed is due; each is fetched far less often."""


class GroupsRoom:
    """Working groups, news, feeds, linked chats, and when pushes suit people.

    Args:
        house: What it is built with.
        contact: How to reach the office.
        find_meeting: The next meeting of a working group.
        more: Buttons of other rooms.
        fetcher: Gets feeds; over HTTP if not given.
    """

    def __init__(
        self,
        house: House,
        *,
        contact: str,
        find_meeting: FindMeeting = no_meeting,
        more: More | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        messages = house.messages("bot.groups")
        self.rooms = GroupsRooms.build(
            house.database,
            house.clock,
            house.settings,
            house.members,
            house.outbox,
            messages,
            lambda: house.bot.username,
            fetcher,
        )
        desk = Desk(
            rooms=self.rooms,
            members=house.members,
            messages=messages,
            dates=DateReader(house.clock, house.zone),
            now=house.clock.now,
            zone=house.zone,
            contact=contact,
            find_meeting=find_meeting,
            show_commands=house.commands.show,
            more=more or More(),
        )
        chat = GroupsChat(desk)
        self.start_rows: Keyboard = [[button("Arbeitsgruppen wählen", Verb.LIST)]]
        """For the greeting, and for who has just joined."""
        self.room = Room(
            "groups",
            handlers=chat.handlers(),
            commands=chat.COMMANDS,
            answers=chat.answers,
            personal=[OwnData(messages.render("statement", days=KEEP_DRAFTS.days), house.members.profiles.admins)],
            renderers=self.rooms.outgoing.renderers,
            hooks=Hooks(unreachable=self._lost, moved=self._moved, batch_paused=self._paused),
            rings=[
                Ring("groups.news", self.rooms.outgoing.work, every=LOOK_EVERY),
                Ring("groups.feeds", self.rooms.feeds.check_due, every=FEEDS_EVERY),
            ],
            updates=["my_chat_member"],
            prepare=self._prepare,
        )
        self._house = house

    async def _prepare(self) -> None:
        await self.rooms.groups.ship()
        if self._house.settings.demo_members is not None:
            await seed(self._house.database, self._house.clock, self._house.settings.demo_members)

    async def _lost(self, chat_id: int, why: Unreachable) -> None:
        if chat_id < 0 and why is Unreachable.REMOVED:
            await self.rooms.links.lost(chat_id)

    async def _moved(self, old_id: int, new_id: int) -> None:
        await self.rooms.links.moved(old_id, new_id)

    async def _paused(self, batch: PausedBatch) -> None:
        if (news_id := news_of_batch(batch.key)) is not None:
            await self.rooms.notices.paused(news_id, batch.reason, batch.id)
