"""A series: a recurrence rule on the wall clock, and the days that are left out."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from dateutil.rrule import rrulestr

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_EXPANDED = 5000
"""How many occurrences are gone through before a series counts as ended."""


class UnknownRuleError(ValueError):
    """The rule is not one that meetings can follow."""


@dataclass(frozen=True)
class Occurrence:
    """One meeting of a series.

    Attributes:
        day: The local day that the rule names; it identifies the occurrence.
        start: Aware, in the series' zone.
        end: Likewise.
    """

    day: dt.date
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class Series:
    """When a meeting comes again. The wall clock time stays when summer time begins or ends.

    Attributes:
        rule: An RRULE value of RFC 5545, `UNTIL` in local time.
        start: The first occurrence, aware, in the people's zone.
        minutes: How long each is on the wall clock.
        left_out: Local days of occurrences that do not take place.
    """

    rule: str
    start: dt.datetime
    minutes: int
    left_out: frozenset[dt.date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        check_rule(self.rule)
        if self.start.tzinfo is None or self.minutes <= 0:
            raise ValueError("a series needs a start with a zone and a length")

    def occurrences(self) -> Iterator[Occurrence]:
        """All occurrences in order, without those left out."""
        wall = self.start.replace(tzinfo=None, fold=0)
        for begin in islice(rrulestr(self.rule, dtstart=wall), MOST_EXPANDED):
            if begin.date() not in self.left_out:
                end = begin + dt.timedelta(minutes=self.minutes)
                start, finish = self._real(begin), self._real(end)
                if finish <= start:
                    finish = (start.astimezone(dt.UTC) + dt.timedelta(minutes=self.minutes)).astimezone(start.tzinfo)
                yield Occurrence(begin.date(), start, finish)

    def after(self, moment: dt.datetime, limit: int = 1) -> list[Occurrence]:
        """The next occurrences that start after a moment, at most `limit`."""
        moment = moment.astimezone(dt.UTC)
        later = (each for each in self.occurrences() if each.start.astimezone(dt.UTC) > moment)
        return list(islice(later, limit))

    def between(self, start: dt.datetime, end: dt.datetime) -> list[Occurrence]:
        """The occurrences that start within [start, end)."""
        first, last = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
        found = []
        for each in self.occurrences():
            moment = each.start.astimezone(dt.UTC)
            if moment >= last:
                break
            if moment >= first:
                found.append(each)
        return found

    def without(self, day: dt.date) -> "Series":
        """The same series without the occurrence of a day."""
        return Series(self.rule, self.start, self.minutes, self.left_out | {day})

    def _real(self, wall: dt.datetime) -> dt.datetime:
        """The moment of a wall clock time: one that the clocks skip is what they show then, the first of two."""
        zone = self.start.tzinfo
        return wall.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone)


def rule_parts(rule: str) -> dict[str, str]:
    """The parts of a rule by name, upper case."""
    pairs = (part.partition("=") for part in rule.strip().removeprefix("RRULE:").upper().split(";") if part)
    return {name: value for name, _, value in pairs}


def check_rule(rule: str) -> None:
    """Refuse what cannot be followed.

    Raises:
        UnknownRuleError: It is no rule, comes more often than daily, or has parts that meetings do not need.
    """
    parts = rule_parts(rule)
    if parts.get("FREQ") not in FREQUENCIES or set(parts) - PARTS:
        raise UnknownRuleError(rule)
    if "UNTIL" in parts and "Z" in parts["UNTIL"]:
        raise UnknownRuleError("UNTIL must be in local time")
    try:
        rrulestr(rule, dtstart=dt.datetime(2027, 1, 1))  # noqa: DTZ001 - wall clock time
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise UnknownRuleError(rule) from error


def until_text(day: dt.date) -> str:
    """The `UNTIL` of a rule whose last occurrence may be on that local day."""
    return f"{day:%Y%m%d}T235959"
