"""What is coming and what was, for each person; and the same as a private calendar."""

import datetime as dt
import secrets
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.meetings.audience import GroupName
from bot.meetings.errors import UnknownMeetingError
from bot.meetings.ics import Feed, feed
from bot.meetings.kinds import Answer, State
from bot.meetings.models import CalendarLink, Meeting, MeetingGroup, Reply
from bot.meetings.shared import Calendar
from bot.meetings.views import MeetingView, ReplyView, calendar_event, reply_view, view_many

PAGE = 6
FEED_BACK = dt.timedelta(days=90)
"""How far back a private calendar goes."""
FEED_NAME = "Innenstädte mit Zukunft"


class Which(IntEnum):
    """The lists of `/termine`."""

    MINE = 0
    """My working groups', those for all, and those that I replied to; without those I declined."""
    ALL = 1
    PAST = 2
    MONTH = 3
    """Of the alliance, in one month, from its first day to its last."""
    GROUP = 4
    """Of one working group."""


MONTHS = 12


def month_number(day: dt.date) -> int:
    """A month as a number, one more each month."""
    return day.year * MONTHS + day.month - 1


def month_begins(number: int, zone: dt.tzinfo) -> dt.datetime:
    """When the month of a number begins."""
    return dt.datetime(number // MONTHS, number % MONTHS + 1, 1, tzinfo=zone)


@dataclass(frozen=True)
class Wanted:
    """A list that somebody wants.

    Attributes:
        which: The list.
        month: Of the months' list, as `month_number`.
        group: Of a group's list, its key.
    """

    which: Which
    month: int = 0
    group: str = ""


@dataclass(frozen=True)
class Listed:
    """A page of meetings.

    Attributes:
        meetings: Each with one's own reply.
        total: How many there are in all.
    """

    meetings: tuple[tuple[MeetingView, ReplyView], ...]
    total: int


class Listing:
    """Lists meetings."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._clock = calendar.clock

    async def page(self, actor_id: int | None, wish: Wanted, page: int) -> Listed:
        """A page of a list.

        Raises:
            NotAllowedError: The actor is no member.
        """
        now = self._clock.now()
        async with self._calendar.database.reading() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            wanted = await self._wanted(session, actor.id, wish, now)
            total = await session.scalar(select(func.count()).select_from(Meeting).where(*wanted)) or 0
            order = Meeting.starts_at.desc() if wish.which is Which.PAST else Meeting.starts_at
            rows = list(
                await session.scalars(
                    select(Meeting).where(*wanted).order_by(order, Meeting.id).offset(page * PAGE).limit(PAGE)
                )
            )
            return Listed(await self._with_replies(session, actor.id, rows), total)

    async def groups(self, actor_id: int | None) -> list[GroupName]:
        """All working groups, those that one belongs to first.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._calendar.database.reading() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            names = await self._calendar.groups.names(session)
            mine = await self._calendar.groups.of(session, actor.id)
        return sorted(names.values(), key=lambda group: (group.key not in mine, group.short))

    async def next_of_group(self, group_key: str) -> MeetingView | None:
        """A working group's next meeting."""
        async with self._calendar.database.reading() as session:
            rows = await session.scalars(
                select(Meeting)
                .join(MeetingGroup, MeetingGroup.meeting_id == Meeting.id)
                .where(
                    MeetingGroup.group_key == group_key,
                    Meeting.state == State.PLANNED,
                    Meeting.starts_at > self._clock.now(),
                )
                .order_by(Meeting.starts_at, Meeting.id)
                .limit(1)
            )
            row = rows.first()
            return await self._calendar.view(session, row) if row is not None else None

    # Private calendars -----------------------------------------------------------------------------------------------

    async def link(self, actor_id: int | None, *, anew: bool = False) -> str:
        """The token of one's private calendar; made where there is none, or anew so that the old one holds no more.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._calendar.database.writing() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            row = await session.get(CalendarLink, actor.id, with_for_update=True)
            if row is not None and not anew:
                return row.token
            token = secrets.token_urlsafe(24)
            await session.merge(CalendarLink(person_id=actor.id, token=token, created_at=self._clock.now()))
            return token

    async def revoke_link(self, actor_id: int | None) -> bool:
        """Let one's private calendar be found no more; returns whether there was one.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._calendar.database.writing() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            row = await session.get(CalendarLink, actor.id, with_for_update=True)
            if row is not None:
                await session.execute(delete(CalendarLink).where(CalendarLink.person_id == actor.id))
            return row is not None

    async def feed(self, token: str) -> Feed:
        """The calendar behind a link: one's groups' meetings and those one accepted, cancelled ones marked so.

        Raises:
            UnknownMeetingError: The link does not hold (any more).
        """
        now = self._clock.now()
        async with self._calendar.database.reading() as session:
            link = await session.scalar(select(CalendarLink).where(CalendarLink.token == token))
            profile = await self._calendar.profiles.load(session, link.person_id) if link is not None else None
            if link is None or profile is None or not profile.is_member:
                raise UnknownMeetingError
            wanted = [
                Meeting.state != State.DRAFT,
                Meeting.starts_at > now - FEED_BACK,
                await self._concerns(session, profile.id),
            ]
            rows = list(await session.scalars(select(Meeting).where(*wanted).order_by(Meeting.starts_at)))
            listed = await self._with_replies(session, profile.id, rows)
        events = [
            calendar_event(meeting, tentative=reply.answer is not Answer.YES)
            for meeting, reply in listed
            if reply.answer is not Answer.NO
        ]
        return feed(events, FEED_NAME)

    # Within ----------------------------------------------------------------------------------------------------------

    async def _wanted(self, session: AsyncSession, person_id: int, wish: Wanted, now: dt.datetime) -> list[Any]:
        wanted: list[Any] = [Meeting.state == State.PLANNED]
        which = wish.which
        if which is Which.MONTH:
            begins, ends = (month_begins(number, self._calendar.zone) for number in (wish.month, wish.month + 1))
            wanted += [Meeting.starts_at >= begins.astimezone(dt.UTC), Meeting.starts_at < ends.astimezone(dt.UTC)]
        else:
            wanted.append(Meeting.ends_at <= now if which is Which.PAST else Meeting.ends_at > now)
        if which is Which.GROUP:
            theirs = select(MeetingGroup.meeting_id).where(MeetingGroup.group_key == wish.group)
            wanted.append(Meeting.id.in_(theirs))
        if which is Which.MINE:
            declined = select(Reply.meeting_id).where(Reply.person_id == person_id, Reply.answer == Answer.NO)
            wanted += [await self._concerns(session, person_id), Meeting.id.not_in(declined)]
        return wanted

    async def _concerns(self, session: AsyncSession, person_id: int) -> Any:
        keys = await self._calendar.groups.of(session, person_id)
        mine = select(MeetingGroup.meeting_id).where(MeetingGroup.group_key.in_(keys))
        replied = select(Reply.meeting_id).where(Reply.person_id == person_id)
        return or_(Meeting.for_all, Meeting.id.in_(mine), Meeting.id.in_(replied))

    async def _with_replies(
        self, session: AsyncSession, person_id: int, rows: list[Meeting]
    ) -> tuple[tuple[MeetingView, ReplyView], ...]:
        views = await view_many(session, rows, await self._calendar.groups.names(session))
        found = await session.scalars(
            select(Reply).where(Reply.person_id == person_id, Reply.meeting_id.in_([row.id for row in rows]))
        )
        replies = {row.meeting_id: row for row in found}
        return tuple((view, reply_view(replies.get(view.id))) for view in views)
