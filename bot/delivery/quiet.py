"""When a message suits somebody: hours, weekdays, holidays, a pause, digests. Pure; asks no clock and no table."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

WORKING_DAYS = frozenset(range(5))
"""Monday to Friday; Monday is 0."""
_LONGEST_SEARCH = 800
"""Days; only a pause that lies further off needs more, and the search starts after it."""


class Mode(StrEnum):
    """How messages come."""

    AT_ONCE = "at_once"
    """As soon as it suits."""
    DAILY = "daily"
    """Together, once on every day that suits."""
    WEEKLY = "weekly"
    """Together, once a week."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """When messages suit somebody, by the clock on their wall.

    Attributes:
        weekdays: Days that suit, Monday is 0; at least one.
        start: From when on.
        end: Until when, exclusive; midnight means the end of the day.
        holidays_off: Whether public holidays are days off.
        paused_until: The first day on which messages come again; None: no pause.
        mode: At once, daily or weekly.
        digest_at: When a digest comes; where it is not given or lies outside the hours, when they start.
        digest_day: On which weekday the weekly one comes; if that is a day off, on the next day that suits.
        zone: Name of the time zone.
        country: Whose holidays count, and
        subdivision: of which part of it.

    Raises:
        ValueError: No day or no hour would suit, or a weekday does not exist.
    """

    weekdays: frozenset[int] = WORKING_DAYS
    start: dt.time = dt.time(7)
    end: dt.time = dt.time(18)
    holidays_off: bool = True
    paused_until: dt.date | None = None
    mode: Mode = Mode.AT_ONCE
    digest_at: dt.time | None = None
    digest_day: int = 0
    zone: str = "Europe/Berlin"
    country: str = "DE"
    subdivision: str | None = "TH"

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise ValueError("weekdays are numbers from 0, Monday, to 6, and there must be at least one")
        if self.digest_day not in range(7):
            raise ValueError("the digest's weekday is a number from 0, Monday, to 6")
        if self.end != dt.time() and self.start >= self.end:
            raise ValueError("the hours must end after they start")

    @property
    def digest_time(self) -> dt.time:
        """When a digest comes, always within the hours."""
        at = self.digest_at
        if at is None or at < self.start or (self.end != dt.time() and at >= self.end):
            return self.start
        return at


def next_allowed(preferences: Preferences, instant: dt.datetime) -> dt.datetime:
    """The first moment from an instant on at which a message may come.

    Args:
        preferences: When it suits.
        instant: Aware.

    Returns:
        The moment, aware, in UTC; `instant` itself where that suits.

    Raises:
        ValueError: `instant` has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    instant = instant.astimezone(dt.UTC)
    for opens, closes in _openings(preferences, instant):
        if preferences.mode == Mode.AT_ONCE:
            if instant < closes:
                return max(instant, opens)
        elif instant <= opens:
            return opens
    raise ValueError("no day suits")


def is_day_off(preferences: Preferences, day: dt.date) -> bool:
    """Whether no message comes on a day: wrong weekday, holiday or pause."""
    if preferences.paused_until is not None and day < preferences.paused_until:
        return True
    if day.weekday() not in preferences.weekdays:
        return True
    return preferences.holidays_off and day in _holidays(preferences.country, preferences.subdivision)


def _openings(preferences: Preferences, instant: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Spans in which messages come, in order; for digests only the first moment of each counts."""
    zone = ZoneInfo(preferences.zone)
    for day in _days(preferences, instant.astimezone(zone).date()):
        if preferences.mode == Mode.AT_ONCE:
            tomorrow = preferences.end == dt.time()
            opens = at_wall_time(day, preferences.start, zone)
            closes = at_wall_time(day + dt.timedelta(days=1) if tomorrow else day, preferences.end, zone)
            if opens < closes:
                yield opens, closes
        else:
            moment = at_wall_time(day, preferences.digest_time, zone)
            yield moment, moment


def _days(preferences: Preferences, today: dt.date) -> Iterator[dt.date]:
    """Days that suit, from today on; for the weekly digest one a week."""
    first = max(today, preferences.paused_until) if preferences.paused_until else today
    if preferences.mode != Mode.WEEKLY:
        yield from _suiting(preferences, first)
        return
    # A digest day before today may have been put off until today or later; so start weeks before.
    anchor = first - dt.timedelta(days=(first.weekday() - preferences.digest_day) % 7 + 14)
    last = None
    for week in range(_LONGEST_SEARCH // 7):
        day = next(_suiting(preferences, anchor + dt.timedelta(weeks=week)))
        if day >= first and day != last:
            yield day
            last = day


def _suiting(preferences: Preferences, first: dt.date) -> Iterator[dt.date]:
    for offset in range(_LONGEST_SEARCH):
        day = first + dt.timedelta(days=offset)
        if not is_day_off(preferences, day):
            yield day


def at_wall_time(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The moment at which the clock on the wall shows a time, in UTC.

    An hour that comes twice counts when it comes first; a time that is left out, in the night in which summer time
    begins, counts as the moment of the change.
    """
    local = dt.datetime.combine(day, time, zone)
    moment = local.astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    before = moment.astimezone(zone).utcoffset()
    after = local.utcoffset()
    gap = abs((before or dt.timedelta()) - (after or dt.timedelta()))
    # The last moment before the gap shows less than the wanted time, one second later more.
    low, high = moment - gap, moment
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < local.replace(tzinfo=None):
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


@cache
def _holidays(country: str, subdivision: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)
