"""This room's part of what is kept about a person."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import count_changed
from bot.groups.models import Feed, LinkedChat, News, Subscription, WorkingGroup
from bot.groups.news import content_of
from bot.members.models import Person
from bot.members.privacy import iso

KEEP_DRAFTS = dt.timedelta(days=90)
"""How long a draft that nobody touches is kept."""
KEEP_WITHDRAWN = dt.timedelta(days=30)
"""How long the words of withdrawn news are kept."""
KEEP_GONE = dt.timedelta(days=90)
"""How long it is known who brought the bot into a chat that shows no news."""


class OwnData:
    """Groups' part of `bot.members.privacy.PersonalData`.

    Args:
        statement: What this room keeps, in German.
        admins: Whom the operator names: they may follow without being kept as persons.
    """

    key = "arbeitsgruppen"

    def __init__(self, statement: str, admins: Collection[int] = ()) -> None:
        self.statement = statement
        self._admins = admins

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """Groups followed, news written, feeds and chats set up."""
        follows = await session.execute(
            select(WorkingGroup.name, Subscription.mode, Subscription.since)
            .join(WorkingGroup, WorkingGroup.id == Subscription.group_id)
            .where(Subscription.person_id == person_id)
            .order_by(WorkingGroup.id)
        )
        written = await session.execute(
            select(News, WorkingGroup.name)
            .join(WorkingGroup, WorkingGroup.id == News.group_id)
            .where(or_(News.author_id == person_id, News.released_by == person_id))
            .order_by(News.id)
        )
        feeds = await session.scalars(select(Feed).where(Feed.created_by == person_id).order_by(Feed.id))
        chats = await session.scalars(
            select(LinkedChat).where(or_(LinkedChat.added_by == person_id, LinkedChat.linked_by == person_id))
        )
        parts: dict[str, list[dict[str, Any]]] = {
            "abonniert": [{"gruppe": row.name, "wie_oft": _MODES[row.mode], "seit": iso(row.since)} for row in follows],
            "nachrichten": [
                {
                    "gruppe": group,
                    "text": content.plain if (content := content_of(news)) else None,
                    "geschrieben": iso(news.created_at) if news.author_id == person_id else None,
                    "freigegeben": iso(news.release_at) if news.released_by == person_id else None,
                }
                for news, group in written
            ],
            "feeds": [{"adresse": feed.url, "angelegt": iso(feed.created_at)} for feed in feeds],
            "verknuepfte_chats": [{"titel": chat.title, "wann": iso(chat.added_at)} for chat in chats],
        }
        return {key: value for key, value in parts.items() if value}

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Subscriptions and drafts go; what was sent, feeds and linked chats are the group's and stay without them."""
        return await count_changed(
            session,
            delete(Subscription).where(Subscription.person_id == person_id),
            delete(News).where(News.author_id == person_id, News.state == "draft"),
            update(News).where(News.author_id == person_id).values(author_id=None),
            update(News).where(News.released_by == person_id).values(released_by=None),
            update(Feed).where(Feed.created_by == person_id).values(created_by=None),
            update(LinkedChat).where(LinkedChat.added_by == person_id).values(added_by=None),
            update(LinkedChat).where(LinkedChat.linked_by == person_id).values(linked_by=None),
        )

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """Old drafts, the words of withdrawn news, chats that show nothing, what is left of former members."""
        return {
            "subscriptions": await count_changed(
                session,
                delete(Subscription).where(
                    Subscription.person_id.not_in(select(Person.id)), Subscription.person_id.not_in(self._admins)
                ),
            ),
            "news_drafts": await count_changed(
                session, delete(News).where(News.state == "draft", News.updated_at < now - KEEP_DRAFTS)
            ),
            "news_withdrawn": await count_changed(
                session,
                update(News)
                .where(News.state == "withdrawn", News.withdrawn_at < now - KEEP_WITHDRAWN, News.content.is_not(None))
                .values(content=None),
            ),
            "linked_chats": await count_changed(
                session,
                delete(LinkedChat).where(LinkedChat.state != "linked", LinkedChat.added_at < now - KEEP_GONE),
            ),
        }


_MODES = {"at_once": "sofort", "daily": "täglich gebündelt", "weekly": "wöchentlich gebündelt"}
