"""/datenschutz, /meinedaten, /loeschen: what is kept, to take away and to erase; for everybody."""

import json
from io import BytesIO

from telegram import BotCommandScopeChat, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.members.callbacks import Verb, button
from bot.members.screens import Desk, OnPress, person_id
from bot.telegram import Context, Press, is_private, replace


class PrivacyChat:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """The commands."""
        new = filters.UpdateType.MESSAGE
        return [
            CommandHandler(["datenschutz", "privacy"], self.privacy, filters=new),
            CommandHandler("meinedaten", self.export, filters=new),
            CommandHandler("loeschen", self.ask_erase, filters=new),
        ]

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {Verb.ERASE: self._erase, Verb.KEEP: self._keep}

    async def privacy(self, update: Update, context: Context) -> None:
        """`/datenschutz`: what each room keeps, for how long, who sees it."""
        del context
        await self._desk.say(update, "privacy", statements=self._desk.privacy.statements(), contact=self._desk.contact)

    async def export(self, update: Update, context: Context) -> None:
        """`/meinedaten`: a file with everything."""
        del context
        person = person_id(update)
        if person is None or update.effective_chat is None:
            return
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        data = await self._desk.privacy.export(person)
        content = json.dumps(data, ensure_ascii=False, indent=2).encode()
        await update.effective_chat.send_document(
            BytesIO(content), filename="meine-daten.json", caption=self._desk.messages.render("my_data")
        )

    async def ask_erase(self, update: Update, context: Context) -> None:
        """`/loeschen`: what it means, and a button that does it."""
        del context
        person = person_id(update)
        if person is None:
            return
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        profile = await self._desk.rooms.members.profile(person)
        rows = [[button("Endgültig löschen", Verb.ERASE)], [button("Behalten", Verb.KEEP)]]
        await self._desk.say(update, "ask_erase", rows, person=profile)

    async def _erase(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        person = person_id(press.update)
        if person is None:
            return None
        before = await self._desk.rooms.members.profile(person)
        await self._desk.privacy.erase(person)
        await replace(press, self._desk.messages.render("erased", suspended=before.suspended))
        try:
            await press.bot.delete_my_commands(BotCommandScopeChat(person))
        except TelegramError:
            return None  # the menu shows too much until the next start; the rules refuse it anyway
        return None

    async def _keep(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await replace(press, self._desk.messages.render("kept"))
        return None
