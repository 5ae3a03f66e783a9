"""What is kept about a person, over all rooms: to take away, to erase, and to forget by itself after a time.

A room that keeps anything about persons gives the application one object with the form of `PersonalData`; nothing
else is needed for /datenschutz, /meinedaten, /loeschen and the daily forgetting to cover it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.logs import get_logger
from bot.members import audit
from bot.members.models import Change

EVERY = dt.timedelta(hours=20)
"""Forgetting is due again after this time: once a day, however often it is asked."""
RETENTION = "retention"

_log = get_logger("lotse.privacy")


class PersonalData(Protocol):
    """One room's part."""

    @property
    def key(self) -> str:
        """The part's name in the file of /meinedaten, in German, such as `fragen`."""
        ...

    @property
    def statement(self) -> str:
        """What the room keeps, who sees it and for how long: German sentences as Telegram HTML, for /datenschutz."""
        ...

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """All that is kept about a person, as JSON with German keys; moments in ISO 8601. Nothing: None or empty."""
        ...

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Erase a person, or make what must stay nameless, within the caller's transaction.

        Returns:
            How many rows were touched.

        Raises:
            MembersError: It cannot be done now; nothing is erased anywhere then.
        """
        ...

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """Forget what has been kept long enough, for everybody.

        Returns:
            How many rows, by an English name of what they were.
        """
        ...


class Privacy:
    """Asks every room.

    Args:
        database: Where.
        clock: When.
        rooms: The rooms' parts, in the order in which people read them. The room that keeps the persons themselves
            comes last when erasing, so that others can still look them up.
    """

    def __init__(self, database: Database, clock: Clock, rooms: Sequence[PersonalData]) -> None:
        self._database = database
        self._clock = clock
        self._rooms = rooms

    def statements(self) -> list[str]:
        """What each room keeps, in German."""
        return [room.statement for room in self._rooms]

    async def export(self, person_id: int) -> dict[str, Any]:
        """Everything that is kept about a person, by room; also rooms that keep nothing, so that this can be seen."""
        async with self._database.reading() as session:
            parts = {room.key: await room.export(session, person_id) or None for room in self._rooms}
        return {"stand": self._clock.now().isoformat(timespec="seconds"), "telegram_kennung": person_id} | parts

    async def erase(self, person_id: int) -> dict[str, int]:
        """Erase a person in every room, all or nothing.

        Returns:
            How many rows each room touched, by its key.

        Raises:
            LastAdministratorError: Nobody would be left who can give roles.
        """
        async with self._database.writing() as session:
            counts = {room.key: await room.erase(session, person_id) for room in reversed(self._rooms)}
            audit.note(session, self._clock.now(), "person.erased", after=dict(counts))
        _log.info("a person was erased", **counts)
        return counts

    async def forget(self) -> dict[str, int] | None:
        """Forget what has been kept long enough, where that is due.

        Returns:
            How many rows, by what they were; None: not due yet.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            last = await session.scalar(
                select(Change.at).where(Change.action == RETENTION).order_by(Change.id.desc()).limit(1)
            )
            if last is not None and last > now - EVERY:
                return None
            counts: dict[str, int] = {}
            for room in self._rooms:
                counts |= await room.forget(session, now)
            audit.note(session, now, RETENTION, after=counts)
        _log.info("forgot what was kept long enough", **counts)
        return counts


def iso(moment: dt.datetime | None) -> str | None:
    """A moment as the files of /meinedaten have it."""
    return moment.isoformat(timespec="seconds") if moment else None
