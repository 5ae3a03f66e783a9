"""This room's part of what is kept about a person."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import count_changed
from bot.delivery.models import Halt
from bot.delivery.quiet import Preferences
from bot.delivery.service import Outbox
from bot.members.dialogues import KEEP as KEEP_DIALOGUES
from bot.members.joining import about_request
from bot.members.logbook import action_name, details_of
from bot.members.models import Change, Dialogue, Invitation, JoinRequest, Person, PushPreference, Town
from bot.members.preferences import in_german, read_preferences
from bot.members.privacy import iso
from bot.members.profiles import Profile, Profiles
from bot.members.roles import ROLE_NAMES, Role
from bot.members.scrubbing import scrub
from bot.members.service import Members, make_person

KEEP_DECIDED = dt.timedelta(days=90)
"""How long a declined request and a used-up or expired invitation are kept."""
REQUEST_STATES = {"pending": "wartet", "admitted": "aufgenommen", "declined": "abgelehnt"}
ERASED = "Gelöscht"
"""Instead of the name of a suspended person who erased themselves."""
KEEP_CHANGES = dt.timedelta(days=730)
"""How long the audit log goes back."""


class OwnData:
    """Members' part of `bot.members.privacy.PersonalData`.

    Args:
        profiles: Who somebody is.
        members: Who may go.
        outbox: Where requests that name the person were queued for the office.
        statement: What this room keeps, in German.
    """

    key = "mitgliedschaft"

    def __init__(self, profiles: Profiles, members: Members, outbox: Outbox, statement: str) -> None:
        self._profiles = profiles
        self._members = members
        self._outbox = outbox
        self.statement = statement

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """Name, role, town, groups led, requests, invitations, push times, changes, an open dialogue."""
        profile = await self._profiles.load(session, person_id)
        requests = await session.scalars(select(JoinRequest).where(JoinRequest.person_id == person_id))
        invitations = await session.scalars(select(Invitation).where(Invitation.created_by == person_id))
        changes = await session.scalars(
            select(Change).where(or_(Change.subject_id == person_id, Change.actor_id == person_id)).order_by(Change.id)
        )
        decided = await session.scalars(select(JoinRequest).where(JoinRequest.decided_by == person_id))
        towns = {row.id: row.name for row in await session.execute(select(Town.id, Town.name))}
        halt = await session.get(Halt, person_id)
        times = await session.get(PushPreference, person_id)
        dialogue = await session.get(Dialogue, person_id)
        parts = {
            "person": _person(profile) if profile.known else None,
            "anfragen": [
                {
                    "gestellt": iso(row.created_at),
                    "stand": REQUEST_STATES[row.state],
                    "stadt": row.town_text or towns.get(row.town_id),
                    "entschieden": iso(row.decided_at),
                }
                for row in requests
            ],
            "anfragen_entschieden": [
                {"wann": iso(row.decided_at), "wie": REQUEST_STATES[row.state]} for row in decided
            ],
            "einladungen_erstellt": [
                {
                    "erstellt": iso(row.created_at),
                    "rolle": ROLE_NAMES[Role(row.role)],
                    "stadt": towns.get(row.town_id),
                    "genutzt": row.uses,
                    "gueltig_bis": iso(row.expires_at),
                }
                for row in invitations
            ],
            "ruhezeiten": in_german(read_preferences(times, Preferences())) if times else None,
            "aenderungen": [
                {
                    "wann": iso(row.at),
                    "was": action_name(row.action),
                    "durch_sie": row.actor_id == person_id,
                    "betrifft_sie": row.subject_id == person_id,
                    "vorher_und_nachher": details_of(row) if row.subject_id == person_id else [],
                }
                for row in changes
            ],
            "offener_dialog": {"art": dialogue.kind, "angaben": dialogue.data} if dialogue else None,
            "telegram_bat_um_pause_bis": iso(halt.until) if halt else None,
        }
        return {key: value for key, value in parts.items() if value}

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """The person's rows go; invitations they made hold no more; the log keeps its lines without them.

        What others were told about them loses their name.

        Raises:
            LastAdministratorError: Nobody would be left who can give roles.
        """
        person = await session.get(Person, person_id, with_for_update=True)
        names = {person.name, f"@{person.username}"} - {"@None"} if person is not None else set()
        if person is not None and person.role == Role.ADMINISTRATOR:
            await self._members.check_administrator_left(session, person_id)
        for request_id in await session.scalars(select(JoinRequest.id).where(JoinRequest.person_id == person_id)):
            await self._outbox.erase_contents(about_request(request_id), session)
        touched = await count_changed(
            session,
            update(Invitation)
            .where(Invitation.created_by == person_id)
            .values(created_by=None, revoked_at=self._members.now(), occasion=None),
            update(JoinRequest).where(JoinRequest.decided_by == person_id).values(decided_by=None),
            update(Change).where(Change.actor_id == person_id).values(actor_id=None),
            update(Change).where(Change.subject_id == person_id).values(subject_id=None),
            delete(Dialogue).where(Dialogue.chat_id == person_id),
            delete(JoinRequest).where(JoinRequest.person_id == person_id),
        )
        if person is not None:
            suspended = person.suspended_at
            await session.delete(person)  # what they lead and when pushes suit goes along
            await session.flush()
            touched += 1
            if suspended is not None:  # or erasing oneself would be a way around it: the bare number stays
                values = make_person(person_id, ERASED, None, self._members.now())
                session.add(Person(**values, suspended_at=suspended))
        return touched + await scrub(session, person_id, names)

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """Old decisions, invitations, dialogues and changes; newcomers with nothing that waits."""
        old = now - KEEP_DECIDED
        return {
            "requests": await count_changed(
                session, delete(JoinRequest).where(JoinRequest.state != "pending", JoinRequest.decided_at < old)
            ),
            "invitations": await count_changed(session, delete(Invitation).where(Invitation.expires_at < old)),
            "newcomers": await count_changed(
                session,
                delete(Person).where(
                    Person.role == Role.NEWCOMER,
                    Person.created_at < old,
                    Person.suspended_at.is_(None),
                    Person.id.not_in(self._profiles.admins),
                    Person.id.not_in(select(JoinRequest.person_id)),
                    # Whose membership ended a short while ago: it may have been a tap too many.
                    Person.id.not_in(
                        select(Change.subject_id).where(
                            Change.action == "member.role", Change.at > old, Change.subject_id.is_not(None)
                        )
                    ),
                ),
            ),
            "dialogues": await count_changed(
                session, delete(Dialogue).where(Dialogue.updated_at < now - KEEP_DIALOGUES)
            ),
            "changes": await count_changed(session, delete(Change).where(Change.at < now - KEEP_CHANGES)),
        }


def _person(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "benutzername": profile.username,
        "rolle": ROLE_NAMES[profile.role],
        "stadt": profile.town,
        "leitet": sorted(profile.leads),
        "mitglied_seit": iso(profile.joined_at),
        "gesperrt_seit": iso(profile.suspended_at),
        "nicht_erreichbar_seit": iso(profile.unreachable_at),
    }
