"""The rules of working groups: which there are, who follows them and how often they write."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, count_changed
from bot.delivery.quiet import Mode
from bot.groups.errors import MembersOnlyError
from bot.groups.models import Subscription, WorkingGroup
from bot.members.errors import NotAllowedError, SuspendedError, UnknownGroupError
from bot.members.models import GroupLead, Person
from bot.members.profiles import Profile, Profiles, is_id
from bot.members.roles import Role

PAGE = 500
"""Followers that are read at a time."""


@dataclass(frozen=True)
class Card:
    """A working group as somebody sees it.

    Attributes:
        group: The group.
        mode: How often it writes to who looks; None: they do not follow it.
        followers: How many members follow it.
        leads: Names of the persons who lead it.
        may_lead: Whether who looks may write for it.
        is_office: Whether who looks may change it.
        is_member: Whether who looks may follow it.
    """

    group: WorkingGroup
    mode: Mode | None
    followers: int
    leads: tuple[str, ...]
    may_lead: bool
    is_office: bool
    is_member: bool


@dataclass(frozen=True)
class Follower:
    """Somebody who gets a group's news."""

    profile: Profile
    mode: Mode


class Groups:
    """Working groups and who follows them.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles

    async def ship(self) -> int:
        """Put the alliance's groups into an empty table; what the office has changed is left alone.

        Returns:
            How many were added.
        """
        async with self._database.writing() as session:
            if await session.scalar(select(func.count()).select_from(WorkingGroup)):
                return 0
            found = [WorkingGroup(**values, created_at=self._clock.now()) for values in shipped_groups()]
            session.add_all(found)
        return len(found)

    # Reading ---------------------------------------------------------------------------------------------------------

    async def all(self) -> list[WorkingGroup]:
        """Every group that works, in the order in which they were founded here."""
        async with self._database.reading() as session:
            return list(
                await session.scalars(
                    select(WorkingGroup).where(WorkingGroup.ended_at.is_(None)).order_by(WorkingGroup.id)
                )
            )

    async def titles(self) -> Mapping[str, str]:
        """Names by key, for other rooms."""
        return {group.key: group.name for group in await self.all()}

    async def by_key(self, key: str) -> WorkingGroup:
        """The group that a link names.

        Raises:
            UnknownGroupError: There is none.
        """
        async with self._database.reading() as session:
            found = await session.scalar(
                select(WorkingGroup).where(WorkingGroup.key == key, WorkingGroup.ended_at.is_(None))
            )
        if found is None:
            raise UnknownGroupError(key)
        return found

    async def card(self, person_id: int | None, group_id: int) -> Card:
        """A group as somebody sees it.

        Raises:
            UnknownGroupError: There is none.
        """
        async with self._database.reading() as session:
            group = await group_row(session, group_id)
            who = await self._profiles.load(session, person_id) if person_id and is_id(person_id) else Profile(0)
            mine = await session.get(Subscription, (group_id, who.id))
            followers = await session.scalar(
                select(func.count())
                .select_from(Subscription)
                .join(Person, Person.id == Subscription.person_id)
                .where(Subscription.group_id == group_id, self._profiles.inside())
            )
            names = await session.scalars(
                select(Person.name)
                .join(GroupLead, GroupLead.person_id == Person.id)
                .where(GroupLead.group_key == group.key)
                .order_by(Person.name)
            )
            return Card(
                group,
                Mode(mine.mode) if mine else None,
                followers or 0,
                tuple(names) if who.is_member else (),
                who.may_lead(group.key),
                who.is_office,
                who.is_member,
            )

    async def followed(self, person_id: int) -> dict[int, Mode]:
        """Which groups somebody follows, by id, and how often each writes."""
        async with self._database.reading() as session:
            rows = await session.execute(
                select(Subscription.group_id, Subscription.mode).where(Subscription.person_id == person_id)
            )
            return {group_id: Mode(mode) for group_id, mode in rows.all()}

    async def led(self, person_id: int | None) -> list[WorkingGroup]:
        """The groups that somebody may write for."""
        if person_id is None or not is_id(person_id):
            return []
        async with self._database.reading() as session:
            who = await self._profiles.load(session, person_id)
        return [group for group in await self.all() if who.may_lead(group.key)]

    async def leads(self, group_id: int) -> list[int]:
        """Whom to ask about a group: its leads who can be reached, else the office likewise.

        Raises:
            UnknownGroupError: There is no such group.
        """
        async with self._database.reading() as session:
            group = await group_row(session, group_id)
            ids = set(await session.scalars(select(GroupLead.person_id).where(GroupLead.group_key == group.key)))
            if not (reached := _reached(await self._profiles.load_many(session, ids))):
                office = select(Person.id).where(Person.role.in_([Role.COORDINATOR, Role.ADMINISTRATOR]))
                ids = set(await session.scalars(office)) | self._profiles.admins
                known = await self._profiles.load_many(session, ids)
                reached = _reached(known) + [person_id for person_id in ids if person_id not in known]
        return sorted(reached)

    async def followers(self, group_id: int) -> AsyncIterator[list[Follower]]:
        """Who gets a group's news, page by page; suspended people and those who left are not among them.

        People who cannot be reached are: the caller counts them.
        """
        after = 0
        while True:
            async with self._database.reading() as session:
                rows = (
                    await session.execute(
                        select(Subscription.person_id, Subscription.mode)
                        .where(Subscription.group_id == group_id, Subscription.person_id > after)
                        .order_by(Subscription.person_id)
                        .limit(PAGE)
                    )
                ).all()
                known = await self._profiles.load_many(session, [row.person_id for row in rows])
            people = [(known.get(row.person_id) or self._profiles.unknown(row.person_id), row.mode) for row in rows]
            yield [Follower(profile, Mode(mode)) for profile, mode in people if profile.is_member]
            if len(rows) < PAGE:
                return
            after = rows[-1].person_id

    async def still_follows(self, person_id: int, group_ids: set[int]) -> set[int]:
        """Which of these groups may still write to somebody."""
        async with self._database.reading() as session:
            who = await self._profiles.load(session, person_id)
            if not who.is_member:
                return set()
            rows = await session.scalars(
                select(Subscription.group_id).where(
                    Subscription.person_id == person_id, Subscription.group_id.in_(group_ids)
                )
            )
            return set(rows)

    # Following -------------------------------------------------------------------------------------------------------

    async def follow(self, actor_id: int | None, group_id: int, mode: Mode | None = None) -> bool:
        """Get a group's news, or get it at another pace.

        Args:
            actor_id: Who.
            group_id: Whose news.
            mode: How often; at once, or as before, if not given.

        Returns:
            Whether that changed anything.

        Raises:
            MembersOnlyError: The actor is no member.
            SuspendedError: They are suspended.
            UnknownGroupError: There is no such group.
        """
        async with self._database.writing() as session:
            actor = await acting_member(session, self._profiles, actor_id)
            await group_row(session, group_id)
            row = await session.get(Subscription, (group_id, actor.id))
            if row is None:
                chosen = mode or Mode.AT_ONCE
                values = {"group_id": group_id, "person_id": actor.id, "mode": chosen, "since": self._clock.now()}
                session.add(Subscription(**values))
                return True
            if mode is None or row.mode == mode:
                return False
            row.mode = mode
            return True

    async def leave(self, actor_id: int | None, group_id: int) -> bool:
        """Get a group's news no more; what waits for its time is not sent either.

        Returns:
            Whether that changed anything.

        Raises:
            NotAllowedError: Nobody knows who acts.
        """
        if actor_id is None or not is_id(actor_id):
            raise NotAllowedError
        async with self._database.writing() as session:
            mine = delete(Subscription).where(Subscription.group_id == group_id, Subscription.person_id == actor_id)
            return await count_changed(session, mine) > 0


async def group_row(session: AsyncSession, group_id: int) -> WorkingGroup:
    """A group that works.

    Raises:
        UnknownGroupError: There is none.
    """
    group = await session.get(WorkingGroup, group_id) if is_id(group_id) else None
    if group is None or group.ended_at is not None:
        raise UnknownGroupError(group_id)
    return group


async def acting_member(session: AsyncSession, profiles: Profiles, actor_id: int | None) -> Profile:
    """Who acts, a member.

    Raises:
        SuspendedError: They are suspended.
        MembersOnlyError: They are none.
    """
    try:
        return await profiles.acting(session, actor_id)
    except SuspendedError:
        raise
    except NotAllowedError:
        raise MembersOnlyError from None


async def acting_lead(session: AsyncSession, profiles: Profiles, actor_id: int | None, group: WorkingGroup) -> Profile:
    """Who acts for a group.

    Raises:
        SuspendedError: They are suspended.
        NotAllowedError: They neither lead it nor are of the office.
    """
    actor = await profiles.acting(session, actor_id)
    if not actor.may_lead(group.key):
        raise NotAllowedError
    return actor


def shipped_groups() -> list[dict[str, Any]]:
    """The groups that come with the program, as the table takes them."""
    text = files("bot.groups").joinpath("groups.yaml").read_text(encoding="utf-8")
    return [
        {
            "key": each["key"],
            "name": each["name"],
            "short": each["short"],
            "about": each["about"],
            "led_by": each.get("led_by"),
            "entry_id": each.get("entry"),
        }
        for each in yaml.safe_load(text)["groups"]
    ]


def _reached(profiles: Mapping[int, Profile]) -> list[int]:
    return [profile.id for profile in profiles.values() if profile.is_member and profile.unreachable_at is None]
