"""All rules of this capability, put together once: for the application, other rooms and tests."""

from dataclasses import dataclass

from bot.announcements.audience import Audiences
from bot.announcements.following import Following
from bot.announcements.making import Making
from bot.announcements.notices import Notices
from bot.announcements.outgoing import Outgoing
from bot.announcements.releasing import Releasing
from bot.announcements.reporting import Reporting
from bot.announcements.service import Drafts
from bot.announcements.shared import Ground
from bot.announcements.wording import Wording
from bot.clock import Clock
from bot.database import Database
from bot.delivery.quiet import Preferences
from bot.delivery.reports import Reports
from bot.delivery.service import Outbox
from bot.meetings.audience import WorkingGroups
from bot.meetings.shared import Calendar
from bot.members.rooms import MembersRooms
from bot.rendering import Messages
from bot.settings import Settings


@dataclass(frozen=True)
class AnnouncementsRooms:
    """The services of this capability."""

    ground: Ground
    drafts: Drafts
    releasing: Releasing
    outgoing: Outgoing
    following: Following
    reporting: Reporting
    making: Making
    notices: Notices

    @classmethod
    def build(
        cls,
        database: Database,
        clock: Clock,
        settings: Settings,
        members: MembersRooms,
        outbox: Outbox,
        messages: Messages,
    ) -> "AnnouncementsRooms":
        """Put them together."""
        profiles, times, zone = members.profiles, members.push_times, settings.zone
        calendar = Calendar(database, clock, profiles, WorkingGroups(), outbox, zone)
        wording = Wording(messages)
        ground = Ground(
            database=database,
            clock=clock,
            profiles=profiles,
            outbox=outbox,
            reports=Reports(database),
            audiences=Audiences(database, calendar, profiles, times, Preferences(zone=settings.timezone)),
            wording=wording,
            second_from=settings.second_release_from,
        )
        notices = Notices(ground, times, messages)
        outgoing = Outgoing(ground, notices.held)
        return cls(
            ground=ground,
            drafts=Drafts(ground, notices.reopened),
            releasing=Releasing(ground, notices.reopened),
            outgoing=outgoing,
            following=Following(ground, outgoing),
            reporting=Reporting(ground),
            making=Making(database, clock, profiles, wording),
            notices=notices,
        )
