"""What a dialogue about a meeting keeps between two messages, as JSON: times and series, written and read."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from bot.dates.outcome import DateQuestion, Doubt, Reading
from bot.meetings.recurrence.found import PendingSeries
from bot.meetings.recurrence.series import Series

NONE_WORDS = frozenset({"-", "–", "keine", "kein", "keiner", "ohne", "nein"})
"""What people type for nothing."""

Data = dict[str, Any]


def with_time(
    data: Data, when: Reading | DateQuestion, series: Series | None = None, pending: PendingSeries | None = None
) -> Data:
    """What is known, with a time or with what to ask back about it; a series that waits for its time gets it."""
    pending = pending or pending_of(data)
    data = {name: value for name, value in data.items() if name not in {"doubt", "what", "choices", "day", "pending"}}
    if isinstance(when, Reading) and series is None and pending is not None:
        series = pending.at(when)
    if isinstance(when, Reading):
        data |= {
            "start": when.start.isoformat(),
            "end": _last(when, data.pop("last_day", None)).isoformat(),
            "end_given": when.end_given,
            "fold": when.start.fold,
        }
        if series is not None:
            data["series"] = series_data(series)
    else:
        choices = [[each.start.isoformat(), each.end.isoformat(), each.end_given] for each in when.candidates]
        data |= {"doubt": when.doubt.value, "what": when.what, "choices": choices}
        days = {each.start.date() for each in when.candidates}
        if when.day is None and len(days) == 1 and when.doubt in {Doubt.AMBIGUOUS, Doubt.OVERLAP}:
            data["day"] = days.pop().isoformat()  # a time alone answers the question
        if when.day is not None:
            data["day"] = when.day.isoformat()
        if pending is not None:
            left_out = sorted(day.isoformat() for day in pending.left_out)
            data["pending"] = [pending.rule, pending.minutes, left_out]
    return data


def _last(when: Reading, last_day: str | None) -> dt.datetime:
    """The end, on the last of several whole days where a file says so."""
    if last_day is None:
        return when.end
    return max(when.end, dt.datetime.combine(dt.date.fromisoformat(last_day), when.end.timetz()))


def groups_of(data: Data) -> tuple[str, ...]:
    """The keys of the working groups that are invited."""
    return tuple(data.get("groups") or ([data["group"]] if "group" in data else []))


def pending_of(data: Data) -> PendingSeries | None:
    """A series that waits for its time."""
    if "pending" not in data:
        return None
    rule, minutes, left_out = data["pending"]
    return PendingSeries(rule, minutes, frozenset(dt.date.fromisoformat(day) for day in left_out))


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
