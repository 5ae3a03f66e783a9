"""From released news to rows of the outbox, and from rows to messages when they are sent.

Every change of what was delivered is a row, too: a row names a delivery and which of its messages it changes, and
finds out what to do when it is its turn, so that it is right even if the delivery was on its way when it was queued.
"""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.delivery.kinds import Priority, State
from bot.delivery.models import Batch, Delivery
from bot.delivery.payloads import DELETABLE, Delete, Edit, Payload, Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Mailing, Recipient, Waiting
from bot.delivery.quiet import Mode, Preferences, next_allowed
from bot.delivery.reports import Progress, Proof, Reports
from bot.delivery.sending import Renderer
from bot.delivery.service import Outbox
from bot.delivery.store import Row
from bot.groups.audience import KEEP_TRYING, NEWS, Readers
from bot.groups.models import News, Subscription, WorkingGroup
from bot.groups.news import Item, content_of
from bot.groups.releasing import begin_sending, mark_queued, mark_spread
from bot.groups.service import Groups
from bot.groups.wording import Entry, Wording
from bot.members.profiles import Profiles

UPDATE = "groups.update"
"""The renderer of changes."""
NO_LIMIT = 1_000_000
"""Changes are not paused for failures: that people have deleted the message they are about is nothing unusual."""
MOST_MESSAGES = 4
"""A digest takes no more; where more has gathered, as after a pause, long items are cut and the rest is a link away."""
IN_FLIGHT_MESSAGES = MOST_MESSAGES
"""How many messages a delivery is taken to have that is on its way just now."""

Held = Callable[[AsyncSession, News, WorkingGroup], Awaitable[None]]


class Outgoing:
    """Queues news and their changes, and makes the messages.

    Args:
        database: Where.
        clock: When.
        outbox: The way out.
        groups: Who still follows.
        readers: Who gets it.
        profiles: Who may still let it go out.
        held: Tells leads of news that did not go out, within the transaction that holds it.
        wording: How it reads.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        groups: Groups,
        readers: Readers,
        profiles: Profiles,
        held: Held,
        wording: Wording,
    ) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._reports = Reports(database)
        self._groups = groups
        self._readers = readers
        self._profiles = profiles
        self._held = held
        self._wording = wording

    @property
    def renderers(self) -> Mapping[str, Renderer]:
        """For the dispatcher: make messages when rows are sent."""
        return {NEWS: self.render_news, UPDATE: self.render_update}

    async def progress(self, news_id: int) -> Progress | None:
        """What became of an item's deliveries; None: it has none yet."""
        batch = await self._reports.find_batch(what(news_id))
        return None if batch is None else await self._reports.progress(batch)

    async def later(self, news_id: int) -> int:
        """How many of an item's deliveries wait for a time that suits; the others that wait are on their way."""
        wanted = (
            select(func.count())
            .select_from(Delivery)
            .join(Batch, Batch.id == Delivery.batch_id)
            .where(Batch.key == what(news_id), Delivery.state == State.QUEUED, Delivery.due_at > self._clock.now())
        )
        async with self._database.reading() as session:
            return await session.scalar(wanted) or 0

    async def changes(self, item: Item) -> Progress | None:
        """What became of an item's last change or withdrawal where it had arrived; None: there was none."""
        batch = await self._reports.find_batch(f"{what(item.id)}:{item.news.version}:0")
        return None if batch is None else await self._reports.progress(batch)

    async def resume(self, item: Item) -> int:
        """Go on with what was paused because too many failed; of an item that `NewsDesk` let the actor see.

        Returns:
            How many batches were paused.
        """
        name = what(item.id)
        async with self._database.reading() as session:
            wanted = select(Batch.id).where(
                or_(Batch.key == name, Batch.key.like(f"{name}:%")), Batch.paused_at.is_not(None)
            )
            paused = list(await session.scalars(wanted))
        for batch in paused:
            await self._outbox.resume(batch)
        return len(paused)

    async def retry(self, item: Item) -> int:
        """Try again what failed; of an item that `NewsDesk` let the actor see. Returns how many messages."""
        batch = await self._reports.find_batch(what(item.id))
        return 0 if batch is None else await self._outbox.retry_failed(batch)

    async def work(self) -> int:
        """Queue what is due: planned news whose time has come, changes that are not queued yet.

        May be called at any time, by several processes at once, and again after a crash: all is queued once.

        Returns:
            How many items were worked on.
        """
        async with self._database.writing() as session:
            for news, group in await begin_sending(session, self._profiles, self._clock.now()):
                await self._held(session, news, group)
            waiting = await session.execute(
                select(News.id, News.state, News.spread_version)
                .where(News.state.in_(["sent", "withdrawn"]), News.spread_version < News.version)
                .order_by(News.release_at, News.id)
            )
            found = waiting.all()
        for news_id, state, spread_version in found:
            if state == "sent" and spread_version < 0:
                await self._queue(news_id)
            else:
                await self._spread(news_id)
        return len(found)

    async def replan(self, person_id: int, before: Preferences | None = None) -> int:
        """Somebody's times or modes have changed: move what waits for them.

        News follow their group's mode. Whatever else was to come at a time that suited moves, too; what was let through
        quiet hours stays, and so does what would come too late for its meeting.

        Args:
            person_id: Whose.
            before: What their times were; None: only how often a group writes has changed.

        Returns:
            How many messages were moved.
        """
        now = self._clock.now()
        times = await self._readers.times_of(person_id)
        modes = await self._modes(person_id)

        def suits(row: Waiting) -> dt.datetime | None:
            if row.renderer == NEWS:
                return next_allowed(replace(times, mode=modes.get(number_of(row.what), times.mode)), now)
            if (
                before is None
                or row.priority == Priority.URGENT
                or next_allowed(before, row.not_before) != row.not_before
            ):
                return None
            moment = next_allowed(times, now)
            late = row.priority == Priority.MEETING and row.not_after is not None and moment >= row.not_after
            return None if late else moment

        return await self._outbox.replan(person_id, suits)

    async def _modes(self, person_id: int) -> dict[int, Mode]:
        """How often the groups write to somebody, by the news of theirs that can still wait."""
        since = self._clock.now() - KEEP_TRYING - dt.timedelta(days=2)
        async with self._database.reading() as session:
            rows = await session.execute(
                select(News.id, Subscription.mode)
                .join(Subscription, Subscription.group_id == News.group_id)
                .where(Subscription.person_id == person_id, News.state == "sent", News.sent_at > since)
            )
            return {news_id: Mode(mode) for news_id, mode in rows.all()}

    async def _queue(self, news_id: int) -> None:
        async with self._database.reading() as session:
            news = await session.get(News, news_id)
        if news is None or news.state != "sent" or news.sent_at is None:
            return
        mailing = Mailing(
            key=what(news_id),
            what=what(news_id),
            occasion="sent",
            payload=None,
            priority=Priority.NEWS,
            not_after=news.sent_at + KEEP_TRYING + dt.timedelta(days=1),
        )
        await self._outbox.enqueue_batch(mailing, self._readers.recipients(news.group_id, news_id, self._clock.now()))
        async with self._database.writing() as session:
            await mark_queued(session, news_id)

    async def _spread(self, news_id: int) -> None:
        async with self._database.reading() as session:
            news = await session.get(News, news_id)
        if news is None:
            return
        if news.state == "withdrawn":
            await self._outbox.cancel(what(news_id), "sent")
        batch = await self._reports.find_batch(what(news_id))
        piece, most = 0, 1
        while batch is not None and piece < most:
            mailing = Mailing(
                key=f"{what(news_id)}:{news.version}:{piece}",
                what=what(news_id),
                occasion=f"update:{news.version}:{piece}",
                payload=None,
                priority=Priority.NEWS,
                not_after=self._clock.now() + KEEP_TRYING,
                error_limit=NO_LIMIT,
            )
            seen = _Longest()
            await self._outbox.enqueue_batch(mailing, self._changes(batch, piece, seen))
            most = seen.pieces
            piece += 1
        async with self._database.writing() as session:
            await mark_spread(session, news_id, news.version)

    async def _changes(self, batch: int, piece: int, seen: "_Longest") -> AsyncIterator[Recipient]:
        """A row for each delivery that has so many messages.

        First those on their way, then those that arrived: one that arrives meanwhile is found twice, not never.
        """
        async for proof in self._reports.proofs(batch, [State.SENDING, State.SENT]):
            pieces = _pieces(proof)
            seen.pieces = max(seen.pieces, pieces)
            if piece < pieces and proof.chat_id:
                yield Recipient(
                    proof.chat_id,
                    content=Says(renderer=UPDATE, context={"delivery": proof.id, "piece": piece}),
                )

    # Making messages -------------------------------------------------------------------------------------------------

    async def render_news(self, rows: Sequence[Row]) -> Payload | None:
        """One item as it was sent, several as a digest; None where all were withdrawn or are not followed any more."""
        entries = await self._entries([row.what for row in rows])
        person = rows[0].recipient
        if person > 0:
            wanted = await self._groups.still_follows(person, {entry.group.id for entry in entries})
            entries = [entry for entry in entries if entry.group.id in wanted]
        if not entries:
            return None
        if len(entries) == 1 and len(rows) == 1:
            return self._wording.single(entries[0].group, entries[0].content)
        return Text(html=self._wording.digest_text(entries, self._wording.fitting(entries, MOST_MESSAGES)))

    async def render_update(self, rows: Sequence[Row]) -> Payload | None:
        """Change one message of a delivery to what it should say now."""
        context = rows[0].payload or {}
        async with self._database.reading() as session:
            mine = await session.get(Delivery, context.get("delivery"))
            if mine is None or mine.state != State.SENT or not mine.message_ids or not mine.chat_id:
                return None
            beside = await session.scalars(
                select(Delivery)
                .where(
                    Delivery.chat_id == mine.chat_id,
                    Delivery.renderer == NEWS,
                    Delivery.settled_at == mine.settled_at,
                    Delivery.state == State.SENT,
                )
                .order_by(Delivery.id)
            )
            together = [row for row in beside if row.message_ids == mine.message_ids]
        old = mine.settled_at is None or mine.settled_at < self._clock.now() - DELETABLE
        piece = int(context.get("piece", 0))
        if len(together) > 1:
            return await self._change_digest([row.what for row in together], mine.message_ids, piece, old=old)
        return await self._change_single(mine.what, mine.message_ids, old=old) if piece == 0 else None

    async def _change_single(self, about: str, message_ids: list[int], *, old: bool) -> Payload | None:
        async with self._database.reading() as session:
            news = await session.get(News, number_of(about))
            group = await session.get(WorkingGroup, news.group_id) if news else None
        if news is None or group is None or (content := content_of(news)) is None:
            return None
        media = bool(content.items)
        if news.state != "withdrawn":
            html = _words(self._wording.single(group, content))
            return Edit(message_id=message_ids[0], html=html, caption=media, link_preview=content.link_preview)
        if old:
            return Edit(message_id=message_ids[0], html=self._wording.withdrawn(group), caption=media)
        return Delete(message_ids=tuple(message_ids))

    async def _change_digest(
        self, about: Sequence[str], message_ids: list[int], piece: int, *, old: bool
    ) -> Payload | None:
        entries = await self._entries(about)
        if not entries and not old:
            return Delete(message_ids=tuple(message_ids)) if piece == 0 else None
        if piece >= len(message_ids):
            return None
        pieces = self._wording.digest(entries, most=len(message_ids)) if entries else []
        if piece < len(pieces):
            return Edit(message_id=message_ids[piece], html=pieces[piece])
        # It stays, and says that it is empty: what grows again with the next change needs its place.
        words = self._wording.part_gone() if entries else self._wording.withdrawn(None)
        return Edit(message_id=message_ids[piece], html=words)

    async def _entries(self, about: Sequence[str]) -> list[Entry]:
        """Items that are not withdrawn, those of one group beside each other."""
        numbers = [number_of(each) for each in about]
        async with self._database.reading() as session:
            rows = await session.execute(
                select(News, WorkingGroup)
                .join(WorkingGroup, WorkingGroup.id == News.group_id)
                .where(News.id.in_(numbers), News.state == "sent")
                .order_by(WorkingGroup.id, News.release_at, News.id)
            )
            found = [(news, group, content_of(news)) for news, group in rows.all()]
        return [Entry(news.id, group, content) for news, group, content in found if content is not None]


class _Longest:
    """How many messages the longest delivery has."""

    def __init__(self) -> None:
        self.pieces = 0


def what(news_id: int) -> str:
    """What the outbox calls an item."""
    return f"news:{news_id}"


def number_of(about: str) -> int:
    """An item's number, from what the outbox calls it."""
    return int(about.rpartition(":")[2])


def news_of_batch(key: str) -> int | None:
    """The item that a batch of the outbox is about; None: it is about something else."""
    kind, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "news" and number.isdecimal() else None


def _pieces(proof: Proof) -> int:
    return len(proof.message_ids) if proof.state == State.SENT else IN_FLIGHT_MESSAGES


def _words(payload: Payload) -> str:
    match payload:
        case Text(html=html):
            return html
        case _ if hasattr(payload, "items"):
            return str(payload.items[0].caption)
        case _:
            return str(getattr(payload, "caption", ""))
