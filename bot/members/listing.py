"""What the office sees: lists of members, one member, what was changed about them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select

from bot.database import Database
from bot.members import audit
from bot.members.following import NOBODY, Following
from bot.members.models import Change, GroupLead, Person, Town
from bot.members.profiles import Profile, Profiles
from bot.members.roles import Role
from bot.members.towns import fold_name

PAGE = 8
"""Members on one screen."""


class Which(StrEnum):
    """Which members a list shows."""

    ALL = "all"
    LEADS = "leads"
    OFFICE = "office"
    WITHOUT_TOWN = "no_town"
    UNREACHABLE = "unreachable"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Page:
    """A page of members."""

    people: list[Profile]
    total: int
    number: int
    """From 0; the last page where the one asked for does not exist."""


class Listing:
    """Lists of members, for the office.

    Args:
        database: Where.
        profiles: Who acts.
    """

    def __init__(self, database: Database, profiles: Profiles) -> None:
        self._database = database
        self._profiles = profiles

    async def people(
        self,
        actor_id: int | None,
        which: Which = Which.ALL,
        query: str = "",
        page: int = 0,
        size: int = PAGE,
        following: Following = NOBODY,
        groups: Mapping[str, str] | None = None,
    ) -> Page:
        """A page of members, by name.

        Args:
            actor_id: Who wants to see it.
            which: A filter.
            query: Part of a name, a user name, a town, its district, or a working group that they follow.
            page: From 0.
            size: People on a page.
            following: Who follows which working group.
            groups: Their names by their keys.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            rows = (
                await session.execute(
                    select(Person.id, Person.name, Person.username, Town.name.label("town"), Town.district)
                    .join(Town, Town.id == Person.town_id, isouter=True)
                    .where(self._condition(which))
                )
            ).all()
            follows = await following.of_many([row.id for row in rows]) if query and groups else {}
            titles = groups or {}
            # Names are compared as people type them, which neither database can: the members are few thousands.
            wanted = fold_name(query).split()
            found = sorted(
                (fold_name(row.name), row.id)
                for row in rows
                if _matches(
                    wanted,
                    [row.name, row.username, row.town, row.district, *map(titles.get, follows.get(row.id, ()))],
                )
            )
            number = min(max(page, 0), max(len(found) - 1, 0) // size)
            ids = [person_id for _, person_id in found[number * size : (number + 1) * size]]
            people = await self._profiles.load_many(session, ids)
        return Page([people[person_id] for person_id in ids], len(found), number)

    async def card(self, actor_id: int | None, person_id: int) -> tuple[Profile, list[Change]]:
        """One person, and what was changed about them, newest first.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownPersonError: Nothing is kept about such a person.
        """
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            profile = await self._profiles.known(session, person_id)
            return profile, await audit.history(session, person_id)

    async def special(self) -> list[Profile]:
        """Leads, coordinators and administrators, also those of whom nothing is kept; for the program itself."""
        async with self._database.reading() as session:
            ids = set(await session.scalars(select(Person.id).where(self._condition(Which.OFFICE))))
            ids |= set(await session.scalars(select(GroupLead.person_id))) | self._profiles.admins
            known = await self._profiles.load_many(session, ids)
        return [known.get(person_id) or self._profiles.unknown(person_id) for person_id in sorted(ids)]

    def _condition(self, which: Which) -> ColumnElement[bool]:
        admins = Person.id.in_(self._profiles.admins)
        inside = or_(Person.role != Role.NEWCOMER, admins)
        match which:
            case Which.ALL:
                return inside
            case Which.LEADS:
                return Person.id.in_(select(GroupLead.person_id))
            case Which.OFFICE:
                return or_(Person.role.in_([Role.COORDINATOR, Role.ADMINISTRATOR]), admins)
            case Which.WITHOUT_TOWN:
                return inside & Person.town_id.is_(None)
            case Which.UNREACHABLE:
                return Person.unreachable_at.is_not(None)
            case Which.SUSPENDED:
                return Person.suspended_at.is_not(None)


def _matches(wanted: Collection[str], texts: Collection[str | None]) -> bool:
    if not wanted:
        return True
    words = " ".join(fold_name(text) for text in texts if text)
    return all(word in words for word in wanted)
