"""What the office is told without having asked: a release is wanted, one does not go out, one is done, one is held."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.callbacks import Verb, encode
from bot.announcements.kinds import Hold, State
from bot.announcements.releasing import Released
from bot.announcements.reporting import Report
from bot.announcements.shared import Ground, Item, what
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Button, Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Push
from bot.delivery.quiet import next_allowed
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
        await self._push(item, self._now(item, "ask"), Text(html=html, buttons=rows), released.asked)

    async def released(self, item: Item, by: int | None) -> None:
        """Its author waits for the second person, who has released it."""
        if item.row.author_id == by:
            return
        async with self._ground.database.reading() as session:
            to = await self._ground.office(session, [item.row.author_id])
            who = await self._ground.profiles.load(session, by) if by else None
        at = item.row.release_at if item.row.planned else None
        html = self._messages.render("released", title=title(item), by=who.name if who else "", at=at)
        rows = ((Button(text="Ansehen", callback_data=encode(Verb.SHOW, item.id)),),)
        await self._push(item, self._now(item, "released"), Text(html=html, buttons=rows), to)

    async def reopened(self, session: AsyncSession, item: Item, by: int | None) -> None:
        """A release, or the wish for one, holds no more: whoever counts on it is told, also who changed it."""
        if item.state not in (State.WAITING, State.SCHEDULED):
            return
        row = item.row
        to = await self._ground.office(session, [row.author_id, row.released_by, by])
        who = await self._ground.profiles.load(session, by) if by else None
        at = row.release_at if row.planned or item.state is State.WAITING else None
        html = self._messages.render("reopened", title=title(item), at=at, by=who.name if who else "")
        rows = ((Button(text="Ansehen und freigeben", callback_data=encode(Verb.PREVIEW, item.id)),),)
        await self._push(item, self._now(item, "reopened"), Text(html=html, buttons=rows), to, session)

    async def correction_asked(self, item: Item, to: Sequence[int], by: str, mark: int) -> None:
        """Somebody else is to look at a correction before it goes everywhere. At once: the wrong words stand there."""
        html = self._messages.render("correction_asked", title=title(item), by=by)
        rows = ((Button(text="Ansehen und freigeben", callback_data=encode(Verb.PROPOSED, item.id)),),)
        await self._push(item, self._now(item, f"correction:{mark}"), Text(html=html, buttons=rows), to)

    async def held(self, session: AsyncSession, item: Item, why: Hold) -> None:
        """A released one does not go out: all of the office are told."""
        at = item.row.release_at if item.row.planned else None
        html = self._messages.render("held", title=title(item), why=why, Hold=Hold, at=at)
        rows = ((Button(text="Ansehen und freigeben", callback_data=encode(Verb.PREVIEW, item.id)),),)
        office = await self._ground.others(session, 0)
        await self._push(item, self._now(item, "held"), Text(html=html, buttons=rows), office, session)

    async def finished(self, report: Report, html: str) -> None:
        """All of it is sent, or cannot be: whoever wrote and released it is told."""
        item = report.item
        rows = ((Button(text="Bericht", callback_data=encode(Verb.REPORT, item.id)),),)
        async with self._ground.database.reading() as session:
            to = await self._ground.office(session, [item.row.released_by, item.row.author_id])
        occasion = f"report:{item.row.version}:{report.meant}"
        await self._push(item, occasion, Text(html=html, buttons=rows), to, quiet=True)

    async def paused(self, item: Item) -> None:
        """It is held by itself, since too many of its messages failed: whoever released it decides, or else anybody."""
        html = self._messages.render("paused", title=title(item))
        rows = ((Button(text="Ansehen", callback_data=encode(Verb.SHOW, item.id)),),)
        async with self._ground.database.reading() as session:
            to = await self._ground.office(session, [item.row.released_by])
            to = to or await self._ground.others(session, 0)
        await self._push(item, self._now(item, "paused"), Text(html=html, buttons=rows), to)

    def _now(self, item: Item, occasion: str) -> str:
        """An occasion that can come again for the same version."""
        return f"{occasion}:{item.row.version}:{self._ground.clock.now():%Y%m%dT%H%M%S}"

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
