"""What persons do: write, edit, press, ask inline, upload, react, vote, block; what groups and channels go through."""

import re
from collections.abc import Sequence
from typing import Any

from bot.sandbox import entities
from bot.sandbox.chats import JSON, Chat, Message, Person, Topic, member
from bot.sandbox.errors import ApiError, ControlError
from bot.sandbox.files import KINDS
from bot.sandbox.methods import Call
from bot.sandbox.methods.changing import is_reaction, set_reactions
from bot.sandbox.methods.parts import without_reply
from bot.sandbox.methods.polls import vote
from bot.sandbox.methods.sending import inline_content
from bot.sandbox.queries import CALLBACK_SECONDS, INLINE_SECONDS, Query
from bot.sandbox.world import World

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
TOPIC_COLOR = 7322096
STATUSES = ("member", "administrator", "creator", "left", "kicked")


def send(
    world: World, person: Person, chat: Chat, text: str, reply_to: int | None = None, thread: int | None = None
) -> Message:
    """Write a message; the bot learns of it if it may."""
    shown, found = entities.typed(text)
    if not shown:
        raise ControlError("Bitte schreiben Sie einen Text.")
    content: JSON = {"text": shown}
    if found:
        content["entities"] = found
    return _post(world, person, chat, content, reply_to, thread)


def upload(
    world: World, person: Person, chat: Chat, kind: str, file: tuple[str, bytes, str | None], caption: str = ""
) -> Message:
    """Send a file: `file` is its name, content and MIME type."""
    if kind not in KINDS:
        raise ControlError(f"Diese Art von Datei gibt es nicht: {kind}")
    name, content, mime_type = file
    try:
        stored = world.files.add(kind, name, content, mime_type)
    except ApiError as error:
        raise ControlError(error.description) from error
    fields: JSON = {kind: stored.as_media()}
    text, found = entities.typed(caption)
    if text:
        fields["caption"] = text
    if found:
        fields["caption_entities"] = found
    return _post(world, person, chat, fields)


def start(world: World, person: Person, payload: str = "") -> Message:
    """Press Start, or open a link to the bot with a payload; this also ends a block."""
    if not _PAYLOAD.fullmatch(payload):
        raise ControlError("Der Link ist zu lang oder enthält unerlaubte Zeichen.")
    if person.blocked:
        block(world, person, blocked=False)
    return send(world, person, world.chats[person.id], f"/start {payload}".strip())


def edit(world: World, person: Person, message: Message, text: str) -> None:
    """Change an own message."""
    if message.sender != person.id:
        raise ControlError("Nur eigene Nachrichten lassen sich ändern.")
    shown, found = entities.typed(text)
    field = "text" if "text" in message.data else "caption"
    listed = "entities" if field == "text" else "caption_entities"
    world.change(message, {field: shown, listed: found or None})
    if _bot_sees(world, message):
        kind = "edited_channel_post" if message.chat.is_channel else "edited_message"
        world.updates.add(kind, message.data, message.chat.id)


def press(world: World, person: Person, message: Message, data: str) -> Query:
    """Press a button with callback data; returns the query that the bot is to answer."""
    rows = message.data.get("reply_markup", {}).get("inline_keyboard", [])
    if not any(button.get("callback_data") == data for row in rows for button in row):
        raise ControlError("Diesen Knopf gibt es an der Nachricht nicht.")
    query = world.queries.ask(person.id, CALLBACK_SECONDS)
    update: JSON = {"id": query.id, "from": person.user, "chat_instance": str(message.chat.id), "data": data}
    if message.inline_id:
        update["inline_message_id"] = message.inline_id
    else:
        update["message"] = message.data
    world.updates.add("callback_query", update, message.chat.id)
    return query


def ask_inline(world: World, person: Person, chat: Chat, text: str, offset: str = "") -> Query:
    """Type `@bot text` in a chat; returns the query that the bot is to answer."""
    query = world.queries.ask(person.id, INLINE_SECONDS)
    kind = "sender" if chat.is_private else chat.type
    update = {"id": query.id, "from": person.user, "query": text, "offset": offset, "chat_type": kind}
    world.updates.add("inline_query", update, person.id)
    query.text = text
    return query


def choose_inline(world: World, person: Person, chat: Chat, query_id: str, result_id: str) -> Message:
    """Send one of the results of an inline query."""
    query = world.queries.get(query_id)
    results = (query.answer or {}).get("results", []) if query else []
    result = next((entry for entry in results if entry["id"] == result_id), None)
    if query is None or result is None:
        raise ControlError("Dieses Ergebnis gibt es nicht mehr.")
    content = inline_content(world, Call("answerInlineQuery", {}), result)
    message = _post(world, person, chat, content | {"via_bot": world.bot})
    chosen: JSON = {"result_id": result_id, "from": person.user, "query": query.text}
    if "reply_markup" in content:
        message.inline_id = f"inline-{chat.id}-{message.id}"
        world.inline_messages[message.inline_id] = message
        chosen["inline_message_id"] = message.inline_id
    world.updates.add("chosen_inline_result", chosen, person.id)
    return message


def react(world: World, person: Person, message: Message, emoji: str) -> None:
    """Set an own reaction; an empty emoji takes it back."""
    if emoji and not is_reaction(emoji):
        raise ControlError("Diese Reaktion gibt es nicht.")
    reactions = [{"type": "emoji", "emoji": emoji}] if emoji else []
    before = set_reactions(world, message, person.id, reactions)
    chat = message.chat
    if chat.is_channel:  # who reacts there is told nobody
        return
    if chat.is_private or chat.status(world.bot_id) == "administrator":
        update: JSON = {"chat": chat.data, "message_id": message.id, "user": person.user, "date": world.now()}
        update |= {"old_reaction": before, "new_reaction": reactions}
        world.updates.add("message_reaction", update, chat.id)


def vote_in_poll(world: World, person: Person, message: Message, options: Sequence[int]) -> None:
    """Vote; no options take the vote back."""
    poll = message.data.get("poll")
    if poll is None or poll["is_closed"]:
        raise ControlError("Diese Abstimmung ist geschlossen.")
    if any(not 0 <= index < len(poll["options"]) for index in options):
        raise ControlError("Diese Antwort gibt es nicht.")
    if len(options) > 1 and not poll["allows_multiple_answers"]:
        raise ControlError("Hier ist nur eine Antwort möglich.")
    vote(world, message, person.user, list(options))


def block(world: World, person: Person, *, blocked: bool) -> None:
    """Block the bot, or unblock it."""
    if person.blocked == blocked:
        return
    person.blocked = blocked
    world.changes.bump()
    old, new = ("member", "kicked") if blocked else ("kicked", "member")
    change: JSON = {"chat": world.chats[person.id].data, "from": person.user, "date": world.now()}
    change |= {"old_chat_member": member(world.bot, old), "new_chat_member": member(world.bot, new)}
    world.updates.add("my_chat_member", change, person.id)


def deactivate(world: World, person: Person) -> None:
    """Delete somebody's account; the bot learns of it only when it writes."""
    person.deactivated = True
    world.changes.bump()


def found_group(
    world: World,
    title: str,
    persons: Sequence[Person],
    *,
    with_bot: bool,
    forum: bool = False,
    supergroup: bool = False,
) -> Chat:
    """Found a group; the first person owns it."""
    chat = world.add_group(title, forum=forum, supergroup=supergroup)
    for number, person in enumerate(persons):
        chat.members[person.id] = member(person.user, "member" if number else "creator")
    if with_bot:
        set_status(world, chat, None, "member", persons[0].user if persons else world.bot)
    return chat


def open_channel(
    world: World, title: str, persons: Sequence[Person], *, with_bot: bool, username: str | None = None
) -> Chat:
    """Open a channel; the first person owns it, the others follow it."""
    chat = world.add_channel(title, username)
    for number, person in enumerate(persons):
        chat.members[person.id] = member(person.user, "member" if number else "creator")
    if with_bot:
        set_status(world, chat, None, "administrator", persons[0].user if persons else world.bot)
    return chat


def create_topic(world: World, person: Person, chat: Chat, name: str) -> Topic:
    """Open a topic of a forum."""
    if not chat.data.get("is_forum"):
        raise ControlError("Diese Gruppe ist kein Forum.")
    _check_may_write(person, chat)
    content: JSON = {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOR}}
    created = world.post(chat, person.user, content)
    topic = chat.topics[created.id] = Topic(created.id, name, TOPIC_COLOR)
    world.change(created, {"message_thread_id": created.id, "is_topic_message": True}, edited=False)
    if chat.has(world.bot_id):
        world.updates.add("message", created.data, chat.id)
    return topic


def set_status(
    world: World,
    chat: Chat,
    person: Person | None,
    status: str,
    actor: JSON | None = None,
    *,
    may_post: bool = True,
) -> None:
    """Give a person (None: the bot) a status in a group or channel, with the service message that belongs to it.

    Args:
        world: The world.
        chat: A group or channel.
        person: Who; None: the bot.
        status: One of `STATUSES`; in a channel the bot is an administrator or not there at all.
        actor: Who does it; the owner if not told.
        may_post: Whether an administrator of a channel may write there.
    """
    if status not in STATUSES:
        raise ControlError(f"Diesen Status gibt es nicht: {status}")
    user = person.user if person else world.bot
    actor = actor or _owner(chat) or user
    if chat.is_channel:
        if person is None and status == "member":
            raise ControlError("In einem Kanal ist der Bot Administrator oder nicht dabei.")
        entry = member(user, status, channel=True)
        if status == "administrator":
            entry["can_post_messages"] = may_post
        world.set_member(chat, user, status, actor, entry)
        return
    was_there, is_there = chat.has(user["id"]), status not in ("left", "kicked")
    if not was_there and is_there:
        world.set_member(chat, user, status, actor)
        _announce(world, actor, chat, {"new_chat_members": [user]})
    elif was_there and not is_there:
        left = world.post(chat, user if status == "left" else actor, {"left_chat_member": user})
        if chat.has(world.bot_id):
            world.updates.add("message", left.data, chat.id)
        world.set_member(chat, user, status, user if status == "left" else actor)
    else:
        world.set_member(chat, user, status, actor)


def _owner(chat: Chat) -> JSON | None:
    owners = (entry["user"] for entry in chat.members.values() if entry["status"] == "creator")
    return next(owners, None)


def _announce(world: World, actor: JSON, chat: Chat, content: JSON) -> None:
    message = world.post(chat, actor, content)
    if chat.has(world.bot_id):
        world.updates.add("message", message.data, chat.id)


def _post(
    world: World, person: Person, chat: Chat, content: JSON, reply_to: int | None = None, thread: int | None = None
) -> Message:
    _check_may_write(person, chat)
    if reply_to is not None:
        original = chat.messages.get(reply_to)
        if original is None:
            raise ControlError("Die Nachricht, auf die geantwortet wird, gibt es nicht mehr.")
        content = content | {"reply_to_message": without_reply(original)}
        thread = thread or original.data.get("message_thread_id")
    if thread:
        if thread not in chat.topics:
            raise ControlError("Dieses Thema gibt es nicht.")
        if "reply_to_message" not in content and thread in chat.messages:  # so Telegram names the topic
            content = content | {"reply_to_message": without_reply(chat.messages[thread])}
        content = content | {"message_thread_id": thread, "is_topic_message": True}
    message = world.post(chat, person.user, content)
    if chat.is_private:
        person.started = True
        if chat.keyboard and chat.keyboard.get("one_time_keyboard"):
            chat.keyboard = None
    if _bot_sees(world, message):
        world.updates.add("channel_post" if chat.is_channel else "message", message.data, chat.id)
    return message


def _check_may_write(person: Person, chat: Chat) -> None:
    if person.deactivated:
        raise ControlError("Dieses Konto ist gelöscht.")
    if chat.is_private and person.blocked:
        raise ControlError("Der Bot ist blockiert.")
    if chat.is_private and person.id != chat.id:
        raise ControlError("Das ist der Chat einer anderen Person.")
    if not chat.is_private and not chat.has(person.id):
        raise ControlError("Diese Person ist nicht in der Gruppe.")
    if chat.is_channel and not chat.right(person.id, "can_post_messages"):
        raise ControlError("In einem Kanal schreiben nur Administratoren.")
    if chat.migrated_to:
        raise ControlError("Die Gruppe ist jetzt eine Supergruppe.")


def _bot_sees(world: World, message: Message) -> bool:
    """Return whether the bot gets this message: in groups privacy mode holds back what is not meant for it."""
    chat = message.chat
    if chat.is_private:
        return True
    if not chat.has(world.bot_id):
        return False
    if chat.is_channel:
        return True
    if not world.privacy_mode or chat.status(world.bot_id) == "administrator":
        return True
    data = message.data
    if data.get("via_bot", {}).get("id") == world.bot_id:
        return True
    if data.get("reply_to_message", {}).get("from", {}).get("id") == world.bot_id:
        return True
    return _names_bot(world, data)


def _names_bot(world: World, data: JSON) -> bool:
    text = str(data.get("text") or data.get("caption") or "")
    encoded = text.encode("utf-16-le")
    username = "@" + str(world.bot["username"]).lower()
    for entity in data.get("entities") or data.get("caption_entities") or []:
        start, stop = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        words: Any = encoded[start:stop].decode("utf-16-le").lower()
        if entity["type"] == "mention" and words == username:
            return True
        if entity["type"] == "bot_command" and ("@" not in words or words.endswith(username)):
            return True
    return False
