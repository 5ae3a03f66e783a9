"""Methods that change or remove messages, pin them or react to them."""

from typing import Any

from bot.sandbox.chats import JSON, Chat, Message
from bot.sandbox.errors import bad_request
from bot.sandbox.methods.calls import Call, method
from bot.sandbox.methods.parts import caption_fields, inline_keyboard, media_fields, text_fields
from bot.sandbox.world import World

DELETE_SECONDS = 48 * 3600
MANY_LIMIT = 100
_TEXT = ("text", "entities", "link_preview_options")
_CAPTION = ("caption", "caption_entities", "show_caption_above_media")
_MEDIA = ("photo", "document", "video", "audio", "animation")
_UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
_REACTIONS = frozenset(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)


@method("editMessageText")
def _edit_text(world: World, call: Call) -> Any:
    message = _to_edit(world, call)
    if "text" not in call.given:
        raise bad_request("message text is empty")
    content = text_fields(call.given)
    if "text" not in message.data:
        raise bad_request("there is no text in the message to edit")
    return _apply(world, call, message, _TEXT, content)


@method("editMessageCaption")
def _edit_caption(world: World, call: Call) -> Any:
    message = _to_edit(world, call)
    if not any(kind in message.data for kind in (*_MEDIA, "voice")):
        raise bad_request("there is no caption in the message to edit")
    return _apply(world, call, message, _CAPTION, caption_fields(call.given))


@method("editMessageMedia")
def _edit_media(world: World, call: Call) -> Any:
    message = _to_edit(world, call)
    media = call["media"]
    content = media_fields(world, call, media["type"], media["media"]) | caption_fields(media)
    return _apply(world, call, message, (*_TEXT, *_CAPTION, *_MEDIA), content)


@method("editMessageReplyMarkup")
def _edit_reply_markup(world: World, call: Call) -> Any:
    return _apply(world, call, _to_edit(world, call), (), {})


def _to_edit(world: World, call: Call) -> Message:
    if inline_id := call.get("inline_message_id"):
        if inline_id not in world.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return world.inline_messages[inline_id]
    chat = world.find_chat(call.need("chat_id"))
    number = call.need("message_id")
    world.limits.check(chat.id)
    message = world.open_chat(chat.id).messages.get(number)
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender != world.bot_id or "forward_origin" in message.data:
        raise bad_request("message can't be edited")
    if message.chat.is_channel and not message.chat.right(world.bot_id, "can_post_messages"):
        raise bad_request("need administrator rights in the channel chat")
    return message


def _apply(world: World, call: Call, message: Message, replaced: tuple[str, ...], content: JSON) -> Any:
    """Put new content and keyboard into a message, refusing what changes nothing."""
    content = content | inline_keyboard(call.get("reply_markup"))
    changed = {key: content.get(key) for key in (*replaced, "reply_markup")}
    if all(message.data.get(key) == value for key, value in changed.items()):
        raise bad_request(_UNCHANGED)
    only_keyboard = all(message.data.get(key) == changed[key] for key in replaced)
    world.change(message, changed, edited=not only_keyboard)
    return True if "inline_message_id" in call.given else message.data


@method("deleteMessage")
def _delete_message(world: World, call: Call) -> bool:
    chat = world.open_chat(call["chat_id"])
    message = chat.messages.get(call["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    _check_deletable(world, chat, message)
    world.delete(message)
    return True


@method("deleteMessages")
def _delete_messages(world: World, call: Call) -> bool:
    numbers = call["message_ids"]
    if not 1 <= len(numbers) <= MANY_LIMIT:
        raise bad_request("wrong number of message identifiers specified")
    chat = world.open_chat(call["chat_id"])
    messages = [chat.messages[number] for number in numbers if number in chat.messages]
    for message in messages:
        _check_deletable(world, chat, message)
    for message in messages:
        world.delete(message)
    return True


def _check_deletable(world: World, chat: Chat, message: Message) -> None:
    if world.now() - message.data["date"] > DELETE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    own = message.sender == world.bot_id
    if not own and not chat.is_private and not chat.right(world.bot_id, "can_delete_messages"):
        raise bad_request("message can't be deleted")


@method("pinChatMessage")
def _pin(world: World, call: Call) -> bool:
    chat = _pinnable(world, call)
    message = chat.messages.get(call["message_id"])
    if message is None:
        raise bad_request("message to pin not found")
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned.append(message.id)
    embedded = {key: value for key, value in message.data.items() if key != "reply_to_message"}
    world.post(chat, world.bot, {"pinned_message": embedded})
    return True


@method("unpinChatMessage")
def _unpin(world: World, call: Call) -> bool:
    chat = _pinnable(world, call)
    number = call.get("message_id", chat.pinned[-1] if chat.pinned else None)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    world.changes.bump()
    return True


@method("unpinAllChatMessages")
def _unpin_all(world: World, call: Call) -> bool:
    _pinnable(world, call).pinned.clear()
    world.changes.bump()
    return True


def _pinnable(world: World, call: Call) -> Chat:
    chat = world.open_chat(call["chat_id"])
    right = "can_edit_messages" if chat.is_channel else "can_pin_messages"
    if not chat.is_private and not chat.right(world.bot_id, right):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


@method("setMessageReaction")
def _react(world: World, call: Call) -> bool:
    chat = world.open_chat(call["chat_id"])
    message = chat.messages.get(call["message_id"])
    if message is None:
        raise bad_request("message to react not found")
    reactions = call.get("reaction", [])
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for reaction in reactions:
        if reaction["type"] == "emoji" and not is_reaction(reaction["emoji"]):
            raise bad_request("REACTION_INVALID")
    set_reactions(world, message, world.bot_id, reactions)
    return True


def is_reaction(emoji: str) -> bool:
    """Return whether Telegram takes this emoji as a reaction."""
    return emoji.replace("\ufe0f", "") in _REACTIONS


def set_reactions(world: World, message: Message, user_id: int, reactions: list[JSON]) -> list[JSON]:
    """Keep somebody's reactions to a message and return those before."""
    before = message.reactions.get(user_id, [])
    message.reactions = {**message.reactions, user_id: reactions}
    message.revision = world.changes.bump()
    return before
