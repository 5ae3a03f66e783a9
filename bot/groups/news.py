"""The rules of news: write, look, release now or at a time, change and withdraw what was delivered, read back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.content.errors import EmptyContentError
from bot.content.kept import Content, check_fits
from bot.database import Database
from bot.groups.audience import Audience, Readers
from bot.groups.errors import NewsChangedError, NewsGoneError, NewsStateError, OnlyTextError, PastError
from bot.groups.models import News, WorkingGroup
from bot.groups.service import acting_lead, acting_member, group_row
from bot.groups.wording import Wording
from bot.members import audit
from bot.members.errors import NotAllowedError, UnknownGroupError
from bot.members.personal import looks_personal
from bot.members.profiles import Profiles, is_id
from bot.members.roles import Role

FURTHEST = dt.timedelta(days=366)
"""How far ahead news can be planned."""
RECENT = 5
OWN = 6
"""Items on a page."""


@dataclass(frozen=True)
class Item:
    """An item of news with what is shown about it.

    Attributes:
        news: Its row.
        group: Whose it is.
        content: What it says; None: nothing yet.
        personal: What personal data it seems to carry, in German words.
    """

    news: News
    group: WorkingGroup
    content: Content | None
    personal: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        """Its number."""
        return self.news.id


class NewsDesk:
    """News of working groups.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        readers: Who gets it.
        wording: The head that is put above it.
    """

    def __init__(
        self, database: Database, clock: Clock, profiles: Profiles, readers: Readers, wording: Wording
    ) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._readers = readers
        self._wording = wording

    # Reading ---------------------------------------------------------------------------------------------------------

    async def item(self, actor_id: int | None, news_id: int) -> Item:
        """An item, for those who may change it.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
        """
        async with self._database.reading() as session:
            return _item(*await self._owned(session, actor_id, news_id))

    async def read(self, actor_id: int | None, news_id: int) -> Item:
        """An item that was sent, for members to read it back.

        Raises:
            MembersOnlyError: The actor is no member.
            NewsGoneError: There is no such item, or it was withdrawn.
        """
        async with self._database.reading() as session:
            await acting_member(session, self._profiles, actor_id)
            news, group = await _news_row(session, news_id)
            if news.state != "sent" or news.content is None:
                raise NewsGoneError(news_id)
            return _item(news, group)

    async def recent(self, actor_id: int | None, group_id: int, limit: int = RECENT) -> list[Item]:
        """What a group sent last, newest first, for members.

        Raises:
            MembersOnlyError: The actor is no member.
        """
        async with self._database.reading() as session:
            await acting_member(session, self._profiles, actor_id)
            rows = await session.execute(
                select(News, WorkingGroup)
                .join(WorkingGroup, WorkingGroup.id == News.group_id)
                .where(News.group_id == group_id, News.state == "sent", News.content.is_not(None))
                .order_by(News.sent_at.desc(), News.id.desc())
                .limit(limit)
            )
            return [_item(news, group) for news, group in rows.all()]

    async def own(self, actor_id: int | None, page: int = 0) -> tuple[list[Item], bool]:
        """What the actor may change, with something in it: drafts and planned ones first, then the newest sent.

        Returns:
            A page of them, and whether there are more.

        Raises:
            NotAllowedError: The actor may write for no group.
        """
        async with self._database.reading() as session:
            actor = await self._profiles.acting(session, actor_id)
            if not (actor.is_office or actor.leads):
                raise NotAllowedError
            wanted = (
                select(News, WorkingGroup)
                .join(WorkingGroup, WorkingGroup.id == News.group_id)
                .where(News.content.is_not(None), News.state != "withdrawn")
                .order_by((News.state == "sent"), News.updated_at.desc(), News.id.desc())
                .limit(OWN + 1)
                .offset(page * OWN)
            )
            if not actor.is_office:
                wanted = wanted.where(WorkingGroup.key.in_(actor.leads))
            found = [_item(news, group) for news, group in (await session.execute(wanted)).all()]
            return found[:OWN], len(found) > OWN

    async def audience(self, item: Item, at: dt.datetime | None = None) -> Audience:
        """Who would get it, if it went out at a moment; now if not given."""
        return await self._readers.count(item.group.id, at or item.news.release_at or self._clock.now())

    # Writing ---------------------------------------------------------------------------------------------------------

    async def begin(self, actor_id: int | None, group_id: int) -> Item:
        """Begin an item for a group.

        Raises:
            NotAllowedError: The actor may not write for it.
            UnknownGroupError: There is no such group.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            group = await group_row(session, group_id)
            actor = await acting_lead(session, self._profiles, actor_id, group)
            news = await make_draft(session, group, now, author_id=actor.id)
            return _item(news, group)

    async def write(self, actor_id: int | None, news_id: int, content: Content) -> Item:
        """Say something (else), before it goes out. A further part of an album joins those that came before.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            NewsStateError: It went out, or was withdrawn.
            EmptyContentError: It says nothing.
            TooLongError: It does not fit into one message.
            AlbumFullError: The album holds as many parts as Telegram allows.
            AlbumMixedError: Documents and pictures do not go together.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            news, group = await self._owned(session, actor_id, news_id, lock=True)
            if news.state not in ("draft", "scheduled"):
                raise NewsStateError(news.state)
            before = _content(news)
            if before is not None and content.album is not None and content.album == before.album:
                content = before.with_part(content)
            check_fits(content, self._wording.head(group))
            if content != before:
                _put(news, content, now)
                if looks_personal(content.plain):  # planned or not: somebody must say that it may go out so
                    news.state, news.release_at = "draft", None
            return _item(news, group)

    async def corrected(self, actor_id: int | None, news_id: int, content: Content) -> Item:
        """How an item that went out would be with other words; nothing is changed yet.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            NewsStateError: It has not gone out, or was withdrawn.
            OnlyTextError: Pictures cannot be changed any more.
            EmptyContentError: It says nothing.
            TooLongError: It does not fit into one message.
        """
        async with self._database.reading() as session:
            news, group = await self._owned(session, actor_id, news_id)
            return Item(news, group, self._other_words(news, group, content))

    async def correct(self, actor_id: int | None, news_id: int, content: Content) -> Item:
        """Give an item that went out other words: wherever it arrived, and where it still waits.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            NewsStateError: It has not gone out, or was withdrawn.
            OnlyTextError: Pictures cannot be changed any more.
            EmptyContentError: It says nothing.
            TooLongError: It does not fit into one message.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            news, group = await self._owned(session, actor_id, news_id, lock=True)
            content = self._other_words(news, group, content)
            if content != _content(news):
                _put(news, content, now)
                self._note(session, actor_id, "news.edit", news, now)
            return _item(news, group)

    async def release(
        self, actor_id: int | None, news_id: int, version: int, at: dt.datetime | None = None
    ) -> tuple[Item, bool]:
        """Let it go out, now or at a moment; a planned one may be planned anew.

        Args:
            actor_id: Who.
            news_id: Which.
            version: Which version was looked at.
            at: Aware; now if not given.

        Returns:
            The item, and False where it was released before, as by a second press.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            EmptyContentError: Nothing is written.
            NewsChangedError: Somebody changed it since it was looked at.
            NewsStateError: It was withdrawn.
            UnknownGroupError: The group has ended.
            PastError: The moment is past, or too far ahead.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            news, group = await self._owned(session, actor_id, news_id, lock=True)
            if news.state == "sent" or (news.state == "scheduled" and at is not None and news.release_at == at):
                return _item(news, group), False
            if news.state == "withdrawn":
                raise NewsStateError(news.state)
            if group.ended_at is not None:
                raise UnknownGroupError(group.key)
            if news.content is None:
                raise EmptyContentError
            if news.version != version:
                raise NewsChangedError(news_id)
            if at is not None and not now <= at <= now + FURTHEST:
                raise PastError
            news.state, news.release_at, news.released_by = "scheduled", at or now, actor_id
            self._note(session, actor_id, "news.release", news, now)
            return _item(news, group), True

    async def unschedule(self, actor_id: int | None, news_id: int) -> Item:
        """Make a planned item a draft again.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            NewsStateError: It went out already.
        """
        async with self._database.writing() as session:
            news, group = await self._owned(session, actor_id, news_id, lock=True)
            if news.state not in ("scheduled", "draft"):
                raise NewsStateError(news.state)
            news.state, news.release_at = "draft", None
            return _item(news, group)

    async def discard(self, actor_id: int | None, news_id: int) -> None:
        """Drop what did not go out.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            NewsStateError: It went out already.
        """
        async with self._database.writing() as session:
            news, _ = await self._owned(session, actor_id, news_id, lock=True)
            if news.state not in ("scheduled", "draft"):
                raise NewsStateError(news.state)
            await session.delete(news)

    async def withdraw(self, actor_id: int | None, news_id: int) -> tuple[Item, bool]:
        """Take back what went out: what waits is not sent, what arrived is removed.

        Returns:
            The item, and False where it was withdrawn before.

        Raises:
            NotAllowedError: The actor may not.
            NewsGoneError: There is no such item.
            NewsStateError: It has not gone out.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            news, group = await self._owned(session, actor_id, news_id, lock=True)
            if news.state == "withdrawn":
                return _item(news, group), False
            if news.state != "sent":
                raise NewsStateError(news.state)
            news.state, news.withdrawn_at = "withdrawn", now
            news.version += 1
            self._note(session, actor_id, "news.withdraw", news, now)
            return _item(news, group), True

    async def waiting(self) -> int:
        """How many planned items wait for their time."""
        async with self._database.reading() as session:
            return (await session.scalar(select(func.count()).where(News.state == "scheduled"))) or 0

    # Within ----------------------------------------------------------------------------------------------------------

    async def _owned(
        self, session: AsyncSession, actor_id: int | None, news_id: int, *, lock: bool = False
    ) -> tuple[News, WorkingGroup]:
        await self._profiles.acting(session, actor_id, Role.MEMBER)
        news, group = await _news_row(session, news_id, lock=lock)
        await acting_lead(session, self._profiles, actor_id, group)
        return news, group

    def _other_words(self, news: News, group: WorkingGroup, content: Content) -> Content:
        before = _content(news)
        if news.state != "sent" or before is None:
            raise NewsStateError(news.state)
        if content.items:
            raise OnlyTextError
        content = before.model_copy(update={"html": content.html, "link_preview": content.link_preview})
        check_fits(content, self._wording.head(group))
        return content

    def _note(self, session: AsyncSession, actor_id: int | None, action: str, news: News, now: dt.datetime) -> None:
        after: dict[str, Any] = {"state": news.state, "version": news.version}
        audit.note(session, now, action, actor=actor_id, about=f"news:{news.id}", after=after)


async def make_draft(
    session: AsyncSession,
    group: WorkingGroup,
    now: dt.datetime,
    *,
    author_id: int | None = None,
    feed_id: int | None = None,
    content: Content | None = None,
) -> News:
    """Put a new item into the table."""
    news = News(
        group_id=group.id,
        author_id=author_id,
        feed_id=feed_id,
        state="draft",
        content=content.model_dump(mode="json", exclude_defaults=True) if content else None,
        version=1,
        spread_version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(news)
    await session.flush()
    return news


def content_of(news: News) -> Content | None:
    """What an item says."""
    return _content(news)


async def _news_row(session: AsyncSession, news_id: int, *, lock: bool = False) -> tuple[News, WorkingGroup]:
    news = await session.get(News, news_id, with_for_update=lock or None) if is_id(news_id) else None
    if news is None:
        raise NewsGoneError(news_id)
    return news, await session.get_one(WorkingGroup, news.group_id)


def _content(news: News) -> Content | None:
    return None if news.content is None else Content.model_validate(news.content)


def _put(news: News, content: Content, now: dt.datetime) -> None:
    news.content = content.model_dump(mode="json", exclude_defaults=True)
    news.version += 1
    news.updated_at = now


def _item(news: News, group: WorkingGroup) -> Item:
    content = _content(news)
    return Item(news, group, content, tuple(looks_personal(content.plain)) if content else ())
