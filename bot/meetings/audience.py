"""Whom a meeting concerns: what this capability wants to know of members and working groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.members.models import Person
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
