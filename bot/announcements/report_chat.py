"""After a release in chat: pause, go on, stop, the report, correct, take back; and what recipients press."""

import io
from collections.abc import Mapping
from typing import Any

from telegram import InlineKeyboardButton, InputFile, Update

from bot.announcements.callbacks import Verb
from bot.announcements.charts import Bar, draw
from bot.announcements.desk import Desk, OnPress, Screen, button, person_id
from bot.announcements.errors import StateError
from bot.announcements.following import Pressed
from bot.announcements.kinds import OUT, State
from bot.announcements.notices import title
from bot.announcements.reporting import Report
from bot.announcements.screens import BACK, Screens
from bot.announcements.shared import Item
from bot.announcements.wording import Reader, buttons
from bot.content.kept import Content
from bot.content.reading import UnreadableError, read_content, show_payload
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.screens import Answer
from bot.telegram import Context, Keyboard, Press, edit_own, replace_keyboard, reply

CORRECT = "announcements.correct"
STOPPED, WITHDRAWN, NOTHING_FAILED = "Gestoppt.", "Zurückgezogen.", "Nichts ist fehlgeschlagen."
NEEDS_ANOTHER = "Die Korrektur wartet auf Freigabe durch eine zweite Person."
NOTHING_WAITS, DROPPED = "Es wartet keine Korrektur mehr.", "Korrektur verworfen."


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
            Verb.CHECK: self._check,
            Verb.APPLY: self._apply,
            Verb.PROPOSED: self._proposed,
            Verb.DROP: self._drop,
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
            content = _joined(waits.data, read_content(update.message))
            item = await self._desk.rooms.following.check_correction(actor, number, content)
        except UnreadableError:
            await self._desk.say(update, "unreadable")
            return
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        kept = {"announcement": number, "content": content.model_dump(mode="json")}
        counter = waits.data.get("counter") if content.album and _album(waits.data) == content.album else None
        if content.album:  # its parts come one by one, so that it is shown when somebody says that all are there
            rows = [[button("Vorschau", Verb.CHECK, number)]]
            html = self._desk.render("album", count=len(content.items))
            if counter:
                await edit_own(context.bot, chat.id, int(counter), html, rows)
            elif (said := await reply(update, html, rows)) is not None:
                counter = said.message_id
            await self._desk.members.dialogues.begin(chat.id, CORRECT, {**kept, "counter": counter})
            return
        await self._desk.members.dialogues.begin(chat.id, CORRECT, kept)
        await self._preview(update, context, item)
        await self._desk.say(update, "correct_preview", _apply_rows(number), personal=item.personal)

    # The office ------------------------------------------------------------------------------------------------------

    async def _pause(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.following.pause(person_id(press.update), *numbers)
        return await self._watch(press, numbers[0])

    async def _resume(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.following.resume(person_id(press.update), *numbers)
        return await self._watch(press, numbers[0])

    async def _stop(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, *really = numbers
        actor = person_id(press.update)
        item = await self._desk.rooms.drafts.item(actor, number)
        if not really and item.state in (State.SENDING, State.SENT):
            return await self._confirm(press, "stop", "Wirklich stoppen", Verb.STOP, number)
        await self._desk.rooms.following.stop(actor, number)
        await self._watch(press, number)
        return STOPPED

    async def _retry(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        count = await self._desk.rooms.following.retry(person_id(press.update), *numbers)
        if count:
            return await self._watch(press, numbers[0])
        await self._stand(press, numbers[0])
        return NOTHING_FAILED

    async def _late(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor, (number, *really) = person_id(press.update), numbers
        if not really:
            count = await self._desk.rooms.following.late(actor, number)
            if count:
                rows = [[button(f"An {count} senden", Verb.LATE, number, 1), button(BACK, Verb.SHOW, number)]]
                await self._desk.turn(press, Screen(self._desk.render("ask_late", count=count), rows))
            return None if count else self._desk.render("late", count=0)
        count = await self._desk.rooms.following.send_late(actor, number)
        if count:
            await self._desk.rooms.outgoing.work()
            await self._watch(press, number)
        else:
            await self._stand(press, number)
        return self._desk.render("late", count=count)

    async def _report(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        report = await self._desk.rooms.reporting.report(person_id(press.update), *numbers)
        await self._desk.rooms.releasing.rest(numbers[0], press.chat_id, press.message_id)
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
        item = await self._desk.rooms.drafts.item(person_id(press.update), *numbers)
        if item.state not in OUT:
            raise StateError(item.state)
        await self._desk.ask(press.update, CORRECT, numbers[0], "correct")
        return None

    async def _apply(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor, (number, *mark) = person_id(press.update), numbers
        following = self._desk.rooms.following
        if mark:
            corrected = await following.release_correction(actor, number, *mark)
        elif (content := await self._waiting_words(press, number)) is not None:
            corrected = await following.correct(actor, number, content)
            await self._desk.members.dialogues.end(press.chat_id)
        else:
            return await self._stand(press, number)
        if corrected.asked:
            if corrected.fresh and (asked := await following.proposed(actor, number)) is not None:
                profile = await self._desk.members.members.profile(actor or 0)
                await self._desk.rooms.notices.correction_asked(corrected.item, corrected.asked, profile.name, asked[1])
            await self._stand(press, number)
            return NEEDS_ANOTHER
        if corrected.fresh:
            await self._desk.rooms.releasing.follow(number, press.chat_id, press.message_id)
            await self._desk.rooms.outgoing.work()
        return await self._stand(press, number)

    async def _check(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        content = await self._waiting_words(press, numbers[0])
        if content is None:
            return await self._stand(press, numbers[0])
        item = await self._desk.rooms.following.check_correction(person_id(press.update), numbers[0], content)
        await self._preview(press.update, press, item)
        await self._desk.say(press.update, "correct_preview", _apply_rows(item.id), personal=item.personal)
        return None

    async def _proposed(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        found = await self._desk.rooms.following.proposed(person_id(press.update), *numbers)
        if found is None:
            await self._stand(press, *numbers)
            return NOTHING_WAITS
        item, mark = found
        await self._preview(press.update, press, item)
        rows = [
            [button("Überall so ändern", Verb.APPLY, item.id, mark)],
            [button("Korrektur verwerfen", Verb.DROP, item.id), button(BACK, Verb.SHOW, item.id)],
        ]
        await self._desk.say(press.update, "correct_preview", rows, personal=item.personal)
        return None

    async def _drop(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.following.drop_correction(person_id(press.update), *numbers)
        await self._stand(press, *numbers)
        return DROPPED

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

    async def _watch(self, press: Press, number: int) -> str | None:
        """Likewise, and keep the pressed message up to date from here on."""
        await self._desk.rooms.releasing.follow(number, press.chat_id, press.message_id)
        return await self._stand(press, number)

    async def _preview(self, update: Update, with_bot: Context | Press, item: Item) -> None:
        """The message as its reader would see it."""
        if update.effective_chat is not None:
            profile = await self._desk.members.members.profile(person_id(update) or 0)
            reader = Reader(profile.name, profile.town or "")
            payload = self._desk.rooms.ground.wording.payload(item.body, item.id, reader)
            await show_payload(with_bot.bot, update.effective_chat.id, payload)

    async def _waiting_words(self, press: Press, number: int) -> Content | None:
        """What was written as a correction and is not applied yet."""
        waits = await self._desk.members.dialogues.current(press.chat_id)
        data = waits.data if waits is not None and waits.kind == CORRECT else {}
        mine = data.get("announcement") == number and "content" in data
        return Content.model_validate(data["content"]) if mine else None

    async def _confirm(self, press: Press, template: str, label: str, verb: Verb, number: int) -> str | None:
        report = await self._desk.rooms.reporting.report(person_id(press.update), number)
        await self._desk.rooms.releasing.rest(number, press.chat_id, press.message_id)
        rows = [[button(label, verb, number, 1), button(BACK, Verb.SHOW, number)]]
        html = self._desk.render(template, report=report, title=title(report.item))
        await self._desk.turn(press, Screen(html, rows))
        return None


def _apply_rows(number: int) -> Keyboard:
    return [[button("Überall so ändern", Verb.APPLY, number), button("Doch nicht", Verb.SHOW, number)]]


def _album(data: Mapping[str, Any]) -> str | None:
    return data["content"].get("album") if "content" in data else None


def _joined(data: Mapping[str, Any], content: Content) -> Content:
    """What was written, with what came before where it is a further part of the same album, or the words for one."""
    album = _album(data)
    if album is None or (content.items and content.album != album):
        return content
    return Content.model_validate(data["content"]).then(content)


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
