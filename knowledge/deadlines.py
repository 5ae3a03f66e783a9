"""Deadlines, reckoned for the day on which somebody reads them."""

import datetime as dt
from dataclasses import dataclass

from knowledge.entries import Deadline, DeadlineKind, YearlyDate

MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
)  # fmt: skip
WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
RECENTLY_MISSED_DAYS = 60
"""How long a yearly date that has passed is still named as passed before only the next one is."""


def german_date(day: dt.date) -> str:
    """`1. November 2026`."""
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def german_weekday_date(day: dt.date) -> str:
    """`So, 1. November 2026`: for a day that is still to come."""
    return f"{WEEKDAYS[day.weekday()]}, {german_date(day)}"


def german_day(rule: YearlyDate) -> str:
    """`1. November`."""
    return f"{rule.day_of_month}. {MONTHS[rule.month - 1]}"


def days_left(day: dt.date, today: dt.date) -> str:
    """`heute`, `noch 1 Tag`, `noch 23 Tage`; for a day that has passed `verstrichen`."""
    match (day - today).days:
        case 0:
            return "heute"
        case 1:
            return "noch 1 Tag"
        case left if left > 0:
            return f"noch {left} Tage"
        case _:
            return "verstrichen"


def _in_year(rule: YearlyDate, year: int) -> dt.date:
    try:
        return dt.date(year, rule.month, rule.day_of_month)
    except ValueError:  # 29 February in a common year: the last day of the month
        return dt.date(year, rule.month, 28)


def next_occurrence(rule: YearlyDate, today: dt.date) -> dt.date:
    """The first day on or after today on which a yearly date falls."""
    day = _in_year(rule, today.year)
    return day if day >= today else _in_year(rule, today.year + 1)


def last_occurrence(rule: YearlyDate, today: dt.date) -> dt.date:
    """The last day before today on which a yearly date fell."""
    day = _in_year(rule, today.year)
    return day if day < today else _in_year(rule, today.year - 1)


@dataclass(frozen=True)
class Upcoming:
    """The next day on which something is due."""

    day: dt.date
    what: str | None
    certain: bool
    """False where the day follows from a yearly rule: the funder may move it."""


def upcoming(deadline: Deadline, today: dt.date) -> list[Upcoming]:
    """All days that are still to come, soonest first; of a yearly rule only the next."""
    days = [Upcoming(next_occurrence(rule, today), rule.what, certain=False) for rule in deadline.yearly]
    if deadline.date and deadline.date >= today:
        days.append(Upcoming(deadline.date, None, certain=True))
    return sorted(days, key=lambda day: day.day)


def deadline_words(deadline: Deadline, today: dt.date, *, closed: bool = False) -> str:
    """When to apply, in one line: the day, and how far away it is.

    Args:
        deadline: The rule as the entry holds it.
        today: The reader's day in the people's time zone.
        closed: The programme takes no applications: only what is past is said.
    """
    if closed:
        if deadline.date and deadline.date < today:
            return f"am {german_date(deadline.date)} verstrichen; keine Anträge mehr möglich"
        return "keine Anträge mehr möglich"
    if deadline.yearly:
        return "; ".join(_yearly_words(rule, today) for rule in deadline.yearly)
    match deadline.kind:
        case DeadlineKind.ROLLING if deadline.date and deadline.date < today:
            return f"Richtlinie am {german_date(deadline.date)} ausgelaufen; Fortführung nicht bestätigt"
        case DeadlineKind.ROLLING if deadline.date:
            left = days_left(deadline.date, today)
            return f"laufend; Richtlinie endet am {german_weekday_date(deadline.date)}, {left}"
        case DeadlineKind.ROLLING:
            return "laufend, kein fester Stichtag"
        case DeadlineKind.NONE:
            return "kein Stichtag"
        case _ if deadline.date and deadline.date >= today:
            return f"bis {german_weekday_date(deadline.date)}, {days_left(deadline.date, today)}"
        case _ if deadline.date:
            return f"am {german_date(deadline.date)} verstrichen; ein neuer Termin ist nicht bekannt"
        case DeadlineKind.ANNUAL:
            return "jährlich; der Tag steht nicht fest"
        case _:
            return "nur in Aufrufen; ein Termin ist zurzeit nicht bekannt"


def deadline_brief(deadline: Deadline, today: dt.date, *, closed: bool = False) -> str:
    """The same in few words: of several yearly dates the next, without what is due on it.

    Args:
        deadline: See `deadline_words`.
        today: See `deadline_words`.
        closed: See `deadline_words`.
    """
    if closed or not deadline.yearly:
        return deadline_words(deadline, today, closed=closed)
    rule = min(deadline.yearly, key=lambda each: next_occurrence(each, today))
    others = len(deadline.yearly) - 1
    more = f"; {others} weitere{'r Termin' if others == 1 else ' Termine'}" if others else ""
    return _yearly_brief(rule, today) + more


def next_deadline(deadline: Deadline, today: dt.date, *, closed: bool = False) -> str:
    """The same in the fewest words: of yearly dates only the next, nothing of those that have passed.

    Args:
        deadline: See `deadline_words`.
        today: See `deadline_words`.
        closed: See `deadline_words`.
    """
    if closed or not deadline.yearly:
        return deadline_words(deadline, today, closed=closed)
    return _coming(min(next_occurrence(each, today) for each in deadline.yearly), today)


def _yearly_words(rule: YearlyDate, today: dt.date) -> str:
    what = f" ({rule.what})" if rule.what else ""
    return f"jährlich bis {german_day(rule)}{what}: {_yearly_brief(rule, today)}"


def _yearly_brief(rule: YearlyDate, today: dt.date) -> str:
    coming = next_occurrence(rule, today)
    missed = last_occurrence(rule, today)
    if (today - missed).days <= RECENTLY_MISSED_DAYS:
        day = german_weekday_date(coming)
        return f"am {missed.day}.{missed.month}. verstrichen, nächster Stichtag voraussichtlich {day}"
    return _coming(coming, today)


def _coming(day: dt.date, today: dt.date) -> str:
    return f"voraussichtlich {german_weekday_date(day)}, {days_left(day, today)}"
