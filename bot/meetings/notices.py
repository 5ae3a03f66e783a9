"""Makes the messages that are pushed about meetings, at the moment of sending: always as things are then."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.payloads import ALBUM_SIZE, Album, AlbumItem, Document, FileRef, Payload, Text
from bot.meetings.callbacks import Verb, button
from bot.meetings.cards import Cards
from bot.meetings.ics import invitation
from bot.meetings.kinds import Answer, NoticeKind, State
from bot.meetings.models import Meeting, Paper, Reply
from bot.meetings.reminders import RENDERER
from bot.meetings.shared import Calendar
from bot.meetings.views import NO_REPLY, MeetingView, ReplyView, calendar_event, reply_view
from bot.rendering import CAPTION_LIMIT, html_length

FILE_NAME = "termin.ics"
MEDIA_TYPE = "text/calendar"
_WITH_FILE = frozenset({NoticeKind.INVITATION, NoticeKind.MOVED, NoticeKind.CHANGED, NoticeKind.CANCELLED,
                        NoticeKind.DEPUTY})  # fmt: skip
_REMEMBERED_FILES = 200


class QueuedRow(Protocol):
    """What a row of the outbox says."""

    @property
    def payload(self) -> dict[str, Any] | None:
        """What was queued."""
        ...


class MeetingNotices:
    """The renderer of meetings' messages."""

    name = RENDERER

    def __init__(self, calendar: Calendar, cards: Cards) -> None:
        self._calendar = calendar
        self._cards = cards
        self._files: dict[tuple[int, int], int] = {}

    async def __call__(self, rows: Sequence[QueuedRow]) -> Payload | None:
        """The message for one person; None where there is nothing to say any more."""
        context = rows[0].payload or {}
        kind = NoticeKind(context["kind"])
        person = int(context["person"])
        async with self._calendar.database.reading() as session:
            row = await session.get(Meeting, int(context["meeting"]))
            reply = reply_view(await session.get(Reply, (row.id, person))) if row is not None else NO_REPLY
            if row is None or not _still_true(row, reply, kind, context):
                return None
            meeting = await self._calendar.view(session, row)
            papers = await _papers(session, row.id) if kind is NoticeKind.MINUTES else []
            following = await self._following(session, row) if kind is NoticeKind.MINUTES_ASKED else None
        match kind:
            case NoticeKind.CANCELLED:
                card = self._cards.cancelled(meeting)
            case NoticeKind.MINUTES_ASKED:
                card = self._cards.asked(meeting, following)
            case NoticeKind.MINUTES:
                return self._minutes(meeting, papers)
            case _:
                card = self._cards.meeting(meeting, reply, kind.value, **self._more(context, meeting))
        if kind in _WITH_FILE and html_length(card.html) <= CAPTION_LIMIT:
            file = FileRef(stored=await self._file(meeting))
            return Document(file=file, caption=card.html, buttons=card.rows)
        return Text(html=card.html, buttons=card.rows)

    def _minutes(self, meeting: MeetingView, papers: Sequence[Paper]) -> Payload:
        """The minutes, with their documents."""
        html = self._cards.messages.render("minutes", meeting=meeting, papers=len(papers), album=ALBUM_SIZE)
        files = [FileRef(file_id=paper.file_id) for paper in papers[:ALBUM_SIZE]]
        more = len(papers) > len(files) or meeting.papers > 0
        rows = ((button("Alle Dokumente", Verb.PAPERS, meeting.id),),) if more else ()
        if not files:
            return Text(html=html, buttons=rows)
        if len(files) == 1:
            return Document(file=files[0], caption=html, buttons=rows)
        items = tuple(AlbumItem(type="document", file=file) for file in files)
        return Album(items=items, foot=Text(html=html, buttons=rows))

    def _more(self, context: dict[str, Any], meeting: MeetingView) -> dict[str, Any]:
        more: dict[str, Any] = {"changes": context.get("changed") or []}
        if "was" in context:
            more["was"] = self._cards.moved_from(dt.datetime.fromisoformat(context["was"]), meeting)
        if "for" in context:
            more["deputy_for"] = context["for"]
        return more

    async def _file(self, meeting: MeetingView) -> int:
        """The number of the stored calendar file; the same for everybody, so that it is uploaded once."""
        key = (meeting.id, meeting.sequence)
        if key not in self._files:
            if len(self._files) >= _REMEMBERED_FILES:
                self._files.clear()
            content = invitation(calendar_event(meeting))
            self._files[key] = await self._calendar.outbox.store_file("document", FILE_NAME, content, MEDIA_TYPE)
        return self._files[key]

    async def _following(self, session: AsyncSession, row: Meeting) -> MeetingView | None:
        if row.series_id is None:
            return None
        found = await session.scalars(
            select(Meeting)
            .where(
                Meeting.series_id == row.series_id,
                Meeting.state == State.PLANNED,
                Meeting.starts_at > self._calendar.clock.now(),
            )
            .order_by(Meeting.starts_at)
            .limit(1)
        )
        following = found.first()
        return await self._calendar.view(session, following) if following is not None else None


async def _papers(session: AsyncSession, meeting_id: int) -> list[Paper]:
    wanted = select(Paper).where(Paper.meeting_id == meeting_id, Paper.of_minutes)
    return list(await session.scalars(wanted.order_by(Paper.id)))


def _still_true(row: Meeting, reply: ReplyView, kind: NoticeKind, context: dict[str, Any]) -> bool:
    if kind is NoticeKind.CANCELLED:
        return row.state == State.CANCELLED
    if kind is NoticeKind.REMINDER and (context.get("moves") != row.moves or reply.answer is Answer.NO):
        return False  # it waited for somebody's hours, and meanwhile the meeting moved or they declined
    if kind is NoticeKind.NUDGE and reply.answer is not None:
        return False
    return row.state == State.PLANNED
