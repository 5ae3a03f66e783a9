"""Who gets an item of news and when: counted for the preview, walked through for the outbox."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from bot.clock import Clock
from bot.database import Database
from bot.delivery.kinds import Priority
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Recipient
from bot.delivery.quiet import Mode, Preferences, next_allowed
from bot.groups.models import NO_TOPIC, LinkedChat
from bot.groups.service import Groups
from bot.members.preferences import PushTimes

NEWS = "groups.news"
"""The renderer of news, and what rows have in common that become one digest."""
KEEP_TRYING = dt.timedelta(days=30)
"""News that suited nobody for so long is only to be read back."""


@dataclass
class Audience:
    """Who gets it, in numbers.

    Attributes:
        at_once: People who get it when it goes out.
        later: People whom it suits later: quiet hours, a day off.
        collected: People who get it with a daily or weekly digest.
        paused: People whose pause lasts so long that they do not get it.
        unreachable: Followers whom pushes do not reach.
        towns: How many towns they come from.
        chats: Titles of the linked groups and channels.
        next_at: When the first of those gets it whom it suits later.
    """

    at_once: int = 0
    later: int = 0
    collected: int = 0
    paused: int = 0
    unreachable: int = 0
    chats: list[str] = field(default_factory=list)
    next_at: dt.datetime | None = None
    towns: int = 0

    @property
    def people(self) -> int:
        """All people who get it."""
        return self.at_once + self.later + self.collected


class Readers:
    """Finds who gets a group's news.

    Args:
        database: Where.
        clock: When.
        groups: Who follows.
        times: When it suits them.
        chats_times: When it suits groups and channels.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        groups: Groups,
        times: PushTimes,
        chats_times: Preferences,
    ) -> None:
        self._database = database
        self._clock = clock
        self._groups = groups
        self._times = times
        self._chats_times = chats_times

    async def count(self, group_id: int, release_at: dt.datetime) -> Audience:
        """Who would get news that goes out at a moment."""
        found, towns = Audience(), set()
        async for page in self._groups.followers(group_id):
            times = await self._times.of_many([each.profile.id for each in page])
            for each in page:
                if each.profile.unreachable_at is not None:
                    found.unreachable += 1
                    continue
                suits = next_allowed(replace(times[each.profile.id], mode=each.mode), release_at)
                if suits > release_at + KEEP_TRYING:
                    found.paused += 1
                    continue
                if each.profile.town_id is not None:
                    towns.add(each.profile.town_id)
                if each.mode is not Mode.AT_ONCE:
                    found.collected += 1
                elif suits > release_at:
                    found.later += 1
                    found.next_at = min(found.next_at or suits, suits)
                else:
                    found.at_once += 1
        found.towns = len(towns)
        found.chats = [chat.title for chat in await self.chats(group_id)]
        return found

    async def times_of(self, person_id: int) -> Preferences:
        """When it suits somebody."""
        return await self._times.of(person_id)

    async def recipients(self, group_id: int, news_id: int, release_at: dt.datetime) -> AsyncIterator[Recipient]:
        """Everybody who gets it, with the moment that suits them; read page by page."""
        context = {"news": news_id}
        merged = Says(renderer=NEWS, context=context, merge_key=NEWS)
        async for page in self._groups.followers(group_id):
            reached = [each for each in page if each.profile.unreachable_at is None]
            times = await self._times.of_many([each.profile.id for each in reached])
            for each in reached:
                suits = next_allowed(replace(times[each.profile.id], mode=each.mode), release_at)
                if suits <= release_at + KEEP_TRYING:
                    priority = Priority.NEWS if each.mode == Mode.AT_ONCE else Priority.DIGEST
                    yield Recipient(each.profile.id, suits, merged, priority=priority)
        alone = Says(renderer=NEWS, context=context)
        for chat in await self.chats(group_id):
            suits = next_allowed(self._chats_times, release_at)
            thread = None if chat.thread_id == NO_TOPIC else chat.thread_id
            yield Recipient(chat.chat_id, suits, alone, thread)

    async def chats(self, group_id: int) -> list[LinkedChat]:
        """The groups and channels that show a working group's news."""
        async with self._database.reading() as session:
            return list(
                await session.scalars(
                    select(LinkedChat)
                    .where(LinkedChat.group_id == group_id, LinkedChat.state == "linked")
                    .order_by(LinkedChat.id)
                )
            )
