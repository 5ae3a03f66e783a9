"""How one becomes a member: by an invitation's link, or by a request that the office admits."""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, count_changed
from bot.members import audit
from bot.members.errors import (
    InvitationError,
    InvitationProblem,
    NotAllowedError,
    OddValueError,
    RequestGoneError,
    SuspendedError,
)
from bot.members.models import Invitation, JoinRequest, Person, Town
from bot.members.profiles import Profile, Profiles, is_id
from bot.members.roles import INVITED_ROLES, Role, may_give
from bot.members.service import Members, insert_person
from bot.members.towns import NAME_LIMIT, town_row

TOKEN_BYTES = 16
MOST_USES = 1000
LONGEST = dt.timedelta(days=366)
"""How long an invitation may hold at most."""
ASK_AGAIN = dt.timedelta(days=7)
"""How long after a refusal somebody may ask again."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody who wants in, as Telegram names them."""

    id: int
    name: str
    username: str | None = None


@dataclass(frozen=True)
class Joined:
    """What an invitation's link came to."""

    profile: Profile
    fresh: bool
    """False: they had at least this role already, and the invitation is not used."""


@dataclass(frozen=True)
class Request:
    """A request to join, with what the office wants to know."""

    id: int
    person: Profile
    town: str | None
    typed: bool
    """Whether the town was typed, since the list lacks it."""
    state: str
    created_at: dt.datetime


class Joining:
    """Invitations and requests.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        members: The rules of roles.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles, members: Members) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._members = members

    # Invitations -----------------------------------------------------------------------------------------------------

    async def invite(
        self,
        actor_id: int | None,
        *,
        role: Role = Role.MEMBER,
        town_id: int | None = None,
        most_uses: int | None = 1,
        valid: dt.timedelta = dt.timedelta(days=14),
        occasion: str | None = None,
    ) -> tuple[Invitation, bool]:
        """Make a link.

        Args:
            actor_id: Who invites.
            role: What it makes people.
            town_id: Whose people; None: they pick.
            most_uses: How many people; None: any number.
            valid: How long.
            occasion: Which press makes it: the same one twice makes one.

        Returns:
            The invitation, and False where this occasion had made it already.

        Raises:
            NotAllowedError: The actor may not give this role.
            OddValueError: A number or a time that makes no sense.
            UnknownTownError: There is no such town.
        """
        uses_fit = most_uses is None or 1 <= most_uses <= MOST_USES
        if role not in INVITED_ROLES or not uses_fit or not dt.timedelta() < valid <= LONGEST:
            raise OddValueError(f"{role}, {most_uses} uses, {valid}")
        now = self._clock.now()
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            if not may_give(actor.role, role):
                raise NotAllowedError
            if occasion is not None:
                made = await session.scalar(select(Invitation).where(Invitation.occasion == occasion))
                if made is not None:
                    return made, False
            town = None if town_id is None else await town_row(session, town_id)
            invitation = Invitation(
                token=secrets.token_urlsafe(TOKEN_BYTES),
                role=role,
                town_id=town_id,
                most_uses=most_uses,
                uses=0,
                created_at=now,
                expires_at=now + valid,
                created_by=actor.id,
                occasion=occasion,
            )
            session.add(invitation)
            await session.flush()
            after = {"role": role, "town": town.name if town else None, "most_uses": most_uses, "days": valid.days}
            audit.note(session, now, "invitation.add", actor=actor.id, about=f"invitation:{invitation.id}", after=after)
        return invitation, True

    async def invitations(self, actor_id: int | None) -> list[Invitation]:
        """Those that can still be used, newest first.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            found = await session.scalars(
                select(Invitation)
                .where(
                    Invitation.revoked_at.is_(None),
                    Invitation.expires_at > self._clock.now(),
                    or_(Invitation.most_uses.is_(None), Invitation.uses < Invitation.most_uses),
                )
                .order_by(Invitation.id.desc())
            )
            return list(found)

    async def revoke(self, actor_id: int | None, invitation_id: int) -> bool:
        """Let an invitation hold no more.

        Returns:
            False where it did not hold anyway.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            if not is_id(invitation_id):
                return False
            revoke = (
                update(Invitation)
                .where(Invitation.id == invitation_id, Invitation.revoked_at.is_(None))
                .values(revoked_at=now)
            )
            if not await count_changed(session, revoke):
                return False
            audit.note(session, now, "invitation.revoke", actor=actor.id, about=f"invitation:{invitation_id}")
            return True

    async def accept(self, token: str, newcomer: Newcomer) -> Joined:
        """Open an invitation's link: whoever holds it becomes what it says.

        Raises:
            InvitationError: It does not hold (any more).
            SuspendedError: The person is suspended; a link is no way around that.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            invitation = await session.scalar(select(Invitation).where(Invitation.token == token).with_for_update())
            if invitation is None:
                raise InvitationError(InvitationProblem.UNKNOWN)
            person = await _person(session, newcomer, now)
            profile = await self._profiles.load(session, newcomer.id)
            if profile.suspended:
                raise SuspendedError
            role = Role(invitation.role)
            if profile.kept_role.rank >= role.rank or profile.role.rank > role.rank:
                return Joined(profile, fresh=False)
            _check(invitation, now)
            invitation.uses += 1
            await self._members.give_role(session, newcomer.id, person, role)
            if person.town_id is None:
                person.town_id = invitation.town_id
            about = f"invitation:{invitation.id}"
            audit.note(session, now, "invitation.use", actor=newcomer.id, subject=newcomer.id, about=about)
            await session.flush()
            return Joined(await self._profiles.load(session, newcomer.id), fresh=True)

    # Requests --------------------------------------------------------------------------------------------------------

    async def request(
        self, newcomer: Newcomer, town_id: int | None = None, town_text: str | None = None
    ) -> tuple[Request, bool]:
        """Ask to become a member.

        Args:
            newcomer: Who.
            town_id: From where.
            town_text: From where, as typed, if the list lacks it.

        Returns:
            The request, and False where one waits already or was declined a short while ago.

        Raises:
            SuspendedError: The person is suspended.
            OddValueError: They are a member already.
            UnknownTownError: There is no such town.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            if town_id is not None:
                await town_row(session, town_id)
            await _person(session, newcomer, now)
            profile = await self._profiles.load(session, newcomer.id)
            if profile.suspended:
                raise SuspendedError
            if profile.is_member:
                raise OddValueError("a member already")
            last = await _last_request(session, newcomer.id)
            if last is not None and (last.state == "pending" or _just_declined(last, now)):
                return await self._read(session, last), False
            row = JoinRequest(
                person_id=newcomer.id,
                town_id=town_id,
                town_text=" ".join(town_text.split())[:NAME_LIMIT] if town_text else None,
                state="pending",
                created_at=now,
            )
            session.add(row)
            await session.flush()
            return await self._read(session, row), True

    async def requests(self, actor_id: int | None) -> list[Request]:
        """Those that wait, oldest first.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            rows = await session.scalars(
                select(JoinRequest).where(JoinRequest.state == "pending").order_by(JoinRequest.id)
            )
            return [await self._read(session, row) for row in rows]

    async def waiting(self, person_id: int) -> Request | None:
        """Somebody's own request that waits or was declined a short while ago; None: they may ask."""
        async with self._database.reading() as session:
            last = await _last_request(session, person_id)
            if last is None or not (last.state == "pending" or _just_declined(last, self._clock.now())):
                return None
            return await self._read(session, last)

    async def get(self, actor_id: int | None, request_id: int) -> Request:
        """One request, for the office.

        Raises:
            NotAllowedError: The actor is not of the office.
            RequestGoneError: There is no such request any more.
        """
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            row = await session.get(JoinRequest, request_id) if is_id(request_id) else None
            if row is None:
                raise RequestGoneError(request_id)
            return await self._read(session, row)

    async def decide(self, actor_id: int | None, request_id: int, *, admit: bool) -> tuple[Request, bool]:
        """Admit somebody, or decline.

        Returns:
            The request as it is now, and False where it was decided before.

        Raises:
            NotAllowedError: The actor is not of the office.
            RequestGoneError: There is no such request any more.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            row = await session.get(JoinRequest, request_id, with_for_update=True) if is_id(request_id) else None
            if row is None:
                raise RequestGoneError(request_id)
            if row.state != "pending":
                return await self._read(session, row), False
            person = await session.get_one(Person, row.person_id, with_for_update=True)
            row.state = "admitted" if admit else "declined"
            row.decided_at, row.decided_by = now, actor.id
            if admit:
                person.town_id = row.town_id if person.town_id is None else person.town_id
                if person.role == Role.NEWCOMER:
                    await self._members.give_role(session, actor.id, person, Role.MEMBER)
            else:
                audit.note(session, now, "request.decline", actor=actor.id, subject=person.id)
            await session.flush()
            return await self._read(session, row), True

    async def _read(self, session: AsyncSession, row: JoinRequest) -> Request:
        person = await self._profiles.load(session, row.person_id)
        town = await session.get(Town, row.town_id) if row.town_id is not None else None
        name = town.name if town is not None else row.town_text
        return Request(row.id, person, name, town is None and name is not None, row.state, row.created_at)


def about_request(request_id: int) -> str:
    """What the outbox calls messages about a request."""
    return f"join-request:{request_id}"


async def _person(session: AsyncSession, newcomer: Newcomer, now: dt.datetime) -> Person:
    """Their row, made if missing, and held: two presses at once take turns."""
    await insert_person(session, newcomer.id, newcomer.name, newcomer.username, now)
    return await session.get_one(Person, newcomer.id, with_for_update=True)


def _check(invitation: Invitation, now: dt.datetime) -> None:
    if invitation.revoked_at is not None:
        raise InvitationError(InvitationProblem.REVOKED)
    if invitation.expires_at <= now:
        raise InvitationError(InvitationProblem.EXPIRED)
    if invitation.most_uses is not None and invitation.uses >= invitation.most_uses:
        raise InvitationError(InvitationProblem.USED_UP)


async def _last_request(session: AsyncSession, person_id: int) -> JoinRequest | None:
    mine = select(JoinRequest).where(JoinRequest.person_id == person_id)
    found: JoinRequest | None = await session.scalar(mine.order_by(JoinRequest.id.desc()).limit(1))
    return found


def _just_declined(last: JoinRequest, now: dt.datetime) -> bool:
    return last.state == "declined" and last.decided_at is not None and last.decided_at > now - ASK_AGAIN
