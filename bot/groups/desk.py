"""What this capability's handlers share: the rules, the templates, how a refusal is said, how a message is shown."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from telegram import Message, Update

from bot.content.errors import TooLongError
from bot.dates.reader import DateReader
from bot.groups.errors import FeedFaultError, LinkTakenError, NewsStateError
from bot.groups.hooks import FindMeeting, More
from bot.groups.rooms import GroupsRooms
from bot.members.errors import MembersError
from bot.members.rooms import MembersRooms
from bot.members.screens import ShowCommands
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
        members: Who somebody is, dialogues, when pushes suit.
        messages: The German templates.
        dates: Reads times as people type them.
        now: What time it is.
        zone: People's time zone.
        contact: How to reach the office.
        find_meeting: The next meeting of a group.
        show_commands: Shows somebody the commands of their role.
        more: What other rooms add to the screens.
    """

    rooms: GroupsRooms
    members: MembersRooms
    messages: Messages
    dates: DateReader
    now: Callable[[], dt.datetime]
    zone: dt.tzinfo
    contact: str
    find_meeting: FindMeeting
    show_commands: ShowCommands
    more: More = field(default_factory=More)

    def render(self, template: str, **values: Any) -> str:
        """A template as Telegram HTML."""
        return self.messages.render(template, **values)

    async def say(
        self, update: Update, template: str, keyboard: Keyboard | None = None, **values: Any
    ) -> Message | None:
        """Answer with a template."""
        return await reply(update, self.render(template, **values), keyboard)

    async def show(self, update: Update, screen: Screen) -> None:
        """Answer with a screen."""
        await reply(update, screen.html, screen.keyboard)

    async def turn(self, press: Press, screen: Screen) -> None:
        """Show a screen in the message whose button was pressed."""
        await replace(press, screen.html, screen.keyboard)

    def refusal(self, error: MembersError) -> str:
        """The German sentence for a refusal, as Telegram HTML."""
        match error:
            case FeedFaultError(reason=about) | LinkTakenError(group=about) | NewsStateError(state=about):
                pass
            case TooLongError(over=over):
                about = str(over)
            case _:
                about = ""
        return self.render("refused", code=error.code, about=about, contact=self.contact)

    def note(self, error: MembersError) -> str:
        """Likewise, as plain text of at most 200 characters for a button's note."""
        return plain_text(self.refusal(error))[:200]


def person_id(update: Update) -> int | None:
    """Who writes or presses."""
    return update.effective_user.id if update.effective_user else None
