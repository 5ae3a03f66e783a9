"""Tables: working groups, who follows them and how, their news, the feeds they read, the chats that show their news."""

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
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base

RowId = BigInteger().with_variant(Integer, "sqlite")
NO_TOPIC = 0
"""The thread of a chat that is no forum, or of a forum's general topic."""


class WorkingGroup(Base):
    """A working group of the alliance."""

    __tablename__ = "working_groups"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(48), unique=True)
    """Names it in links and with its leads, such as `ag-klima`; never changes."""
    name: Mapped[str] = mapped_column(String(80))
    short: Mapped[str] = mapped_column(String(24))
    """For buttons and the heads of messages, such as „AG Klima“."""
    about: Mapped[str] = mapped_column(Text)
    """What it does, plain German text."""
    led_by: Mapped[str | None] = mapped_column(String(300))
    """Who leads it, beside the persons whom the office made leads."""
    entry_id: Mapped[str | None] = mapped_column(String(64))
    """The knowledge entry that tells more."""
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    """Since when it takes no followers and sends no news; it is kept for what it sent."""


class Subscription(Base):
    """Somebody gets a working group's news. No foreign key to persons: administrators need no row there."""

    __tablename__ = "subscriptions"
    __table_args__ = (CheckConstraint("mode IN ('at_once', 'daily', 'weekly')", name="mode"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
    mode: Mapped[str] = mapped_column(String(8))
    since: Mapped[dt.datetime]


class News(Base):
    """An item of news, from the first draft on."""

    __tablename__ = "news"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'scheduled', 'sent', 'withdrawn')", name="state"),
        Index("ix_news_due", "state", "release_at"),
        Index("ix_news_group", "group_id", "state", "sent_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Telegram's id; None: a feed's item, or somebody who is erased."""
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("feeds.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`bot.content.kept.Content` as JSON; None: nothing is written yet, or it is forgotten."""
    version: Mapped[int] = mapped_column(Integer)
    """Grows with each change of what was delivered."""
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    release_at: Mapped[dt.datetime | None]
    """When it goes out."""
    released_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[dt.datetime | None]
    """When it was handed to the outbox."""
    withdrawn_at: Mapped[dt.datetime | None]
    spread_version: Mapped[int] = mapped_column(Integer)
    """The version that is queued for everybody; less than `version`: a change is still to be. Negative: the item itself
    is still to be queued, and this is the version that it had when that began."""


class Feed(Base):
    """An RSS or Atom feed that a working group follows."""

    __tablename__ = "feeds"
    __table_args__ = (UniqueConstraint("group_id", "url"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(1000))
    title: Mapped[str] = mapped_column(String(200))
    direct: Mapped[bool] = mapped_column(Boolean)
    """Whether new items go straight out; else they wait as drafts for a lead's tap."""
    etag: Mapped[str | None] = mapped_column(String(400))
    last_modified: Mapped[str | None] = mapped_column(String(100))
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime]
    next_check_at: Mapped[dt.datetime] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(SmallInteger)
    """Checks that failed one after the other."""
    error: Mapped[str | None] = mapped_column(String(300))
    """Why the last check failed, in German."""
    broken_since: Mapped[dt.datetime | None]
    """Since when it is reported as broken."""


class FeedItem(Base):
    """An item of a feed that was seen, so that it comes once."""

    __tablename__ = "feed_items"

    feed_id: Mapped[int] = mapped_column(ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what identifies the item."""
    seen_at: Mapped[dt.datetime]


class LinkedChat(Base):
    """A Telegram group or channel, or one topic of a forum, that may show a working group's news."""

    __tablename__ = "linked_chats"
    __table_args__ = (
        UniqueConstraint("chat_id", "thread_id"),
        CheckConstraint("state IN ('waiting', 'linked', 'gone')", name="state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    thread_id: Mapped[int] = mapped_column(BigInteger)
    """`NO_TOPIC` where there is none."""
    title: Mapped[str] = mapped_column(String(160))
    state: Mapped[str] = mapped_column(String(8))
    """`waiting` for a lead, `linked`, or `gone`: the bot was removed."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("working_groups.id", ondelete="CASCADE"), index=True)
    added_by: Mapped[int | None] = mapped_column(BigInteger)
    added_at: Mapped[dt.datetime]
    linked_by: Mapped[int | None] = mapped_column(BigInteger)
    linked_at: Mapped[dt.datetime | None]
