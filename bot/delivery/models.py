"""Tables of the one way out: the outbox, batches, files, halts, moved chats, and who sends."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base
from bot.delivery.kinds import State

Json = JSON(none_as_null=True)
RowId = BigInteger().with_variant(Integer, "sqlite")
_STATES = ", ".join(f"'{state}'" for state in State)


class Batch(Base):
    """One sending to many: an announcement, an item of news, an invitation."""

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    """Names the sending, such as `announcement:17`; queueing it twice queues it once."""
    payload: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What every recipient gets whose row holds nothing else."""
    created_at: Mapped[dt.datetime]
    complete: Mapped[bool] = mapped_column(Boolean)
    """Whether all recipients are queued; False after a crash while they were."""
    paused_at: Mapped[dt.datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(Text)
    errors: Mapped[int] = mapped_column(Integer)
    """Messages that failed since it was queued or last resumed."""
    error_limit: Mapped[int] = mapped_column(Integer)
    """At so many the batch pauses."""


class Delivery(Base):
    """One message to one recipient: an outbox row, and later the proof of what became of it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("what", "recipient", "occasion"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_outbox_turn", "state", "held", "priority", "due_at", "id"),
        Index("ix_outbox_expiry", "state", "not_after"),
        Index("ix_outbox_report", "batch_id", "state", "id"),
        Index("ix_outbox_chat", "chat_id", "state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    what: Mapped[str] = mapped_column(String(128))
    """What is sent, such as `meeting:17`."""
    recipient: Mapped[int] = mapped_column(BigInteger)
    """For whom: the Telegram id that was known when it was queued."""
    occasion: Mapped[str] = mapped_column(String(128))
    """Which time, such as `reminder` or `moved:3`."""
    chat_id: Mapped[int] = mapped_column(BigInteger)
    """Where it goes; follows a group that becomes a supergroup."""
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    """The topic of a forum."""
    state: Mapped[str] = mapped_column(String(10))
    held: Mapped[bool] = mapped_column(Boolean)
    """Whether it waits because its batch is paused."""
    priority: Mapped[int] = mapped_column(SmallInteger)
    queued_at: Mapped[dt.datetime]
    not_before: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    """When it is tried (again)."""
    not_after: Mapped[dt.datetime | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id", ondelete="SET NULL"))
    payload: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What is sent, or what the renderer makes it from; None: what the batch says."""
    renderer: Mapped[str | None] = mapped_column(String(32))
    """Who makes the message at the moment of sending."""
    merge_key: Mapped[str | None] = mapped_column(String(64))
    """Rows for one chat with the same key and renderer become one message."""
    message_ids: Mapped[list[int] | None] = mapped_column(Json)
    calls_done: Mapped[int] = mapped_column(SmallInteger)
    """How many of the message's calls succeeded: a long text takes several."""
    attempts: Mapped[int] = mapped_column(SmallInteger)
    """Tries that failed for a reason that may pass."""
    possibly_twice: Mapped[bool] = mapped_column(Boolean)
    """Whether it was sent again after it was not known if it had arrived."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it is blocked, failed or being tried again."""
    sender: Mapped[str | None] = mapped_column(String(36))
    """Who claimed it."""
    settled_at: Mapped[dt.datetime | None]
    """When it reached its last state."""


class StoredFile(Base):
    """A file that is sent to many: uploaded once, then named by the id that Telegram gave it."""

    __tablename__ = "outbox_files"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of kind, name and content."""
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(127))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    file_id: Mapped[str | None] = mapped_column(String(255))
    stored_at: Mapped[dt.datetime]


class Halt(Base):
    """A long pause that Telegram asked for: of one chat, or of the bot (`chat_id` 0)."""

    __tablename__ = "halts"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[dt.datetime]
    asked_at: Mapped[dt.datetime]


class MovedChat(Base):
    """A group that became a supergroup."""

    __tablename__ = "moved_chats"

    old_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    new_id: Mapped[int] = mapped_column(BigInteger)
    moved_at: Mapped[dt.datetime]


class SenderLease(Base):
    """Who sends, where the database has no lock that ends with its holder (SQLite). One row."""

    __tablename__ = "sender_lease"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(36))
    host: Mapped[str] = mapped_column(String(255))
    process: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[float] = mapped_column(Float)
    """Seconds since 1970 by the machine's clock, which a demo does not move."""
