"""After a meeting, in chat: its minutes, as text, files and pictures; corrections of them; who was there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import Update

from bot.delivery.payloads import Buttons
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.kinds import PaperKind
from bot.meetings.minutes import NewPaper, joined
from bot.meetings.papers_chat import paper_of
from bot.meetings.views import MeetingView
from bot.members.dialogues import Open
from bot.members.personal import looks_personal
from bot.telegram import Context, Press

MINUTES, CORRECTION = "meetings.minutes", "meetings.correction"
ATTENDANCE_PAGE = 8


class MinutesChat:
    """The handlers for what comes after a meeting."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.MINUTES: self._minutes,
            Verb.MINUTES_EMPTY: self._empty,
            Verb.MINUTES_SEND: self._send,
            Verb.MINUTES_FIX: self._fix,
            Verb.MINUTES_FIX_DROP: self._fix_drop,
            Verb.MINUTES_FIX_SEND: self._fix_send,
            Verb.MINUTES_BACK: self._withdraw,
            Verb.MINUTES_READ: self._read,
            Verb.ATTEND: self._attend,
            Verb.ATTEND_SET: self._attend_set,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {MINUTES: self.told, CORRECTION: self.corrected}

    # Writing ---------------------------------------------------------------------------------------------------------

    async def _minutes(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        if meeting.minutes_at is not None:
            await send(press.update, self._sent_card(meeting))
            return None
        await self._desk.dialogues.begin(press.chat_id, MINUTES, {"meeting": meeting.id})
        if meeting.minutes_text or meeting.minutes_papers:
            await send(press.update, self._ready(meeting))
        else:
            await send(press.update, Card(self._render("ask_minutes", meeting=meeting)))
        return None

    async def told(self, update: Update, context: Context, waits: Open) -> None:
        """A piece of the minutes' text, or a document for them; what stands below a picture belongs to the text."""
        del context
        actor, meeting_id = person_id(update), int(waits.data["meeting"])
        paper, text = paper_of(update), _words(update)
        if paper is None and not text:
            await self._desk.say(update, "only_text_or_files")
            return
        if paper is not None:
            await self._desk.minutes.add_paper(actor, meeting_id, paper, of_minutes=True)
        if text:
            await self._desk.minutes.write(actor, meeting_id, text)
        await send(update, self._ready(await self._desk.planning.get(actor, meeting_id)))

    def _ready(self, meeting: MeetingView) -> Card:
        rows = (
            (button("An alle, die zugesagt haben", Verb.MINUTES_SEND, meeting.id, 0),),
            (button("An alle Eingeladenen", Verb.MINUTES_SEND, meeting.id, 1),),
            (button("Noch einmal von vorn", Verb.MINUTES_EMPTY, meeting.id),),
        )
        return Card(self._render("minutes_ready", meeting=meeting, personal=looks_personal(meeting.minutes_text)), rows)

    async def _empty(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.minutes.empty(person_id(press.update), wish.number(0))
        await self._desk.dialogues.begin(press.chat_id, MINUTES, {"meeting": meeting.id})
        await show(press, Card(self._render("ask_minutes", meeting=meeting)))
        return None

    async def _send(self, press: Press, wish: Wish) -> str | None:
        to_all = wish.number(1) == 1
        meeting, fresh = await self._desk.minutes.send(person_id(press.update), wish.number(0), to_all=to_all)
        await self._desk.dialogues.end(press.chat_id)
        if not fresh:
            return "Das Protokoll ist schon unterwegs."
        await show(press, self._sent_card(meeting, fresh=True, to_all=to_all))
        return None

    # Minutes that were sent ------------------------------------------------------------------------------------------

    def _sent_card(self, meeting: MeetingView, *, fresh: bool = False, to_all: bool = False) -> Card:
        rows: Buttons = (
            (
                button("Berichtigen", Verb.MINUTES_FIX, meeting.id),
                button("Zurückziehen", Verb.MINUTES_BACK, meeting.id, 0),
            ),
        )
        if not to_all:
            rows = ((button("Auch an alle Eingeladenen", Verb.MINUTES_SEND, meeting.id, 1),), *rows)
        return Card(self._render("minutes_sent", meeting=meeting, fresh=fresh), rows)

    async def _fix(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        if meeting.minutes_at is None:
            return self._render("outdated")
        data = {"meeting": meeting.id, "text": "", "papers": [], "drop": False}
        await self._desk.dialogues.begin(press.chat_id, CORRECTION, data)
        await send(press.update, self._fix_card(meeting, data))
        return None

    async def corrected(self, update: Update, context: Context, waits: Open) -> None:
        """A piece of the new text, or a further document; nothing is sent yet."""
        del context
        actor, data = person_id(update), dict(waits.data)
        paper, text = paper_of(update), _words(update)
        if paper is None and not text:
            await self._desk.say(update, "only_text_or_files")
            return
        meeting = await self._desk.planning.get(actor, int(data["meeting"]))
        if paper is not None:
            kept = [paper.file_id, paper.unique_id, paper.name, paper.kind.value]
            data["papers"] = [*data["papers"], kept]
        if text:
            data["text"] = joined(data["text"], text)
        await self._desk.dialogues.begin(update.effective_chat.id if update.effective_chat else 0, CORRECTION, data)
        await send(update, self._fix_card(meeting, data))

    def _fix_card(self, meeting: MeetingView, data: Mapping[str, Any]) -> Card:
        rows: list[tuple[Any, ...]] = []
        if meeting.minutes_papers:
            label = "Bisherige Dokumente behalten" if data["drop"] else "Bisherige Dokumente entfernen"
            rows.append((button(label, Verb.MINUTES_FIX_DROP, meeting.id, 0 if data["drop"] else 1),))
        if data["text"] or data["papers"] or data["drop"]:
            rows.append((button("Berichtigung senden", Verb.MINUTES_FIX_SEND, meeting.id),))
        html = self._render(
            "minutes_fix", meeting=meeting, text=data["text"], papers=len(data["papers"]), drop=data["drop"]
        )
        return Card(html, tuple(rows))

    async def _fix_drop(self, press: Press, wish: Wish) -> str | None:
        found = await self._correction(press, wish)
        if found is None:
            return self._render("outdated")
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        data = {**found, "drop": wish.number(1) == 1}
        await self._desk.dialogues.begin(press.chat_id, CORRECTION, data)
        await show(press, self._fix_card(meeting, data))
        return None

    async def _fix_send(self, press: Press, wish: Wish) -> str | None:
        data = await self._correction(press, wish)
        if data is None:
            return self._render("outdated")
        papers = [NewPaper(file, unique, name, PaperKind(kind)) for file, unique, name, kind in data["papers"]]
        meeting = await self._desk.minutes.correct(
            person_id(press.update), wish.number(0), data["text"] or None, papers, drop=bool(data["drop"])
        )
        await self._desk.dialogues.end(press.chat_id)
        await show(press, Card(self._render("minutes_fixed", meeting=meeting), self._sent_card(meeting).rows))
        return None

    async def _correction(self, press: Press, wish: Wish) -> Mapping[str, Any] | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        if waits is None or waits.kind != CORRECTION or waits.data.get("meeting") != wish.number(0):
            return None
        return waits.data

    async def _withdraw(self, press: Press, wish: Wish) -> str | None:
        actor, meeting_id = person_id(press.update), wish.number(0)
        if wish.number(1) != 1:
            meeting = await self._desk.planning.get(actor, meeting_id)
            if meeting.minutes_at is None:
                return self._render("outdated")
            rows: Buttons = (
                (button("Ja, zurückziehen", Verb.MINUTES_BACK, meeting_id, 1),),
                (button("Doch nicht", Verb.REPLIES, meeting_id),),
            )
            await show(press, Card(self._render("minutes_withdraw", meeting=meeting), rows))
            return None
        meeting = await self._desk.minutes.withdraw(actor, meeting_id)
        rows = ((button("Neu schreiben und senden", Verb.MINUTES, meeting_id),),)
        await show(press, Card(self._render("minutes_withdrawn", meeting=meeting), rows))
        return None

    async def _read(self, press: Press, wish: Wish) -> str | None:
        """The whole minutes, for those who are invited."""
        meeting, _ = await self._desk.replies.mine(person_id(press.update), wish.number(0))
        if meeting.minutes_at is None:
            return "Zu diesem Treffen gibt es kein Protokoll."
        html = self._render("minutes", meeting=meeting, papers=0, shown=0, corrected=False)
        await send(press.update, Card(html))
        return None

    # Who was there ---------------------------------------------------------------------------------------------------

    async def _attend(self, press: Press, wish: Wish) -> str | None:
        await show(press, await self._attendance(person_id(press.update), wish.number(0), wish.number(1)))
        return None

    async def _attend_set(self, press: Press, wish: Wish) -> str | None:
        meeting_id, person, came, page = (wish.number(place) for place in range(4))
        await self._desk.minutes.tick(person_id(press.update), meeting_id, person, attended=came == 1)
        await show(press, await self._attendance(person_id(press.update), meeting_id, page))
        return None

    async def _attendance(self, actor: int | None, meeting_id: int, page: int) -> Card:
        overview = await self._desk.replies.overview(actor, meeting_id)
        lines = overview.lines[page * ATTENDANCE_PAGE : (page + 1) * ATTENDANCE_PAGE]
        rows = [
            (
                button(
                    f"{'✓ ' if line.attended else ''}{line.name}",
                    Verb.ATTEND_SET,
                    meeting_id,
                    line.person_id,
                    0 if line.attended else 1,
                    page,
                ),
            )
            for line in lines
        ]
        turning = []
        if page:
            turning.append(button("‹ Zurück", Verb.ATTEND, meeting_id, page - 1))
        if (page + 1) * ATTENDANCE_PAGE < len(overview.lines):
            turning.append(button("Weiter ›", Verb.ATTEND, meeting_id, page + 1))
        came = sum(1 for line in overview.lines if line.attended)
        html = self._render("attendance", meeting=overview.meeting, came=came)
        foot = (button("Antworten", Verb.REPLIES, meeting_id),)
        return Card(html, tuple(row for row in (*rows, tuple(turning), foot) if row))

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


def _words(update: Update) -> str:
    """What was typed, alone or below a file or picture."""
    return message_text(update) or ((update.message.caption or "").strip() if update.message else "")
