"""What this capability gives to the whole."""

import datetime as dt

from bot.announcements.chat import AnnouncementsChat
from bot.announcements.desk import Desk
from bot.announcements.live import Live
from bot.announcements.own_data import KEEP_DRAFTS, OwnData
from bot.announcements.rooms import AnnouncementsRooms
from bot.announcements.screens import Screens
from bot.announcements.shared import KEEP_RECIPIENTS
from bot.bell import Ring
from bot.dates.reader import DateReader
from bot.delivery.dispatcher import Hooks
from bot.house import House, Room

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
        self.rooms = AnnouncementsRooms.build(
            house.database, house.clock, house.settings, house.members, house.outbox, messages
        )
        desk = Desk(
            rooms=self.rooms,
            members=house.members,
            messages=messages,
            dates=DateReader(house.clock, house.zone),
            clock=house.clock,
            contact=contact,
        )
        screens = Screens(desk)
        live = Live(desk, screens, house.bot)
        chat = AnnouncementsChat(desk, screens)
        self.room = Room(
            "announcements",
            handlers=chat.handlers(),
            commands=chat.COMMANDS,
            answers=chat.answers,
            personal=[OwnData(messages.render("statement", days=KEEP_DRAFTS.days, keep=KEEP_RECIPIENTS.days))],
            renderers=self.rooms.making.renderers,
            hooks=Hooks(batch_paused=live.paused),
            rings=[
                Ring("announcements.due", self.rooms.outgoing.work, every=LOOK_EVERY),
                Ring("announcements.live", live.work, every=SHOW_EVERY),
            ],
        )
