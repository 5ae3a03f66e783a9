"""What comes of reading a series: the series, what is known of it so far, or a question."""

import datetime as dt
from dataclasses import dataclass

from bot.dates.outcome import DateQuestion, Reading
from bot.meetings.recurrence.series import Series


@dataclass(frozen=True)
class PendingSeries:
    """A series of which all is known but the time of day.

    Attributes:
        rule: As in `Series`.
        minutes: How long each meeting is; None: not typed.
        left_out: As in `Series`.
    """

    rule: str
    minutes: int | None = None
    left_out: frozenset[dt.date] = frozenset()

    def at(self, first: Reading) -> Series:
        """The series, beginning with a reading of its first meeting."""
        length = first.end.replace(tzinfo=None) - first.start.replace(tzinfo=None)
        minutes = int(length.total_seconds() // 60) if first.end_given or self.minutes is None else self.minutes
        return Series(self.rule, first.start, max(minutes, 1), self.left_out)


@dataclass(frozen=True)
class FoundSeries:
    """A series within a longer text.

    Attributes:
        outcome: The series, or what to ask back.
        first: Its first occurrence as a reading, with notices.
        before: The text before it.
        after: The text after it.
        pending: What is known of it where only its time is asked back.
    """

    outcome: Series | DateQuestion
    first: Reading | None = None
    before: str = ""
    after: str = ""
    pending: PendingSeries | None = None
