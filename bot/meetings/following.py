"""The rules of following other calendars: what is new or changed waits for a lead, or goes straight out."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.fetching import FetchFaultError, Page
from bot.meetings.errors import (
    CalendarFaultError,
    FollowedError,
    NotAllowedError,
    OverError,
    UnknownCalendarError,
    UnknownMeetingError,
)
from bot.meetings.followed import open_events, read_page, short_enough, take_events
from bot.meetings.kinds import State
from bot.meetings.models import FollowedCalendar, FollowedEvent, Meeting
from bot.meetings.outside import Said, calendar_title
from bot.meetings.service import Planning
from bot.meetings.shared import Calendar
from bot.meetings.views import MeetingView
from bot.members import audit
from bot.members.profiles import is_id

EVERY = dt.timedelta(minutes=30)
MOST = 10
"""Calendars of a group."""
URL_LIMIT = 1000


class Fetcher(Protocol):
    """Gets pages of the web."""

    async def get(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Page | None:
        """A page; None: it has not changed."""
        ...


@dataclass(frozen=True)
class Waiting:
    """An event that waits for a lead.

    Attributes:
        id: Its row.
        said: What it says.
        meeting: What became of it; None: nothing yet.
        group_key: For whom.
        waiting: Whether nobody has decided on what it says now.
    """

    id: int
    said: Said
    meeting: MeetingView | None
    group_key: str
    waiting: bool = True


class Following:
    """Follows other calendars.

    Args:
        calendar: What rules about meetings share.
        planning: The rules of planning: whatever comes of an event is a meeting like any other.
        fetcher: Gets calendars.
    """

    def __init__(self, calendar: Calendar, planning: Planning, fetcher: Fetcher) -> None:
        self._calendar = calendar
        self._planning = planning
        self._fetcher = fetcher

    # What leads decide -----------------------------------------------------------------------------------------------

    async def of(self, actor_id: int | None, group_key: str) -> list[FollowedCalendar]:
        """The calendars that a group follows.

        Raises:
            NotAllowedError: The actor may not plan for the group.
        """
        async with self._calendar.database.reading() as session:
            await self._leading(session, actor_id, group_key)
            wanted = select(FollowedCalendar).where(FollowedCalendar.group_key == group_key)
            return list(await session.scalars(wanted.order_by(FollowedCalendar.id)))

    async def get(self, actor_id: int | None, calendar_id: int) -> FollowedCalendar:
        """One of them.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownCalendarError: It is not followed.
        """
        async with self._calendar.database.reading() as session:
            return await self._row(session, actor_id, calendar_id)

    async def follow(self, actor_id: int | None, group_key: str, url: str) -> FollowedCalendar:
        """Follow a calendar; what it holds for the weeks to come waits for a lead.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            FollowedError: The group follows it already, or too many.
            CalendarFaultError: It cannot be read.
        """
        url = url.strip()
        url = f"https://{url.removeprefix('webcal://')}" if "://" not in url or url.startswith("webcal://") else url
        if len(url) > URL_LIMIT:
            raise CalendarFaultError("die Adresse ist zu lang")
        known = await self.of(actor_id, group_key)
        if len(known) >= MOST or any(each.url == url for each in known):
            raise FollowedError
        try:
            page = await self._fetcher.get(url)  # outside a transaction: a server may be slow
            events = await read_page(self._calendar, page) if page is not None else {}
        except FetchFaultError as error:
            raise CalendarFaultError(error.reason) from None
        now = self._calendar.clock.now()
        try:
            async with self._calendar.database.writing() as session:
                await self._leading(session, actor_id, group_key)
                row = FollowedCalendar(
                    group_key=group_key,
                    url=url,
                    title=(calendar_title(page.body) if page else "") or url[:200],
                    direct=False,
                    etag=short_enough(page.etag if page else None, 400),
                    last_modified=short_enough(page.last_modified if page else None, 100),
                    created_by=actor_id,
                    created_at=now,
                    next_check_at=now + EVERY,
                    failures=0,
                )
                session.add(row)
                await session.flush()
                await take_events(self._calendar, session, row, events, now)
                await session.flush()
                # Who follows a calendar looks at its events at once: the screen shows them.
                for event in await session.scalars(select(FollowedEvent).where(FollowedEvent.calendar_id == row.id)):
                    event.told = True
                audit.note(session, now, "calendar.follow", actor=actor_id, about=f"calendar:{row.id}")
        except IntegrityError:
            raise FollowedError from None
        return row

    async def set_direct(self, actor_id: int | None, calendar_id: int, *, direct: bool) -> FollowedCalendar:
        """Let what is new or changed from now on go straight out, or wait for a lead; who decides answers for it.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownCalendarError: It is not followed.
        """
        async with self._calendar.database.writing() as session:
            row = await self._row(session, actor_id, calendar_id)
            row.direct, row.created_by = direct, actor_id
            return row

    async def unfollow(self, actor_id: int | None, calendar_id: int) -> str:
        """Follow a calendar no more; its meetings stay. Returns the group's key.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownCalendarError: It is not followed.
        """
        now = self._calendar.clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._row(session, actor_id, calendar_id)
            await session.delete(row)
            audit.note(session, now, "calendar.unfollow", actor=actor_id, about=f"calendar:{calendar_id}")
            return row.group_key

    async def waiting(self, actor_id: int | None, calendar_id: int) -> list[Waiting]:
        """The events that wait for a lead, soonest first.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownCalendarError: It is not followed.
        """
        async with self._calendar.database.reading() as session:
            row = await self._row(session, actor_id, calendar_id)
            return [await self._waiting(session, row, each) for each in await open_events(self._calendar, session, row)]

    async def event(self, actor_id: int | None, event_id: int) -> Waiting:
        """One event that waits.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownMeetingError: It is there no more, or was decided on.
        """
        async with self._calendar.database.reading() as session:
            event, row = await self._event(session, actor_id, event_id)
            found = await self._waiting(session, row, event)
        if not event.waiting and (found.meeting is None or found.meeting.state is not State.DRAFT):
            raise UnknownMeetingError(event_id)
        if event.starts_at <= self._calendar.clock.now():
            raise OverError
        return found

    async def draft(self, actor_id: int | None, event_id: int) -> MeetingView:
        """Make a draft of an event, or bring its draft up to date where the event changed; then it waits no more.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownMeetingError: It is there no more.
            PastError: It lies in the past.
        """
        meeting = await self._drafted(actor_id, await self.event(actor_id, event_id))
        await self.leave(actor_id, event_id)
        return meeting

    async def take_over(self, actor_id: int | None, event_id: int) -> MeetingView | None:
        """Do with the meeting what the event says: plan, change or cancel it; everybody is told.

        Returns:
            The meeting; None: there was none to cancel.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownMeetingError: It is there no more.
            PastError, OverError: It is too late.
        """
        found = await self.event(actor_id, event_id)
        meeting = found.meeting
        if found.said.gone and meeting is not None and meeting.state is State.DRAFT:
            await self._planning.discard(actor_id, meeting.id)
            meeting = None
        elif found.said.gone and meeting is not None:
            meeting, _ = await self._planning.cancel(actor_id, meeting.id)
        elif not found.said.gone:
            if meeting is None or meeting.state is State.DRAFT:
                meeting = await self._drafted(actor_id, found)
                meeting, _ = await self._planning.publish(actor_id, meeting.id)
            else:
                meeting = (await self._planning.change(actor_id, meeting.id, **found.said.values)).meeting
        await self.leave(actor_id, event_id)
        return meeting

    async def leave(self, actor_id: int | None, event_id: int) -> int:
        """Let things be as they are; the event is offered again when it changes. Returns the calendar's number.

        Raises:
            NotAllowedError: The actor may not plan for the group.
            UnknownMeetingError: It is there no more.
        """
        async with self._calendar.database.writing() as session:
            event, row = await self._event(session, actor_id, event_id)
            event.waiting = False
            return row.id

    # Within ----------------------------------------------------------------------------------------------------------

    async def _drafted(self, actor_id: int | None, found: Waiting) -> MeetingView:
        if found.meeting is not None and found.meeting.state is State.DRAFT:
            if not found.waiting:
                return found.meeting
            return (await self._planning.change(actor_id, found.meeting.id, **found.said.values)).meeting
        meeting = await self._planning.draft(actor_id, found.said.draft(found.group_key))
        async with self._calendar.database.writing() as session:
            event, _ = await self._event(session, actor_id, found.id)
            event.meeting_id = meeting.id
        return meeting

    async def _waiting(self, session: AsyncSession, row: FollowedCalendar, event: FollowedEvent) -> Waiting:
        meeting = await session.get(Meeting, event.meeting_id) if event.meeting_id is not None else None
        view = await self._calendar.view(session, meeting) if meeting is not None else None
        return Waiting(event.id, Said.of(event.said, self._calendar.zone), view, row.group_key, event.waiting)

    async def _event(
        self, session: AsyncSession, actor_id: int | None, event_id: int
    ) -> tuple[FollowedEvent, FollowedCalendar]:
        event = await session.get(FollowedEvent, event_id) if is_id(event_id) else None
        if event is None:
            raise UnknownMeetingError(event_id)
        row = await self._row(session, actor_id, event.calendar_id)
        return event, row

    async def _row(self, session: AsyncSession, actor_id: int | None, calendar_id: int) -> FollowedCalendar:
        row = await session.get(FollowedCalendar, calendar_id) if is_id(calendar_id) else None
        if row is None:
            raise UnknownCalendarError(calendar_id)
        await self._leading(session, actor_id, row.group_key)
        return row

    async def _leading(self, session: AsyncSession, actor_id: int | None, group_key: str) -> None:
        actor = await self._calendar.profiles.acting(session, actor_id)
        if group_key not in await self._calendar.groups.names(session) or not actor.may_lead(group_key):
            raise NotAllowedError
