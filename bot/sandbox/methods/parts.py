"""What calls that send or change messages have in common: target, reply, keyboard, text, files."""

from typing import Any

from bot.sandbox import entities
from bot.sandbox.chats import JSON, Chat, Message
from bot.sandbox.errors import bad_request
from bot.sandbox.files import KINDS, StoredFile
from bot.sandbox.markup import checked_link, units
from bot.sandbox.methods.calls import Call
from bot.sandbox.schema import Upload
from bot.sandbox.world import World

BUTTON_LIMIT = 100
ROW_LIMIT = 8
CALLBACK_DATA_BYTES = 64
COPY_TEXT_LIMIT = 256
_BUTTON_ACTIONS = [
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
]


def target(world: World, call: Call, count: int = 1) -> Chat:
    """Return the chat that the call sends `count` messages to, after the flood limits."""
    chat = world.find_chat(call["chat_id"])
    world.limits.check(chat.id, count)
    chat = world.open_chat(call["chat_id"])
    if chat.is_channel and not chat.right(world.bot_id, "can_post_messages"):
        raise bad_request("need administrator rights in the channel chat")
    if thread := call.get("message_thread_id"):
        topic = chat.topics.get(thread)
        if topic is None:
            raise bad_request("message thread not found")
        if topic.closed and not chat.right(world.bot_id, "can_manage_topics"):
            raise bad_request("TOPIC_CLOSED")
    return chat


def envelope(call: Call, chat: Chat) -> JSON:
    """Return the message fields that do not depend on its kind: reply, topic, keyboard, protection."""
    fields: JSON = {}
    if thread := call.get("message_thread_id"):
        fields |= {"message_thread_id": thread, "is_topic_message": True}
    if reply := call.get("reply_parameters"):
        fields |= reply_fields(chat, reply)
    if call.get("protect_content"):
        fields["has_protected_content"] = True
    if effect := call.get("message_effect_id"):
        fields["effect_id"] = effect
    return fields | keyboard_fields(call, chat)


def reply_fields(chat: Chat, reply: JSON) -> JSON:
    """Return `reply_to_message` (and `quote`) for reply parameters."""
    if reply.get("chat_id", chat.id) != chat.id:
        raise bad_request("message to be replied not found")
    original = chat.messages.get(reply["message_id"])
    if original is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    fields: JSON = {"reply_to_message": without_reply(original)}
    if quote := reply.get("quote"):
        if quote not in (original.data.get("text") or original.data.get("caption") or ""):
            raise bad_request("QUOTE_TEXT_INVALID")
        fields["quote"] = {"text": quote, "position": reply.get("quote_position", 0), "is_manual": True}
    return fields


def without_reply(message: Message) -> JSON:
    """Return a message as it is embedded in another one."""
    return {key: value for key, value in message.data.items() if key != "reply_to_message"}


def keyboard_fields(call: Call, chat: Chat) -> JSON:
    """Return `reply_markup` if it belongs to the message; keep a reply keyboard with the chat."""
    markup: JSON | None = call.get("reply_markup")
    if markup is None:
        return {}
    if "keyboard" in markup:
        if not any(markup["keyboard"]):
            raise bad_request("reply keyboard must have at least one button")
        chat.keyboard = markup
    elif markup.get("remove_keyboard"):
        chat.keyboard = None
    return inline_keyboard(markup)


def inline_keyboard(markup: JSON | None) -> JSON:
    """Return the checked inline keyboard as message fields, empty for none.

    Raises:
        ApiError: A button or the whole keyboard is one that Telegram does not take.
    """
    rows = [row for row in (markup or {}).get("inline_keyboard", []) if row]
    if not rows:
        return {}
    if sum(map(len, rows)) > BUTTON_LIMIT or max(map(len, rows)) > ROW_LIMIT:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"reply_markup": {"inline_keyboard": rows}}


def _check_button(button: JSON) -> None:
    opening = "can't parse inline keyboard button: "
    actions = [key for key in _BUTTON_ACTIONS if key in button]
    if not button["text"]:
        raise bad_request(opening + 'Field "text" must be non-empty')
    if not actions:
        raise bad_request(opening + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(opening + "exactly one of the optional fields must be used")
    match actions[0]:
        case "callback_data":
            if not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA_BYTES:
                raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            if not checked_link(button["url"]):
                raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
        case "copy_text":
            if not 1 <= units(button["copy_text"]["text"]) <= COPY_TEXT_LIMIT:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")


def text_fields(source: JSON, name: str = "text") -> JSON:
    """Return `text` and `entities` for a call or an InputTextMessageContent."""
    listed = source.get("entities")
    text, found = entities.formatted(source[name], source.get("parse_mode"), listed)
    if not text:
        raise bad_request("message text is empty")
    if units(text) > entities.TEXT_LIMIT:
        raise bad_request("message is too long")
    fields: JSON = {"text": text}
    if found:
        fields["entities"] = found
    if options := source.get("link_preview_options"):
        fields["link_preview_options"] = options
    return fields


def caption_fields(source: JSON) -> JSON:
    """Return `caption` and `caption_entities`, empty without a caption."""
    if not source.get("caption"):
        return {}
    caption, found = entities.formatted(source["caption"], source.get("parse_mode"), source.get("caption_entities"))
    if units(caption) > entities.CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    fields: JSON = {"caption": caption} if caption else {}
    if found:
        fields["caption_entities"] = found
    if source.get("show_caption_above_media"):
        fields["show_caption_above_media"] = True
    return fields


def media_fields(world: World, call: Call, kind: str, value: Any) -> JSON:
    """Return the message field for a photo, document and so on that was uploaded or is known by its id."""
    stored = stored_file(world, call, kind, value)
    fields: JSON = {kind: stored.as_media()}
    if kind == "animation":
        fields["document"] = {**stored.as_media(), "file_name": stored.name}
        for key in ("width", "height", "duration"):
            fields["document"].pop(key, None)
    return fields


def stored_file(world: World, call: Call, kind: str, value: Any) -> StoredFile:
    """Return the file that a parameter names: an upload, `attach://part`, or a file_id."""
    if isinstance(value, str) and value.startswith("attach://"):
        upload = call.uploads.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        value = upload
    if isinstance(value, Upload):
        return world.files.add(kind, value.name, value.content, value.mime_type)
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = world.files.get(value)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind and kind in KINDS:
        names = stored.kind.title(), kind.title()
        raise bad_request(f"can't use file of type {names[0]} as {names[1]}")
    return stored
