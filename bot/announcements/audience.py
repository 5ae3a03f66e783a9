"""From criteria to persons: who fits, whom it reaches and when, and how that is said in words."""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.kinds import By, Skip
from bot.announcements.spec import Audience, Criterion
from bot.database import Database
from bot.delivery.quiet import Preferences, next_allowed
from bot.groups.models import LinkedChat
from bot.meetings.kinds import Answer
from bot.meetings.models import Meeting, Reply
from bot.meetings.replies import audience as invited
from bot.meetings.shared import Calendar
from bot.members.models import GroupLead, Person, Town
from bot.members.preferences import PushTimes
from bot.members.profiles import Profiles
from bot.members.roles import Role

PAGE = 500
"""Persons that are looked at in one statement."""
NAMED = 20
"""Of those who do not get it, so many are named."""
KEEP_TRYING = dt.timedelta(days=14)
"""An announcement without a last moment is not sent any more after this time."""
PARTNERS = "-1"
"""Instead of a class of inhabitants: bodies that are no towns."""
LEADS, OFFICE = "lead", "office"
NO_ANSWER, REPLIED, INVITED = "none", "replied", "invited"
"""Besides the answers to an invitation: none was given, any was, and everybody who is invited."""
OF_TOWNS = frozenset({By.TOWN, By.DISTRICT, By.SIZE})
"""Criteria that choose towns rather than persons."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Somebody, or a linked group, whom it is for.

    Attributes:
        chat_id: Where it goes.
        thread_id: The topic of a forum; 0 where there is none.
        town_id: Where they come from.
        not_before: When it suits them.
        skipped: Why nothing is sent to them.
    """

    chat_id: int
    thread_id: int
    town_id: int | None
    not_before: dt.datetime
    skipped: Skip | None = None


@dataclass
class Outlook:
    """Who would get it, in numbers, before it is sent.

    Attributes:
        people: Persons who get it.
        later: Those of them whom it suits only later.
        next_at: When the first of those gets it.
        unreachable: Persons who are meant and cannot be reached.
        paused: Persons whose pause lasts so long that they do not get it.
        towns: How many of those who get it come from which town, by the towns' names.
        without_town: How many of them have no town.
        silent_towns: Towns that are meant, where nobody gets it.
        unreachable_names: Some of those who cannot be reached, by name and town.
        paused_names: Some of those whose pause lasts too long, likewise.
        chats: Titles of linked groups and channels.
    """

    people: int = 0
    later: int = 0
    next_at: dt.datetime | None = None
    unreachable: int = 0
    paused: int = 0
    towns: dict[str, int] = field(default_factory=dict)
    without_town: int = 0
    silent_towns: list[str] = field(default_factory=list)
    unreachable_names: list[str] = field(default_factory=list)
    paused_names: list[str] = field(default_factory=list)
    chats: list[str] = field(default_factory=list)

    @property
    def anybody(self) -> bool:
        """Whether anybody gets it."""
        return bool(self.people or self.chats)


class Audiences:
    """Finds who is meant.

    Args:
        database: Where.
        calendar: Meetings, who is invited to them, and the working groups.
        profiles: Whom the operator names as administrators.
        times: When it suits people.
        chat_times: When it suits groups and channels.
    """

    def __init__(
        self, database: Database, calendar: Calendar, profiles: Profiles, times: PushTimes, chat_times: Preferences
    ) -> None:
        self._database = database
        self._calendar = calendar
        self._admins = profiles.admins
        self._times = times
        self._chat_times = chat_times

    @property
    def zone(self) -> dt.tzinfo:
        """People's time zone."""
        return self._calendar.zone

    async def persons(self, session: AsyncSession, audience: Audience) -> set[int]:
        """Who is meant: members who fit."""
        found = await self._union(session, audience.any)
        for _, criteria in _by_kind(audience.only):
            found &= await self._union(session, list(criteria))
        found -= await self._union(session, audience.without)
        return found & await self._members(session)

    async def everybody(self, session: AsyncSession, audience: Audience) -> set[int]:
        """Chats that are meant: members' and linked ones'."""
        linked = {chat.chat_id for chat in await self.chats(audience.chats)} if audience.chats else set[int]()
        return await self.persons(session, audience) | linked

    async def plan(
        self, audience: Audience, release_at: dt.datetime, not_after: dt.datetime | None, *, urgent: bool
    ) -> AsyncIterator[Planned]:
        """Everybody who is meant, with the moment that suits them; then the linked groups.

        Args:
            audience: Who is meant.
            release_at: When it goes out.
            not_after: From when on nobody gets it; None: a while after that.
            urgent: Whether it asks for nobody's hours.
        """
        end = not_after or release_at + KEEP_TRYING
        moments: dict[Preferences, dt.datetime] = {}
        async with self._database.reading() as session:
            ids = sorted(await self.persons(session, audience))
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            async with self._database.reading() as session:
                wanted = select(Person.id, Person.town_id, Person.unreachable_at).where(Person.id.in_(page))
                rows = (await session.execute(wanted.order_by(Person.id))).all()
            times = {} if urgent else await self._times.of_many(page)
            for row in rows:
                suits = release_at if urgent else _moment(moments, times[row.id], release_at)
                skipped = Skip.UNREACHABLE if row.unreachable_at else Skip.PAUSED if suits >= end else None
                yield Planned(row.id, 0, row.town_id, suits, skipped)
        suits = release_at if urgent else next_allowed(self._chat_times, release_at)
        # A forum has a number for all its topics, and gets it once.
        for chat in {each.chat_id: each for each in reversed(await self.chats(audience.chats))}.values():
            yield Planned(chat.chat_id, chat.thread_id, None, suits, Skip.PAUSED if suits >= end else None)

    async def suits(self, chat_id: int, instant: dt.datetime) -> dt.datetime:
        """The first moment from an instant on that suits a person, or a linked group."""
        return await self._times.suits(chat_id, instant)

    async def outlook(
        self, audience: Audience, release_at: dt.datetime, not_after: dt.datetime | None, *, urgent: bool
    ) -> Outlook:
        """Who would get it, if it went out at a moment; arguments as for `plan`."""
        found, towns = Outlook(), dict[int | None, int]()
        left_out: dict[Skip, list[int]] = {skip: [] for skip in Skip}
        async for each in self.plan(audience, release_at, not_after, urgent=urgent):
            if each.chat_id < 0:
                continue
            if each.skipped is not None and len(left_out[each.skipped]) < NAMED:
                left_out[each.skipped].append(each.chat_id)
            if each.skipped is Skip.UNREACHABLE:
                found.unreachable += 1
            elif each.skipped is Skip.PAUSED:
                found.paused += 1
            else:
                found.people += 1
                towns[each.town_id] = towns.get(each.town_id, 0) + 1
                if each.not_before > release_at:
                    found.later += 1
                    found.next_at = min(found.next_at or each.not_before, each.not_before)
        found.without_town = towns.pop(None, 0)
        async with self._database.reading() as session:
            names = await town_names(session)
            meant = await self.meant_towns(session, audience) or []
            found.unreachable_names = await _said(session, left_out[Skip.UNREACHABLE])
            found.paused_names = await _said(session, left_out[Skip.PAUSED])
        found.towns = dict(sorted((names[town], count) for town, count in towns.items() if town in names))
        found.silent_towns = sorted(names[town] for town in meant if town not in towns)
        found.chats = [chat.title for chat in await self.chats(audience.chats)]
        return found

    async def meant_towns(self, session: AsyncSession, audience: Audience) -> list[int] | None:
        """Towns that are meant as such, whether or not somebody comes from there; None: persons were chosen."""
        chosen: set[int] | None
        if any(each.by is By.ALL for each in audience.any):
            chosen = set(await session.scalars(select(Town.id).where(Town.alliance == "member")))
        elif audience.any and all(each.by in OF_TOWNS for each in audience.any):
            chosen = await self._towns(session, audience.any)
        else:
            return None
        for by, criteria in _by_kind(audience.only):
            if by not in OF_TOWNS:
                return None
            chosen &= await self._towns(session, list(criteria))
        without = [each for each in audience.without if each.by in OF_TOWNS]
        return sorted(chosen - await self._towns(session, without))

    async def chats(self, numbers: Collection[int] | None = None) -> list[LinkedChat]:
        """Linked groups and channels: all, or those with these numbers that are still linked."""
        wanted = select(LinkedChat).where(LinkedChat.state == "linked").order_by(LinkedChat.id)
        if numbers is not None:
            wanted = wanted.where(LinkedChat.id.in_(numbers))
        async with self._database.reading() as session:
            return list(await session.scalars(wanted))

    # Within ----------------------------------------------------------------------------------------------------------

    async def _members(self, session: AsyncSession) -> set[int]:
        wanted = select(Person.id).where(
            or_(
                (Person.role != Role.NEWCOMER) & Person.suspended_at.is_(None),
                Person.id.in_(self._admins),
            )
        )
        return set(await session.scalars(wanted))

    async def _union(self, session: AsyncSession, criteria: Sequence[Criterion]) -> set[int]:
        found: set[int] = set()
        for by, same in _by_kind(criteria):
            found |= await self._fitting(session, by, list(same))
        return found

    async def _fitting(self, session: AsyncSession, by: By, criteria: Sequence[Criterion]) -> set[int]:
        """Who fits one of some criteria of one kind."""
        values = [each.value for each in criteria]
        match by:
            case By.ALL:
                return await self._members(session)
            case By.GROUP:
                return await self._calendar.groups.members(session, values)
            case By.TOWN | By.DISTRICT | By.SIZE:
                towns = select(Town.id).where(_town_fits(by, values))
                return set(await session.scalars(select(Person.id).where(Person.town_id.in_(towns))))
            case By.ROLE:
                return await self._roles(session, values)
            case By.MEETING:
                found = [await self._answered(session, *value.split(":")) for value in values]
                return set().union(*found)
            case By.LIST:
                return {person for each in criteria for person in each.ids}

    async def _towns(self, session: AsyncSession, criteria: Sequence[Criterion]) -> set[int]:
        found: set[int] = set()
        for by, same in _by_kind(criteria):
            found |= set(await session.scalars(select(Town.id).where(_town_fits(by, [each.value for each in same]))))
        return found

    async def _roles(self, session: AsyncSession, values: Collection[str]) -> set[int]:
        found: set[int] = set()
        if LEADS in values:
            found |= set(await session.scalars(select(GroupLead.person_id)))
        if OFFICE in values:
            office = select(Person.id).where(Person.role.in_([Role.COORDINATOR, Role.ADMINISTRATOR]))
            found |= set(await session.scalars(office)) | self._admins
        return found

    async def _answered(self, session: AsyncSession, meeting: str, answer: str) -> set[int]:
        """Who gave an answer to a meeting's invitation, or any; who is invited, and who of them gave none."""
        row = await session.get(Meeting, int(meeting))
        if row is None:
            return set()
        replied = select(Reply.person_id).where(Reply.meeting_id == row.id)
        if answer not in (NO_ANSWER, REPLIED, INVITED):
            return set(await session.scalars(replied.where(Reply.answer == Answer(answer))))
        some = set(await session.scalars(replied.where(Reply.answer.is_not(None))))
        if answer == REPLIED:
            return some
        everybody = set(await invited(session, self._calendar, row))
        return everybody if answer == INVITED else everybody - some


async def _said(session: AsyncSession, people: Collection[int]) -> list[str]:
    """Persons by name and town."""
    if not people:
        return []
    wanted = select(Person.name, Town.name).join(Town, Town.id == Person.town_id, isouter=True)
    rows = (await session.execute(wanted.where(Person.id.in_(people)).order_by(Person.name))).all()
    return [f"{name} ({town})" if town else name for name, town in rows]


async def town_names(session: AsyncSession) -> dict[int, str]:
    """All towns' names by number."""
    return {town_id: name for town_id, name in (await session.execute(select(Town.id, Town.name))).all()}  # noqa: C416 - rows are no pairs to mypy


def _town_fits(by: By, values: Collection[str]) -> ColumnElement[bool]:
    match by:
        case By.TOWN:
            return Town.id.in_([int(value) for value in values])
        case By.DISTRICT:
            return Town.district.in_(values)
        case _:
            sizes = Town.inhabitants_from.in_([int(value) for value in values if value != PARTNERS])
            return or_(sizes, Town.kind == "partner") if PARTNERS in values else sizes


def _by_kind(criteria: Iterable[Criterion]) -> Iterable[tuple[By, Iterable[Criterion]]]:
    return groupby(sorted(criteria, key=lambda each: each.by), key=lambda each: each.by)


def _moment(known: dict[Preferences, dt.datetime], times: Preferences, release_at: dt.datetime) -> dt.datetime:
    """When it suits; most people have the same hours, so it is reckoned once for all of them."""
    if times not in known:
        known[times] = next_allowed(times, release_at)
    return known[times]
