"""Reads how somebody wants to be written to, in their own words: „werktags 8–17 Uhr, täglich gebündelt“."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from bot.dates.outcome import DateQuestion, Doubt
from bot.dates.reader import DateReader
from bot.delivery.quiet import Mode

_DAYS = {
    "montag": 0, "mo": 0, "dienstag": 1, "di": 1, "mittwoch": 2, "mi": 2, "donnerstag": 3, "do": 3, "freitag": 4,
    "fr": 4, "samstag": 5, "sonnabend": 5, "sa": 5, "sonntag": 6, "so": 6,
}  # fmt: skip
_DAY = r"\b(" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")(?:s|en)?\b\.?"
_RANGE = re.compile(_DAY + r"\s*(?:-|–|—|bis)\s*" + _DAY)
_SINGLE = re.compile(_DAY)
_EVERY_DAY = re.compile(r"jeden tag|alle tage|an allen tagen|auch am wochenende|mo\s*-\s*so")
_WORKDAYS = re.compile(r"\b(?:werktags?|wochentags?|an werktagen|unter der woche|arbeitstags?)\b")
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr|h)?"
_HOURS = re.compile(r"(?<![\d.:])(?:von\s+)?" + _CLOCK + r"\s*(?:-|–|—|bis)\s*" + _CLOCK + r"(?![\d.:])")
_FROM = re.compile(r"\b(?:ab|nicht vor|erst ab)\s+" + _CLOCK + r"(?![\d.:])")
_UNTIL = re.compile(r"\b(?:bis|nicht nach|nur bis)\s+" + _CLOCK + r"(?![\d.:])")
_ALL_DAY = re.compile(r"rund um die uhr|jederzeit|zu jeder zeit|ganztags")
_AT_ONCE = re.compile(r"\b(?:sofort|gleich|einzeln|direkt)\b")
_DAILY = re.compile(r"\b(?:täglich|taeglich|tagesübersicht|einmal (?:am|pro) tag)\b")
_WEEKLY = re.compile(r"\b(?:wöchentlich|woechentlich|wochenübersicht|einmal (?:die|pro|in der) woche)\b")
_NO_HOLIDAYS = re.compile(
    r"\b(?:nicht an feiertagen|feiertags nicht|keine feiertage|ohne feiertage|außer feiertags?)\b"
)
_HOLIDAYS = re.compile(r"\b(?:auch (?:an )?feiertag\w*|feiertags auch|mit feiertagen)\b")
_NO_PAUSE = re.compile(r"\b(?:keine pause|pause (?:beenden|aus|vorbei)|weiter schreiben)\b")
_PAUSE = re.compile(r"\b(?:pause|urlaub|abwesend|nichts)\b.*?\bbis\b(.*)", re.DOTALL)


@dataclass
class Wishes:
    """What was understood.

    Attributes:
        times: Changes of the push times, as `PushTimes.change` takes them.
        mode: How often all groups write; None: nothing was said.
        doubt: What was not understood, in German; empty: nothing.
    """

    times: dict[str, Any] = field(default_factory=dict)
    mode: Mode | None = None
    doubt: str = ""

    @property
    def anything(self) -> bool:
        """Whether anything was understood."""
        return bool(self.times) or self.mode is not None


def read_wishes(text: str, dates: DateReader) -> Wishes:
    """Read wishes; what is not said stays as it is.

    Args:
        text: As typed.
        dates: Reads the day until which to pause.
    """
    words, wishes = " ".join(text.casefold().split()), Wishes()
    if pause := _PAUSE.search(words):
        wishes.times["paused_until"] = _first_day_after(pause[1], dates)
        if wishes.times["paused_until"] is None:
            del wishes.times["paused_until"]
            wishes.doubt = "Bis wann die Pause dauert, habe ich nicht verstanden."
        words = words[: pause.start()]
    elif _NO_PAUSE.search(words):
        wishes.times["paused_until"] = None
    if hours := _read_hours(words):
        start, end = hours
        if isinstance(start, str):
            wishes.doubt = start
        else:
            wishes.times |= {"start": start} if start is not None else {}
            wishes.times |= {"end": end} if isinstance(end, dt.time) else {}
    without_hours = _HOURS.sub(" ", words)
    if days := _read_days(without_hours):
        wishes.times["weekdays"] = days
    if _NO_HOLIDAYS.search(words):
        wishes.times["holidays_off"] = True
    elif _HOLIDAYS.search(words):
        wishes.times["holidays_off"] = False
    for pattern, mode in ((_WEEKLY, Mode.WEEKLY), (_DAILY, Mode.DAILY), (_AT_ONCE, Mode.AT_ONCE)):
        if pattern.search(words):
            wishes.mode = mode
            break
    return wishes


def read_last_day(text: str, dates: DateReader) -> dt.date | None:
    """The day that a text names; None: none, or not for certain."""
    outcome = dates.read(text)
    if not isinstance(outcome, DateQuestion):
        return outcome.start.date()
    return outcome.day if outcome.doubt is Doubt.NO_TIME else None


def _first_day_after(text: str, dates: DateReader) -> dt.date | None:
    last = read_last_day(text, dates)
    return last + dt.timedelta(days=1) if last is not None else None


def _read_days(words: str) -> frozenset[int] | None:
    if _EVERY_DAY.search(words):
        return frozenset(range(7))
    found: set[int] = set()
    if _WORKDAYS.search(words):
        found |= set(range(5))
    for first, last in _RANGE.findall(words):
        begin, end = _DAYS[first], _DAYS[last]
        found |= {day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)}
    found |= {_DAYS[each] for each in _SINGLE.findall(_RANGE.sub(" ", words))}
    if re.search(r"\bwochenende\b", words):
        found |= {5, 6}
    return frozenset(found) or None


def _read_hours(words: str) -> tuple[dt.time | str | None, dt.time | None] | None:
    if _ALL_DAY.search(words):
        return dt.time(), dt.time()
    if match := _HOURS.search(words):
        start, end = _time(match[1], match[2]), _time(match[3], match[4])
        if start is None or end is None:
            return "Diese Uhrzeiten gibt es nicht.", None
        if end != dt.time() and start >= end:
            return "Das Ende liegt nicht nach dem Beginn.", None
        return start, end
    begin, finish = _FROM.search(words), _UNTIL.search(words)
    start = _time(begin[1], begin[2]) if begin else None
    end = _time(finish[1], finish[2]) if finish else None
    return (start, end) if start is not None or end is not None else None


def _time(hour: str, minute: str | None) -> dt.time | None:
    hours, minutes = int(hour), int(minute or 0)
    if hours == 24 and minutes == 0:
        return dt.time()
    return dt.time(hours, minutes) if hours < 24 and minutes < 60 else None
