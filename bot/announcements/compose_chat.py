"""Writing announcements in chat: whatever somebody of the office writes or forwards becomes the draft."""

from collections.abc import Mapping
from typing import Any

from telegram import Message, Update

from bot.announcements.callbacks import Verb
from bot.announcements.desk import Desk, OnPress, Screen, button, person_id, typed
from bot.announcements.notices import title
from bot.announcements.screens import BACK, Screens
from bot.announcements.shared import Item
from bot.announcements.spec import Question, make_question, read_link_buttons, read_question
from bot.announcements.wording import Reader
from bot.content.kept import Content
from bot.content.reading import UnreadableError, read_content, show_payload
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.screens import Answer
from bot.telegram import Context, Press, edit_own, is_private, reply

WRITE, LINKS, QUESTION, URGENT = (
    "announcements.write",
    "announcements.links",
    "announcements.question",
    "announcements.urgent",
)
DISCARDED = "Verworfen."


class ComposeChat:
    """Handlers about what is said."""

    def __init__(self, desk: Desk, screens: Screens) -> None:
        self._desk = desk
        self._screens = screens
        self.presses: dict[Verb, OnPress] = {
            Verb.LIST: self._list,
            Verb.SHOW: self._show,
            Verb.PREVIEW: self._preview,
            Verb.EDIT: self._edit,
            Verb.COPY: self._copy,
            Verb.DISCARD: self._discard,
            Verb.EXTRAS: self._extras,
            Verb.LINKS: self._links,
            Verb.READ_BUTTON: self._read_button,
            Verb.QUESTION: self._question,
            Verb.URGENT: self._urgent,
            Verb.CLEAR: self._clear,
        }
        self.answers: Mapping[str, Answer] = {
            WRITE: self.written,
            LINKS: self.named_links,
            QUESTION: self.named_question,
            URGENT: self.named_reason,
        }

    # What people send ------------------------------------------------------------------------------------------------

    async def command(self, update: Update, context: Context) -> None:
        """`/ankuendigung [Text]`: write one, or go on with one."""
        if not is_private(update) or update.effective_chat is None:
            await self._desk.say(update, "only_private")
            return
        try:
            screen = await self._screens.listing(person_id(update))
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.members.dialogues.begin(update.effective_chat.id, WRITE)
        text = _after_command(update)
        if text:
            await self._take(update, context, None, Content(html=text), {})
            return
        await self._desk.show(update, screen)

    async def written(self, update: Update, context: Context, waits: Open) -> None:
        """What it is to say."""
        message = update.message
        if message is None:
            return
        number = waits.data.get("announcement")
        if message.poll is not None:
            poll = message.poll
            await self._take_question(update, context, number, poll.question, [each.text for each in poll.options])
            return
        try:
            content = read_content(message)
        except UnreadableError:
            await self._desk.say(update, "unreadable")
            return
        await self._take(update, context, number, content, waits.data)

    async def named_links(self, update: Update, context: Context, waits: Open) -> None:
        """Labels and addresses."""
        number = int(waits.data["announcement"])
        try:
            item = await self._desk.rooms.drafts.set_links(person_id(update), number, read_link_buttons(typed(update)))
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.end_dialogue(update)
        await self.show_preview(update, context, item)

    async def named_question(self, update: Update, context: Context, waits: Open) -> None:
        """A question and its answers, or a poll."""
        number = int(waits.data["announcement"])
        poll = update.message.poll if update.message else None
        try:
            question = (
                make_question(poll.question, [each.text for each in poll.options])
                if poll
                else read_question(typed(update))
            )
            item = await self._desk.rooms.drafts.set_question(person_id(update), number, question)
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.end_dialogue(update)
        await self.show_preview(update, context, item)

    async def named_reason(self, update: Update, context: Context, waits: Open) -> None:
        """Why it cannot wait."""
        number = int(waits.data["announcement"])
        try:
            item = await self._desk.rooms.drafts.set_urgent(person_id(update), number, typed(update))
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.end_dialogue(update)
        await self.show_preview(update, context, item)

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _list(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        screen = await self._screens.listing(person_id(press.update), *numbers)
        await self._desk.members.dialogues.begin(press.chat_id, WRITE)
        await self._desk.turn(press, screen)
        return None

    async def _show(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.drafts.item(person_id(press.update), *numbers)  # refuses who may not
        await self._desk.members.dialogues.end(press.chat_id)
        await self._screens.turn(press, *numbers)
        return None

    async def _preview(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.item(person_id(press.update), *numbers)
        await self._desk.members.dialogues.end(press.chat_id)
        await self.show_preview(press.update, press, item)
        return None

    async def _edit(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.open_item(person_id(press.update), *numbers)
        await self._desk.ask(press.update, WRITE, item.id, "edit")
        return None

    async def _copy(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.copy(person_id(press.update), *numbers)
        await self.show_preview(press.update, press, item)
        return None

    async def _discard(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, *really = numbers
        if not really:
            item = await self._desk.rooms.drafts.item(person_id(press.update), number)
            rows = [[button("Wirklich verwerfen", Verb.DISCARD, number, 1), button(BACK, Verb.SHOW, number)]]
            await self._desk.turn(press, Screen(self._desk.render("discard", title=title(item)), rows))
            return None
        await self._desk.rooms.drafts.discard(person_id(press.update), number)
        await self._desk.members.dialogues.end(press.chat_id)
        await self._desk.turn(press, await self._screens.listing(person_id(press.update)))
        return DISCARDED

    async def _extras(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.open_item(person_id(press.update), *numbers)
        await self._desk.turn(press, self._extras_screen(item))
        return None

    async def _read_button(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.toggle_read_button(person_id(press.update), *numbers)
        await self._desk.turn(press, self._extras_screen(item))
        return None

    async def _links(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        return await self._ask(press, LINKS, numbers[0], "ask_links")

    async def _question(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        return await self._ask(press, QUESTION, numbers[0], "ask_question")

    async def _urgent(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        return await self._ask(press, URGENT, numbers[0], "ask_urgent")

    async def _clear(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor, (number, which) = person_id(press.update), numbers
        drafts = self._desk.rooms.drafts
        match which:
            case 0:
                item = await drafts.set_links(actor, number, ())
            case 1:
                item = await drafts.set_question(actor, number, None)
            case 2:
                item = await drafts.set_urgent(actor, number, None)
            case 4:
                item = await drafts.drop_files(actor, number)
            case _:
                item = await drafts.set_not_after(actor, number, None)
        await self._desk.turn(press, self._extras_screen(item))
        return None

    # Shared with other parts -----------------------------------------------------------------------------------------

    async def show_preview(self, update: Update, with_bot: Context | Press, item: Item) -> None:
        """The message exactly as its reader would see it, and below it what can be done."""
        chat = update.effective_chat
        if chat is None:
            return
        if not item.body.empty:
            actor = await self._desk.members.members.profile(person_id(update) or 0)
            reader = Reader(actor.name, actor.town or "")
            payload = self._desk.rooms.ground.wording.payload(item.body, item.id, reader)
            await show_payload(with_bot.bot, chat.id, payload)
        await self._desk.show(update, await self._screens.stand(person_id(update), item))

    # Within ----------------------------------------------------------------------------------------------------------

    async def _ask(self, press: Press, kind: str, number: int, template: str) -> str | None:
        await self._desk.rooms.drafts.open_item(person_id(press.update), number)
        await self._desk.ask(press.update, kind, number, template)
        return None

    async def _take(
        self, update: Update, with_bot: Context | Press, number: int | None, content: Content, data: Mapping[str, Any]
    ) -> None:
        """Keep what was written, and show it; an album's parts come one by one, so its preview waits for a press."""
        actor = person_id(update)
        try:
            if number is None:
                item = await self._desk.rooms.drafts.begin(actor, content)
            else:
                item = await self._desk.rooms.drafts.write(actor, number, content)
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        if content.album is not None:
            await self._count_parts(update, with_bot, item, data)
            return
        await self._desk.end_dialogue(update)
        await self.show_preview(update, with_bot, item)

    async def _take_question(
        self, update: Update, with_bot: Context | Press, number: int | None, text: str, answers: list[str]
    ) -> None:
        actor = person_id(update)
        try:
            question: Question = make_question(text, answers)
            if number is None:
                item = await self._desk.rooms.drafts.begin(actor, question=question)
            else:
                item = await self._desk.rooms.drafts.set_question(actor, number, question)
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.end_dialogue(update)
        await self.show_preview(update, with_bot, item)

    async def _count_parts(
        self, update: Update, with_bot: Context | Press, item: Item, data: Mapping[str, Any]
    ) -> None:
        chat, content = update.effective_chat, item.body.content
        if chat is None:
            return
        html = self._desk.render("album", count=len(content.items))
        rows = [[button("Vorschau", Verb.PREVIEW, item.id)]]
        if data.get("album") == content.album and data.get("counter"):
            await edit_own(with_bot.bot, chat.id, int(data["counter"]), html, rows)
            return
        counter: Message | None = await reply(update, html, rows)
        known = {"announcement": item.id, "album": content.album, "counter": counter.message_id if counter else 0}
        await self._desk.members.dialogues.begin(chat.id, WRITE, known)

    def _extras_screen(self, item: Item) -> Screen:
        number, body = item.id, item.body
        rows = [
            [
                button("Links ändern" if body.links else "Links hinzufügen", Verb.LINKS, number),
                *([button("Links ✕", Verb.CLEAR, number, 0)] if body.links else []),
            ],
            [button("„Gelesen“ ✓" if body.read_button else "„Gelesen“ hinzufügen", Verb.READ_BUTTON, number)],
            [
                button("Frage ändern" if body.question else "Frage hinzufügen", Verb.QUESTION, number),
                *([button("Frage ✕", Verb.CLEAR, number, 1)] if body.question else []),
            ],
            [
                button("Nicht mehr dringend", Verb.CLEAR, number, 2)
                if body.urgent is not None
                else button("Dringend …", Verb.URGENT, number)
            ],
            [
                button("Ohne letzten Zeitpunkt", Verb.CLEAR, number, 3)
                if item.row.not_after
                else button("Nur bis …", Verb.UNTIL, number)
            ],
            [button("Bilder und Dokumente ✕", Verb.CLEAR, number, 4)] if body.content.items else [],
            [button("Vorschau", Verb.PREVIEW, number), button(BACK, Verb.SHOW, number)],
        ]
        return Screen(self._desk.render("extras", item=item, body=body), rows)


def _after_command(update: Update) -> str:
    """What follows the command, formatted as it was written."""
    if update.message is None or not update.message.text:
        return ""
    parts = update.message.text_html.split(maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else ""
