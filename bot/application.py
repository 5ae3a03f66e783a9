"""Puts the rooms together, starts them and stops them; nothing else."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.clock import Clock, make_clock
from bot.database import Database
from bot.delivery.service import Outbox
from bot.logs import get_logger, log_lost_errors
from bot.members.chat import MembersChat
from bot.members.commands import Commands, RoomCommands
from bot.members.notices import Notices
from bot.members.own_data import KEEP_CHANGES, KEEP_DECIDED, OwnData
from bot.members.privacy import PersonalData, Privacy
from bot.members.rooms import MembersRooms
from bot.members.screens import Desk
from bot.questions.chat import QuestionsChat
from bot.questions.own_data import QuestionsData
from bot.questions.service import Questions
from bot.rendering import Messages
from bot.settings import Settings, SettingsError
from bot.telegram import OrderedUpdates, on_error
from knowledge.entries import EntryKind
from knowledge.files import ContentError, load_knowledge
from knowledge.lexicon import LexiconError
from knowledge.library import Knowledge

UPDATES = ["message", "edited_message", "callback_query", "inline_query"]
"""The kinds of update that some room takes."""
FIRST_GROUP = -10
"""The handler group of the front door; all others come behind it."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to reach Telegram at the start."""

TelegramApplication = Application[Any, Any, Any, Any, Any, Any]

_log = get_logger("lotse")


class DatabaseUnavailableError(Exception):
    """The database cannot be opened or brought up to date."""


@dataclass(frozen=True)
class Rooms:
    """What is running, for those who start it: tests, the demo, the command line."""

    application: TelegramApplication
    database: Database
    questions: Questions
    members: MembersRooms
    outbox: Outbox
    privacy: Privacy
    commands: Commands
    settings: Settings
    clock: Clock


@asynccontextmanager
async def running_bot(
    settings: Settings, *, knowledge: Knowledge | None = None, stop: asyncio.Event | None = None
) -> AsyncIterator[Rooms | None]:
    """Start the bot, and at the end of the block let it finish what it is answering.

    Args:
        settings: With a token.
        knowledge: What it knows; the shipped entries if not given.
        stop: Set to give up while Telegram cannot be reached yet; the block then gets None.

    Raises:
        SettingsError: The token is missing or Telegram rejects it.
        DatabaseUnavailableError: The database cannot be opened or brought up to date.
        ContentError: The shipped entries cannot be read.
    """
    token = settings.require_token()
    database = await _open_database(settings)
    try:
        rooms = _build(settings, token, database, knowledge or load_knowledge())
        application = rooms.application
        try:
            if not await _connect(application, stop or asyncio.Event()):
                yield None
                return
            await rooms.members.towns.ship()
            await rooms.privacy.forget()
            await rooms.commands.publish(application.bot, await rooms.members.special())
            await application.start()
            await _poll(application)
            _log.info("answering", bot=application.bot.username)
            try:
                yield rooms
            finally:
                _log.info("stopping: finishing what is being answered")
                await _stop(application)
        finally:
            await application.shutdown()
    finally:
        await database.close()


async def run_bot(settings: Settings) -> int:
    """Answer people until SIGTERM or Ctrl-C.

    Returns:
        The exit code.

    Raises:
        SettingsError: The token is missing or Telegram rejects it.
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
                await stop.wait()
    except (DatabaseUnavailableError, ContentError, LexiconError) as error:
        _log.error(str(error))
        return 1
    _log.info("stopped")
    return 0


def _build(settings: Settings, token: str, database: Database, knowledge: Knowledge) -> Rooms:
    clock = make_clock(settings.clock_file)
    application: TelegramApplication = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .concurrent_updates(OrderedUpdates())
        .job_queue(None)
        .build()
    )
    outbox = Outbox(database, clock)
    members = MembersRooms.build(database, clock, settings)
    questions = Questions(
        database, clock, knowledge, zone=settings.zone, admins=settings.admins, office=members.is_office
    )
    words, own_words = Messages("bot.questions", settings.zone), Messages("bot.members", settings.zone)
    chat = QuestionsChat(questions, words)
    commands = Commands(
        [
            RoomCommands(everyone=chat.COMMANDS, groups=chat.GROUP_COMMANDS, office=chat.OFFICE_COMMANDS),
            MembersChat.COMMANDS,
        ]
    )
    privacy = Privacy(database, clock, _personal_data(members, words, own_words))
    desk = Desk(
        rooms=members,
        messages=own_words,
        outbox=outbox,
        privacy=privacy,
        groups=partial(_working_groups, knowledge),
        greet=chat.start,
        contact=questions.office_contact,
        show_commands=commands.show,
    )
    members_chat = MembersChat(desk, Notices(members, own_words, outbox, clock), members.exchange)
    for place, handlers in enumerate(members_chat.first({}), start=FIRST_GROUP):
        application.add_handlers(handlers, group=place)
    application.add_handlers([*members_chat.handlers(), *chat.handlers()])
    application.add_error_handler(on_error)
    return Rooms(application, database, questions, members, outbox, privacy, commands, settings, clock)


def _personal_data(members: MembersRooms, words: Messages, own_words: Messages) -> list[PersonalData]:
    """What each room keeps about persons: a room that keeps anything is named here."""
    own = own_words.render("statement", days=KEEP_DECIDED.days, changes_years=KEEP_CHANGES.days // 365)
    return [OwnData(members.profiles, members.members, own), QuestionsData(QuestionsChat.statement(words))]


async def _working_groups(knowledge: Knowledge) -> dict[str, str]:
    """The working groups that the shipped knowledge knows: title by key."""
    return {entry.id: entry.title for entry in knowledge.of_kind(EntryKind.ARTICLE) if entry.id.startswith("ag-")}


async def _open_database(settings: Settings) -> Database:
    database = Database(settings.database_url.get_secret_value())
    try:
        await database.upgrade()
    except (SQLAlchemyError, OSError) as error:
        await database.close()
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise DatabaseUnavailableError(
            f"The database (LOTSE_DATABASE_URL) cannot be opened or brought up to date: {reason}"
        ) from error
    return database


async def _connect(application: TelegramApplication, stop: asyncio.Event) -> bool:
    """Reach Telegram, however long that takes; False: told to stop before."""
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            await application.initialize()
        except InvalidToken:
            raise SettingsError(
                [
                    "Telegram rejects LOTSE_TELEGRAM_TOKEN: compare it with the one that @BotFather shows "
                    "(and LOTSE_TELEGRAM_API_URL, if you set it)."
                ]
            ) from None
        except TelegramError as error:
            _log.warning("Telegram cannot be reached, trying again", reason=str(error), pause_seconds=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return True
    return False


async def _poll(application: TelegramApplication) -> None:
    if application.updater is None:
        raise RuntimeError("the application was built without an updater")
    await application.updater.start_polling(
        allowed_updates=UPDATES, bootstrap_retries=-1, error_callback=_log_polling_error
    )


def _log_polling_error(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        _log.error("another process polls with the same token: stop one of the two")
    else:
        _log.warning("Telegram cannot be reached, trying again", reason=str(error))


async def _stop(application: TelegramApplication) -> None:
    if application.updater is not None and application.updater.running:
        await application.updater.stop()
    await application.stop()
