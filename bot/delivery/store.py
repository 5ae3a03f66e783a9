"""The dispatcher's side of the tables: claim what is due, write what became of it, all in few statements.

Core statements on connections, not objects in sessions: this runs for every message. They are written for one
thread or greenlet, see `transactions`.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Table,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.delivery.kinds import Priority, State
from bot.delivery.models import Batch, Delivery, Halt, MovedChat, StoredFile

MERGE_LIMIT = 50
"""Most rows that become one message."""
_CANDIDATES = 4
"""Rows looked at for each that is wanted, since only one a chat is taken."""

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A claimed row."""

    id: int
    what: str
    occasion: str
    recipient: int
    chat_id: int
    thread_id: int | None
    priority: Priority
    batch_id: int | None
    payload: JSON | None
    renderer: str | None
    merge_key: str | None
    not_before: dt.datetime
    not_after: dt.datetime | None
    message_ids: tuple[int, ...]
    calls_done: int
    attempts: int


@dataclass(slots=True)
class Outcome:
    """What became of a message, to be written to all its rows.

    Attributes:
        rows: The rows that became this message.
        state: QUEUED to try again at `due_at`, else the last state.
        settled_at: Now.
        message_ids: The messages in the chat so far.
        calls_done: How many of its calls succeeded.
        attempts: Failed tries so far.
        due_at: When to try again.
        possibly_twice: Whether a try was given up without knowing if it arrived.
        reason: Why it was not sent.
        unreachable: Whether the chat takes nothing any more.
        moved_to: The chat's new number.
        file_ids: Telegram's ids of stored files, learned on the way.
    """

    rows: Sequence[Row]
    state: State
    settled_at: dt.datetime
    message_ids: tuple[int, ...] = ()
    calls_done: int = 0
    attempts: int = 0
    due_at: dt.datetime | None = None
    possibly_twice: bool = False
    reason: str | None = None
    unreachable: bool = False
    moved_to: int | None = None
    file_ids: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PausedBatch:
    """A batch that had too many failures."""

    id: int
    key: str
    reason: str


_outbox = Delivery.__table__
_COLUMNS = [
    Delivery.id,
    Delivery.what,
    Delivery.occasion,
    Delivery.recipient,
    Delivery.chat_id,
    Delivery.thread_id,
    Delivery.priority,
    Delivery.batch_id,
    Delivery.payload,
    Delivery.renderer,
    Delivery.merge_key,
    Delivery.not_before,
    Delivery.not_after,
    Delivery.message_ids,
    Delivery.calls_done,
    Delivery.attempts,
]
_IS_QUEUED = Delivery.state + "" == State.QUEUED.value
"""As `state = 'queued'`, but no index is tempted by it: SQLite would walk all that is queued to find a few rows."""
_WAITING = and_(Delivery.state == State.QUEUED.value, Delivery.held.is_(False))
_IN_TIME = or_(Delivery.not_after.is_(None), Delivery.not_after > bindparam("now"))
_DUE = and_(_WAITING, Delivery.due_at <= bindparam("now"), _IN_TIME)


def _turn(priority: Priority) -> Any:
    """What is due of one priority, as the index has it; a single ordered scan cannot skip what is not due yet."""
    return (
        select(Delivery.id, Delivery.chat_id, Delivery.priority, Delivery.due_at)
        .where(
            _DUE,
            Delivery.priority == int(priority),
            Delivery.chat_id.not_in(bindparam("busy", expanding=True)),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("candidates"))
    )


_turns = [_turn(priority).subquery() for priority in Priority]
_FIND = union_all(*(select(each) for each in _turns))
_FIND_SORTED = select(_FIND.subquery()).order_by("priority", "due_at", "id")
_CLAIM = (
    update(Delivery)
    .where(Delivery.id.in_(bindparam("ids", expanding=True)), _IS_QUEUED, Delivery.held.is_(False))
    .values(state=State.SENDING.value, sender=bindparam("me"))
    .returning(*_COLUMNS)
)
_MERGEABLE = (
    select(Delivery.id)
    .where(
        Delivery.chat_id == bindparam("chat"),
        _IS_QUEUED,
        Delivery.held.is_(False),
        Delivery.due_at <= bindparam("now"),
        _IN_TIME,
        Delivery.merge_key == bindparam("merge"),
        Delivery.renderer == bindparam("made_by"),
    )
    .order_by(Delivery.due_at, Delivery.id)
    .limit(bindparam("most"))
)
_MINE = and_(Delivery.id == bindparam("row"), Delivery.state == State.SENDING.value, Delivery.sender == bindparam("me"))
_WRITTEN: Mapping[str, Any] = {
    "message_ids": bindparam("message_numbers", type_=Delivery.message_ids.type),
    "calls_done": bindparam("done"),
    "attempts": bindparam("tries"),
    "possibly_twice": or_(Delivery.possibly_twice, bindparam("twice")),
    "reason": bindparam("why"),
    "sender": None,
}
_SETTLE = update(Delivery).where(_MINE).values(**_WRITTEN, state=bindparam("becomes"), settled_at=bindparam("now"))
_PAUSED = exists().where(Batch.id == Delivery.batch_id, Batch.paused_at.is_not(None))
_REQUEUED: Mapping[str, Any] = {
    "state": case((Delivery.chat_id == 0, State.CANCELLED.value), else_=State.QUEUED.value),
    "held": case((_PAUSED, True), else_=False),
}
_REQUEUE = update(Delivery).where(_MINE).values(**_WRITTEN, **_REQUEUED, due_at=bindparam("due"))


def claim(connection: Connection, me: str, now: dt.datetime, count: int, busy: Collection[int]) -> list[list[Row]]:
    """Take due messages, the most urgent first, at most one for a chat; in the caller's transaction.

    Args:
        connection: In the transaction whose commit makes the claim known.
        me: Who sends.
        now: The moment.
        count: How many messages at most.
        busy: Chats that take nothing now.

    Returns:
        The rows of each message: one, or several that become one.
    """
    parameters = {"now": now, "busy": list(busy), "candidates": count * _CANDIDATES}
    found = (connection.execute(_FIND_SORTED, parameters)).all()
    chosen: dict[int, int] = {}
    for each in found:
        if len(chosen) < count:
            chosen.setdefault(each.chat_id, each.id)
    if not chosen:
        return []
    ids = list(chosen.values())
    claimed = _claim(connection, me, ids)
    order = {row_id: place for place, row_id in enumerate(ids)}
    firsts = sorted(claimed, key=lambda row: order[row.id])
    return [[first, *(_claim_mergeable(connection, me, now, first))] for first in firsts]


def write(connection: Connection, me: str, outcomes: Sequence[Outcome]) -> list[PausedBatch]:
    """Write what became of messages; in the caller's transaction.

    Returns:
        The batches that this pauses, for too many failures.
    """
    settled = [
        _values(me, outcome, row) for outcome in outcomes if outcome.state != State.QUEUED for row in outcome.rows
    ]
    requeued = [
        _values(me, outcome, row) for outcome in outcomes if outcome.state == State.QUEUED for row in outcome.rows
    ]
    if settled:
        connection.execute(_SETTLE, settled)
    if requeued:
        connection.execute(_REQUEUE, requeued)
    failures: dict[int, int] = {}
    for outcome in outcomes:
        _write_chat(connection, outcome)
        for file, file_id in outcome.file_ids.items():
            connection.execute(update(StoredFile).where(StoredFile.id == file).values(file_id=file_id))
        if outcome.state == State.FAILED:
            for row in outcome.rows:
                if row.batch_id is not None:
                    failures[row.batch_id] = failures.get(row.batch_id, 0) + 1
    paused = []
    for batch_id, count in failures.items():
        batch = _count_failures(connection, batch_id, count, outcomes[-1])
        paused += [batch] if batch else []
    return paused


def release(connection: Connection, me: str) -> None:
    """Give back what is claimed but was not begun, when nothing is in flight any more."""
    connection.execute(
        update(Delivery)
        .where(Delivery.state == State.SENDING.value, Delivery.sender == me)
        .values(**_REQUEUED, sender=None)
    )


def recover(connection: Connection, me: str) -> int:
    """Queue again what a dead sender left: nobody knows whether it arrived. Returns how many rows."""
    result = connection.execute(
        update(Delivery)
        .where(Delivery.state == State.SENDING.value, or_(Delivery.sender.is_(None), Delivery.sender != me))
        .values(**_REQUEUED, possibly_twice=True, reason="the sender died before it knew", sender=None)
    )
    return _count(result)


def expire(connection: Connection, now: dt.datetime) -> int:
    """Settle what came too late; returns how many rows."""
    result = connection.execute(
        update(Delivery)
        .where(Delivery.state == State.QUEUED.value, Delivery.not_after <= now)
        .values(state=State.EXPIRED.value, held=False, settled_at=now)
    )
    return _count(result)


def load_halts(connection: Connection, now: dt.datetime) -> dict[int, float]:
    """Chats and for how many seconds they are still halted; chat 0: the bot."""
    rows = connection.execute(select(Halt.chat_id, Halt.until).where(Halt.until > now))
    return {chat_id: (until - now).total_seconds() for chat_id, until in rows.all()}


def keep_halts(connection: Connection, halts: Mapping[int, float], now: dt.datetime) -> None:
    """Keep halts (chat or 0, seconds) over a restart, and drop those that are over."""
    connection.execute(Halt.__table__.delete().where(Halt.until <= now))  # type: ignore[attr-defined]
    for chat_id, seconds in halts.items():
        row = {"chat_id": chat_id, "until": now + dt.timedelta(seconds=seconds), "asked_at": now}
        _upsert(connection, Halt, "chat_id", row)


def load_moved(connection: Connection) -> dict[int, int]:
    """Old and new numbers of groups that became supergroups."""
    rows = connection.execute(select(MovedChat.old_id, MovedChat.new_id))
    return {old: new for old, new in rows.all()}  # noqa: C416 - rows are no pairs to mypy


def load_batch_payload(connection: Connection, batch_id: int) -> JSON | None:
    """What a batch sends to all."""
    return connection.scalar(select(Batch.payload).where(Batch.id == batch_id))


def _claim_mergeable(connection: Connection, me: str, now: dt.datetime, first: Row) -> list[Row]:
    if first.merge_key is None:
        return []
    values = {"now": now, "chat": first.chat_id, "merge": first.merge_key, "made_by": first.renderer}
    ids = (connection.scalars(_MERGEABLE, values | {"most": MERGE_LIMIT - 1})).all()
    return sorted(_claim(connection, me, list(ids)), key=lambda row: row.id) if ids else []


def _claim(connection: Connection, me: str, ids: list[int]) -> list[Row]:
    rows = (connection.execute(_CLAIM, {"ids": ids, "me": me})).all()
    return [
        Row(**{**row._mapping, "priority": Priority(row.priority), "message_ids": tuple(row.message_ids or ())})
        for row in rows
    ]


def _write_chat(connection: Connection, outcome: Outcome) -> None:
    """What a message taught about its chat, for all that waits for it."""
    if not outcome.unreachable and outcome.moved_to is None:
        return
    waiting = and_(Delivery.chat_id == outcome.rows[0].chat_id, Delivery.state == State.QUEUED.value)
    if outcome.unreachable:
        values = {"state": State.BLOCKED.value, "held": False, "settled_at": outcome.settled_at}
        connection.execute(update(Delivery).where(waiting).values(**values, reason=outcome.reason))
    if outcome.moved_to is not None:
        connection.execute(update(Delivery).where(waiting).values(chat_id=outcome.moved_to))
        row = {"old_id": outcome.rows[0].chat_id, "new_id": outcome.moved_to, "moved_at": outcome.settled_at}
        _upsert(connection, MovedChat, "old_id", row)


def _count_failures(connection: Connection, batch_id: int, count: int, last: Outcome) -> PausedBatch | None:
    errors = Batch.errors + count
    row = (
        connection.execute(
            update(Batch)
            .where(Batch.id == batch_id)
            .values(errors=errors)
            .returning(Batch.key, Batch.errors, Batch.error_limit, Batch.paused_at)
        )
    ).one_or_none()
    if row is None or row.errors < row.error_limit or row.paused_at is not None:
        return None
    reason = f"{row.errors} messages failed, the last: {last.reason}"
    connection.execute(update(Batch).where(Batch.id == batch_id).values(paused_at=last.settled_at, pause_reason=reason))
    connection.execute(
        update(Delivery).where(Delivery.batch_id == batch_id, Delivery.state == State.QUEUED.value).values(held=True)
    )
    return PausedBatch(batch_id, row.key, reason)


def _upsert(connection: Connection, model: type[Halt] | type[MovedChat], key: str, row: JSON) -> None:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    changed = {name: value for name, value in row.items() if name != key}
    connection.execute(dialect.insert(table).values(row).on_conflict_do_update(index_elements=[key], set_=changed))


def _values(me: str, outcome: Outcome, row: Row) -> JSON:
    common = {
        "row": row.id,
        "me": me,
        "message_numbers": list(outcome.message_ids) or None,
        "done": outcome.calls_done,
        "tries": outcome.attempts,
        "twice": outcome.possibly_twice,
        "why": outcome.reason,
    }
    if outcome.state == State.QUEUED:
        return common | {"due": outcome.due_at}
    return common | {"becomes": outcome.state.value, "now": outcome.settled_at}


def _count(result: CursorResult[Any]) -> int:
    return int(result.rowcount)
