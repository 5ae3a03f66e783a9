"""Methods that put messages into a chat."""

import random

from bot.sandbox.chats import JSON, Chat, Message
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.methods.calls import Call, method
from bot.sandbox.methods.parts import (
    caption_fields,
    envelope,
    inline_keyboard,
    media_fields,
    target,
    text_fields,
)
from bot.sandbox.world import World

_MEDIA = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVoice": "voice",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendAnimation": "animation",
    "sendSticker": "sticker",
    "sendVideoNote": "video_note",
}
_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
_CONTENT = [
    "text",
    "entities",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "photo",
    "document",
    "voice",
    "video",
    "audio",
    "animation",
    "sticker",
    "video_note",
    "location",
    "venue",
    "contact",
    "dice",
    "link_preview_options",
    "has_media_spoiler",
]
_CAPTIONED = ("photo", "document", "voice", "video", "audio", "animation")
ALBUM_SIZES = range(2, 11)
MANY_LIMIT = 100


@method("sendMessage")
def _send_message(world: World, call: Call) -> JSON:
    chat = target(world, call)
    return _post(world, call, chat, text_fields(call.given))


def _send_media(world: World, call: Call) -> JSON:
    kind = _MEDIA[call.method]
    chat = target(world, call)
    content = media_fields(world, call, kind, call[kind])
    if call.get("has_spoiler"):
        content["has_media_spoiler"] = True
    return _post(world, call, chat, content | caption_fields(call.given))


for _name in _MEDIA:
    method(_name)(_send_media)


@method("sendMediaGroup")
def _send_media_group(world: World, call: Call) -> list[JSON]:
    media = call["media"]
    if len(media) not in ALBUM_SIZES:
        raise bad_request("group of media must include 2-10 items")
    kinds = {item["type"] for item in media}
    for lonely in ("document", "audio"):
        if lonely in kinds and len(kinds) > 1:
            raise bad_request(f"{lonely} can't be mixed with other media types")
    chat = target(world, call, len(media))
    common = envelope(call, chat) | {"media_group_id": str(random.getrandbits(52))}
    contents = [media_fields(world, call, item["type"], item["media"]) | caption_fields(item) for item in media]
    return [world.post(chat, world.bot, content | common).data for content in contents]


@method("sendLocation")
def _send_location(world: World, call: Call) -> JSON:
    chat = target(world, call)
    return _post(world, call, chat, {"location": call.one_of("latitude", "longitude")})


@method("sendVenue")
def _send_venue(world: World, call: Call) -> JSON:
    chat = target(world, call)
    location = call.one_of("latitude", "longitude")
    venue = {"location": location, **call.one_of("title", "address")}
    return _post(world, call, chat, {"venue": venue, "location": location})


@method("sendContact")
def _send_contact(world: World, call: Call) -> JSON:
    chat = target(world, call)
    contact = call.one_of("phone_number", "first_name", "last_name", "vcard")
    return _post(world, call, chat, {"contact": contact})


@method("sendChatAction")
def _send_chat_action(world: World, call: Call) -> bool:
    chat = world.open_chat(call["chat_id"])
    if call["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.typing_until = world.clock.time() + 5
    world.changes.bump()
    return True


@method("copyMessage")
def _copy_message(world: World, call: Call) -> JSON:
    original = _source(world, call, call["message_id"], "copy")
    chat = target(world, call)
    content = _copied(original)
    if "caption" in call.given:
        content = {key: value for key, value in content.items() if "caption" not in key}
        if any(kind in content for kind in _CAPTIONED):
            content |= caption_fields(call.given)
    message = _post(world, call, chat, content)
    return {"message_id": message["message_id"]}


@method("forwardMessage")
def _forward_message(world: World, call: Call) -> JSON:
    original = _source(world, call, call["message_id"], "forward")
    chat = target(world, call)
    return _post(world, call, chat, _copied(original) | {"forward_origin": _origin(original)})


@method("copyMessages")
def _copy_messages(world: World, call: Call) -> list[JSON]:
    return _transfer(world, call, "copy")


@method("forwardMessages")
def _forward_messages(world: World, call: Call) -> list[JSON]:
    return _transfer(world, call, "forward")


def _transfer(world: World, call: Call, verb: str) -> list[JSON]:
    numbers = call["message_ids"]
    if not 1 <= len(numbers) <= MANY_LIMIT:
        raise bad_request("wrong number of message identifiers specified")
    if sorted(set(numbers)) != numbers:
        raise bad_request("message identifiers must be in a strictly increasing order")
    originals = []
    for number in numbers:
        try:
            originals.append(_source(world, call, number, verb))
        except ApiError as error:
            if "not found" not in error.description:
                raise
    if not originals:
        raise bad_request(f"there are no messages to {verb}")
    chat = target(world, call, len(originals))
    sent = []
    for original in originals:
        content = _copied(original)
        if call.get("remove_caption"):
            content = {key: value for key, value in content.items() if "caption" not in key}
        if verb == "forward":
            content["forward_origin"] = _origin(original)
        sent.append({"message_id": _post(world, call, chat, content)["message_id"]})
    return sent


def _source(world: World, call: Call, number: int, verb: str) -> Message:
    chat = world.find_chat(call["from_chat_id"])
    message = chat.messages.get(number)
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if not any(kind in message.data for kind in _CONTENT):
        raise bad_request(f"the message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


def _copied(message: Message) -> JSON:
    return {key: message.data[key] for key in _CONTENT if key in message.data}


def _origin(message: Message) -> JSON:
    if known := message.data.get("forward_origin"):
        return dict(known)
    if message.chat.is_channel:
        origin: JSON = {"type": "channel", "chat": message.chat.data, "message_id": message.id}
    else:
        origin = {"type": "user", "sender_user": message.data["from"]}
    return origin | {"date": message.data["date"]}


def _post(world: World, call: Call, chat: Chat, content: JSON) -> JSON:
    return world.post(chat, world.bot, content | envelope(call, chat)).data


def inline_content(world: World, call: Call, result: JSON) -> JSON:
    """Return the message fields that an inline result puts into a chat.

    Raises:
        ApiError: The result holds nothing that can be sent.
    """
    fields = inline_keyboard(result.get("reply_markup"))
    if content := result.get("input_message_content"):
        return fields | _input_content(content)
    for kind in ("photo", "document", "voice", "video", "audio", "sticker"):
        if file_id := result.get(f"{kind}_file_id"):
            return fields | media_fields(world, call, kind, file_id) | caption_fields(result)
    if "latitude" in result:
        return fields | _input_content(result)
    raise ApiError(501, f"Not Implemented: the sandbox does not send inline results of type {result['type']}")


def _input_content(content: JSON) -> JSON:
    if "message_text" in content:
        return text_fields(content, "message_text")
    if "latitude" in content:
        location = {key: content[key] for key in ("latitude", "longitude")}
        if "address" not in content:
            return {"location": location}
        venue = {"location": location, "title": content["title"], "address": content["address"]}
        return {"venue": venue, "location": location}
    if "phone_number" in content:
        keys = ("phone_number", "first_name", "last_name")
        return {"contact": {key: content[key] for key in keys if key in content}}
    raise ApiError(501, "Not Implemented: the sandbox does not send this message content")
