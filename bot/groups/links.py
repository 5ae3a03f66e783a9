"""The rules of linked chats: the bot is added somewhere, a lead confirms which working group's news appear there."""

from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database, count_changed
from bot.groups.errors import LinkGoneError, LinkTakenError
from bot.groups.models import NO_TOPIC, LinkedChat, WorkingGroup
from bot.groups.service import acting_lead, group_row
from bot.members import audit
from bot.members.errors import NotAllowedError
from bot.members.profiles import Profiles, is_id
from bot.members.roles import Role

TITLE_LIMIT = 160
WAITING_SHOWN = 8
"""Chats that wait to be linked, on one screen."""


@dataclass(frozen=True)
class Link:
    """A chat or topic, and whose news it shows."""

    chat: LinkedChat
    group: WorkingGroup | None


class Links:
    """Chats that show news.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles

    async def offer(self, actor_id: int | None, chat_id: int, title: str, thread_id: int = NO_TOPIC) -> Link:
        """The bot came into a chat, or a lead names a topic: note that a lead may link it.

        Raises:
            NotAllowedError: Who brought it there may write for no working group.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.MEMBER)
            if not (actor.is_office or actor.leads):
                raise NotAllowedError
            chat = await session.scalar(
                select(LinkedChat).where(LinkedChat.chat_id == chat_id, LinkedChat.thread_id == thread_id)
            )
            if chat is None:
                chat = LinkedChat(chat_id=chat_id, thread_id=thread_id, added_at=now)
                session.add(chat)
            chat.title = title[:TITLE_LIMIT]
            if chat.state != "linked":
                chat.state, chat.group_id, chat.added_by, chat.added_at = "waiting", None, actor.id, now
            await session.flush()
            return await _link(session, chat)

    async def get(self, actor_id: int | None, link_id: int) -> Link:
        """A chat, for leads and the office.

        Raises:
            NotAllowedError: The actor may write for no group.
            LinkGoneError: There is no such chat.
        """
        async with self._database.reading() as session:
            actor = await self._profiles.acting(session, actor_id)
            if not (actor.is_office or actor.leads):
                raise NotAllowedError
            return await _link(session, await _chat_row(session, link_id))

    async def of(self, actor_id: int | None, group_id: int) -> list[LinkedChat]:
        """The chats of a working group.

        Raises:
            NotAllowedError: The actor may not write for it.
            UnknownGroupError: There is no such group.
        """
        async with self._database.reading() as session:
            await acting_lead(session, self._profiles, actor_id, await group_row(session, group_id))
            wanted = select(LinkedChat).where(LinkedChat.group_id == group_id, LinkedChat.state == "linked")
            return list(await session.scalars(wanted.order_by(LinkedChat.id)))

    async def waiting(self, actor_id: int | None) -> list[LinkedChat]:
        """The chats that the bot is in and that show no news yet: of who acts, or all for the office.

        Raises:
            NotAllowedError: The actor may write for no group.
        """
        async with self._database.reading() as session:
            actor = await self._profiles.acting(session, actor_id)
            if not (actor.is_office or actor.leads):
                raise NotAllowedError
            wanted = select(LinkedChat).where(LinkedChat.state == "waiting")
            if not actor.is_office:
                wanted = wanted.where(LinkedChat.added_by == actor.id)
            return list(await session.scalars(wanted.order_by(LinkedChat.id.desc()).limit(WAITING_SHOWN)))

    async def confirm(self, actor_id: int | None, link_id: int, group_id: int) -> tuple[Link, bool]:
        """Let a chat show a working group's news.

        Returns:
            The link, and False where it was so already.

        Raises:
            NotAllowedError: The actor may not write for the group.
            UnknownGroupError: There is no such group.
            LinkGoneError: The bot is not in that chat any more.
            LinkTakenError: It shows another group's news.
        """
        now = self._clock.now()
        async with self._database.writing() as session:
            group = await group_row(session, group_id)
            actor = await acting_lead(session, self._profiles, actor_id, group)
            chat = await _chat_row(session, link_id, lock=True)
            if chat.state == "gone":
                raise LinkGoneError(link_id)
            if chat.state == "linked":
                if chat.group_id == group_id:
                    return Link(chat, group), False
                other = await session.get(WorkingGroup, chat.group_id)
                raise LinkTakenError(other.short if other else "")
            chat.state, chat.group_id, chat.linked_by, chat.linked_at = "linked", group_id, actor.id, now
            audit.note(session, now, "chat.link", actor=actor.id, about=f"chat:{chat.id}", after={"group": group.key})
            return Link(chat, group), True

    async def end(self, actor_id: int | None, link_id: int) -> Link:
        """Let a chat show no news any more; the bot is still in it, so it can be linked again.

        Raises:
            NotAllowedError: The actor may not write for its group.
            LinkGoneError: It shows none.
        """
        async with self._database.writing() as session:
            chat = await _chat_row(session, link_id, lock=True)
            if chat.group_id is None:
                await self._profiles.acting(session, actor_id)
                raise LinkGoneError(link_id)
            group = await session.get_one(WorkingGroup, chat.group_id)
            actor = await acting_lead(session, self._profiles, actor_id, group)
            now = self._clock.now()
            chat.state, chat.group_id, chat.added_by, chat.added_at = "waiting", None, actor.id, now
            audit.note(
                session, now, "chat.unlink", actor=actor.id, about=f"chat:{chat.id}", before={"group": group.key}
            )
            return Link(chat, group)

    async def lost(self, chat_id: int) -> int:
        """The bot is in a chat no more; returns how many links that ends."""
        async with self._database.writing() as session:
            return await count_changed(
                session,
                update(LinkedChat)
                .where(LinkedChat.chat_id == chat_id, or_(LinkedChat.state != "gone", LinkedChat.group_id.is_not(None)))
                .values(state="gone", group_id=None),
            )

    async def moved(self, old_id: int, new_id: int) -> int:
        """A group became a supergroup; returns how many links move along."""
        async with self._database.writing() as session:
            known = set(await session.scalars(select(LinkedChat.thread_id).where(LinkedChat.chat_id == new_id)))
            moving = list(await session.scalars(select(LinkedChat).where(LinkedChat.chat_id == old_id)))
            for chat in moving:
                if chat.thread_id in known:
                    await session.delete(chat)
                else:
                    chat.chat_id = new_id
        return len(moving)


async def _chat_row(session: AsyncSession, link_id: int, *, lock: bool = False) -> LinkedChat:
    chat = await session.get(LinkedChat, link_id, with_for_update=lock or None) if is_id(link_id) else None
    if chat is None:
        raise LinkGoneError(link_id)
    return chat


async def _link(session: AsyncSession, chat: LinkedChat) -> Link:
    group = await session.get(WorkingGroup, chat.group_id) if chat.group_id is not None else None
    return Link(chat, group)
