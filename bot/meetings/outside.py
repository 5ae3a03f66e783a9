"""What another calendar says now, event by event; pure: knows no table."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from bot.meetings.calendars import ReadEvent, read_between, read_events
from bot.meetings.drafting import AGENDA_LIMIT, LINK_LIMIT, LONGEST, PLACE_LIMIT, TITLE_LIMIT, Draft

AHEAD = dt.timedelta(days=120)
"""How far ahead events are looked at."""
DAY_BEGINS, DAY_ENDS = dt.time(9), dt.time(17)
"""For whole days, which a lead then mends."""


@dataclass(frozen=True)
class Said:
    """An event as it is kept.

    Attributes:
        title: One line.
        start: Aware.
        end: Likewise.
        place: One line.
        text: Description.
        link: Web address; empty where there is none.
        all_day: It says no time: a lead must look at it.
        gone: It is cancelled, or not in the calendar any more:
        vanished: in that case a lead must look at it, since calendars are served half-empty at times.
    """

    title: str
    start: dt.datetime
    end: dt.datetime
    place: str = ""
    text: str = ""
    link: str = ""
    all_day: bool = False
    gone: bool = False
    vanished: bool = False

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return {**self.__dict__, "start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def of(cls, kept: dict[str, Any], zone: dt.tzinfo) -> "Said":
        """As it was kept."""
        moments = {name: dt.datetime.fromisoformat(kept[name]).astimezone(zone) for name in ("start", "end")}
        return cls(**{**kept, **moments})

    @property
    def digest(self) -> str:
        """The same for the same content."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    @property
    def values(self) -> dict[str, Any]:
        """What a change of a meeting takes."""
        return {
            "title": self.title,
            "start": self.start,
            "end": self.end,
            "place": self.place,
            "video_link": self.link,
            "agenda": self.text,
        }

    def draft(self, group_key: str) -> Draft:
        """As a meeting of a working group."""
        return Draft(groups=(group_key,), **self.values)


def calendar_title(data: bytes) -> str:
    """What a calendar calls itself; empty where it says nothing."""
    for line in data.decode("utf-8", errors="replace").splitlines()[:40]:
        if line.upper().startswith(("X-WR-CALNAME", "NAME")):
            return " ".join(line.partition(":")[2].replace("\\,", ",").split())[:200]
    return ""


def coming_events(data: bytes, zone: dt.tzinfo, now: dt.datetime) -> dict[str, Said]:
    """The events that begin within `AHEAD`, occurrences of series one by one, by what identifies each.

    Raises:
        UnreadableCalendarError: It is no calendar.
    """
    until = now + AHEAD
    whole = read_events(data, zone)
    series = {each.uid for each in whole if each.rule or each.own_rule}
    found: dict[str, Said] = {}
    for each in whole:
        if each.uid not in series and now < each.start.astimezone(dt.UTC) < until:
            found[_key(each.uid or f"{each.title}|{each.start.isoformat()}")] = _said(each)
    if series:
        for each in read_between(data, zone, now, until):
            if each.uid in series and now < each.start.astimezone(dt.UTC) < until:
                found[_key(f"{each.uid}|{each.occurrence}")] = _said(each)
    return found


def _said(event: ReadEvent) -> Said:
    start, end = event.start, event.end
    if event.all_day:
        last = (end - dt.timedelta(days=1)).date()
        start = dt.datetime.combine(start.date(), DAY_BEGINS, start.tzinfo)
        end = dt.datetime.combine(max(last, start.date()), DAY_ENDS, start.tzinfo)
    link = event.link if event.link.startswith(("https://", "http://")) and len(event.link) <= LINK_LIMIT else ""
    return Said(
        title=event.title[:TITLE_LIMIT] or "Termin ohne Titel",
        start=start,
        end=min(end, start + LONGEST),
        place=event.place[:PLACE_LIMIT],
        text=event.text[:AGENDA_LIMIT],
        link=link,
        all_day=event.all_day,
        gone=event.cancelled,
    )


def _key(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()
