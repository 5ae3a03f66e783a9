"""The rules of feeds: follow one, take each new item once, report a broken one and go on."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from html import escape

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.content.kept import Content
from bot.database import Database
from bot.groups.errors import FeedExistsError, FeedFaultError, FeedGoneError
from bot.groups.fetching import FeedEntry, Fetched, Fetcher
from bot.groups.models import Feed, FeedItem, WorkingGroup
from bot.groups.news import make_draft
from bot.groups.service import acting_lead, group_row
from bot.logs import get_logger
from bot.members import audit
from bot.members.personal import looks_personal
from bot.members.profiles import Profiles, is_id
from bot.rendering import shorten

EVERY = dt.timedelta(minutes=30)
LONGEST_PAUSE = dt.timedelta(hours=12)
"""Between two checks of a feed that is broken."""
BROKEN_AFTER = 3
"""So many failed checks in a row, and a feed is reported as broken."""
AT_A_TIME = 5
"""New items of a feed that become news in one check; the others come with the next ones."""
SUMMARY_LIMIT = 700
URL_LIMIT = 1000
FORGET_AFTER = dt.timedelta(days=400)
"""How long an item that has left its feed is remembered."""

_log = get_logger("lotse.groups.feeds")


@dataclass
class Checked:
    """What came of a check.

    Attributes:
        feed: The feed, as it is kept now.
        group: Whose it is.
        drafts: Numbers of the news that wait for a lead's tap.
        released: Numbers of those that go straight out.
        broke: Whether it is to be reported as broken now.
        mended: Whether it was broken, and is not any more.
        flooded: How many new items made it stop sending straight out; 0: it did not.
    """

    feed: Feed
    group: WorkingGroup
    drafts: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    broke: bool = False
    mended: bool = False
    flooded: int = 0


Announce = Callable[[AsyncSession, Checked], Awaitable[None]]
"""Tells leads what came of a check, within the transaction that notes it: both are kept, or neither."""


class Feeds:
    """Feeds that working groups follow.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        fetcher: Gets them.
        announce: Tells leads.
    """

    def __init__(
        self, database: Database, clock: Clock, profiles: Profiles, fetcher: Fetcher, announce: Announce
    ) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._fetcher = fetcher
        self._announce = announce

    async def of(self, actor_id: int | None, group_id: int) -> list[Feed]:
        """The feeds of a group.

        Raises:
            NotAllowedError: The actor may not write for the group.
            UnknownGroupError: There is no such group.
        """
        async with self._database.reading() as session:
            group = await group_row(session, group_id)
            await acting_lead(session, self._profiles, actor_id, group)
            return list(await session.scalars(select(Feed).where(Feed.group_id == group_id).order_by(Feed.id)))

    async def one(self, actor_id: int | None, feed_id: int) -> Feed:
        """A feed, for those who may change it.

        Raises:
            NotAllowedError: The actor may not write for the group.
            FeedGoneError: There is no such feed.
        """
        async with self._database.reading() as session:
            feed, group = await _feed_row(session, feed_id)
            await acting_lead(session, self._profiles, actor_id, group)
            return feed

    async def add(self, actor_id: int | None, group_id: int, url: str) -> Feed:
        """Follow a feed from now on: what it holds already is taken as read.

        The address of a web page does, too, where the page names its feed.

        Raises:
            NotAllowedError: The actor may not write for the group.
            UnknownGroupError: There is no such group.
            FeedExistsError: The group follows it.
            FeedFaultError: It cannot be read.
        """
        url = url.strip()
        if len(url) > URL_LIMIT:
            raise FeedFaultError("die Adresse ist zu lang")
        if "://" not in url:
            url = f"https://{url}"
        await self._check_new(actor_id, group_id, url)
        try:
            fetched = await self._fetcher.fetch(url)  # outside a transaction: a server may be slow
        except FeedFaultError as error:
            if error.instead is None or len(error.instead) > URL_LIMIT:
                raise
            url = error.instead
            await self._check_new(actor_id, group_id, url)
            fetched = await self._fetcher.fetch(url)
        if fetched is None:
            raise FeedFaultError("der Server schickt nichts")
        now = self._clock.now()
        try:
            async with self._database.writing() as session:
                actor = await acting_lead(session, self._profiles, actor_id, await group_row(session, group_id))
                feed = Feed(
                    group_id=group_id,
                    url=url,
                    title=fetched.title or url[:200],
                    direct=False,
                    etag=_short(fetched.etag, 400),
                    last_modified=_short(fetched.last_modified, 100),
                    created_by=actor.id,
                    created_at=now,
                    next_check_at=now + EVERY,
                    failures=0,
                )
                session.add(feed)
                await session.flush()
                await _remember(session, feed.id, _digests(fetched.entries), now)
                audit.note(session, now, "feed.add", actor=actor.id, about=f"feed:{feed.id}", after={"url": url})
        except IntegrityError:
            raise FeedExistsError(url) from None
        return feed

    async def set_direct(self, actor_id: int | None, feed_id: int, *, direct: bool) -> Feed:
        """Let new items go straight out, or wait for a lead's tap.

        Raises:
            NotAllowedError: The actor may not write for the group.
            FeedGoneError: There is no such feed.
        """
        async with self._database.writing() as session:
            feed, group = await _feed_row(session, feed_id)
            actor = await acting_lead(session, self._profiles, actor_id, group)
            if feed.direct != direct:
                before, feed.direct = feed.direct, direct
                feed.created_by = actor.id  # who answers for what goes out
                audit.note(
                    session,
                    self._clock.now(),
                    "feed.direct",
                    actor=actor.id,
                    about=f"feed:{feed.id}",
                    before={"direct": before},
                    after={"direct": direct},
                )
            return feed

    async def remove(self, actor_id: int | None, feed_id: int) -> Feed:
        """Follow a feed no more; its news stay.

        Raises:
            NotAllowedError: The actor may not write for the group.
            FeedGoneError: There is no such feed.
        """
        async with self._database.writing() as session:
            feed, group = await _feed_row(session, feed_id)
            actor = await acting_lead(session, self._profiles, actor_id, group)
            await session.delete(feed)
            now = self._clock.now()
            audit.note(session, now, "feed.remove", actor=actor.id, about=f"feed:{feed.id}", before={"url": feed.url})
            return feed

    async def due(self) -> list[int]:
        """Feeds whose time to be checked has come."""
        async with self._database.reading() as session:
            return list(
                await session.scalars(
                    select(Feed.id)
                    .join(WorkingGroup, WorkingGroup.id == Feed.group_id)
                    .where(Feed.next_check_at <= self._clock.now(), WorkingGroup.ended_at.is_(None))
                    .order_by(Feed.next_check_at)
                )
            )

    async def check_due(self) -> int:
        """Check all whose time has come, one after the other; returns how many."""
        due = await self.due()
        for feed_id in due:
            await self.check(feed_id)
        return len(due)

    async def check(self, feed_id: int) -> Checked | None:
        """Look for new items; what goes wrong with a feed is its own matter and noted with it.

        Returns:
            What came of it; None where the feed is gone, or another process took it.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            feed = await session.get(Feed, feed_id, with_for_update=True)
            if feed is None or feed.next_check_at > now:
                return None
            feed.next_check_at = now + EVERY  # taken: nobody else fetches it meanwhile
            url, etag, last_modified = feed.url, feed.etag, feed.last_modified
        try:
            fetched = await self._fetcher.fetch(url, etag, last_modified)
        except FeedFaultError as error:
            return await self._failed(feed_id, error.reason)
        except Exception as error:
            _log.exception("a feed could not be read", feed=feed_id)
            return await self._failed(feed_id, f"er lässt sich nicht lesen ({type(error).__name__})")
        return await self._succeeded(feed_id, fetched)

    # Within ----------------------------------------------------------------------------------------------------------

    async def _check_new(self, actor_id: int | None, group_id: int, url: str) -> None:
        async with self._database.reading() as session:
            group = await group_row(session, group_id)
            await acting_lead(session, self._profiles, actor_id, group)
            if await session.scalar(select(Feed.id).where(Feed.group_id == group_id, Feed.url == url)):
                raise FeedExistsError(url)

    async def _failed(self, feed_id: int, reason: str) -> Checked | None:
        now = self._clock.now()
        async with self._database.writing() as session:
            try:
                feed, group = await _feed_row(session, feed_id, lock=True)
            except FeedGoneError:
                return None
            feed.failures = min(feed.failures + 1, 1000)
            feed.error = reason[:300]
            feed.next_check_at = now + min(EVERY * 2 ** min(feed.failures - 1, 10), LONGEST_PAUSE)
            broke = feed.broken_since is None and feed.failures >= BROKEN_AFTER
            if broke:
                feed.broken_since = now
            _log.info("feed failed", feed=feed_id, failures=feed.failures, reason=reason)
            checked = Checked(feed, group, broke=broke)
            await self._announce(session, checked)
            return checked

    async def _succeeded(self, feed_id: int, fetched: Fetched | None) -> Checked | None:
        now = self._clock.now()
        async with self._database.writing() as session:
            try:
                feed, group = await _feed_row(session, feed_id, lock=True)
            except FeedGoneError:
                return None
            checked = Checked(feed, group, mended=feed.broken_since is not None)
            feed.failures, feed.error, feed.broken_since = 0, None, None
            feed.next_check_at = now + EVERY
            if fetched is not None:
                complete = await self._take(session, checked, fetched)
                # While some items wait for the next check, the server must send them again.
                feed.etag = _short(fetched.etag, 400) if complete else None
                feed.last_modified = _short(fetched.last_modified, 100) if complete else None
            await self._announce(session, checked)
            return checked

    async def _take(self, session: AsyncSession, checked: Checked, fetched: Fetched) -> bool:
        """Make news of items that were never seen; returns whether those were all."""
        now, feed = self._clock.now(), checked.feed
        seen = set(await session.scalars(select(FeedItem.digest).where(FeedItem.feed_id == feed.id)))
        fresh = [entry for entry in fetched.entries if seen.isdisjoint(entry.digests)]
        taken = fresh[:AT_A_TIME]
        later = _digests(fresh[AT_A_TIME:])
        await _remember(session, feed.id, _digests(fetched.entries) - seen - later, now)
        # Much at once is seldom news: a website was rebuilt, an archive opened. A lead looks at it first, at the rest
        # that comes with later checks, too: only a lead lets items go straight out again.
        if feed.direct and len(fresh) > AT_A_TIME:
            feed.direct, checked.flooded = False, len(fresh)
            _log.info(
                "feed sends no more straight out", feed=feed.id, items=len(fresh)
            )  # no person's act: no audit line
        for entry in taken:
            content = as_content(entry)
            if content is None:
                continue
            news = await make_draft(session, checked.group, now, feed_id=feed.id, content=content)
            if feed.direct and not looks_personal(content.plain):
                news.state, news.release_at, news.released_by = "scheduled", now, feed.created_by
                checked.released.append(news.id)
            else:
                checked.drafts.append(news.id)
        kept = _digests(fetched.entries)
        old = select(FeedItem.digest).where(FeedItem.feed_id == feed.id, FeedItem.seen_at < now - FORGET_AFTER)
        if gone := set(await session.scalars(old)) - kept:
            await session.execute(delete(FeedItem).where(FeedItem.feed_id == feed.id, FeedItem.digest.in_(gone)))
        return len(fresh) <= AT_A_TIME


def as_content(entry: FeedEntry) -> Content | None:
    """An item as news: title, the beginning of its text, where to read on; None where it says nothing."""
    summary = shorten(entry.summary, SUMMARY_LIMIT) if entry.summary.strip() != entry.title else ""
    parts = [
        f"<b>{escape(shorten(entry.title, 250), quote=False)}</b>" if entry.title else "",
        escape(summary, quote=False),
    ]
    if entry.link:
        parts.append(f'<a href="{escape(entry.link)}">Weiterlesen</a>')
    html = "\n".join(part for part in parts if part)
    return Content(html=html) if entry.title or summary else None


async def _feed_row(session: AsyncSession, feed_id: int, *, lock: bool = False) -> tuple[Feed, WorkingGroup]:
    feed = await session.get(Feed, feed_id, with_for_update=lock or None) if is_id(feed_id) else None
    if feed is None:
        raise FeedGoneError(feed_id)
    return feed, await session.get_one(WorkingGroup, feed.group_id)


def _digests(entries: Iterable[FeedEntry]) -> set[str]:
    return {digest for entry in entries for digest in entry.digests}


async def _remember(session: AsyncSession, feed_id: int, digests: set[str], now: dt.datetime) -> None:
    """Note that items were seen; twice is once."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    rows = [{"feed_id": feed_id, "digest": digest, "seen_at": now} for digest in sorted(digests)]
    if rows:
        await session.execute(dialect.insert(FeedItem).on_conflict_do_nothing(), rows)


def _short(text: str | None, limit: int) -> str | None:
    return text if text is not None and len(text) <= limit else None
