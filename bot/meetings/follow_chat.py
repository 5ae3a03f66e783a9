"""Following other calendars in chat: which, straight out or by a lead's decision, and what waits."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telegram import Update

from bot.dates.outcome import german_span
from bot.delivery.payloads import Button, Buttons, Payload, Text
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import LABEL, Card
from bot.meetings.change_chat import preview
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.errors import CalendarFaultError, MeetingsError
from bot.meetings.following import Following, Waiting
from bot.meetings.kinds import State
from bot.meetings.notices import QueuedRow
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.rendering import shorten
from bot.telegram import Context, Press, is_private

FOLLOW = "meetings.follow"
SHOWN = 12
"""Events on one screen."""


class FollowChat:
    """The handlers for followed calendars, and the renderer of what leads are told of them."""

    def __init__(self, desk: Desk, following: Following) -> None:
        self._desk = desk
        self._following = following

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.CALENDARS: self._list,
            Verb.CALENDAR_ADD: self._add,
            Verb.CALENDAR_DIRECT: self._direct,
            Verb.CALENDAR_REMOVE: self._remove,
            Verb.CALENDAR: self._calendar,
            Verb.EVENT: self._event,
            Verb.EVENT_TAKE: self._take,
            Verb.EVENT_LEAVE: self._leave,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {FOLLOW: self.named}

    async def named(self, update: Update, context: Context, waits: Open) -> None:
        """A calendar's address."""
        del context
        actor, key = person_id(update), str(waits.data["group"])
        if not message_text(update):
            await self._desk.say(update, "only_text")
            return
        try:
            row = await self._following.follow(actor, key, message_text(update))
        except CalendarFaultError as error:
            await self._desk.say(update, "calendar_fault", reason=error.reason)
            return
        if update.effective_chat is not None:
            await self._desk.dialogues.end(update.effective_chat.id)
        await send(update, await self._waiting_card(actor, row.id, row.title, key))

    async def render(self, rows: Sequence[QueuedRow]) -> Payload | None:
        """What somebody is told of a calendar; None where nothing waits any more."""
        context = rows[0].payload or {}
        actor, calendar_id = int(context["person"]), int(context["calendar"])
        try:
            waiting = await self._following.waiting(actor, calendar_id)
            row = await self._following.get(actor, calendar_id)
        except (MeetingsError, MembersError):
            return None
        kind = str(context["kind"])
        if kind != "events":
            html = self._render("calendar_state", calendar=row, broken=kind == "broken")
            return Text(html=html, buttons=((button("Kalender ansehen", Verb.CALENDARS, text=row.group_key),),))
        if not waiting:
            return None
        card = self._waiting_screen(row.title, row.group_key, waiting)
        return Text(html=card.html, buttons=card.rows)

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _list(self, press: Press, wish: Wish) -> str | None:
        await show(press, await self._calendars(person_id(press.update), wish.text))
        return None

    async def _add(self, press: Press, wish: Wish) -> str | None:
        await self._following.of(person_id(press.update), wish.text)  # refuses who may not
        if not is_private(press.update):
            return self._render("only_private")
        await self._desk.dialogues.begin(press.chat_id, FOLLOW, {"group": wish.text})
        await send(press.update, Card(self._render("ask_calendar")))
        return None

    async def _direct(self, press: Press, wish: Wish) -> str | None:
        actor = person_id(press.update)
        row = await self._following.set_direct(actor, wish.number(0), direct=wish.number(1) == 1)
        await show(press, await self._calendars(actor, row.group_key))
        return None

    async def _remove(self, press: Press, wish: Wish) -> str | None:
        key = await self._following.unfollow(person_id(press.update), wish.number(0))
        await show(press, await self._calendars(person_id(press.update), key))
        return None

    async def _calendar(self, press: Press, wish: Wish) -> str | None:
        actor = person_id(press.update)
        row = await self._following.get(actor, wish.number(0))
        await show(press, await self._waiting_card(actor, row.id, row.title, row.group_key))
        return None

    async def _event(self, press: Press, wish: Wish) -> str | None:
        actor = person_id(press.update)
        found = await self._following.event(actor, wish.number(0))
        planned = found.meeting is not None and found.meeting.state is not State.DRAFT
        if not planned and not found.said.gone:
            meeting = await self._following.draft(actor, found.id)
            card = await preview(self._desk, actor, meeting)
            if found.said.all_day:
                card = Card(f"{card.html}\n{self._render('all_day')}", card.rows)
            await show(press, card)
            return None
        take = "Absagen und alle informieren" if found.said.gone else "Übernehmen und alle informieren"
        rows = ((button(take, Verb.EVENT_TAKE, found.id),), (button("So lassen", Verb.EVENT_LEAVE, found.id),))
        when = german_span(found.said.start, found.said.end)
        await show(press, Card(self._render("event_changed", event=found, when=when), rows))
        return None

    async def _take(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._following.take_over(person_id(press.update), wish.number(0))
        if meeting is None:
            await show(press, Card(self._render("noted")))
        elif meeting.state is State.CANCELLED:
            await show(press, Card(self._render("cancel_done", meeting=meeting)))
        else:
            await show(press, Card(self._render("changed", meeting=meeting, told=True)))
        return None

    async def _leave(self, press: Press, wish: Wish) -> str | None:
        actor = person_id(press.update)
        row = await self._following.get(actor, await self._following.leave(actor, wish.number(0)))
        await show(press, await self._waiting_card(actor, row.id, row.title, row.group_key))
        return None

    # Screens ---------------------------------------------------------------------------------------------------------

    async def _calendars(self, actor: int | None, key: str) -> Card:
        found = await self._following.of(actor, key)
        rows: list[tuple[Button, ...]] = []
        for place, each in enumerate(found, start=1):
            turn = "als Entwurf" if each.direct else "direkt senden"
            rows.append(
                (
                    button(f"{place}: {turn}", Verb.CALENDAR_DIRECT, each.id, int(not each.direct)),
                    button("Was wartet", Verb.CALENDAR, each.id),
                    button("Entfernen", Verb.CALENDAR_REMOVE, each.id),
                )
            )
        rows.append((button("Kalender hinzufügen", Verb.CALENDAR_ADD, text=key),))
        return Card(self._render("calendars", calendars=found), tuple(rows))

    async def _waiting_card(self, actor: int | None, calendar_id: int, title: str, key: str) -> Card:
        return self._waiting_screen(title, key, await self._following.waiting(actor, calendar_id))

    def _waiting_screen(self, title: str, key: str, waiting: list[Waiting]) -> Card:
        lines = [(each, german_span(each.said.start, each.said.end)) for each in waiting[:SHOWN]]
        html = self._render("calendar_events", title=title, lines=lines, more=len(waiting) - len(lines))
        rows: Buttons = tuple((button(_label(each), Verb.EVENT, each.id),) for each, _ in lines)
        return Card(html, (*rows, (button("‹ Kalender", Verb.CALENDARS, text=key),)))

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


def _label(event: Waiting) -> str:
    start = event.said.start
    return shorten(f"{start.day}.{start.month}. {event.said.title}", LABEL)
