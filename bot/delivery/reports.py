"""What became of it: progress of a batch, who got it and who not, what may have arrived twice."""

import datetime as dt
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.database import Database
from bot.delivery.kinds import State
from bot.delivery.models import Batch, Delivery, Halt

PAGE = 500
"""Rows that a report reads at a time."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch in numbers.

    Attributes:
        counts: Messages by state; a state that no message is in is 0.
        held: Those of the queued that wait because the batch is paused.
        possibly_twice: Those that were sent again after it was not known if they had arrived.
        complete: Whether all recipients are queued.
        paused_at: Since when the batch is paused; None: it is not.
        pause_reason: Why.
    """

    counts: dict[State, int]
    held: int
    possibly_twice: int
    complete: bool
    paused_at: dt.datetime | None
    pause_reason: str | None

    @property
    def total(self) -> int:
        """All messages of the batch."""
        return sum(self.counts.values())

    @property
    def finished(self) -> bool:
        """Whether nothing will be sent any more."""
        return self.complete and not self.counts[State.QUEUED] and not self.counts[State.SENDING]


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one message.

    Attributes:
        id: Its number in the outbox.
        recipient: For whom it was.
        chat_id: Where it went.
        state: What became of it.
        message_ids: The messages in the chat; for edits and withdrawals.
        possibly_twice: Whether it may have arrived twice.
        reason: Why it did not arrive, as Telegram says it.
        settled_at: When that was known; None: it is not settled.
    """

    id: int
    recipient: int
    chat_id: int
    state: State
    message_ids: tuple[int, ...]
    possibly_twice: bool
    reason: str | None
    settled_at: dt.datetime | None


class Reports:
    """Reads the outbox; changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def progress(self, batch_id: int) -> Progress:
        """How far a batch is.

        Raises:
            LookupError: There is no such batch.
        """
        counted = (
            select(Delivery.state, Delivery.held, Delivery.possibly_twice, func.count())
            .where(Delivery.batch_id == batch_id)
            .group_by(Delivery.state, Delivery.held, Delivery.possibly_twice)
        )
        async with self._database.reading() as session:
            batch = await session.get(Batch, batch_id)
            if batch is None:
                raise LookupError(f"there is no batch {batch_id}")
            rows = (await session.execute(counted)).all()
        counts = dict.fromkeys(State, 0)
        for state, _, _, count in rows:
            counts[State(state)] += count
        return Progress(
            counts,
            held=sum(count for _, held, _, count in rows if held),
            possibly_twice=sum(count for _, _, twice, count in rows if twice),
            complete=batch.complete,
            paused_at=batch.paused_at,
            pause_reason=batch.pause_reason,
        )

    async def find_batch(self, key: str) -> int | None:
        """The number of the batch with this key."""
        async with self._database.reading() as session:
            return await session.scalar(select(Batch.id).where(Batch.key == key))

    async def reasons(self, batch_id: int) -> dict[str, int]:
        """Why messages of a batch failed or were blocked, and how many of each."""
        wanted = (
            select(Delivery.reason, func.count())
            .where(Delivery.batch_id == batch_id, Delivery.state.in_((State.FAILED, State.BLOCKED)))
            .group_by(Delivery.reason)
        )
        async with self._database.reading() as session:
            return {reason or "": count for reason, count in (await session.execute(wanted)).all()}

    async def proofs(
        self, batch_id: int, states: Collection[State] | None = None, *, possibly_twice: bool = False
    ) -> AsyncIterator[Proof]:
        """What became of each message of a batch, by state and in the order of queueing, read page by page.

        Args:
            batch_id: The batch.
            states: Only those in these states.
            possibly_twice: Only those that may have arrived twice.
        """
        for state in State if states is None else states:
            after, more = 0, True
            while more:
                wanted = select(Delivery).where(
                    Delivery.batch_id == batch_id, Delivery.state == state, Delivery.id > after
                )
                if possibly_twice:
                    wanted = wanted.where(Delivery.possibly_twice)
                async with self._database.reading() as session:
                    page = (await session.scalars(wanted.order_by(Delivery.id).limit(PAGE))).all()
                for row in page:
                    yield _proof(row)
                more = len(page) == PAGE
                after = page[-1].id if page else after

    async def sent(self, what: str, occasion: str, recipient: int) -> Proof | None:
        """What became of one message; None: it was never queued."""
        wanted = select(Delivery).where(
            Delivery.what == what, Delivery.occasion == occasion, Delivery.recipient == recipient
        )
        async with self._database.reading() as session:
            row = await session.scalar(wanted)
            return _proof(row) if row else None

    async def halts(self, now: dt.datetime) -> dict[int, dt.datetime]:
        """Until when Telegram halts which chats, for the long pauses only; chat 0: the whole bot."""
        async with self._database.reading() as session:
            rows = await session.execute(select(Halt.chat_id, Halt.until).where(Halt.until > now))
            return {chat_id: until for chat_id, until in rows.all()}  # noqa: C416 - rows are no pairs to mypy


def _proof(row: Delivery) -> Proof:
    return Proof(
        row.id,
        row.recipient,
        row.chat_id,
        State(row.state),
        tuple(row.message_ids or ()),
        row.possibly_twice,
        row.reason,
        row.settled_at,
    )
