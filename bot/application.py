"""Puts the rooms together, starts them and stops them; nothing else."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from bot.announcements.room import AnnouncementsRoom
from bot.announcements.rooms import AnnouncementsRooms
from bot.clock import Clock
from bot.database import Database
from bot.delivery.service import Outbox
from bot.groups.hooks import More, NextMeeting
from bot.groups.room import GroupsRoom
from bot.groups.rooms import GroupsRooms
from bot.house import House, Room
from bot.logs import get_logger, log_lost_errors
from bot.machine import DiedError, Foundation, Machine, TelegramApplication
from bot.meetings.callbacks import Verb, encode
from bot.meetings.listing import Listing
from bot.meetings.room import MeetingsRoom
from bot.members.commands import Commands
from bot.members.privacy import Privacy
from bot.members.room import MembersRoom, own_town_rows
from bot.members.rooms import MembersRooms
from bot.questions.room import QuestionsRoom
from bot.questions.service import Questions
from bot.settings import Settings
from knowledge.files import ContentError, load_knowledge
from knowledge.lexicon import LexiconError
from knowledge.library import Knowledge

_log = get_logger("lotse")


class DatabaseUnavailableError(Exception):
    """The database cannot be opened or brought up to date."""


@dataclass(frozen=True)
class Furniture:
    """The rooms of a house.

    Attributes:
        rooms: In the order in which their handlers are tried.
        questions: For those who start them.
        groups: Likewise.
        announcements: Likewise.
        privacy: Likewise.
    """

    rooms: list[Room]
    questions: Questions
    groups: GroupsRooms
    announcements: AnnouncementsRooms
    privacy: Privacy


def furnish(house: House) -> Furniture:
    """All capabilities. A new one is built here and named in `others`, which are tried in that order."""
    questions = QuestionsRoom(house)
    meetings = MeetingsRoom(house)
    find_meeting = partial(_next_meeting, meetings.listing)
    more = More(settings=[*meetings.settings_rows, *own_town_rows()], manage=meetings.manage_rows)
    groups = GroupsRoom(house, contact=questions.service.office_contact, find_meeting=find_meeting, more=more)
    questions.chat.more_to_start = groups.start_rows
    announcements = AnnouncementsRoom(house, contact=questions.service.office_contact)
    others = [
        announcements.room,
        groups.room,
        meetings.room,
        questions.room,  # last: it takes whatever no other room took
    ]
    members = MembersRoom(
        house,
        others,
        groups=groups.rooms.groups.titles,
        following=groups.rooms.enrolling,
        greet=questions.chat.start,
        contact=questions.service.office_contact,
        next_rows=groups.start_rows,
    )
    rooms = [members.room, *others]
    house.commands.rooms = [room.commands for room in reversed(rooms)]  # people read what is asked most first
    return Furniture(rooms, questions.service, groups.rooms, announcements.rooms, members.privacy)


@dataclass(frozen=True)
class Rooms:
    """What is running, for those who start it: tests, the demo, the command line."""

    house: House
    machine: Machine
    questions: Questions
    groups: GroupsRooms
    announcements: AnnouncementsRooms
    privacy: Privacy

    @property
    def application(self) -> TelegramApplication:
        """The library's application."""
        return self.machine.application

    @property
    def database(self) -> Database:
        """Where everything is kept."""
        return self.house.database

    @property
    def members(self) -> MembersRooms:
        """Who somebody is."""
        return self.house.members

    @property
    def outbox(self) -> Outbox:
        """The one way out for pushes."""
        return self.house.outbox

    @property
    def commands(self) -> Commands:
        """What Telegram shows to whom."""
        return self.house.commands

    @property
    def settings(self) -> Settings:
        """What the operator decided."""
        return self.house.settings

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self.house.clock


@asynccontextmanager
async def running_bot(
    settings: Settings, *, knowledge: Knowledge | None = None, stop: asyncio.Event | None = None
) -> AsyncIterator[Rooms | None]:
    """Start the bot, and at the end of the block let it finish what it is answering and sending.

    Args:
        settings: With a token.
        knowledge: What it knows; the shipped entries if not given.
        stop: Set to give up while Telegram cannot be reached yet; the block then gets None.

    Raises:
        SettingsError: The token is missing or Telegram rejects it; or the web part's address is taken.
        DatabaseUnavailableError: The database cannot be opened or brought up to date.
        ContentError: The shipped entries cannot be read.
    """
    token = settings.require_token()
    async with _opened_database(settings) as database:
        foundation = Foundation.lay(settings, token, database, knowledge or load_knowledge())
        furniture = furnish(foundation.house)
        furniture.questions.on_answered = foundation.metrics.count_question
        machine = Machine(foundation, furniture.rooms)
        async with machine.serving_web(), machine.connected(stop or asyncio.Event()) as connected:
            if not connected:
                yield None
                return
            await _prepare(foundation.house, furniture)
            async with machine.running():
                _log.info("answering", bot=foundation.bot.username)
                yield Rooms(
                    foundation.house,
                    machine,
                    furniture.questions,
                    furniture.groups,
                    furniture.announcements,
                    furniture.privacy,
                )


async def run_bot(settings: Settings) -> int:
    """Answer people until SIGTERM or Ctrl-C.

    Returns:
        The exit code.

    Raises:
        SettingsError: The token is missing or Telegram rejects it, now or later; or the web part's address is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    log_lost_errors(loop)
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    if settings.clock_file is not None:
        _log.warning("the clock is moved by a file: for the demo and tests only", file=str(settings.clock_file))
    try:
        async with running_bot(settings, stop=stop) as rooms:
            if rooms is not None:
                await rooms.machine.until_ended(stop)
    except (DatabaseUnavailableError, ContentError, LexiconError) as error:
        _log.error(str(error))
        return 1
    except DiedError as error:
        _log.critical(str(error), exc_info=error.__cause__)
        return 1
    _log.info("stopped")
    return 0


async def _prepare(house: House, furniture: Furniture) -> None:
    for room in furniture.rooms:
        await room.prepare()
    await furniture.privacy.forget()
    await house.commands.publish(house.bot, await house.members.special())


async def _next_meeting(listing: Listing, group_key: str) -> NextMeeting | None:
    """A working group's next meeting, as its card shows it."""
    view = await listing.next_of_group(group_key)
    if view is None:
        return None
    return NextMeeting(view.title, view.start, view.place or None, encode(Verb.OPEN, view.id))


@asynccontextmanager
async def _opened_database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url.get_secret_value())
    try:
        try:
            await database.upgrade()
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise DatabaseUnavailableError(
                f"The database (LOTSE_DATABASE_URL) cannot be opened or brought up to date: {reason}"
            ) from error
        yield database
    finally:
        await database.close()
