"""News in chat: write, look at it as the followers will, send now or at a time, change, withdraw."""

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.content.kept import Content, check_fits
from bot.content.reading import UnreadableError, read_content, show_payload
from bot.dates.outcome import DateQuestion, Doubt
from bot.delivery.kinds import State
from bot.groups.callbacks import Verb, button
from bot.groups.desk import Desk, OnPress, Screen, person_id
from bot.groups.errors import NewsGoneError, OnlyTextError
from bot.groups.news import Item
from bot.members.dialogues import Open
from bot.members.errors import MembersError, NotAllowedError
from bot.members.personal import looks_personal
from bot.rendering import shorten
from bot.telegram import Context, Press, is_private, reply

WRITE, WHEN, CORRECT = "groups.news", "groups.when", "groups.correct"
TITLE = 40
ON_ITS_WAY, WITHDRAWN, DISCARDED = "Geht hinaus.", "Zurückgezogen.", "Verworfen."


class NewsChat:
    """Handlers about news."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.presses: dict[Verb, OnPress] = {
            Verb.COMPOSE: self._compose,
            Verb.OWN: self._own,
            Verb.NEWS: self._stands,
            Verb.PREVIEW: self._preview,
            Verb.SEND: self._send,
            Verb.WHEN: self._when,
            Verb.EDIT: self._edit,
            Verb.APPLY: self._apply,
            Verb.DISCARD: self._discard,
            Verb.HOLD: self._hold,
            Verb.WITHDRAW: self._withdraw,
            Verb.RESUME: self._resume,
            Verb.RETRY: self._retry,
        }
        self.answers = {WRITE: self.written, WHEN: self.timed, CORRECT: self.corrected}

    # What people send ------------------------------------------------------------------------------------------------

    async def write(self, update: Update, context: Context) -> None:
        """`/nachricht [Text]`: write to a group's followers."""
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        person = person_id(update)
        groups = await self._desk.rooms.groups.led(person)
        if not groups:
            await reply(update, self._desk.refusal(NotAllowedError()))
            return
        text = _after_command(update)
        if len(groups) == 1:
            item = await self._desk.rooms.news.begin(person, groups[0].id)
            if text:
                await self._take(update, context, item.id, Content(html=text))
            else:
                await self._ask(update, item)
            return
        rows = [[button(group.short, Verb.COMPOSE, group.id)] for group in groups]
        if text and update.effective_chat is not None:  # nothing typed is lost while the group is chosen
            await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE, {"text": text})
        await self._desk.say(update, "choose_group", [*rows, [button("Meine Nachrichten", Verb.OWN)]])

    async def written(self, update: Update, context: Context, waits: Open) -> None:
        """What it is to say."""
        if update.message is None:
            return
        if "news" not in waits.data:
            await self._desk.say(update, "choose_first")
            return
        try:
            content = read_content(update.message)
        except UnreadableError:
            await self._desk.say(update, "unreadable")
            return
        news_id = int(waits.data["news"])
        if content.album is None:
            await self._take(update, context, news_id, content)
        else:
            await self._take_part(update, context, news_id, content, waits.data)

    async def timed(self, update: Update, context: Context, waits: Open) -> None:
        """When it is to go out."""
        del context
        outcome = self._desk.dates.read(_typed(update))
        if isinstance(outcome, DateQuestion):
            when = "time" if outcome.doubt is Doubt.NO_TIME else ""
            await self._desk.say(update, "when_unclear", question=outcome, when=when)
            return
        try:
            item, _ = await self._desk.rooms.news.release(
                person_id(update), int(waits.data["news"]), int(waits.data["version"]), outcome.start
            )
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        await self._end_dialogue(update)
        await self._desk.show(update, await self._control(item))

    async def corrected(self, update: Update, context: Context, waits: Open) -> None:
        """Other words for what was delivered: looked at before they go out."""
        if update.message is None or update.effective_chat is None:
            return
        try:
            content = read_content(update.message)
            item = await self._desk.rooms.news.item(person_id(update), int(waits.data["news"]))
            if item.content is None:
                raise NewsGoneError(item.id)
            if content.items:
                raise OnlyTextError
            new = item.content.model_copy(update={"html": content.html, "link_preview": content.link_preview})
            check_fits(new, self._desk.rooms.wording.head(item.group))
        except UnreadableError:
            await self._desk.say(update, "unreadable")
            return
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        data = {"news": item.id, "html": new.html, "link_preview": new.link_preview}
        await self._desk.members.dialogues.begin(update.effective_chat.id, CORRECT, data)
        await show_payload(context.bot, update.effective_chat.id, self._desk.rooms.wording.single(item.group, new))
        rows = [[button("Überall so ändern", Verb.APPLY, item.id), button("Doch nicht", Verb.NEWS, item.id)]]
        await self._desk.say(update, "correct_preview", rows, personal=looks_personal(new.plain))

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _compose(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        if not is_private(press.update):
            return self._desk.note(NotAllowedError())
        item = await self._desk.rooms.news.begin(person_id(press.update), *numbers)
        waits = await self._desk.members.dialogues.current(press.chat_id)
        text = str(waits.data.get("text", "")) if waits is not None and waits.kind == WRITE else ""
        if text:
            await self._take(press.update, press, item.id, Content(html=text))
        else:
            await self._ask(press.update, item)
        return None

    async def _own(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        del numbers
        items = await self._desk.rooms.news.own(person_id(press.update))
        rows = [[button(f"{_mark(item)} {_title(item)}", Verb.NEWS, item.id)] for item in items]
        await self._desk.turn(press, Screen(self._desk.render("own", items=items), rows))
        return None

    async def _stands(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        waits = await self._desk.members.dialogues.current(press.chat_id)
        if waits is not None and waits.kind in self.answers:
            await self._desk.members.dialogues.end(press.chat_id)
        await self._desk.turn(press, await self._control(item))
        return None

    async def _preview(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        await self._desk.members.dialogues.end(press.chat_id)
        await self._show_preview(press.update, press, item)
        return None

    async def _send(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._checked(press, numbers)
        if item is None:
            return None
        item, fresh = await self._desk.rooms.news.release(person_id(press.update), item.id, numbers[1])
        await self._desk.rooms.outgoing.work()
        item = await self._desk.rooms.news.item(person_id(press.update), item.id)
        await self._desk.turn(press, await self._control(item))
        return ON_ITS_WAY if fresh else None

    async def _when(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._checked(press, numbers)
        if item is None:
            return None
        data = {"news": item.id, "version": numbers[1]}
        await self._desk.members.dialogues.begin(press.chat_id, WHEN, data)
        await self._desk.say(press.update, "when")
        return None

    async def _edit(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        if item.news.state == "withdrawn":
            raise NewsGoneError(item.id)
        kind = CORRECT if item.news.state == "sent" else WRITE
        await self._desk.members.dialogues.begin(press.chat_id, kind, {"news": item.id})
        await self._desk.say(press.update, "edit", item=item)
        return None

    async def _apply(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        waits = await self._desk.members.dialogues.current(press.chat_id)
        if waits is None or waits.kind != CORRECT or (waits.data.get("news"),) != numbers or "html" not in waits.data:
            return await self._stands(press, numbers)
        content = Content(html=str(waits.data["html"]), link_preview=bool(waits.data["link_preview"]))
        await self._desk.rooms.news.write(person_id(press.update), numbers[0], content)
        await self._desk.members.dialogues.end(press.chat_id)
        await self._desk.rooms.outgoing.work()
        return await self._stands(press, numbers)

    async def _discard(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.news.discard(person_id(press.update), *numbers)
        await self._desk.turn(press, Screen(self._desk.render("discarded"), []))
        return DISCARDED

    async def _hold(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.unschedule(person_id(press.update), *numbers)
        await self._desk.turn(press, await self._control(item))
        return None

    async def _withdraw(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        news_id, *really = numbers
        item = await self._desk.rooms.news.item(person_id(press.update), news_id)
        if not really and item.news.state == "sent":
            rows = [
                [button("Wirklich zurückziehen", Verb.WITHDRAW, news_id, 1), button("‹ Zurück", Verb.NEWS, news_id)]
            ]
            await self._desk.turn(press, Screen(self._desk.render("withdraw", item=item, title=_title(item)), rows))
            return None
        item, fresh = await self._desk.rooms.news.withdraw(person_id(press.update), news_id)
        await self._desk.rooms.outgoing.work()
        await self._desk.turn(press, await self._control(item))
        return WITHDRAWN if fresh else None

    async def _resume(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        await self._desk.rooms.outgoing.resume(item)
        await self._desk.turn(press, await self._control(item))
        return None

    async def _retry(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        if item.news.state == "sent":
            await self._desk.rooms.outgoing.retry(item)
        await self._desk.turn(press, await self._control(item))
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    async def _ask(self, update: Update, item: Item) -> None:
        if update.effective_chat is not None:
            await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE, {"news": item.id})
            await self._desk.say(update, "write", [[button("Meine Nachrichten", Verb.OWN)]], group=item.group)

    async def _take(self, update: Update, with_bot: Context | Press, news_id: int, content: Content) -> None:
        """Keep what was written, and show it."""
        try:
            item = await self._desk.rooms.news.write(person_id(update), news_id, content)
        except MembersError as error:
            if update.effective_chat is not None:
                await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE, {"news": news_id})
            await reply(update, self._desk.refusal(error))
            return
        await self._end_dialogue(update)
        await self._show_preview(update, with_bot, item)

    async def _take_part(self, update: Update, context: Context, news_id: int, content: Content, data: Any) -> None:
        """Keep a part of an album; nobody says which is the last, so the preview waits for a press."""
        chat = update.effective_chat
        try:
            item = await self._desk.rooms.news.write(person_id(update), news_id, content)
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        if chat is None or item.content is None:
            return
        html = self._desk.render("album", count=len(item.content.items))
        rows = [[button("Vorschau", Verb.PREVIEW, news_id)]]
        if data.get("album") == content.album and "counter" in data:
            await context.bot.edit_message_text(
                html,
                chat_id=chat.id,
                message_id=int(data["counter"]),
                parse_mode="HTML",
                reply_markup=InlineKeyboardMarkup(rows),
            )
            return
        counter = await reply(update, html, rows)
        known = {"news": news_id, "album": content.album, "counter": counter.message_id if counter else 0}
        await self._desk.members.dialogues.begin(chat.id, WRITE, known)

    async def _show_preview(self, update: Update, with_bot: Context | Press, item: Item) -> None:
        """The message exactly as the followers will see it, and below it what can be done."""
        if update.effective_chat is None:
            return
        if item.content is not None:
            payload = self._desk.rooms.wording.single(item.group, item.content)
            await show_payload(with_bot.bot, update.effective_chat.id, payload)
        await self._desk.show(update, await self._control(item))

    async def _checked(self, press: Press, numbers: tuple[int, ...]) -> Item | None:
        """The item, if it may go out as far as personal data is concerned; else the warning is shown."""
        news_id, _, *although = numbers
        item = await self._desk.rooms.news.item(person_id(press.update), news_id)
        if item.personal and not although and item.news.state in ("draft", "scheduled"):
            await self._desk.turn(press, await self._control(item))
            return None
        return item

    async def _control(self, item: Item) -> Screen:
        """How an item stands, and what can be done with it."""
        audience = progress = None
        if item.news.state in ("draft", "scheduled"):
            audience = await self._desk.rooms.news.audience(item)
        else:
            progress = await self._desk.rooms.outgoing.progress(item.id)
        html = self._desk.render(
            "control", item=item, title=_title(item), audience=audience, progress=progress, State=State
        )
        rows = _rows(item)
        if progress is not None and progress.paused_at is not None:
            rows.insert(0, [button("Weiter senden", Verb.RESUME, item.id)])
        elif progress is not None and progress.counts[State.FAILED] and item.news.state == "sent":
            rows.insert(0, [button("Nur Fehlgeschlagene erneut", Verb.RETRY, item.id)])
        return Screen(html, rows)

    async def _end_dialogue(self, update: Update) -> None:
        if update.effective_chat is not None:
            await self._desk.members.dialogues.end(update.effective_chat.id)


def _rows(item: Item) -> list[list[InlineKeyboardButton]]:
    news, version = item.id, item.news.version
    although = (1,) if item.personal else ()
    match item.news.state:
        case "draft":
            return [
                [
                    button("Trotzdem senden" if although else "Jetzt senden", Verb.SEND, news, version, *although),
                    button("Zeitpunkt wählen", Verb.WHEN, news, version, *although),
                ],
                [button("Ändern", Verb.EDIT, news), button("Verwerfen", Verb.DISCARD, news)],
            ]
        case "scheduled":
            return [
                [
                    button("Zeitpunkt ändern", Verb.WHEN, news, version, *although),
                    button("Noch nicht senden", Verb.HOLD, news),
                ],
                [button("Ändern", Verb.EDIT, news), button("Verwerfen", Verb.DISCARD, news)],
            ]
        case "sent":
            return [
                [button("Ändern", Verb.EDIT, news), button("Zurückziehen", Verb.WITHDRAW, news)],
                [button("Stand", Verb.NEWS, news), button("Meine Nachrichten", Verb.OWN)],
            ]
        case _:
            return [[button("Meine Nachrichten", Verb.OWN)]]


def _mark(item: Item) -> str:
    return {"draft": "✏️", "scheduled": "🕐"}.get(item.news.state, "✓")


def _title(item: Item) -> str:
    words = item.content.plain if item.content else ""
    return shorten(words, TITLE) if words else "(ohne Text)"


def _typed(update: Update) -> str:
    return (update.message.text or "").strip() if update.message else ""


def _after_command(update: Update) -> str:
    """What follows the command, formatted as it was written."""
    if update.message is None or not update.message.text:
        return ""
    parts = update.message.text_html.split(maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else ""
