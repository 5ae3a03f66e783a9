"""Questions in chat: what a person types or presses, and the screens that answer it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from telegram import Bot, BotCommand, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.questions import callbacks
from bot.questions.addressed import addressed_text
from bot.questions.callbacks import (
    Answered,
    Browse,
    Example,
    HandOver,
    Open,
    OpenQuestions,
    Rate,
    Settle,
    UnknownCallbackError,
    View,
)
from bot.questions.inline import InlineMode
from bot.questions.lists import ListScreens
from bot.questions.log import KEEP_PERSONS, Asker, QuestionGoneError
from bot.questions.office import OfficeChat
from bot.questions.pleasantries import pleasantry
from bot.questions.screens import Asked, EntryScreens, Screen, button
from bot.questions.service import MEMORY, Questions, Reply
from bot.questions.shown import AnswerScreens, asked_of, rated
from bot.rendering import Messages
from bot.telegram import Context, Keyboard, Press, acknowledge, is_private, replace, replace_keyboard, reply
from knowledge.entries import EntryKind
from knowledge.library import entry_code

ENTRY_LINK = "e_"
"""What `/start` carries before an entry's id."""
EXAMPLES = ("Gibt es Geld für leere Läden?", "Wer hat Erfahrung mit Probewohnen?", "Was heißt ISEK?")
GONE = "Diese Frage ist nicht mehr gespeichert. Bitte stellen Sie sie noch einmal."
ENTRY_GONE = "Diesen Eintrag gibt es nicht mehr."
OUTDATED = "Diese Schaltfläche ist veraltet. Bitte fragen Sie noch einmal."
THANKS = {True: "Danke, das hilft.", False: "Danke. Ihre Rückmeldung ist notiert."}

_OnPress = Callable[[Press, Any], Awaitable[str | None]]


class QuestionsChat:
    """The handlers of this capability.

    Args:
        service: The rules.
        messages: The German templates.
        commands_of: The commands that somebody's private chat has; those of a group where no person is given.
    """

    COMMANDS: ClassVar[list[BotCommand]] = [
        BotCommand("foerderung", "Förderprogramme nach Thema"),
        BotCommand("beispiele", "Beispiele aus anderen Städten"),
        BotCommand("frage", "Eine Frage an die Geschäftsstelle geben"),
        BotCommand("hilfe", "Wie Sie fragen können"),
    ]
    GROUP_COMMANDS: ClassVar[list[BotCommand]] = [*COMMANDS[:2], COMMANDS[3]]
    OFFICE_COMMANDS: ClassVar[list[BotCommand]] = [BotCommand("offen", "Fragen an die Geschäftsstelle")]

    @staticmethod
    def statement(messages: Messages) -> str:
        """What this room keeps about persons, for how long and who sees it, in German."""
        return messages.render("statement", days=KEEP_PERSONS.days, minutes=int(MEMORY.total_seconds() // 60))

    def __init__(
        self,
        service: Questions,
        messages: Messages,
        commands_of: Callable[[int | None], Awaitable[Sequence[BotCommand]]],
    ) -> None:
        self.more_to_start: Keyboard = []
        """Rows of buttons that other rooms put below the greeting."""
        self._service = service
        self._messages = messages
        self._commands_of = commands_of
        self._entries = EntryScreens(messages, service.knowledge)
        self._lists = ListScreens(messages, service.knowledge)
        self._answers = AnswerScreens(self._entries, self._lists)
        self._office = OfficeChat(service, messages)
        self._inline = InlineMode(service, self._entries)
        self._presses: dict[type[callbacks.Callback], _OnPress] = {
            Open: self._open,
            Answered: self._answered,
            Browse: self._browsed,
            Rate: self._rate,
            Example: self._example,
            HandOver: self._office.hand_over,
            Settle: self._office.settle,
            OpenQuestions: self._office.turn,
        }

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """All handlers, in the order in which they are tried."""
        new = filters.UpdateType.MESSAGE
        private = filters.ChatType.PRIVATE & new
        silent = filters.StatusUpdate.ALL | filters.Sticker.ALL | filters.Dice.ALL
        return [
            CommandHandler("start", self.start, filters=new),
            CommandHandler(["hilfe", "help"], self.help, filters=new),
            CommandHandler("foerderung", self.browse_funding, filters=new),
            CommandHandler("beispiele", self.browse_cases, filters=new),
            CommandHandler("frage", self._office.ask_office, filters=new),
            CommandHandler("offen", self._office.list_open, filters=new),
            MessageHandler(private & filters.COMMAND, self.unknown_command),
            MessageHandler(new & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND, self.question),
            MessageHandler(private & (filters.VOICE | filters.AUDIO | filters.VIDEO_NOTE), self.spoken),
            MessageHandler(private & ~silent & ~filters.TEXT & ~filters.COMMAND, self.unreadable),
            MessageHandler(filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE & filters.TEXT, self.edited),
            CallbackQueryHandler(self.press),
            InlineQueryHandler(self._inline.answer),
        ]

    # Commands --------------------------------------------------------------------------------------------------------

    async def start(self, update: Update, context: Context) -> None:
        """`/start`: who Lotse is; with a link's token, that entry."""
        token = (context.args or [""])[0]
        if token.startswith(ENTRY_LINK):
            await self._open_link(update, token.removeprefix(ENTRY_LINK))
            return
        keyboard = [[button(example, Example(number))] for number, example in enumerate(EXAMPLES)]
        await reply(update, self._messages.render("start"), [*keyboard, *self.more_to_start])

    async def help(self, update: Update, context: Context) -> None:
        """`/hilfe`: how to ask, and the commands."""
        commands = await self._commands_of(_person(update) if is_private(update) else None)
        await reply(update, self._messages.render("help", bot=context.bot.username, commands=commands))

    async def browse_funding(self, update: Update, context: Context) -> None:
        """`/foerderung`: the themes of programmes."""
        del context
        await self._send(update, self._browse_screen(Browse(EntryKind.FUNDING, choosing=True)))

    async def browse_cases(self, update: Update, context: Context) -> None:
        """`/beispiele`: the themes of case studies."""
        del context
        await self._send(update, self._browse_screen(Browse(EntryKind.CASE, choosing=True)))

    async def unknown_command(self, update: Update, context: Context) -> None:
        """A command that there is not."""
        del context
        await reply(update, self._messages.render("unknown_command"))

    # What people send ------------------------------------------------------------------------------------------------

    async def question(self, update: Update, context: Context) -> None:
        """Any other text; in a group only where it is meant for the bot."""
        message = update.effective_message
        if message is None:
            return
        text = addressed_text(message, context.bot.id, context.bot.username)
        if text is None:
            return
        if not text:
            await self.start(update, context)
        elif said := pleasantry(text):
            await reply(update, self._messages.render(said))
        else:
            if message.text is None:
                await reply(update, self._messages.render("caption"))
            await self._ask(update, context.bot, text)

    async def spoken(self, update: Update, context: Context) -> None:
        """A voice message, music or a round video."""
        del context
        await reply(update, self._messages.render("spoken"))

    async def unreadable(self, update: Update, context: Context) -> None:
        """A picture, a file, a place: anything without words."""
        del context
        await reply(update, self._messages.render("unreadable"))

    async def edited(self, update: Update, context: Context) -> None:
        """A message changed after it was sent."""
        del context
        await reply(update, self._messages.render("edited"))

    # Presses ---------------------------------------------------------------------------------------------------------

    async def press(self, update: Update, context: Context) -> None:
        """Any button of this capability; a second press changes nothing and says nothing."""
        query = update.callback_query
        if query is None:
            return
        try:
            wanted = callbacks.decode(query.data or "")
            note = await self._presses[type(wanted)](Press(update, query, context.bot), wanted)
        except UnknownCallbackError:
            note = OUTDATED
        except QuestionGoneError:
            note = GONE
        await acknowledge(query, note)

    async def _open(self, press: Press, wanted: Open) -> str | None:
        entry = self._service.knowledge.by_code(wanted.code)
        if entry is None:
            return ENTRY_GONE
        asked = Asked()
        if isinstance(wanted.origin, Answered):
            answered = await self._service.again(wanted.origin.question, press.chat_id, wanted.origin.off)
            asked = asked_of(answered, entry)
        if wanted.view is View.CARD:
            await self._service.note_shown(press.chat_id, entry, asked.facet)
        await self._show(press, self._entries.show(entry, wanted, asked, self._service.today()))
        return None

    async def _answered(self, press: Press, wanted: Answered) -> str | None:
        answered = await self._service.again(wanted.question, press.chat_id, wanted.off)
        await self._show(press, self._answer_screen(answered, wanted))
        return None

    async def _browsed(self, press: Press, wanted: Browse) -> str | None:
        await self._show(press, self._browse_screen(wanted))
        return None

    async def _rate(self, press: Press, wanted: Rate) -> str | None:
        if not await self._service.rate(wanted.question, press.chat_id, helpful=wanted.helpful):
            return None
        if rows := press.keyboard:
            await replace_keyboard(press, rated(rows, wanted))
        return THANKS[wanted.helpful]

    async def _example(self, press: Press, wanted: Example) -> str | None:
        if wanted.number >= len(EXAMPLES):
            return OUTDATED
        await self._ask(press.update, press.bot, EXAMPLES[wanted.number])
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    async def _show(self, press: Press, screen: Screen) -> None:
        await replace(press, screen.html, screen.keyboard)

    async def _ask(self, update: Update, bot: Bot, text: str) -> None:
        chat, message = update.effective_chat, update.effective_message
        if chat is None:
            return
        await _show_typing(bot, chat.id)
        asker = Asker(_person(update), chat.id, message.message_id if message else None)
        answered = await self._service.ask(text, asker)
        if answered is not None:
            await self._send(update, self._answer_screen(answered, Answered(answered.question)))

    async def _open_link(self, update: Update, entry_id: str) -> None:
        entry = self._service.knowledge.get(entry_id)
        if entry is None or update.effective_chat is None:
            await reply(update, self._messages.render("entry_gone"))
            return
        await self._service.note_shown(update.effective_chat.id, entry)
        where = Open(entry_code(entry.id))
        await self._send(update, self._entries.show(entry, where, Asked(), self._service.today()))

    def _answer_screen(self, answered: Reply, where: Answered) -> Screen:
        return self._answers.show(answered, where, self._service.today())

    def _browse_screen(self, where: Browse) -> Screen:
        return self._lists.browse(where, self._service.today())

    async def _send(self, update: Update, screen: Screen) -> None:
        await reply(update, screen.html, screen.keyboard)


async def _show_typing(bot: Bot, chat_id: int) -> None:
    try:
        await bot.send_chat_action(chat_id, ChatAction.TYPING)
    except TelegramError:
        return  # a courtesy: the answer follows anyway


def _person(update: Update) -> int | None:
    return update.effective_user.id if update.effective_user else None
