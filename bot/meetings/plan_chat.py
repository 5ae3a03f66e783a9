"""Planning in chat: `/termin` in one line, as a file or as a short dialogue; preview; sending; changing."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Document, Update
from telegram.ext import ApplicationHandlerStop

from bot.meetings.audience import GroupName
from bot.meetings.calendars import UnreadableCalendarError, read_events
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.dates.outcome import DateQuestion, Doubt, Reading
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.drafting import Draft
from bot.meetings.errors import MeetingsError
from bot.meetings.kinds import State
from bot.meetings.recurrence.series import Series
from bot.meetings.views import MeetingView
from bot.meetings.wording import named_group, read_line
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.telegram import Context, Press, is_private

PLAN, FIELD = "meetings.plan", "meetings.field"
FIELDS = ("when", "place", "title", "agenda", "video_link", "seats", "reply_by")
"""What can be changed; buttons name them by their place here."""
FILE_LIMIT = 1_000_000
"""Bytes of a calendar file."""
NONE_WORDS = frozenset({"-", "–", "keine", "kein", "keiner", "ohne", "nein"})

Data = dict[str, Any]


class PlanChat:
    """The handlers for those who plan meetings."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.SEND: self._send,
            Verb.DISCARD: self._discard,
            Verb.EDIT: self._edit,
            Verb.FIELD: self._field,
            Verb.APPLY: self._apply,
            Verb.GROUP: self._group,
            Verb.WHEN: self._when,
            Verb.CANCEL: self._cancel,
            Verb.CANCEL_DO: self._cancel_do,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {PLAN: self._told, FIELD: self._changed}

    # Beginning -------------------------------------------------------------------------------------------------------

    async def command(self, update: Update, context: Context) -> None:
        """`/termin`, alone or with all that is to be said."""
        del context
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        actor = person_id(update)
        groups = await self._desk.planning.may_plan(actor)
        parts = message_text(update).split(maxsplit=1)
        if len(parts) < 2:
            await self._next(update, {"ask": True}, groups)
            return
        await self._next(update, self._read(parts[1], groups, {}), groups)

    async def file(self, update: Update, context: Context) -> None:
        """A calendar file that somebody sends who may plan; others' files are left to other rooms."""
        document = update.message.document if update.message else None
        if document is None or not is_private(update) or not _is_calendar(document):
            return
        try:
            groups = await self._desk.planning.may_plan(person_id(update))
        except (MembersError, MeetingsError):
            return
        del context
        if (document.file_size or 0) > FILE_LIMIT:
            await self._desk.say(update, "file_unreadable")
            raise ApplicationHandlerStop
        content = bytes(await (await document.get_file()).download_as_bytearray())
        try:
            events = read_events(content, self._desk.zone)
        except UnreadableCalendarError:
            events = []
        now = self._desk.clock.now()
        coming = [each for each in events if each.rule or each.start.astimezone(dt.UTC) > now]
        if not coming:
            await self._desk.say(update, "file_unreadable")
            raise ApplicationHandlerStop
        event = coming[0]
        data: Data = {"title": event.title, "place": event.place, "agenda": event.text, "named": event.title}
        if event.link.startswith(("http://", "https://")):
            data["video_link"] = event.link
        if not event.all_day:
            data |= {"start": event.start.isoformat(), "end": event.end.isoformat(), "end_given": True}
        else:
            data["day"] = event.start.date().isoformat()
        if event.rule and not event.all_day:
            minutes = int((event.end - event.start).total_seconds() // 60)
            data["series"] = _series_data(Series(event.rule, event.start, minutes, event.left_out))
        group = named_group(event.title, groups)
        if group:
            data["group"] = group.key
        await self._next(update, data, groups)
        raise ApplicationHandlerStop

    # The short dialogue ----------------------------------------------------------------------------------------------

    def _read(self, text: str, groups: list[GroupName], data: Data) -> Data:
        """What a line adds to what is known."""
        line = read_line(text, groups, self._desk.reader, self._desk.today())
        data = dict(data)
        if line.group is not None:
            data["group"] = line.group.key
        elif line.for_all:
            data["for_all"] = True
        for name, value in (("title", line.title), ("place", line.place), ("video_link", line.video_link)):
            if value:
                data[name] = value
        return self._with_time(data, line.when, line.series)

    def _with_time(self, data: Data, when: Reading | DateQuestion, series: Series | None) -> Data:
        data = {name: value for name, value in data.items() if name not in {"doubt", "what", "choices", "day"}}
        if isinstance(when, Reading):
            data |= {
                "start": when.start.isoformat(),
                "end": when.end.isoformat(),
                "end_given": when.end_given,
                "fold": when.start.fold,
            }
            if series is not None:
                data["series"] = _series_data(series)
        else:
            choices = [[each.start.isoformat(), each.end.isoformat(), each.end_given] for each in when.candidates]
            data |= {"doubt": when.doubt.value, "what": when.what, "choices": choices}
            if when.day is not None:
                data["day"] = when.day.isoformat()
        return data

    async def _next(self, update: Update, data: Data, groups: list[GroupName], press: Press | None = None) -> None:
        """Ask for what is missing, or show the preview."""
        actor = person_id(update)
        chat_id = update.effective_chat.id if update.effective_chat else 0
        office = await self._desk.planning.is_office(actor)
        if "group" not in data and not data.get("for_all") and len(groups) == 1 and not office:
            data["group"] = groups[0].key
        if "group" not in data and not data.get("for_all"):
            rows = [(button(group.short, Verb.GROUP, place),) for place, group in enumerate(groups, start=1)]
            if office:
                rows.append((button("Alle Mitglieder", Verb.GROUP, 0),))
            await self._ask(update, chat_id, data, Card(self._render("ask_group"), tuple(rows)), press)
        elif "start" not in data:
            await self._ask(update, chat_id, data, self._time_question(data), press)
        elif data.get("ask") and "title" not in data:
            await self._ask(update, chat_id, data | {"field": "title"}, Card(self._render("ask_title")), press)
        elif data.get("ask") and "place" not in data:
            await self._ask(update, chat_id, data | {"field": "place"}, Card(self._render("ask_place")), press)
        else:
            await self._finish(update, data, groups, chat_id, press)

    def _time_question(self, data: Data) -> Card:
        if "doubt" not in data and "day" not in data:
            return Card(self._render("ask_when"))
        choices = tuple(
            Reading(_moment(start, self._desk.zone), _moment(end, self._desk.zone), given)
            for start, end, given in data.get("choices", [])
        )
        day = dt.date.fromisoformat(data["day"]) if "day" in data else None
        doubt = Doubt(data.get("doubt", Doubt.NO_TIME.value))
        return self._desk.cards.question(DateQuestion(doubt, data.get("what", ""), choices, day))

    async def _ask(self, update: Update, chat_id: int, data: Data, card: Card, press: Press | None) -> None:
        await self._desk.dialogues.begin(chat_id, PLAN, data)
        await (show(press, card) if press is not None else send(update, card))

    async def _finish(
        self, update: Update, data: Data, groups: list[GroupName], chat_id: int, press: Press | None
    ) -> None:
        group = next((each for each in groups if each.key == data.get("group")), None)
        series = _read_series(data["series"]) if "series" in data else None
        draft = Draft(
            title=data.get("title") or (f"Treffen der {group.short}" if group else "Treffen des Bündnisses"),
            start=_moment(data["start"], self._desk.zone, data.get("fold", 0)),
            end=_moment(data["end"], self._desk.zone),
            groups=(data["group"],) if "group" in data else (),
            for_all=bool(data.get("for_all")),
            place=data.get("place", ""),
            video_link=data.get("video_link", ""),
            agenda=data.get("agenda", ""),
            series=series,
        )
        meeting = await self._desk.planning.draft(person_id(update), draft)
        await self._desk.dialogues.end(chat_id)
        card = await self._preview(person_id(update), meeting, end_given=bool(data.get("end_given", True)))
        await (show(press, card) if press is not None else send(update, card))

    async def _preview(self, actor: int | None, meeting: MeetingView, *, end_given: bool = True) -> Card:
        reading = self._desk.reader.make(meeting.start, meeting.end if end_given else None)
        collisions = await self._desk.planning.collisions(meeting.id)
        people = await self._desk.replies.invited(actor, meeting.id)
        return self._desk.cards.preview(meeting, reading, collisions, people)

    async def _told(self, update: Update, context: Context, waits: Open) -> None:
        """An answer to what was asked while planning."""
        del context
        text = message_text(update)
        groups = await self._desk.planning.may_plan(person_id(update))
        data = dict(waits.data)
        field = data.pop("field", None)
        if not text:
            await self._desk.say(update, "only_text")
            return
        if field in {"title", "place"}:
            data[field] = "" if text.casefold() in NONE_WORDS else text
        elif "group" not in data and not data.get("for_all") and (named := named_group(text, groups)):
            data["group"] = named.key
        elif "day" in data and isinstance(
            clock := self._desk.reader.read_clock(text, dt.date.fromisoformat(data["day"])), Reading
        ):
            data = self._with_time(data, clock, None)
        else:
            data = self._read(text, groups, data)
        await self._next(update, data, groups)

    # Buttons of the dialogue -----------------------------------------------------------------------------------------

    async def _group(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        if waits is None or waits.kind != PLAN:
            return self._render("outdated")
        groups = await self._desk.planning.may_plan(person_id(press.update))
        data, place = dict(waits.data), wish.number(0)
        if place > len(groups):
            return self._render("outdated")
        data |= {"for_all": True} if place == 0 else {"group": groups[place - 1].key}
        await self._next(press.update, data, groups, press)
        return None

    async def _when(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        choices = waits.data.get("choices", []) if waits is not None else []
        if waits is None or wish.number(0) >= len(choices):
            return self._render("outdated")
        start, end, given = choices[wish.number(0)]
        zone = self._desk.zone
        reading = Reading(_moment(start, zone), _moment(end, zone), given)
        if waits.kind == PLAN:
            groups = await self._desk.planning.may_plan(person_id(press.update))
            await self._next(press.update, self._with_time(dict(waits.data), reading, None), groups, press)
        else:
            await self._take(press.update, int(waits.data["meeting"]), "when", reading, press)
        return None

    # The draft -------------------------------------------------------------------------------------------------------

    async def _send(self, press: Press, wish: Wish) -> str | None:
        meeting, fresh = await self._desk.planning.publish(person_id(press.update), wish.number(0))
        if not fresh:
            return None
        rows = ((button("Antworten ansehen", Verb.REPLIES, meeting.id),),)
        await show(press, Card(self._render("sent", meeting=meeting), rows))
        return None

    async def _discard(self, press: Press, wish: Wish) -> str | None:
        await self._desk.planning.discard(person_id(press.update), wish.number(0))
        await show(press, Card(self._render("discarded")))
        return None

    # Changing --------------------------------------------------------------------------------------------------------

    async def _edit(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        labels = ("Zeit", "Ort", "Titel", "Themen", "Video-Link", "Plätze", "Antwort bis")
        buttons = [button(label, Verb.FIELD, meeting.id, place) for place, label in enumerate(labels)]
        rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
        if meeting.state is State.PLANNED:
            rows.append((button("Antworten", Verb.REPLIES, meeting.id), button("Absagen", Verb.CANCEL, meeting.id)))
        else:
            rows.append((button("Verwerfen", Verb.DISCARD, meeting.id),))
        await show(press, Card(self._render("edit", meeting=meeting), tuple(rows)))
        return None

    async def _field(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
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
        if field == "cancel":
            await self._confirm_cancel(update, meeting_id, text)
            return
        if field in {"when", "reply_by"}:
            day = waits.data.get("day")
            known = self._desk.reader.read_clock(text, dt.date.fromisoformat(day)) if day else None
            when = known if isinstance(known, Reading) else self._desk.reader.read(text)
            if field == "reply_by" and isinstance(when, DateQuestion) and when.doubt is Doubt.NO_TIME and when.day:
                when = self._desk.reader.read_clock("18:00", when.day)
            if isinstance(when, DateQuestion):
                data = self._with_time(dict(waits.data), when, None)
                await self._desk.dialogues.begin(_chat(update), FIELD, data)
                await send(update, self._desk.cards.question(when))
                return
            await self._take(update, meeting_id, field, when)
            return
        value: Any = "" if text.casefold() in NONE_WORDS and field != "title" else text
        if field == "seats":
            if value and not (value.isascii() and value.isdigit()):
                await self._desk.say(update, "ask_field", field=field, meeting=None)
                return
            value = int(value) if value else None
        await self._take(update, meeting_id, field, value)

    async def _take(self, update: Update, meeting_id: int, field: str, value: Any, press: Press | None = None) -> None:
        """A draft changes at once; of a meeting it is read back first what everybody will be told."""
        actor = person_id(update)
        meeting = await self._desk.planning.get(actor, meeting_id)
        values = _values(field, value, meeting)
        if meeting.state is State.DRAFT or field in {"seats", "reply_by"}:
            changed = (await self._desk.planning.change(actor, meeting_id, **values)).meeting
            await self._desk.dialogues.end(_chat(update))
            if meeting.state is State.DRAFT:
                card = await self._preview(actor, changed)
            else:
                card = Card(self._render("noted"), ((button("Zurück", Verb.EDIT, meeting_id),),))
        else:
            stored = {
                name: each.isoformat() if isinstance(each, dt.datetime) else each for name, each in values.items()
            }
            data = {"meeting": meeting_id, "field": field, "values": stored}
            await self._desk.dialogues.begin(_chat(update), FIELD, data)
            shown = str(value)
            card = Card(
                self._render("confirm_change", meeting=meeting, field=field, value=shown),
                (
                    (button("Ändern und alle informieren", Verb.APPLY, meeting_id),),
                    (button("Zurück", Verb.EDIT, meeting_id),),
                ),
            )
        await (show(press, card) if press is not None else send(update, card))

    async def _apply(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        if waits is None or waits.data.get("meeting") != wish.number(0) or "values" not in waits.data:
            return self._render("outdated")
        values = dict(waits.data["values"])
        for name in ("start", "end"):
            if name in values:
                values[name] = _moment(values[name], self._desk.zone)
        changed = await self._desk.planning.change(person_id(press.update), wish.number(0), **values)
        await self._desk.dialogues.end(press.chat_id)
        rows = ((button("Antworten ansehen", Verb.REPLIES, changed.meeting.id),),)
        await show(press, Card(self._render("changed", meeting=changed.meeting, told=changed.told), rows))
        return None

    async def _cancel(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
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
        return Card(self._render("confirm_cancel", meeting=meeting, reason=reason), rows)

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

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


def _values(field: str, value: Any, meeting: MeetingView) -> dict[str, Any]:
    if field == "when":
        if value.end_given:
            return {"start": value.start, "end": value.end}
        return {"start": value.start, "end": value.start + (meeting.end - meeting.start)}
    return {field: value.start if field == "reply_by" else value}


def _moment(text: str, zone: dt.tzinfo, fold: int = 0) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone, fold=fold)


def _series_data(series: Series) -> Data:
    return {
        "rule": series.rule,
        "start": series.start.isoformat(),
        "zone": str(series.start.tzinfo),
        "minutes": series.minutes,
        "left_out": sorted(day.isoformat() for day in series.left_out),
    }


def _read_series(data: Data) -> Series:
    start = dt.datetime.fromisoformat(data["start"]).astimezone(ZoneInfo(data["zone"]))
    left_out = frozenset(dt.date.fromisoformat(day) for day in data["left_out"])
    return Series(data["rule"], start, data["minutes"], left_out)


def _is_calendar(document: Document) -> bool:
    name = (document.file_name or "").casefold()
    return name.endswith((".ics", ".ical", ".vcs")) or (document.mime_type or "").casefold() == "text/calendar"


def _chat(update: Update) -> int:
    return update.effective_chat.id if update.effective_chat else 0
