"""After a meeting, and its documents: minutes, papers, attendance."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import Document, InputMediaDocument, Update

from bot.delivery.payloads import ALBUM_SIZE, Buttons
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.kinds import State
from bot.members.dialogues import Open
from bot.members.personal import looks_personal
from bot.telegram import Context, Press

MINUTES, PAPERS = "meetings.minutes", "meetings.papers"
ATTENDANCE_PAGE = 8


class PapersChat:
    """The handlers for what belongs to a meeting: documents, minutes, who was there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.PAPERS: self._papers,
            Verb.PAPERS_ADD: self._papers_add,
            Verb.PAPERS_DROP: self._papers_drop,
            Verb.PAPERS_TELL: self._papers_tell,
            Verb.MINUTES: self._minutes,
            Verb.MINUTES_SEND: self._minutes_send,
            Verb.ATTEND: self._attend,
            Verb.ATTEND_SET: self._attend_set,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {MINUTES: self.told, PAPERS: self.given}

    # Documents -------------------------------------------------------------------------------------------------------

    async def _papers(self, press: Press, wish: Wish) -> str | None:
        papers = await self._desk.minutes.papers(person_id(press.update), wish.number(0))
        if not papers:
            return self._render("no_papers")
        for at in range(0, len(papers), ALBUM_SIZE):
            files = [paper.file_id for paper in papers[at : at + ALBUM_SIZE]]
            if len(files) == 1:
                await press.bot.send_document(press.chat_id, files[0])
            else:
                await press.bot.send_media_group(press.chat_id, [InputMediaDocument(file) for file in files])
        return None

    async def _papers_add(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        await self._desk.dialogues.begin(press.chat_id, PAPERS, {"meeting": meeting.id})
        rows: Buttons = ((button("Alle entfernen", Verb.PAPERS_DROP, meeting.id),),) if meeting.papers else ()
        await send(press.update, Card(self._render("ask_papers", meeting=meeting), rows))
        return None

    async def given(self, update: Update, context: Context, waits: Open) -> None:
        """A document for the invitation."""
        del context
        document = _document(update)
        if document is None:
            await self._desk.say(update, "only_documents")
            return
        actor, meeting_id = person_id(update), int(waits.data["meeting"])
        await self._keep(actor, meeting_id, document, of_minutes=False)
        meeting = await self._desk.planning.get(actor, meeting_id)
        if meeting.state is State.DRAFT:
            rows: Buttons = ((button("Vorschau", Verb.PREVIEW, meeting_id),),)
        else:
            rows = ((button("Alle informieren", Verb.PAPERS_TELL, meeting_id),),)
        await send(update, Card(self._render("papers_kept", meeting=meeting), rows))

    async def _papers_drop(self, press: Press, wish: Wish) -> str | None:
        await self._desk.minutes.drop_papers(person_id(press.update), wish.number(0))
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        await show(press, Card(self._render("ask_papers", meeting=meeting)))
        return None

    async def _papers_tell(self, press: Press, wish: Wish) -> str | None:
        fresh = await self._desk.minutes.tell_papers(person_id(press.update), wish.number(0))
        await self._desk.dialogues.end(press.chat_id)
        if fresh:
            meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
            await show(press, Card(self._render("changed", meeting=meeting, told=True)))
        return None

    async def _keep(self, actor: int | None, meeting_id: int, document: Document, *, of_minutes: bool) -> None:
        await self._desk.minutes.add_paper(
            actor,
            meeting_id,
            document.file_id,
            document.file_unique_id,
            document.file_name or "",
            of_minutes=of_minutes,
        )

    # Afterwards ------------------------------------------------------------------------------------------------------

    async def _minutes(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        await self._desk.dialogues.begin(press.chat_id, MINUTES, {"meeting": meeting.id})
        await send(press.update, Card(self._render("ask_minutes", meeting=meeting)))
        return None

    async def told(self, update: Update, context: Context, waits: Open) -> None:
        """The minutes' text, or a document for them."""
        del context
        actor, meeting_id = person_id(update), int(waits.data["meeting"])
        document = _document(update)
        if document is not None:
            await self._keep(actor, meeting_id, document, of_minutes=True)
        elif text := message_text(update):
            await self._desk.minutes.write(actor, meeting_id, text)
        else:
            await self._desk.say(update, "only_text")
            return
        meeting = await self._desk.planning.get(actor, meeting_id)
        rows = (
            (button("An alle, die zugesagt haben", Verb.MINUTES_SEND, meeting_id, 0),),
            (button("An alle Eingeladenen", Verb.MINUTES_SEND, meeting_id, 1),),
        )
        await send(
            update,
            Card(self._render("minutes_ready", meeting=meeting, personal=looks_personal(meeting.minutes_text)), rows),
        )

    async def _minutes_send(self, press: Press, wish: Wish) -> str | None:
        to_all = wish.number(1) == 1
        meeting, fresh = await self._desk.minutes.send(person_id(press.update), wish.number(0), to_all=to_all)
        await self._desk.dialogues.end(press.chat_id)
        if fresh:
            more: Buttons = ((button("Auch an alle Eingeladenen", Verb.MINUTES_SEND, meeting.id, 1),),)
            await show(press, Card(self._render("minutes_sent", meeting=meeting), () if to_all else more))
        return None

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


def _document(update: Update) -> Document | None:
    return update.message.document if update.message else None
