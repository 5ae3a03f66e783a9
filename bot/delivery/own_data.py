"""This room's part of what is kept about a person: what was pushed to them, and whether it arrived."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.kinds import State
from bot.delivery.models import Batch, Delivery
from bot.delivery.payloads import Album, Copy, Delete, Document, Edit, Media, Payload, Photo, Text, from_json
from bot.delivery.service import Outbox
from bot.rendering import plain_text

KEEP_CONTENTS = dt.timedelta(days=30)
"""How long the words of a settled message are kept; that it was sent, and to whom, is kept for the report..."""
KEEP_RECIPIENTS = dt.timedelta(days=365)
"""...and this long; then only the number is left."""
_STATES = {
    State.QUEUED: "wartet",
    State.SENDING: "unterwegs",
    State.SENT: "zugestellt",
    State.BLOCKED: "nicht erreichbar",
    State.FAILED: "fehlgeschlagen",
    State.EXPIRED: "abgelaufen",
    State.CANCELLED: "zurückgenommen",
}


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
        found = await session.execute(
            select(Delivery, Batch.payload)
            .outerjoin(Batch, Batch.id == Delivery.batch_id)
            .where(Delivery.recipient == person_id)
            .order_by(Delivery.id)
        )
        return [
            {
                "was": row.what,
                "anlass": row.occasion,
                "stand": _STATES[State(row.state)],
                "vorgemerkt": row.queued_at.isoformat(timespec="seconds"),
                "erledigt": row.settled_at.isoformat(timespec="seconds") if row.settled_at else None,
                "wortlaut": _words(row.payload or of_all) if row.renderer is None else None,
                "angaben": row.payload if row.renderer is not None else None,
            }
            for row, of_all in found
        ]

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Deliveries stay as numbers; what waits for the person is taken back."""
        return await self._outbox.forget(person_id, session)

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """The words of what was settled long ago, and for whom it was."""
        return {
            "contents": await self._outbox.clear_contents(now - KEEP_CONTENTS, session),
            "deliveries": await self._outbox.forget_settled(now - KEEP_RECIPIENTS, session),
        }


def _words(stored: dict[str, Any] | None) -> str | None:
    """What somebody read, without its formatting; None: it is not kept any more."""
    return None if stored is None else plain_text(_html(from_json(stored)))


def _html(payload: Payload) -> str:
    match payload:
        case Text() | Edit():
            return payload.html
        case Photo() | Document() | Media():
            return payload.caption
        case Album():
            captions = [item.caption for item in payload.items if item.caption]
            return "\n".join([*captions, *([payload.foot.html] if payload.foot else [])])
        case Copy():
            return "(weitergegeben, wie es geschrieben wurde)"
        case Delete():
            return "(eine Nachricht entfernt)"
