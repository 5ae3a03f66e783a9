"""The rules of founding, describing and ending working groups."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.groups.errors import GroupExistsError
from bot.groups.models import LinkedChat, Subscription, WorkingGroup
from bot.groups.service import acting_lead, group_row
from bot.members import audit
from bot.members.errors import NotAllowedError, OddValueError
from bot.members.models import GroupLead
from bot.members.profiles import Profile, Profiles
from bot.members.roles import Role
from knowledge.german import fold

NAME_LIMIT, SHORT_LIMIT, ABOUT_LIMIT, KEY_LIMIT = 80, 24, 1500, 48

TellEnd = Callable[[AsyncSession, WorkingGroup, list[int]], Awaitable[None]]
"""Tells those who led a group of its end, within the transaction that ends it: both are kept, or neither."""


class Founding:
    """What the office, and in part the leads, change about working groups.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        tell_end: Tells those who led a group of its end.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles, tell_end: TellEnd) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._tell_end = tell_end

    async def check_name(self, actor_id: int | None, name: str) -> str:
        """Whether a new group may be called so, before more is asked about it.

        Returns:
            The name as it would be kept.

        Raises:
            NotAllowedError: The actor is not of the office.
            OddValueError: It is empty or too long.
            GroupExistsError: There is one of that name, or was.
        """
        name = _clean(name, NAME_LIMIT)
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            await _check_free(session, make_key(name), name)
        return name

    async def add(self, actor_id: int | None, name: str, about: str) -> WorkingGroup:
        """Found a group.

        Raises:
            NotAllowedError: The actor is not of the office.
            OddValueError: Name or description is empty or too long.
            GroupExistsError: There is one of that name, or was.
        """
        name, about = _clean(name, NAME_LIMIT), _clean(about, ABOUT_LIMIT, lines=True)
        key = make_key(name)
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            await _check_free(session, key, name)
            group = WorkingGroup(key=key, name=name, short=_short(name), about=about, created_at=self._clock.now())
            session.add(group)
            await session.flush()
            self._note(session, actor, "group.add", group, None, {"name": name})
            return group

    async def describe(
        self, actor_id: int | None, group_id: int, *, name: str | None = None, about: str | None = None
    ) -> WorkingGroup:
        """Give a group another name or description; leads may change the description.

        Raises:
            NotAllowedError: The actor may not.
            OddValueError: It is empty or too long.
            GroupExistsError: Another group has that name.
            UnknownGroupError: There is no such group.
        """
        async with self._database.writing() as session:
            group = await group_row(session, group_id)
            actor = await acting_lead(session, self._profiles, actor_id, group)
            if name is not None:
                if not actor.is_office:
                    raise NotAllowedError
                before, group.name = group.name, _clean(name, NAME_LIMIT)
                with session.no_autoflush:
                    await _check_other(session, group.name, group_id)
                if before != group.name:
                    group.short = _short(group.name)
                    self._note(session, actor, "group.name", group, {"name": before}, {"name": group.name})
            if about is not None:
                before, group.about = group.about, _clean(about, ABOUT_LIMIT, lines=True)
                self._note(session, actor, "group.about", group, {"about": before}, {"about": group.about})
            return group

    async def end(self, actor_id: int | None, group_id: int) -> list[int]:
        """Let a group take no followers, be led by nobody and send no news any more; what it sent is kept.

        Those who led it are told, unless they end it themselves or cannot be reached.

        Returns:
            Who led it.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownGroupError: There is no such group.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            group = await group_row(session, group_id)
            group.ended_at = self._clock.now()
            await session.execute(delete(Subscription).where(Subscription.group_id == group_id))
            await session.execute(  # they are free for another group
                update(LinkedChat)
                .where(LinkedChat.group_id == group_id, LinkedChat.state == "linked")
                .values(state="waiting", group_id=None, added_by=actor.id, added_at=group.ended_at)
            )
            leads = list(await session.scalars(select(GroupLead).where(GroupLead.group_key == group.key)))
            told: list[int] = []
            for lead in leads:
                person = await self._profiles.load(session, lead.person_id)
                if person.is_member and person.unreachable_at is None and person.id != actor.id:
                    told.append(person.id)
                before = person.leads
                after = {"leads": sorted(before - {group.key})}
                audit.note(
                    session,
                    group.ended_at,
                    "member.leads",
                    actor=actor.id,
                    subject=lead.person_id,
                    before={"leads": sorted(before)},
                    after=after,
                )
                await session.delete(lead)
            self._note(session, actor, "group.end", group, None, None)
            await self._tell_end(session, group, told)
            return [lead.person_id for lead in leads]

    def _note(
        self,
        session: AsyncSession,
        actor: Profile,
        action: str,
        group: WorkingGroup,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> None:
        now: dt.datetime = self._clock.now()
        audit.note(session, now, action, actor=actor.id, about=f"group:{group.key}", before=before, after=after)


async def _check_free(session: AsyncSession, key: str, name: str) -> None:
    if await session.scalar(select(WorkingGroup.id).where(WorkingGroup.key == key)):
        raise GroupExistsError(name)
    await _check_other(session, name)  # a group that was renamed keeps its key: it says nothing about its name


async def _check_other(session: AsyncSession, name: str, group_id: int = 0) -> None:
    """Refuse a name that another group has, however it is written."""
    working = select(WorkingGroup.name).where(WorkingGroup.ended_at.is_(None), WorkingGroup.id != group_id)
    # Not in the database: SQLite's lower() leaves „Ö“ as it is.
    if name.casefold() in {other.casefold() for other in await session.scalars(working)}:
        raise GroupExistsError(name)


def make_key(name: str) -> str:
    """The key of a new group, made of its name: letters, digits and hyphens."""
    key = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:KEY_LIMIT].strip("-")
    if not key:
        raise OddValueError(name)
    return key


def _short(name: str) -> str:
    if len(name) <= SHORT_LIMIT:
        return name
    return name[: SHORT_LIMIT - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def _clean(text: str, limit: int, *, lines: bool = False) -> str:
    parts = [" ".join(line.split()) for line in text.splitlines()] if lines else [" ".join(text.split())]
    cleaned = "\n".join(parts).strip()
    if not cleaned or len(cleaned) > limit:
        raise OddValueError(text[:40])
    return cleaned
