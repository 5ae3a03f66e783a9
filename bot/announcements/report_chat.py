"""After a release in chat: pause, go on, stop, the report, correct, take back; and what recipients press."""

import io
from collections.abc import Mapping

from telegram import InlineKeyboardButton, InputFile, Update

from bot.announcements.callbacks import Verb
from bot.announcements.charts import Bar, draw
from bot.announcements.desk import Desk, OnPress, Screen, button, person_id
from bot.announcements.following import Pressed
from bot.announcements.kinds import State
from bot.announcements.notices import title
from bot.announcements.reporting import Report
from bot.announcements.screens import BACK, Screens
from bot.announcements.wording import Reader, buttons
from bot.content.kept import Content
from bot.content.reading import UnreadableError, read_content, show_payload
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.personal import looks_personal
from bot.members.screens import Answer
from bot.telegram import Context, Keyboard, Press, replace_keyboard, reply

CORRECT = "announcements.correct"
STOPPED, WITHDRAWN, NOTHING_FAILED = "Gestoppt.", "Zurückgezogen.", "Nichts ist fehlgeschlagen."


class ReportChat:
    """Handlers about what becomes of announcements."""

    def __init__(self, desk: Desk, screens: Screens) -> None:
        self._desk = desk
        self._screens = screens
        self.presses: dict[Verb, OnPress] = {
            Verb.PAUSE: self._pause,
            Verb.RESUME: self._resume,
            Verb.STOP: self._stop,
            Verb.RETRY: self._retry,
            Verb.LATE: self._late,
            Verb.REPORT: self._report,
            Verb.CSV: self._csv,
            Verb.CHART: self._chart,
            Verb.CORRECT: self._correct,
            Verb.APPLY: self._apply,
            Verb.WITHDRAW: self._withdraw,
            Verb.READ: self._read,
            Verb.ANSWER: self._answer,
        }
        self.answers: Mapping[str, Answer] = {CORRECT: self.corrected}

    async def corrected(self, update: Update, context: Context, waits: Open) -> None:
        """Other words for what went out: looked at before they go anywhere."""
        chat = update.effective_chat
        if update.message is None or chat is None:
            return
        actor, number = person_id(update), int(waits.data["announcement"])
        try:
            content = read_content(update.message)
            item = await self._desk.rooms.following.check_correction(actor, number, content)
        except UnreadableError:
            await self._desk.say(update, "unreadable")
            return
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        kept = item.body.content.model_dump(mode="json")
        await self._desk.members.dialogues.begin(chat.id, CORRECT, {"announcement": number, "content": kept})
        profile = await self._desk.members.members.profile(actor or 0)
        payload = self._desk.rooms.ground.wording.payload(item.body, number, Reader(profile.name, profile.town or ""))
        await show_payload(context.bot, chat.id, payload)
        rows = [[button("Überall so ändern", Verb.APPLY, number), button("Doch nicht", Verb.SHOW, number)]]
        await self._desk.say(update, "correct_preview", rows, personal=looks_personal(item.body.content.plain))

    # The office ------------------------------------------------------------------------------------------------------

    async def _pause(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.following.pause(person_id(press.update), *numbers)
        return await self._stand(press, numbers[0])

    async def _resume(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.following.resume(person_id(press.update), *numbers)
        return await self._stand(press, numbers[0])

    async def _stop(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, *really = numbers
        actor = person_id(press.update)
        item = await self._desk.rooms.drafts.item(actor, number)
        if not really and item.state in (State.SENDING, State.SENT):
            return await self._confirm(press, "stop", "Wirklich stoppen", Verb.STOP, number)
        item, _ = await self._desk.rooms.following.stop(actor, number)
        await self._stand(press, number)
        return STOPPED

    async def _retry(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        count = await self._desk.rooms.following.retry(person_id(press.update), *numbers)
        await self._stand(press, numbers[0])
        return None if count else NOTHING_FAILED

    async def _late(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        count = await self._desk.rooms.following.send_late(person_id(press.update), *numbers)
        if count:
            await self._desk.rooms.outgoing.work()
        await self._stand(press, numbers[0])
        return self._desk.render("late", count=count)

    async def _report(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        report = await self._desk.rooms.reporting.report(person_id(press.update), *numbers)
        await self._desk.turn(press, self._screens.report(report))
        return None

    async def _csv(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        table = await self._desk.rooms.reporting.csv(person_id(press.update), *numbers)
        file = InputFile(io.BytesIO(table), filename=f"ankuendigung-{numbers[0]}.csv")
        await press.bot.send_document(press.chat_id, file)
        return None

    async def _chart(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        report = await self._desk.rooms.reporting.report(person_id(press.update), *numbers)
        for name, picture in await draw_report(report):
            await press.bot.send_photo(press.chat_id, InputFile(io.BytesIO(picture), filename=f"{name}.png"))
        return None

    async def _correct(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.drafts.item(person_id(press.update), *numbers)
        await self._desk.ask(press.update, CORRECT, numbers[0], "correct")
        return None

    async def _apply(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        waits = await self._desk.members.dialogues.current(press.chat_id)
        data = waits.data if waits is not None and waits.kind == CORRECT else {}
        if data.get("announcement") == numbers[0] and "content" in data:
            content = Content.model_validate(data["content"])
            await self._desk.rooms.following.correct(person_id(press.update), numbers[0], content)
            await self._desk.members.dialogues.end(press.chat_id)
            await self._desk.rooms.releasing.follow(numbers[0], press.chat_id, press.message_id)
            await self._desk.rooms.outgoing.work()
        return await self._stand(press, numbers[0])

    async def _withdraw(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, *really = numbers
        actor = person_id(press.update)
        item = await self._desk.rooms.drafts.item(actor, number)
        if not really and item.state is not State.WITHDRAWN:
            return await self._confirm(press, "withdraw", "Wirklich zurückziehen", Verb.WITHDRAW, number)
        item, fresh = await self._desk.rooms.following.withdraw(actor, number)
        if fresh:
            await self._desk.rooms.releasing.follow(number, press.chat_id, press.message_id)
        await self._desk.rooms.outgoing.work()
        await self._stand(press, number)
        return WITHDRAWN if fresh else None

    # Recipients ------------------------------------------------------------------------------------------------------

    async def _read(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        return await self._pressed(press, await self._desk.rooms.following.read(person_id(press.update), *numbers))

    async def _answer(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        return await self._pressed(press, await self._desk.rooms.following.answer(person_id(press.update), *numbers))

    async def _pressed(self, press: Press, pressed: Pressed) -> str | None:
        if not pressed.counts:
            return self._desk.render("only_looked")
        if not pressed.fresh:
            return None
        rows: Keyboard = [
            [InlineKeyboardButton(each.text, url=each.url, callback_data=each.callback_data) for each in row]
            for row in buttons(pressed.item.body, pressed.item.id, pressed.reader)
        ]
        await replace_keyboard(press, rows)
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    async def _stand(self, press: Press, number: int) -> str | None:
        await self._screens.turn(press, number)
        return None

    async def _confirm(self, press: Press, template: str, label: str, verb: Verb, number: int) -> str | None:
        report = await self._desk.rooms.reporting.report(person_id(press.update), number)
        rows = [[button(label, verb, number, 1), button(BACK, Verb.SHOW, number)]]
        html = self._desk.render(template, report=report, title=title(report.item))
        await self._desk.turn(press, Screen(html, rows))
        return None


async def draw_report(report: Report) -> list[tuple[str, bytes]]:
    """A report as pictures: what arrived by town, what was answered; each with a name."""
    pictures = []
    if report.towns:
        bars = [Bar(town, arrived, meant) for town, (arrived, meant) in _worst_first(report)]
    else:
        bars = [Bar("Zugestellt", report.sent, max(report.meant, 1))]
    headline = f"Zugestellt: {report.sent} von {report.meant}"
    pictures.append(("zustellung", await draw(headline, bars, "zugestellt", "nicht zugestellt")))
    question = report.item.body.question
    if question is not None:
        answers = [Bar(words, count, count) for words, count in zip(question.answers, report.answers, strict=True)]
        pictures.append(("antworten", await draw(question.text, answers, "Antworten")))
    return pictures


def _worst_first(report: Report) -> list[tuple[str, tuple[int, int]]]:
    """Towns, those with the most missing first."""
    return sorted(report.towns.items(), key=lambda each: (each[1][0] - each[1][1], each[1][0] > 0, each[0]))
