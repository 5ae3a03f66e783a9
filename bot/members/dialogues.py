"""Half-finished dialogues: one a private chat, a row each, so that a restart or an outage loses none."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from bot.clock import Clock
from bot.database import Database, count_changed
from bot.members.models import Dialogue

KEEP = dt.timedelta(days=14)
"""How long a dialogue waits for its answer before it is forgotten."""


@dataclass(frozen=True)
class Open:
    """A dialogue that waits for an answer.

    Attributes:
        kind: Which one; begins with its room's name, such as `members.town`.
        data: What has been said so far.
    """

    kind: str
    data: Mapping[str, Any]


class Dialogues:
    """Begins, finds and ends dialogues; all rooms share it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, chat_id: int, kind: str, data: Mapping[str, Any] | None = None) -> None:
        """Wait for an answer in a chat; a dialogue that waited there before is given up for it."""
        async with self._database.writing() as session:
            row = Dialogue(chat_id=chat_id, kind=kind, data=dict(data or {}), updated_at=self._clock.now())
            await session.merge(row)

    async def current(self, chat_id: int) -> Open | None:
        """What a chat is being asked; None: nothing, or too long ago."""
        async with self._database.reading() as session:
            row = await session.get(Dialogue, chat_id)
        if row is None or row.updated_at < self._clock.now() - KEEP:
            return None
        return Open(row.kind, row.data)

    async def end(self, chat_id: int) -> bool:
        """Wait no more.

        Returns:
            Whether a dialogue waited.
        """
        async with self._database.writing() as session:
            return await count_changed(session, delete(Dialogue).where(Dialogue.chat_id == chat_id)) > 0
