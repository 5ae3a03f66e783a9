"""A recurrence rule in German words: „jeden zweiten Dienstag“, „jeden 1. Mittwoch im Monat“."""

import datetime as dt
import re

from bot.meetings.recurrence.series import DAY_CODES, Series, rule_parts
from bot.rendering import MONTHS, german_day

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_ORDINALS = {2: "zweiten", 3: "dritten", 4: "vierten", 5: "fünften", 6: "sechsten"}
_NUMBERS = {2: "zwei", 3: "drei", 4: "vier", 5: "fünf", 6: "sechs", 7: "sieben", 8: "acht", 9: "neun", 10: "zehn",
            11: "elf", 12: "zwölf"}  # fmt: skip
_WORKDAYS = set(DAY_CODES[:5])
MOST_LEFT_OUT = 4
"""Days left out that are named."""
OWN_RULE = "wiederkehrend nach eigener Regel"


def series_in_words(series: Series, since: dt.date | None = None) -> str:
    """The series in words, with its end and what is left out: `jeden zweiten Dienstag, bis …, außer am 6. April`.

    Args:
        series: The series.
        since: Days left out before are not named; from its start on if not given.
    """
    words = rule_in_words(series.rule, series.start.date())
    days = sorted(day for day in series.left_out if day >= (since or series.start.date()))
    if days:
        named = [f"{day.day}. {MONTHS[day.month - 1]}" for day in days[:MOST_LEFT_OUT]]
        if len(days) > MOST_LEFT_OUT:
            named.append("weiteren Tagen")
        words += f", außer am {_joined(named)}"
    return words


def rule_in_words(rule: str, first: dt.date) -> str:
    """A rule in words; `first` is its first day, from which it takes what it does not say."""
    parts = rule_parts(rule)
    words = _rhythm(parts, first)
    if "UNTIL" in parts:
        words += f", bis {german_day(dt.datetime.strptime(parts['UNTIL'][:8], '%Y%m%d').date())}"  # noqa: DTZ007
    if "COUNT" in parts:
        words += f", {parts['COUNT']} Mal"
    return words


def _rhythm(parts: dict[str, str], first: dt.date) -> str:
    interval = int(parts.get("INTERVAL", "1"))
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if "BYSETPOS" in parts or ("BYMONTH" in parts and parts["FREQ"] != "YEARLY"):
        return OWN_RULE
    match parts["FREQ"]:
        case "DAILY" if not days:
            return "täglich" if interval == 1 else f"alle {_number(interval)} Tage"
        case "WEEKLY" if "BYMONTHDAY" not in parts:
            return _weekly(interval, days or [DAY_CODES[first.weekday()]])
        case "MONTHLY":
            return _monthly(interval, days, parts.get("BYMONTHDAY"), first)
        case "YEARLY" if not days:
            return _yearly(interval, parts, first)
    return OWN_RULE


def _weekly(interval: int, days: list[str]) -> str:
    if any(day not in DAY_CODES for day in days):
        return OWN_RULE
    if set(days) == _WORKDAYS:
        return "montags bis freitags" if interval == 1 else f"alle {_number(interval)} Wochen montags bis freitags"
    names = [WEEKDAYS[number] for number in sorted(DAY_CODES.index(day) for day in set(days))]
    if interval == 1:
        return f"jeden {_joined(names)}"
    if len(names) == 1 and interval in _ORDINALS:
        return f"jeden {_ORDINALS[interval]} {names[0]}"
    return f"alle {_number(interval)} Wochen am {_joined(names)}"


def _monthly(interval: int, days: list[str], month_days: str | None, first: dt.date) -> str:
    if days and month_days:
        return OWN_RULE
    if not days:
        return _on_month_days(interval, month_days or str(first.day))
    places = [re.fullmatch(r"([+-]?\d+)([A-Z]{2})", day) for day in days]
    if any(place is None for place in places):
        return OWN_RULE
    parsed = [(int(place[1]), place[2]) for place in places if place]
    if len({code for _, code in parsed}) > 1 or any(not _place(number) for number, _ in parsed):
        return OWN_RULE
    which = f"{_joined([_place(number) for number, _ in parsed])} {WEEKDAYS[DAY_CODES.index(parsed[0][1])]}"
    return f"jeden {which} im Monat" if interval == 1 else f"alle {_number(interval)} Monate am {which}"


def _on_month_days(interval: int, month_days: str) -> str:
    numbers = [int(number) for number in month_days.split(",")]
    if any(number < -1 for number in numbers):
        return OWN_RULE
    which = _joined(["letzten Tag" if number == -1 else f"{number}." for number in numbers])
    return f"am {which} jedes Monats" if interval == 1 else f"alle {_number(interval)} Monate am {which}"


def _yearly(interval: int, parts: dict[str, str], first: dt.date) -> str:
    month, day = parts.get("BYMONTH", str(first.month)), parts.get("BYMONTHDAY", str(first.day))
    if not (month.isdecimal() and day.isdecimal()):
        return OWN_RULE
    often = "jedes Jahr" if interval == 1 else f"alle {_number(interval)} Jahre"
    return f"{often} am {day}. {MONTHS[int(month) - 1]}"


def _place(number: int) -> str:
    return {-1: "letzten", -2: "vorletzten"}.get(number, f"{number}." if 0 < number < 6 else "")


def _number(number: int) -> str:
    return _NUMBERS.get(number, str(number))


def _joined(words: list[str]) -> str:
    return " und ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
