"""The rules of series: their meetings are planned one by one, some weeks ahead."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.meetings.changing import change_following
from bot.meetings.drafting import changed, new_row
from bot.meetings.errors import UnknownMeetingError
from bot.meetings.kinds import NoticeKind
from bot.meetings.models import Meeting, MeetingGroup, MeetingSeries, Notice
from bot.meetings.shared import INVITE_BEFORE, Calendar, plan
from bot.meetings.views import MeetingView, read_series

HORIZON = dt.timedelta(days=60)
"""How far ahead the meetings of a series are planned one by one."""


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

    async def change_following(self, actor_id: int | None, meeting_id: int, **values: Any) -> tuple[MeetingView, int]:
        """See `bot.meetings.changing.change_following`."""
        return await change_following(self._calendar, actor_id, meeting_id, values)

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
