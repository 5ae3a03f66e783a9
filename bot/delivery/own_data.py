"""This room's part of what is kept about a person: what was pushed to them, and whether it arrived."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.models import Delivery
from bot.delivery.service import Outbox

KEEP_CONTENTS = dt.timedelta(days=30)
"""How long the words of a settled message are kept; that it was sent, and to whom, is kept for the report."""


class DeliveryData:
    """Delivery's part of what /meinedaten, /loeschen and the daily forgetting cover.

    Args:
        outbox: Forgets a recipient.
        statement: What this room keeps, in German.
    """

    key = "zustellungen"

    def __init__(self, outbox: Outbox, statement: str) -> None:
        self._outbox = outbox
        self.statement = statement

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """What was pushed to the person or waits for them, oldest first."""
        rows = await session.scalars(select(Delivery).where(Delivery.recipient == person_id).order_by(Delivery.id))
        return [
            {
                "was": row.what,
                "anlass": row.occasion,
                "stand": row.state,
                "vorgemerkt": row.queued_at.isoformat(timespec="seconds"),
                "erledigt": row.settled_at.isoformat(timespec="seconds") if row.settled_at else None,
                "inhalt": row.payload,
            }
            for row in rows
        ]

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Deliveries stay as numbers; what waits for the person is taken back."""
        return await self._outbox.forget(person_id, session)

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """The words of what was settled long ago."""
        return {"contents": await self._outbox.clear_contents(now - KEEP_CONTENTS, session)}
