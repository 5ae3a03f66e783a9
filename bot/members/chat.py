"""Members in chat: the parts put together, and every press led to its part."""

from collections.abc import Mapping
from typing import ClassVar

from telegram import BotCommand, Update
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.callbacks import OddButtonError
from bot.members.callbacks import PREFIX, Verb, decode
from bot.members.commands import RoomCommands
from bot.members.dialogue_chat import DialogueChat
from bot.members.errors import MembersError
from bot.members.exchange import Exchange
from bot.members.exchange_chat import ExchangeChat
from bot.members.gate import Gate
from bot.members.invite_chat import InviteChat
from bot.members.joining_chat import JoiningChat
from bot.members.list_chat import ListChat
from bot.members.log_chat import LogChat
from bot.members.notices import Notices
from bot.members.privacy_chat import PrivacyChat
from bot.members.screens import Answer, Desk, OnPress
from bot.members.town_card_chat import TownCardChat
from bot.members.town_chat import TownChat
from bot.rendering import plain_text
from bot.telegram import Context, Press, acknowledge

Handlers = list[BaseHandler[Update, Context, None]]


class MembersChat:
    """The handlers of this capability.

    Args:
        desk: What the handlers work with.
        notices: What is pushed.
        exchange: CSV.
    """

    COMMANDS: ClassVar[RoomCommands] = RoomCommands(
        everyone=[
            BotCommand("datenschutz", "Was gespeichert wird"),
            BotCommand("meinedaten", "Alles über mich als Datei"),
            BotCommand("loeschen", "Meine Daten löschen"),
            BotCommand("abbrechen", "Eine Eingabe abbrechen"),
        ],
        office=[
            BotCommand("mitglieder", "Wer dabei ist"),
            BotCommand("einladen", "Link und QR-Code zum Beitreten"),
        ],
    )

    def __init__(self, desk: Desk, notices: Notices, exchange: Exchange) -> None:
        self._desk = desk
        self._gate = Gate(desk)
        self._joining = JoiningChat(desk, notices)
        self._invite = InviteChat(desk)
        self._list = ListChat(desk, notices)
        self._privacy = PrivacyChat(desk)
        self._csv = ExchangeChat(desk, exchange, notices)
        self._town_cards, self._log = TownCardChat(desk), LogChat(desk)
        picked = self._joining.picked() | self._invite.picked() | self._list.picked()
        self._towns = TownChat(desk, picked, self._joining.typed())
        self._presses: dict[Verb, OnPress] = {}
        parts = (
            self._joining,
            self._invite,
            self._list,
            self._privacy,
            self._csv,
            self._towns,
            self._town_cards,
            self._log,
        )
        for part in parts:
            self._presses |= part.presses()

    def first(self, answers: Mapping[str, Answer]) -> list[Handlers]:
        """Handlers that go before all rooms', in two handler groups: the gate, then dialogues and links.

        Args:
            answers: Other rooms' dialogues, by their kind.
        """
        own = self._towns.answers() | self._list.answers() | self._csv.answers() | self._town_cards.answers()
        dialogues = DialogueChat(self._desk, {**own, **answers}).handlers()
        return [self._gate.handlers(), [*self._joining.handlers(), *dialogues]]

    def handlers(self) -> Handlers:
        """The commands and buttons; to be added before rooms that take every command or button."""
        return [
            *self._invite.handlers(),
            *self._list.handlers(),
            *self._privacy.handlers(),
            CallbackQueryHandler(self.press, pattern=f"^{PREFIX}"),
        ]

    async def press(self, update: Update, context: Context) -> None:
        """Any button of this capability; what the role may not do, the service refuses."""
        query = update.callback_query
        if query is None:
            return
        note, alert = None, False
        try:
            wish = decode(query.data or "")
            note = await self._presses[wish.verb](Press(update, query, context.bot), wish.numbers, wish.text)
        except OddButtonError:
            note = self._desk.messages.render("outdated")
        except MembersError as error:
            note, alert = self._desk.note(error), True
        await acknowledge(query, plain_text(note) if note else None, alert=alert)
