"""Planning in chat: `/termin` in one line, as a file or as a short dialogue; preview; sending."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import Document, Update
from telegram.ext import ApplicationHandlerStop

from bot.dates.outcome import DateQuestion, Doubt, Reading, german_span
from bot.meetings.audience import GroupName
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.change_chat import ChangeChat, preview
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.drafting import Draft
from bot.meetings.errors import MeetingsError
from bot.meetings.files import FileFound, read_file
from bot.meetings.kinds import State
from bot.meetings.minutes_chat import CORRECTION, MINUTES
from bot.meetings.papers_chat import PAPERS
from bot.meetings.plan_data import NONE_WORDS, Data, groups_of, moment_of, series_of, with_time
from bot.meetings.views import MeetingView
from bot.meetings.wording import named_groups, read_line
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.telegram import Context, Press, is_private

PLAN = "meetings.plan"
FILE_LIMIT = 1_000_000
"""Bytes of a calendar file."""


class PlanChat:
    """The handlers for those who plan meetings."""

    def __init__(self, desk: Desk, changes: ChangeChat) -> None:
        self._desk = desk
        self._changes = changes

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.SEND: self._send,
            Verb.DISCARD: self._discard,
            Verb.AGAIN: self._again,
            Verb.GROUP: self._group,
            Verb.WHEN: self._when,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {PLAN: self._told}

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
        del context
        document = update.message.document if update.message else None
        if document is None or not is_private(update) or not _is_calendar(document):
            return
        waits = await self._desk.dialogues.current(update.effective_chat.id if update.effective_chat else 0)
        if waits is not None and waits.kind in {MINUTES, CORRECTION, PAPERS}:
            return  # it is one of those that were asked for
        try:
            groups = await self._desk.planning.may_plan(person_id(update))
        except (MembersError, MeetingsError):
            return
        if (document.file_size or 0) > FILE_LIMIT:
            await self._desk.say(update, "file_unreadable")
            raise ApplicationHandlerStop
        content = bytes(await (await document.get_file()).download_as_bytearray())
        found = read_file(content, self._desk.zone, self._desk.clock.now())
        if found is None:
            await self._desk.say(update, "file_unreadable")
            raise ApplicationHandlerStop
        known = await self._desk.planning.by_uid(person_id(update), found.event.uid)
        if known is not None or found.event.cancelled:
            await send(update, self._known_or_cancelled(found, known))
            raise ApplicationHandlerStop
        data = {**found.data, "notes": list(found.notes)}
        if named := named_groups(found.event.title, groups):
            data["groups"] = [group.key for group in named]
        await self._next(update, data, groups)
        raise ApplicationHandlerStop

    def _known_or_cancelled(self, found: FileFound, known: MeetingView | None) -> Card:
        """Of a meeting that is planned already, or that the file cancels, none is planned anew."""
        when = german_span(found.event.start, found.event.end)
        html = self._render("file_known", event=found.event, when=when, known=known)
        if known is None:
            return Card(html)
        verb, label = (Verb.CANCEL, "Absagen") if found.event.cancelled else (Verb.EDIT, "Ändern")
        row = [button("Antworten ansehen", Verb.REPLIES, known.id)]
        if known.state is State.PLANNED and not known.over(self._desk.clock.now()):
            row.insert(0, button(label, verb, known.id))
        return Card(html, (tuple(row),))

    # The short dialogue ----------------------------------------------------------------------------------------------

    def _read(self, text: str, groups: list[GroupName], data: Data) -> Data:
        """What a line adds to what is known."""
        line = read_line(text, groups, self._desk.reader, self._desk.today())
        data = {name: value for name, value in data.items() if name != "pending"}
        if line.groups:
            data["groups"] = [group.key for group in line.groups]
        elif line.for_all:
            data["for_all"] = True
        for name, value in (("title", line.title), ("place", line.place), ("video_link", line.video_link)):
            if value:
                data[name] = value
        return with_time(data, line.when, line.series, line.pending)

    async def _next(self, update: Update, data: Data, groups: list[GroupName], press: Press | None = None) -> None:
        """Ask for what is missing, or show the preview."""
        actor = person_id(update)
        chat_id = update.effective_chat.id if update.effective_chat else 0
        office = await self._desk.planning.is_office(actor)
        if not groups_of(data) and not data.get("for_all") and len(groups) == 1 and not office:
            data["groups"] = [groups[0].key]
        nobody = not groups_of(data) and not data.get("for_all")
        if "start" not in data and ("doubt" in data or not nobody):  # a wrong date is said before anything is asked
            await self._ask(update, chat_id, data, self._time_question(data), press)
        elif nobody:
            rows = [(button(group.short, Verb.GROUP, place),) for place, group in enumerate(groups, start=1)]
            if office:
                rows.append((button("Alle Mitglieder", Verb.GROUP, 0),))
            await self._ask(update, chat_id, data, Card(self._render("ask_group"), tuple(rows)), press)
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
            Reading(moment_of(start, self._desk.zone), moment_of(end, self._desk.zone), given)
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
        keys = groups_of(data)
        names = " und ".join(each.short for each in groups if each.key in keys)
        series = series_of(data["series"]) if "series" in data else None
        draft = Draft(
            title=data.get("title") or (f"Treffen der {names}" if names else "Treffen des Bündnisses"),
            start=moment_of(data["start"], self._desk.zone, data.get("fold", 0)),
            end=moment_of(data["end"], self._desk.zone),
            groups=keys,
            for_all=bool(data.get("for_all")),
            place=data.get("place", ""),
            video_link=data.get("video_link", ""),
            agenda=data.get("agenda", ""),
            host_town=data.get("host_town", ""),
            seats=data.get("seats"),
            series=series,
        )
        meeting = await self._desk.planning.draft(person_id(update), draft)
        await self._desk.dialogues.end(chat_id)
        card = await preview(self._desk, person_id(update), meeting, end_given=bool(data.get("end_given", True)))
        if data.get("notes"):
            card = Card(f"{card.html}\n{self._render('file_notes', notes=data['notes'])}", card.rows)
        await (show(press, card) if press is not None else send(update, card))

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
        elif not groups_of(data) and not data.get("for_all") and (named := named_groups(text, groups)):
            read = self._read(text, groups, data)
            data = read if "start" in read else data | {"groups": [group.key for group in named]}
        else:
            added = self._read(text, groups, data)
            if "day" in data and added.get("doubt") == Doubt.UNCLEAR:  # a time alone, for the day that is known
                added = with_time(data, self._desk.reader.read_clock(text, dt.date.fromisoformat(data["day"])))
            data = added
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
        data |= {"for_all": True} if place == 0 else {"groups": [groups[place - 1].key]}
        await self._next(press.update, data, groups, press)
        return None

    async def _when(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        choices = waits.data.get("choices", []) if waits is not None else []
        if waits is None or wish.number(0) >= len(choices):
            return self._render("outdated")
        start, end, given = choices[wish.number(0)]
        zone = self._desk.zone
        reading = Reading(moment_of(start, zone), moment_of(end, zone), given)
        if waits.kind == PLAN:
            groups = await self._desk.planning.may_plan(person_id(press.update))
            await self._next(press.update, with_time(dict(waits.data), reading), groups, press)
        else:
            await self._changes.take(press.update, int(waits.data["meeting"]), "when", reading, press)
        return None

    # The draft -------------------------------------------------------------------------------------------------------

    async def _send(self, press: Press, wish: Wish) -> str | None:
        meeting, fresh = await self._desk.planning.publish(person_id(press.update), wish.number(0))
        if not fresh:
            return None
        rows = ((button("Antworten ansehen", Verb.REPLIES, meeting.id),),)
        await show(press, Card(self._render("sent", meeting=meeting), rows))
        return None

    async def _again(self, press: Press, wish: Wish) -> str | None:
        """A further meeting with the data of one that was: only its time is asked for."""
        actor = person_id(press.update)
        meeting = await self._desk.planning.get(actor, wish.number(0))
        groups = await self._desk.planning.may_plan(actor)
        mine = {group.key for group in groups}
        data: Data = {
            "title": meeting.title,
            "place": meeting.place,
            "video_link": meeting.video_link,
            "agenda": meeting.agenda,
            "host_town": meeting.host_town,
            "seats": meeting.seats,
            "for_all": meeting.for_all and await self._desk.planning.is_office(actor),
            "groups": [group.key for group in meeting.groups if group.key in mine],
        }
        await self._next(press.update, data, groups)
        return None

    async def _discard(self, press: Press, wish: Wish) -> str | None:
        await self._desk.planning.discard(person_id(press.update), wish.number(0))
        await show(press, Card(self._render("discarded")))
        return None

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


def _is_calendar(document: Document) -> bool:
    name = (document.file_name or "").casefold()
    return name.endswith((".ics", ".ical", ".vcs")) or (document.mime_type or "").casefold() == "text/calendar"
