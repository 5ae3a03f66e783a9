"""The sandbox's world: one bot, its persons, chats and files, and the queue of updates."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.changes import Changes
from bot.sandbox.chats import JSON, Chat, Message, Person, Poll, member
from bot.sandbox.clock import Clock
from bot.sandbox.errors import ControlError, bad_request, forbidden
from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.limits import Limits
from bot.sandbox.queries import Queries
from bot.sandbox.updates import Updates

DEFAULT_TOKEN = "7000000001:sandbox-only-no-secret-000"  # noqa: S105 - opens nothing but the sandbox
FIRST_PERSON = 100_000_001
FIRST_GROUP = 4_000_000_001
FIRST_SUPERGROUP = 1_002_000_000_001


@dataclass
class Profile:
    """What the bot said about itself."""

    commands: dict[tuple[Any, ...], list[JSON]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_button: JSON = field(default_factory=lambda: {"type": "commands"})
    logged_out_until: float = 0.0


class World:
    """All state of the sandbox. Only the event loop touches it.

    Args:
        token: The token that tests and the demo use; others of the right form open the same bot.
        clock: The clock that persons and the bot live by.
        privacy_mode: Whether the bot, as no administrator, sees only what in a group is meant for it.
    """

    def __init__(self, token: str = DEFAULT_TOKEN, clock: Clock | None = None, *, privacy_mode: bool = True) -> None:
        self.token = token
        self.clock = clock or Clock()
        self.privacy_mode = privacy_mode
        self.bot: JSON = {
            "id": int(token.split(":", maxsplit=1)[0]),
            "is_bot": True,
            "first_name": "Lotse",
            "username": "lotse_demo_bot",
        }
        self.persons: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.inline_messages: dict[str, Message] = {}
        self.polls: dict[str, Poll] = {}
        self.files = Files()
        self.profile = Profile()
        self.faults = Faults()
        self.limits = Limits()
        self.changes = Changes()
        self.updates = Updates(self.clock, self.changes)
        self.queries = Queries(self.clock, self.changes)
        self.record: list[JSON] = []
        self.calls_in_flight = 0
        self.last_call = 0.0
        self._last_message_id = 0
        self._next_group = FIRST_GROUP
        self._next_supergroup = FIRST_SUPERGROUP

    @property
    def bot_id(self) -> int:
        """The bot's user id."""
        return int(self.bot["id"])

    def now(self) -> int:
        """Return the date for a message, seconds since 1970."""
        return int(self.clock.time())

    def close(self) -> None:
        """End all waiting; the server stops."""
        self.changes.close()
        self.updates.close()
        self.queries.close()

    def add_person(self, first_name: str, **fields: Any) -> Person:
        """Add somebody.

        Args:
            first_name: As Telegram shows it.
            **fields: `id`, `last_name`, `username`, `about`, `started`, `listed`.
        """
        person_id = int(fields.pop("id", None) or FIRST_PERSON + len(self.persons))
        if person_id in self.persons:
            raise ControlError(f"Die Person {person_id} gibt es schon.")
        user: JSON = {"id": person_id, "is_bot": False, "first_name": first_name, "language_code": "de"}
        for key in ("last_name", "username"):
            if value := fields.pop(key, None):
                user[key] = value
        person = Person(user, **fields)
        self.persons[person_id] = person
        chat: JSON = {"id": person_id, "type": "private"}
        chat |= {key: user[key] for key in ("first_name", "last_name", "username") if key in user}
        self.chats[person_id] = Chat(chat)
        self.changes.bump()
        return person

    def add_group(self, title: str, *, forum: bool = False, supergroup: bool = False) -> Chat:
        """Add a group without members; a forum is always a supergroup."""
        if forum or supergroup:
            data: JSON = {"id": -self._next_supergroup, "type": "supergroup", "title": title}
            self._next_supergroup += 1
            if forum:
                data["is_forum"] = True
        else:
            data = {"id": -self._next_group, "type": "group", "title": title}
            self._next_group += 1
        chat = Chat(data)
        self.chats[chat.id] = chat
        self.changes.bump()
        return chat

    def add_channel(self, title: str, username: str | None = None) -> Chat:
        """Add a channel that nobody follows yet; with a user name it is public."""
        data: JSON = {"id": -self._next_supergroup, "type": "channel", "title": title}
        self._next_supergroup += 1
        if username:
            data["username"] = username
        chat = Chat(data)
        self.chats[chat.id] = chat
        self.changes.bump()
        return chat

    def find_chat(self, chat_id: int | str) -> Chat:
        """Return a chat as a call names it.

        Raises:
            ApiError: There is none, or it became a supergroup.
        """
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._chat_by_name(chat_id)
        if chat is None:
            raise bad_request("chat not found" if chat_id != "" else "chat_id is empty")
        if chat.migrated_to:
            reason = "group chat was upgraded to a supergroup chat"
            raise bad_request(reason, migrate_to_chat_id=chat.migrated_to)
        return chat

    def open_chat(self, chat_id: int | str) -> Chat:
        """Return a chat that the bot may write to now.

        Raises:
            ApiError: Not found, migrated, blocked, never started, deactivated, or the bot is no member.
        """
        chat = self.find_chat(chat_id)
        if chat.is_private:
            person = self.persons[chat.id]
            if person.deactivated:
                raise forbidden("user is deactivated")
            if person.blocked:
                raise forbidden("bot was blocked by the user")
            if not person.started:
                raise forbidden("bot can't initiate conversation with a user")
        elif not chat.has(self.bot_id):
            if chat.status(self.bot_id) == "kicked":
                raise forbidden(f"bot was kicked from the {chat.type} chat")
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def post(self, chat: Chat, sender: JSON, content: JSON) -> Message:
        """Put a message into a chat; `content` holds the fields beside id, date, sender and chat.

        In a channel nobody sees who wrote it: it comes from the channel.
        """
        data: JSON = {
            "message_id": self._next_message_id(chat),
            **({"sender_chat": chat.data} if chat.is_channel else {"from": sender}),
            "chat": chat.data,
            "date": self.now(),
            **content,
        }
        message = Message(data, chat, int(sender["id"]))
        chat.messages[message.id] = message
        chat.typing_until = 0.0
        message.revision = self.changes.bump()
        return message

    def change(self, message: Message, changed: JSON, *, edited: bool = True) -> None:
        """Replace fields of a message; a field that is None is taken away."""
        data = {**message.data, **changed}
        if edited:
            data["edit_date"] = self.now()
        message.data = {key: value for key, value in data.items() if value is not None}
        message.revision = self.changes.bump()

    def delete(self, message: Message) -> None:
        """Take a message away for everybody."""
        message.chat.messages.pop(message.id, None)
        if message.id in message.chat.pinned:
            message.chat.pinned.remove(message.id)
        if message.inline_id:
            self.inline_messages.pop(message.inline_id, None)
        self.changes.bump()

    def set_member(self, chat: Chat, user: JSON, status: str, actor: JSON, entry: JSON | None = None) -> None:
        """Change somebody's status in a group or channel, and tell the bot if it may know."""
        old = chat.members.get(user["id"]) or member(user, "left")
        new = entry or member(user, status, channel=chat.is_channel)
        chat.members[user["id"]] = new
        self.changes.bump()
        is_bot = user["id"] == self.bot_id
        change = {"chat": chat.data, "from": actor, "date": self.now()}
        change |= {"old_chat_member": old, "new_chat_member": new}
        if is_bot:
            self.updates.add("my_chat_member", change, chat.id)
        elif chat.status(self.bot_id) == "administrator":
            self.updates.add("chat_member", change, chat.id)

    def migrate(self, chat: Chat) -> Chat:
        """Make a group a supergroup with a new id; its old messages stay behind."""
        new = self.add_group(chat.data["title"], supergroup=True)
        new.members = dict(chat.members)
        actor = next((entry["user"] for entry in chat.members.values()), self.bot)
        leaving = self.post(chat, actor, {"migrate_to_chat_id": new.id})
        chat.migrated_to = new.id
        arriving = self.post(new, actor, {"migrate_from_chat_id": chat.id})
        if new.has(self.bot_id):
            self.updates.add("message", leaving.data, chat.id)
            self.updates.add("message", arriving.data, new.id)
        return new

    def _chat_by_name(self, name: str) -> Chat | None:
        wanted = name.removeprefix("@").lower()
        return next(
            (
                chat
                for chat in self.chats.values()
                if str(chat.data.get("username", "")).lower() == wanted and not chat.is_private
            ),
            None,
        )

    def _next_message_id(self, chat: Chat) -> int:
        if chat.type in ("supergroup", "channel"):
            chat.last_id += 1
            return chat.last_id
        self._last_message_id += 1
        return self._last_message_id
