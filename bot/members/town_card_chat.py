"""Towns in chat, for the office: one is found by its name, added, renamed, corrected or removed."""

from telegram import Update

from bot.callbacks import OddButtonError
from bot.members.callbacks import Verb, button, fit_text
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.models import Town
from bot.members.roles import Role
from bot.members.screens import Answer, Desk, OnPress, message_text, person_id
from bot.members.towns import ALLIANCE_NAMES, CLASSES, KIND_NAMES, NAME_LIMIT, TownFacts, fold_name
from bot.rendering import shorten
from bot.telegram import Context, Keyboard, Press, replace, reply

FIND, FIELD = "members.towns", "members.town_field"
NAME, DISTRICT, SIZE, ALLIANCE, KIND = range(5)
"""What of a town is changed; stands in buttons, so numbers stay."""
FIELDS = ("name", "district", "inhabitants_from", "alliance", "kind")
SIZES = (None, *CLASSES)
ALLIANCES = tuple(ALLIANCE_NAMES)
KINDS = tuple(KIND_NAMES)
DISTRICT_BYTES = 40


class TownCardChat:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {
            Verb.TOWNS: self._ask_which,
            Verb.TOWN_NEW: self._add,
            Verb.TOWN_CARD: self._card,
            Verb.TOWN_ASK: self._ask_field,
            Verb.TOWN_SET: self._set,
            Verb.TOWN_REMOVE: self._remove,
        }

    def answers(self) -> dict[str, Answer]:
        """The name that is looked for, and the new name or district."""
        return {FIND: self._search, FIELD: self._typed}

    # Finding and adding ----------------------------------------------------------------------------------------------

    async def _ask_which(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await self._office(press.update)
        await self._desk.rooms.dialogues.begin(press.chat_id, FIND)
        towns = await self._desk.rooms.towns.all()
        await self._desk.say(press.update, "towns", total=len(towns))
        return None

    async def _search(self, update: Update, context: Context, waits: Open) -> None:
        del context, waits
        if update.effective_chat is None:
            return
        try:
            await self._office(update)
        except MembersError as error:  # they lost the role meanwhile: what they type is a question again
            await self._end(update.effective_chat.id)
            await reply(update, self._desk.refusal(error))
            return
        typed = " ".join(message_text(update).split())[:NAME_LIMIT]
        found = await self._desk.rooms.towns.search(typed)
        rows = [[button(shorten(town.name, 60), Verb.TOWN_CARD, town.id)] for town in found]
        if fold_name(typed) and all(town.folded != fold_name(typed) for town in found):
            await self._desk.rooms.dialogues.begin(update.effective_chat.id, FIND, {"typed": typed})
            rows.append([button(f"Neu anlegen: „{shorten(typed, 40)}“", Verb.TOWN_NEW)])
        await reply(
            update,
            self._desk.messages.render("towns_found", found=len(found), typed=typed, may_add=True, own=False),
            rows,
        )

    async def _add(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        if numbers:
            return await self._add_for(press, numbers[0])
        waits = await self._desk.rooms.dialogues.current(press.chat_id)
        if waits is None or waits.kind != FIND or "typed" not in waits.data:
            return self._desk.messages.render("outdated")
        town = await self._desk.rooms.towns.add(person_id(press.update), TownFacts(str(waits.data["typed"])))
        await self._desk.rooms.dialogues.end(press.chat_id)
        await self._show(press, town)
        return None

    async def _add_for(self, press: Press, request_id: int) -> str | None:
        """The town that somebody typed who was admitted: it is added, and becomes theirs."""
        actor = person_id(press.update)
        request = await self._desk.rooms.joining.get(actor, request_id)
        if request.state != "admitted" or not request.typed or request.town is None:
            return self._desk.messages.render("outdated")
        same = [town for town in await self._desk.rooms.towns.all() if town.folded == fold_name(request.town)]
        town = same[0] if same else await self._desk.rooms.towns.add(actor, TownFacts(request.town))
        if request.person.town_id is None:
            await self._desk.rooms.members.set_town(actor, request.person.id, town.id)
        await self._show(press, town)
        return None

    # One town --------------------------------------------------------------------------------------------------------

    async def _card(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        await self._office(press.update)
        await self._end(press.chat_id)
        await self._show(press, await self._desk.rooms.towns.get(numbers[0]))
        return None

    async def _show(self, press: Press, town: Town) -> None:
        await replace(press, *await self._screen(town))

    async def _screen(self, town: Town) -> tuple[str, Keyboard]:
        people = await self._desk.rooms.towns.people(town.id)
        html = self._desk.messages.render(
            "town", town=town, people=people, sizes=CLASSES, kinds=KIND_NAMES, alliance=ALLIANCE_NAMES
        )
        rows: Keyboard = [[button("Umbenennen", Verb.TOWN_ASK, town.id, NAME)]]
        if town.kind == "town":
            rows += [
                [
                    button("Landkreis ändern", Verb.TOWN_ASK, town.id, DISTRICT),
                    button("Größe ändern", Verb.TOWN_ASK, town.id, SIZE),
                ]
            ]
        other = KINDS.index("partner" if town.kind == "town" else "town")
        rows.append(
            [
                button("Bündnis ändern", Verb.TOWN_ASK, town.id, ALLIANCE),
                button(f"Ist: {KIND_NAMES[KINDS[other]]}", Verb.TOWN_SET, town.id, KIND, other),
            ]
        )
        if people:
            rows.append([button("Personen ansehen", Verb.LIST, 0, 0, text=fit_text(town.name))])
        rows.append([button("Entfernen", Verb.TOWN_REMOVE, town.id)])
        rows.append([button("‹ Andere Stadt", Verb.TOWNS), button("‹ Mitglieder", Verb.LIST, 0, 0)])
        return html, rows

    async def _ask_field(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        town_id, place = numbers
        await self._office(press.update)
        town = await self._desk.rooms.towns.get(town_id)
        back = [button("‹ Zurück", Verb.TOWN_CARD, town_id)]
        match place:
            case 0 | 1:
                await self._desk.rooms.dialogues.begin(press.chat_id, FIELD, {"town": town_id, "field": place})
                rows = await self._district_rows(town) if place == DISTRICT else []
            case 2:
                rows = [
                    [
                        button(
                            CLASSES[each] if each is not None else "nicht bekannt", Verb.TOWN_SET, town_id, SIZE, index
                        )
                    ]
                    for index, each in enumerate(SIZES)
                ]
            case 3:
                rows = [
                    [button(name, Verb.TOWN_SET, town_id, ALLIANCE, index)]
                    for index, name in enumerate(ALLIANCE_NAMES.values())
                ]
            case _:
                raise OddButtonError
        await replace(
            press, self._desk.messages.render("ask_town_field", town=town, field=FIELDS[place]), [*rows, back]
        )
        return None

    async def _district_rows(self, town: Town) -> Keyboard:
        known = sorted({each.district for each in await self._desk.rooms.towns.all() if each.district})
        keys = [
            button(name, Verb.TOWN_SET, town.id, DISTRICT, 0, text=fit_text(name, DISTRICT_BYTES)) for name in known
        ]
        return [keys[start : start + 2] for start in range(0, len(keys), 2)]

    async def _set(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        town_id, place, value = numbers
        choices: dict[int, tuple[object, ...]] = {SIZE: SIZES, ALLIANCE: ALLIANCES, KIND: KINDS}
        if place == DISTRICT and text:
            chosen: object = text
        elif place in choices and value < len(choices[place]):
            chosen = choices[place][value]
        else:
            raise OddButtonError
        town = await self._desk.rooms.towns.change(person_id(press.update), town_id, **{FIELDS[place]: chosen})
        await self._end(press.chat_id)
        await self._show(press, town)
        return None

    async def _typed(self, update: Update, context: Context, waits: Open) -> None:
        """A new name or district; where it cannot be, the dialogue waits for another."""
        del context
        if update.effective_chat is None:
            return
        value = {FIELDS[int(waits.data["field"])]: message_text(update)}
        try:
            town = await self._desk.rooms.towns.change(person_id(update), int(waits.data["town"]), **value)
        except MembersError as error:
            again = error.code in ("odd_value", "town_exists")
            if not again:
                await self._end(update.effective_chat.id)
            html = self._desk.messages.render("town_refused", code=error.code) if again else self._desk.refusal(error)
            await reply(update, html)
            return
        await self._desk.rooms.dialogues.end(update.effective_chat.id)
        await reply(update, *await self._screen(town))

    async def _remove(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        town_id, *really = numbers
        await self._office(press.update)
        if really:
            await self._desk.rooms.towns.remove(person_id(press.update), town_id)
            back = [button("‹ Andere Stadt", Verb.TOWNS), button("‹ Mitglieder", Verb.LIST, 0, 0)]
            await replace(press, self._desk.messages.render("town_removed"), [back])
            return None
        town = await self._desk.rooms.towns.get(town_id)
        people = await self._desk.rooms.towns.people(town_id)
        rows = [
            [button("Wirklich entfernen", Verb.TOWN_REMOVE, town_id, 1)],
            [button("‹ Zurück", Verb.TOWN_CARD, town_id)],
        ]
        await replace(press, self._desk.messages.render("town_remove", town=town, people=people), rows)
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    async def _office(self, update: Update) -> None:
        await self._desk.rooms.members.actor(person_id(update), Role.COORDINATOR)

    async def _end(self, chat_id: int) -> None:
        """A button was pressed instead of an answer: nothing is waited for any more."""
        waits = await self._desk.rooms.dialogues.current(chat_id)
        if waits is not None and waits.kind in (FIND, FIELD):
            await self._desk.rooms.dialogues.end(chat_id)
