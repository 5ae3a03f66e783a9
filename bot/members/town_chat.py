"""Picking a town: a few letters are enough, then a button. Whoever needs a town begins it with a purpose."""

from collections.abc import Awaitable, Callable, Mapping
from enum import IntEnum

from telegram import Update

from bot.callbacks import OddButtonError
from bot.members.callbacks import Verb, button
from bot.members.dialogues import Open
from bot.members.screens import Answer, Desk, OnPress, message_text, town_rows
from bot.members.towns import NAME_LIMIT, fold_name
from bot.rendering import shorten
from bot.telegram import Context, Press, reply

KIND = "members.town"


class Purpose(IntEnum):
    """What the town is for; stands in buttons, so numbers stay."""

    OWN = 1
    REQUEST = 2
    INVITATION = 3
    CARD = 4


NEEDS = {Purpose.OWN: 0, Purpose.REQUEST: 0, Purpose.INVITATION: 3, Purpose.CARD: 1}
"""How many numbers a purpose needs besides the town."""

Picked = Callable[[Press, int, tuple[int, ...]], Awaitable[str | None]]
"""Takes the press, the town's row and what the purpose needs besides."""
Typed = Callable[[Update, str], Awaitable[None]]
"""Takes a town that the list lacks."""


class TownChat:
    """The dialogue.

    Args:
        desk: What the handlers work with.
        picked: Who takes the town, by purpose.
        typed: Who takes a town that the list lacks, by purpose; for the others the list is all there is.
    """

    def __init__(self, desk: Desk, picked: Mapping[Purpose, Picked], typed: Mapping[Purpose, Typed]) -> None:
        self._desk = desk
        self._picked = picked
        self._typed = typed

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this dialogue."""
        return {Verb.TOWN: self._pick, Verb.TYPED_TOWN: self._take_typed}

    def answers(self) -> dict[str, Answer]:
        """The dialogue's kind."""
        return {KIND: self._search}

    async def _search(self, update: Update, context: Context, waits: Open) -> None:
        del context
        if update.effective_chat is None:
            return
        typed = message_text(update)[:NAME_LIMIT]
        purpose, more = Purpose(waits.data["purpose"]), tuple(waits.data["more"])
        found = await self._desk.rooms.towns.search(typed)
        rows = town_rows(found, purpose, *more)
        if typed and purpose in self._typed and all(town.folded != fold_name(typed) for town in found):
            await self._desk.rooms.dialogues.begin(update.effective_chat.id, KIND, {**waits.data, "typed": typed})
            rows.append([button(f"Nicht dabei: „{shorten(typed, 30)}“ angeben", Verb.TYPED_TOWN)])
        await reply(
            update,
            self._desk.messages.render(
                "towns_found", found=len(found), typed=typed, may_add=False, own=purpose is Purpose.OWN
            ),
            rows,
        )

    async def _pick(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        purpose, town_id, *more = numbers
        if purpose not in list(Purpose) or len(more) != NEEDS[Purpose(purpose)]:
            raise OddButtonError
        note = await self._picked[Purpose(purpose)](press, town_id, tuple(more))
        await self._end(press)
        return note

    async def _take_typed(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        waits = await self._desk.rooms.dialogues.current(press.chat_id)
        if waits is None or waits.kind != KIND or "typed" not in waits.data:
            return None
        await self._typed[Purpose(waits.data["purpose"])](press.update, waits.data["typed"])
        await self._end(press)
        return None

    async def _end(self, press: Press) -> None:
        waits = await self._desk.rooms.dialogues.current(press.chat_id)
        if waits is not None and waits.kind == KIND:
            await self._desk.rooms.dialogues.end(press.chat_id)


async def ask_town(desk: Desk, update: Update, purpose: Purpose, *more: int) -> None:
    """Ask for a town; the dialogue waits for its first letters."""
    if update.effective_chat is None:
        return
    await desk.rooms.dialogues.begin(update.effective_chat.id, KIND, {"purpose": purpose.value, "more": list(more)})
    await desk.say(update, "ask_town", purpose=purpose.name.lower())
