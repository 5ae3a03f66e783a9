"""When reminders are due: pure; asks no clock and no table."""

import datetime as dt

from bot.dates.reader import thuringian_holiday
from bot.meetings.kinds import LEADS, REMINDER_CLOCK, Before


def reminder_times(starts_at: dt.datetime, zone: dt.tzinfo) -> dict[Before, dt.datetime]:
    """When each reminder of a meeting is due, in UTC: whole days before on a working day at 8:00, or hours before.

    A day off (weekend, public holiday in Thuringia) moves a reminder to the working day before it.
    """
    local = starts_at.astimezone(zone)
    times = {}
    for before, lead in LEADS.items():
        if lead.days:
            day = local.date() - dt.timedelta(days=lead.days)
            while is_day_off(day):
                day -= dt.timedelta(days=1)
            times[before] = wall(day, REMINDER_CLOCK, zone)
        else:
            times[before] = starts_at.astimezone(dt.UTC) - dt.timedelta(hours=lead.hours)
    return times


def is_day_off(day: dt.date) -> bool:
    """Whether nobody works: a weekend, or a public holiday in Thuringia."""
    return day.weekday() >= 5 or thuringian_holiday(day) is not None


def wall(day: dt.date, time: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """The moment at which the clock on the wall shows a time, in UTC."""
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)


def local_text(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """The wall clock time as it is kept: `2027-03-12T10:00`."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
