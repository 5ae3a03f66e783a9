"""Which day is meant: „12.3.“, „1. Mai“, „übermorgen“, „nächsten Dienstag“, „Do KW 10“."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.dates.outcome import Doubt
from bot.dates.words import (
    Kind,
    Token,
    month_of,
    number_of,
    ordinal_of,
    relative_day_of,
    short_weekday_of,
    weekday_and_part_of,
    weekday_of,
)
from bot.rendering import MONTHS

JUST_PAST = dt.timedelta(days=60)
"""A date without a year that is past by less is asked about; one that is past by more means the next year."""
YEARS_AHEAD = 9
_LEADING = frozenset(["am", "den", "der", "dem", "des", "zum", "vom", "im", "in", "ab"])
_NEXT = frozenset(["nachst", "nachste", "nachsten", "nachster", "nachstes", "nachstem"])
_AFTER_NEXT = frozenset(["ubernachste", "ubernachsten", "ubernachster"])
_COMING = frozenset(
    ["kommenden", "kommende", "kommender", "kommendem", "kommendes", "diesen", "diese", "dieser", "diesem"]
)
_ROOMS = frozenset(
    ["raum", "zimmer", "saal", "etage", "haus", "nr", "nummer", "version", "abschnitt", "punkt", "top", "kapitel"]
)


@dataclass(frozen=True)
class DayPhrase:
    """A day as typed.

    Attributes:
        days: What it can be, the likeliest first; none where `doubt` says why.
        stop: The index of the first token after it.
        doubt: Impossible, past, or a weekday that does not fit; `days` are then suggestions.
        what: What the doubt is about, in German.
        last_day: The last of several days, where it was typed („12.–13.3.“).
        day_part: Said with the day („Dienstagabend“).
    """

    days: tuple[dt.date, ...]
    stop: int
    doubt: Doubt | None = None
    what: str = ""
    last_day: dt.date | None = None
    day_part: str | None = None


def read_day(tokens: Sequence[Token], index: int, today: dt.date) -> DayPhrase | None:
    """The day phrase that begins at a token, or None."""
    at = index
    while at < len(tokens) and tokens[at].text in _LEADING and at < index + 2:
        at += 1
    if at >= len(tokens):
        return None
    for reader in (_range, _date, _relative, _in_some_time, _week, _weekday, _bare_day):
        if found := reader(tokens, at, today):
            return found
    return None


def read_careless_date(tokens: Sequence[Token], index: int, today: dt.date) -> DayPhrase | None:
    """`12.3` without its last dot: read only where nothing else in the text is a day."""
    token = tokens[index]
    if token.kind is not Kind.DOTTED or (index and tokens[index - 1].text in _ROOMS):
        return None
    if index + 1 < len(tokens) and tokens[index + 1].text in {"uhr", "h"}:
        return None
    found = _numeric(token.numbers, index + 1, today)
    return found if found.doubt is None else None


# One day in numbers --------------------------------------------------------------------------------------------------


def _date(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    token = tokens[at]
    if token.kind is Kind.DATE:
        return _numeric(token.numbers, at + 1, today)
    numbers = _spelled_date(tokens, at)
    return _numeric(numbers[0], numbers[1], today) if numbers else None


def _spelled_date(tokens: Sequence[Token], at: int) -> tuple[tuple[int, ...], int] | None:
    """`12. März 2027`, „ersten Mai“, `12 März`."""
    day = ordinal_of(tokens[at])
    if day is None and tokens[at].kind is Kind.NUMBER and tokens[at].numbers[0] <= 31:
        day = tokens[at].numbers[0]
    if day is None or day < 0 or at + 1 >= len(tokens) or tokens[at + 1].kind is not Kind.WORD:
        return None
    month = month_of(tokens[at + 1].text)
    if month is None:
        return None
    stop = at + 2
    if stop < len(tokens) and tokens[stop].text == ".":
        stop += 1
    if stop < len(tokens) and tokens[stop].kind is Kind.NUMBER and 1900 <= tokens[stop].numbers[0] < 2200:
        return (day, month, tokens[stop].numbers[0]), stop + 1
    return (day, month), stop


def _numeric(numbers: tuple[int, ...], stop: int, today: dt.date) -> DayPhrase:
    day, month, *rest = numbers
    year = rest[0] + (2000 if rest[0] < 100 else 0) if rest else None
    if not 1 <= month <= 12:
        return DayPhrase((), stop, Doubt.IMPOSSIBLE, f"{day}.{month}.")
    if not 1 <= day <= calendar.monthrange(2024, month)[1]:
        return DayPhrase(_near(day, month, year, today), stop, Doubt.IMPOSSIBLE, f"{day}. {MONTHS[month - 1]}")
    if year is None:
        return _without_year(day, month, stop, today)
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return DayPhrase(_near(day, month, year, today), stop, Doubt.IMPOSSIBLE, f"{day}. {MONTHS[month - 1]} {year}")
    if found < today:
        return DayPhrase(_years_from(day, month, today)[:1], stop, Doubt.PAST, f"{day}. {MONTHS[month - 1]} {year}")
    return DayPhrase((found,), stop)


def _without_year(day: int, month: int, stop: int, today: dt.date) -> DayPhrase:
    this_year = _date_or_none(today.year, month, day)
    ahead = _years_from(day, month, today)
    if this_year is not None and dt.timedelta(0) < today - this_year <= JUST_PAST:
        return DayPhrase(ahead[:1], stop, Doubt.PAST, f"{day}. {MONTHS[month - 1]} {today.year}")
    if (day, month) == (29, 2) and ahead[0].year > today.year + (today.month > 2):
        year = today.year + (today.month > 2)
        return DayPhrase(_near(day, month, year, today), stop, Doubt.IMPOSSIBLE, f"29. Februar {year}")
    return DayPhrase(ahead[:1], stop)


def _years_from(day: int, month: int, today: dt.date) -> tuple[dt.date, ...]:
    days = (_date_or_none(today.year + ahead, month, day) for ahead in range(YEARS_AHEAD))
    return tuple(each for each in days if each is not None and each >= today)


def _near(day: int, month: int, year: int | None, today: dt.date) -> tuple[dt.date, ...]:
    """The days beside one that there is not: the month's last, and the next one's first."""
    if day < 1 or day > 31:
        return ()
    for year_ in [year] if year else [today.year, today.year + 1]:
        last = dt.date(year_, month, calendar.monthrange(year_, month)[1])
        if last >= today:
            return last, last + dt.timedelta(1)
    return ()


def _date_or_none(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _range(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    """`12.–13.3.2027`, `12./13. März`: the first day, and the last."""
    if at + 2 >= len(tokens) or tokens[at + 1].kind is not Kind.DASH:
        return None
    first = tokens[at]
    if first.kind is Kind.DATE:
        start, end = _date(tokens, at, today), _date(tokens, at + 2, today)
        if start and end and start.days and end.days and not (start.doubt or end.doubt):
            return replace(start, stop=end.stop, last_day=end.days[0]) if end.days[0] >= start.days[0] else None
        return None
    if first.kind not in {Kind.ORDINAL, Kind.NUMBER}:
        return None
    end = _date(tokens, at + 2, today)
    if end is None or end.doubt or not end.days or first.numbers[0] > 31:
        return None
    last = end.days[0]
    if not 1 <= first.numbers[0] < last.day:
        return None
    return DayPhrase((last.replace(day=first.numbers[0]),), end.stop, last_day=last)


def _bare_day(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    """„am 5.“: the next fifth."""
    token = tokens[at]
    if token.kind is not Kind.ORDINAL or not at or tokens[at - 1].text not in {"am", "den", "der", "zum", ","}:
        return None
    day = token.numbers[0]
    if not 1 <= day <= 31:
        return DayPhrase((), at + 1, Doubt.IMPOSSIBLE, f"{day}.")
    months = ((today.year + (today.month - 1 + n) // 12, (today.month - 1 + n) % 12 + 1) for n in range(3))
    days = (_date_or_none(year, month, day) for year, month in months)
    return DayPhrase(tuple(each for each in days if each is not None and each >= today)[:1], at + 1)


# One day by its distance ---------------------------------------------------------------------------------------------


def _relative(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    token = tokens[at]
    before = tokens[at - 1].text if at else ""
    away = relative_day_of(token.text) if token.kind is Kind.WORD else None
    if away is None or (token.text == "morgen" and before in {"am", "guten", "jeden"}):
        return None
    day = today + dt.timedelta(away)
    later = _in_some_time(tokens, at + 2, day) if _is(tokens, at + 1, {"in"}) else None
    return later or DayPhrase((day,), at + 1)


def _in_some_time(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    """„in drei Tagen“, „in 2 Wochen“, „in zwei Wochen am Dienstag“, „in einem Monat“."""
    if at + 1 >= len(tokens) or not at or tokens[at - 1].text != "in":
        return None
    count, unit = number_of(tokens[at]), tokens[at + 1].text
    if count is None or count > 400:
        return None
    if unit in {"tag", "tage", "tagen"}:
        return DayPhrase((today + dt.timedelta(count),), at + 2)
    if unit in {"woche", "wochen"}:
        named = _named_weekday(tokens, at + 2)
        if named is None:
            return DayPhrase((today + dt.timedelta(weeks=count),), at + 2)
        return DayPhrase((_monday(today) + dt.timedelta(days=named[0], weeks=count),), named[1], day_part=named[2])
    if unit in {"monat", "monate", "monaten"}:
        months = today.month - 1 + count
        year, month = today.year + months // 12, months % 12 + 1
        return DayPhrase((dt.date(year, month, min(today.day, calendar.monthrange(year, month)[1])),), at + 2)
    return None


def _week(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    """„nächste Woche Dienstag“, „KW 10 Do“."""
    token = tokens[at]
    ahead = 1 if token.text in _NEXT else 2 if token.text in _AFTER_NEXT else 0 if token.text in _COMING else None
    if ahead is not None and _is(tokens, at + 1, {"woche"}):
        named = _named_weekday(tokens, at + 2)
        if named:
            return DayPhrase((_monday(today) + dt.timedelta(days=named[0], weeks=ahead),), named[1], day_part=named[2])
        return None
    if token.text == "kw" and (monday := _calendar_week(tokens, at, today)):
        named = _named_weekday(tokens, monday[1])
        return DayPhrase((monday[0] + dt.timedelta(named[0]),), named[1], day_part=named[2]) if named else None
    return None


def _calendar_week(tokens: Sequence[Token], at: int, today: dt.date) -> tuple[dt.date, int] | None:
    """The Monday of „KW 10“ or „KW 10/2027“; without a year the next such week."""
    if at + 1 >= len(tokens) or tokens[at + 1].kind not in {Kind.NUMBER, Kind.ORDINAL}:
        return None
    week, stop = tokens[at + 1].numbers[0], at + 2
    years = [today.isocalendar().year, today.isocalendar().year + 1]
    if stop + 1 < len(tokens) and tokens[stop].kind is Kind.DASH and tokens[stop + 1].kind is Kind.NUMBER:
        years, stop = [tokens[stop + 1].numbers[0] % 2000 + 2000], stop + 2
    for year in years:
        try:
            monday = dt.date.fromisocalendar(year, week, 1)
        except ValueError:
            continue
        if monday + dt.timedelta(6) >= today:
            return monday, stop
    return None


def _weekday(tokens: Sequence[Token], at: int, today: dt.date) -> DayPhrase | None:
    """A weekday, alone or with what says which: „nächsten“, a date after it, „in zwei Wochen“."""
    word = tokens[at].text
    which = "next" if word in _NEXT else "after" if word in _AFTER_NEXT else "this" if word in _COMING else ""
    named = _named_weekday(tokens, at + 1 if which else at)
    if named is None:
        return None
    weekday, stop, part = named
    if not which and (dated := _dated(tokens, stop, weekday, today)):
        return replace(dated, day_part=part)
    coming = today + dt.timedelta((weekday - today.weekday()) % 7 or (7 if which else 0))
    week = dt.timedelta(7)
    this_week = coming < _monday(today) + week
    days: tuple[dt.date, ...] = (coming,) if not which or which == "this" else ()
    if which == "next":
        days = (coming, coming + week) if this_week else (coming,)
    elif which == "after":
        days = (coming + week, coming + 2 * week) if this_week else (coming + week,)
    elif not which and coming == today:
        days = (today, today + week)
    return DayPhrase(days, stop, day_part=part)


def _dated(tokens: Sequence[Token], stop: int, weekday: int, today: dt.date) -> DayPhrase | None:
    """What follows a weekday and settles which one it is."""
    at = stop + 1 if stop < len(tokens) and tokens[stop].kind is Kind.COMMA else stop
    while at < len(tokens) and tokens[at].text in {"den", "der", "am", "dem"}:
        at += 1
    if at >= len(tokens):
        return None
    if tokens[at].text == "in" and (later := _in_some_time(tokens, at + 1, _coming(weekday, today))):
        return later
    if tokens[at].text in _NEXT | _AFTER_NEXT and _is(tokens, at + 1, {"woche"}):
        weeks = 1 if tokens[at].text in _NEXT else 2
        return DayPhrase((_monday(today) + dt.timedelta(days=weekday, weeks=weeks),), at + 2)
    if tokens[at].text == "kw" and (monday := _calendar_week(tokens, at, today)):
        return DayPhrase((monday[0] + dt.timedelta(weekday),), monday[1])
    found = _range(tokens, at, today) or _date(tokens, at, today)
    if found is None and tokens[at].kind is Kind.ORDINAL:
        found = _bare_day(tokens, at, today)
    if found is None or found.doubt or not found.days or found.days[0].weekday() == weekday:
        return found
    said = found.days[0]
    there = said + dt.timedelta((weekday - said.weekday() + 3) % 7 - 3)
    days = tuple(day for day in (said, there) if day >= today)
    return replace(found, days=days, doubt=Doubt.WEEKDAY, what=f"{said.day}. {MONTHS[said.month - 1]} {said.year}")


def _named_weekday(tokens: Sequence[Token], at: int) -> tuple[int, int, str | None] | None:
    """A weekday at a token: its number, the index after it, and the part of the day said with it."""
    while at < len(tokens) and tokens[at].text in {"am", "den", ","}:
        at += 1
    if at >= len(tokens) or tokens[at].kind is not Kind.WORD:
        return None
    word = tokens[at].text
    if (number := weekday_of(word)) is not None:
        return number, at + 1, None
    if both := weekday_and_part_of(word):
        return both[0], at + 1, both[1]
    number = short_weekday_of(word)
    if number is None:
        return None
    stop = at + 1
    if stop < len(tokens) and tokens[stop].text == ".":
        stop += 1
    after = stop + 1 if stop < len(tokens) and tokens[stop].kind is Kind.COMMA else stop
    dated = after < len(tokens) and (
        tokens[after].kind in {Kind.DATE, Kind.ORDINAL, Kind.NUMBER, Kind.COLON, Kind.DOTTED}
        or tokens[after].text in {"um", "den", "ab", "von", "halb", "kw", "viertel", "dreiviertel", "in"} | _NEXT
    )
    return (number, stop, None) if dated or stop == len(tokens) > 1 or (at and tokens[at - 1].text in _NEXT) else None


def _coming(weekday: int, today: dt.date) -> dt.date:
    return today + dt.timedelta((weekday - today.weekday()) % 7)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(day.weekday())


def _is(tokens: Sequence[Token], at: int, words: set[str]) -> bool:
    return at < len(tokens) and tokens[at].text in words
