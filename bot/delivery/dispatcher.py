"""Empties the outbox: asks the table what is due, a few at a time, and writes down what became of it.

Whoever rings only wakes it; what to do stands in the table. It claims before it calls, and writes after; a crash in
between leaves the few rows `sending`, which the next sender queues again and marks.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.database import Database
from bot.delivery import store
from bot.delivery.calls import Wire
from bot.delivery.files import FileShelf
from bot.delivery.kinds import State, Unreachable
from bot.delivery.lease import RENEW_SECONDS, Lease, make_lease
from bot.delivery.limiter import ChatId, Limiter
from bot.delivery.payloads import Payload, from_json
from bot.delivery.sending import Job, Renderer, Sending, Suits, payload_source
from bot.delivery.store import Outcome, PausedBatch, Row
from bot.delivery.transactions import Transactions
from bot.logs import get_logger

IN_FLIGHT = 12
"""Messages claimed at a time: the most that a crash can make arrive twice."""
FLUSH_AT = 6
"""So many outcomes are written together, while there are more to come..."""
FLUSH_SECONDS = 0.25
"""...but none later than this."""
IDLE_SECONDS = 1.0
"""How often the table is asked when nobody rings."""
EXPIRE_SECONDS = 5.0
"""How often what came too late is settled."""
LONG_HALT_SECONDS = 10.0
"""A halt from this length on is kept over a restart."""
BATCHES_REMEMBERED = 32

_log = get_logger("lotse.delivery")


async def _ignore(*_: object) -> None:
    """The hook of who does not want to know."""


@dataclass(frozen=True)
class Hooks:
    """What others want to know; each is awaited after it was written down, and its errors are only logged."""

    unreachable: Callable[[int, Unreachable], Awaitable[None]] = _ignore
    """A chat takes nothing any more: its number, and why."""
    moved: Callable[[int, int], Awaitable[None]] = _ignore
    """A group became a supergroup: its old and its new number."""
    batch_paused: Callable[[PausedBatch], Awaitable[None]] = _ignore
    """A batch was paused because too many of its messages failed."""


@dataclass(slots=True)
class _Result:
    job: Job
    outcome: Outcome


@dataclass(slots=True)
class _Times:
    """When regular work was last done, on the monotonic clock."""

    expired: float = 0.0
    renewed: float = 0.0


@dataclass
class Dispatcher:
    """The one sender.

    Args:
        database: Where the outbox is.
        clock: What time it is.
        wire: Makes calls.
        limiter: The pace, shared with the answers.
        renderers: Make messages at the moment of sending, by name.
        hooks: What others want to know.
        lease: The right to send; the database's own if not given.
        in_flight: Messages claimed at a time.
        suits: When chats welcome messages that are late; always, if not given.
    """

    database: Database
    clock: Clock
    wire: Wire
    limiter: Limiter
    renderers: Mapping[str, Renderer] = field(default_factory=dict)
    hooks: Hooks = field(default_factory=Hooks)
    lease: Lease | None = None
    in_flight: int = IN_FLIGHT
    suits: Suits | None = None

    def __post_init__(self) -> None:
        self._lease = self.lease or make_lease(self.database)
        shelf = FileShelf(self.database)
        payload_of = payload_source(self._stored_payload, self.renderers)
        self._sending = Sending(self.wire, self.limiter, shelf, payload_of, self.clock, self.suits)
        self._transactions = Transactions(self.database)
        self._batches: dict[int, Payload] = {}
        self._jobs: dict[asyncio.Task[None], Job] = {}
        self._results: list[_Result] = []
        self._moved: dict[int, int] = {}
        self._halts: dict[int, float] = {}
        self._wake = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._look = True
        self._stopping = False
        self._times = _Times()
        self.leading = False
        """Whether this process is the one that sends."""
        self.limiter.on_halt = self._note_halt

    def ring(self) -> None:
        """There may be something due; cheap, and never too often."""
        self._look = True
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; then finish what is in flight, give back what was not begun.

        A lost database or lease is waited for.
        """
        watching = asyncio.create_task(self._watch(stop))
        try:
            while not stop.is_set():
                try:
                    await self._lead(stop)
                except (SQLAlchemyError, OSError):
                    _log.exception("the outbox cannot be read or written, trying again")
                    self.leading = False
                    await _wait(stop, IDLE_SECONDS)
        finally:
            watching.cancel()
            await self._finish()

    async def drain(self) -> None:
        """Send all that is due and may go now, write down what became of it, and return.

        A chat that took its share, or is halted, keeps the rest for later.

        Raises:
            RuntimeError: Another process sends.
        """
        if not self.leading and not await self._take_over():
            raise RuntimeError("another process sends")
        self._times.expired = 0.0
        self._look = True
        while True:
            claimed = await self._turn()
            if self._jobs:
                await self._pause(FLUSH_SECONDS)
            elif not claimed and not self._results:
                return

    async def close(self) -> None:
        """Finish what is in flight and give up the right to send; for who used `drain`."""
        await self._finish()

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stopping = True
        self._wake.set()

    async def _lead(self, stop: asyncio.Event) -> None:
        """Become the sender and send, until told to stop or the lease is lost."""
        while not self.leading:
            if stop.is_set():
                return
            if not await self._take_over():
                await _wait(stop, IDLE_SECONDS)
        while not stop.is_set():
            if not await self._keep_lease():
                _log.warning("another process sends now")
                return
            await self._turn()
            rung = await self._pause(IDLE_SECONDS)  # a ring meanwhile sets _look: it must not be read before the wait
            self._look |= not rung

    async def _take_over(self) -> bool:
        if not await self._lease.acquire():
            return False
        now, me = self.clock.now(), self._lease.holder

        def begin(connection: Connection) -> tuple[int, dict[int, float], dict[int, int]]:
            return store.recover(connection, me), store.load_halts(connection, now), store.load_moved(connection)

        recovered, halts, self._moved = await self._transactions.run(begin)
        for chat_id, seconds in halts.items():
            self.limiter.halt(seconds, chat_id or None)
        if recovered:
            _log.warning("messages may arrive twice: their sender died before it knew", count=recovered)
        self._times.renewed = time.monotonic()
        self.leading = True
        return True

    async def _keep_lease(self) -> bool:
        if time.monotonic() - self._times.renewed >= RENEW_SECONDS:
            self.leading = await self._lease.renew()
            self._times.renewed = time.monotonic()
        return self.leading

    async def _turn(self) -> int:
        """One transaction: write what is known, claim what is due. Returns how many messages were claimed."""
        now, expiring = self.clock.now(), time.monotonic() - self._times.expired >= EXPIRE_SECONDS
        results, halts, free = self._results, self._halts, self._free()
        if not (results or halts or expiring or free):
            return 0
        me, busy = self._lease.holder, self._busy()

        def work(connection: Connection) -> tuple[list[PausedBatch], list[list[Row]]]:
            paused = store.write(connection, me, [result.outcome for result in results])
            if halts:
                store.keep_halts(connection, halts, now)
            if expiring:
                store.expire(connection, now)
            return paused, store.claim(connection, me, now, free, busy) if free else []

        self._look &= not free
        self._results, self._halts = [], {}
        try:
            paused, messages = await self._transactions.run(work)
        except BaseException:
            # Nothing of it is written; it is tried again with the next turn.
            self._results = results + self._results
            self._halts = halts | self._halts
            raise
        if expiring:
            self._times.expired = time.monotonic()
        for rows in messages:
            self._start(rows)
        self._look |= len(messages) == free > 0 or bool(results)
        await self._tell(results, paused)
        return len(messages)

    def _free(self) -> int:
        """How many messages may be claimed now."""
        if not self._look or self._stopping or not self.leading or self.limiter.halted_for() > 0:
            return 0
        return self.in_flight - len(self._jobs)

    def _busy(self) -> set[int]:
        """Chats that get their next message later: one after the other, and only when there is room."""
        full = {chat for chat in self.limiter.full_chats() if isinstance(chat, int)}
        full |= {old for old, new in self._moved.items() if new in full} if full else set()
        return full | {job.rows[0].chat_id for job in self._jobs.values()}

    def _start(self, rows: list[Row]) -> None:
        chat_id = rows[0].chat_id
        job = Job(rows, self._moved.get(chat_id, chat_id))
        self._jobs[asyncio.create_task(self._run(job))] = job

    async def _run(self, job: Job) -> None:
        try:
            outcome = await self._sending.send(job)
            self._results.append(_Result(job, outcome))
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._jobs.pop(task, None)
            self._note_progress()

    def _note_progress(self) -> None:
        """Have what is known written: at once where nothing else is coming, else a few together."""
        self._look = True
        if not self._jobs or len(self._results) >= FLUSH_AT:
            self._wake.set()
        elif self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._wake.set)

    async def _pause(self, seconds: float) -> bool:
        """Wait until somebody rings, at most so long; returns whether somebody did."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        finally:
            self._wake.clear()
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
        return True

    async def _finish(self) -> None:
        """Let calls end that were begun, give the rest back, and write it all down."""
        self._stopping = True
        for task, job in list(self._jobs.items()):
            if not job.begun:
                task.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        self._jobs.clear()
        me, led, self.leading = self._lease.holder, self.leading, False
        try:
            await self._turn()
            if led:
                await self._transactions.run(lambda connection: store.release(connection, me))
        except (SQLAlchemyError, OSError):
            _log.exception("what was sent last could not be written down")
        with suppress(SQLAlchemyError, OSError):
            await self._lease.release()
        await self._transactions.close()

    async def _tell(self, results: Sequence[_Result], paused: Sequence[PausedBatch]) -> None:
        """Tell others what they want to know."""
        for batch in paused:
            _log.warning("batch paused", batch=batch.key, reason=batch.reason)
            await _call(self.hooks.batch_paused(batch))
        for result in results:
            if result.job.closed is not None:
                await _call(self.hooks.unreachable(result.job.chat_id, result.job.closed))
            if (new_id := result.outcome.moved_to) is not None:
                self._moved |= {old: new_id for old, now in self._moved.items() if now == result.job.chat_id}
                self._moved[result.job.chat_id] = new_id
                await _call(self.hooks.moved(result.job.chat_id, new_id))
            if result.outcome.state == State.FAILED:
                _log.warning("message failed", rows=[row.id for row in result.job.rows], reason=result.outcome.reason)

    async def _stored_payload(self, rows: Sequence[Row]) -> Payload:
        """What rows without a renderer say: their own words, or those of their batch."""
        row = rows[0]
        if row.payload is not None:
            return from_json(row.payload)
        if row.batch_id is None:
            raise LookupError("the row holds nothing to send")
        if row.batch_id not in self._batches:
            batch_id = row.batch_id
            stored = await self._transactions.run(lambda connection: store.load_batch_payload(connection, batch_id))
            if stored is None:
                raise LookupError("neither the row nor its batch holds anything to send")
            while len(self._batches) >= BATCHES_REMEMBERED:
                del self._batches[next(iter(self._batches))]
            self._batches[row.batch_id] = from_json(stored)
        return self._batches[row.batch_id]

    def _note_halt(self, chat_id: ChatId | None, seconds: float) -> None:
        _log.warning("halted by Telegram", chat="all" if chat_id is None else chat_id, seconds=seconds)
        if seconds >= LONG_HALT_SECONDS and not isinstance(chat_id, str):
            self._halts[chat_id or 0] = seconds
            self._wake.set()


async def _call(hook: Awaitable[None]) -> None:
    try:
        await hook
    except Exception:
        _log.exception("who was told failed")


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
