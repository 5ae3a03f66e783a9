"""What a calendar file that somebody sends says about the one meeting that is to be planned from it."""

import datetime as dt
from dataclasses import dataclass, replace

from bot.meetings.calendars import ReadEvent, UnreadableCalendarError, read_events
from bot.meetings.plan_data import Data, series_data
from bot.meetings.recurrence.series import Series


@dataclass(frozen=True)
class FileFound:
    """A meeting in a file.

    Attributes:
        event: As the file says it.
        data: As the dialogue keeps it; a whole day leaves its time to be asked for.
        notes: What of the file was not taken over: `more`, `own_rule`, `changed`.
    """

    event: ReadEvent
    data: Data
    notes: tuple[str, ...] = ()


def read_file(content: bytes, zone: dt.tzinfo, now: dt.datetime) -> FileFound | None:
    """The next meeting of a file; None where it holds none that lies ahead."""
    try:
        events = read_events(content, zone)
    except UnreadableCalendarError:
        return None
    series_uids = {each.uid for each in events if (each.rule or each.own_rule) and each.uid}
    changed = [each for each in events if each.occurrence and each.uid in series_uids]
    alone = [_without_cancelled(each, changed, zone) for each in events if each not in changed]
    coming = [ahead for each in alone if (ahead := _next(each, now))]
    coming.sort(key=lambda each: (each[0].cancelled, each[1]))
    if not coming:
        return None
    event, start = coming[0]
    notes = {
        "more": len([each for each, _ in coming if not each.cancelled]) > 1,
        "own_rule": event.own_rule,
        "changed": any(not each.cancelled and each.uid == event.uid and each.start > now for each in changed),
    }
    return FileFound(event, _data(event, start), tuple(note for note, holds in notes.items() if holds))


def _without_cancelled(event: ReadEvent, changed: list[ReadEvent], zone: dt.tzinfo) -> ReadEvent:
    """A series without the occurrences that the file cancels."""
    if not event.rule:
        return event
    days = {
        _day(each.occurrence, zone) for each in changed if each.uid == event.uid and each.cancelled and each.occurrence
    }
    return replace(event, left_out=event.left_out | days)


def _day(occurrence: str, zone: dt.tzinfo) -> dt.date:
    moment = dt.datetime.fromisoformat(occurrence)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _next(event: ReadEvent, now: dt.datetime) -> tuple[ReadEvent, dt.datetime] | None:
    """An event with its next start; of a series that began earlier the next meeting."""
    if event.rule and (found := _series(event).after(now)):
        return event, found[0].start
    start = event.start.astimezone(dt.UTC)
    # A whole day is ahead until it is over.
    return (event, event.start) if (event.end.astimezone(dt.UTC) if event.all_day else start) > now else None


def _series(event: ReadEvent) -> Series:
    minutes = int((event.end.replace(tzinfo=None) - event.start.replace(tzinfo=None)).total_seconds() // 60)
    return Series(event.rule or "", event.start, max(minutes, 1), event.left_out)


def _data(event: ReadEvent, start: dt.datetime) -> Data:
    data: Data = {"title": event.title, "place": event.place, "agenda": event.text}
    if event.link.startswith(("http://", "https://")):
        data["video_link"] = event.link
    length = event.end.replace(tzinfo=None) - event.start.replace(tzinfo=None)
    if event.all_day:
        data["day"] = start.date().isoformat()
        if length > dt.timedelta(days=1):
            data["last_day"] = (start.date() + length - dt.timedelta(days=1)).isoformat()
        if event.rule:
            data["pending"] = [event.rule, None, sorted(day.isoformat() for day in event.left_out)]
        return data
    real = event.end.astimezone(dt.UTC) - event.start.astimezone(dt.UTC)
    end = (start.astimezone(dt.UTC) + real).astimezone(start.tzinfo)
    data |= {"start": start.isoformat(), "end": end.isoformat(), "end_given": True}
    if event.rule:
        data["series"] = series_data(_series(event))
    return data
