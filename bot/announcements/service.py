"""The rules of writing an announcement: begin, say, aim, copy, discard; for the whole office, whoever began it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import case, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import KEEP_TRYING, Outlook
from bot.announcements.errors import PastError, StateError
from bot.announcements.kinds import OPEN, By, Part, State
from bot.announcements.models import Announcement
from bot.announcements.people import Pasted, describe, labels, read_list
from bot.announcements.shared import Ground, Item, Reopened, item_of, items_of, put
from bot.announcements.spec import REASON_LIMIT, Audience, Body, Criterion, LinkButton, Question
from bot.content.kept import Content
from bot.members.errors import OddValueError

LISTED = 8
FURTHEST = dt.timedelta(days=366)
"""How far ahead an announcement can be planned."""


class Drafts:
    """Announcements while they are written.

    Args:
        ground: What the rules stand on.
        reopened: Tells that a release holds no more.
    """

    def __init__(self, ground: Ground, reopened: Reopened) -> None:
        self._ground = ground
        self._reopened = reopened

    # Reading ---------------------------------------------------------------------------------------------------------

    async def item(self, actor_id: int | None, announcement_id: int) -> Item:
        """An announcement, for the office.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
        """
        async with self._ground.database.reading() as session:
            return await self._ground.item(session, actor_id, announcement_id)

    async def open_item(self, actor_id: int | None, announcement_id: int) -> Item:
        """Likewise, one that can still be changed.

        Raises:
            NotAllowedError, AnnouncementGoneError: As `item`.
            StateError: It went out already.
        """
        item = await self.item(actor_id, announcement_id)
        self._check_open(item)
        return item

    async def all(self, actor_id: int | None, page: int = 0) -> list[Item]:
        """What waits for somebody first, then the newest that went out; one more than `LISTED` where there are more.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._ground.database.reading() as session:
            await self._ground.acting(session, actor_id)
            since = case((Announcement.state.in_(OPEN), Announcement.updated_at), else_=Announcement.started_at)
            wanted = select(Announcement).order_by(
                Announcement.state.in_(OPEN).desc(), since.desc(), Announcement.id.desc()
            )
            rows = await session.scalars(wanted.offset(page * LISTED).limit(LISTED + 1))
            return items_of(list(rows))

    async def outlook(self, actor_id: int | None, item: Item, at: dt.datetime | None = None) -> Outlook:
        """Who would get it, if it went out at a moment; now or as planned if not given.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        await self.item(actor_id, item.id)
        now = self._ground.clock.now()
        planned = item.row.release_at if item.row.release_at and item.row.release_at > now else now
        return await self._ground.audiences.outlook(
            item.audience, at or planned, item.row.not_after, urgent=item.body.urgent is not None
        )

    async def describe(self, audience: Audience) -> str:
        """An audience in words."""
        async with self._ground.database.reading() as session:
            return await describe(session, audience)

    async def labels(self, audience: Audience, part: Part) -> list[str]:
        """The criteria of one part in words."""
        async with self._ground.database.reading() as session:
            return await labels(session, audience.of(part))

    # Writing ---------------------------------------------------------------------------------------------------------

    async def begin(
        self, actor_id: int | None, content: Content | None = None, question: Question | None = None
    ) -> Item:
        """Begin an announcement.

        Raises:
            NotAllowedError: The actor is not of the office.
            TooLongError: It does not fit into one message.
        """
        body = Body(content=content or Content(), question=question)
        if not body.empty:
            self._ground.wording.check(body)
        return await self._make(actor_id, body, Audience())

    async def copy(self, actor_id: int | None, announcement_id: int) -> Item:
        """Begin one like another, with its audience.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
        """
        old = await self.item(actor_id, announcement_id)
        return await self._make(actor_id, old.body, old.audience)

    async def write(self, actor_id: int | None, announcement_id: int, content: Content) -> Item:
        """Say something (else). A further part of an album joins those that came before; mere words leave the files.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
            StateError: It went out already.
            EmptyContentError: It says nothing.
            TooLongError: It does not fit into one message.
            AlbumFullError: The album holds as many parts as Telegram allows.
            AlbumMixedError: Documents and pictures do not go together.
        """

        def change(body: Body) -> Body:
            return body.model_copy(update={"content": body.content.then(content)})

        return await self._reword(actor_id, announcement_id, change)

    async def drop_files(self, actor_id: int | None, announcement_id: int) -> Item:
        """Leave out its pictures and documents; errors as `write`."""

        def change(body: Body) -> Body:
            return body.model_copy(update={"content": body.content.model_copy(update={"items": (), "album": None})})

        return await self._reword(actor_id, announcement_id, change)

    async def set_links(self, actor_id: int | None, announcement_id: int, links: tuple[LinkButton, ...]) -> Item:
        """Give it other link buttons; errors as `write`."""
        return await self._reword(actor_id, announcement_id, _with(links=links))

    async def toggle_read_button(self, actor_id: int | None, announcement_id: int) -> Item:
        """Give it a button „Gelesen“, or take it away; errors as `write`."""
        return await self._reword(
            actor_id, announcement_id, lambda body: body.model_copy(update={"read_button": not body.read_button})
        )

    async def set_question(self, actor_id: int | None, announcement_id: int, question: Question | None) -> Item:
        """Give it a question, or none; errors as `write`."""
        return await self._reword(actor_id, announcement_id, _with(question=question))

    async def set_urgent(self, actor_id: int | None, announcement_id: int, reason: str | None) -> Item:
        """Make it urgent for a reason, or not; errors as `write`.

        Raises:
            OddValueError: The reason is empty or too long.
        """
        reason = " ".join(reason.split()) if reason is not None else None
        if reason is not None and not 0 < len(reason) <= REASON_LIMIT:
            raise OddValueError
        return await self._reword(actor_id, announcement_id, _with(urgent=reason))

    async def set_not_after(self, actor_id: int | None, announcement_id: int, moment: dt.datetime | None) -> Item:
        """From when on nobody gets it any more.

        Raises:
            PastError: The moment is past or too far ahead.
            NotAllowedError, AnnouncementGoneError, StateError: As `write`.
        """
        now = self._ground.clock.now()
        if moment is not None and not now < moment <= now + FURTHEST + KEEP_TRYING:
            raise PastError
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            await self._touch(session, item, actor_id)
            item.row.not_after = moment
            return item

    # Aiming ----------------------------------------------------------------------------------------------------------

    async def toggle(self, actor_id: int | None, announcement_id: int, part: Part, criterion: Criterion) -> Item:
        """Add a criterion, or take it away; errors as `write`."""
        return await self._aim(actor_id, announcement_id, lambda audience: audience.toggled(part, criterion))

    async def add_list(self, actor_id: int | None, announcement_id: int, part: Part, ids: tuple[int, ...]) -> Item:
        """Add the persons of a pasted list to those that are named already; errors as `write`."""

        def change(audience: Audience) -> Audience:
            lists = [each for each in audience.of(part) if each.by is By.LIST]
            whole = dict.fromkeys([person for each in lists for person in each.ids] + list(ids))
            return audience.without_lists(part).toggled(part, Criterion(by=By.LIST, ids=tuple(whole)))

        return await self._aim(actor_id, announcement_id, change)

    async def drop_lists(self, actor_id: int | None, announcement_id: int, part: Part) -> Item:
        """Forget the pasted lists of one part; errors as `write`."""
        return await self._aim(actor_id, announcement_id, lambda audience: audience.without_lists(part))

    async def toggle_chat(self, actor_id: int | None, announcement_id: int, chat: int) -> Item:
        """Add a linked group, or take it away; errors as `write`."""
        return await self._aim(actor_id, announcement_id, lambda audience: audience.with_chat(chat))

    async def clear_audience(self, actor_id: int | None, announcement_id: int) -> Item:
        """Mean nobody, to begin anew; errors as `write`."""
        return await self._aim(actor_id, announcement_id, lambda _: Audience())

    async def read_list(self, actor_id: int | None, text: str) -> Pasted:
        """Who is on a pasted list.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._ground.database.reading() as session:
            await self._ground.acting(session, actor_id)
            return await read_list(session, text)

    # Ending ----------------------------------------------------------------------------------------------------------

    async def discard(self, actor_id: int | None, announcement_id: int) -> None:
        """Drop what did not go out.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
            StateError: It went out already.
        """
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            if item.state not in OPEN:
                raise StateError(item.state)
            await self._reopened(session, item, actor_id)
            self._ground.note(session, actor_id, "announcement.discard", item.row)
            await session.execute(delete(Announcement).where(Announcement.id == item.id))

    # Within ----------------------------------------------------------------------------------------------------------

    async def _make(self, actor_id: int | None, body: Body, audience: Audience) -> Item:
        now = self._ground.clock.now()
        async with self._ground.database.writing() as session:
            actor = await self._ground.acting(session, actor_id)
            row = Announcement(
                state=State.DRAFT.value,
                version=1,
                spread_version=1,
                mended_version=1,
                anew=False,
                planned=False,
                people=0,
                author_id=actor.id,
                created_at=now,
                updated_at=now,
            )
            put(row, body=body, audience=audience)
            session.add(row)
            await session.flush()
            return item_of(row)

    async def _reword(self, actor_id: int | None, announcement_id: int, change: Callable[[Body], Body]) -> Item:
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            self._check_open(item)
            body = change(item.body)
            if body.content != item.body.content or not body.empty:
                self._ground.wording.check(body)
            if body != item.body:
                await self._touch(session, item, actor_id)
                put(item.row, body=body)
            return item_of(item.row)

    async def _aim(self, actor_id: int | None, announcement_id: int, change: Callable[[Audience], Audience]) -> Item:
        async with self._ground.database.writing() as session:
            item = await self._ground.item(session, actor_id, announcement_id, lock=True)
            audience = change(item.audience)
            await self._touch(session, item, actor_id)
            put(item.row, audience=audience)
            return item_of(item.row)

    def _check_open(self, item: Item) -> None:
        if item.state not in OPEN:
            raise StateError(item.state)

    async def _touch(self, session: AsyncSession, item: Item, actor_id: int | None) -> None:
        """Note a change: what was released has to be released anew, and whoever counts on that is told."""
        self._check_open(item)
        await self._reopened(session, item, actor_id)
        row = item.row
        row.version += 1
        row.spread_version = row.mended_version = row.version
        row.author_id, row.updated_at = actor_id, self._ground.clock.now()
        row.state, row.release_at, row.released_by = State.DRAFT.value, None, None


def _with(**values: Any) -> Callable[[Body], Body]:
    return lambda body: body.model_copy(update=values)
