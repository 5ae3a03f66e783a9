"""Linked chats in chat: the bot is added to a group or channel, and a lead confirms whose news appear there."""

from telegram import Chat, ChatMember, ChatMemberOwner, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.groups.callbacks import Verb, button
from bot.groups.desk import Desk, OnPress, Screen, person_id
from bot.groups.links import Link
from bot.groups.models import NO_TOPIC
from bot.logs import get_logger
from bot.members.errors import MembersError, NotAllowedError
from bot.rendering import shorten
from bot.telegram import NO_PREVIEW, Context, Keyboard, Press, is_private, markup, reply

INSIDE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)
NOT_NOW = "Gut, keine Verknüpfung. Nachholen: /gruppen, „Verwalten“, „Verknüpfte Chats“."

_log = get_logger("lotse.groups")


class LinksChat:
    """Handlers about linked chats."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.presses: dict[Verb, OnPress] = {
            Verb.CHATS: self._list,
            Verb.LINK: self._confirm,
            Verb.LINK_NOT: self._decline,
            Verb.UNLINK: self._end,
        }

    async def status(self, update: Update, context: Context) -> None:
        """The bot was added to a group or channel, or removed."""
        change, chat = update.my_chat_member, update.effective_chat
        if change is None or chat is None or chat.type == ChatType.PRIVATE:
            return
        was, now = change.old_chat_member.status in INSIDE, change.new_chat_member.status in INSIDE
        if was and not now:
            await self._desk.rooms.links.lost(chat.id)
        elif now and not was:
            await self._offer(update, context, chat, NO_TOPIC, chat.title or "")
        if now and chat.type == ChatType.CHANNEL and not _may_post(change.new_chat_member):
            await self._tell_of_right(update, context, chat)

    async def moved(self, update: Update, context: Context) -> None:
        """A group became a supergroup."""
        del context
        message = update.effective_message
        if message is not None and message.migrate_to_chat_id is not None:
            await self._desk.rooms.links.moved(message.chat.id, message.migrate_to_chat_id)

    async def link_here(self, update: Update, context: Context) -> None:
        """`/verknuepfen` in a group or in a topic of a forum."""
        message, chat = update.effective_message, update.effective_chat
        if message is None or chat is None:
            return
        if is_private(update):
            await self._desk.say(update, "link_where")
            return
        if message.sender_chat is not None:
            await self._desk.say(update, "link_anonymous")
            return
        thread, title = _topic(message)
        await self._offer(update, context, chat, thread, title or chat.title or "", asked=True)

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _list(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.turn(press, await self._screen(person_id(press.update), *numbers))
        return None

    async def _confirm(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        link, _ = await self._desk.rooms.links.confirm(person_id(press.update), *numbers)
        rows: Keyboard = []
        if is_private(press.update) and link.group is not None:
            rows = [
                [button("Verknüpfung lösen", Verb.UNLINK, link.chat.id)],
                [button("Verknüpfte Chats", Verb.CHATS, link.group.id)],
            ]
        await self._desk.turn(press, Screen(self._desk.render("linked", link=link), rows))
        return None

    async def _decline(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.links.get(person_id(press.update), *numbers)  # refuses who may not
        await self._desk.turn(press, Screen(NOT_NOW, []))
        return None

    async def _end(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        link = await self._desk.rooms.links.end(person_id(press.update), *numbers)
        if link.group is not None:
            return await self._list(press, (link.group.id,))
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    async def _offer(
        self, update: Update, context: Context, chat: Chat, thread: int, title: str, *, asked: bool = False
    ) -> None:
        """Ask who brought the bot here whose news are to appear; somebody else is told who can."""
        person = person_id(update)
        try:
            link = await self._desk.rooms.links.offer(person, chat.id, title, thread)
        except NotAllowedError:
            if not (asked or await self._is_member(person)):
                return
            channel = chat.type == ChatType.CHANNEL  # all who follow it read what stands there
            html = self._desk.render("link_not_yours", channel=channel, title=title)
            if not channel:
                await self._speak(context, chat.id, thread, html, None)
            elif person is not None:
                await self._speak(context, person, NO_TOPIC, html, None)
            return
        except MembersError as error:
            if asked:
                await reply(update, self._desk.refusal(error))
            return
        screen = await self._question(person, link, forum=bool(chat.is_forum) and thread == NO_TOPIC)
        if asked:
            await reply(update, screen.html, screen.keyboard)
            return
        told = person is not None and await self._speak(context, person, NO_TOPIC, screen.html, screen.keyboard)
        if not told and chat.type != ChatType.CHANNEL:
            await self._speak(context, chat.id, thread, screen.html, screen.keyboard)

    async def _tell_of_right(self, update: Update, context: Context, chat: Chat) -> None:
        """The bot may not write in a channel: a member who left it so is told."""
        person = person_id(update)
        if person is not None and await self._is_member(person):
            await self._speak(context, person, NO_TOPIC, self._desk.render("link_no_right", title=chat.title), None)

    async def _question(self, person: int | None, link: Link, *, forum: bool) -> Screen:
        groups = await self._desk.rooms.groups.led(person)
        rows: Keyboard = []
        if link.group is None:
            rows = [[button(group.short, Verb.LINK, link.chat.id, group.id)] for group in groups]
            rows.append([button("Nicht verknüpfen", Verb.LINK_NOT, link.chat.id)])
        return Screen(self._desk.render("link_question", link=link, forum=forum), rows)

    async def _screen(self, person: int | None, group_id: int) -> Screen:
        chats = await self._desk.rooms.links.of(person, group_id)
        card = await self._desk.rooms.groups.card(person, group_id)
        waiting = await self._desk.rooms.links.waiting(person)
        rows = [[button(f"{place} lösen", Verb.UNLINK, chat.id)] for place, chat in enumerate(chats, start=1)]
        rows += [[button(shorten(f"„{chat.title}“ verknüpfen", 60), Verb.LINK, chat.id, group_id)] for chat in waiting]
        rows.append([button("‹ Zurück", Verb.MANAGE, group_id)])
        return Screen(self._desk.render("chats", group=card.group, chats=chats, waiting=waiting), rows)

    async def _is_member(self, person: int | None) -> bool:
        return person is not None and (await self._desk.members.members.profile(person)).is_member

    async def _speak(self, context: Context, chat_id: int, thread: int, html: str, keyboard: Keyboard | None) -> bool:
        """Say something somewhere; False where the bot may not."""
        try:
            await context.bot.send_message(
                chat_id,
                html,
                parse_mode="HTML",
                link_preview_options=NO_PREVIEW,
                reply_markup=markup(keyboard),
                message_thread_id=thread or None,
            )
        except TelegramError as error:
            _log.info("a question about a chat was not sent", reason=str(error))
            return False
        return True


def _may_post(member: ChatMember) -> bool:
    """Whether the bot may write in a channel."""
    return isinstance(member, ChatMemberOwner) or bool(getattr(member, "can_post_messages", False))


def _topic(message: Message) -> tuple[int, str | None]:
    """The topic of a forum that a message is in, and what to call it."""
    if not message.is_topic_message or message.message_thread_id is None:
        return NO_TOPIC, None
    started = message.reply_to_message.forum_topic_created if message.reply_to_message else None
    name = started.name if started else f"Thema {message.message_thread_id}"
    return message.message_thread_id, f"{message.chat.title}: {name}"
