"""What leads are told without having asked: a feed's new items as drafts, a feed that broke or works again."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Button, Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Push
from bot.delivery.quiet import next_allowed
from bot.delivery.service import Outbox
from bot.groups.callbacks import Verb, encode
from bot.groups.feeds import Checked
from bot.groups.models import News, WorkingGroup
from bot.groups.news import content_of
from bot.groups.service import Groups
from bot.members.personal import looks_personal
from bot.members.preferences import PushTimes
from bot.rendering import Messages, shorten

LEAD = "lead"
"""Begins what the outbox calls messages of the members' room about leading a group."""
KEEP_TRYING = dt.timedelta(days=14)
"""A notice that could not be sent for so long is of no use any more."""


class Notices:
    """Queues what leads are told, when it suits each of them.

    Args:
        database: Where.
        outbox: The way out.
        clock: When.
        groups: Who leads.
        times: When it suits them.
        messages: The German templates.
    """

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        groups: Groups,
        times: PushTimes,
        messages: Messages,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._groups = groups
        self._times = times
        self._messages = messages

    async def checked(self, session: AsyncSession, checked: Checked) -> None:
        """Tell the leads what came of a feed's check, within the transaction that notes it."""
        if not (checked.drafts or checked.broke or checked.mended or checked.flooded):
            return
        leads = await self._groups.leads(checked.group.id)
        feed, group = checked.feed, checked.group
        look = ((Button(text="Feeds ansehen", callback_data=encode(Verb.FEEDS, group.id)),),)
        if checked.flooded:
            html = self._messages.render("feed_flooded", feed=feed, group=group, count=checked.flooded)
            occasion = f"flooded:{self._clock.now():%Y%m%dT%H%M%S}"
            await self._push(session, f"feed:{feed.id}", occasion, Text(html=html, buttons=look), leads)
        if checked.drafts:
            found = await session.scalars(select(News).where(News.id.in_(checked.drafts)).order_by(News.id))
            for news in found:
                await self._offer(session, checked, news, leads)
        if checked.broke and feed.broken_since is not None:
            html = self._messages.render("feed_broken", feed=feed, group=group)
            occasion = f"broken:{feed.broken_since:%Y%m%dT%H%M%S}"
            await self._push(session, f"feed:{feed.id}", occasion, Text(html=html, buttons=look), leads)
        if checked.mended:
            html = self._messages.render("feed_mended", feed=feed, group=group)
            occasion = f"mended:{self._clock.now():%Y%m%dT%H%M%S}"
            await self._push(session, f"feed:{feed.id}", occasion, Text(html=html), leads)

    async def paused(self, news_id: int, reason: str, batch: int) -> None:
        """Tell the leads that the sending of an item was paused."""
        async with self._database.writing() as session:
            news = await session.get(News, news_id)
            group = await session.get(WorkingGroup, news.group_id) if news is not None else None
            if group is None:
                return
            html = self._messages.render("paused", group=group, reason=shorten(reason, 200))
            rows = (
                (
                    Button(text="Weiter senden", callback_data=encode(Verb.RESUME, news_id)),
                    Button(text="Stand", callback_data=encode(Verb.NEWS, news_id)),
                ),
            )
            occasion = f"paused:{batch}:{self._clock.now():%Y%m%dT%H%M%S}"
            leads = await self._groups.leads(group.id)
            await self._push(session, f"news:{news_id}:paused", occasion, Text(html=html, buttons=rows), leads)

    async def held(self, session: AsyncSession, news: News, group: WorkingGroup) -> None:
        """Tell the leads that planned news did not go out, within the transaction that makes it a draft again."""
        content = content_of(news)
        if group.ended_at is not None or content is None:
            return
        html = self._messages.render("held", group=group, title=shorten(content.plain, 40) or "(ohne Text)")
        rows = ((Button(text="Ansehen", callback_data=encode(Verb.PREVIEW, news.id)),),)
        occasion = f"held:{self._clock.now():%Y%m%dT%H%M%S}"
        leads = await self._groups.leads(group.id)
        await self._push(session, f"news:{news.id}:held", occasion, Text(html=html, buttons=rows), leads)

    async def ended(self, session: AsyncSession, group: WorkingGroup, people: list[int]) -> None:
        """Tell those who led a group that it has ended, within the transaction that ends it.

        Who has not been told yet that they lead it need not be told of its end, either.
        """
        told = [
            person_id
            for person_id in people
            if not await self._outbox.cancel(f"{LEAD}:{group.key}", recipient=person_id, session=session)
        ]
        rows = ((Button(text="Alle Arbeitsgruppen", callback_data=encode(Verb.LIST)),),)
        says = Text(html=self._messages.render("ended", group=group), buttons=rows)
        await self._push(session, f"group:{group.id}", "ended", says, told)

    async def _offer(self, session: AsyncSession, checked: Checked, news: News, leads: list[int]) -> None:
        content = content_of(news)
        if content is None:
            return
        personal = looks_personal(content.plain)
        html = self._messages.render(
            "feed_draft", feed=checked.feed, group=checked.group, content=content, personal=personal
        )
        send = Button(
            text="Trotzdem senden" if personal else "Freigeben",
            callback_data=encode(Verb.SEND, news.id, news.version, *([1] if personal else [])),
        )
        rows = (
            (send, Button(text="Vorschau", callback_data=encode(Verb.PREVIEW, news.id))),
            (
                Button(text="Ändern", callback_data=encode(Verb.EDIT, news.id)),
                Button(text="Verwerfen", callback_data=encode(Verb.DISCARD, news.id)),
            ),
        )
        await self._push(session, f"news-draft:{news.id}", "offered", Text(html=html, buttons=rows), leads)

    async def _push(self, session: AsyncSession, what: str, occasion: str, says: Text, people: list[int]) -> None:
        now = self._clock.now()
        times = await self._times.of_many(people)
        for person_id in people:
            push = Push(
                what=what,
                occasion=occasion,
                chat_id=person_id,
                content=Says(says),
                priority=Priority.NEWS,
                not_before=next_allowed(times[person_id], now),
                not_after=now + KEEP_TRYING,
            )
            await self._outbox.enqueue(push, session)
