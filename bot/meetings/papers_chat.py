"""A meeting's documents in chat: they come with the invitation, files and pictures alike."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import InputMediaDocument, InputMediaPhoto, Update

from bot.delivery.payloads import ALBUM_SIZE, Buttons
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card
from bot.meetings.desk import Desk, OnPress, person_id, send, show
from bot.meetings.kinds import PaperKind, State
from bot.meetings.minutes import NewPaper
from bot.members.dialogues import Open
from bot.telegram import Context, Press

PAPERS = "meetings.papers"


class PapersChat:
    """The handlers for a meeting's documents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.PAPERS: self._papers,
            Verb.PAPERS_ADD: self._papers_add,
            Verb.PAPERS_DROP: self._papers_drop,
            Verb.PAPERS_TELL: self._papers_tell,
        }

    def answers(self) -> Mapping[str, Callable[[Update, Context, Open], Awaitable[None]]]:
        """Its dialogues."""
        return {PAPERS: self.given}

    # Documents -------------------------------------------------------------------------------------------------------

    async def _papers(self, press: Press, wish: Wish) -> str | None:
        papers = await self._desk.minutes.papers(person_id(press.update), wish.number(0))
        if not papers:
            return self._render("no_papers")
        photos = [paper.file_id for paper in papers if paper.kind == PaperKind.PHOTO]
        files = [paper.file_id for paper in papers if paper.kind != PaperKind.PHOTO]
        for page in _pages(files):
            if len(page) == 1:
                await press.bot.send_document(press.chat_id, page[0])
            else:
                await press.bot.send_media_group(press.chat_id, [InputMediaDocument(file) for file in page])
        for page in _pages(photos):
            if len(page) == 1:
                await press.bot.send_photo(press.chat_id, page[0])
            else:
                await press.bot.send_media_group(press.chat_id, [InputMediaPhoto(photo) for photo in page])
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
        paper = paper_of(update)
        if paper is None:
            await self._desk.say(update, "only_documents")
            return
        actor, meeting_id = person_id(update), int(waits.data["meeting"])
        await self._desk.minutes.add_paper(actor, meeting_id, paper, of_minutes=False)
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

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


def paper_of(update: Update) -> NewPaper | None:
    """The file or picture of a message; None where there is none."""
    message = update.message
    if message is None:
        return None
    if message.document is not None:
        document = message.document
        return NewPaper(document.file_id, document.file_unique_id, document.file_name or "")
    if message.photo:
        largest = message.photo[-1]
        return NewPaper(largest.file_id, largest.file_unique_id, kind=PaperKind.PHOTO)
    return None


def _pages(files: list[str]) -> list[list[str]]:
    return [files[at : at + ALBUM_SIZE] for at in range(0, len(files), ALBUM_SIZE)]
