"""Choosing whom an announcement is for: by presses, or by a pasted list."""

from collections.abc import Mapping

from telegram import InlineKeyboardButton, Update

from bot.announcements.callbacks import Verb
from bot.announcements.desk import Desk, OnPress, Screen, button, person_id, typed
from bot.announcements.kinds import By, Part
from bot.announcements.options import Option, option, options
from bot.announcements.screens import BACK, Screens
from bot.announcements.shared import Item
from bot.announcements.spec import Criterion
from bot.callbacks import OddButtonError
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.screens import Answer
from bot.telegram import Context, Keyboard, Press

LIST = "announcements.list"
KINDS = list(By)
CHATS = len(KINDS)
"""The number of linked groups among the kinds."""
NAMES = {
    By.GROUP: "Arbeitsgruppen",
    By.TOWN: "Städte",
    By.DISTRICT: "Landkreise",
    By.SIZE: "Größe",
    By.ROLE: "Rollen",
    By.MEETING: "Antworten auf Treffen",
}
PARTS = {Part.ANY: "Wer", Part.ONLY: "davon nur", Part.WITHOUT: "ohne"}
ROWS = 12
"""Rows of options on one page."""
SHORT = 20
"""Options whose labels are no longer stand two in a row."""


class AudienceChat:
    """Handlers about who is meant."""

    def __init__(self, desk: Desk, screens: Screens) -> None:
        self._desk = desk
        self._screens = screens
        self.presses: dict[Verb, OnPress] = {
            Verb.AUDIENCE: self._audience,
            Verb.PICK: self._pick,
            Verb.TOGGLE: self._toggle,
            Verb.CHAT: self._chat,
            Verb.EMPTY: self._empty,
            Verb.PASTE: self._paste,
            Verb.TOWNS: self._towns,
        }
        self.answers: Mapping[str, Answer] = {LIST: self.pasted}

    async def pasted(self, update: Update, context: Context, waits: Open) -> None:
        """A list of persons."""
        del context
        number, part = int(waits.data["announcement"]), Part(int(waits.data.get("part", 0)))
        actor = person_id(update)
        try:
            found = await self._desk.rooms.drafts.read_list(actor, typed(update))
            if found.ids:  # a long list comes in several messages, so that a further one is still waited for
                await self._desk.rooms.drafts.add_list(actor, number, part, found.ids)
            item = await self._desk.rooms.drafts.item(actor, number)
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.say(update, "pasted", found=found)
        if found.ids:
            await self._desk.show(update, await self._screen(actor, item, part))

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _audience(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor = person_id(press.update)
        item = await self._desk.rooms.drafts.open_item(actor, numbers[0])
        await self._desk.members.dialogues.end(press.chat_id)
        await self._desk.turn(press, await self._screen(actor, item, _part(numbers[1])))
        return None

    async def _pick(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, part, kind, page = numbers
        item = await self._desk.rooms.drafts.open_item(person_id(press.update), number)
        await self._desk.members.dialogues.end(press.chat_id)
        screen = await self._chats_screen(item) if kind == CHATS else await self._options(item, part, kind, page)
        await self._desk.turn(press, screen)
        return None

    async def _toggle(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, part, kind, which = numbers
        actor = person_id(press.update)
        async with self._desk.rooms.ground.database.reading() as session:
            chosen = await option(session, _kind(kind), which, self._desk.clock.now())
        if chosen is None:
            raise OddButtonError(press.query.data)
        item = await self._desk.rooms.drafts.toggle(actor, number, _part(part), chosen.criterion)
        if _kind(kind) is By.ALL:
            await self._desk.turn(press, await self._screen(actor, item, _part(part)))
        else:
            await self._desk.turn(press, await self._options(item, part, kind, None, chosen))
        return None

    async def _chat(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.toggle_chat(person_id(press.update), *numbers)
        await self._desk.turn(press, await self._chats_screen(item))
        return None

    async def _empty(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.clear_audience(person_id(press.update), *numbers)
        await self._desk.turn(press, await self._screen(person_id(press.update), item, Part.ANY))
        return None

    async def _paste(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor, (number, part, *forget) = person_id(press.update), numbers
        if forget:
            item = await self._desk.rooms.drafts.drop_lists(actor, number, _part(part))
            await self._desk.turn(press, await self._screen(actor, item, _part(part)))
            return None
        await self._desk.rooms.drafts.open_item(actor, number)
        await self._desk.ask(press.update, LIST, number, "ask_list", part=int(_part(part)))
        return None

    async def _towns(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor = person_id(press.update)
        item = await self._desk.rooms.drafts.item(actor, *numbers)
        outlook = await self._desk.rooms.drafts.outlook(actor, item)
        html = self._desk.render("towns", outlook=outlook)
        await self._desk.turn(press, Screen(html, [[button(BACK, Verb.SHOW, item.id)]]))
        return None

    # Screens ---------------------------------------------------------------------------------------------------------

    async def _screen(self, actor: int | None, item: Item, part: Part) -> Screen:
        outlook = await self._desk.rooms.drafts.outlook(actor, item)
        words = await self._desk.rooms.drafts.describe(item.audience)
        html = self._desk.render("audience", audience=words, outlook=outlook, part=part, Part=Part)
        number = item.id
        everybody = Criterion(by=By.ALL) in item.audience.of(part)
        rows: Keyboard = [
            [
                button(f"● {words}" if each is part else f"○ {words}", Verb.AUDIENCE, number, each)
                for each, words in PARTS.items()
            ]
        ]
        if part is Part.ANY:
            rows.append([button(f"Alle Mitglieder{' ✓' if everybody else ''}", Verb.TOGGLE, number, part, 0, 0)])
        kinds = [
            button(_counted(NAMES[by], item, part, by), Verb.PICK, number, part, KINDS.index(by), 0) for by in NAMES
        ]
        rows += [kinds[place : place + 2] for place in range(0, len(kinds), 2)]
        lists = [button("Liste einfügen", Verb.PASTE, number, part)]
        if any(each.by is By.LIST for each in item.audience.of(part)):
            lists.append(button("Liste ✕", Verb.PASTE, number, part, 1))
        rows.append(lists)
        chats = f"Telegram-Gruppen{f' ({len(item.audience.chats)})' if item.audience.chats else ''}"
        rows.append([button(chats, Verb.PICK, number, part, CHATS, 0), button("Leeren", Verb.EMPTY, number)])
        rows.append([button("Fertig", Verb.SHOW, number)])
        return Screen(html, rows)

    async def _options(
        self, item: Item, part: int, kind: int, page: int | None, chosen: Option | None = None
    ) -> Screen:
        by, where = _kind(kind), _part(part)
        async with self._desk.rooms.ground.database.reading() as session:
            found = await options(session, by, self._desk.clock.now())
        columns = 2 if all(len(each.label) <= SHORT for each in found) else 1
        size = ROWS * columns
        if page is None:
            numbers = [each.number for each in found]
            page = numbers.index(chosen.number) // size if chosen and chosen.number in numbers else 0
        picked = item.audience.of(where)
        buttons = []
        for each in found[page * size : (page + 1) * size]:
            label = f"{each.label} ✓" if each.criterion in picked else each.label
            buttons.append(button(label, Verb.TOGGLE, item.id, part, kind, each.number))
        rows: Keyboard = [buttons[place : place + columns] for place in range(0, len(buttons), columns)]
        turns: list[InlineKeyboardButton] = []
        if page:
            turns.append(button("‹ Davor", Verb.PICK, item.id, part, kind, page - 1))
        if len(found) > (page + 1) * size:
            turns.append(button("Danach ›", Verb.PICK, item.id, part, kind, page + 1))
        rows += [turns, [button(BACK, Verb.AUDIENCE, item.id, part)]]
        labels = await self._desk.rooms.drafts.labels(item.audience, where)
        html = self._desk.render("options", name=NAMES.get(by, ""), part=PARTS[where], labels=labels, empty=not found)
        return Screen(html, rows)

    async def _chats_screen(self, item: Item) -> Screen:
        chats = await self._desk.rooms.ground.audiences.chats()
        rows = [
            [button(f"{chat.title}{' ✓' if chat.id in item.audience.chats else ''}", Verb.CHAT, item.id, chat.id)]
            for chat in chats
        ]
        rows.append([button(BACK, Verb.AUDIENCE, item.id, 0)])
        return Screen(self._desk.render("chats", empty=not chats), rows)


def _counted(words: str, item: Item, part: Part, by: By) -> str:
    count = sum(each.by is by for each in item.audience.of(part))
    return f"{words} ({count})" if count else words


def _part(number: int) -> Part:
    try:
        return Part(number)
    except ValueError:
        raise OddButtonError(number) from None


def _kind(number: int) -> By:
    if number >= len(KINDS):
        raise OddButtonError(number)
    return KINDS[number]
