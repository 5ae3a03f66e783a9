"""What is noted of followed calendars' events: new, changed, gone; and those that wait."""

import asyncio
import datetime as dt
from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.fetching import Page
from bot.meetings.calendars import UnreadableCalendarError
from bot.meetings.errors import CalendarFaultError
from bot.meetings.kinds import State
from bot.meetings.models import FollowedCalendar, FollowedEvent, Meeting
from bot.meetings.outside import Said, coming_events
from bot.meetings.shared import Calendar

FORGET_AFTER = dt.timedelta(days=90)
"""After its time, an event is forgotten."""


async def read_page(calendar: Calendar, page: Page) -> dict[str, Said]:
    """The events of a page.

    Raises:
        CalendarFaultError: It is no calendar.
    """
    now = calendar.clock.now()
    try:
        return await asyncio.to_thread(coming_events, page.body, calendar.zone, now)
    except UnreadableCalendarError:
        raise CalendarFaultError("dort liegt kein Kalender (.ics)") from None


async def take_events(
    calendar: Calendar, session: AsyncSession, row: FollowedCalendar, events: dict[str, Said], now: dt.datetime
) -> None:
    """Note what is new or says something else; what is missing and was a meeting is gone."""
    found = await session.scalars(select(FollowedEvent).where(FollowedEvent.calendar_id == row.id))
    known = {each.key: each for each in found}
    linked = [each.meeting_id for each in known.values() if each.meeting_id is not None]
    lively = set(
        await session.scalars(select(Meeting.id).where(Meeting.id.in_(linked), Meeting.state != State.CANCELLED))
    )
    for key, said in events.items():
        event = known.get(key)
        if event is None:
            if not said.gone:
                session.add(_event(row, key, said))
        elif event.digest != said.digest:
            _note(event, said)
            event.waiting = event.meeting_id in lively or not said.gone
    for key, event in known.items():
        said = Said.of(event.said, calendar.zone)
        if key not in events and not said.gone and event.starts_at > now:
            _note(event, replace(said, gone=True, vanished=True))
            event.waiting = event.meeting_id in lively
    old = FollowedEvent.starts_at < now - FORGET_AFTER
    await session.execute(delete(FollowedEvent).where(FollowedEvent.calendar_id == row.id, old))


async def open_events(calendar: Calendar, session: AsyncSession, row: FollowedCalendar) -> list[FollowedEvent]:
    """Those that wait and are not past, soonest first."""
    found = await session.scalars(
        select(FollowedEvent)
        .where(
            FollowedEvent.calendar_id == row.id,
            FollowedEvent.waiting,
            FollowedEvent.starts_at > calendar.clock.now(),
        )
        .order_by(FollowedEvent.starts_at, FollowedEvent.id)
    )
    return list(found)


def short_enough(text: str | None, limit: int) -> str | None:
    """A header that fits the table, else none: then the whole is fetched again."""
    return text if text is not None and len(text) <= limit else None


def _event(row: FollowedCalendar, key: str, said: Said) -> FollowedEvent:
    return FollowedEvent(
        calendar_id=row.id,
        key=key,
        digest=said.digest,
        said=said.as_json(),
        starts_at=said.start.astimezone(dt.UTC),
        waiting=True,
        told=False,
    )


def _note(event: FollowedEvent, said: Said) -> None:
    event.digest, event.said, event.starts_at = said.digest, said.as_json(), said.start.astimezone(dt.UTC)
    event.told = False
