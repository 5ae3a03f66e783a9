"""What a change of a meeting does: new reminders, word of it to everybody, and for series its further meetings."""

import datetime as dt
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.meetings.drafting import Before, changed, check_draft, write_row, write_series
from bot.meetings.errors import OddValueError, OverError, UnknownMeetingError
from bot.meetings.kinds import NoticeKind, State
from bot.meetings.models import Meeting, MeetingSeries, Notice
from bot.meetings.recurrence.series import DAY_CODES, Series, rule_parts
from bot.meetings.shared import INVITE_BEFORE, Calendar, notice, plan_reminders, reminder_key
from bot.meetings.views import MeetingView, read_series
from bot.members import audit

_NEWS = [NoticeKind.MOVED, NoticeKind.CHANGED]


async def apply_change(
    session: AsyncSession, calendar: Calendar, row: Meeting, values: dict[str, Any], now: dt.datetime
) -> tuple[bool, bool]:
    """Change a draft or a meeting, with all that follows from it.

    Returns:
        Whether its time is another, and whether anything is that people want to know.

    Raises:
        PastError: The new time lies in the past.
        OddValueError: An odd value.
    """
    draft = changed(row, await calendar.keys(session, row.id), values)
    check_draft(draft, now)
    before = Before.of(row)
    write_row(row, draft, calendar.zone)
    await session.flush()
    moved, told = before.moved(row), before.told(row)
    if not (moved or told):
        return False, False
    row.changed_at = now
    if row.state == State.PLANNED:
        row.sequence += 1
        await _say(session, calendar, row, before, now, moved=moved)
    elif moved and row.series_id is not None:
        await _shift_series(session, calendar, row)
    return moved, told


async def _say(
    session: AsyncSession, calendar: Calendar, row: Meeting, before: Before, now: dt.datetime, *, moved: bool
) -> None:
    """Word of a change to everybody, together with earlier ones of which nobody was told yet."""
    earlier = list(
        await session.scalars(
            select(Notice)
            .where(Notice.meeting_id == row.id, Notice.done_at.is_(None), Notice.kind.in_(_NEWS))
            .order_by(Notice.id)
        )
    )
    said = [each.data or {} for each in earlier]
    names = [name for each in said for name in each.get("changed") or []] + before.changes(row)
    data: dict[str, Any] = {"changed": list(dict.fromkeys(names))}
    was = next((each["was"] for each in said if "was" in each), before.starts_at.isoformat() if moved else None)
    back = was is not None and bool(earlier) and dt.datetime.fromisoformat(was) == row.starts_at
    if was is not None and not back:
        data["was"] = was
    for each in earlier:
        await session.delete(each)
    await session.flush()
    if moved:
        row.moves += 1
        if row.reply_by is not None and row.reply_by <= now:
            row.reply_by = None  # replies are wanted again
        await _renew_reminders(session, calendar, row, now)
    if not back or data["changed"]:  # else it is again as everybody knows it
        kind = NoticeKind.MOVED if "was" in data else NoticeKind.CHANGED
        session.add(notice(row, kind, str(row.sequence), now, data))


async def _renew_reminders(
    session: AsyncSession, calendar: Calendar, row: Meeting, now: dt.datetime, not_before: dt.datetime | None = None
) -> None:
    kinds = [NoticeKind.REMINDER, NoticeKind.MINUTES_ASKED]
    await session.execute(
        delete(Notice).where(Notice.meeting_id == row.id, Notice.done_at.is_(None), Notice.kind.in_(kinds))
    )
    await calendar.outbox.cancel(reminder_key(row.id), session=session)
    plan_reminders(session, row, now, calendar.zone, not_before)


# Series --------------------------------------------------------------------------------------------------------------


async def change_following(
    calendar: Calendar, actor_id: int | None, meeting_id: int, values: dict[str, Any]
) -> tuple[MeetingView, int]:
    """Change a meeting of a series and all that follow: what they are about, where, and at what time of the day.

    Those to which nobody is invited yet change without a word: their invitations say it.

    Returns:
        The meeting, and how many changed.

    Raises:
        NotAllowedError: The actor may not.
        UnknownMeetingError: There is none, or it is no series.
        OverError: It has begun or is cancelled.
        OddValueError: Another day, or an odd value.
    """
    now = calendar.clock.now()
    async with calendar.database.writing() as session:
        row = await calendar.locked(session, meeting_id)
        actor = await calendar.leading(session, actor_id, row)
        series_row = await session.get(MeetingSeries, row.series_id, with_for_update=True) if row.series_id else None
        if series_row is None:
            raise UnknownMeetingError(meeting_id)
        if row.state != State.PLANNED or row.starts_at <= now:
            raise OverError
        start, end = (values[name].astimezone(calendar.zone) if name in values else None for name in ("start", "end"))
        if start is not None and start.date() != row.starts_at.astimezone(calendar.zone).date():
            raise OddValueError("series_day")
        found = await session.scalars(
            select(Meeting)
            .where(
                Meeting.series_id == series_row.id,
                Meeting.state == State.PLANNED,
                Meeting.starts_at >= row.starts_at,
            )
            .order_by(Meeting.starts_at)
            .with_for_update()
        )
        count = 0
        for each in list(found):
            own = dict(values)
            if start is not None and end is not None:
                day = each.starts_at.astimezone(calendar.zone).date()
                own |= {
                    "start": _on(day, start, calendar.zone),
                    "end": _on(day + (end.date() - start.date()), end, calendar.zone),
                }
            count += await _change_one(session, calendar, each, own, now)
        if start is not None and end is not None:
            _change_clock(series_row, start, end)
        audit.note(session, now, "meeting.change", actor=actor.id, about=f"series:{series_row.id}")
        await session.flush()
        return await calendar.view(session, row), count


async def _change_one(
    session: AsyncSession, calendar: Calendar, row: Meeting, values: dict[str, Any], now: dt.datetime
) -> bool:
    invitation = await session.scalar(
        select(Notice).where(
            Notice.meeting_id == row.id,
            Notice.kind == NoticeKind.INVITATION,
            Notice.done_at.is_(None),
            Notice.due_at > now,
        )
    )
    moved, told = await apply_change(session, calendar, row, values, now)
    if invitation is not None and (moved or told):
        await session.flush()
        await session.execute(
            delete(Notice).where(Notice.meeting_id == row.id, Notice.done_at.is_(None), Notice.kind.in_(_NEWS))
        )
        invitation.due_at = max(now, row.starts_at - INVITE_BEFORE)
        await _renew_reminders(session, calendar, row, now, invitation.due_at)
    return moved or told


def _on(day: dt.date, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, moment.time(), zone)


def _change_clock(row: MeetingSeries, start: dt.datetime, end: dt.datetime) -> None:
    """Further meetings of a series at another time of the day."""
    series = read_series(row)
    until, minutes = (
        row.planned_until,
        int((end.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds() // 60),
    )
    first = dt.datetime.combine(series.start.date(), start.time(), series.start.tzinfo)
    write_series(row, Series(series.rule, first, max(minutes, 1), series.left_out))
    # Looked at again from the day before: what is planned already is known by its day.
    row.planned_until = until - dt.timedelta(days=1)


async def _shift_series(session: AsyncSession, calendar: Calendar, row: Meeting) -> None:
    """A draft's time is that of its whole series."""
    series_row = await session.get(MeetingSeries, row.series_id)
    if series_row is None:
        return
    start, end = row.starts_at.astimezone(calendar.zone), row.ends_at.astimezone(calendar.zone)
    shifted = shift(read_series(series_row), start, end)
    write_series(series_row, shifted)
    row.occurrence = shifted.start.date()


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
