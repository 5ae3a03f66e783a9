"""The rules of replies: who may answer until when, the room limit and its waiting list, deputies, who is silent."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.meetings.audience import all_members
from bot.meetings.errors import (
    DeputyError,
    NotInvitedError,
    NudgedError,
    NudgeTooLateError,
    OverError,
    TooLateError,
    UnknownMeetingError,
)
from bot.meetings.kinds import Answer, NoticeKind, State
from bot.meetings.models import Meeting, Notice, Reply
from bot.meetings.shared import Calendar, notice, replies_of
from bot.meetings.views import NO_REPLY, MeetingView, ReplyView, reply_view
from bot.members.models import Person
from bot.members.profiles import Profile


@dataclass(frozen=True)
class Answered:
    """What a press came to.

    Attributes:
        meeting: The meeting.
        reply: The person's reply now.
        fresh: False where it was this already.
        moved_up: How many moved up from the waiting list.
    """

    meeting: MeetingView
    reply: ReplyView
    fresh: bool
    moved_up: int = 0


@dataclass(frozen=True)
class Line:
    """One person in the list of replies."""

    person_id: int
    name: str
    town: str
    answer: Answer | None
    waiting: bool
    deputy: str = ""
    deputy_for: str = ""
    answered_at: dt.datetime | None = None
    attended: bool | None = None


@dataclass(frozen=True)
class Overview:
    """All replies, for those who plan the meeting.

    Attributes:
        meeting: The meeting.
        lines: All who are invited, by name.
    """

    meeting: MeetingView
    lines: tuple[Line, ...]

    def of(self, answer: Answer | None, *, waiting: bool = False) -> list[Line]:
        """Those with one answer; None: no reply yet."""
        return [line for line in self.lines if line.answer is answer and line.waiting == waiting]

    @property
    def waiting(self) -> list[Line]:
        """The waiting list."""
        return self.of(Answer.YES, waiting=True)

    @property
    def towns(self) -> int:
        """How many towns come."""
        return len({line.town for line in self.of(Answer.YES) if line.town})


async def audience(session: AsyncSession, calendar: Calendar, row: Meeting) -> dict[int, Profile]:
    """All whom a meeting concerns: invited members and named deputies, none of them suspended."""
    if row.for_all:
        ids = await all_members(session)
    else:
        ids = await calendar.groups.members(session, await calendar.keys(session, row.id))
    deputies = await session.scalars(
        select(Reply.person_id).where(Reply.meeting_id == row.id, Reply.deputy_for.is_not(None))
    )
    profiles = await calendar.profiles.load_many(session, ids | set(deputies))
    return {each: profile for each, profile in profiles.items() if profile.is_member}


class Replies:
    """Takes replies, and tells those who plan what there is."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._clock = calendar.clock

    async def mine(self, actor_id: int | None, meeting_id: int) -> tuple[MeetingView, ReplyView]:
        """A meeting and one's own reply.

        Raises:
            NotInvitedError: The actor is not invited.
            UnknownMeetingError: There is no such meeting.
        """
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, meeting_id) if 0 < meeting_id < 2**62 else None
            if row is None or row.state == State.DRAFT:
                raise UnknownMeetingError(meeting_id)
            actor = await self._calendar.profiles.acting(session, actor_id)
            await self._check_invited(session, row, actor)
            own = await session.get(Reply, (meeting_id, actor.id))
            return await self._calendar.view(session, row), reply_view(own)

    async def answer(self, actor_id: int | None, meeting_id: int, answer: Answer) -> Answered:
        """Answer an invitation, or change one's mind.

        Raises:
            NotInvitedError: The actor is not invited.
            OverError: The meeting has begun or is cancelled.
            TooLateError: Replies were wanted earlier; only `NO` is still taken.
            UnknownMeetingError: There is no such meeting.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row, actor = await self._open(session, actor_id, meeting_id, now)
            own = await session.get(Reply, (meeting_id, actor.id))
            if own is not None and own.answer == answer and own.deputy_id is None:
                return Answered(await self._calendar.view(session, row), reply_view(own), fresh=False)
            stands_in = own is not None and own.deputy_for is not None  # who falls ill late sends somebody late
            if answer is not Answer.NO and not stands_in and row.reply_by is not None and row.reply_by < now:
                raise TooLateError
            if own is None:
                own = Reply(meeting_id=meeting_id, person_id=actor.id)
                session.add(own)
            await self._give_up_deputy(session, own)
            held = own.answer == Answer.YES and own.waiting_since is None
            own.answer, own.answered_at, own.waiting_since = answer.value, now, None
            await session.flush()
            if answer is Answer.YES and not held and await self._full(session, row, without=actor.id):
                own.waiting_since = now
            await session.flush()
            moved_up = await move_up(session, row, now)
            view = await self._calendar.view(session, row)
        return Answered(view, reply_view(own), fresh=True, moved_up=moved_up)

    async def possible_deputies(self, actor_id: int | None, meeting_id: int) -> list[Profile]:
        """The other members from one's own town.

        Raises:
            NotInvitedError: The actor is not invited.
            OverError: The meeting has begun or is cancelled.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            _, actor = await self._open(session, actor_id, meeting_id, now)
            if actor.town_id is None:
                return []
            ids = await session.scalars(select(Person.id).where(Person.town_id == actor.town_id, Person.id != actor.id))
            found = await self._calendar.profiles.load_many(session, list(ids))
            return sorted((each for each in found.values() if each.is_member), key=lambda each: each.name.casefold())

    async def name_deputy(self, actor_id: int | None, meeting_id: int, deputy_id: int) -> Answered:
        """Send somebody from one's own town instead; they are invited and answer for themselves.

        Raises:
            DeputyError: It is no other member from the same town, or they answered for themselves already.
            NotInvitedError: The actor is not invited.
            OverError: The meeting has begun or is cancelled.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row, actor = await self._open(session, actor_id, meeting_id, now)
            found = await self._calendar.profiles.load_many(session, [deputy_id])
            deputy = found.get(deputy_id)
            same_town = deputy is not None and deputy.town_id is not None and deputy.town_id == actor.town_id
            if deputy is None or not deputy.is_member or not same_town or deputy_id == actor.id:
                raise DeputyError
            theirs = await session.get(Reply, (meeting_id, deputy_id))
            if theirs is not None and theirs.deputy_for not in (None, actor.id):
                raise DeputyError
            own = await session.get(Reply, (meeting_id, actor.id))
            if own is not None and own.deputy_id == deputy_id:
                return Answered(await self._calendar.view(session, row), reply_view(own), fresh=False)
            if own is None:
                own = Reply(meeting_id=meeting_id, person_id=actor.id)
                session.add(own)
            await self._give_up_deputy(session, own)
            own.answer, own.answered_at, own.waiting_since = Answer.NO.value, now, None
            own.deputy_id = deputy_id
            if theirs is None:
                theirs = Reply(meeting_id=meeting_id, person_id=deputy_id)
                session.add(theirs)
            theirs.deputy_for = actor.id
            occasion = f"{deputy_id}:{actor.id}"
            if not await _said(session, meeting_id, NoticeKind.DEPUTY, occasion):
                data = {"person": deputy_id, "for": actor.name}
                session.add(notice(row, NoticeKind.DEPUTY, occasion, now, data))
            await session.flush()
            moved_up = await move_up(session, row, now)
            view = await self._calendar.view(session, row)
        return Answered(view, reply_view(own), fresh=True, moved_up=moved_up)

    async def overview(self, actor_id: int | None, meeting_id: int) -> Overview:
        """All who are invited, with their replies.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            UnknownMeetingError: There is none.
        """
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, meeting_id) if 0 < meeting_id < 2**62 else None
            if row is None or row.state == State.DRAFT:
                raise UnknownMeetingError(meeting_id)
            await self._calendar.leading(session, actor_id, row)
            replies = await replies_of(session, meeting_id)
            people = await audience(session, self._calendar, row)
            people |= await self._calendar.profiles.load_many(session, set(replies) - set(people))
            lines = [_line(profile, replies.get(profile.id), people) for profile in people.values()]
            lines.sort(key=lambda line: (line.name.casefold(), line.person_id))
            return Overview(await self._calendar.view(session, row), tuple(lines))

    async def invited(self, actor_id: int | None, meeting_id: int) -> int:
        """How many people a meeting invites, for those who plan it.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            UnknownMeetingError: There is none.
        """
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, meeting_id)
            if row is None:
                raise UnknownMeetingError(meeting_id)
            await self._calendar.leading(session, actor_id, row)
            return len(await audience(session, self._calendar, row))

    async def nudge(self, actor_id: int | None, meeting_id: int) -> int:
        """Ask those alone who have not replied, at most once a day; returns how many they are.

        Raises:
            NudgedError: They were asked today.
            NudgeTooLateError: Replies were wanted earlier.
            NotAllowedError: The actor does not plan this meeting.
            OverError: The meeting has begun or is cancelled.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            if row.state != State.PLANNED or row.starts_at <= now:
                raise OverError
            if row.reply_by is not None and row.reply_by < now:
                raise NudgeTooLateError
            occasion = now.astimezone(self._calendar.zone).date().isoformat()
            if await _said(session, meeting_id, NoticeKind.NUDGE, occasion):
                raise NudgedError
            replies = await replies_of(session, meeting_id)
            people = await audience(session, self._calendar, row)
            silent = [each for each in people if each not in replies or replies[each].answer is None]
            if silent:
                session.add(notice(row, NoticeKind.NUDGE, occasion, now))
        return len(silent)

    # Within ----------------------------------------------------------------------------------------------------------

    async def _open(
        self, session: AsyncSession, actor_id: int | None, meeting_id: int, now: dt.datetime
    ) -> tuple[Meeting, Profile]:
        row = await self._calendar.locked(session, meeting_id)
        if row.state == State.DRAFT:
            raise UnknownMeetingError(meeting_id)
        actor = await self._calendar.profiles.acting(session, actor_id)
        await self._check_invited(session, row, actor)
        if row.state != State.PLANNED or row.starts_at <= now:
            raise OverError
        return row, actor

    async def _check_invited(self, session: AsyncSession, row: Meeting, actor: Profile) -> None:
        if actor.is_office or row.for_all:
            return
        keys = set(await self._calendar.keys(session, row.id))
        if keys & (await self._calendar.groups.of(session, actor.id) | actor.leads):
            return
        own = await session.get(Reply, (row.id, actor.id))
        if own is None:
            raise NotInvitedError

    async def _full(self, session: AsyncSession, row: Meeting, without: int) -> bool:
        if row.seats is None:
            return False
        taken = Reply.meeting_id == row.id, Reply.answer == Answer.YES, Reply.waiting_since.is_(None)
        count = await session.scalar(select(func.count()).select_from(Reply).where(*taken, Reply.person_id != without))
        return (count or 0) >= row.seats

    async def _give_up_deputy(self, session: AsyncSession, own: Reply) -> None:
        """Who answers anew comes or stays away in person: the deputy who has not answered yet is not needed."""
        if own.deputy_id is None:
            return
        theirs = await session.get(Reply, (own.meeting_id, own.deputy_id))
        own.deputy_id = None
        if theirs is not None:
            theirs.deputy_for = None
            if theirs.answer is None:
                await session.delete(theirs)


async def move_up(session: AsyncSession, row: Meeting, now: dt.datetime) -> int:
    """Give free seats to those who wait longest, and tell them; returns how many."""
    replies = await replies_of(session, row.id)
    coming = [each for each in replies.values() if each.answer == Answer.YES]
    waiting = sorted(
        (each for each in coming if each.waiting_since is not None),
        key=lambda each: (each.waiting_since or now, each.person_id),
    )
    free = len(waiting) if row.seats is None else row.seats - (len(coming) - len(waiting))
    lucky = waiting[: max(free, 0)]
    for each in lucky:
        since = each.waiting_since or now
        each.waiting_since = None
        occasion = f"{each.person_id}:{since:%Y%m%d%H%M%S}"
        if not await _said(session, row.id, NoticeKind.SEAT, occasion):
            session.add(notice(row, NoticeKind.SEAT, occasion, now, {"person": each.person_id}))
    await session.flush()
    return len(lucky)


async def _said(session: AsyncSession, meeting_id: int, kind: NoticeKind, occasion: str) -> bool:
    found = await session.scalar(
        select(Notice.id).where(Notice.meeting_id == meeting_id, Notice.kind == kind, Notice.occasion == occasion)
    )
    return found is not None


def _line(profile: Profile, row: Reply | None, people: dict[int, Profile]) -> Line:
    def name(person_id: int | None) -> str:
        return people[person_id].name if person_id in people else ""

    reply = reply_view(row) if row is not None else NO_REPLY
    return Line(
        person_id=profile.id,
        name=profile.name,
        town=profile.town or "",
        answer=reply.answer,
        waiting=reply.waiting,
        deputy=name(reply.deputy_id),
        deputy_for=name(reply.deputy_for),
        answered_at=row.answered_at if row else None,
        attended=row.attended if row else None,
    )


def csv_rows(overview: Overview, words: dict[Answer | None, str]) -> list[Sequence[str]]:
    """The list of replies as rows for a CSV file, its heading first.

    Args:
        overview: The replies.
        words: The German word for each answer; None: no reply yet.
    """
    rows: list[Sequence[str]] = [("Name", "Stadt", "Antwort", "Warteliste", "Vertretung", "Vertritt", "Anwesend")]
    present = {None: "", True: "ja", False: "nein"}
    rows += [
        (
            line.name,
            line.town,
            words[line.answer],
            "ja" if line.waiting else "",
            line.deputy,
            line.deputy_for,
            present[line.attended],
        )
        for line in overview.lines
    ]
    return [tuple(_harmless(cell) for cell in row) for row in rows]


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text: what begins like a formula gets a quote before it."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
