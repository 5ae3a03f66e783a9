"""Methods about groups: what they are, who is in them, and the topics of a forum."""

from typing import Any

from bot.sandbox.chats import ADMIN_RIGHTS, JSON, Chat, Topic, member
from bot.sandbox.errors import bad_request
from bot.sandbox.methods.calls import Call, method
from bot.sandbox.world import World

TITLE_LIMIT = 128
DESCRIPTION_LIMIT = 255
_TOPIC_COLOR = 7322096
_PERMISSIONS = [
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_invite_users",
]
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


@method("getChat")
def _get_chat(world: World, call: Call) -> JSON:
    chat = world.find_chat(call["chat_id"])
    full: JSON = {
        **chat.data,
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if not chat.is_private:
        world.open_chat(chat.id)
    if not chat.is_private and not chat.is_channel:
        full["permissions"] = dict.fromkeys(_PERMISSIONS, True)
    if chat.description:
        full["description"] = chat.description
    if chat.pinned:
        full["pinned_message"] = chat.messages[chat.pinned[-1]].data
    return full


@method("getChatMember")
def _get_member(world: World, call: Call) -> JSON:
    chat = world.open_chat(call["chat_id"])
    user_id = call["user_id"]
    if user_id in chat.members:
        return chat.members[user_id]
    user = world.bot if user_id == world.bot_id else _user(world, user_id)
    here = chat.is_private and user_id in (chat.id, world.bot_id)
    return member(user, "member" if here else "left")


def _user(world: World, user_id: int) -> JSON:
    if user_id not in world.persons:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return world.persons[user_id].user


@method("getChatAdministrators")
def _get_administrators(world: World, call: Call) -> list[JSON]:
    chat = _group(world, call, "there are no administrators in the private chat")
    return [entry for entry in chat.members.values() if entry["status"] in ("creator", "administrator")]


@method("getChatMemberCount")
def _count_members(world: World, call: Call) -> int:
    chat = world.open_chat(call["chat_id"])
    return 2 if chat.is_private else sum(chat.has(user_id) for user_id in chat.members)


@method("leaveChat")
def _leave(world: World, call: Call) -> bool:
    chat = _group(world, call, "chat member status can't be changed in private chats")
    world.set_member(chat, world.bot, "left", world.bot)
    if not chat.is_channel:
        world.post(chat, world.bot, {"left_chat_member": world.bot})
    return True


@method("banChatMember")
def _ban(world: World, call: Call) -> bool:
    chat = _administered(world, call, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    world.set_member(chat, _user(world, call["user_id"]), "kicked", world.bot)
    return True


@method("unbanChatMember")
def _unban(world: World, call: Call) -> bool:
    chat = _administered(world, call, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    user = _user(world, call["user_id"])
    if chat.status(user["id"]) == "kicked" or not call.get("only_if_banned"):
        world.set_member(chat, user, "left", world.bot)
    return True


@method("promoteChatMember")
def _promote(world: World, call: Call) -> bool:
    chat = _administered(world, call, "can_promote_members", "not enough rights")
    user = _user(world, call["user_id"])
    rights = {right: bool(call.get(right)) for right in ADMIN_RIGHTS}
    if any(rights.values()):
        world.set_member(chat, user, "administrator", world.bot, member(user, "administrator") | rights)
    else:
        world.set_member(chat, user, "member", world.bot)
    return True


@method("setChatTitle")
def _set_title(world: World, call: Call) -> bool:
    chat = _administered(world, call, "can_change_info", "not enough rights to change chat title")
    title = call["title"].strip()
    if not 1 <= len(title) <= TITLE_LIMIT:
        raise bad_request("chat title must be non-empty" if not title else "chat title is too long")
    chat.data = {**chat.data, "title": title}
    world.post(chat, world.bot, {"new_chat_title": title})
    return True


@method("setChatDescription")
def _set_description(world: World, call: Call) -> bool:
    chat = _administered(world, call, "can_change_info", "not enough rights to set chat description")
    description = call.get("description", "")
    if len(description) > DESCRIPTION_LIMIT:
        raise bad_request("chat description is too long")
    if description == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = description
    return True


@method("createForumTopic")
def _create_topic(world: World, call: Call) -> JSON:
    chat = _forum(world, call)
    name = _topic_name(call["name"])
    color = call.get("icon_color", _TOPIC_COLOR)
    created = world.post(chat, world.bot, {"forum_topic_created": {"name": name, "icon_color": color}})
    chat.topics[created.id] = Topic(created.id, name, color)
    world.change(created, {"message_thread_id": created.id, "is_topic_message": True}, edited=False)
    return {"message_thread_id": created.id, "name": name, "icon_color": color}


@method("editForumTopic")
def _edit_topic(world: World, call: Call) -> bool:
    chat = _forum(world, call)
    topic = _topic(chat, call)
    name = _topic_name(call.get("name", topic.name))
    if name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    world.post(chat, world.bot, {"forum_topic_edited": {"name": name}, **_in_topic(topic)})
    return True


@method("closeForumTopic")
def _close_topic(world: World, call: Call) -> bool:
    return _turn_topic(world, call, "forum_topic_closed")


@method("reopenForumTopic")
def _reopen_topic(world: World, call: Call) -> bool:
    return _turn_topic(world, call, "forum_topic_reopened")


def _turn_topic(world: World, call: Call, change: str) -> bool:
    chat = _forum(world, call)
    topic = _topic(chat, call)
    closed = change == "forum_topic_closed"
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    world.post(chat, world.bot, {change: {}, **_in_topic(topic)})
    return True


@method("deleteForumTopic")
def _delete_topic(world: World, call: Call) -> bool:
    chat = _forum(world, call)
    topic = _topic(chat, call)
    inside = [m for m in chat.messages.values() if m.data.get("message_thread_id") == topic.id]
    for message in inside:
        world.delete(message)
    del chat.topics[topic.id]
    return True


def _group(world: World, call: Call, refusal: str) -> Chat:
    chat = world.open_chat(call["chat_id"])
    if chat.is_private:
        raise bad_request(refusal)
    return chat


def _administered(world: World, call: Call, right: str, refusal: str) -> Chat:
    chat = _group(world, call, "method is available only for group, supergroup and channel chats")
    if not chat.right(world.bot_id, right):
        raise bad_request(refusal)
    return chat


def _forum(world: World, call: Call) -> Chat:
    chat = world.open_chat(call["chat_id"])
    if not chat.data.get("is_forum"):
        raise bad_request("the chat is not a forum")
    if not chat.right(world.bot_id, "can_manage_topics"):
        raise bad_request("not enough rights to create a topic")
    return chat


def _topic(chat: Chat, call: Call) -> Topic:
    topic = chat.topics.get(call["message_thread_id"])
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _topic_name(name: str) -> str:
    if not 1 <= len(name) <= TITLE_LIMIT:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    return name


def _in_topic(topic: Topic) -> dict[str, Any]:
    return {"message_thread_id": topic.id, "is_topic_message": True}
