"""What the page sees: the chats of one person, with safe HTML."""

from bot.sandbox.chats import JSON, Chat, Message, Person
from bot.sandbox.entities import to_html
from bot.sandbox.methods.about import commands_for
from bot.sandbox.world import World


def state(world: World, person: Person | None) -> JSON:
    """Return everything that the page shows to a person; without a person only the list of persons."""
    shown: JSON = {
        "revision": world.changes.revision,
        "now": world.clock.now().isoformat(timespec="seconds"),
        "bot": world.bot,
        "persons": [entry.as_json() for entry in world.persons.values() if entry.listed],
        "person": person.as_json() if person else None,
        "chats": [],
    }
    if person:
        shown["chats"] = [_chat(world, chat, person) for chat in _chats_of(world, person)]
    return shown


def _chats_of(world: World, person: Person) -> list[Chat]:
    groups = [chat for chat in world.chats.values() if not chat.is_private and chat.has(person.id)]
    return [world.chats[person.id], *(chat for chat in groups if not chat.migrated_to)]


def _chat(world: World, chat: Chat, person: Person) -> JSON:
    return {
        "id": chat.id,
        "type": chat.type,
        "title": world.bot["first_name"] if chat.is_private else chat.data["title"],
        "commands": commands_for(world, chat, person.id),
        "typing": chat.typing_until > world.clock.time(),
        "keyboard": chat.keyboard,
        "pinned": list(chat.pinned),
        "may_write": not chat.is_channel or chat.right(person.id, "can_post_messages"),
        "topics": [{"id": topic.id, "name": topic.name} for topic in chat.topics.values()],
        "messages": [message_view(world, message, person) for message in chat.messages.values()],
    }


def message_view(world: World, message: Message, person: Person) -> JSON:
    """Return a message with what the page needs beside the Bot API's fields."""
    data = message.data
    text: str = data.get("text") or data.get("caption") or ""
    listed: list[JSON] = data.get("entities") or data.get("caption_entities") or []
    shown = data | {
        "html": to_html(text, listed),
        "mine": message.sender == person.id,
        "bot": message.sender == world.bot_id,
        "revision": message.revision,
    }
    if message.reactions:
        shown["reactions"] = _reactions(message)
    if "poll" in data and data["poll"]["id"] in world.polls:
        shown["my_vote"] = world.polls[data["poll"]["id"]].votes.get(person.id, [])
    return shown


def _reactions(message: Message) -> list[JSON]:
    counts: dict[str, int] = {}
    for chosen in message.reactions.values():
        for reaction in chosen:
            emoji = reaction.get("emoji", "")
            counts[emoji] = counts.get(emoji, 0) + 1
    return [{"emoji": emoji, "count": count} for emoji, count in counts.items()]
