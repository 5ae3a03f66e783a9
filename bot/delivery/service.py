"""The outbox for those who have something to say: queue once, take back, pause, resume, try again, forget."""

import datetime as dt
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

from sqlalchemy import String, Table, cast, event, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, count_changed
from bot.delivery.kinds import Priority, State
from bot.delivery.models import Batch, Delivery, StoredFile
from bot.delivery.payloads import to_json
from bot.delivery.pushes import Content, Mailing, Push, Recipient, Waiting

PAGE = 500
"""Rows of a batch that are queued in one transaction."""
FORGOTTEN = 0
"""The recipient of rows whose person is not kept any more."""
_WITHOUT_PERSON: Mapping[str, Any] = {
    "recipient": FORGOTTEN,
    "chat_id": FORGOTTEN,
    "occasion": literal("forgotten:") + cast(Delivery.id, String),
    "payload": None,
    "message_ids": None,
    "reason": None,
}


class Outbox:
    """Queues messages; nothing is sent here.

    Args:
        database: Where the rows are.
        clock: What time it is.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.on_queued: Callable[[], None] = lambda: None
        """Called after something that may be due was committed: the dispatcher's bell."""

    async def enqueue(self, push: Push, session: AsyncSession | None = None) -> bool:
        """Queue a message.

        Args:
            push: The message.
            session: The caller's own transaction, so that the message is queued if and only if its cause is kept.

        Returns:
            Whether it is new; False: this what, recipient and occasion was queued before.
        """
        async with self._within(session) as writing:
            row = self._row(push.what, push.occasion, push, push.content, push.priority, push.not_after)
            inserted = await writing.scalar(_insert(writing, Delivery).values(row).returning(Delivery.id))
            return inserted is not None

    async def enqueue_batch(self, mailing: Mailing, recipients: Iterable[Recipient] | AsyncIterable[Recipient]) -> int:
        """Queue a message to many, page by page: how many they are costs no memory.

        After a crash on the way the same call goes on; nobody is queued twice.

        Returns:
            The batch's number.
        """
        async with self._within(None) as session:
            batch_id = await self._open_batch(session, mailing)
        page: list[dict[str, Any]] = []
        async for recipient in _each(recipients):
            content = recipient.content or Content(payload=mailing.payload) if mailing.payload else recipient.content
            if content is None:
                raise ValueError("neither the mailing nor the recipient says what to send")
            priority = mailing.priority if recipient.priority is None else recipient.priority
            row = self._row(mailing.what, mailing.occasion, recipient, content, priority, mailing.not_after)
            if recipient.content is None:
                row["payload"] = None
            page.append(row)
            if len(page) == PAGE:
                await self._write_page(batch_id, page)
                page = []
        await self._write_page(batch_id, page)
        async with self._within(None) as session:
            await session.execute(update(Batch).where(Batch.id == batch_id).values(complete=True))
        return batch_id

    async def cancel(
        self, what: str, occasion: str | None = None, recipient: int | None = None, session: AsyncSession | None = None
    ) -> int:
        """Take back what is not sent yet; what is on its way this moment still arrives.

        Args:
            what: As it was queued.
            occasion: Only this one.
            recipient: Only this one's.
            session: The caller's own transaction.

        Returns:
            How many messages.
        """
        # Written so that SQLite looks for what is meant, not through all that is queued.
        wanted = [Delivery.what == what, Delivery.state + "" == State.QUEUED]
        if occasion is not None:
            wanted.append(Delivery.occasion == occasion)
        if recipient is not None:
            wanted.append(Delivery.recipient == recipient)
        async with self._within(session) as writing:
            return await self._settle(writing, State.CANCELLED, *wanted)

    async def replan(self, recipient: int, suits: Callable[[Waiting], dt.datetime | None]) -> int:
        """Move what waits for a person whose times have changed.

        Args:
            recipient: Whose.
            suits: When a message suits them now, aware; None: it stays as it is.

        Returns:
            How many messages were moved.
        """
        named = (Delivery.what, Delivery.renderer, Delivery.priority, Delivery.not_before, Delivery.not_after)
        mine = (Delivery.chat_id == recipient, Delivery.recipient == recipient, Delivery.state == State.QUEUED)
        moved = 0
        async with self._within(None) as session:
            for number, what, renderer, priority, not_before, not_after in (
                await session.execute(select(Delivery.id, *named).where(*mine))
            ).all():
                waiting = Waiting(what, renderer, Priority(priority), not_before, not_after)
                moment = suits(waiting)
                if moment is None or moment == waiting.not_before:
                    continue
                moved += await count_changed(
                    session,
                    update(Delivery)
                    .where(Delivery.id == number, Delivery.state + "" == State.QUEUED)
                    .values(due_at=moment, not_before=moment),
                )
        return moved

    async def cancel_batch(self, batch_id: int) -> int:
        """Take back what is not sent yet of a batch; returns how many messages."""
        async with self._within(None) as session:
            return await self._settle(
                session, State.CANCELLED, Delivery.batch_id == batch_id, Delivery.state == State.QUEUED
            )

    async def pause(self, batch_id: int, reason: str) -> bool:
        """Hold a batch; returns False where it was held already."""
        async with self._within(None) as session:
            return await hold_batch(session, batch_id, reason, self._clock.now())

    async def resume(self, batch_id: int) -> bool:
        """Let a batch go on, its failures so far forgiven; returns False where it was not held."""
        async with self._within(None) as session:
            resumed = await count_changed(
                session,
                update(Batch)
                .where(Batch.id == batch_id, Batch.paused_at.is_not(None))
                .values(paused_at=None, pause_reason=None, errors=0),
            )
            await session.execute(
                update(Delivery)
                .where(Delivery.batch_id == batch_id, Delivery.state + "" == State.QUEUED, Delivery.held)
                .values(held=False)
            )
            return resumed > 0

    async def retry_failed(self, batch_id: int) -> int:
        """Queue again what failed; who is blocked or got it is left alone. Returns how many messages."""
        paused = exists().where(Batch.id == batch_id, Batch.paused_at.is_not(None))
        async with self._within(None) as session:
            await session.execute(update(Batch).where(Batch.id == batch_id, Batch.paused_at.is_(None)).values(errors=0))
            return await count_changed(
                session,
                update(Delivery)
                .where(Delivery.batch_id == batch_id, Delivery.state == State.FAILED)
                .values(
                    state=State.QUEUED,
                    held=paused,
                    due_at=self._clock.now(),
                    attempts=0,
                    reason=None,
                    settled_at=None,
                ),
            )

    async def store_file(
        self, kind: Literal["photo", "document", "video"], name: str, content: bytes, media_type: str
    ) -> int:
        """Keep a file that is to be sent; the same file twice is kept once.

        Returns:
            Its number, for `FileRef(stored=...)`.
        """
        digest = hashlib.sha256(b"\0".join((kind.encode(), name.encode(), content))).hexdigest()
        row = {
            "digest": digest,
            "kind": kind,
            "name": name,
            "media_type": media_type,
            "content": content,
            "stored_at": self._clock.now(),
        }
        async with self._within(None) as session:
            await session.execute(_insert(session, StoredFile).values(row))
            return (await session.execute(select(StoredFile.id).where(StoredFile.digest == digest))).scalar_one()

    async def forget(self, recipient: int, session: AsyncSession | None = None) -> int:
        """Keep no more than the number of what a person was sent; what waits for them is taken back.

        Returns:
            How many rows there were.
        """
        mine = (Delivery.recipient == recipient) | (Delivery.chat_id == recipient)
        async with self._within(session) as writing:
            await self._settle(writing, State.CANCELLED, mine, Delivery.state == State.QUEUED)
            return await count_changed(writing, update(Delivery).where(mine).values(_WITHOUT_PERSON))

    async def forget_settled(self, before: dt.datetime, session: AsyncSession | None = None) -> int:
        """As `forget`, for whoever got what was settled before a moment; returns how many rows."""
        old = (Delivery.settled_at < before, Delivery.recipient > FORGOTTEN)
        async with self._within(session) as writing:
            return await count_changed(writing, update(Delivery).where(*old).values(_WITHOUT_PERSON))

    async def erase_contents(self, what: str, session: AsyncSession | None = None) -> int:
        """Drop the words of all that is about something, whoever got it; what is not sent yet is taken back.

        For words that name a person who asked to be forgotten.

        Returns:
            How many rows there were.
        """
        async with self._within(session) as writing:
            await self._settle(writing, State.CANCELLED, Delivery.what == what, Delivery.state == State.QUEUED)
            return await count_changed(writing, update(Delivery).where(Delivery.what == what).values(payload=None))

    async def clear_contents(self, before: dt.datetime, session: AsyncSession | None = None) -> int:
        """Drop the words of what was settled before a moment, not what became of it; returns how many rows."""
        old = update(Delivery).where(Delivery.settled_at < before, Delivery.payload.is_not(None)).values(payload=None)
        async with self._within(session) as writing:
            return await count_changed(writing, old)

    @asynccontextmanager
    async def _within(self, session: AsyncSession | None) -> AsyncIterator[AsyncSession]:
        """A transaction, the caller's or an own one, that rings the bell once it is committed."""
        if session is None:
            async with self._database.writing() as own:
                yield own
            self.on_queued()
            return
        yield session
        event.listen(session.sync_session, "after_commit", lambda _: self.on_queued(), once=True)

    async def _open_batch(self, session: AsyncSession, mailing: Mailing) -> int:
        row = {
            "key": mailing.key,
            "payload": to_json(mailing.payload) if mailing.payload else None,
            "created_at": self._clock.now(),
            "complete": False,
            "errors": 0,
            "error_limit": mailing.error_limit,
        }
        await session.execute(_insert(session, Batch).values(row))
        return (await session.execute(select(Batch.id).where(Batch.key == mailing.key))).scalar_one()

    async def _write_page(self, batch_id: int, page: list[dict[str, Any]]) -> None:
        if not page:
            return
        async with self._within(None) as session:
            paused = await session.scalar(select(Batch.paused_at).where(Batch.id == batch_id).with_for_update())
            rows = [row | {"batch_id": batch_id, "held": paused is not None} for row in page]
            connection = await session.connection()
            await connection.execute(_insert(session, Delivery), rows)

    def _row(
        self,
        what: str,
        occasion: str,
        to: Push | Recipient,
        content: Content,
        priority: Priority,
        not_after: dt.datetime | None,
    ) -> dict[str, Any]:
        now = self._clock.now()
        due_at = max(to.not_before, now) if to.not_before else now
        return {
            "what": what,
            "recipient": to.chat_id,
            "occasion": occasion,
            "chat_id": to.chat_id,
            "thread_id": to.thread_id,
            "state": State.QUEUED,
            "held": False,
            "priority": priority,
            "queued_at": now,
            "not_before": due_at,
            "due_at": due_at,
            "not_after": not_after,
            "payload": content.stored,
            "renderer": content.renderer,
            "merge_key": content.merge_key,
            "calls_done": 0,
            "attempts": 0,
            "possibly_twice": False,
        }

    async def _settle(self, session: AsyncSession, state: State, *wanted: Any) -> int:
        settled = {"state": state, "held": False, "settled_at": self._clock.now()}
        return await count_changed(session, update(Delivery).where(*wanted).values(settled))


async def hold_batch(session: AsyncSession, batch_id: int, reason: str, now: dt.datetime) -> bool:
    """Hold a batch within a transaction; returns False where it was held already."""
    paused = await count_changed(
        session,
        update(Batch).where(Batch.id == batch_id, Batch.paused_at.is_(None)).values(paused_at=now, pause_reason=reason),
    )
    await session.execute(
        update(Delivery).where(Delivery.batch_id == batch_id, Delivery.state == State.QUEUED).values(held=True)
    )
    return paused > 0


def _insert(session: AsyncSession, model: type[Batch] | type[Delivery] | type[StoredFile]) -> Any:
    """An insert that leaves out what is there already."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


async def _each(recipients: Iterable[Recipient] | AsyncIterable[Recipient]) -> AsyncIterator[Recipient]:
    if isinstance(recipients, AsyncIterable):
        async for recipient in recipients:
            yield recipient
    else:
        for recipient in recipients:
            yield recipient
