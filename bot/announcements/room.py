"""What this capability gives to the whole."""

import datetime as dt

from bot.announcements.audience import Audiences
from bot.announcements.chat import AnnouncementsChat
from bot.announcements.desk import Desk
from bot.announcements.following import Following
from bot.announcements.live import Live
from bot.announcements.making import Making
from bot.announcements.notices import Notices
from bot.announcements.outgoing import Outgoing
from bot.announcements.own_data import KEEP_DRAFTS, KEEP_RECIPIENTS, OwnData
from bot.announcements.releasing import Releasing
from bot.announcements.reporting import Reporting
from bot.announcements.screens import Screens
from bot.announcements.service import Drafts
from bot.announcements.shared import Ground
from bot.announcements.wording import Wording
from bot.bell import Ring
from bot.delivery.dispatcher import Hooks
from bot.delivery.quiet import Preferences
from bot.house import House, Room
from bot.meetings.audience import WorkingGroups
from bot.meetings.dates.reader import DateReader
from bot.meetings.shared import Calendar

LOOK_EVERY = dt.timedelta(seconds=10)
"""How often it is asked whether something is due."""
SHOW_EVERY = dt.timedelta(seconds=2)
"""How often it is asked whether a live message is to be changed; each is changed less often."""


class AnnouncementsRoom:
    """Announcements: said once, to exactly those meant, and known to have arrived.

    Args:
        house: What it is built with.
        contact: How to reach the office.
    """

    def __init__(self, house: House, *, contact: str) -> None:
        messages = house.messages("bot.announcements")
        profiles, times = house.members.profiles, house.members.push_times
        calendar = Calendar(house.database, house.clock, profiles, WorkingGroups(), house.outbox, house.zone)
        wording = Wording(messages)
        self.ground = Ground(
            database=house.database,
            clock=house.clock,
            profiles=profiles,
            outbox=house.outbox,
            reports=house.reports,
            audiences=Audiences(house.database, calendar, profiles, times, Preferences(zone=house.settings.timezone)),
            wording=wording,
            second_from=house.settings.second_release_from,
        )
        self.notices = Notices(self.ground, times, messages)
        self.outgoing = Outgoing(self.ground, self.notices.held)
        self.drafts = Drafts(self.ground)
        self.releasing = Releasing(self.ground)
        self.following = Following(self.ground, self.outgoing)
        self.reporting = Reporting(self.ground)
        self.making = Making(house.database, house.clock, profiles, wording)
        desk = Desk(
            ground=self.ground,
            drafts=self.drafts,
            releasing=self.releasing,
            outgoing=self.outgoing,
            following=self.following,
            reporting=self.reporting,
            notices=self.notices,
            members=house.members,
            messages=messages,
            dates=DateReader(house.clock, house.zone),
            clock=house.clock,
            contact=contact,
        )
        screens = Screens(desk)
        self.live = Live(desk, screens, self.notices, house.bot)
        chat = AnnouncementsChat(desk, screens)
        self.room = Room(
            "announcements",
            handlers=chat.handlers(),
            commands=chat.COMMANDS,
            answers=chat.answers,
            personal=[OwnData(messages.render("statement", days=KEEP_DRAFTS.days, keep=KEEP_RECIPIENTS.days))],
            renderers=self.making.renderers,
            hooks=Hooks(batch_paused=self.live.paused),
            rings=[
                Ring("announcements.due", self.outgoing.work, every=LOOK_EVERY),
                Ring("announcements.live", self.live.work, every=SHOW_EVERY),
            ],
        )
