"""What this capability's handlers share: who acts, how a refusal is said, towns as buttons."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telegram import Bot, InlineKeyboardButton, Update

from bot.delivery.service import Outbox
from bot.members.callbacks import Verb, button
from bot.members.dialogues import Open
from bot.members.errors import InvitationError, MembersError
from bot.members.following import Following
from bot.members.joining import Newcomer
from bot.members.models import Town
from bot.members.privacy import Privacy
from bot.members.profiles import Profile
from bot.members.roles import ROLE_NAMES
from bot.members.rooms import MembersRooms
from bot.rendering import Messages, plain_text
from bot.telegram import Context, Keyboard, Press, reply

Answer = Callable[[Update, Context, Open], Awaitable[None]]
"""Takes what somebody wrote to a dialogue that waits."""
OnPress = Callable[[Press, tuple[int, ...], str], Awaitable[str | None]]
"""Takes a press with its numbers and its text; returns a short note, or None."""
GroupNames = Callable[[], Awaitable[Mapping[str, str]]]
"""The working groups: title by key."""
Greeting = Callable[[Update, Context], Awaitable[None]]
"""Says who Lotse is, with examples to try."""
ShowCommands = Callable[[Bot, Profile], Awaitable[None]]
"""Shows somebody the commands of their role."""


@dataclass(frozen=True)
class Desk:
    """What the handlers work with.

    Attributes:
        rooms: The rules.
        messages: The German templates.
        outbox: The way out for what nobody asked for just now.
        privacy: What is kept about people, over all rooms.
        groups: The working groups.
        following: Who follows them.
        greet: What `/start` says.
        contact: How to reach the office.
        show_commands: After a role has changed.
        next_rows: Where somebody goes on who has just joined: to the working groups.
    """

    rooms: MembersRooms
    messages: Messages
    outbox: Outbox
    privacy: Privacy
    groups: GroupNames
    following: Following
    greet: Greeting
    contact: str
    show_commands: ShowCommands
    next_rows: Keyboard = field(default_factory=list)

    async def say(self, update: Update, template: str, keyboard: Keyboard | None = None, **values: Any) -> None:
        """Answer with a template."""
        await reply(update, self.messages.render(template, **values), keyboard)

    def refusal(self, error: MembersError) -> str:
        """The German sentence for a refusal, as Telegram HTML."""
        problem = error.problem if isinstance(error, InvitationError) else None
        return self.messages.render("refused", code=error.code, problem=problem, contact=self.contact)

    def note(self, error: MembersError) -> str:
        """Likewise, as plain text of at most 200 characters for a button's note."""
        return plain_text(self.refusal(error))[:200]


def person_id(update: Update) -> int | None:
    """Who writes or presses."""
    return update.effective_user.id if update.effective_user else None


def newcomer(update: Update) -> Newcomer:
    """Who writes or presses, as Telegram names them."""
    user = update.effective_user
    if user is None:
        raise ValueError("nobody acts")
    return Newcomer(user.id, user.full_name, user.username)


def message_text(update: Update) -> str:
    """What was typed."""
    return (update.message.text or "").strip() if update.message else ""


def after_command(update: Update) -> str:
    """What follows the command."""
    parts = message_text(update).split(maxsplit=1)
    return parts[1] if len(parts) > 1 else ""


def role_name(profile: Profile) -> str:
    """The German name of somebody's role."""
    return ROLE_NAMES[profile.role]


def town_rows(towns: Iterable[Town], purpose: int, *more: int) -> list[list[InlineKeyboardButton]]:
    """Towns as buttons, one a row: names are long, phones narrow."""
    return [[button(town.name, Verb.TOWN, purpose, town.id, *more)] for town in towns]
