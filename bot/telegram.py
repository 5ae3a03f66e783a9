"""What all chats share: the order of updates, sending and editing, and what is said when something fails."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import BaseUpdateProcessor, ContextTypes

from bot.logs import get_logger
from bot.rendering import split_html

CHATS_AT_ONCE = 8
"""How many chats are answered at the same time."""
WAITING_UPDATES = 4096
"""How many updates may wait for their turn."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
SORRY = "Das hat gerade nicht geklappt; bitte versuchen Sie es in einer Minute noch einmal."

Context = ContextTypes.DEFAULT_TYPE
"""What handlers get beside the update; nothing of ours is kept in it."""
Keyboard = list[list[InlineKeyboardButton]]

_log = get_logger("lotse.telegram")


@dataclass(frozen=True)
class Press:
    """A button that was pressed below a message of ours."""

    update: Update
    query: CallbackQuery
    bot: Bot

    @property
    def chat_id(self) -> int:
        """The chat of the message; 0 for a message that was shared by inline mode, whose chat nobody tells."""
        return self.query.message.chat.id if self.query.message else 0

    @property
    def message_id(self) -> int:
        """The message, within its chat."""
        return self.query.message.message_id if self.query.message else 0

    @property
    def keyboard(self) -> Sequence[Sequence[InlineKeyboardButton]]:
        """The buttons that are below the message; none where Telegram does not show the message any more."""
        message = self.query.message
        return message.reply_markup.inline_keyboard if isinstance(message, Message) and message.reply_markup else ()


class OrderedUpdates(BaseUpdateProcessor):
    """Keeps the order within each chat, and answers up to `CHATS_AT_ONCE` chats at the same time.

    A chat waits for its own turn before it takes a place among the chats that are answered, so that one person who
    sends a hundred messages takes one place, not all.
    """

    def __init__(self, chats_at_once: int = CHATS_AT_ONCE) -> None:
        super().__init__(WAITING_UPDATES)
        self._places = asyncio.Semaphore(chats_at_once)
        self._last: dict[int, asyncio.Event] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Run the handlers of one update when all earlier ones of its chat are done."""
        key = _order_key(update)
        before = self._last.get(key)
        done = asyncio.Event()
        self._last[key] = done
        try:
            if before is not None:
                await before.wait()
            async with self._places:
                await coroutine
        finally:
            done.set()
            if self._last.get(key) is done:
                del self._last[key]

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to free."""


def is_private(update: Update) -> bool:
    """Whether the update comes from a person's own chat with the bot."""
    return update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE


async def reply(update: Update, html: str, keyboard: Keyboard | None = None) -> Message | None:
    """Answer where the update came from; a long text in several messages, the buttons below the last.

    In a group the first message replies to the one that asked.

    Returns:
        The last message, or None where there was nothing to say or nobody to say it to.
    """
    chat, asked = update.effective_chat, update.effective_message
    if chat is None:
        return None
    answers_to = None
    if asked is not None and not is_private(update):
        answers_to = ReplyParameters(asked.message_id, allow_sending_without_reply=True)
    pieces = split_html(html)
    sent = None
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        sent = await chat.send_message(
            piece,
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=markup(keyboard) if last else None,
            reply_parameters=answers_to if index == 0 else None,
            message_thread_id=_thread(asked),
        )
    return sent


async def replace(press: Press, html: str, keyboard: Keyboard | None = None) -> None:
    """Show another screen in the message whose button was pressed; silent where it is shown already.

    Where the message cannot be edited any more, the screen comes as a new one.
    """
    try:
        await press.bot.edit_message_text(
            html,
            chat_id=press.chat_id,
            message_id=press.message_id,
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=markup(keyboard),
        )
    except BadRequest as error:
        if is_unchanged(error):
            return
        _log.info("message could not be edited, sent anew", reason=str(error))
        await reply(press.update, html, keyboard)


async def edit_own(bot: Bot, chat_id: int, message_id: int, html: str, keyboard: Keyboard) -> None:
    """Change a message of ours that may be gone by now; silent where that cannot be done."""
    with suppress(BadRequest):
        await bot.edit_message_text(
            html,
            chat_id=chat_id,
            message_id=message_id,
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=markup(keyboard),
        )


async def replace_keyboard(press: Press, keyboard: Keyboard) -> None:
    """Show other buttons below the message whose button was pressed; silent where that cannot be done."""
    try:
        await press.bot.edit_message_reply_markup(
            chat_id=press.chat_id, message_id=press.message_id, reply_markup=markup(keyboard)
        )
    except BadRequest as error:
        if not is_unchanged(error):
            _log.info("buttons could not be changed", reason=str(error))


async def acknowledge(query: CallbackQuery, words: str | None = None, *, alert: bool = False) -> None:
    """Stop the button's waiting sign, with a short note if given; a press that is too old needs none."""
    with suppress(BadRequest):
        await query.answer(words, show_alert=alert)


def is_unchanged(error: BadRequest) -> bool:
    """Whether an edit was refused because nothing would change: no error to show anybody."""
    return "not modified" in error.message.casefold()


def markup(keyboard: Iterable[Iterable[InlineKeyboardButton]] | None) -> InlineKeyboardMarkup | None:
    """Rows of buttons as Telegram takes them, empty rows left out; None where there is no button."""
    rows = [row for row in (tuple(row) for row in keyboard or ()) if row]
    return InlineKeyboardMarkup(rows) if rows else None


async def on_error(update: object, context: Context) -> None:
    """Log what failed, and tell the person who waits for an answer."""
    error = context.error
    if isinstance(error, Forbidden):
        _log.info("a person has blocked the bot", reason=str(error))
        return
    _log.error("update failed", update_id=update.update_id if isinstance(update, Update) else None, exc_info=error)
    if not isinstance(update, Update):
        return
    with suppress(TelegramError):
        if update.callback_query is not None:
            await update.callback_query.answer(SORRY, show_alert=True)
        elif update.effective_message is not None and update.inline_query is None:
            await reply(update, SORRY)


def _order_key(update: object) -> int:
    if not isinstance(update, Update):
        return 0
    whose = update.effective_chat or update.effective_user
    return whose.id if whose is not None else 0


def _thread(message: object) -> int | None:
    if isinstance(message, Message) and message.is_topic_message:
        return message.message_thread_id
    return None
