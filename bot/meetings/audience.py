"""Whom a meeting concerns: what this capability wants to know of members and working groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.groups.models import Subscription, WorkingGroup
from bot.members.models import GroupLead, Person
from bot.members.roles import Role


@dataclass(frozen=True)
class GroupName:
    """A working group as people call it."""

    key: str
    title: str
    short: str
    """The shortest name that is still understood, such as „AG Klima“."""
    also: tuple[str, ...] = ()


class Groups(Protocol):
    """The working groups and who belongs to them."""

    async def names(self, session: AsyncSession) -> Mapping[str, GroupName]:
        """All groups by key."""
        ...

    async def members(self, session: AsyncSession, keys: Collection[str]) -> set[int]:
        """Who belongs to at least one of these groups: Telegram's ids."""
        ...

    async def of(self, session: AsyncSession, person_id: int) -> set[str]:
        """The groups that somebody belongs to."""
        ...


async def all_members(session: AsyncSession) -> set[int]:
    """Everybody in the alliance who is not suspended."""
    found = await session.scalars(select(Person.id).where(Person.role != Role.NEWCOMER, Person.suspended_at.is_(None)))
    return set(found)


class WorkingGroups:
    """The alliance's working groups: those who follow one and those who lead it belong to it."""

    async def names(self, session: AsyncSession) -> Mapping[str, GroupName]:
        """All groups that work, by key."""
        found = await session.scalars(select(WorkingGroup).where(WorkingGroup.ended_at.is_(None)))
        return {row.key: GroupName(row.key, row.name, row.short) for row in found}

    async def members(self, session: AsyncSession, keys: Collection[str]) -> set[int]:
        """Who belongs to at least one of these groups: Telegram's ids."""
        following = (
            select(Subscription.person_id)
            .join(WorkingGroup, WorkingGroup.id == Subscription.group_id)
            .where(WorkingGroup.key.in_(keys))
        )
        leading = select(GroupLead.person_id).where(GroupLead.group_key.in_(keys))
        return set(await session.scalars(following)) | set(await session.scalars(leading))

    async def of(self, session: AsyncSession, person_id: int) -> set[str]:
        """The groups that somebody belongs to."""
        following = (
            select(WorkingGroup.key)
            .join(Subscription, Subscription.group_id == WorkingGroup.id)
            .where(Subscription.person_id == person_id)
        )
        leading = select(GroupLead.group_key).where(GroupLead.person_id == person_id)
        return set(await session.scalars(following)) | set(await session.scalars(leading))


class EverybodyInEachGroup:
    """Groups without subscriptions: all members belong to all of them."""

    def __init__(self, groups: Mapping[str, GroupName]) -> None:
        self._groups = groups

    async def names(self, session: AsyncSession) -> Mapping[str, GroupName]:
        """All groups by key."""
        del session
        return self._groups

    async def members(self, session: AsyncSession, keys: Collection[str]) -> set[int]:
        """All members, if a group is named."""
        return await all_members(session) if keys else set()

    async def of(self, session: AsyncSession, person_id: int) -> set[str]:
        """All groups."""
        del session, person_id
        return set(self._groups)
