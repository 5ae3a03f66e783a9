"""Questions to the office: handing over, and what the office sees of it."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, Update

from bot.questions.callbacks import HandOver, OpenQuestions, Settle, encode
from bot.questions.log import Asker
from bot.questions.screens import Screen, button, hand_over_row
from bot.questions.service import OFFICE_PAGE, NotAllowedError, OpenQuestion, Questions
from bot.rendering import Messages, shorten
from bot.telegram import Context, Keyboard, Press, is_private, replace, replace_keyboard, reply

TO_OFFICE = "An die Geschäftsstelle: notiert."
NOT_ALLOWED = "Das ist der Geschäftsstelle vorbehalten."
QUESTION_LIMIT = 2000
"""Characters of a question to the office."""


class OfficeChat:
    """The handlers for questions to the office."""

    def __init__(self, service: Questions, messages: Messages) -> None:
        self._service = service
        self._messages = messages

    async def ask_office(self, update: Update, context: Context) -> None:
        """`/frage <text>`: noted for the office; without a text, how to do it."""
        del context
        chat, message = update.effective_chat, update.effective_message
        if chat is None or message is None:
            return
        text = (message.text or "").partition(" ")[2].strip() or (message.text or "").partition("\n")[2].strip()
        contact = self._service.office_contact
        if not text:
            last = await self._service.last_question(chat.id)
            html = self._messages.render("ask_office", last=last[1] if last else None, contact=contact)
            await reply(update, html, [hand_over_row(last[0])] if last else None)
            return
        person = update.effective_user.id if update.effective_user else None
        await self._service.hand_over_text(text[:QUESTION_LIMIT], Asker(person, chat.id, message.message_id))
        await reply(update, self._noted(text[:QUESTION_LIMIT]))

    async def hand_over(self, press: Press, wanted: HandOver) -> str | None:
        """The button: the question that was asked before goes to the office."""
        text, fresh = await self._service.hand_over(wanted.question, press.chat_id)
        if not fresh:
            return None
        await replace_keyboard(press, _without_hand_over(press.keyboard, wanted))
        await reply(press.update, self._noted(text))
        return TO_OFFICE

    async def list_open(self, update: Update, context: Context) -> None:
        """`/offen`: what lies with the office; only for the office, and only in private."""
        del context
        if not is_private(update):
            await reply(update, self._messages.render("only_private"))
            return
        try:
            screen = await self._screen(_person(update), 0)
        except NotAllowedError:
            await reply(update, self._messages.render("not_allowed"))
            return
        await reply(update, screen.html, screen.keyboard)

    async def turn(self, press: Press, wanted: OpenQuestions) -> str | None:
        """Another page of the list."""
        return await self._show(press, wanted.page)

    async def settle(self, press: Press, wanted: Settle) -> str | None:
        """The office is done with a question."""
        try:
            await self._service.settle(_person(press.update), wanted.question)
        except NotAllowedError:
            return NOT_ALLOWED
        return await self._show(press, wanted.page)

    async def _show(self, press: Press, page: int) -> str | None:
        if not is_private(press.update):
            return NOT_ALLOWED
        try:
            screen = await self._screen(_person(press.update), page)
        except NotAllowedError:
            return NOT_ALLOWED
        await replace(press, screen.html, screen.keyboard)
        return None

    async def _screen(self, actor: int | None, page: int) -> Screen:
        found, total = await self._service.open_questions(actor, page)
        if not found and page and total:
            return await self._screen(actor, (total - 1) // OFFICE_PAGE)
        start = page * OFFICE_PAGE
        html = self._messages.render("open_questions", questions=found, total=total, start=start)
        rows = [[_done(question, number, page)] for number, question in enumerate(found, start=start + 1)]
        turning = []
        if page:
            turning.append(button("‹ Zurück", OpenQuestions(page - 1)))
        if start + len(found) < total:
            turning.append(button("Weiter ›", OpenQuestions(page + 1)))
        return Screen(html, [*rows, turning])

    def _noted(self, text: str) -> str:
        return self._messages.render("handed_over", text=shorten(text, 300), contact=self._service.office_contact)


def _done(question: OpenQuestion, number: int, page: int) -> InlineKeyboardButton:
    return button(f"{number} erledigt", Settle(question.id, page))


def _without_hand_over(rows: Sequence[Sequence[InlineKeyboardButton]], done: HandOver) -> Keyboard:
    """A message's buttons once its question lies with the office."""
    return [list(row) for row in rows if [each.callback_data for each in row] != [encode(done)]]


def _person(update: Update) -> int | None:
    return update.effective_user.id if update.effective_user else None
