"""All rules of this capability, put together once: for the application, other rooms and tests."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.database import Database
from bot.delivery.quiet import Preferences
from bot.delivery.service import Outbox
from bot.groups.audience import Readers
from bot.groups.enrolling import Enrolling
from bot.groups.feeds import Feeds
from bot.groups.fetching import Fetcher, HttpFetcher
from bot.groups.founding import Founding
from bot.groups.links import Links
from bot.groups.news import NewsDesk
from bot.groups.notices import Notices
from bot.groups.outgoing import Outgoing
from bot.groups.service import Groups
from bot.groups.wording import Wording
from bot.members.rooms import MembersRooms
from bot.rendering import Messages
from bot.settings import Settings


@dataclass(frozen=True)
class GroupsRooms:
    """The services of this capability."""

    groups: Groups
    founding: Founding
    enrolling: Enrolling
    readers: Readers
    news: NewsDesk
    outgoing: Outgoing
    feeds: Feeds
    links: Links
    notices: Notices
    wording: Wording

    @classmethod
    def build(
        cls,
        database: Database,
        clock: Clock,
        settings: Settings,
        members: MembersRooms,
        outbox: Outbox,
        messages: Messages,
        bot_name: Callable[[], str],
        fetcher: Fetcher | None = None,
    ) -> "GroupsRooms":
        """Put them together."""
        profiles = members.profiles
        wording = Wording(messages, bot_name)
        groups = Groups(database, clock, profiles)
        readers = Readers(database, clock, groups, members.push_times, Preferences(zone=settings.timezone))
        notices = Notices(database, outbox, clock, groups, members.push_times, messages)
        return cls(
            groups=groups,
            founding=Founding(database, clock, profiles, notices.ended),
            enrolling=Enrolling(database, clock, profiles, outbox, members.push_times, messages),
            readers=readers,
            news=NewsDesk(database, clock, profiles, readers, wording),
            outgoing=Outgoing(database, clock, outbox, groups, readers, profiles, notices.held, wording),
            feeds=Feeds(database, clock, profiles, fetcher or HttpFetcher(), notices.checked),
            links=Links(database, clock, profiles),
            notices=notices,
            wording=wording,
        )
