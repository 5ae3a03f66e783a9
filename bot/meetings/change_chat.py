"""Changing and cancelling in chat: what everybody will be told is read back first."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import Update

from bot.dates.outcome import DateQuestion, Doubt, german_span
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.drafting import AGENDA_LIMIT, LINK_LIMIT, PLACE_LIMIT, REASON_LIMIT, TITLE_LIMIT, TOWN_LIMIT
from bot.meetings.errors import OverError
from bot.meetings.kinds import Answer, State
from bot.meetings.plan_data import NONE_WORDS, moment_of, with_time
from bot.meetings.views import MeetingView
from bot.members.dialogues import Open
from bot.members.personal import looks_personal
from bot.telegram import Context, Press

FIELD = "meetings.field"
FIELDS = ("when", "place", "title", "agenda", "video_link", "seats", "reply_by", "host_town")
"""What can be changed; buttons name them by their place here."""
LABELS = ("Zeit", "Ort", "Titel", "Themen", "Video-Link", "Plätze", "Antwort bis", "Gastgeberin")
LIMITS = {
    "title": TITLE_LIMIT,
    "place": PLACE_LIMIT,
    "agenda": AGENDA_LIMIT,
    "video_link": LINK_LIMIT,
    "host_town": TOWN_LIMIT,
    "cancel": REASON_LIMIT,
}


class ChangeChat:
    """The handlers for those who change a draft or a meeting."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.EDIT: self._edit,
            Verb.FIELD: self._field,
            Verb.INVITE: self._invite,
            Verb.APPLY: self._apply,
            Verb.PREVIEW: self._preview,
            Verb.CANCEL: self._cancel,
            Verb.CANCEL_DO: self._cancel_do,
            Verb.END_SERIES: self._end_series,
            Verb.END_SERIES_DO: self._end_series_do,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {FIELD: self._changed}

    async def _edit(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._changeable(press, wish)
        buttons = [button(label, Verb.FIELD, meeting.id, place) for place, label in enumerate(LABELS)]
        rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
        rows[-1] = (*rows[-1], button("Dokumente", Verb.PAPERS_ADD, meeting.id))
        if meeting.state is State.PLANNED:
            rows.append((button("Antworten", Verb.REPLIES, meeting.id), button("Absagen", Verb.CANCEL, meeting.id)))
            if meeting.series_id is not None:
                rows.append((button("Reihe beenden", Verb.END_SERIES, meeting.id),))
        else:
            rows.append((button("Eingeladene", Verb.INVITE, meeting.id),))
            rows.append((button("Vorschau", Verb.PREVIEW, meeting.id), button("Verwerfen", Verb.DISCARD, meeting.id)))
        await show(press, Card(self._render("edit", meeting=meeting), tuple(rows)))
        return None

    async def _changeable(self, press: Press, wish: Wish) -> MeetingView:
        """The meeting that a button names, if anything of it can be changed: said before somebody types, not after."""
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        begun = meeting.state is State.PLANNED and meeting.over(self._desk.clock.now())
        if begun or meeting.state is State.CANCELLED:
            raise OverError
        return meeting

    async def _preview(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        if meeting.state is not State.DRAFT:
            return self._render("outdated")
        await self._desk.dialogues.end(press.chat_id)
        await show(press, await preview(self._desk, person_id(press.update), meeting))
        return None

    async def _invite(self, press: Press, wish: Wish) -> str | None:
        """Whom a draft invites: groups one may plan for, any number of them, or all."""
        actor, meeting_id = person_id(press.update), wish.number(0)
        groups = await self._desk.planning.may_plan(actor)
        meeting = await self._desk.planning.get(actor, meeting_id)
        keys = {group.key for group in meeting.groups}
        if len(wish.numbers) > 1:
            place = wish.number(1)
            if place > len(groups):
                return self._render("outdated")
            wanted = set() if place == 0 else keys ^ {groups[place - 1].key}
            meeting = await self._desk.planning.invite(actor, meeting_id, wanted, for_all=place == 0)
            keys = {group.key for group in meeting.groups}
        rows = [
            (button(f"{'✓ ' if group.key in keys else ''}{group.short}", Verb.INVITE, meeting_id, place),)
            for place, group in enumerate(groups, start=1)
        ]
        if await self._desk.planning.is_office(actor):
            rows.append((button(f"{'✓ ' if meeting.for_all else ''}Alle Mitglieder", Verb.INVITE, meeting_id, 0),))
        rows.append((button("Vorschau", Verb.PREVIEW, meeting_id),))
        await show(press, Card(self._render("invite", meeting=meeting), tuple(rows)))
        return None

    async def _field(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._changeable(press, wish)
        if wish.number(1) >= len(FIELDS):
            return self._render("outdated")
        field = FIELDS[wish.number(1)]
        await self._desk.dialogues.begin(press.chat_id, FIELD, {"meeting": meeting.id, "field": field})
        await send(press.update, Card(self._render("ask_field", field=field, meeting=meeting)))
        return None

    async def _changed(self, update: Update, context: Context, waits: Open) -> None:
        """What somebody typed for one field."""
        del context
        text, field, meeting_id = message_text(update), str(waits.data["field"]), int(waits.data["meeting"])
        if not text:
            await self._desk.say(update, "only_text")
            return
        if len(text) > LIMITS.get(field, AGENDA_LIMIT):
            await self._desk.say(update, "too_long", limit=LIMITS.get(field, AGENDA_LIMIT), length=len(text))
            return
        if field == "cancel":
            await self._confirm_cancel(update, meeting_id, text)
            return
        if field == "reply_by" and text.casefold() in NONE_WORDS:
            await self.take(update, meeting_id, field, None)
            return
        if field in {"when", "reply_by"}:
            day, when = waits.data.get("day"), self._desk.reader.read(text)
            if day and isinstance(when, DateQuestion) and when.doubt is Doubt.UNCLEAR:
                when = self._desk.reader.read_clock(text, dt.date.fromisoformat(day))
            if field == "reply_by" and isinstance(when, DateQuestion) and when.doubt is Doubt.NO_TIME and when.day:
                when = self._desk.reader.read_clock("18:00", when.day)
            if isinstance(when, DateQuestion):
                data = with_time(dict(waits.data), when)
                await self._desk.dialogues.begin(_chat(update), FIELD, data)
                await send(update, self._desk.cards.question(when))
                return
            await self.take(update, meeting_id, field, when)
            return
        value: Any = "" if text.casefold() in NONE_WORDS and field != "title" else text
        if field == "seats":
            if value and not (value.isascii() and value.isdigit()):
                await self._desk.say(update, "ask_field", field=field, meeting=None)
                return
            value = int(value) if value else None
        if field == "video_link" and value and "://" not in value and "." in value and " " not in value:
            value = f"https://{value}"
        await self.take(update, meeting_id, field, value)

    async def take(self, update: Update, meeting_id: int, field: str, value: Any, press: Press | None = None) -> None:
        """A draft changes at once; of a meeting it is read back first what everybody will be told."""
        actor = person_id(update)
        meeting = await self._desk.planning.get(actor, meeting_id)
        values = _values(field, value, meeting)
        if meeting.state is State.DRAFT or field in {"seats", "reply_by"}:
            changed = await self._desk.planning.change(actor, meeting_id, **values)
            await self._desk.dialogues.end(_chat(update))
            if meeting.state is State.DRAFT:
                card = await preview(self._desk, actor, changed.meeting)
            else:
                coming = await self._coming(actor, meeting_id)
                html = self._render(
                    "noted_field", meeting=changed.meeting, field=field, moved_up=changed.moved_up, coming=coming
                )
                card = Card(html, ((button("Zurück", Verb.EDIT, meeting_id),),))
        else:
            stored = {
                name: each.isoformat() if isinstance(each, dt.datetime) else each for name, each in values.items()
            }
            data = {"meeting": meeting_id, "field": field, "values": stored}
            await self._desk.dialogues.begin(_chat(update), FIELD, data)
            shown, reading, collisions = str(value), None, []
            if field == "when":
                shown = german_span(values["start"], values["end"])
                reading = self._desk.reader.make(values["start"], values["end"])
                collisions = await self._desk.planning.collisions(meeting_id, values["start"], values["end"])
            same_day = field != "when" or values["start"].date() == meeting.start.date()
            follows = meeting.series_next is not None and same_day
            card = Card(
                self._render(
                    "confirm_change",
                    meeting=meeting,
                    field=field,
                    value=shown,
                    notices=[notice.value for notice in reading.notices] if reading else [],
                    holiday=reading.holiday if reading else None,
                    collisions=collisions,
                    personal=looks_personal(shown),
                ),
                (
                    (button("Ändern und alle informieren", Verb.APPLY, meeting_id),),
                    *(((button("Auch alle folgenden der Reihe", Verb.APPLY, meeting_id, 1),),) if follows else ()),
                    (button("Zurück", Verb.EDIT, meeting_id),),
                ),
            )
        await (show(press, card) if press is not None else send(update, card))

    async def _coming(self, actor: int | None, meeting_id: int) -> int:
        overview = await self._desk.replies.overview(actor, meeting_id)
        return len(overview.of(Answer.YES))

    async def _apply(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        if waits is None or waits.data.get("meeting") != wish.number(0) or "values" not in waits.data:
            return self._render("outdated")
        values = dict(waits.data["values"])
        for name in ("start", "end"):
            if name in values:
                values[name] = moment_of(values[name], self._desk.zone)
        if len(wish.numbers) > 1:
            meeting, count = await self._desk.series.change_following(person_id(press.update), wish.number(0), **values)
            await self._desk.dialogues.end(press.chat_id)
            await show(press, Card(self._render("changed_following", meeting=meeting, count=count)))
            return None
        changed = await self._desk.planning.change(person_id(press.update), wish.number(0), **values)
        await self._desk.dialogues.end(press.chat_id)
        rows = ((button("Antworten ansehen", Verb.REPLIES, changed.meeting.id),),)
        await show(press, Card(self._render("changed", meeting=changed.meeting, told=changed.told), rows))
        return None

    async def _cancel(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._changeable(press, wish)
        await self._desk.dialogues.begin(press.chat_id, FIELD, {"meeting": meeting.id, "field": "cancel"})
        await send(press.update, self._cancel_card(meeting, ""))
        return None

    async def _confirm_cancel(self, update: Update, meeting_id: int, reason: str) -> None:
        meeting = await self._desk.planning.get(person_id(update), meeting_id)
        data = {"meeting": meeting_id, "field": "cancel", "reason": reason}
        await self._desk.dialogues.begin(_chat(update), FIELD, data)
        await send(update, self._cancel_card(meeting, reason))

    def _cancel_card(self, meeting: MeetingView, reason: str) -> Card:
        rows = (
            (button("Absagen und alle informieren", Verb.CANCEL_DO, meeting.id),),
            (button("Doch nicht", Verb.REPLIES, meeting.id),),
        )
        return Card(
            self._render("confirm_cancel", meeting=meeting, reason=reason, personal=looks_personal(reason)), rows
        )

    async def _cancel_do(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        reason = ""
        if waits is not None and waits.data.get("meeting") == wish.number(0) and waits.data.get("field") == "cancel":
            reason = str(waits.data.get("reason", ""))
            await self._desk.dialogues.end(press.chat_id)
        meeting, fresh = await self._desk.planning.cancel(person_id(press.update), wish.number(0), reason)
        if not fresh:
            return None
        await show(press, Card(self._render("cancel_done", meeting=meeting)))
        return None

    async def _end_series(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        rows = (
            (button("Reihe beenden", Verb.END_SERIES_DO, meeting.id),),
            (button("Doch nicht", Verb.EDIT, meeting.id),),
        )
        await show(press, Card(self._render("end_series", meeting=meeting), rows))
        return None

    async def _end_series_do(self, press: Press, wish: Wish) -> str | None:
        dropped = await self._desk.series.end_series(person_id(press.update), wish.number(0))
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        rows = ((button("Zurück", Verb.EDIT, meeting.id),),)
        await show(press, Card(self._render("series_ended", meeting=meeting, dropped=dropped), rows))
        return None

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


async def preview(desk: Desk, actor: int | None, meeting: MeetingView, *, end_given: bool = True) -> Card:
    """A draft as the people will see it."""
    reading = desk.reader.make(meeting.start, meeting.end if end_given else None)
    collisions = await desk.planning.collisions(meeting.id)
    people = await desk.replies.invited(actor, meeting.id)
    return desk.cards.preview(meeting, reading, collisions, people)


def _values(field: str, value: Any, meeting: MeetingView) -> dict[str, Any]:
    if field == "when":
        if value.end_given:
            return {"start": value.start, "end": value.end}
        return {"start": value.start, "end": value.start + (meeting.end - meeting.start)}
    return {field: value.start if field == "reply_by" and value is not None else value}


def _chat(update: Update) -> int:
    return update.effective_chat.id if update.effective_chat else 0
