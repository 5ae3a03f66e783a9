"""Working groups in chat: all handlers of this capability, and the way from a button to what it does."""

from collections.abc import Mapping

from telegram import BotCommand, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.callbacks import OddButtonError
from bot.groups import callbacks
from bot.groups.callbacks import Verb
from bot.groups.desk import Desk, OnPress
from bot.groups.feeds_chat import FeedsChat
from bot.groups.groups_chat import GroupsScreens
from bot.groups.links_chat import LinksChat
from bot.groups.news_chat import NewsChat
from bot.groups.settings_chat import SettingsChat
from bot.groups.wording import GROUP_LINK, NEWS_LINK
from bot.members.commands import RoomCommands
from bot.members.pressing import take_press
from bot.members.screens import Answer
from bot.telegram import Context, Press

OUTDATED = "Diese Schaltfläche ist veraltet. Bitte rufen Sie /gruppen neu auf."


class GroupsChat:
    """The handlers of this capability."""

    COMMANDS = RoomCommands(
        everyone=[
            BotCommand("gruppen", "Arbeitsgruppen: lesen, abonnieren"),
            BotCommand("einstellungen", "Wann und wie oft ich schreibe"),
        ],
        groups=[
            BotCommand("gruppen", "Arbeitsgruppen des Bündnisses"),
            BotCommand("verknuepfen", "Neuigkeiten einer Arbeitsgruppe hier zeigen"),
        ],
        leads=[BotCommand("nachricht", "Neuigkeiten an eine Arbeitsgruppe")],
    )

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._groups = GroupsScreens(desk)
        self._news = NewsChat(desk)
        self._feeds = FeedsChat(desk)
        self._links = LinksChat(desk)
        self._settings = SettingsChat(desk)
        self._presses: dict[Verb, OnPress] = {
            **self._settings.presses,
            **self._groups.presses,
            **self._news.presses,
            **self._feeds.presses,
            **self._links.presses,
            Verb.MODE: self._mode,
        }

    @property
    def answers(self) -> Mapping[str, Answer]:
        """Who takes what is written to an open dialogue, by its kind."""
        return {
            **self._groups.answers,
            **self._news.answers,
            **self._feeds.answers,
            **self._settings.answers,
        }

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """All handlers, in the order in which they are tried."""
        new = filters.UpdateType.MESSAGE
        link = filters.Regex(rf"^/start(@\w+)? ({GROUP_LINK}|{NEWS_LINK})")
        return [
            CommandHandler("start", self._groups.open_link, filters=new & link),
            CommandHandler("gruppen", self._groups.list_groups, filters=new),
            CommandHandler("nachricht", self._news.write, filters=new),
            CommandHandler("einstellungen", self._settings.settings, filters=new),
            CommandHandler("verknuepfen", self._links.link_here, filters=new),
            MessageHandler(filters.StatusUpdate.MIGRATE, self._links.moved),
            ChatMemberHandler(self._links.status, ChatMemberHandler.MY_CHAT_MEMBER),
            CallbackQueryHandler(self.press, pattern=f"^{callbacks.PREFIX}"),
        ]

    async def press(self, update: Update, context: Context) -> None:
        """Any button of this capability; what somebody may not do, the rules refuse."""
        await take_press(update, context, self._do, outdated=OUTDATED, refusal=self._desk.note)

    async def _do(self, press: Press) -> str | None:
        wish = callbacks.decode(press.query.data or "")
        return await self._presses[wish.verb](press, wish.numbers)

    async def _mode(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        """How often a group writes: pressed on its card, or in the settings."""
        if numbers[1] not in range(3):
            raise OddButtonError(press.query.data)
        screens: dict[Verb, OnPress] = self._groups.presses if numbers[2] else self._settings.presses
        return await screens[Verb.MODE](press, numbers)
