"""Whether a message is meant for the bot, and what of it is the question."""

import re

from telegram import Message
from telegram.constants import ChatType, MessageEntityType


def addressed_text(message: Message, bot_id: int, username: str) -> str | None:
    """What a message asks the bot: all of it in a private chat; in a group only where it mentions or replies to it.

    Returns:
        The text without the mention, perhaps empty; None where it is not meant for the bot.
    """
    text = message.text or message.caption or ""
    if message.chat.type == ChatType.PRIVATE:
        return text.strip()
    mentions = message.parse_entities([MessageEntityType.MENTION])
    mentions |= message.parse_caption_entities([MessageEntityType.MENTION])
    if any(mention.casefold() == f"@{username}".casefold() for mention in mentions.values()):
        return " ".join(re.sub(rf"@{re.escape(username)}\b[,:]?", " ", text, flags=re.IGNORECASE).split())
    answers = message.reply_to_message
    if answers is not None and answers.from_user is not None and answers.from_user.id == bot_id:
        return text.strip()
    return None
