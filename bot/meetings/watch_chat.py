"""„Frist merken“ and `/merkliste` in chat, and the messages about watched deadlines."""

import datetime as dt
from collections.abc import Sequence

from telegram import Update

from bot.delivery.payloads import Payload, Text
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.desk import OnPress, person_id, send, show
from bot.meetings.notices import QueuedRow
from bot.meetings.watching import DAYS_BEFORE, Watched, Watching
from bot.rendering import Messages, shorten
from bot.telegram import Context, Press, is_private
from knowledge.deadlines import days_left
from knowledge.entries import FundingProgramme, Status
from knowledge.library import entry_code

MOST_SHOWN = 30
"""Programmes on the list in chat; soonest first."""
LABEL = 40
"""Characters of a programme's name on a button."""


class WatchChat:
    """The handlers for watched deadlines, and the renderer of their messages."""

    def __init__(self, watching: Watching, messages: Messages) -> None:
        self._watching = watching
        self._messages = messages

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {Verb.WATCH: self._watch, Verb.UNWATCH: self._unwatch}

    async def command(self, update: Update, context: Context) -> None:
        """`/merkliste`: what one watches."""
        del context
        if not is_private(update):
            await send(update, Card(self._messages.render("only_private")))
            return
        await send(update, await self._card(person_id(update)))

    async def render(self, rows: Sequence[QueuedRow]) -> Payload | None:
        """The message about a watched deadline; None where it has changed since it was queued."""
        context = rows[0].payload or {}
        entry = self._watching.knowledge.get(context["entry"])
        now = dt.date.fromisoformat(context["now"]) if context.get("now") else None
        was = dt.date.fromisoformat(context["was"]) if context.get("was") else None
        programme = entry if isinstance(entry, FundingProgramme) else None
        known = self._watching.deadline(programme) if programme is not None else None
        if known != now or (programme is None and "days" in context):
            return None
        left = days_left(now, self._watching.today()) if now else ""
        html = self._messages.render(
            "deadline",
            title=programme.title if programme else context["entry"],
            gone=programme is None,
            closed=programme is not None and programme.status is Status.CLOSED,
            now=now,
            was=was,
            left=left,
            changed="days" not in context,
        )
        return Text(
            html=html, buttons=((button("Nicht mehr erinnern", Verb.UNWATCH, text=entry_code(context["entry"])),),)
        )

    async def _watch(self, press: Press, wish: Wish) -> str | None:
        entry = self._watching.knowledge.by_code(wish.text)
        watched, fresh = await self._watching.watch(person_id(press.update), entry.id if entry else "")
        if not fresh:
            return "Das steht schon auf Ihrer Merkliste."
        if watched.deadline is None:
            return "Gemerkt. Zurzeit gibt es keine feste Frist; Sie erfahren es, wenn eine bekannt wird."
        days = " und ".join((", ".join(str(each) for each in DAYS_BEFORE[:-1]), str(DAYS_BEFORE[-1])))
        return f"Gemerkt: Sie werden {days} Tage vorher erinnert. /merkliste zeigt alle."

    async def _unwatch(self, press: Press, wish: Wish) -> str | None:
        entry_id = await self._watching.code_of(person_id(press.update), wish.text)
        gone = await self._watching.forget(person_id(press.update), entry_id) if entry_id else False
        await show(press, await self._card(person_id(press.update)))
        return "Von der Merkliste genommen." if gone else None

    async def _card(self, actor: int | None) -> Card:
        watched = await self._watching.of(actor)
        today = self._watching.today()
        lines = [(each, days_left(each.deadline, today) if each.deadline else "") for each in watched[:MOST_SHOWN]]
        rows = tuple(
            (button(f"✕ {shorten(_name(each), LABEL)}", Verb.UNWATCH, text=entry_code(each.entry_id)),)
            for each in watched[:MOST_SHOWN]
        )
        return Card(self._messages.render("watched", lines=lines, more=len(watched) - len(lines)), rows)


def _name(watched: Watched) -> str:
    return watched.entry.title if watched.entry is not None else watched.entry_id
