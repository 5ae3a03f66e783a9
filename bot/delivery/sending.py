"""Sends one message and says what became of it; knows no table."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from telegram.error import TelegramError

from bot.clock import Clock
from bot.delivery import faults
from bot.delivery.calls import Call, Files, Wire, calls_for, learned_file_ids, message_ids, stored_files
from bot.delivery.files import FileShelf
from bot.delivery.kinds import Priority, State, Unreachable
from bot.delivery.limiter import HaltedError, Limiter
from bot.delivery.payloads import Delete, Edit, Payload
from bot.delivery.store import Outcome, Row
from bot.logs import get_logger

PAUSES = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 3600))
"""Between two tries of a message, growing; the last one repeats."""
OFFLINE_PAUSES = PAUSES[:3]
"""Between two tries while Telegram cannot be reached; these are not counted."""
TRIES = 12
"""So many failed tries, over more than six hours, and a message is given up."""
PATIENCE_SECONDS = 10.0
"""A message whose chat is halted for longer goes back into the queue."""

Renderer = Callable[[Sequence[Row]], Awaitable[Payload | None]]
"""Makes the message from the rows that become it, at the moment of sending; None: there is nothing to say any more."""
Suits = Callable[[int, dt.datetime], Awaitable[dt.datetime]]
"""Says from which moment on, at or after an instant, a chat welcomes a message."""
LATE = dt.timedelta(minutes=15)
"""What is later than this, after an outage, a pause or other tries, keeps the hours of its recipient once more."""

_log = get_logger("lotse.delivery")


@dataclass(slots=True)
class Job:
    """A message on its way.

    Attributes:
        rows: The rows that became it.
        chat_id: Where it goes now.
        begun: Whether a call was made whose effect may be there already.
        closed: Why the chat takes nothing, where it said so.
        message_ids: The messages made so far.
        calls_done: The calls that succeeded.
        file_ids: Telegram's ids of stored files, learned on the way.
    """

    rows: Sequence[Row]
    chat_id: int
    begun: bool = False
    closed: Unreachable | None = None
    message_ids: list[int] = field(default_factory=list)
    calls_done: int = 0
    file_ids: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.message_ids = list(self.rows[0].message_ids)
        self.calls_done = self.rows[0].calls_done

    @property
    def priority(self) -> Priority:
        """Of the first row."""
        return self.rows[0].priority

    @property
    def not_after(self) -> dt.datetime | None:
        """From when on it is not sent any more: the first of its rows says so."""
        return min((row.not_after for row in self.rows if row.not_after), default=None)


class Sending:
    """Makes the calls of a message at the pace that is permitted.

    Args:
        wire: Makes the calls.
        limiter: The pace.
        shelf: The stored files.
        payload_of: Finds what rows say; None: nothing any more.
        clock: What time it is.
        suits: When chats welcome messages; always, if not given.
    """

    def __init__(
        self,
        wire: Wire,
        limiter: Limiter,
        shelf: FileShelf,
        payload_of: Callable[[Sequence[Row]], Awaitable[Payload | None]],
        clock: Clock,
        suits: Suits | None = None,
    ) -> None:
        self._wire = wire
        self._limiter = limiter
        self._shelf = shelf
        self._payload_of = payload_of
        self._clock = clock
        self._suits = suits
        self._offline = 0
        self._last: tuple[Payload, list[Call]] | None = None
        self.latency = 0.0
        """Seconds that the last call took."""

    async def send(self, job: Job) -> Outcome:
        """Send a message; errors become its outcome, only a cancellation leaves."""
        try:
            payload = await self._payload_of(job.rows)
            if payload is None:
                return self._outcome(job, State.CANCELLED, "there was nothing to say any more")
            if (welcome := await self._welcome(job, payload)) is not None:
                return self._later(job, welcome - self._clock.now(), "late, and waits for the recipient's hours")
            async with self._shelf.at_hand(stored_files(payload)) as files:
                for call in self._calls(payload, files)[job.calls_done :]:
                    outcome = await self._make(job, call, files)
                    if outcome is not None:
                        return outcome
        except (DBAPIError, NoConnectionError, OSError) as error:
            if isinstance(error, DataError | IntegrityError | ProgrammingError):
                return self._not_made(job, error)
            _log.warning("the database is away; a message waits for it", reason=type(error).__name__)
            return self._later(job, PAUSES[0], "the database was away")
        except Exception as error:
            return self._not_made(job, error)
        return self._outcome(job, State.SENT)

    def _not_made(self, job: Job, error: Exception) -> Outcome:
        _log.error("message could not be made", rows=[row.id for row in job.rows], exc_info=error)
        return self._outcome(job, State.FAILED, f"it could not be made: {type(error).__name__}: {error}")

    async def _welcome(self, job: Job, payload: Payload) -> dt.datetime | None:
        """When a late message suits, where that is not now.

        What is urgent, or would be too late by then, goes now; edits make no sound.
        """
        now = self._clock.now()
        planned = max(row.not_before for row in job.rows)
        if self._suits is None or now - planned < LATE or job.priority <= Priority.URGENT or job.calls_done:
            return None
        if isinstance(payload, Edit | Delete):
            return None
        welcome = await self._suits(job.chat_id, now - LATE)
        in_time = job.not_after is None or welcome < job.not_after
        return welcome if welcome > now and in_time else None

    def _calls(self, payload: Payload, files: Files) -> list[Call]:
        """The calls of a payload, kept for the next message of the same batch."""
        if files:
            return calls_for(payload, files)
        if self._last is None or self._last[0] is not payload:
            self._last = payload, calls_for(payload, files)
        return self._last[1]

    async def _make(self, job: Job, call: Call, files: Files) -> Outcome | None:
        """Make one call of a message; None: it succeeded."""
        chat_id = job.chat_id if call.count else None
        try:
            async with self._limiter.permit(chat_id, job.priority, max(call.count, 1), PATIENCE_SECONDS):
                if job.not_after is not None and job.not_after <= self._clock.now():
                    return self._outcome(job, State.EXPIRED)
                job.begun = True
                started = time.monotonic()
                try:
                    result = await self._wire.make(call, job.chat_id, job.rows[0].thread_id, files)
                finally:
                    self.latency = time.monotonic() - started
        except HaltedError as error:
            return self._later(job, dt.timedelta(seconds=error.seconds), "halted by Telegram")
        except TelegramError as error:
            return self._after(job, call, error)
        self._limiter.succeeded()
        self._offline = 0
        for number, file_id in learned_file_ids(call, result).items():
            self._shelf.learn(number, file_id)
            job.file_ids[number] = file_id
        job.message_ids += message_ids(result) if call.count and not call.method.startswith("edit") else []
        job.calls_done += 1
        return None

    def _after(self, job: Job, call: Call, error: TelegramError) -> Outcome | None:
        fault = faults.understand(error)
        if not isinstance(fault, faults.Offline):
            self._offline = 0
        match fault:
            case faults.AsWanted():
                job.calls_done += 1
                return None
            case faults.Flooded(seconds):
                self._limiter.flooded(job.chat_id, seconds)
                return self._later(job, dt.timedelta(seconds=seconds), str(error))
            case faults.ChatMoved(new_id):
                outcome = self._later(job, dt.timedelta(), None)
                outcome.moved_to = new_id
                return outcome
            case faults.ChatClosed(why):
                job.closed = why
                outcome = self._outcome(job, State.BLOCKED, str(error))
                outcome.unreachable = True
                return outcome
            case faults.Offline():
                pause = OFFLINE_PAUSES[min(self._offline // 10, len(OFFLINE_PAUSES) - 1)]
                self._offline += 1
                return self._later(job, pause, str(error))
            case faults.Passing(arrived):
                return self._again(job, str(error), arrived and call.count > 0 and not call.method.startswith("edit"))
            case faults.Refused():
                return self._outcome(job, State.FAILED, str(error))

    def _again(self, job: Job, reason: str, arrived: bool) -> Outcome:
        attempts = job.rows[0].attempts + 1
        if attempts >= TRIES:
            outcome = self._outcome(job, State.FAILED, f"given up after {attempts} tries: {reason}")
        else:
            outcome = self._later(job, PAUSES[min(attempts, len(PAUSES)) - 1], reason)
        outcome.attempts = attempts
        outcome.possibly_twice = arrived
        return outcome

    def _later(self, job: Job, pause: dt.timedelta, reason: str | None) -> Outcome:
        outcome = self._outcome(job, State.QUEUED, reason)
        outcome.due_at = self._clock.now() + pause
        return outcome

    def _outcome(self, job: Job, state: State, reason: str | None = None) -> Outcome:
        return Outcome(
            job.rows,
            state,
            self._clock.now(),
            message_ids=tuple(job.message_ids),
            calls_done=job.calls_done,
            attempts=job.rows[0].attempts,
            reason=reason,
            file_ids=job.file_ids,
        )


def payload_source(
    stored: Callable[[Sequence[Row]], Awaitable[Payload]], renderers: Mapping[str, Renderer]
) -> Callable[[Sequence[Row]], Awaitable[Payload | None]]:
    """Finds what rows say: what is stored, or what their renderer makes.

    Args:
        stored: Reads the payload of rows without a renderer.
        renderers: By the name that rows give.
    """

    async def payload_of(rows: Sequence[Row]) -> Payload | None:
        name = rows[0].renderer
        return await (stored(rows) if name is None else renderers[name](rows))

    return payload_of
