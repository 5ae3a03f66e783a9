"""What rooms are built with, and what each gives to the whole: so that adding one is one line in `bot.application`."""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.routing import BaseRoute
from telegram import Bot, Update
from telegram.ext import BaseHandler

from bot.bell import Ring
from bot.clock import Clock
from bot.database import Database
from bot.delivery.dispatcher import Hooks
from bot.delivery.reports import Reports
from bot.delivery.sending import Renderer
from bot.delivery.service import Outbox
from bot.members.commands import Commands, RoomCommands
from bot.members.privacy import PersonalData
from bot.members.rooms import MembersRooms
from bot.members.screens import Answer
from bot.rendering import Messages
from bot.settings import Settings
from bot.telegram import Context
from knowledge.library import Knowledge

Handlers = Sequence[BaseHandler[Update, Context, None]]


async def _nothing() -> None:
    """The preparation of a room that needs none."""


@dataclass(frozen=True)
class House:
    """What every room may use.

    Attributes:
        settings: What the operator decided.
        clock: What time it is.
        database: Where everything is kept.
        knowledge: What the alliance knows.
        bot: Answers go through it, and it knows its own name once the rooms are prepared; pushes go through `outbox`.
        outbox: The one way out for pushes.
        reports: What became of them.
        members: Who somebody is, and what they may do.
        commands: Shows somebody the commands of their role.
    """

    settings: Settings
    clock: Clock
    database: Database
    knowledge: Knowledge
    bot: Bot
    outbox: Outbox
    reports: Reports
    members: MembersRooms
    commands: Commands

    @property
    def zone(self) -> dt.tzinfo:
        """People's time zone."""
        return self.settings.zone

    def messages(self, package: str) -> Messages:
        """The German templates of a capability, such as `bot.meetings`."""
        return Messages(package, self.zone)


@dataclass(frozen=True)
class Room:
    """What one capability gives to the whole; all parts may be left out.

    Attributes:
        name: For logs.
        handlers: Tried in order, room by room; questions, which take every text and button, come last.
        first: Handler groups that stand before all rooms' handlers, each seeing every update.
        commands: What Telegram shows to whom.
        answers: Who takes what is written to an open dialogue, by the dialogue's kind.
        personal: What the room keeps about persons.
        renderers: Make messages when they are sent, by the name that outbox rows give.
        hooks: What the room wants to know of deliveries.
        rings: Work that the bell wakes.
        routes: Pages of the web part.
        updates: Kinds of update that the room takes beside messages, edits, buttons and inline queries.
        prepare: Done once, before the first update: the tables are up to date, Telegram is reached.
    """

    name: str
    handlers: Handlers = ()
    first: Sequence[Handlers] = ()
    commands: RoomCommands = field(default_factory=RoomCommands)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    personal: Sequence[PersonalData] = ()
    renderers: Mapping[str, Renderer] = field(default_factory=dict)
    hooks: Hooks = field(default_factory=Hooks)
    rings: Sequence[Ring] = ()
    routes: Sequence[BaseRoute] = ()
    updates: Collection[str] = ()
    prepare: Callable[[], Awaitable[object]] = _nothing
