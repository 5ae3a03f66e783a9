"""What the office is told without having asked: a release is wanted, one does not go out, one is done, one is held."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.callbacks import Verb, encode
from bot.announcements.releasing import Released
from bot.announcements.reporting import Report
from bot.announcements.shared import Ground, Item, what
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Button, Text
from bot.delivery.quiet import next_allowed
from bot.delivery.service import Content as Says
from bot.delivery.service import Push
from bot.members.preferences import PushTimes
from bot.rendering import Messages, shorten

KEEP_TRYING = dt.timedelta(days=7)
"""A notice that could not be sent for so long is of no use any more."""
TITLE = 60


class Notices:
    """Queues what the office is told.

    Args:
        ground: What the rules stand on.
        times: When it suits them.
        messages: The German templates.
    """

    def __init__(self, ground: Ground, times: PushTimes, messages: Messages) -> None:
        self._ground = ground
        self._times = times
        self._messages = messages

    async def asked(self, released: Released, by: str) -> None:
        """Somebody else is to release it. At once: its author waits."""
        item = released.item
        html = self._messages.render(
            "asked", title=title(item), by=by, outlook=released.outlook, urgent=item.body.urgent
        )
        rows = ((Button(text="Ansehen und freigeben", callback_data=encode(Verb.PREVIEW, item.id)),),)
        await self._push(item, f"ask:{item.row.version}", Text(html=html, buttons=rows), released.asked)

    async def held(self, session: AsyncSession, item: Item) -> None:
        """A planned one does not go out, since who released it left the office."""
        html = self._messages.render("held", title=title(item))
        rows = ((Button(text="Ansehen und freigeben", callback_data=encode(Verb.PREVIEW, item.id)),),)
        office = await self._ground.others(session, 0)
        await self._push(item, f"held:{item.row.version}", Text(html=html, buttons=rows), office, session)

    async def finished(self, report: Report, html: str) -> None:
        """All of it is sent, or cannot be: whoever released it is told."""
        item = report.item
        rows = ((Button(text="Bericht", callback_data=encode(Verb.REPORT, item.id)),),)
        to = [item.row.released_by] if item.row.released_by else []
        occasion = f"report:{item.row.version}:{report.meant}"
        await self._push(item, occasion, Text(html=html, buttons=rows), to, quiet=True)

    async def paused(self, item: Item) -> None:
        """It is held by itself, since too many of its messages failed: whoever released it decides."""
        html = self._messages.render("paused", title=title(item))
        rows = ((Button(text="Ansehen", callback_data=encode(Verb.SHOW, item.id)),),)
        to = [item.row.released_by] if item.row.released_by else []
        now = self._ground.clock.now()
        await self._push(item, f"paused:{now:%Y%m%dT%H%M%S}", Text(html=html, buttons=rows), to)

    async def _push(
        self,
        item: Item,
        occasion: str,
        says: Text,
        people: Sequence[int],
        session: AsyncSession | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        now = self._ground.clock.now()
        times = await self._times.of_many(people) if quiet else {}
        for person_id in people:
            push = Push(
                what=f"{what(item.id)}:office",
                occasion=occasion,
                chat_id=person_id,
                content=Says(says),
                priority=Priority.URGENT,
                not_before=next_allowed(times[person_id], now) if quiet else None,
                not_after=now + KEEP_TRYING,
            )
            await self._ground.outbox.enqueue(push, session)


def title(item: Item) -> str:
    """What an announcement is called in lists: its first words."""
    question = item.body.question.text if item.body.question else ""
    return shorten(item.body.content.plain or question, TITLE) or "(ohne Text)"
