"""News in chat: write, look at it as the followers will, send now or at a time, change, withdraw."""

from collections.abc import Mapping
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.content.kept import Content
from bot.content.reading import UnreadableError, read_content
from bot.dates.outcome import DateQuestion, Doubt
from bot.groups.callbacks import Verb, button
from bot.groups.desk import Desk, OnPress, Screen, person_id
from bot.groups.errors import NewsChangedError, NewsGoneError, NewsStateError
from bot.groups.news import Item
from bot.groups.news_screens import CORRECT, NewsScreens, mark, title
from bot.members.dialogues import Open
from bot.members.errors import MembersError, NotAllowedError
from bot.telegram import Context, Press, is_private, reply

WRITE, WHEN = "groups.news", "groups.when"
MOST_PAGES = 10_000
ON_ITS_WAY, WITHDRAWN, DISCARDED = "Geht hinaus.", "Zurückgezogen.", "Verworfen."


class NewsChat:
    """Handlers about news."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._screens = NewsScreens(desk)
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
        content = _after_command(update)
        if len(groups) == 1:
            item = await self._desk.rooms.news.begin(person, groups[0].id)
            if content is not None:
                await self._take(update, context, item.id, content)
            else:
                await self._ask(update, item)
            return
        await self._keep(update, content)
        await self._desk.say(update, "choose_group", await self._group_rows(person))

    async def written(self, update: Update, context: Context, waits: Open) -> None:
        """What it is to say."""
        if update.message is None:
            return
        try:
            content = read_content(update.message)
        except UnreadableError:
            await self._desk.say(update, "unreadable")
            return
        if "news" not in waits.data:
            await self._before_choice(update, content, waits.data)
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
        except NewsChangedError as error:
            rows = [[button("Vorschau", Verb.PREVIEW, int(waits.data["news"]))]]
            await reply(update, self._desk.refusal(error), rows)
            return
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        await self._end_dialogue(update)
        await self._desk.show(update, await self._screens.control(item))

    async def corrected(self, update: Update, context: Context, waits: Open) -> None:
        """Other words for what was delivered: looked at before they go out."""
        if update.message is None:
            return
        try:
            await self._screens.correction(update, context, int(waits.data["news"]), read_content(update.message))
        except UnreadableError:
            await self._desk.say(update, "unreadable")

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _compose(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        if not is_private(press.update):
            return self._desk.note(NotAllowedError())
        item = await self._desk.rooms.news.begin(person_id(press.update), *numbers)
        waits = await self._desk.members.dialogues.current(press.chat_id)
        kept = waits.data.get("content") if waits is not None and waits.kind == WRITE else None
        if kept is not None:
            await self._take(press.update, press, item.id, Content.model_validate(kept))
        else:
            await self._ask(press.update, item)
        return None

    async def _own(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        (page,) = numbers or (0,)
        items, more = await self._desk.rooms.news.own(person_id(press.update), page % MOST_PAGES)
        rows = [[button(f"{mark(item)} {title(item)}", Verb.NEWS, item.id)] for item in items]
        around = [button("‹ Neuere", Verb.OWN, page - 1)] if page else []
        rows += [[*around, *([button("Ältere ›", Verb.OWN, page + 1)] if more else [])]] if around or more else []
        await self._desk.turn(press, Screen(self._desk.render("own", items=items), rows))
        return None

    async def _stands(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        waits = await self._desk.members.dialogues.current(press.chat_id)
        if waits is not None and waits.kind in self.answers:
            await self._desk.members.dialogues.end(press.chat_id)
        await self._desk.turn(press, await self._screens.control(item))
        return None

    async def _preview(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        await self._desk.members.dialogues.end(press.chat_id)
        await self._screens.preview(press.update, press, item)
        return None

    async def _send(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._checked(press, numbers)
        if item is None:
            return None
        item, fresh = await self._desk.rooms.news.release(person_id(press.update), item.id, numbers[1])
        await self._desk.rooms.outgoing.work()
        item = await self._desk.rooms.news.item(person_id(press.update), item.id)
        await self._desk.turn(press, await self._screens.control(item))
        return ON_ITS_WAY if fresh else None

    async def _when(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._checked(press, numbers)
        if item is None:
            return None
        if item.news.version != numbers[1]:
            raise NewsChangedError(item.id)
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
        await self._desk.rooms.news.correct(person_id(press.update), numbers[0], content)
        await self._desk.members.dialogues.end(press.chat_id)
        await self._desk.rooms.outgoing.work()
        return await self._stands(press, numbers)

    async def _discard(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        news_id, *really = numbers
        item = await self._desk.rooms.news.item(person_id(press.update), news_id)
        if not really and item.news.feed_id is None and item.news.state in ("draft", "scheduled"):
            rows = [[button("Wirklich verwerfen", Verb.DISCARD, news_id, 1), button("‹ Zurück", Verb.NEWS, news_id)]]
            await self._desk.turn(press, Screen(self._desk.render("discard", title=title(item)), rows))
            return None
        await self._desk.rooms.news.discard(person_id(press.update), news_id)
        await self._desk.turn(press, Screen(self._desk.render("discarded"), []))
        return DISCARDED

    async def _hold(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.unschedule(person_id(press.update), *numbers)
        await self._desk.turn(press, await self._screens.control(item))
        return None

    async def _withdraw(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        news_id, *really = numbers
        item = await self._desk.rooms.news.item(person_id(press.update), news_id)
        if not really and item.news.state == "sent":
            rows = [
                [button("Wirklich zurückziehen", Verb.WITHDRAW, news_id, 1), button("‹ Zurück", Verb.NEWS, news_id)]
            ]
            await self._desk.turn(press, Screen(self._desk.render("withdraw", item=item, title=title(item)), rows))
            return None
        item, fresh = await self._desk.rooms.news.withdraw(person_id(press.update), news_id)
        await self._desk.rooms.outgoing.work()
        await self._desk.turn(press, await self._screens.control(item))
        return WITHDRAWN if fresh else None

    async def _resume(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        await self._desk.rooms.outgoing.resume(item)
        await self._desk.turn(press, await self._screens.control(item))
        return None

    async def _retry(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.item(person_id(press.update), *numbers)
        if item.news.state == "sent":
            await self._desk.rooms.outgoing.retry(item)
        await self._desk.turn(press, await self._screens.control(item))
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    async def _ask(self, update: Update, item: Item) -> None:
        if update.effective_chat is not None:
            await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE, {"news": item.id})
            await self._desk.say(update, "write", [[button("Meine Nachrichten", Verb.OWN)]], group=item.group)

    async def _group_rows(self, person: int | None) -> list[list[InlineKeyboardButton]]:
        groups = await self._desk.rooms.groups.led(person)
        rows = [[button(group.short, Verb.COMPOSE, group.id)] for group in groups]
        return [*rows, [button("Meine Nachrichten", Verb.OWN)]]

    async def _keep(self, update: Update, content: Content | None) -> None:
        """Nothing that was sent is lost while the group is chosen."""
        data = {} if content is None else {"content": content.model_dump(mode="json", exclude_defaults=True)}
        if update.effective_chat is not None:
            await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE, data)

    async def _before_choice(self, update: Update, content: Content, data: Mapping[str, Any]) -> None:
        """Something was sent before the group was chosen."""
        before = Content.model_validate(data["content"]) if "content" in data else None
        try:
            further = before is not None and content.album is not None and content.album == before.album
            content = before.with_part(content) if before is not None and further else content
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        await self._keep(update, content)
        if not further:
            await self._desk.say(update, "choose_first", await self._group_rows(person_id(update)))

    async def _take(self, update: Update, with_bot: Context | Press, news_id: int, content: Content) -> None:
        """Keep what was written, and show it."""
        try:
            item = await self._desk.rooms.news.write(person_id(update), news_id, content)
        except NewsStateError as error:
            if error.state == "sent":  # it went out while somebody was typing
                await self._screens.correction(update, with_bot, news_id, content)
            else:
                await reply(update, self._desk.refusal(error))
            return
        except MembersError as error:
            if update.effective_chat is not None:
                await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE, {"news": news_id})
            await reply(update, self._desk.refusal(error))
            return
        await self._end_dialogue(update)
        await self._screens.preview(update, with_bot, item)

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

    async def _checked(self, press: Press, numbers: tuple[int, ...]) -> Item | None:
        """The item, if it may go out as far as personal data is concerned; else the warning is shown."""
        news_id, _, *although = numbers
        item = await self._desk.rooms.news.item(person_id(press.update), news_id)
        if item.personal and not although and item.news.state in ("draft", "scheduled"):
            await self._desk.turn(press, await self._screens.control(item))
            return None
        return item

    async def _end_dialogue(self, update: Update) -> None:
        if update.effective_chat is not None:
            await self._desk.members.dialogues.end(update.effective_chat.id)


def _typed(update: Update) -> str:
    return (update.message.text or "").strip() if update.message else ""


def _after_command(update: Update) -> Content | None:
    """What follows the command, formatted as it was written; None: nothing does."""
    if update.message is None or not update.message.text:
        return None
    content = read_content(update.message)
    parts = content.html.split(maxsplit=1)
    return content.model_copy(update={"html": parts[1].strip()}) if len(parts) > 1 else None
