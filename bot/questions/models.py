"""Tables: every question with how it was answered, and what each chat was last shown."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base

RowId = BigInteger().with_variant(Integer, "sqlite")


class Question(Base):
    """One question as it was asked, and what came of it. Without a person after `log.KEEP_PERSONS`."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("feedback IN (-1, 1)", name="feedback"),
        Index("ix_questions_open", "handed_over_at", "settled_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    asked_at: Mapped[dt.datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Telegram's id of who asked."""
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    """The chat in which it was asked."""
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    """The message that asked, or whose button did."""
    text: Mapped[str] = mapped_column(Text)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What had been shown before, for a question that may follow up on it."""
    kind: Mapped[str] = mapped_column(String(16))
    """`fact`, `entry`, `list`, `choose` or `none`."""
    facet: Mapped[str | None] = mapped_column(String(32))
    hits: Mapped[list[str]] = mapped_column(JSON)
    """Ids of the entries found, best first."""
    confidence: Mapped[float] = mapped_column(Float)
    """Of the best hit, 0 to 1."""
    feedback: Mapped[int | None] = mapped_column(SmallInteger)
    """1: helpful, -1: not."""
    handed_over_at: Mapped[dt.datetime | None]
    """When it was given to the office."""
    settled_at: Mapped[dt.datetime | None]
    """When the office was done with it."""


class Shown(Base):
    """What a chat was last shown: what „und bis wann?“ and „das zweite“ refer to."""

    __tablename__ = "shown"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    what: Mapped[dict[str, Any]] = mapped_column(JSON)
    shown_at: Mapped[dt.datetime]
