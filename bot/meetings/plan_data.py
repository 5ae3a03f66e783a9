"""What a dialogue about a meeting keeps between two messages, as JSON: times and series, written and read."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from bot.dates.outcome import DateQuestion, Reading
from bot.meetings.recurrence.series import Series

NONE_WORDS = frozenset({"-", "–", "keine", "kein", "keiner", "ohne", "nein"})
"""What people type for nothing."""

Data = dict[str, Any]


def with_time(data: Data, when: Reading | DateQuestion, series: Series | None) -> Data:
    """What is known, with a time or with what to ask back about it."""
    data = {name: value for name, value in data.items() if name not in {"doubt", "what", "choices", "day"}}
    if isinstance(when, Reading):
        data |= {
            "start": when.start.isoformat(),
            "end": when.end.isoformat(),
            "end_given": when.end_given,
            "fold": when.start.fold,
        }
        if series is not None:
            data["series"] = series_data(series)
    else:
        choices = [[each.start.isoformat(), each.end.isoformat(), each.end_given] for each in when.candidates]
        data |= {"doubt": when.doubt.value, "what": when.what, "choices": choices}
        if when.day is not None:
            data["day"] = when.day.isoformat()
    return data


def moment_of(text: str, zone: dt.tzinfo, fold: int = 0) -> dt.datetime:
    """A moment that was written."""
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone, fold=fold)


def series_data(series: Series) -> Data:
    """A series, to be written."""
    return {
        "rule": series.rule,
        "start": series.start.isoformat(),
        "zone": str(series.start.tzinfo),
        "minutes": series.minutes,
        "left_out": sorted(day.isoformat() for day in series.left_out),
    }


def series_of(data: Data) -> Series:
    """A series that was written."""
    start = dt.datetime.fromisoformat(data["start"]).astimezone(ZoneInfo(data["zone"]))
    left_out = frozenset(dt.date.fromisoformat(day) for day in data["left_out"])
    return Series(data["rule"], start, data["minutes"], left_out)
