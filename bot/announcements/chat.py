"""Announcements in chat: all handlers of this capability, and the way from a button to what it does."""

from collections.abc import Mapping

from telegram import BotCommand, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.announcements import callbacks
from bot.announcements.audience_chat import AudienceChat
from bot.announcements.callbacks import Verb
from bot.announcements.compose_chat import ComposeChat
from bot.announcements.desk import Desk, OnPress
from bot.announcements.release_chat import ReleaseChat
from bot.announcements.report_chat import ReportChat
from bot.announcements.screens import Screens
from bot.members.commands import RoomCommands
from bot.members.pressing import take_press
from bot.members.screens import Answer
from bot.telegram import Context, Press

OUTDATED = "Diese Schaltfläche ist veraltet. Bitte rufen Sie /ankuendigung neu auf."


class AnnouncementsChat:
    """The handlers of this capability."""

    COMMANDS = RoomCommands(office=[BotCommand("ankuendigung", "Ankündigung schreiben und senden")])

    def __init__(self, desk: Desk, screens: Screens) -> None:
        self._desk = desk
        self._compose = ComposeChat(desk, screens)
        audience, report = AudienceChat(desk, screens), ReportChat(desk, screens)
        release = ReleaseChat(desk, screens, self._compose)
        self._presses: dict[Verb, OnPress] = {
            **self._compose.presses,
            **audience.presses,
            **release.presses,
            **report.presses,
        }
        self.answers: Mapping[str, Answer] = {
            **self._compose.answers,
            **audience.answers,
            **release.answers,
            **report.answers,
        }

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """All handlers, in the order in which they are tried."""
        return [
            CommandHandler("ankuendigung", self._compose.command, filters=filters.UpdateType.MESSAGE),
            CallbackQueryHandler(self.press, pattern=f"^{callbacks.PREFIX}"),
        ]

    async def press(self, update: Update, context: Context) -> None:
        """Any button of this capability; what somebody may not do, the rules refuse."""
        await take_press(update, context, self._do, outdated=OUTDATED, refusal=self._desk.note)

    async def _do(self, press: Press) -> str | None:
        wish = callbacks.decode(press.query.data or "")
        return await self._presses[wish.verb](press, wish.numbers)
