"""What all rules about meetings share: where, when, who; and what is to be said because of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.delivery.service import Outbox
from bot.meetings.audience import Groups
from bot.meetings.errors import NotAllowedError, UnknownMeetingError
from bot.meetings.kinds import NoticeKind, State
from bot.meetings.models import Meeting, MeetingGroup, Notice, Reply
from bot.meetings.reckoning import reminder_times
from bot.meetings.views import MeetingView, view_many
from bot.members.profiles import Profile, Profiles

ASK_MINUTES_AFTER = dt.timedelta(minutes=30)
INVITE_BEFORE = dt.timedelta(days=14)
"""How long before the later meetings of a series their invitations go out."""


@dataclass
class Calendar:
    """What rules about meetings share: where, when, who, which groups.

    Attributes:
        database: Where.
        clock: When.
        profiles: Who acts.
        groups: The working groups.
        outbox: What is to be sent.
        zone: The people's time zone.
    """

    database: Database
    clock: Clock
    profiles: Profiles
    groups: Groups
    outbox: Outbox
    zone: dt.tzinfo

    async def view(self, session: AsyncSession, row: Meeting) -> MeetingView:
        """One row as people see it."""
        return (await view_many(session, [row], await self.groups.names(session)))[0]

    async def locked(self, session: AsyncSession, meeting_id: int) -> Meeting:
        """A meeting's row, until the transaction ends this one's alone.

        Raises:
            UnknownMeetingError: There is none.
        """
        row = await session.get(Meeting, meeting_id, with_for_update=True) if 0 < meeting_id < 2**62 else None
        if row is None:
            raise UnknownMeetingError(meeting_id)
        return row

    async def keys(self, session: AsyncSession, meeting_id: int) -> list[str]:
        """The working groups that a meeting invites."""
        found = await session.scalars(select(MeetingGroup.group_key).where(MeetingGroup.meeting_id == meeting_id))
        return list(found)

    async def leading(self, session: AsyncSession, actor_id: int | None, row: Meeting) -> Profile:
        """Who acts, if they may change a meeting: leads of one of its groups, and the office.

        Raises:
            NotAllowedError: They may not.
            UnknownMeetingError: It is somebody else's draft.
        """
        actor = await self.profiles.acting(session, actor_id)
        keys = await self.keys(session, row.id)
        allowed = actor.is_office or (not row.for_all and any(actor.may_lead(key) for key in keys))
        if row.state == State.DRAFT and row.created_by != actor.id and not actor.is_office:
            raise UnknownMeetingError(row.id)
        if not allowed:
            raise NotAllowedError
        return actor


def reminder_key(meeting_id: int) -> str:
    """What the outbox knows a meeting's reminders by: they are taken back together."""
    return f"meeting:{meeting_id}:reminder"


def minutes_key(version: int) -> str:
    """What the outbox knows a version of a meeting's minutes by: nobody gets the same one twice."""
    return f"{NoticeKind.MINUTES}:{version}" if version else NoticeKind.MINUTES.value


def minutes_occasion(version: int, *, to_all: bool) -> str:
    """What a sending of minutes is known by."""
    whom = "all" if to_all else "0"
    return f"{version}:{whom}" if version else whom


def plan(session: AsyncSession, row: Meeting, now: dt.datetime, zone: dt.tzinfo, *, invite_at: dt.datetime) -> None:
    """Let a row become a planned meeting, with what is to be said about it and when."""
    row.state, row.published_at = State.PLANNED.value, now
    session.add(notice(row, NoticeKind.INVITATION, "0", invite_at))
    plan_reminders(session, row, now, zone, not_before=invite_at)


def plan_reminders(
    session: AsyncSession, row: Meeting, now: dt.datetime, zone: dt.tzinfo, not_before: dt.datetime | None = None
) -> None:
    """Set the reminders of a meeting that still lie ahead, and the question for its minutes."""
    for before, due_at in reminder_times(row.starts_at, zone).items():
        if due_at > (not_before or now):
            occasion = f"{row.moves}:{before.value}"
            session.add(
                notice(row, NoticeKind.REMINDER, occasion, due_at, {"before": before.value, "moves": row.moves})
            )
    occasion = f"{row.moves}"
    session.add(notice(row, NoticeKind.MINUTES_ASKED, occasion, row.ends_at + ASK_MINUTES_AFTER))


def notice(
    row: Meeting, kind: NoticeKind, occasion: str, due_at: dt.datetime, data: dict[str, Any] | None = None
) -> Notice:
    """Something to be said about a meeting, not yet in a session."""
    return Notice(meeting_id=row.id, kind=kind.value, occasion=occasion, due_at=due_at, data=data)


async def replies_of(session: AsyncSession, meeting_id: int) -> dict[int, Reply]:
    """All replies to a meeting, by person."""
    found = await session.scalars(select(Reply).where(Reply.meeting_id == meeting_id))
    return {row.person_id: row for row in found}
