"""What all rules about announcements share: where, when, who, and an announcement as the rules see it."""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import Audiences
from bot.announcements.errors import AnnouncementGoneError
from bot.announcements.kinds import State
from bot.announcements.models import Announcement
from bot.announcements.spec import Audience, Body, as_json
from bot.announcements.wording import Wording
from bot.clock import Clock
from bot.database import Database
from bot.delivery.reports import Reports
from bot.delivery.service import Outbox
from bot.members import audit
from bot.members.models import Person
from bot.members.personal import looks_personal
from bot.members.profiles import Profile, Profiles, is_id
from bot.members.roles import Role

KEEP_RECIPIENTS = dt.timedelta(days=365)
"""How long it is kept who got, read and answered an announcement."""


@dataclass(frozen=True)
class Item:
    """An announcement with what is read out of its row.

    Attributes:
        row: The row.
        body: What it says.
        audience: Whom it is for.
    """

    row: Announcement
    body: Body
    audience: Audience

    @property
    def id(self) -> int:
        """Its number."""
        return self.row.id

    @property
    def state(self) -> State:
        """What it is at."""
        return State(self.row.state)

    @property
    def personal(self) -> tuple[str, ...]:
        """What personal data the text seems to carry, in German words."""
        return tuple(looks_personal(self.body.content.plain))


Reopened = Callable[[AsyncSession, Item, int | None], Awaitable[None]]
"""Tells those concerned that somebody makes a draft of what was released or waits for that, before it is one."""


@dataclass
class Ground:
    """What the rules stand on.

    Attributes:
        database: Where.
        clock: When.
        profiles: Who acts.
        outbox: The way out.
        reports: What became of it.
        audiences: Who is meant.
        wording: How it reads.
        second_from: From how many recipients on somebody else has to release; 0: never.
    """

    database: Database
    clock: Clock
    profiles: Profiles
    outbox: Outbox
    reports: Reports
    audiences: Audiences
    wording: Wording
    second_from: int

    async def acting(self, session: AsyncSession, actor_id: int | None) -> Profile:
        """Who acts: only the office may anything here.

        Raises:
            NotAllowedError: They are not of the office.
        """
        return await self.profiles.acting(session, actor_id, Role.COORDINATOR)

    async def item(
        self, session: AsyncSession, actor_id: int | None, announcement_id: int, *, lock: bool = False
    ) -> Item:
        """An announcement, for the office.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
        """
        await self.acting(session, actor_id)
        return item_of(await locked(session, announcement_id) if lock else await found(session, announcement_id))

    def knows_recipients(self, item: Item) -> bool:
        """Whether it is still kept who got an announcement."""
        started = item.row.started_at
        return started is not None and started >= self.clock.now() - KEEP_RECIPIENTS

    async def office(self, session: AsyncSession, people: Collection[int | None]) -> list[int]:
        """Those of some people who are of the office now: who left it hears no more of its work."""
        known = await self.profiles.load_many(session, {each for each in people if each is not None})
        return sorted(each for each, profile in known.items() if profile.is_office)

    async def seconds(self, session: AsyncSession, actor_id: int | None, recipients: int) -> list[int]:
        """Who else may let something out that the actor wrote, where so many recipients want a second person."""
        if not self.second_from or recipients < self.second_from or actor_id is None:
            return []
        return await self.others(session, actor_id)

    async def others(self, session: AsyncSession, actor_id: int) -> list[int]:
        """Who else of the office could release: reachable, not suspended."""
        wanted = select(Person.id).where(
            or_(Person.role.in_([Role.COORDINATOR, Role.ADMINISTRATOR]), Person.id.in_(self.profiles.admins)),
            or_(Person.suspended_at.is_(None), Person.id.in_(self.profiles.admins)),
            Person.unreachable_at.is_(None),
            Person.id != actor_id,
        )
        return list(await session.scalars(wanted.order_by(Person.id)))

    def note(self, session: AsyncSession, actor_id: int | None, action: str, row: Announcement, **more: Any) -> None:
        """A line in the audit log."""
        after = {"state": row.state, "version": row.version, **more}
        now = self.clock.now()
        audit.note(session, now, action, actor=actor_id, about=what(row.id), after=after)


async def found(session: AsyncSession, announcement_id: int) -> Announcement:
    """A row.

    Raises:
        AnnouncementGoneError: There is none.
    """
    row = await session.get(Announcement, announcement_id) if is_id(announcement_id) else None
    if row is None:
        raise AnnouncementGoneError(announcement_id)
    return row


async def locked(session: AsyncSession, announcement_id: int) -> Announcement:
    """A row, until the transaction ends this one's alone.

    Raises:
        AnnouncementGoneError: There is none.
    """
    row = await session.get(Announcement, announcement_id, with_for_update=True) if is_id(announcement_id) else None
    if row is None:
        raise AnnouncementGoneError(announcement_id)
    return row


def item_of(row: Announcement) -> Item:
    """A row as the rules see it."""
    return Item(row, Body.model_validate(row.body), Audience.model_validate(row.audience))


def items_of(rows: Sequence[Announcement]) -> list[Item]:
    """Likewise, many."""
    return [item_of(row) for row in rows]


def put(row: Announcement, *, body: Body | None = None, audience: Audience | None = None) -> None:
    """Write what it says or whom it is for into a row."""
    if body is not None:
        row.body, row.digest = as_json(body), body.digest
    if audience is not None:
        row.audience = as_json(audience)


def what(announcement_id: int) -> str:
    """What the outbox calls an announcement; also the key of its batch."""
    return f"announcement:{announcement_id}"


def number_of(about: str) -> int:
    """An announcement's number, from what the outbox calls it."""
    return int(about.split(":")[1])
