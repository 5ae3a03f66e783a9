"""From Telegram's messages to what is kept, and back to somebody who wants to see it before others do."""

from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import ParseMode

from bot.content.kept import Content, Item
from bot.delivery.payloads import Album, Buttons, Document, Media, Payload, Photo, Text

_MEDIA = {"photo": InputMediaPhoto, "video": InputMediaVideo, "document": InputMediaDocument}


class UnreadableError(Exception):
    """A kind of message that cannot be sent on."""


def read_content(message: Message) -> Content:
    """What a message says, formatted as it was written.

    Raises:
        UnreadableError: It is of a kind that cannot be sent on.
    """
    if message.text is not None:
        preview = message.link_preview_options
        shown = bool(message.parse_entities(["url", "text_link"])) and not (preview and preview.is_disabled)
        return Content(html=message.text_html.strip(), link_preview=shown)
    html = message.caption_html.strip() if message.caption else ""
    return Content(html=html, items=(_item(message),), album=message.media_group_id)


async def show_payload(bot: Bot, chat_id: int, payload: Payload) -> None:
    """Show somebody a message exactly as a push would, as the answer that they wait for.

    Raises:
        telegram.error.TelegramError: As the library's own methods.
    """
    common: dict[str, Any] = {"chat_id": chat_id, "parse_mode": ParseMode.HTML}
    match payload:
        case Text():
            preview = LinkPreviewOptions(is_disabled=not payload.link_preview)
            below = _markup(payload.buttons)
            await bot.send_message(text=payload.html, link_preview_options=preview, reply_markup=below, **common)
        case Photo() | Document() | Media():
            kind = payload.type if isinstance(payload, Media) else payload.kind
            common |= {kind: payload.file.file_id or "", "reply_markup": _markup(payload.buttons)}
            await getattr(bot, f"send_{kind}")(caption=payload.caption, **common)
        case Album():
            media = [_MEDIA[item.type](item.file.file_id or "", item.caption, ParseMode.HTML) for item in payload.items]
            await bot.send_media_group(chat_id, media)
            if payload.foot is not None:
                await show_payload(bot, chat_id, payload.foot)
        case _:
            raise TypeError(payload)


def _item(message: Message) -> Item:
    if message.photo:
        return Item(type="photo", file_id=message.photo[-1].file_id)
    if message.animation:  # Telegram names it as a document too
        return Item(type="animation", file_id=message.animation.file_id)
    if message.document:
        return Item(type="document", file_id=message.document.file_id)
    if message.video:
        return Item(type="video", file_id=message.video.file_id)
    if message.audio and message.media_group_id is None:
        return Item(type="audio", file_id=message.audio.file_id)
    if message.voice:
        return Item(type="voice", file_id=message.voice.file_id)
    raise UnreadableError


def _markup(buttons: Buttons) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(each.text, url=each.url, callback_data=each.callback_data) for each in row]
        for row in buttons
    ]
    return InlineKeyboardMarkup(rows) if rows else None
