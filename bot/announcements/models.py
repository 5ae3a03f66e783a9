"""Tables: announcements from the first draft on, and to whom each went, fixed when its sending started."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.announcements.kinds import State
from bot.database import Base

RowId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True)
_STATES = ", ".join(f"'{state}'" for state in State)


class Announcement(Base):
    """One announcement."""

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_announcements_due", "state", "release_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(10))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`spec.Body` as JSON: what recipients see."""
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`spec.Audience` as JSON: who is meant."""
    digest: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 of the words and files, to notice the same text sent again."""
    version: Mapped[int] = mapped_column(Integer)
    """Grows with each change."""
    author_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Who changed it last; None: somebody who is erased."""
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    release_at: Mapped[dt.datetime | None]
    """When it is to go out."""
    planned: Mapped[bool] = mapped_column(Boolean)
    """Whether that was named beforehand, so that nobody waits for it now."""
    not_after: Mapped[dt.datetime | None]
    """From then on nobody gets it any more; None: a while after its release."""
    released_by: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[dt.datetime | None]
    """When its recipients were fixed."""
    people: Mapped[int] = mapped_column(Integer)
    """How many persons were meant then."""
    meant_towns: Mapped[list[int] | None] = mapped_column(Json)
    """Towns that were meant as such, also those nobody comes from; None: towns were not what was chosen."""
    finished_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    """When nothing was left to send and that was told."""
    withdrawn_at: Mapped[dt.datetime | None]
    spread_version: Mapped[int] = mapped_column(Integer)
    """The version that what arrived is being brought to; less than `version`: that is still to be queued."""
    anew: Mapped[bool] = mapped_column(Boolean)
    """Whether the newest version has other files, so that it is sent anew: a message cannot be changed into it."""
    mended_version: Mapped[int] = mapped_column(Integer)
    """The version of which those got a correction whose message could not be changed."""
    proposal: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Other words and files for what is out, as `bot.content.kept.Content`, that wait for a second person."""
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    """Who wants them."""
    live_chat_id: Mapped[int | None] = mapped_column(BigInteger)
    """Where the message stands that shows how far the sending is."""
    live_message_id: Mapped[int | None] = mapped_column(BigInteger)
    live_at: Mapped[dt.datetime | None]
    """When it was last brought up to date."""


class Addressee(Base):
    """Somebody, or a linked group, whom an announcement is for."""

    __tablename__ = "announcement_recipients"
    __table_args__ = (
        UniqueConstraint("announcement_id", "chat_id", "thread_id"),
        Index("ix_announcement_recipients_page", "announcement_id", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"))
    chat_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """None: somebody who is erased."""
    thread_id: Mapped[int] = mapped_column(BigInteger)
    """The topic of a forum; 0 where there is none."""
    town_id: Mapped[int | None] = mapped_column(ForeignKey("towns.id", ondelete="SET NULL"))
    not_before: Mapped[dt.datetime]
    """When it suits them."""
    skipped: Mapped[str | None] = mapped_column(String(12))
    """Why nothing is sent to them."""
    outcome: Mapped[str | None] = mapped_column(String(10))
    """What became of the message, kept when the sending was over: the outbox knows it by a number that is erased."""
    read_at: Mapped[dt.datetime | None]
    answer: Mapped[int | None] = mapped_column(SmallInteger)
    """Which answer to the question, from 0."""
    answered_at: Mapped[dt.datetime | None]
