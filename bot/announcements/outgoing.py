"""From released announcements to rows of the outbox: recipients fixed, messages queued, changes spread.

All of it is found by asking the tables, and each step may be taken again after a crash: everything is queued once.
"""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import KEEP_TRYING
from bot.announcements.kinds import OUT, Hold, State
from bot.announcements.making import CHANGE, CORRECTION, MESSAGE
from bot.announcements.models import Addressee, Announcement
from bot.announcements.shared import Ground, Item, item_of, what
from bot.delivery.kinds import Priority
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Mailing, Recipient
from bot.delivery.reports import Proof
from bot.logs import get_logger
from bot.members.errors import NotAllowedError

PAGE = 500
"""Recipients that are read or written at a time."""
ERROR_SHARE, LEAST_ERRORS = 20, 10
"""A sending pauses when one in so many of its messages failed, but not for fewer than that."""
ON_ITS_WAY_OR_THERE = (Sent.SENDING, Sent.SENT)
"""In this order: what arrives between the two looks is found by the second, never by neither."""
TOO_LATE = dt.timedelta(hours=6)
"""What could not begin for so long after its time waits for somebody to look at it again."""
NEVER = 1_000_000
"""The error limit of changes and corrections: what its reader deleted is no fault, and nothing waits behind them."""

Held = Callable[[AsyncSession, Item, Hold], Awaitable[None]]
"""Tells the office that a planned announcement does not go out, and why, within the transaction that notes it."""

_log = get_logger("lotse.announcements")


class Outgoing:
    """Queues what is due.

    Args:
        ground: What the rules stand on.
        held: Tells that one does not go out because who released it left the office.
    """

    def __init__(self, ground: Ground, held: Held) -> None:
        self._ground = ground
        self._held = held

    async def work(self) -> int:
        """Do what is due; may be called at any time, by several processes at once.

        Returns:
            How many announcements were worked on.
        """
        now = self._ground.clock.now()
        withdrawn = Announcement.state == State.WITHDRAWN
        behind = Announcement.spread_version < Announcement.version
        steps = (  # what is wrong goes first: it is urgent, and nothing new must hold it up
            (self._spread, [Announcement.state.in_(OUT) | withdrawn, behind]),
            (self._fix, [Announcement.state == State.SCHEDULED, Announcement.release_at <= now]),
            (self._queue, [Announcement.state == State.SENDING]),
            (self._mend, [Announcement.state.in_(OUT), Announcement.mended_version < Announcement.spread_version]),
        )
        touched: set[int] = set()
        for step, wanted in steps:
            found = await self._find(*wanted)
            touched.update(found)
            for announcement_id in found:
                await self._take(step, announcement_id)
        return len(touched)

    async def _take(self, step: Callable[[int], Awaitable[None]], announcement_id: int) -> None:
        """One step of one announcement; what is wrong with it holds up no other, and the next ring tries it again."""
        try:
            await step(announcement_id)
        except Exception:
            _log.exception("an announcement is stuck; it is tried again", announcement=announcement_id)

    # Fixing and queueing ---------------------------------------------------------------------------------------------

    async def _fix(self, announcement_id: int) -> None:
        """Fix who gets it; from here on nothing about its audience changes."""
        ground, now = self._ground, self._ground.clock.now()
        item = await self._read(announcement_id)
        if item is None:
            return
        rows = await self._plan(item, now)
        async with ground.database.reading() as session:
            meant = await ground.audiences.meant_towns(session, item.audience)
        async with ground.database.writing() as session:
            row = await session.get(Announcement, announcement_id, with_for_update=True)
            if row is None or row.state != State.SCHEDULED or row.version != item.row.version:
                return
            if row.release_at is None or row.release_at > now:
                return
            if (why := await self._why_not(session, row, now)) is not None:
                await self._held(session, item_of(row), why)
                row.state, row.release_at, row.released_by = State.DRAFT.value, None, None
                ground.note(session, None, "announcement.hold", row, why=why.value)
                return
            await _write(session, rows)
            row.state, row.started_at, row.meant_towns = State.SENDING.value, now, meant
            row.people = sum(each["chat_id"] > 0 for each in rows)
            ground.note(session, row.released_by, "announcement.start", row, people=row.people)
        _log.info("announcement begins", announcement=announcement_id, recipients=len(rows))

    async def _why_not(self, session: AsyncSession, row: Announcement, now: dt.datetime) -> Hold | None:
        """Why a released announcement does not begin after all."""
        if row.not_after is not None and row.not_after <= now:
            return Hold.OVER
        if row.release_at is not None and now - row.release_at > TOO_LATE:
            return Hold.LATE
        try:
            await self._ground.acting(session, row.released_by)
        except NotAllowedError:
            return Hold.ROLE
        return None

    async def find_late(self, item: Item) -> list[dict[str, Any]]:
        """Who fits by now and was not there when it began."""
        rows = await self._plan(item, self._ground.clock.now())
        async with self._ground.database.reading() as session:
            return await _without_those_who_have_it(session, item, rows)

    async def add_late(self, item: Item) -> int:
        """Let those get it too who fit by now and were not there when it began; returns how many."""
        ground, now = self._ground, self._ground.clock.now()
        rows = await self._plan(item, now)
        async with ground.database.writing() as session:
            row = await session.get(Announcement, item.id, with_for_update=True)
            if row is None or row.state != State.SENT:
                return 0
            fresh = await _without_those_who_have_it(session, item, rows)
            if fresh:
                await _write(session, fresh)
                row.people += sum(each["chat_id"] > 0 for each in fresh)
                row.state, row.finished_at = State.SENDING.value, None
        return len(fresh)

    async def _queue(self, announcement_id: int) -> None:
        item = await self._read(announcement_id)
        if item is None or item.row.started_at is None:
            return
        now = self._ground.clock.now()
        async with self._ground.database.reading() as session:
            counted = select(func.count()).where(Addressee.announcement_id == announcement_id)
            count = (await session.scalar(counted)) or 0
        mailing = Mailing(
            key=what(announcement_id),
            what=what(announcement_id),
            occasion="sent",
            payload=None,
            priority=Priority.URGENT if item.body.urgent is not None else Priority.NEWS,
            not_after=item.row.not_after or max(item.row.started_at, now) + KEEP_TRYING + dt.timedelta(days=1),
            error_limit=max(LEAST_ERRORS, count // ERROR_SHARE),
        )
        batch = await self._ground.outbox.enqueue_batch(mailing, self._recipients(announcement_id))
        async with self._ground.database.writing() as session:
            row = await session.get(Announcement, announcement_id, with_for_update=True)
            if row is not None and row.state == State.SENDING:
                row.state = State.SENT.value
            ended = row is None or row.state in (State.STOPPED, State.WITHDRAWN)
        if ended:  # while it was being queued
            await self._ground.outbox.cancel_batch(batch)

    async def _recipients(self, announcement_id: int) -> AsyncIterator[Recipient]:
        after, more = 0, True
        while more:
            async with self._ground.database.reading() as session:
                wanted = (
                    select(Addressee)
                    .where(Addressee.announcement_id == announcement_id, Addressee.id > after)
                    .order_by(Addressee.id)
                    .limit(PAGE)
                )
                page = list(await session.scalars(wanted))
            for each in page:
                if each.skipped is None and each.chat_id is not None:
                    says = Says(renderer=MESSAGE, context={"to": each.id})
                    yield Recipient(each.chat_id, each.not_before, says, each.thread_id or None)
            more = len(page) == PAGE
            after = page[-1].id if page else after

    # Changes ---------------------------------------------------------------------------------------------------------

    async def _spread(self, announcement_id: int) -> None:
        """Bring what arrived to the newest version, or take it back."""
        item = await self._read(announcement_id)
        if item is None:
            return
        version, withdrawn = item.row.version, item.state is State.WITHDRAWN
        if withdrawn:
            await self._cancel(announcement_id)
        if withdrawn or not item.row.anew:
            await self._queue_changes(item, change_key(announcement_id, version), "", self._changes(item))
        if withdrawn:  # rows of their own: they are younger, and may be removed where the message itself may not
            corrections = self._sent_corrections(item)
            await self._queue_changes(item, taken_back_key(announcement_id, version), ":corrections", corrections)
        async with self._ground.database.writing() as session:
            await session.execute(
                update(Announcement)
                .where(Announcement.id == announcement_id, Announcement.version == version)
                .values(spread_version=version)
            )

    async def _mend(self, announcement_id: int) -> None:
        """Send a correction to those whose message could not be changed."""
        item = await self._read(announcement_id)
        if item is None or item.row.spread_version != item.row.version:
            return
        version = item.row.version
        key = what(announcement_id) if item.row.anew else change_key(announcement_id, version)
        batch = await self._ground.reports.find_batch(key)
        if batch is None or not (await self._ground.reports.progress(batch)).finished:
            return
        mailing = Mailing(
            key=correction_key(announcement_id, version),
            what=what(announcement_id),
            occasion=f"correction:{version}",
            payload=None,
            priority=Priority.URGENT if item.body.urgent is not None else Priority.NEWS,
            not_after=self._ground.clock.now() + KEEP_TRYING,
            error_limit=NEVER,
        )
        states = [Sent.SENT] if item.row.anew else [Sent.FAILED]
        await self._ground.outbox.enqueue_batch(mailing, self._corrections(item, batch, states))
        async with self._ground.database.writing() as session:
            await session.execute(
                update(Announcement)
                .where(Announcement.id == announcement_id, Announcement.version == version)
                .values(mended_version=version)
            )

    async def _queue_changes(self, item: Item, key: str, more: str, recipients: AsyncIterator[Recipient]) -> None:
        mailing = Mailing(
            key=key,
            what=what(item.id),
            occasion=f"change:{item.row.version}{more}",
            payload=None,
            priority=Priority.URGENT,
            not_after=self._ground.clock.now() + KEEP_TRYING,
            error_limit=NEVER,
        )
        await self._ground.outbox.enqueue_batch(mailing, recipients)

    async def _changes(self, item: Item) -> AsyncIterator[Recipient]:
        """A row for everybody who got it or is getting it just now, naming the delivery that it changes.

        That is the message itself or, where somebody got corrections, the last of them; to be taken back are both.
        """
        batch = await self._ground.reports.find_batch(what(item.id))
        if batch is None:
            return
        withdrawn = item.state is State.WITHDRAWN
        corrections = {} if withdrawn else await self._corrected(item)
        to = await self._addressees(item.id)
        async for proof in self._ground.reports.proofs(batch, ON_ITS_WAY_OR_THERE):
            if proof.chat_id:
                delivery = corrections.get(proof.recipient, [proof])[-1].id
                context = {"deliveries": [delivery], "to": to.get(proof.recipient)}
                yield Recipient(proof.chat_id, content=Says(renderer=CHANGE, context=context))

    async def _sent_corrections(self, item: Item) -> AsyncIterator[Recipient]:
        """A row for everybody who got corrections, naming them all."""
        to = await self._addressees(item.id)
        for recipient, proofs in (await self._corrected(item)).items():
            context = {"deliveries": [proof.id for proof in proofs], "to": to.get(recipient)}
            yield Recipient(proofs[-1].chat_id, content=Says(renderer=CHANGE, context=context))

    async def _corrected(self, item: Item) -> dict[int, list[Proof]]:
        """Corrections that were sent as messages of their own, by recipient, in their order."""
        found: dict[int, list[Proof]] = {}
        for version in range(2, item.row.version):
            batch = await self._ground.reports.find_batch(correction_key(item.id, version))
            if batch is not None:
                async for proof in self._ground.reports.proofs(batch, ON_ITS_WAY_OR_THERE):
                    if proof.chat_id and proof.id not in [each.id for each in found.get(proof.recipient, [])]:
                        found.setdefault(proof.recipient, []).append(proof)
        return found

    async def _corrections(self, item: Item, batch: int, states: list[Sent]) -> AsyncIterator[Recipient]:
        """A row for everybody who needs one, in their hours as the message itself was, unless it is urgent."""
        now = self._ground.clock.now()
        served = await self._served(item)
        async for proof in self._ground.reports.proofs(batch, states):
            if not proof.chat_id or proof.recipient in served:
                continue
            async with self._ground.database.reading() as session:
                to = await session.scalar(
                    select(Addressee).where(Addressee.announcement_id == item.id, Addressee.chat_id == proof.recipient)
                )
            if to is not None:
                suits = max(to.not_before, now)
                if item.body.urgent is None:
                    suits = await self._ground.audiences.suits(proof.recipient, suits)
                says = Says(renderer=CORRECTION, context={"to": to.id})
                yield Recipient(proof.chat_id, suits, says, to.thread_id or None)

    async def _served(self, item: Item) -> set[int]:
        """Who gets the newest words by an earlier correction, which waited for their hours: one is enough."""
        wanted = select(Delivery.recipient).where(
            Delivery.what == what(item.id),
            Delivery.occasion.startswith("correction:"),
            or_(
                Delivery.state.in_((Sent.QUEUED, Sent.SENDING)),
                and_(Delivery.state == Sent.SENT, Delivery.settled_at > item.row.updated_at),
            ),
        )
        async with self._ground.database.reading() as session:
            return set(await session.scalars(wanted))

    async def _cancel(self, announcement_id: int) -> None:
        """Take back what waits of the message itself and of its corrections, not the changes."""
        async with self._ground.database.reading() as session:
            waiting = select(Delivery.occasion).where(
                Delivery.what == what(announcement_id), Delivery.state + "" == Sent.QUEUED
            )
            occasions = set(await session.scalars(waiting.distinct()))
        for occasion in occasions:
            if not occasion.startswith("change:"):
                await self._ground.outbox.cancel(what(announcement_id), occasion)

    # Within ----------------------------------------------------------------------------------------------------------

    async def _addressees(self, announcement_id: int) -> dict[int, int]:
        """Recipients' rows by chat."""
        wanted = select(Addressee.chat_id, Addressee.id).where(
            Addressee.announcement_id == announcement_id, Addressee.chat_id.is_not(None)
        )
        async with self._ground.database.reading() as session:
            return {chat_id: number for chat_id, number in (await session.execute(wanted)).all() if chat_id}

    async def _plan(self, item: Item, now: dt.datetime) -> list[dict[str, Any]]:
        urgent = item.body.urgent is not None
        planned = self._ground.audiences.plan(item.audience, now, item.row.not_after, urgent=urgent)
        return [
            {
                "announcement_id": item.id,
                "chat_id": each.chat_id,
                "thread_id": each.thread_id,
                "town_id": each.town_id,
                "not_before": each.not_before,
                "skipped": each.skipped.value if each.skipped else None,
            }
            async for each in planned
        ]

    async def _read(self, announcement_id: int) -> Item | None:
        async with self._ground.database.reading() as session:
            row = await session.get(Announcement, announcement_id)
        return item_of(row) if row is not None else None

    async def _find(self, *wanted: Any) -> list[int]:
        async with self._ground.database.reading() as session:
            query = select(Announcement.id).where(*wanted).order_by(Announcement.release_at, Announcement.id)
            return list(await session.scalars(query))


def change_key(announcement_id: int, version: int) -> str:
    """The batch that brings what arrived to a version."""
    return f"{what(announcement_id)}:v{version}"


def taken_back_key(announcement_id: int, version: int) -> str:
    """The batch that takes back corrections that were sent as messages of their own."""
    return f"{what(announcement_id)}:k{version}"


def correction_key(announcement_id: int, version: int) -> str:
    """The batch of the corrections that a version needed."""
    return f"{what(announcement_id)}:c{version}"


async def _without_those_who_have_it(
    session: AsyncSession, item: Item, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    have = set(await session.scalars(select(Addressee.chat_id).where(Addressee.announcement_id == item.id)))
    # A group that became a supergroup has another number by now.
    have |= set(await session.scalars(select(Delivery.chat_id).where(Delivery.what == what(item.id))))
    return [each for each in rows if each["chat_id"] not in have and each["skipped"] is None]


async def _write(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), PAGE):
        await session.execute(insert(Addressee), rows[start : start + PAGE])
