"""What this capability's handlers share: the rules, the templates, how a refusal is said."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardButton, Message, Update

from bot.announcements.callbacks import Verb, encode
from bot.announcements.errors import AnnouncementGoneError, ChangedError, StateError
from bot.announcements.kinds import State
from bot.announcements.rooms import AnnouncementsRooms
from bot.clock import Clock
from bot.content.errors import TooLongError
from bot.dates.reader import DateReader
from bot.members.errors import MembersError, NotAllowedError
from bot.members.rooms import MembersRooms
from bot.rendering import Messages, plain_text
from bot.telegram import Keyboard, Press, replace, reply

OnPress = Callable[[Press, tuple[int, ...]], Awaitable[str | None]]
"""Takes a press with its numbers; returns a short note, or None."""


@dataclass(frozen=True)
class Screen:
    """A message of ours."""

    html: str
    keyboard: Keyboard


@dataclass(frozen=True)
class Desk:
    """What the handlers work with.

    Attributes:
        rooms: The rules of this capability.
        members: Who somebody is, dialogues.
        messages: The German templates.
        dates: Reads times as people type them.
        clock: What time it is.
        contact: How to reach the office.
    """

    rooms: AnnouncementsRooms
    members: MembersRooms
    messages: Messages
    dates: DateReader
    clock: Clock
    contact: str

    def render(self, template: str, **values: Any) -> str:
        """A template as Telegram HTML."""
        return self.messages.render(template, **values)

    async def say(
        self, update: Update, template: str, keyboard: Keyboard | None = None, **values: Any
    ) -> Message | None:
        """Answer with a template."""
        return await reply(update, self.render(template, **values), keyboard)

    async def show(self, update: Update, screen: Screen) -> Message | None:
        """Answer with a screen."""
        return await reply(update, screen.html, screen.keyboard)

    async def turn(self, press: Press, screen: Screen) -> None:
        """Show a screen in the message whose button was pressed."""
        await replace(press, screen.html, screen.keyboard)

    async def ask(self, update: Update, kind: str, announcement_id: int, template: str, **data: Any) -> None:
        """Wait for what somebody types, and say for what."""
        if update.effective_chat is not None:
            await self.members.dialogues.begin(
                update.effective_chat.id, kind, {"announcement": announcement_id, **data}
            )
            await self.say(update, template)

    async def end_dialogue(self, update: Update) -> None:
        """Wait no more."""
        if update.effective_chat is not None:
            await self.members.dialogues.end(update.effective_chat.id)

    async def refuse(self, update: Update, error: MembersError) -> None:
        """Say why something typed is refused; where typing it again cannot help, nothing is waited for any more."""
        if isinstance(error, NotAllowedError | AnnouncementGoneError | ChangedError | StateError):
            await self.end_dialogue(update)
        await reply(update, self.refusal(error))

    def refusal(self, error: MembersError) -> str:
        """The German sentence for a refusal, as Telegram HTML."""
        about = ""
        match error:
            case StateError(state=about):
                pass
            case TooLongError(over=over):
                about = str(over)
        return self.render("refused", code=error.code, about=about, contact=self.contact, State=State)

    def note(self, error: MembersError) -> str:
        """Likewise, as plain text of at most 200 characters for a button's note."""
        return plain_text(self.refusal(error))[:200]


def person_id(update: Update) -> int | None:
    """Who writes or presses."""
    return update.effective_user.id if update.effective_user else None


def typed(update: Update) -> str:
    """What was typed."""
    return (update.message.text or "").strip() if update.message else ""


def button(label: str, verb: Verb, *numbers: int) -> InlineKeyboardButton:
    """A button that carries a wish."""
    return InlineKeyboardButton(label, callback_data=encode(verb, *numbers))
