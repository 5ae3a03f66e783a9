"""The words of meetings: states, answers, what is said when, and how long before."""

import datetime as dt
from dataclasses import dataclass
from enum import IntFlag, StrEnum


class State(StrEnum):
    """What a meeting is at."""

    DRAFT = "draft"
    """Being written; nobody else knows."""
    PLANNED = "planned"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """To an invitation."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class NoticeKind(StrEnum):
    """What is said about a meeting."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    NUDGE = "nudge"
    """To those alone who have not replied."""
    MOVED = "moved"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    MINUTES_ASKED = "asked"
    """To the lead, after the meeting."""
    MINUTES = "minutes"
    MINUTES_BACK = "back"
    """The minutes that were sent do not hold any more."""
    SEAT = "seat"
    """The waiting list moved up."""
    DEPUTY = "deputy"


class PaperKind(StrEnum):
    """How Telegram keeps a document."""

    DOCUMENT = "document"
    PHOTO = "photo"


class Before(IntFlag):
    """How long before a meeting somebody is reminded."""

    TWO_WEEKS = 1
    WEEK = 2
    THREE_DAYS = 4
    DAY = 8
    THREE_HOURS = 16
    HOUR = 32


@dataclass(frozen=True)
class Lead:
    """How long before: whole days (then on a working day at 8:00) or hours."""

    days: int = 0
    hours: int = 0


LEADS = {
    Before.TWO_WEEKS: Lead(days=14),
    Before.WEEK: Lead(days=7),
    Before.THREE_DAYS: Lead(days=3),
    Before.DAY: Lead(days=1),
    Before.THREE_HOURS: Lead(hours=3),
    Before.HOUR: Lead(hours=1),
}
DEFAULT_BEFORE = Before.WEEK | Before.DAY | Before.HOUR
REMINDER_CLOCK = dt.time(8)
"""When reminders whole days before come."""
