"""Leads what somebody writes to the dialogue that waits for it, whichever room began it."""

from collections.abc import Mapping

from telegram import Update
from telegram.ext import ApplicationHandlerStop, BaseHandler, CommandHandler, MessageHandler, filters

from bot.members.screens import Answer, Desk
from bot.telegram import Context, is_private

PASSING = "members."
"""Dialogues of this room are short: any command gives them up, so that the next question is a question again."""


class DialogueChat:
    """The way back into dialogues.

    Args:
        desk: What the handlers work with.
        answers: By the dialogue's kind, who takes the answer; of all rooms.
    """

    def __init__(self, desk: Desk, answers: Mapping[str, Answer]) -> None:
        self._desk = desk
        self._answers = answers

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """To be added in a handler group behind the gate and before all others."""
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        return [
            CommandHandler(["abbrechen", "cancel"], self.give_up, filters=filters.UpdateType.MESSAGE),
            MessageHandler(private & filters.COMMAND, self.command),
            MessageHandler(private & ~filters.StatusUpdate.ALL, self.answer),
        ]

    async def give_up(self, update: Update, context: Context) -> None:
        """`/abbrechen`: nothing is waited for any more."""
        del context
        if update.effective_chat is not None:
            waited = await self._desk.rooms.dialogues.end(update.effective_chat.id)
            await self._desk.say(update, "given_up", waited=waited)
        raise ApplicationHandlerStop

    async def command(self, update: Update, context: Context) -> None:
        """Another command gives up a short dialogue; a long one waits until it is asked for again."""
        del context
        if update.effective_chat is None:
            return
        waits = await self._desk.rooms.dialogues.current(update.effective_chat.id)
        if waits is not None and waits.kind.startswith(PASSING):
            await self._desk.rooms.dialogues.end(update.effective_chat.id)

    async def answer(self, update: Update, context: Context) -> None:
        """Anything else in a private chat, if a dialogue waits there."""
        if update.effective_chat is None or not is_private(update):
            return
        waits = await self._desk.rooms.dialogues.current(update.effective_chat.id)
        answer = self._answers.get(waits.kind) if waits is not None else None
        if waits is None or answer is None:
            return
        await answer(update, context, waits)
        raise ApplicationHandlerStop
