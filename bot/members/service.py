"""The rules of membership: who may ask, who may see and change whom, and that somebody can always give roles."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, count_changed
from bot.logs import get_logger
from bot.members import audit
from bot.members.errors import (
    ConfiguredAdministratorError,
    LastAdministratorError,
    NotAllowedError,
    OddValueError,
    UnknownPersonError,
)
from bot.members.models import GroupLead, Invitation, JoinRequest, Person, Town
from bot.members.profiles import Profile, Profiles, is_id
from bot.members.roles import KEPT_ROLES, Role, is_office, may_give, may_manage
from bot.members.towns import town_row

NAME_LIMIT, USERNAME_LIMIT = 140, 40

_log = get_logger("lotse.members")


@dataclass(frozen=True)
class Seen:
    """Who has just written."""

    profile: Profile
    may_ask: bool
    back: bool
    """Whether they had blocked the bot until now."""


class Members:
    """Who somebody is, and what the office does with it.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        access: Whether anyone may ask, or members only.
    """

    def __init__(
        self, database: Database, clock: Clock, profiles: Profiles, *, access: Literal["open", "members"]
    ) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self.access = access

    # Who somebody is -------------------------------------------------------------------------------------------------

    async def profile(self, person_id: int) -> Profile:
        """Who somebody is; a newcomer where nothing is kept."""
        async with self._database.reading() as session:
            return await self._profiles.load(session, person_id)

    async def town_of(self, person_id: int) -> Town | None:
        """The town or partner body that somebody belongs to, or None."""
        async with self._database.reading() as session:
            person = await self._profiles.load(session, person_id)
            return None if person.town_id is None else await session.get(Town, person.town_id)

    async def profiles(self, person_ids: Collection[int]) -> dict[int, Profile]:
        """Those of whom something is kept, by id."""
        async with self._database.reading() as session:
            return await self._profiles.load_many(session, person_ids)

    def may_ask(self, profile: Profile) -> bool:
        """Whether somebody may use what is not for members alone: the one place that ACCESS decides."""
        return not profile.suspended and (self.access == "open" or profile.is_member)

    def now(self) -> dt.datetime:
        """The present moment."""
        return self._clock.now()

    async def see(self, person_id: int, name: str, username: str | None) -> Seen:
        """Somebody writes or presses: keep their name as it is now, and reach them again after a block.

        Whom the operator names as administrator gets a row now, so that the office's lists and log can name them.
        """
        profile = await self.profile(person_id)
        unreachable = profile.unreachable_at is not None
        back = unreachable and profile.unreachable_why == "blocked"
        name, username = clean_name(name), (username or "")[:USERNAME_LIMIT] or None
        if profile.known and (unreachable or (profile.name, profile.username) != (name, username)):
            async with self._database.writing() as session:
                await session.execute(
                    update(Person)
                    .where(Person.id == person_id)
                    .values(name=name, username=username, unreachable_at=None, unreachable_why=None)
                )
            profile = await self.profile(person_id)
        elif profile.configured and not profile.known:
            async with self._database.writing() as session:
                await insert_person(session, person_id, name, username, self._clock.now())
            profile = await self.profile(person_id)
        return Seen(profile, self.may_ask(profile), back)

    async def mark_unreachable(self, person_id: int, why: str) -> bool:
        """A push found that somebody blocked the bot or deleted their account; they stay a member.

        Args:
            person_id: Who.
            why: `blocked`, `deactivated` or `never_started`.

        Returns:
            Whether that was news.
        """
        async with self._database.writing() as session:
            changed = await count_changed(
                session,
                update(Person)
                .where(Person.id == person_id, Person.unreachable_at.is_(None))
                .values(unreachable_at=self._clock.now(), unreachable_why=why[:16]),
            )
        return changed > 0

    async def office(self) -> list[int]:
        """Whom to tell what concerns the office: coordinators and administrators who can be reached."""
        async with self._database.reading() as session:
            rows = (
                await session.execute(select(Person.id, Person.role, Person.unreachable_at, Person.suspended_at))
            ).all()
        out = {
            row.id for row in rows if row.unreachable_at or (row.suspended_at and row.id not in self._profiles.admins)
        }
        inside = {row.id for row in rows if is_office(Role(row.role))} | self._profiles.admins
        return sorted(inside - out)

    async def actor(self, actor_id: int | None, at_least: Role = Role.MEMBER) -> Profile:
        """Who acts, for other rooms' rules.

        Raises:
            SuspendedError: They are suspended.
            NotAllowedError: They are less than that.
        """
        async with self._database.reading() as session:
            return await self._profiles.acting(session, actor_id, at_least)

    # What the office changes -----------------------------------------------------------------------------------------

    async def set_town(self, actor_id: int | None, person_id: int, town_id: int | None) -> Profile:
        """Where somebody comes from; members may change their own.

        Raises:
            NotAllowedError: The actor may not.
            UnknownPersonError: Nothing is kept about such a person.
            UnknownTownError: There is no such town.
        """
        async with self._database.writing() as session:
            at_least = Role.MEMBER if actor_id == person_id else Role.COORDINATOR
            actor = await self._profiles.acting(session, actor_id, at_least)
            person = await self._locked(session, person_id)
            before = await self._profiles.known(session, person_id)
            town = await town_row(session, town_id) if town_id is not None else None
            if person.town_id != town_id:
                person.town_id = town_id
                self._note(
                    session,
                    actor,
                    person_id,
                    "member.town",
                    {"town": before.town},
                    {"town": town.name if town else None},
                )
            await session.flush()
            return await self._profiles.load(session, person_id)

    async def set_role(self, actor_id: int | None, person_id: int, role: Role) -> Profile:
        """Make somebody a member, a coordinator, an administrator, or end their membership (`NEWCOMER`).

        Raises:
            NotAllowedError: The actor may not change this person, or not give this role.
            OddValueError: Leading a group is no role of its own; see `set_lead`.
            ConfiguredAdministratorError: The operator names the person as administrator.
            LastAdministratorError: Nobody would be left who can give roles.
            UnknownPersonError: Nothing is kept about such a person.
        """
        if role not in KEPT_ROLES:
            raise OddValueError(role)
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            await self._lock_administrators(session)
            person = await self._locked(session, person_id)
            before = await self._profiles.known(session, person_id)
            if before.configured:
                raise ConfiguredAdministratorError
            if not may_manage(actor.role, before.role) or not may_give(actor.role, role):
                raise NotAllowedError
            if before.kept_role is not role:
                if before.kept_role is Role.ADMINISTRATOR:
                    await self.check_administrator_left(session, person_id)
                await self.give_role(session, actor.id, person, role)
            await session.flush()
            return await self._profiles.load(session, person_id)

    async def set_lead(self, actor_id: int | None, person_id: int, group_key: str, *, leads: bool) -> Profile:
        """Make somebody lead a working group, or no more; that the group exists is for the caller to know.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownPersonError: Nothing is kept about such a person, or they are no member.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            await self._locked(session, person_id)
            before = await self._profiles.known(session, person_id)
            if leads and not before.is_member:
                raise UnknownPersonError(person_id)
            if leads != (group_key in before.leads):
                if leads:
                    session.add(GroupLead(person_id=person_id, group_key=group_key, since=self._clock.now()))
                else:
                    await session.execute(
                        delete(GroupLead).where(GroupLead.person_id == person_id, GroupLead.group_key == group_key)
                    )
                after = before.leads | {group_key} if leads else before.leads - {group_key}
                self._note(
                    session, actor, person_id, "member.leads", {"leads": sorted(before.leads)}, {"leads": sorted(after)}
                )
            await session.flush()
            return await self._profiles.load(session, person_id)

    async def suspend(self, actor_id: int | None, person_id: int, *, suspended: bool = True) -> Profile:
        """Let somebody do nothing for now, or again; once more changes nothing.

        Raises:
            NotAllowedError: The actor may not change this person.
            ConfiguredAdministratorError: The operator names the person as administrator.
            LastAdministratorError: Nobody would be left who can give roles.
            UnknownPersonError: Nothing is kept about such a person.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            await self._lock_administrators(session)
            person = await self._locked(session, person_id)
            before = await self._profiles.known(session, person_id)
            if before.configured:
                raise ConfiguredAdministratorError
            if not may_manage(actor.role, before.role):
                raise NotAllowedError
            if before.suspended != suspended:
                if suspended and before.kept_role is Role.ADMINISTRATOR:
                    await self.check_administrator_left(session, person_id)
                now = self._clock.now()
                person.suspended_at = now if suspended else None
                self._note(
                    session,
                    actor,
                    person_id,
                    "member.suspended",
                    {"suspended": not suspended},
                    {"suspended": suspended},
                )
                if suspended:
                    await self._revoke_invitations(session, person_id)
            await session.flush()
            return await self._profiles.load(session, person_id)

    # For the rules beside this one -----------------------------------------------------------------------------------

    async def give_role(self, session: AsyncSession, actor_id: int | None, person: Person, role: Role) -> None:
        """Change the role within a transaction that has checked it, with all that hangs on it."""
        before, now = Role(person.role), self._clock.now()
        person.role = role
        if before is Role.NEWCOMER:
            person.joined_at = now
            await session.execute(
                update(JoinRequest)
                .where(JoinRequest.person_id == person.id, JoinRequest.state == "pending")
                .values(state="admitted", decided_at=now, decided_by=actor_id)
            )
        if role is Role.NEWCOMER:
            person.joined_at = None
            await session.execute(delete(GroupLead).where(GroupLead.person_id == person.id))
        if is_office(before) and role.rank < before.rank:
            await self._revoke_invitations(session, person.id)
        audit.note(
            session,
            now,
            "member.role",
            actor=actor_id,
            subject=person.id,
            before={"role": before},
            after={"role": role},
        )
        _log.info("role changed", before=before, after=role)

    async def check_administrator_left(self, session: AsyncSession, without: int) -> None:
        """Make sure that somebody else can give roles.

        Raises:
            LastAdministratorError: Nobody else can.
        """
        if self._profiles.admins - {without}:
            return
        others = await session.scalar(
            select(func.count())
            .select_from(Person)
            .where(Person.role == Role.ADMINISTRATOR, Person.suspended_at.is_(None), Person.id != without)
        )
        if not others:
            raise LastAdministratorError

    async def _lock_administrators(self, session: AsyncSession) -> None:
        """Two administrators who take the role from each other at the same moment take turns."""
        await session.scalars(
            select(Person).where(Person.role == Role.ADMINISTRATOR).order_by(Person.id).with_for_update()
        )

    async def _locked(self, session: AsyncSession, person_id: int) -> Person:
        person = await session.get(Person, person_id, with_for_update=True) if is_id(person_id) else None
        if person is None:
            raise UnknownPersonError(person_id)
        return person

    async def _revoke_invitations(self, session: AsyncSession, person_id: int) -> None:
        """What somebody handed out as one of the office ends with that."""
        await session.execute(
            update(Invitation)
            .where(Invitation.created_by == person_id, Invitation.revoked_at.is_(None))
            .values(revoked_at=self._clock.now())
        )

    def _note(
        self,
        session: AsyncSession,
        actor: Profile,
        subject: int,
        action: str,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        audit.note(session, self._clock.now(), action, actor=actor.id, subject=subject, before=before, after=after)


def clean_name(name: str) -> str:
    """A name as it is kept: one line, without signs that only mislead."""
    visible = "".join(c for c in name if c.isprintable())
    return " ".join(visible.split())[:NAME_LIMIT] or "Ohne Namen"


async def insert_person(
    session: AsyncSession, person_id: int, name: str, username: str | None, now: dt.datetime
) -> None:
    """Make somebody's row, where there is none."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = make_person(person_id, name, username, now)
    await session.execute(dialect.insert(Person).values(**values).on_conflict_do_nothing())


def make_person(person_id: int, name: str, username: str | None, now: dt.datetime) -> dict[str, Any]:
    """The values of a new row: a newcomer."""
    return {
        "id": person_id,
        "name": clean_name(name),
        "username": (username or "")[:USERNAME_LIMIT] or None,
        "role": Role.NEWCOMER.value,
        "created_at": now,
    }
