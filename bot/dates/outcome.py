"""What comes of reading a date: a reading with its notices, or a question."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from bot.rendering import german_day

DEFAULT_LENGTH = dt.timedelta(hours=2)
"""How long a meeting is taken to be where no end was typed."""


class Notice(StrEnum):
    """Why a date may not be what was meant, although it can be."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    NIGHT = "night"
    FAR = "far"
    """More than a year and a half away: perhaps the year is wrong."""


class Doubt(StrEnum):
    """Why there is no reading yet."""

    UNCLEAR = "unclear"
    """No day was found."""
    NO_DAY = "no_day"
    """How often is clear, on which day is missing."""
    NO_TIME = "no_time"
    """The day is clear, the time is missing."""
    IMPOSSIBLE = "impossible"
    """There is no such day or time."""
    GAP = "gap"
    """The clocks skip this time when summer time begins."""
    OVERLAP = "overlap"
    """The clocks show this time twice when summer time ends."""
    PAST = "past"
    AMBIGUOUS = "ambiguous"
    WEEKDAY = "weekday"
    """The weekday and the date do not fit."""
    END = "end"
    """The end is not after the start."""


@dataclass(frozen=True)
class Reading:
    """A time as understood.

    Attributes:
        start: Aware, in the people's zone.
        end: Likewise, after the start.
        end_given: False where the end is only assumed.
        notices: What to point out.
        holiday: The holiday's German name, if it is one.
    """

    start: dt.datetime
    end: dt.datetime
    end_given: bool = True
    notices: tuple[Notice, ...] = ()
    holiday: str | None = None

    @property
    def zone(self) -> str:
        """The zone's name."""
        return str(self.start.tzinfo)

    def __str__(self) -> str:
        """The full German reading-back: `Do, 12. März 2027, 10:00–12:00`."""
        return german_span(self.start, self.end)


@dataclass(frozen=True)
class DateQuestion:
    """What to ask back.

    Attributes:
        doubt: Why.
        what: What it is about, in German: „31. Februar“, „2:30“; empty where nothing was understood.
        candidates: What could be meant instead, nearest first.
        day: The day, where that much is clear.
    """

    doubt: Doubt
    what: str = ""
    candidates: tuple[Reading, ...] = ()
    day: dt.date | None = None


@dataclass(frozen=True)
class Found:
    """A date within a longer text.

    Attributes:
        outcome: The reading or the question.
        before: The text before it, without the connecting words.
        after: The text after it.
    """

    outcome: Reading | DateQuestion
    before: str = ""
    after: str = ""
    spans: tuple[tuple[int, int], ...] = field(default=(), compare=False)


def german_clock(moment: dt.datetime) -> str:
    """`9:30`; with „Sommerzeit“ or „Winterzeit“ in the hour that comes twice."""
    clock = f"{moment.hour}:{moment.minute:02d}"
    other = moment.replace(fold=1 - moment.fold)
    if moment.utcoffset() == other.utcoffset() or not is_real(moment):
        return clock
    return f"{clock} ({'Winterzeit' if moment.fold else 'Sommerzeit'})"


def german_span(start: dt.datetime, end: dt.datetime) -> str:
    """`Do, 12. März 2027, 10:00–12:00`, or both days in full where it ends on another one."""
    first = f"{german_day(start.date())}, {german_clock(start)}"
    if start.date() == end.date():
        return f"{first}–{german_clock(end)}"
    if end.date() - start.date() == dt.timedelta(1) and end.hour + end.minute == 0:
        return f"{first}–24:00"
    return f"{first} bis {german_day(end.date())}, {german_clock(end)}"


def is_real(moment: dt.datetime) -> bool:
    """Whether a local time exists: not skipped when summer time begins."""
    return moment.astimezone(dt.UTC).astimezone(moment.tzinfo).replace(fold=0) == moment.replace(fold=0)
