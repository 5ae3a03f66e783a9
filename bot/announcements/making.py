"""From rows of the outbox to messages, at the moment of sending: always the newest version, for the one who gets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.announcements.kinds import State
from bot.announcements.models import Addressee, Announcement
from bot.announcements.shared import item_of, number_of
from bot.announcements.spec import PLACEHOLDER, Body
from bot.announcements.wording import Reader, Wording
from bot.clock import Clock
from bot.database import Database
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.payloads import DELETABLE, Delete, Payload
from bot.delivery.sending import Renderer
from bot.delivery.store import Row
from bot.members.models import Person, Town
from bot.members.profiles import Profiles
from bot.members.roles import Role

MESSAGE, CHANGE, CORRECTION = "announcements.message", "announcements.change", "announcements.correction"
"""The renderers."""
REMEMBERED = 8
"""Announcements that are kept read."""


@dataclass(frozen=True)
class _Found:
    """What is known about an announcement and the one who gets it."""

    announcement_id: int
    version: int
    state: State
    body: Body
    reader: Reader
    member: bool


class Making:
    """The renderers.

    Args:
        database: Where.
        clock: When.
        profiles: Whom the operator names as administrators.
        wording: How it reads.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles, wording: Wording) -> None:
        self._database = database
        self._clock = clock
        self._admins = profiles.admins
        self._wording = wording
        self._bodies: dict[tuple[int, int], Body] = {}
        self._same: dict[tuple[int, int, bool], Payload] = {}

    @property
    def renderers(self) -> Mapping[str, Renderer]:
        """For the dispatcher."""
        return {MESSAGE: self.message, CHANGE: self.change, CORRECTION: self.correction}

    async def message(self, rows: Sequence[Row]) -> Payload | None:
        """The announcement; None where it was stopped or withdrawn, or its recipient is no member any more."""
        found = await self._look(rows[0])
        if found is None or found.state not in (State.SENDING, State.SENT) or not found.member:
            return None
        if found.reader.read or found.reader.answer is not None or PLACEHOLDER.search(found.body.content.html):
            return self._wording.payload(found.body, found.announcement_id, found.reader)
        key = (found.announcement_id, found.version, found.reader.person)
        if key not in self._same:  # one object for all: the sender prepares it once
            while len(self._same) >= REMEMBERED:
                del self._same[next(iter(self._same))]
            self._same[key] = self._wording.payload(found.body, found.announcement_id, found.reader)
        return self._same[key]

    async def correction(self, rows: Sequence[Row]) -> Payload | None:
        """The newest version, said to be a correction."""
        found = await self._look(rows[0])
        if found is None or found.state is State.WITHDRAWN or not found.member:
            return None
        return self._wording.payload(found.body, found.announcement_id, found.reader, correction=True)

    async def change(self, rows: Sequence[Row]) -> Payload | None:
        """What brings delivered messages to the newest version, or takes them back."""
        found = await self._look(rows[0])
        arrived = await self._arrived(rows[0])
        if found is None or not arrived:
            return None
        newest = (arrived[-1].message_ids or [0])[0]
        if found.state is not State.WITHDRAWN:
            return self._wording.edit(found.body, found.announcement_id, found.reader, newest)
        young = self._clock.now() - DELETABLE
        ids = [
            number
            for row in arrived
            if row.settled_at is not None and row.settled_at >= young
            for number in row.message_ids or ()
        ]
        return Delete(message_ids=tuple(sorted(ids))) if ids else self._wording.withdrawn(found.body, newest)

    async def _arrived(self, row: Row) -> list[Delivery]:
        """The messages that a change is about, as far as they are there."""
        wanted = select(Delivery).where(
            Delivery.id.in_((row.payload or {}).get("deliveries", [])), Delivery.state == Sent.SENT
        )
        async with self._database.reading() as session:
            return [each for each in await session.scalars(wanted.order_by(Delivery.id)) if each.message_ids]

    async def _look(self, row: Row) -> _Found | None:
        announcement_id = number_of(row.what)
        wanted = (
            select(Announcement, Addressee.read_at, Addressee.answer, Person, Town.name)
            .join(Addressee, Addressee.announcement_id == Announcement.id)
            .join(Person, Person.id == Addressee.chat_id, isouter=True)
            .join(Town, Town.id == Person.town_id, isouter=True)
            .where(Announcement.id == announcement_id, Addressee.id == (row.payload or {}).get("to"))
        )
        async with self._database.reading() as session:
            one = (await session.execute(wanted)).one_or_none()
        if one is None:
            return None
        announcement, read_at, answer, person, town = one
        reader = Reader(
            name=person.name if person else "",
            town=town or "",
            read=read_at is not None,
            answer=answer,
            person=row.recipient > 0,
        )
        member = row.recipient < 0 or (
            person is not None
            and (person.id in self._admins or (person.role != Role.NEWCOMER and person.suspended_at is None))
        )
        body = self._body(announcement)
        return _Found(announcement_id, announcement.version, State(announcement.state), body, reader, member)

    def _body(self, announcement: Announcement) -> Body:
        key = (announcement.id, announcement.version)
        if key not in self._bodies:
            while len(self._bodies) >= REMEMBERED:
                del self._bodies[next(iter(self._bodies))]
            self._bodies[key] = item_of(announcement).body
        return self._bodies[key]
