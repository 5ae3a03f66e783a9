"""Tables: meetings, series, replies, papers, what is said when, calendar links and calendars, watched deadlines."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
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
from bot.meetings.kinds import Answer, State

RowId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True)
_STATES = ", ".join(f"'{state}'" for state in State)
_ANSWERS = ", ".join(f"'{answer}'" for answer in Answer)


class MeetingSeries(Base):
    """A meeting that comes again; each occurrence is a meeting of its own."""

    __tablename__ = "meeting_series"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    rule: Mapped[str] = mapped_column(String(200))
    """RRULE of RFC 5545, `UNTIL` in local time."""
    zone: Mapped[str] = mapped_column(String(64))
    starts_local: Mapped[str] = mapped_column(String(16))
    """The first start on the wall clock, `2027-03-12T10:00`."""
    minutes: Mapped[int] = mapped_column(Integer)
    left_out: Mapped[list[str]] = mapped_column(JSON)
    """Local days without a meeting."""
    extend_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    """When further meetings are to be added; None: there are no more."""
    planned_until: Mapped[dt.datetime]
    """Occurrences that start before are meetings already."""
    created_at: Mapped[dt.datetime]


class Meeting(Base):
    """One meeting. Its local time is kept beside the moment, so that a change of the zone's rules can be seen."""

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("seats > 0", name="seats"),
        UniqueConstraint("series_id", "occurrence"),
        Index("ix_meetings_time", "state", "starts_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    """In calendar files; never changes."""
    sequence: Mapped[int] = mapped_column(Integer)
    """Raised with each change that calendars must know."""
    moves: Mapped[int] = mapped_column(Integer)
    """Raised with each change of the time."""
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    for_all: Mapped[bool] = mapped_column(Boolean)
    """Everybody is invited, not only working groups."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    zone: Mapped[str] = mapped_column(String(64))
    starts_local: Mapped[str] = mapped_column(String(16))
    ends_local: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(300))
    video_link: Mapped[str] = mapped_column(String(500))
    host_town: Mapped[str] = mapped_column(String(120))
    agenda: Mapped[str] = mapped_column(Text)
    seats: Mapped[int | None] = mapped_column(Integer)
    reply_by: Mapped[dt.datetime | None]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_series.id", ondelete="SET NULL"))
    occurrence: Mapped[dt.date | None] = mapped_column(Date)
    """The local day that the series' rule names."""
    created_by: Mapped[int | None] = mapped_column(BigInteger, index=True)
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(500))
    minutes_text: Mapped[str] = mapped_column(Text)
    minutes_at: Mapped[dt.datetime | None]
    """When they were sent; None: not yet, or withdrawn."""
    minutes_version: Mapped[int] = mapped_column(Integer, server_default="0")
    """Raised with each correction and withdrawal of minutes that were sent."""


class MeetingGroup(Base):
    """A working group that is invited."""

    __tablename__ = "meeting_groups"

    meeting_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    group_key: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class Reply(Base):
    """Somebody's answer to an invitation, and whether they came."""

    __tablename__ = "meeting_replies"
    __table_args__ = (CheckConstraint(f"answer IN ({_ANSWERS})", name="answer"),)

    meeting_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)
    answer: Mapped[str | None] = mapped_column(String(8))
    """None: not answered yet, for example a deputy who was only named."""
    waiting_since: Mapped[dt.datetime | None]
    """On the waiting list since then."""
    deputy_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Who comes instead."""
    deputy_for: Mapped[int | None] = mapped_column(BigInteger)
    attended: Mapped[bool | None] = mapped_column(Boolean)
    answered_at: Mapped[dt.datetime | None]


class Paper(Base):
    """A document or picture of a meeting, as Telegram keeps it."""

    __tablename__ = "meeting_papers"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[str] = mapped_column(String(255))
    file_unique_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10), server_default="document")
    """`kinds.PaperKind`: Telegram sends a picture and a file in ways of their own."""
    name: Mapped[str] = mapped_column(String(255))
    of_minutes: Mapped[bool] = mapped_column(Boolean)
    """Belongs to the minutes, not to the invitation."""
    added_at: Mapped[dt.datetime]


class Notice(Base):
    """Something to say about a meeting at a time: invitation, reminder, change. Found by asking what is due."""

    __tablename__ = "meeting_notices"
    __table_args__ = (
        UniqueConstraint("meeting_id", "kind", "occasion"),
        Index("ix_meeting_notices_due", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    occasion: Mapped[str] = mapped_column(String(40))
    """Which one: the same is said once."""
    due_at: Mapped[dt.datetime]
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    done_at: Mapped[dt.datetime | None]


class ReminderChoice(Base):
    """When somebody wants reminders: in general (`meeting_id` 0) or for one meeting."""

    __tablename__ = "reminder_choices"

    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    meeting_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """0: all meetings for which nothing else is chosen."""
    chosen: Mapped[int] = mapped_column(SmallInteger)
    """A bit for each of `kinds.Before`."""


class CalendarLink(Base):
    """Somebody's private calendar address."""

    __tablename__ = "calendar_links"

    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(48), unique=True)
    created_at: Mapped[dt.datetime]


class Watch(Base):
    """Somebody wants to be reminded of a programme's deadline."""

    __tablename__ = "watched_deadlines"

    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(String(120), primary_key=True, index=True)
    deadline: Mapped[dt.date | None] = mapped_column(Date)
    """As it was known when it was last looked at; None: the programme has no fixed one."""
    due_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    """The next reminder."""
    due_days: Mapped[int | None] = mapped_column(SmallInteger)
    """How many days before the deadline that is."""
    created_at: Mapped[dt.datetime]


class FollowedCalendar(Base):
    """Somebody else's calendar (.ics address) that a working group follows."""

    __tablename__ = "followed_calendars"
    __table_args__ = (UniqueConstraint("group_key", "url"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    group_key: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(1000))
    title: Mapped[str] = mapped_column(String(200))
    direct: Mapped[bool] = mapped_column(Boolean)
    """Whether new and changed events go straight out; else a lead decides."""
    etag: Mapped[str | None] = mapped_column(String(400))
    last_modified: Mapped[str | None] = mapped_column(String(100))
    created_by: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Who answers for it and is told; None: somebody who is erased, until another lead takes it over."""
    created_at: Mapped[dt.datetime]
    next_check_at: Mapped[dt.datetime] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(SmallInteger)
    """Checks that failed one after the other."""
    error: Mapped[str | None] = mapped_column(String(300))
    """Why the last check failed, in German."""


class FollowedEvent(Base):
    """An event of a followed calendar, and the meeting that it became."""

    __tablename__ = "followed_events"
    __table_args__ = (UniqueConstraint("calendar_id", "key"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("followed_calendars.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what identifies the event in its calendar: UID, and for a series the occurrence."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what it says."""
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it says, as `bot.meetings.following.Said`."""
    starts_at: Mapped[dt.datetime]
    waiting: Mapped[bool] = mapped_column(Boolean)
    """Whether a lead has not decided yet on what it says."""
    told: Mapped[bool] = mapped_column(Boolean)
    """Whether they know."""
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id", ondelete="SET NULL"), index=True)
