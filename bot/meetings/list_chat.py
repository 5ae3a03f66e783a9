"""`/termine`: what is coming and what was, the private calendar."""

from typing import Any

from babel.dates import format_date
from telegram import Update
from telegram.constants import ChatType

from bot.delivery.payloads import Buttons
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card, short_label
from bot.meetings.desk import Desk, OnPress, person_id, send, show
from bot.meetings.listing import PAGE, Wanted, Which, month_begins, month_number
from bot.telegram import Context, Press, is_private

FARTHEST = 60
"""Months that one can turn over."""
TABS = ((Which.MINE, "Meine"), (Which.ALL, "Alle"), (Which.MONTH, "Monat"), (Which.PAST, "Vergangene"))


class ListChat:
    """The handlers for lists and private calendars."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.LIST: self._list,
            Verb.GROUPS: self._groups,
            Verb.FEED: self._feed,
        }

    async def command(self, update: Update, context: Context) -> None:
        """`/termine`: what is coming; private calendars and replies only in private."""
        del context
        if is_private(update):
            await send(update, await self._card(person_id(update), Wanted(Which.MINE), 0))
            return
        listed = await self._desk.listing.page(person_id(update), Wanted(Which.ALL), 0)
        html = self._render("termine", which=Which.ALL.name, listed=listed.meetings, total=listed.total, words=[])
        await send(update, Card(html))

    async def _list(self, press: Press, wish: Wish) -> str | None:
        wanted = self._wanted(wish)
        if wanted is None:
            return self._render("outdated")
        if press.update.effective_chat is None or press.update.effective_chat.type != ChatType.PRIVATE:
            return None
        await show(press, await self._card(person_id(press.update), wanted, wish.number(1)))
        return None

    def _wanted(self, wish: Wish) -> Wanted | None:
        """The list that a button names; None: it names none."""
        if wish.number(0) not in set(Which):
            return None
        which = Which(wish.number(0))
        if which is not Which.MONTH:
            return Wanted(which, group=wish.text)
        now = month_number(self._desk.today())
        month = wish.number(2) if len(wish.numbers) > 2 else now
        return Wanted(which, month) if abs(month - now) <= FARTHEST else None

    async def _groups(self, press: Press, wish: Wish) -> str | None:
        del wish
        found = await self._desk.listing.groups(person_id(press.update))
        rows = [(button(group.short, Verb.LIST, Which.GROUP, 0, text=group.key),) for group in found]
        await show(press, Card(self._render("termine_groups"), (*rows, *_BACK)))
        return None

    async def _card(self, actor: int | None, wanted: Wanted, page: int) -> Card:
        which = wanted.which
        listed = await self._desk.listing.page(actor, wanted, page)
        groups = await self._desk.listing.groups(actor) if wanted.group else []
        html = self._render(
            "termine",
            which=which.name,
            listed=listed.meetings,
            total=listed.total,
            words=[self._desk.cards.answer_words(reply) for _, reply in listed.meetings],
            now=self._desk.clock.now(),
            month=self._month_name(wanted.month) if which is Which.MONTH else "",
            group=next((group.short for group in groups if group.key == wanted.group), ""),
        )
        rows = [(button(short_label(meeting), Verb.OPEN, meeting.id),) for meeting, _ in listed.meetings]
        more = (wanted.month,) if which is Which.MONTH else ()
        turning = []
        if page:
            turning.append(button("‹ Zurück", Verb.LIST, which, page - 1, *more, text=wanted.group))
        if (page + 1) * PAGE < listed.total:
            turning.append(button("Weiter ›", Verb.LIST, which, page + 1, *more, text=wanted.group))
        if which is Which.MONTH:
            before, after = wanted.month - 1, wanted.month + 1
            turning.insert(0, button(f"« {self._month_name(before)}", Verb.LIST, which, 0, before))
            turning.append(button(f"{self._month_name(after)} »", Verb.LIST, which, 0, after))
        tabs = [button(label, Verb.LIST, each, 0) for each, label in TABS if each is not which]
        tabs.append(button("Nach Gruppe", Verb.GROUPS))
        foot = (button("Kalender abonnieren", Verb.FEED, 0), button("Erinnerungen", Verb.REMIND, 0))
        shown = (*rows, tuple(turning), tuple(tabs[:2]), tuple(tabs[2:]), foot)
        return Card(html, tuple(row for row in shown if row))

    def _month_name(self, number: int) -> str:
        return format_date(month_begins(number, self._desk.zone).date(), "LLLL y", locale="de")

    async def _feed(self, press: Press, wish: Wish) -> str | None:
        actor = person_id(press.update)
        if self._desk.public_url is None:
            await show(press, Card(self._render("feed", link=None, gone=False), _BACK))
            return None
        if wish.number(0) == 2:
            await self._desk.listing.revoke_link(actor)
            renew: Buttons = ((button("Neuen Link machen", Verb.FEED, 1),), *_BACK)
            await show(press, Card(self._render("feed", link=None, gone=True), renew))
            return None
        token = await self._desk.listing.link(actor, anew=wish.number(0) == 1)
        link = f"{self._desk.public_url}/kalender/{token}.ics"
        rows = ((button("Link erneuern", Verb.FEED, 1), button("Link zurückziehen", Verb.FEED, 2)), *_BACK)
        await show(press, Card(self._render("feed", link=link, gone=False), rows))
        return None

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


_BACK = ((button("‹ Termine", Verb.LIST, 0, 0),),)
