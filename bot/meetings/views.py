"""Meetings as others see them: read from the rows, with local times, ready for templates and calendars."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dates.outcome import german_span
from bot.meetings.audience import GroupName
from bot.meetings.ics import CalendarEvent, Person
from bot.meetings.kinds import Answer, State
from bot.meetings.models import Meeting, MeetingGroup, MeetingSeries, Paper, Reply
from bot.meetings.recurrence.series import Series
from bot.meetings.recurrence.wording import series_in_words
from bot.rendering import german_day

MAP = "https://www.openstreetmap.org/search?query="


@dataclass(frozen=True)
class MeetingView:
    """A meeting as people see it.

    Attributes:
        id: The row.
        uid: Of calendar files.
        sequence: Of calendar files.
        moves: How often its time was changed.
        state: Draft, planned or cancelled.
        title: One line.
        groups: Those invited; empty where all are.
        for_all: Everybody is invited.
        start: In the people's zone.
        end: Likewise.
        place: One line; empty where there is none.
        video_link: Likewise.
        host_town: Likewise.
        agenda: Lines.
        seats: Room limit.
        reply_by: In the people's zone.
        series: When it comes again, in German words.
        series_next: The day of the series' next meeting after this one, in German; None: there is none.
        series_id: The series' row.
        created_by: Who planned it.
        changed_at: In UTC.
        cancel_reason: As typed.
        minutes_text: As typed.
        minutes_at: When they were sent.
        papers: How many documents came with the invitation,
        minutes_papers: and how many with the minutes.
    """

    id: int
    uid: str
    sequence: int
    moves: int
    state: State
    title: str
    groups: tuple[GroupName, ...]
    for_all: bool
    start: dt.datetime
    end: dt.datetime
    place: str
    video_link: str
    host_town: str
    agenda: str
    seats: int | None
    reply_by: dt.datetime | None
    series: str | None
    series_id: int | None
    created_by: int | None
    changed_at: dt.datetime
    cancel_reason: str
    minutes_text: str
    minutes_at: dt.datetime | None
    papers: int = 0
    minutes_papers: int = 0
    series_next: str | None = None

    @property
    def when(self) -> str:
        """`Do, 12. März 2027, 10:00–12:00`."""
        return german_span(self.start, self.end)

    @property
    def who(self) -> str:
        """„AG Klima und AG Leerstand“, „alle“."""
        if self.for_all:
            return "alle"
        return " und ".join(group.short for group in self.groups) or "niemand"

    @property
    def map_link(self) -> str:
        """A map of the place; empty where there is none."""
        return MAP + quote_plus(self.place) if self.place else ""

    def over(self, now: dt.datetime) -> bool:
        """Whether it has begun."""
        return self.start.astimezone(dt.UTC) <= now.astimezone(dt.UTC)


@dataclass(frozen=True)
class ReplyView:
    """Somebody's own reply.

    Attributes:
        answer: None: not yet.
        waiting: On the waiting list.
        deputy_id: Who comes instead.
        deputy_for: For whom they come.
    """

    answer: Answer | None = None
    waiting: bool = False
    deputy_id: int | None = None
    deputy_for: int | None = None


NO_REPLY = ReplyView()


def reply_view(row: Reply | None) -> ReplyView:
    """A row as seen by its person."""
    if row is None:
        return NO_REPLY
    answer = Answer(row.answer) if row.answer else None
    return ReplyView(answer, row.waiting_since is not None, row.deputy_id, row.deputy_for)


async def view_many(
    session: AsyncSession, rows: Sequence[Meeting], names: Mapping[str, GroupName]
) -> list[MeetingView]:
    """Rows as people see them, in the same order."""
    ids = [row.id for row in rows]
    keys: dict[int, list[str]] = {}
    for link in await session.scalars(
        select(MeetingGroup).where(MeetingGroup.meeting_id.in_(ids)).order_by(MeetingGroup.group_key)
    ):
        keys.setdefault(link.meeting_id, []).append(link.group_key)
    series_ids = {row.series_id for row in rows if row.series_id is not None}
    series = await _series_of(session, series_ids) if series_ids else {}
    counted = await session.execute(
        select(Paper.meeting_id, Paper.of_minutes, func.count())
        .where(Paper.meeting_id.in_(ids))
        .group_by(Paper.meeting_id, Paper.of_minutes)
    )
    papers = {(meeting_id, of_minutes): count for meeting_id, of_minutes, count in counted}
    return [
        replace(
            _view(row, [_name(key, names) for key in keys.get(row.id, [])]),
            **(series[row.series_id].said(row) if row.series_id in series else {}),
            papers=papers.get((row.id, False), 0),
            minutes_papers=papers.get((row.id, True), 0),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class _SeriesSeen:
    row: MeetingSeries
    series: Series
    planned: tuple[dt.datetime, ...]
    """When its meetings begin that are planned and not cancelled."""

    def said(self, row: Meeting) -> dict[str, Any]:
        zone = ZoneInfo(row.zone)
        following = next((each for each in self.planned if each > row.starts_at), None)
        if following is None and (row.state == State.DRAFT or self.row.extend_at is not None):
            # What comes before was planned already: what of it is not there was cancelled.
            found = self.series.after(max(row.starts_at, self.row.planned_until - dt.timedelta(seconds=1)))
            following = found[0].start if found else None
        return {
            "series": series_in_words(self.series, row.starts_at.astimezone(zone).date()),
            "series_next": german_day(following.astimezone(zone).date()) if following else None,
        }


async def _series_of(session: AsyncSession, ids: Collection[int]) -> dict[int | None, _SeriesSeen]:
    found = list(await session.scalars(select(MeetingSeries).where(MeetingSeries.id.in_(ids))))
    starts = await session.execute(
        select(Meeting.series_id, Meeting.starts_at)
        .where(Meeting.series_id.in_(ids), Meeting.state == State.PLANNED)
        .order_by(Meeting.starts_at)
    )
    planned: dict[int | None, list[dt.datetime]] = {}
    for series_id, start in starts:
        planned.setdefault(series_id, []).append(start)
    return {row.id: _SeriesSeen(row, read_series(row), tuple(planned.get(row.id, ()))) for row in found}


def read_series(row: MeetingSeries) -> Series:
    """The series of a row."""
    start = dt.datetime.fromisoformat(row.starts_local).replace(tzinfo=ZoneInfo(row.zone))
    return Series(row.rule, start, row.minutes, frozenset(dt.date.fromisoformat(day) for day in row.left_out))


def calendar_event(meeting: MeetingView, *, tentative: bool = False) -> CalendarEvent:
    """A meeting as calendars see it."""
    text = [meeting.agenda]
    if meeting.video_link:
        text.append(f"Video: {meeting.video_link}")
    if meeting.cancel_reason:
        text.append(f"Abgesagt: {meeting.cancel_reason}")
    return CalendarEvent(
        uid=meeting.uid,
        sequence=meeting.sequence,
        title=meeting.title,
        start=meeting.start,
        end=meeting.end,
        changed_at=meeting.changed_at,
        place=meeting.place or meeting.video_link,
        text="\n\n".join(part for part in text if part),
        link=meeting.video_link,
        organizer=Person("Aktionsbündnis Innenstädte mit Zukunft"),
        cancelled=meeting.state is State.CANCELLED,
        tentative=tentative,
        categories=tuple(group.short for group in meeting.groups),
    )


def _name(key: str, names: Mapping[str, GroupName]) -> GroupName:
    return names.get(key) or GroupName(key, key, key)


def _view(row: Meeting, groups: list[GroupName]) -> MeetingView:
    zone = ZoneInfo(row.zone)
    return MeetingView(
        id=row.id,
        uid=row.uid,
        sequence=row.sequence,
        moves=row.moves,
        state=State(row.state),
        title=row.title,
        groups=tuple(groups),
        for_all=row.for_all,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        place=row.place,
        video_link=row.video_link,
        host_town=row.host_town,
        agenda=row.agenda,
        seats=row.seats,
        reply_by=row.reply_by.astimezone(zone) if row.reply_by else None,
        series=None,
        series_id=row.series_id,
        created_by=row.created_by,
        changed_at=row.changed_at,
        cancel_reason=row.cancel_reason,
        minutes_text=row.minutes_text,
        minutes_at=row.minutes_at,
    )
