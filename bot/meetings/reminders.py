"""The round: finds what is due to be said, and queues it for everybody whom it concerns, once."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import in_pages
from bot.delivery.kinds import Priority
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.pushes import Content, Mailing, Recipient
from bot.delivery.quiet import Preferences, next_allowed
from bot.logs import get_logger
from bot.meetings.kinds import DEFAULT_BEFORE, LEADS, Answer, Before, NoticeKind, State
from bot.meetings.models import Meeting, Notice, ReminderChoice, Reply
from bot.meetings.replies import audience
from bot.meetings.series import SeriesPlanning
from bot.meetings.shared import Calendar, minutes_key, reminder_key, replies_of
from bot.members.models import GroupLead, Person
from bot.members.profiles import Profile
from bot.members.roles import KEPT_ROLES, is_office

RENDERER = "meeting"
"""Who makes the messages at the moment of sending."""
AT_A_TIME = 200
"""Notices read in one statement."""
ALL_MEETINGS = 0
INVITED = f"{NoticeKind.INVITATION}:0"
"""What the outbox knows invitations by."""
KEEP_AFTER = dt.timedelta(days=30)
"""What is said about a meeting that is over is not sent later than so long after it was said."""
_MUST_ARRIVE = frozenset({NoticeKind.MOVED, NoticeKind.CANCELLED, NoticeKind.SEAT, NoticeKind.DEPUTY})
_AFTERWARDS = frozenset({NoticeKind.MINUTES, NoticeKind.MINUTES_ASKED, NoticeKind.MINUTES_BACK})
_NEWS = frozenset({NoticeKind.MOVED, NoticeKind.CHANGED, NoticeKind.CANCELLED})
"""What concerns those alone who know of the meeting: whose invitation still waits gets it as things are then."""

_log = get_logger("lotse.meetings")


class PushTimes(Protocol):
    """When pushes suit people."""

    async def of_many(self, person_ids: Collection[int]) -> dict[int, Preferences]:
        """Those of many at once; everybody asked for is in it."""
        ...


@dataclass(frozen=True)
class _Due:
    """Notices of one meeting that are said together."""

    meeting_id: int
    kind: NoticeKind
    notices: tuple[Notice, ...]


class Reminders:
    """Asks what is due, and queues it."""

    def __init__(self, calendar: Calendar, push_times: PushTimes) -> None:
        self._calendar = calendar
        self._clock = calendar.clock
        self._push_times = push_times
        self._series = SeriesPlanning(calendar)

    async def round(self) -> int:
        """Queue all that is due; what was queued before a crash is not queued again.

        Returns:
            How many notices were dealt with.
        """
        count = 0
        await self._series.extend_series()
        while True:
            now = self._clock.now()
            async with self._calendar.database.reading() as session:
                found = await session.scalars(
                    select(Notice)
                    .where(Notice.done_at.is_(None), Notice.due_at <= now)
                    .order_by(Notice.due_at, Notice.id)
                    .limit(AT_A_TIME)
                )
                due = list(found)
            for each in _together(due):
                await self._say(each, now)
            count += len(due)
            if len(due) < AT_A_TIME:
                return count

    # Choices ---------------------------------------------------------------------------------------------------------

    async def choice(self, person_id: int, meeting_id: int = ALL_MEETINGS) -> Before:
        """When somebody is reminded, of one meeting or in general."""
        async with self._calendar.database.reading() as session:
            found = await session.scalars(
                select(ReminderChoice)
                .where(ReminderChoice.person_id == person_id, ReminderChoice.meeting_id.in_([meeting_id, ALL_MEETINGS]))
                .order_by(ReminderChoice.meeting_id.desc())
            )
            row = found.first()
        return Before(row.chosen) if row is not None else DEFAULT_BEFORE

    async def choose(self, actor_id: int | None, chosen: Before, meeting_id: int = ALL_MEETINGS) -> Before:
        """Change when one is reminded, of one meeting or in general; none at all is a choice too.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._calendar.database.writing() as session:
            actor = await self._calendar.profiles.acting(session, actor_id)
            row = ReminderChoice(person_id=actor.id, meeting_id=meeting_id, chosen=int(chosen))
            await session.merge(row)
        return chosen

    # Saying ----------------------------------------------------------------------------------------------------------

    async def _say(self, due: _Due, now: dt.datetime) -> None:
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, due.meeting_id)
            recipients: list[Recipient] = []
            choices: dict[int, Before] = {}
            if row is not None and self._still(row, due, now):
                people = await audience(session, self._calendar, row)
                replies = await replies_of(session, row.id)
                whom = await self._whom(session, due, row, people, replies)
                choices = await choices_of(session, whom, row.id) if due.kind is NoticeKind.REMINDER else {}
            else:
                whom = set()
            waiting = await _waiting_news(session, due) if whom else []
        if row is not None and whom:
            times = await self._push_times.of_many(whom)
            news = {each: _merged(due, each, waiting, row) for each in {one.recipient for one in waiting} & whom}
            told_nothing = {each for each, data in news.items() if data is None}
            recipients = [
                recipient
                for person in sorted(whom - told_nothing)
                if (recipient := _recipient(due, row, person, times[person], choices, now, news.get(person)))
            ]
            if recipients:
                await self._calendar.outbox.enqueue_batch(_mailing(due, row, now), recipients)
            for occasion in sorted({one.occasion for one in waiting}):
                await self._calendar.outbox.cancel(f"meeting:{row.id}", occasion)
        async with self._calendar.database.writing() as session:
            ids = [each.id for each in due.notices]
            await session.execute(update(Notice).where(Notice.id.in_(ids)).values(done_at=now))
        _log.info("said", meeting=due.meeting_id, kind=due.kind, recipients=len(recipients))

    def _still(self, row: Meeting, due: _Due, now: dt.datetime) -> bool:
        """Whether it is still true and of use."""
        if due.kind in _AFTERWARDS:
            return row.state == State.PLANNED
        if due.kind is NoticeKind.CANCELLED:
            return row.starts_at > now
        if due.kind is NoticeKind.REMINDER and any((each.data or {}).get("moves") != row.moves for each in due.notices):
            return False
        return row.state == State.PLANNED and row.starts_at > now

    async def _whom(
        self,
        session: AsyncSession,
        due: _Due,
        row: Meeting,
        profiles: Mapping[int, Profile],
        replies: Mapping[int, Reply],
    ) -> set[int]:
        people, data = set(profiles), due.notices[-1].data or {}
        declined = {each for each, reply in replies.items() if reply.answer == Answer.NO}
        waiting = {each for each, reply in replies.items() if reply.waiting_since is not None}
        if due.kind in _NEWS:
            people -= await _still_to_be_invited(session, row)
        match due.kind:
            case NoticeKind.SEAT | NoticeKind.DEPUTY:
                return {int(data["person"])} & people
            case NoticeKind.MINUTES_ASKED:
                return await self._planners(session, row)
            case NoticeKind.MINUTES:
                whom = {each for each, reply in replies.items() if reply.answer == Answer.YES or reply.attended}
                if data.get("again"):
                    whom = await _had_minutes(session, row) | (whom if data.get("coming") else set())
                found = await self._calendar.profiles.load_many(session, whom - people)
                members = {each for each, profile in found.items() if profile.is_member}
                return (whom & people) | members | (people if data.get("all") else set())
            case NoticeKind.MINUTES_BACK:
                return await _had_minutes(session, row, arrived=True)
            case NoticeKind.NUDGE:
                return {each for each in people if each not in replies or replies[each].answer is None}
            case NoticeKind.REMINDER:
                return people - declined - waiting
            case NoticeKind.CHANGED:
                return people - declined
            case _:
                return people

    async def _planners(self, session: AsyncSession, row: Meeting) -> set[int]:
        """Who planned a meeting, if they still may; else who leads its groups now; else the office."""
        keys = await self._calendar.keys(session, row.id)
        if row.created_by is not None:
            author = await self._calendar.profiles.load(session, row.created_by)
            if author.is_office or (not row.for_all and any(author.may_lead(key) for key in keys)):
                return {author.id}
        found = await session.scalars(select(GroupLead.person_id).where(GroupLead.group_key.in_(keys)))
        profiles = await self._calendar.profiles.load_many(session, set(found))
        leads = {each for each, profile in profiles.items() if profile.is_member}
        if leads:
            return leads
        return await self._office(session)

    async def _office(self, session: AsyncSession) -> set[int]:
        """As `Members.office` has it: with whom the operator names, kept as persons or not; without the unreachable."""
        admins = self._calendar.profiles.admins
        roles = [role for role in KEPT_ROLES if is_office(role)]
        kept = Person.role.in_(roles) & Person.suspended_at.is_(None) & Person.unreachable_at.is_(None)
        gone = select(Person.id).where(Person.id.in_(admins), Person.unreachable_at.is_not(None))
        return set(await session.scalars(select(Person.id).where(kept))) | (admins - set(await session.scalars(gone)))


async def _waiting_news(session: AsyncSession, due: _Due) -> list[Delivery]:
    """What was said earlier and still waits for people's hours: who gets both at once wants one message."""
    kinds = {
        NoticeKind.MOVED: [NoticeKind.MOVED, NoticeKind.CHANGED],
        NoticeKind.CHANGED: [NoticeKind.CHANGED],
        NoticeKind.CANCELLED: [NoticeKind.MOVED, NoticeKind.CHANGED],
    }.get(due.kind, [])
    if not kinds:
        return []
    found = await session.scalars(
        select(Delivery)
        .where(
            Delivery.what == f"meeting:{due.meeting_id}",
            or_(*(Delivery.occasion.like(f"{kind}:%") for kind in kinds)),
            Delivery.occasion != f"{due.kind}:{due.notices[-1].occasion}",
            Delivery.state + "" == Sent.QUEUED,
        )
        .order_by(Delivery.id)
    )
    return list(found)


def _merged(due: _Due, person: int, waiting: Sequence[Delivery], row: Meeting) -> dict[str, Any] | None:
    """What is new for somebody who has not heard of earlier changes: all of them, against what they know.

    For whom a meeting was moved there and back, only the rest of it has changed; None where nothing has.
    """
    said = [each.payload or {} for each in waiting if each.recipient == person]
    said.append(due.notices[-1].data or {})
    changed = [name for each in said for name in each.get("changed") or []]
    data: dict[str, Any] = {"changed": list(dict.fromkeys(changed))}
    was = next((each["was"] for each in said if "was" in each), None)
    if was is not None and dt.datetime.fromisoformat(was) != row.starts_at:
        data["was"] = was
    elif was is not None and due.kind is NoticeKind.MOVED:
        data["kind"] = NoticeKind.CHANGED.value
        return data if changed else None
    return data


async def _still_to_be_invited(session: AsyncSession, row: Meeting) -> set[int]:
    """Whose invitation waits for their hours, and will come in time: they do not know of the meeting yet."""
    found = await session.scalars(
        select(Delivery.recipient).where(
            Delivery.what == f"meeting:{row.id}",
            Delivery.occasion == INVITED,
            Delivery.state + "" == Sent.QUEUED,
            Delivery.attempts == 0,
            Delivery.not_before < row.starts_at,
            Delivery.not_after > Delivery.not_before,
        )
    )
    return set(found)


async def _had_minutes(session: AsyncSession, row: Meeting, *, arrived: bool = False) -> set[int]:
    """Who got the minutes in whatever version, or was about to get them."""
    key = NoticeKind.MINUTES.value
    states = [Sent.SENT, Sent.SENDING] if arrived else [Sent.SENT, Sent.SENDING, Sent.QUEUED, Sent.CANCELLED]
    found = await session.scalars(
        select(Delivery.recipient).where(
            Delivery.what == f"meeting:{row.id}",
            or_(Delivery.occasion == key, Delivery.occasion.like(f"{key}:%")),
            Delivery.state.in_(states),
            Delivery.recipient > 0,
        )
    )
    return set(found)


async def choices_of(session: AsyncSession, people: Iterable[int], meeting_id: int) -> dict[int, Before]:
    """When people want to be reminded of a meeting, of those who chose."""
    found: dict[int, Before] = {}
    for page in in_pages(people):
        rows = await session.scalars(
            select(ReminderChoice)
            .where(ReminderChoice.person_id.in_(page), ReminderChoice.meeting_id.in_([meeting_id, ALL_MEETINGS]))
            .order_by(ReminderChoice.meeting_id)
        )
        found |= {row.person_id: Before(row.chosen) for row in rows}
    return found


def _together(due: Sequence[Notice]) -> list[_Due]:
    """Reminders of one meeting that are due at once, after an outage, are said together; the rest one by one."""
    found: list[_Due] = []
    reminders: dict[int, list[Notice]] = {}
    for each in due:
        kind = NoticeKind(each.kind)
        if kind is NoticeKind.REMINDER:
            reminders.setdefault(each.meeting_id, []).append(each)
        else:
            found.append(_Due(each.meeting_id, kind, (each,)))
    found += [_Due(meeting, NoticeKind.REMINDER, tuple(each)) for meeting, each in reminders.items()]
    return found


def _mailing(due: _Due, row: Meeting, now: dt.datetime) -> Mailing:
    last = due.notices[-1]
    data = last.data or {}
    what = reminder_key(row.id) if due.kind is NoticeKind.REMINDER else f"meeting:{row.id}"
    not_after = now + KEEP_AFTER if due.kind in _AFTERWARDS else row.starts_at
    return Mailing(
        key=f"meeting:{row.id}:{due.kind}:{last.occasion}",
        what=what,
        # To those who came, then to all: who got the minutes does not get them again.
        occasion=minutes_key(data.get("version", 0))
        if due.kind is NoticeKind.MINUTES
        else f"{due.kind}:{last.occasion}",
        payload=None,
        priority=Priority.MEETING,
        not_after=not_after,
    )


def _recipient(
    due: _Due,
    row: Meeting,
    person: int,
    times: Preferences,
    choices: Mapping[int, Before],
    now: dt.datetime,
    news: dict[str, Any] | None = None,
) -> Recipient | None:
    """When it suits one person; None where they do not want it, or where it would come too late.

    The reminder some hours before is let through quiet hours only where the meeting lies in them; what must arrive, a
    changed time above all, always.
    """
    data = dict(due.notices[-1].data or {}) if news is None else news
    if due.kind is NoticeKind.REMINDER:
        wanted = choices.get(person, DEFAULT_BEFORE)
        mine = [each for each in due.notices if Before((each.data or {})["before"]) & wanted]
        if not mine:
            return None
        data = dict(mine[-1].data or {})
    suits = next_allowed(times, now)
    if due.kind not in _AFTERWARDS and suits >= row.starts_at:
        short = due.kind is NoticeKind.REMINDER and bool(LEADS[Before(data["before"])].hours)
        inside_quiet = next_allowed(times, row.starts_at) > row.starts_at
        paused = times.paused_until is not None and row.starts_at < _day_begins(times)
        if not (data.get("kind", due.kind) in _MUST_ARRIVE or (short and inside_quiet and not paused)):
            return None
        suits = now
    context = {"meeting": row.id, "kind": due.kind.value, "person": person} | data
    return Recipient(chat_id=person, not_before=suits, content=Content(renderer=RENDERER, context=context))


def _day_begins(times: Preferences) -> dt.datetime:
    day = times.paused_until or dt.date.min
    return dt.datetime.combine(day, dt.time(), ZoneInfo(times.zone)).astimezone(dt.UTC)
