"""Reads a date and time out of a German text, and says what it is not sure of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import holidays

from bot.clock import Clock
from bot.dates.days import DayPhrase, read_careless_date, read_day
from bot.dates.outcome import (
    DEFAULT_LENGTH,
    DateQuestion,
    Doubt,
    Found,
    Notice,
    Reading,
    german_clock,
    is_real,
)
from bot.dates.times import TimePhrase, at_minutes, read_times
from bot.dates.words import Kind, Token, scan

FAR_AWAY = dt.timedelta(days=548)
"""What is further ahead is pointed out: perhaps the year is wrong."""
EARLIEST, LATEST = dt.time(7), dt.time(21)
"""What starts earlier or later is pointed out."""
MOST_CANDIDATES = 4
LONGEST = 2000
"""Characters that are read; a date further behind is not found."""


class DateReader:
    """Reads German dates as people type them.

    Args:
        clock: What is past and what „morgen“ is.
        zone: People's time zone.
    """

    def __init__(self, clock: Clock, zone: dt.tzinfo) -> None:
        self._clock = clock
        self._zone = zone

    def today(self) -> dt.date:
        """Today, where the people are."""
        return self._clock.now().astimezone(self._zone).date()

    def read(self, text: str) -> Reading | DateQuestion:
        """The date and time that a text says; words around it do not disturb."""
        return self.find(text).outcome

    def find(self, text: str) -> Found:
        """The date and time within a longer text, and what stands before and after them."""
        tokens = scan(text[:LONGEST])
        now = self._clock.now().astimezone(self._zone)
        placed = _find_day(tokens, now.date())
        if placed is None:
            return Found(DateQuestion(Doubt.UNCLEAR), text.strip())
        begin, day = placed
        times = _find_times(tokens, begin, day)
        outcome = self._combine(day, times, now)
        if times and times.spans and times.end_fits and (until := self._until(tokens, times, outcome, now)):
            outcome, stop = until
            times = TimePhrase(times.spans, times.begin, stop)
        return _cut(text, tokens, (begin, day.stop), times, outcome)

    def read_clock(self, text: str, day: dt.date) -> Reading | DateQuestion:
        """A time alone, for a day that is known already."""
        return self.on_day(day, read_times(scan(text[:LONGEST]), 0, after_day=True))

    def on_day(self, day: dt.date, times: TimePhrase | None) -> Reading | DateQuestion:
        """A time as typed, on a day that is known."""
        return self._combine(DayPhrase((day,), 0), times, self._clock.now().astimezone(self._zone))

    def make(self, start: dt.datetime, end: dt.datetime | None = None) -> Reading:
        """A reading of moments that are known, with its notices."""
        start = start.astimezone(self._zone)
        return self._noticed(start, end.astimezone(self._zone) if end else None, self._clock.now())

    # Within ----------------------------------------------------------------------------------------------------------

    def _combine(self, day: DayPhrase, times: TimePhrase | None, now: dt.datetime) -> Reading | DateQuestion:
        if not day.days:
            return DateQuestion(day.doubt or Doubt.UNCLEAR, day.what)
        if times is None:
            doubt = day.doubt or Doubt.NO_TIME
            return DateQuestion(doubt, day.what, day=day.days[0] if len(day.days) == 1 and not day.doubt else None)
        if not times.spans:
            return DateQuestion(Doubt.IMPOSSIBLE, times.what, day=None if day.doubt else day.days[0])
        possible, skipped = self._readings(day, times, now)
        if day.doubt:
            return DateQuestion(day.doubt, day.what, _ahead(possible, now))
        if not times.end_fits:
            return DateQuestion(Doubt.END, times.what, _ahead(possible, now), day.days[0])
        if not possible:
            return self._gap(skipped, now)
        ahead = _ahead(possible, now)
        if not ahead:
            return DateQuestion(Doubt.PAST, str(possible[0]), self._next(possible[0], now))
        if len(ahead) == 1:
            return ahead[0]
        same_clock = len({(each.start.date(), german_clock(each.start)[:5]) for each in ahead}) == 1
        clock = german_clock(ahead[0].start).partition(" ")[0]
        return DateQuestion(Doubt.OVERLAP if same_clock else Doubt.AMBIGUOUS, clock if same_clock else "", ahead)

    def _readings(self, day: DayPhrase, times: TimePhrase, now: dt.datetime) -> tuple[list[Reading], list[dt.datetime]]:
        """All that could be meant, and the times among them that the clocks skip."""
        possible, skipped = [], []
        for date in day.days:
            for begin, finish in times.spans:
                start = at_minutes(date, begin, self._zone)
                last = day.last_day if day.last_day and day.last_day >= date else date
                end = at_minutes(last, finish, self._zone) if finish is not None else None
                assumed = None
                if (
                    end is None and last > date
                ):  # „12.–13.3. 10 Uhr“: on the last day, as long as one is assumed to last
                    assumed = at_minutes(last, begin, self._zone) + DEFAULT_LENGTH
                if not is_real(start):
                    skipped.append(start)
                    continue
                read = [self._noticed(each, end, now) for each in _folds(start)]
                possible += [replace(each, end=assumed) if assumed else each for each in read]
        return possible, skipped

    def _gap(self, skipped: Sequence[dt.datetime], now: dt.datetime) -> DateQuestion:
        start = skipped[0]
        hour = dt.timedelta(hours=1)
        beside = [self._noticed(start + hour, None, now), self._noticed(start - hour, None, now)]
        clock = f"{start.hour}:{start.minute:02d}"
        return DateQuestion(Doubt.GAP, clock, _ahead(beside, now), start.date())

    def _next(self, past: Reading, now: dt.datetime) -> tuple[Reading, ...]:
        """The same clock time tomorrow, or as soon as it comes."""
        days = (now.date() + dt.timedelta(n) for n in range(3))
        found = (self._noticed(dt.datetime.combine(day, past.start.time(), self._zone), None, now) for day in days)
        return _ahead([each for each in found if is_real(each.start)], now)[:1]

    def _until(
        self, tokens: Sequence[Token], times: TimePhrase, outcome: Reading | DateQuestion, now: dt.datetime
    ) -> tuple[Reading | DateQuestion, int] | None:
        """An end on another day: „12.3. 14 Uhr bis 13.3. 12 Uhr“."""
        at = times.stop
        if not isinstance(outcome, Reading) or at + 1 >= len(tokens) or tokens[at].kind is not Kind.DASH:
            return None
        day = read_day(tokens, at + 1, outcome.start.date())
        if day is None or day.doubt or not day.days:
            return None
        finish = read_times(tokens, day.stop, after_day=True)
        if finish is None or not finish.spans:
            return None
        end = at_minutes(day.days[0], finish.spans[0][0], self._zone)
        if end <= outcome.start:
            return DateQuestion(Doubt.END, str(outcome), (), outcome.start.date()), finish.stop
        return self._noticed(outcome.start, end, now), finish.stop

    def _noticed(self, start: dt.datetime, end: dt.datetime | None, now: dt.datetime) -> Reading:
        end = _after_start(end, start) if end is not None else None
        holiday = thuringian_holiday(start.date())
        checks = {
            Notice.HOLIDAY: holiday is not None,
            Notice.WEEKEND: start.weekday() >= 5 and holiday is None,
            Notice.NIGHT: not EARLIEST <= start.time() <= LATEST,
            Notice.FAR: start - now > FAR_AWAY,
        }
        notices = tuple(notice for notice, holds in checks.items() if holds)
        return Reading(start, end or _after(start, DEFAULT_LENGTH), end is not None, notices, holiday)


def thuringian_holiday(day: dt.date) -> str | None:
    """The German name of a public holiday in Thuringia; also Christmas Eve and New Year's Eve, when nobody meets."""
    if (day.month, day.day) in _EVES:
        return _EVES[day.month, day.day]
    name = _holidays(day.year).get(day)
    return str(name) if name else None


_EVES = {(12, 24): "Heiligabend", (12, 31): "Silvester"}


@cache
def _holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("DE", subdiv="TH", years=year, language="de")


def _after(start: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """So much real time later, in the same zone."""
    return (start.astimezone(dt.UTC) + length).astimezone(start.tzinfo)


def _after_start(end: dt.datetime, start: dt.datetime) -> dt.datetime:
    """A real end: where the clocks skip it, what they show then; where they show it twice, the one after the start."""
    if end.astimezone(dt.UTC) <= start.astimezone(dt.UTC):
        end = end.replace(fold=1)
    return end.astimezone(dt.UTC).astimezone(end.tzinfo)


def _folds(start: dt.datetime) -> list[dt.datetime]:
    """The moments that a wall clock time names: two in the hour that comes twice."""
    second = start.replace(fold=1)
    return [start] if second.utcoffset() == start.utcoffset() else [start, second]


def _ahead(readings: Sequence[Reading], now: dt.datetime) -> tuple[Reading, ...]:
    return tuple(each for each in readings if each.start.astimezone(dt.UTC) > now.astimezone(dt.UTC))[:MOST_CANDIDATES]


def _find_day(tokens: Sequence[Token], today: dt.date) -> tuple[int, DayPhrase] | None:
    for reader in (read_day, read_careless_date):
        for index in range(len(tokens)):
            if found := reader(tokens, index, today):
                return index, found
    return None


def _find_times(tokens: Sequence[Token], begin: int, day: DayPhrase) -> TimePhrase | None:
    """The time right after the day, or else one anywhere that can be nothing but a time."""
    if found := read_times(tokens, day.stop, after_day=True, day_part=day.day_part):
        return found
    places = [(tokens, index) for index in range(day.stop, len(tokens))]
    places += [(tokens[:begin], index) for index in range(begin)]
    found_all = (read_times(part, index, after_day=False, day_part=day.day_part) for part, index in places)
    return next((found for found in found_all if found), None)


_JOINING = frozenset(["um", "ab", "von", "gegen", "am", "den", "dem", "der", "zum", "im", "in", "ca", "jeweils"])


def _cut(
    text: str,
    tokens: Sequence[Token],
    day: tuple[int, int],
    times: TimePhrase | None,
    outcome: Reading | DateQuestion,
) -> Found:
    spans = [_span(tokens, *day)]
    if times is not None:
        spans.append(_span(tokens, times.begin, times.stop))
    spans.sort()
    middle = text[spans[0][1] : spans[-1][0]] if len(spans) == 2 else ""
    before = _trim_end(text[: spans[0][0]])
    after = " ".join(part for part in (_trim(middle), _trim(text[spans[-1][1] :])) if part)
    return Found(outcome, before, after, tuple(spans))


def _span(tokens: Sequence[Token], begin: int, stop: int) -> tuple[int, int]:
    return tokens[begin].start, tokens[stop - 1].end


def _trim_end(text: str) -> str:
    words = text.strip(" \t,;:–—-(").split(" ")
    while words and words[-1].casefold().strip(",:") in _JOINING:
        words.pop()
    return " ".join(words).strip(" \t,;:–—-(")


def _trim(text: str) -> str:
    words = text.strip(" \t,;:–—-()").split(" ")
    while words and words[-1].casefold() in _JOINING:
        words.pop()
    while len(words) > 1 and words[0].casefold() in {"um", "ab", "uhr", "jeweils"}:
        words.pop(0)
    return " ".join(words).strip(" \t,;:–—-()")
