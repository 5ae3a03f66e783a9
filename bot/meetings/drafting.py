"""Meetings as they are being written: what can be planned, and from a draft to its row and back."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.meetings.errors import OddValueError, PastError
from bot.meetings.kinds import State
from bot.meetings.models import Meeting, MeetingSeries
from bot.meetings.reckoning import local_text
from bot.meetings.recurrence.series import Series

TITLE_LIMIT, PLACE_LIMIT, LINK_LIMIT, TOWN_LIMIT, AGENDA_LIMIT, REASON_LIMIT = 200, 300, 500, 120, 4096, 500
MOST_SEATS = 10_000
LONGEST = dt.timedelta(days=14)


@dataclass(frozen=True)
class Draft:
    """A meeting as it is being planned.

    Attributes:
        title: One line.
        start: Aware.
        end: Aware, after the start.
        groups: Keys of the working groups that are invited.
        for_all: Everybody is invited.
        place: One line.
        video_link: Address of a video meeting.
        host_town: Whose guests they are.
        agenda: Lines.
        seats: Room limit.
        reply_by: Aware; until when replies are wanted.
        series: When it comes again.
    """

    title: str
    start: dt.datetime
    end: dt.datetime
    groups: tuple[str, ...] = ()
    for_all: bool = False
    place: str = ""
    video_link: str = ""
    host_town: str = ""
    agenda: str = ""
    seats: int | None = None
    reply_by: dt.datetime | None = None
    series: Series | None = None


@dataclass(frozen=True)
class Before:
    """What a change is compared with."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    texts: dict[str, str]

    TOLD = ("title", "place", "video_link", "host_town", "agenda")

    @classmethod
    def of(cls, row: Meeting) -> "Before":
        """As a row is now."""
        return cls(row.starts_at, row.ends_at, {name: getattr(row, name) for name in cls.TOLD})

    def moved(self, row: Meeting) -> bool:
        """Whether the time is another."""
        return (row.starts_at, row.ends_at) != (self.starts_at, self.ends_at)

    def changes(self, row: Meeting) -> list[str]:
        """What people want to know of, beside the time."""
        return [name for name in self.TOLD if getattr(row, name) != self.texts[name]]

    def told(self, row: Meeting) -> bool:
        """Whether there is anything of that."""
        return bool(self.changes(row))


def check_draft(draft: Draft, now: dt.datetime) -> None:
    """Refuse what cannot be planned.

    Raises:
        PastError: It begins in the past, or ends before it begins.
        OddValueError: No title, too long, or an odd number or address.
    """
    start, end = draft.start.astimezone(dt.UTC), draft.end.astimezone(dt.UTC)
    if start <= now or end <= start:
        raise PastError
    if not draft.title.strip():
        raise OddValueError("title")
    if end - start > LONGEST:
        raise OddValueError("length")
    if draft.seats is not None and not 0 < draft.seats <= MOST_SEATS:
        raise OddValueError("seats")
    if draft.video_link and not draft.video_link.startswith(("https://", "http://")):
        raise OddValueError("link")
    if draft.reply_by is not None and draft.reply_by.astimezone(dt.UTC) > start:
        raise OddValueError("reply_by")


def changed(row: Meeting, keys: Sequence[str], values: dict[str, Any]) -> Draft:
    """A row as a draft with other values; a new start without an end keeps the length."""
    length = row.ends_at - row.starts_at
    start = values.get("start", row.starts_at)
    end = values.get("end") or (start + length if "start" in values else row.ends_at)
    reply_by = values.get("reply_by", row.reply_by)
    if reply_by is not None and "reply_by" not in values and reply_by > start.astimezone(dt.UTC):
        reply_by = None
    return Draft(
        title=values.get("title", row.title),
        start=start,
        end=end,
        groups=tuple(keys),
        for_all=row.for_all,
        place=values.get("place", row.place),
        video_link=values.get("video_link", row.video_link),
        host_town=values.get("host_town", row.host_town),
        agenda=values.get("agenda", row.agenda),
        seats=values.get("seats", row.seats),
        reply_by=reply_by,
    )


def new_row(draft: Draft, created_by: int | None, now: dt.datetime, zone: dt.tzinfo) -> Meeting:
    """A draft's row, not yet in a session."""
    row = Meeting(
        uid=f"{secrets.token_hex(12)}@lotse",
        sequence=0,
        moves=0,
        state=State.DRAFT.value,
        for_all=draft.for_all,
        zone=str(zone),
        created_by=created_by,
        created_at=now,
        changed_at=now,
        cancel_reason="",
        minutes_text="",
        minutes_version=0,
    )
    write_row(row, draft, zone)
    return row


def write_row(row: Meeting, draft: Draft, zone: dt.tzinfo) -> None:
    """Put what a draft says into its row, cut to what the table holds."""
    row.title = " ".join(draft.title.split())[:TITLE_LIMIT]
    row.starts_at, row.ends_at = draft.start.astimezone(dt.UTC), draft.end.astimezone(dt.UTC)
    row.starts_local, row.ends_local = local_text(draft.start, zone), local_text(draft.end, zone)
    row.place = " ".join(draft.place.split())[:PLACE_LIMIT]
    row.video_link = draft.video_link.strip()[:LINK_LIMIT]
    row.host_town = " ".join(draft.host_town.split())[:TOWN_LIMIT]
    row.agenda = draft.agenda.replace("\x00", "").strip()[:AGENDA_LIMIT]
    row.seats = draft.seats
    row.reply_by = draft.reply_by.astimezone(dt.UTC) if draft.reply_by else None


def new_series(series: Series, now: dt.datetime) -> MeetingSeries:
    """A series' row, not yet in a session."""
    row = MeetingSeries(extend_at=None, created_at=now)
    write_series(row, series)
    return row


def write_series(row: MeetingSeries, series: Series) -> None:
    """Put a series that is not planned yet into its row."""
    row.rule, row.zone = series.rule, str(series.start.tzinfo)
    row.starts_local = series.start.strftime("%Y-%m-%dT%H:%M")
    row.minutes = series.minutes
    row.left_out = sorted(day.isoformat() for day in series.left_out)
    row.planned_until = series.start.astimezone(dt.UTC)
