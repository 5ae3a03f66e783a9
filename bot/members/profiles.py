"""Who somebody is, read in one place: the row, what they lead, and what the operator decided."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import in_pages
from bot.members.errors import NotAllowedError, SuspendedError, UnknownPersonError
from bot.members.models import GroupLead, Person, Town
from bot.members.roles import Role, is_office

ID_LIMIT = 2**52
"""Telegram's ids stay below this."""


@dataclass(frozen=True)
class Profile:
    """Somebody as the rules see them.

    Attributes:
        id: Telegram's id, also that of the private chat.
        name: As Telegram shows it; empty where nothing is kept.
        username: Without the @.
        role: What they are, leading a group and LOTSE_ADMINS included.
        kept_role: What is kept with them.
        town_id: Their town's row.
        town: Its name.
        leads: Keys of the working groups that they lead.
        known: Whether anything is kept about them.
        configured: Whether the operator names them in LOTSE_ADMINS.
        joined_at: Since when they are a member.
        suspended_at: Since when they are suspended.
        unreachable_at: Since when pushes do not reach them,
        unreachable_why: and why: `blocked`, `deactivated` or `never_started`.
    """

    id: int
    name: str = ""
    username: str | None = None
    role: Role = Role.NEWCOMER
    kept_role: Role = Role.NEWCOMER
    town_id: int | None = None
    town: str | None = None
    leads: frozenset[str] = frozenset()
    known: bool = False
    configured: bool = False
    joined_at: dt.datetime | None = None
    suspended_at: dt.datetime | None = None
    unreachable_at: dt.datetime | None = None
    unreachable_why: str | None = None

    @property
    def suspended(self) -> bool:
        """Whether they may do nothing for now."""
        return self.suspended_at is not None

    @property
    def is_member(self) -> bool:
        """Whether they are at least a member and not suspended."""
        return self.role.rank >= Role.MEMBER.rank and not self.suspended

    @property
    def is_office(self) -> bool:
        """Whether they work for the office and are not suspended."""
        return is_office(self.role) and not self.suspended

    def may_lead(self, group_key: str) -> bool:
        """Whether they may write for a working group: its leads and the office."""
        return self.is_office or (self.is_member and group_key in self.leads)


class Profiles:
    """Reads profiles within a session.

    Args:
        admins: Telegram ids that the operator names in LOTSE_ADMINS.
    """

    def __init__(self, admins: Collection[int] = ()) -> None:
        self.admins = frozenset(admins)

    async def load(self, session: AsyncSession, person_id: int) -> Profile:
        """Somebody; a person of whom nothing is kept is a newcomer."""
        found = await self.load_many(session, [person_id])
        return found.get(person_id) or self.unknown(person_id)

    async def load_many(self, session: AsyncSession, person_ids: Collection[int]) -> dict[int, Profile]:
        """Those of whom something is kept, by id."""
        found: dict[int, Profile] = {}
        for page in in_pages(person_ids):
            found |= await self._load_page(session, page)
        return found

    async def acting(self, session: AsyncSession, actor_id: int | None, at_least: Role = Role.MEMBER) -> Profile:
        """Who acts, with at least this role.

        Raises:
            SuspendedError: They are suspended.
            NotAllowedError: They are less than that, or nobody knows who it is.
        """
        if actor_id is None or not is_id(actor_id):
            raise NotAllowedError
        actor = await self.load(session, actor_id)
        if actor.suspended:
            raise SuspendedError
        if actor.role.rank < at_least.rank:
            raise NotAllowedError
        return actor

    async def known(self, session: AsyncSession, person_id: int) -> Profile:
        """Somebody of whom something is kept.

        Raises:
            UnknownPersonError: Nothing is.
        """
        profile = await self.load(session, person_id) if is_id(person_id) else None
        if profile is None or not profile.known:
            raise UnknownPersonError(person_id)
        return profile

    def unknown(self, person_id: int) -> Profile:
        """Somebody of whom nothing is kept."""
        if person_id not in self.admins:
            return Profile(person_id)
        return Profile(person_id, role=Role.ADMINISTRATOR, configured=True)

    def inside(self) -> ColumnElement[bool]:
        """The condition that somebody is a member and not suspended, for queries that join `Person`."""
        member = (Person.role != Role.NEWCOMER) & Person.suspended_at.is_(None)
        return or_(member, Person.id.in_(self.admins))

    async def _load_page(self, session: AsyncSession, person_ids: list[int]) -> dict[int, Profile]:
        rows = (
            await session.execute(
                select(Person, Town.name)
                .join(Town, Town.id == Person.town_id, isouter=True)
                .where(Person.id.in_(person_ids))
            )
        ).all()
        leads: dict[int, set[str]] = {}
        for lead in await session.scalars(select(GroupLead).where(GroupLead.person_id.in_(person_ids))):
            leads.setdefault(lead.person_id, set()).add(lead.group_key)
        return {person.id: self._profile(person, town, leads.get(person.id, ())) for person, town in rows}

    def _profile(self, person: Person, town: str | None, leads: Iterable[str]) -> Profile:
        configured = person.id in self.admins
        kept = Role(person.role)
        role = Role.ADMINISTRATOR if configured else kept
        if role is Role.MEMBER and leads:
            role = Role.LEAD
        return Profile(
            id=person.id,
            name=person.name,
            username=person.username,
            role=role,
            kept_role=kept,
            town_id=person.town_id,
            town=town,
            leads=frozenset(leads),
            known=True,
            configured=configured,
            joined_at=person.joined_at,
            suspended_at=None if configured else person.suspended_at,
            unreachable_at=person.unreachable_at,
            unreachable_why=person.unreachable_why,
        )


def is_id(number: int) -> bool:
    """Whether a number can be a person's id: a forged one must not reach the database."""
    return 0 < number < ID_LIMIT
