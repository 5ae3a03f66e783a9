"""Persons, chats, members and messages: what the sandbox remembers."""

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

PRESENT = ("creator", "administrator", "member")


@dataclass(slots=True)
class Person:
    """Somebody who uses Telegram in the sandbox."""

    user: JSON
    about: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    listed: bool = True

    @property
    def id(self) -> int:
        """The user's id, which is also that of the private chat with the bot."""
        return int(self.user["id"])

    def as_json(self) -> JSON:
        """Return what the page shows of a person."""
        shown = {key: self.user.get(key) for key in ("id", "first_name", "last_name", "username")}
        return shown | {"about": self.about, "started": self.started, "blocked": self.blocked}


@dataclass(slots=True)
class Message:
    """A message; `data` is its Bot API form and is replaced, never changed, by an edit."""

    data: JSON
    chat: "Chat"
    sender: int
    revision: int = 0
    inline_id: str | None = None
    reactions: dict[int, list[JSON]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The message's number in its chat."""
        return int(self.data["message_id"])


@dataclass(slots=True)
class Poll:
    """A poll's votes by voter; its message holds what is shown."""

    message: Message
    votes: dict[int, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Topic:
    """A topic of a forum."""

    id: int
    name: str
    icon_color: int
    closed: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat with the bot, a group or a channel."""

    data: JSON
    members: dict[int, JSON] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    last_id: int = 0
    typing_until: float = 0.0
    keyboard: JSON | None = None
    description: str = ""
    menu_button: JSON | None = None

    @property
    def id(self) -> int:
        """The chat's id: positive for a private chat, negative for a group or channel."""
        return int(self.data["id"])

    @property
    def type(self) -> str:
        """One of private, group, supergroup, channel."""
        return str(self.data["type"])

    @property
    def is_private(self) -> bool:
        """Whether this is a person's chat with the bot."""
        return self.type == "private"

    @property
    def is_channel(self) -> bool:
        """Whether only administrators write here, in the channel's name."""
        return self.type == "channel"

    def status(self, user_id: int) -> str:
        """Return a user's status in this chat, "left" for one who never was in it."""
        return str(self.members.get(user_id, {"status": "left"})["status"])

    def has(self, user_id: int) -> bool:
        """Return whether the user is in this chat now."""
        return self.status(user_id) in PRESENT

    def right(self, user_id: int, name: str) -> bool:
        """Return whether the user may do `name` (a `can_...` field) here."""
        member = self.members.get(user_id, {})
        return member.get("status") == "creator" or bool(member.get(name))


ADMIN_RIGHTS = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
]
_ONLY_IN_GROUPS = ("can_pin_messages", "can_manage_topics")
_ONLY_IN_CHANNELS = ("can_post_messages", "can_edit_messages")


def member(user: JSON, status: str, *, channel: bool = False) -> JSON:
    """Return a ChatMember of the given status with the rights that it usually has in a group, or in a channel."""
    entry: JSON = {"status": status, "user": user}
    match status:
        case "administrator":
            entry |= {"can_be_edited": False, "is_anonymous": False}
            foreign, own = (_ONLY_IN_GROUPS, _ONLY_IN_CHANNELS) if channel else ((), ())
            rights = [right for right in ADMIN_RIGHTS if right not in foreign]
            entry |= {right: right != "can_promote_members" for right in (*rights, *own)}
        case "creator":
            entry["is_anonymous"] = False
        case "kicked":
            entry["until_date"] = 0
    return entry
