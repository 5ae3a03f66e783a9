"""The round of followed calendars: looks whether they changed, lets out what may go out, tells who decides the rest."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.pushes import Content, Push
from bot.delivery.quiet import next_allowed
from bot.fetching import FetchFaultError
from bot.logs import get_logger
from bot.meetings.errors import CalendarFaultError, MeetingsError
from bot.meetings.followed import open_events, read_page, short_enough, take_events
from bot.meetings.following import EVERY, Fetcher, Following
from bot.meetings.models import FollowedCalendar
from bot.meetings.outside import Said
from bot.meetings.reminders import PushTimes
from bot.meetings.shared import Calendar
from bot.members.errors import MembersError
from bot.members.models import GroupLead

RENDERER = "calendar"
LONGEST_PAUSE = dt.timedelta(hours=12)
"""Between two checks of a calendar that cannot be read."""
AT_A_TIME = 5
"""Events that go straight out in one check; for more than that a lead is asked after all."""
BROKEN_AFTER = 3
"""So many failed checks in a row, and who answers for it is told."""
KEEP_TRYING = dt.timedelta(days=14)

_log = get_logger("lotse.meetings.following")


class Looking:
    """Looks at followed calendars.

    Args:
        calendar: What rules about meetings share.
        following: What comes of an event.
        push_times: When it suits leads.
        fetcher: Gets calendars.
    """

    def __init__(self, calendar: Calendar, following: Following, push_times: PushTimes, fetcher: Fetcher) -> None:
        self._calendar = calendar
        self._following = following
        self._push_times = push_times
        self._fetcher = fetcher

    async def round(self) -> int:
        """Look at all calendars whose time has come; returns how many."""
        now = self._calendar.clock.now()
        async with self._calendar.database.reading() as session:
            due = list(await session.scalars(select(FollowedCalendar.id).where(FollowedCalendar.next_check_at <= now)))
        for calendar_id in due:
            await self._look(calendar_id)
        return len(due)

    async def _look(self, calendar_id: int) -> None:
        now = self._calendar.clock.now()
        async with self._calendar.database.writing() as session:
            row = await session.get(FollowedCalendar, calendar_id, with_for_update=True)
            if row is None or row.next_check_at > now:
                return
            last = row.next_check_at - EVERY if not row.failures else None
            row.next_check_at = now + EVERY  # taken: nobody else fetches it meanwhile
            url, etag, last_modified = row.url, row.etag, row.last_modified
            if last is None or self._day(last) != self._day(now):
                etag = last_modified = None  # once a day all is read: further events come near
        try:
            page = await self._fetcher.get(url, etag, last_modified)
            events = await read_page(self._calendar, page) if page is not None else None
        except (FetchFaultError, CalendarFaultError) as error:
            await self._failed(calendar_id, error.reason)
            return
        async with self._calendar.database.writing() as session:
            row = await session.get(FollowedCalendar, calendar_id, with_for_update=True)
            if row is None:
                return
            mended = row.failures >= BROKEN_AFTER
            row.failures, row.error = 0, None
            if page is not None and events is not None:
                row.etag, row.last_modified = short_enough(page.etag, 400), short_enough(page.last_modified, 100)
                await take_events(self._calendar, session, row, events, now)
            if mended:
                await self._tell(session, row, "mended", now)
        await self._send_out(calendar_id)
        async with self._calendar.database.writing() as session:
            row = await session.get(FollowedCalendar, calendar_id, with_for_update=True)
            if row is not None:
                await self._offer(session, row, now)

    def _day(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self._calendar.zone).date()

    async def _failed(self, calendar_id: int, reason: str) -> None:
        now = self._calendar.clock.now()
        async with self._calendar.database.writing() as session:
            row = await session.get(FollowedCalendar, calendar_id, with_for_update=True)
            if row is None:
                return
            row.failures, row.error = min(row.failures + 1, 1000), reason[:300]
            row.next_check_at = now + min(EVERY * 2 ** min(row.failures - 1, 10), LONGEST_PAUSE)
            if row.failures == BROKEN_AFTER:
                await self._tell(session, row, "broken", now)
        _log.info("calendar failed", calendar=calendar_id, reason=reason)

    async def _send_out(self, calendar_id: int) -> None:
        """What goes straight out: what no lead was asked yet, has a time and did not just vanish; and not too much."""
        async with self._calendar.database.reading() as session:
            row = await session.get(FollowedCalendar, calendar_id)
            if row is None or not row.direct or row.created_by is None:
                return
            events = [
                each.id
                for each in await open_events(self._calendar, session, row)
                if not each.told and _is_clear(Said.of(each.said, self._calendar.zone))
            ]
        for event_id in events[:AT_A_TIME]:
            try:
                await self._following.take_over(row.created_by, event_id)
            except (MeetingsError, MembersError) as error:
                _log.info("event not taken over", event_id=event_id, reason=error.code)

    async def _offer(self, session: AsyncSession, row: FollowedCalendar, now: dt.datetime) -> None:
        fresh = [each for each in await open_events(self._calendar, session, row) if not each.told]
        for each in fresh:
            each.told = True
        if fresh:
            await self._tell(session, row, "events", now)

    async def _tell(self, session: AsyncSession, row: FollowedCalendar, kind: str, now: dt.datetime) -> None:
        people = await self._deciders(session, row)
        times = await self._push_times.of_many(people)
        for person in people:
            await self._push(session, row, kind, person, next_allowed(times[person], now), now)

    async def _deciders(self, session: AsyncSession, row: FollowedCalendar) -> list[int]:
        """Who answers for it, if they still may; else the group's leads."""
        if row.created_by is not None:
            profile = await self._calendar.profiles.load(session, row.created_by)
            if profile.may_lead(row.group_key):
                return [row.created_by]
        return list(await session.scalars(select(GroupLead.person_id).where(GroupLead.group_key == row.group_key)))

    async def _push(
        self,
        session: AsyncSession,
        row: FollowedCalendar,
        kind: str,
        person: int,
        suits: dt.datetime,
        now: dt.datetime,
    ) -> None:
        push = Push(
            what=f"calendar:{row.id}",
            occasion=f"{kind}:{now:%Y%m%dT%H%M%S}",
            chat_id=person,
            content=Content(renderer=RENDERER, context={"calendar": row.id, "kind": kind, "person": person}),
            not_before=suits,
            not_after=now + KEEP_TRYING,
        )
        await self._calendar.outbox.enqueue(push, session)


def _is_clear(said: Said) -> bool:
    return not said.all_day and not said.vanished
