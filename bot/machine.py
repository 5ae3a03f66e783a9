"""What runs beside the rooms: the ways in and out, the bell, the web part; started in order, stopped in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ExtBot

from bot.bell import Bell
from bot.clock import make_clock
from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher, Hooks
from bot.delivery.kinds import Unreachable
from bot.delivery.library import LibraryPace
from bot.delivery.limiter import Limiter
from bot.delivery.reports import Reports
from bot.delivery.request import AiohttpRequest
from bot.delivery.sending import Renderer
from bot.delivery.service import Outbox
from bot.delivery.store import PausedBatch
from bot.house import House, Room
from bot.intake.polling import Polling
from bot.intake.updates import Inbox, Intake, rejected_token, wanted_updates
from bot.intake.webhook import Webhook
from bot.logs import get_logger
from bot.members.commands import Commands
from bot.members.rooms import MembersRooms
from bot.settings import Settings, SettingsError
from bot.telegram import OrderedUpdates, on_error
from bot.web.health import Health, database_check, migrations_check
from bot.web.metrics import CountedRequest, Metrics
from bot.web.server import serving
from knowledge.library import Knowledge

FIRST_GROUP = -10
"""The handler group of the front door; all others come behind it."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to reach Telegram at the start."""

TelegramApplication = Application[Any, Any, Any, Any, Any, Any]

_log = get_logger("lotse")


class DiedError(Exception):
    """A part that must run has ended by an error; the process should be started anew."""


@dataclass(frozen=True)
class Foundation:
    """What stands before the first room: the ways to Telegram, and what rooms are built with."""

    house: House
    bot: "ExtBot[Any]"
    request: AiohttpRequest
    poll_request: AiohttpRequest
    base_url: str
    limiter: Limiter
    metrics: Metrics

    @classmethod
    def lay(cls, settings: Settings, token: str, database: Database, knowledge: Knowledge) -> "Foundation":
        """Put it together; nothing is called yet."""
        clock, metrics = make_clock(settings.clock_file), Metrics(database)
        limiter = Limiter(settings.messages_per_second)
        # Answers must never wait behind a poll: two ways.
        request, poll_request = CountedRequest(metrics, pool_timeout=None), AiohttpRequest()
        bot: ExtBot[Any] = ExtBot(
            token,
            base_url=f"{settings.telegram_api_url}/bot",
            base_file_url=f"{settings.telegram_api_url}/file/bot",
            request=request,
            get_updates_request=poll_request,
            rate_limiter=LibraryPace(limiter),
        )
        house = House(
            settings=settings,
            clock=clock,
            database=database,
            knowledge=knowledge,
            bot=bot,
            outbox=Outbox(database, clock),
            reports=Reports(database),
            members=MembersRooms.build(database, clock, settings),
            commands=Commands(),
        )
        base_url = f"{settings.telegram_api_url}/bot{token}"
        return cls(house, bot, request, poll_request, base_url, limiter, metrics)


class Machine:
    """Runs rooms.

    Args:
        foundation: What they were built on.
        rooms: In the order in which their handlers are tried.
    """

    def __init__(self, foundation: Foundation, rooms: Sequence[Room]) -> None:
        house = foundation.house
        self._foundation = foundation
        self._settings = house.settings
        self._rooms = rooms
        self.application = _application(foundation.bot, rooms)
        self._inbox = Inbox(self.application.update_queue, foundation.bot)
        self._inbox.on_update = foundation.metrics.count_update
        self.intake = self._intake()
        self.dispatcher = Dispatcher(
            house.database,
            house.clock,
            Wire(foundation.request, foundation.base_url),
            foundation.limiter,
            renderers=_renderers(rooms),
            hooks=_hooks(rooms),
            suits=house.members.push_times.suits,
        )
        house.outbox.on_queued = self.dispatcher.ring
        foundation.metrics.follow_leading(lambda: self.dispatcher.leading)
        self.bell = Bell(
            [ring for room in rooms for ring in room.rings],
            house.clock,
            house.zone,
            movable=self._settings.clock_file is not None,
        )
        self.web_port: int | None = None
        """Where the web part listens; None: nowhere."""
        self._running: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def serving_web(self) -> AsyncIterator[None]:
        """Serve the web part as long as the block lasts.

        Raises:
            SettingsError: Its address cannot be listened on.
        """
        async with serving(self._settings.listen, self._routes()) as port:
            self.web_port = port
            yield

    @asynccontextmanager
    async def connected(self, stop: asyncio.Event) -> AsyncIterator[bool]:
        """Reach Telegram, however long that takes, and close the connections at the end; False: told to stop before.

        Raises:
            SettingsError: Telegram rejects the token.
        """
        try:
            yield await self._connect(stop)
        finally:
            await self.application.shutdown()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take updates, send pushes and ring as long as the block lasts; then finish what was begun."""
        taking, sending = asyncio.Event(), asyncio.Event()
        await self.application.start()
        self._running = {
            "intake": asyncio.create_task(self.intake.run(taking), name="intake"),
            "dispatcher": asyncio.create_task(self.dispatcher.run(sending), name="dispatcher"),
        }
        try:
            await self.bell.start()
            yield
        finally:
            _log.info("stopping: finishing what is being answered and sent")
            taking.set()
            await asyncio.wait([self._running["intake"]])
            await self.bell.stop()
            sending.set()
            await asyncio.gather(self.application.stop(), asyncio.wait([self._running["dispatcher"]]))
            for task in self._running.values():
                _error_of(task)  # it was told of by `until_ended`, or the end was wanted anyway

    async def until_ended(self, stop: asyncio.Event) -> None:
        """Wait until told to stop.

        Raises:
            SettingsError: Telegram rejects the token.
            DiedError: A part that must run has ended.
        """
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopping, *self._running.values()], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if stop.is_set():
            return
        for name, task in self._running.items():
            if task.done():
                error = _error_of(task)
                if isinstance(error, SettingsError):
                    raise error
                raise DiedError(f"The {name} has ended by an error; start Lotse anew.") from error

    async def _connect(self, stop: asyncio.Event) -> bool:
        pause = FIRST_PAUSE
        while not stop.is_set():
            try:
                await self.application.initialize()
            except InvalidToken:
                raise rejected_token() from None
            except TelegramError as error:
                _log.warning("Telegram cannot be reached, trying again", reason=str(error), pause_seconds=pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return True
        return False

    def _intake(self) -> Intake:
        foundation, settings = self._foundation, self._settings
        kinds = wanted_updates([kind for room in self._rooms for kind in room.updates])
        if settings.webhook_url is None or settings.webhook_secret is None:
            return Polling(foundation.poll_request, foundation.base_url, self._inbox, kinds)
        return Webhook(
            foundation.bot, settings.webhook_url, settings.webhook_secret.get_secret_value(), self._inbox, kinds
        )

    def _routes(self) -> list[Any]:
        database, metrics = self._foundation.house.database, self._foundation.metrics
        health = Health(
            {
                "database": database_check(database),
                "migrations": migrations_check(database),
                "telegram": self._telegram_trouble,
                "dispatcher": self._dispatcher_trouble,
            }
        )
        own = [*health.routes, metrics.route]
        if isinstance(self.intake, Webhook):
            own.append(self.intake.route)
        return [*own, *(route for room in self._rooms for route in room.routes)]

    async def _telegram_trouble(self) -> str | None:
        task = self._running.get("intake")
        if task is not None and task.done():
            return "updates are not taken any more"
        return self.intake.trouble()

    async def _dispatcher_trouble(self) -> str | None:
        task = self._running.get("dispatcher")
        if task is None:
            return "not started yet"
        return "pushes are not sent any more" if task.done() else None


def _application(bot: "ExtBot[Any]", rooms: Sequence[Room]) -> TelegramApplication:
    """The library's application with all handlers: those that stand first, then room by room."""
    application: TelegramApplication = (
        ApplicationBuilder().bot(bot).updater(None).concurrent_updates(OrderedUpdates()).job_queue(None).build()
    )
    first = [handlers for room in rooms for handlers in room.first]
    for place, handlers in enumerate(first, start=FIRST_GROUP):
        application.add_handlers(list(handlers), group=place)
    application.add_handlers([handler for room in rooms for handler in room.handlers])
    application.add_error_handler(on_error)
    return application


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    """What ended a task; None where nothing did but its own end or a cancellation."""
    return None if task.cancelled() else task.exception()


def _renderers(rooms: Sequence[Room]) -> dict[str, Renderer]:
    found: dict[str, Renderer] = {}
    for room in rooms:
        if twice := found.keys() & room.renderers.keys():
            raise ValueError(f"two rooms make messages by the same name: {', '.join(sorted(twice))}")
        found |= room.renderers
    return found


def _hooks(rooms: Sequence[Room]) -> Hooks:
    """Tell every room; what one does with it is no other's trouble."""
    told = [(room.name, room.hooks) for room in rooms]

    async def unreachable(chat_id: int, why: Unreachable) -> None:
        await _tell_all([(name, hooks.unreachable(chat_id, why)) for name, hooks in told])

    async def moved(old_id: int, new_id: int) -> None:
        await _tell_all([(name, hooks.moved(old_id, new_id)) for name, hooks in told])

    async def batch_paused(batch: PausedBatch) -> None:
        await _tell_all([(name, hooks.batch_paused(batch)) for name, hooks in told])

    return Hooks(unreachable, moved, batch_paused)


async def _tell_all(calls: Sequence[tuple[str, Awaitable[None]]]) -> None:
    for name, call in calls:
        try:
            await call
        except Exception:
            _log.exception("a room that was told of a delivery failed", room=name)
