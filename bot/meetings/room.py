"""What this capability gives to the whole."""

import datetime as dt
from collections.abc import Callable

from bot.bell import Ring
from bot.dates.reader import DateReader
from bot.fetching import WebFetcher
from bot.house import House, Room
from bot.meetings.audience import Groups, WorkingGroups
from bot.meetings.callbacks import Verb, button
from bot.meetings.cards import Cards
from bot.meetings.chat import MeetingsChat
from bot.meetings.desk import Desk, keyboard
from bot.meetings.follow_chat import FollowChat
from bot.meetings.following import Fetcher, Following
from bot.meetings.listing import Listing
from bot.meetings.looking import RENDERER as CALENDARS
from bot.meetings.looking import Looking
from bot.meetings.minutes import Minutes
from bot.meetings.notices import MeetingNotices
from bot.meetings.own_data import KEEP_REPLIES, MeetingsData
from bot.meetings.reminders import RENDERER, Reminders
from bot.meetings.replies import Replies
from bot.meetings.series import SeriesPlanning
from bot.meetings.service import Planning
from bot.meetings.shared import Calendar
from bot.meetings.watch_chat import WatchChat
from bot.meetings.watching import RENDERER as DEADLINES
from bot.meetings.watching import Watching
from bot.meetings.web import calendar_route
from bot.telegram import Keyboard

EVERY = dt.timedelta(seconds=5)
"""How often it is asked what is due."""
WATCH_EVERY = dt.timedelta(minutes=1)
"""The same for deadlines, which come on a day."""
FOLLOW_EVERY = dt.timedelta(minutes=2)
"""How often it is asked whether a followed calendar is due; each is fetched far less often."""


class MeetingsRoom:
    """Meetings: planned once, known by everybody.

    Args:
        house: What it is built with.
        groups: The working groups and who belongs to them; those of the alliance if not given.
        fetcher: Gets other calendars; over HTTP if not given.
    """

    def __init__(self, house: House, groups: Groups | None = None, fetcher: Fetcher | None = None) -> None:
        messages = house.messages("bot.meetings")
        calendar = Calendar(
            house.database,
            house.clock,
            house.members.profiles,
            groups or WorkingGroups(),
            house.outbox,
            house.zone,
        )
        cards = Cards(messages, house.clock, house.zone)
        self.listing = Listing(calendar)
        self.reminders = Reminders(calendar, house.members.push_times)
        replies = Replies(calendar)
        desk = Desk(
            planning=Planning(calendar),
            replies=replies,
            reminders=self.reminders,
            listing=self.listing,
            minutes=Minutes(calendar, replies),
            cards=cards,
            dialogues=house.members.dialogues,
            reader=DateReader(house.clock, house.zone),
            clock=house.clock,
            series=SeriesPlanning(calendar),
            zone=house.zone,
            public_url=house.settings.public_url,
        )
        self.watching = Watching(
            house.database,
            house.clock,
            house.members.profiles,
            house.members.push_times,
            house.outbox,
            house.knowledge,
            house.zone,
        )
        watch_chat = WatchChat(self.watching, messages)
        fetcher = fetcher or WebFetcher()
        following = Following(calendar, desk.planning, fetcher)
        self.looking = Looking(calendar, following, house.members.push_times, fetcher)
        follow_chat = FollowChat(desk, following)
        chat = MeetingsChat(desk, watch_chat, follow_chat)
        statement = messages.render("statement", years=KEEP_REPLIES.days // 365)
        self.settings_rows: Keyboard = keyboard(((button("Erinnerungen an Treffen", Verb.REMIND, 0),),))
        """For `/einstellungen`."""
        self.manage_rows: Callable[[str], Keyboard] = _calendars_of
        """For a working group's leads."""
        self.room = Room(
            "meetings",
            handlers=chat.handlers(),
            first=[chat.files()],
            commands=chat.COMMANDS,
            answers=chat.answers(),
            personal=[MeetingsData(statement, house.members.profiles.admins)],
            renderers={
                RENDERER: MeetingNotices(calendar, cards),
                DEADLINES: watch_chat.render,
                CALENDARS: follow_chat.render,
            },
            rings=[
                Ring("meetings.reminders", self.reminders.round, every=EVERY),
                Ring("meetings.deadlines", self.watching.round, every=WATCH_EVERY),
                Ring("meetings.calendars", self.looking.round, every=FOLLOW_EVERY),
            ],
            routes=[calendar_route(self.listing)],
        )


def _calendars_of(group_key: str) -> Keyboard:
    return keyboard(((button("Andere Kalender", Verb.CALENDARS, text=group_key),),))
