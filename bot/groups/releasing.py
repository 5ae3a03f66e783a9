"""What the tables know of news on its way to the outbox: begun, queued, a change spread."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.groups.models import News, WorkingGroup
from bot.members.profiles import Profiles


async def begin_sending(session: AsyncSession, profiles: Profiles, now: dt.datetime) -> list[tuple[News, WorkingGroup]]:
    """Planned items whose time has come are sent from now on: they can be withdrawn, but not held any more.

    Returns:
        Those that become drafts again instead, because who let them go out may not any more, or the group has ended.
    """
    rows = await session.execute(
        select(News, WorkingGroup)
        .join(WorkingGroup, WorkingGroup.id == News.group_id)
        .where(News.state == "scheduled", News.release_at <= now)
        .order_by(News.id)
        .with_for_update(of=News)
    )
    due = [(news, group) for news, group in rows.all()]
    releasers = await profiles.load_many(session, {news.released_by for news, _ in due if news.released_by is not None})
    held = []
    for news, group in due:
        who = profiles.unknown(news.released_by) if news.released_by is not None else None
        who = releasers.get(news.released_by or 0, who)
        # Nobody: whoever it was has been erased since; what they let go out is the group's.
        if group.ended_at is not None or (who is not None and (who.suspended or not who.may_lead(group.key))):
            news.state, news.release_at, news.released_by, news.updated_at = "draft", None, None, now
            held.append((news, group))
        else:
            news.state, news.sent_at, news.spread_version = "sent", now, -news.version
    return held


async def mark_queued(session: AsyncSession, news_id: int) -> None:
    """Note that an item is queued for everybody; what was changed since it began to be is still to be spread."""
    await session.execute(
        update(News).where(News.id == news_id, News.spread_version < 0).values(spread_version=-News.spread_version)
    )


async def mark_spread(session: AsyncSession, news_id: int, version: int) -> None:
    """Note that a version of an item is queued for everybody; a newer one is still to be spread."""
    await session.execute(
        update(News).where(News.id == news_id, News.spread_version < version).values(spread_version=version)
    )
