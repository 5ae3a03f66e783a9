"""The rules of series: their meetings are planned one by one, some weeks ahead."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.meetings.drafting import changed, new_row
from bot.meetings.errors import OddValueError, UnknownMeetingError
from bot.meetings.kinds import NoticeKind
from bot.meetings.models import Meeting, MeetingGroup, MeetingSeries, Notice
from bot.meetings.recurrence.series import DAY_CODES, Series, rule_parts
from bot.meetings.shared import Calendar, plan
from bot.meetings.views import read_series

HORIZON = dt.timedelta(days=60)
"""How far ahead the meetings of a series are planned one by one."""
INVITE_BEFORE = dt.timedelta(days=14)
"""How long before the later meetings of a series their invitations go out."""


class SeriesPlanning:
    """Adds the meetings of series, and ends series."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._clock = calendar.clock

    async def end_series(self, actor_id: int | None, meeting_id: int) -> int:
        """Plan no further meetings of a series, and drop those to which nobody is invited yet.

        Returns:
            How many meetings were dropped.

        Raises:
            NotAllowedError: The actor may not.
            UnknownMeetingError: There is none, or it is no series.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            series = await session.get(MeetingSeries, row.series_id) if row.series_id is not None else None
            if series is None:
                raise UnknownMeetingError(meeting_id)
            series.extend_at = None
            waiting = select(Notice.meeting_id).where(
                Notice.kind == NoticeKind.INVITATION, Notice.done_at.is_(None), Notice.due_at > now
            )
            doomed = await session.scalars(
                select(Meeting).where(Meeting.series_id == series.id, Meeting.id.in_(waiting), Meeting.id != row.id)
            )
            count = 0
            for each in doomed:
                await session.delete(each)
                count += 1
            return count

    async def extend_series(self) -> int:
        """Plan the meetings of all series whose turn it is; returns how many."""
        now = self._clock.now()
        async with self._calendar.database.reading() as session:
            due = list(await session.scalars(select(MeetingSeries.id).where(MeetingSeries.extend_at <= now)))
        count = 0
        for series_id in due:
            async with self._calendar.database.writing() as session:
                count += await extend(session, self._calendar, series_id, now)
        return count


async def extend(session: AsyncSession, calendar: Calendar, series_id: int, now: dt.datetime) -> int:
    """Plan a series' meetings up to `HORIZON`, as copies of its last one; returns how many."""
    series_row = await session.get(MeetingSeries, series_id, with_for_update=True)
    if series_row is None:
        return 0
    pattern = await session.scalar(
        select(Meeting).where(Meeting.series_id == series_id).order_by(Meeting.starts_at.desc()).limit(1)
    )
    if pattern is None:
        series_row.extend_at = None
        return 0
    series = read_series(series_row)
    taken = set(await session.scalars(select(Meeting.occurrence).where(Meeting.series_id == series_id)))
    keys = await calendar.keys(session, pattern.id)
    until = now + HORIZON
    count = 0
    for each in series.between(series_row.planned_until, until):
        if each.day in taken or each.start.astimezone(dt.UTC) <= now:
            continue
        draft = changed(pattern, keys, {"start": each.start, "end": each.end, "reply_by": None})
        row = new_row(draft, pattern.created_by, now, calendar.zone)
        row.series_id, row.occurrence = series_id, each.day
        session.add(row)
        await session.flush()
        session.add_all([MeetingGroup(meeting_id=row.id, group_key=key) for key in keys])
        plan(session, row, now, calendar.zone, invite_at=max(now, row.starts_at - INVITE_BEFORE))
        count += 1
    series_row.planned_until = until
    more = series.after(until)
    series_row.extend_at = more[0].start.astimezone(dt.UTC) - HORIZON if more else None
    return count


def shift(series: Series, start: dt.datetime, end: dt.datetime) -> Series:
    """The same series with its first meeting at another time, perhaps on another weekday or day of the month.

    Raises:
        OddValueError: It meets on several weekdays, none of them the new one.
    """
    length = (end.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds()
    same = Series(series.rule, start, max(int(length // 60), 1), frozenset())
    first = next(same.occurrences(), None)
    parts = rule_parts(series.rule)
    if first is None or first.day != start.date():
        codes, new = parts.get("BYDAY", "").split(","), DAY_CODES[start.weekday()]
        if len(codes) > 1:
            raise OddValueError("series")
        if codes[0]:
            place = (start.day - 1) // 7 + 1
            parts["BYDAY"] = f"{place if place < 5 else -1}{new}" if codes[0][:-2] else new
        if "BYMONTHDAY" in parts:
            parts["BYMONTHDAY"] = str(start.day)
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    return Series(rule, start, same.minutes, series.left_out)
