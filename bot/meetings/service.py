"""The rules of planning: who may plan for whom, what a change does, and what is to be said because of it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.logs import get_logger
from bot.meetings.audience import GroupName
from bot.meetings.changing import apply_change
from bot.meetings.drafting import (
    REASON_LIMIT,
    Draft,
    check_draft,
    new_row,
    new_series,
)
from bot.meetings.errors import NotAllowedError, OddValueError, OverError, PastError, UnknownMeetingError
from bot.meetings.kinds import NoticeKind, State
from bot.meetings.models import Meeting, MeetingGroup, MeetingSeries, Notice
from bot.meetings.replies import move_up
from bot.meetings.series import extend
from bot.meetings.shared import Calendar, notice, plan, reminder_key
from bot.meetings.views import MeetingView, view_many
from bot.members import audit
from bot.members.profiles import Profile

_log = get_logger("lotse.meetings")


@dataclass(frozen=True)
class Changed:
    """What a change came to.

    Attributes:
        meeting: As it is now.
        moved: Whether its time is another.
        told: Whether the people are told.
        moved_up: How many moved up from the waiting list.
    """

    meeting: MeetingView
    moved: bool = False
    told: bool = False
    moved_up: int = 0


class Planning:
    """Plans, changes and cancels meetings."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._clock = calendar.clock

    # Planning --------------------------------------------------------------------------------------------------------

    async def may_plan(self, actor_id: int | None) -> list[GroupName]:
        """The groups for which somebody may plan; for the office all.

        Raises:
            NotAllowedError: There is none.
        """
        async with self._calendar.database.reading() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            names = await self._calendar.groups.names(session)
            mine = [name for key, name in sorted(names.items()) if actor.may_lead(key)]
        if not mine and not actor.is_office:
            raise NotAllowedError
        return mine

    async def is_office(self, actor_id: int | None) -> bool:
        """Whether somebody may plan for all."""
        async with self._calendar.database.reading() as session:
            actor = await self._calendar.profiles.load(session, actor_id or 0)
        return actor.is_office

    async def draft(self, actor_id: int | None, draft: Draft) -> MeetingView:
        """Keep a meeting that nobody else knows of yet.

        Raises:
            NotAllowedError: The actor may not plan for these groups.
            PastError: It would begin in the past, or end before it begins.
            OddValueError: No title, nobody invited, or an odd number.
        """
        now = self._clock.now()
        check_draft(draft, now)
        async with self._calendar.database.writing() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            await self._check_groups(session, actor, draft.groups, for_all=draft.for_all)
            row = new_row(draft, actor.id, now, self._calendar.zone)
            if draft.series is not None:
                series = new_series(draft.series, now)
                session.add(series)
                await session.flush()
                row.series_id, row.occurrence = series.id, draft.start.astimezone(self._calendar.zone).date()
            session.add(row)
            await session.flush()
            session.add_all([MeetingGroup(meeting_id=row.id, group_key=key) for key in sorted(set(draft.groups))])
            await session.flush()
            return await self._calendar.view(session, row)

    async def publish(self, actor_id: int | None, meeting_id: int) -> tuple[MeetingView, bool]:
        """Let a draft become a meeting: people are invited, reminders are set.

        Returns:
            The meeting, and False where it was one already.

        Raises:
            NotAllowedError: The actor may not.
            UnknownMeetingError: There is no such draft.
            PastError: It would have begun by now.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            actor = await self._calendar.leading(session, actor_id, row)
            if row.state != State.DRAFT:
                return await self._calendar.view(session, row), False
            if row.starts_at <= now:
                raise PastError
            await self._check_groups(
                session, actor, await self._calendar.keys(session, meeting_id), for_all=row.for_all
            )
            plan(session, row, now, self._calendar.zone, invite_at=now)
            audit.note(session, now, "meeting.add", actor=actor.id, about=f"meeting:{row.id}")
            await session.flush()
            if row.series_id is not None:
                await extend(session, self._calendar, row.series_id, now)
            view = await self._calendar.view(session, row)
        _log.info("meeting planned", meeting=meeting_id)
        return view, True

    async def discard(self, actor_id: int | None, meeting_id: int) -> None:
        """Forget a draft; what is planned is cancelled instead.

        Raises:
            NotAllowedError: The actor may not.
            UnknownMeetingError: There is no such draft.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            if row.state != State.DRAFT:
                raise UnknownMeetingError(meeting_id)
            series_id = row.series_id
            await session.delete(row)
            await session.flush()
            if series_id is not None:
                await session.execute(delete(MeetingSeries).where(MeetingSeries.id == series_id))

    async def get(self, actor_id: int | None, meeting_id: int) -> MeetingView:
        """A meeting for those who plan it.

        Raises:
            NotAllowedError: The actor may not.
            UnknownMeetingError: There is none.
        """
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, meeting_id) if 0 < meeting_id < 2**62 else None
            if row is None:
                raise UnknownMeetingError(meeting_id)
            await self._calendar.leading(session, actor_id, row)
            return await self._calendar.view(session, row)

    async def invite(
        self, actor_id: int | None, meeting_id: int, keys: Collection[str], *, for_all: bool
    ) -> MeetingView:
        """Choose whom a draft invites.

        Raises:
            NotAllowedError: The actor may not plan for these groups.
            UnknownMeetingError: There is no such draft.
            OddValueError: Nobody would be invited.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            actor = await self._calendar.leading(session, actor_id, row)
            if row.state != State.DRAFT:
                raise UnknownMeetingError(meeting_id)
            await self._check_groups(session, actor, keys, for_all=for_all)
            row.for_all = for_all
            await session.execute(delete(MeetingGroup).where(MeetingGroup.meeting_id == row.id))
            session.add_all([MeetingGroup(meeting_id=row.id, group_key=key) for key in sorted(set(keys))])
            await session.flush()
            return await self._calendar.view(session, row)

    async def by_uid(self, actor_id: int | None, uid: str) -> MeetingView | None:
        """The meeting that calendar files know by a UID, for those who plan it; None where there is none."""
        async with self._calendar.database.reading() as session:
            row = await session.scalar(select(Meeting).where(Meeting.uid == uid[:80])) if uid else None
            if row is None or row.state == State.DRAFT:
                return None
            try:
                await self._calendar.leading(session, actor_id, row)
            except (NotAllowedError, UnknownMeetingError):
                return None
            return await self._calendar.view(session, row)

    async def collisions(
        self, meeting_id: int, start: dt.datetime | None = None, end: dt.datetime | None = None
    ) -> list[MeetingView]:
        """Planned meetings that overlap with this one, or would if it had another time."""
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, meeting_id)
            if row is None:
                return []
            found = await session.scalars(
                select(Meeting)
                .where(
                    Meeting.state == State.PLANNED,
                    Meeting.starts_at < (end or row.ends_at),
                    Meeting.ends_at > (start or row.starts_at),
                    Meeting.id != row.id,
                )
                .order_by(Meeting.starts_at, Meeting.id)
                .limit(10)
            )
            return await view_many(session, list(found), await self._calendar.groups.names(session))

    # Changing --------------------------------------------------------------------------------------------------------

    async def change(self, actor_id: int | None, meeting_id: int, **values: Any) -> Changed:
        """Change a draft or a meeting; of a meeting people are told what changed.

        Args:
            actor_id: Who acts.
            meeting_id: Which.
            values: `title`, `start`, `end`, `place`, `video_link`, `host_town`, `agenda`, `seats`, `reply_by`, as in
                `Draft`. A new start without an end keeps the length.

        Raises:
            NotAllowedError: The actor may not.
            UnknownMeetingError: There is none.
            OverError: It has begun or is cancelled.
            PastError: The new time lies in the past.
            OddValueError: An odd value.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            actor = await self._calendar.leading(session, actor_id, row)
            if row.state == State.CANCELLED or (row.state == State.PLANNED and row.starts_at <= now):
                raise OverError
            moved, told = await apply_change(session, self._calendar, row, values, now)
            if row.state == State.PLANNED and (moved or told):
                audit.note(session, now, "meeting.change", actor=actor.id, about=f"meeting:{row.id}")
            await session.flush()
            moved_up = await move_up(session, row, now) if row.state == State.PLANNED and "seats" in values else 0
            view = await self._calendar.view(session, row)
        return Changed(view, moved, row.state == State.PLANNED and (moved or told), moved_up)

    async def cancel(self, actor_id: int | None, meeting_id: int, reason: str = "") -> tuple[MeetingView, bool]:
        """Let a meeting not take place; everybody is told.

        Returns:
            The meeting, and False where it was cancelled already.

        Raises:
            NotAllowedError: The actor may not.
            UnknownMeetingError: There is none, or it is a draft.
            OverError: It has begun.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            actor = await self._calendar.leading(session, actor_id, row)
            if row.state == State.DRAFT:
                raise UnknownMeetingError(meeting_id)
            if row.state == State.CANCELLED:
                return await self._calendar.view(session, row), False
            if row.starts_at <= now:
                raise OverError
            row.state, row.cancel_reason = State.CANCELLED.value, reason.strip()[:REASON_LIMIT]
            row.sequence += 1
            row.changed_at = now
            unknown = row.series_id is None and await self._uninvited(session, row)
            await session.execute(delete(Notice).where(Notice.meeting_id == row.id, Notice.done_at.is_(None)))
            await self._take_back(session, row.id)
            if not unknown:
                session.add(notice(row, NoticeKind.CANCELLED, str(row.sequence), now))
            audit.note(session, now, "meeting.cancel", actor=actor.id, about=f"meeting:{row.id}")
            await session.flush()
            view = await self._calendar.view(session, row)
        _log.info("meeting cancelled", meeting=meeting_id)
        return view, True

    # Within ----------------------------------------------------------------------------------------------------------

    async def _uninvited(self, session: AsyncSession, row: Meeting) -> bool:
        """Whether nobody was invited yet; of a series people know all the same."""
        waits = Notice.kind == NoticeKind.INVITATION, Notice.done_at.is_(None)
        return await session.scalar(select(Notice.id).where(Notice.meeting_id == row.id, *waits)) is not None

    async def _take_back(self, session: AsyncSession, meeting_id: int) -> None:
        await self._calendar.outbox.cancel(reminder_key(meeting_id), session=session)

    async def _check_groups(
        self, session: AsyncSession, actor: Profile, keys: Collection[str], *, for_all: bool
    ) -> None:
        names = await self._calendar.groups.names(session)
        if not keys and not for_all:
            raise OddValueError("nobody")
        if for_all and not actor.is_office:
            raise NotAllowedError
        if any(key not in names for key in keys):
            raise OddValueError("group")
        if not all(actor.may_lead(key) for key in keys):
            raise NotAllowedError
