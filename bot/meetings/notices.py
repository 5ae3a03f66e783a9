"""Makes the messages that are pushed about meetings, at the moment of sending: always as things are then."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, Protocol

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.payloads import (
    ALBUM_SIZE,
    DELETABLE,
    Album,
    AlbumItem,
    Delete,
    Document,
    FileRef,
    Payload,
    Photo,
    Text,
)
from bot.meetings.callbacks import Verb, button
from bot.meetings.cards import Cards
from bot.meetings.ics import invitation
from bot.meetings.kinds import Answer, NoticeKind, PaperKind, State
from bot.meetings.models import Meeting, Paper, Reply
from bot.meetings.reminders import RENDERER
from bot.meetings.shared import Calendar, minutes_key
from bot.meetings.views import NO_REPLY, MeetingView, ReplyView, calendar_event, reply_view

FILE_NAME = "termin.ics"
MEDIA_TYPE = "text/calendar"
_WITH_FILE = frozenset({NoticeKind.INVITATION, NoticeKind.MOVED, NoticeKind.CHANGED, NoticeKind.CANCELLED,
                        NoticeKind.DEPUTY})  # fmt: skip
_AFTERWARDS = frozenset({NoticeKind.MINUTES, NoticeKind.MINUTES_ASKED, NoticeKind.MINUTES_BACK})
_MINUTES = frozenset({NoticeKind.MINUTES, NoticeKind.MINUTES_BACK})
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
            if row is None or not _still_true(row, reply, kind, context, self._calendar.clock.now()):
                return None
            meeting = await self._calendar.view(session, row)
            papers = await _papers(session, row.id) if kind is NoticeKind.MINUTES else []
            sent = await self._sent_minutes(session, person, row) if kind in _MINUTES else []
            following = await self._following(session, row) if kind is NoticeKind.MINUTES_ASKED else None
        match kind:
            case NoticeKind.CANCELLED:
                card = self._cards.cancelled(meeting, self._more(context, meeting).get("was", ""))
            case NoticeKind.MINUTES_ASKED:
                card = self._cards.asked(meeting, following)
            case NoticeKind.MINUTES:
                return self._minutes(meeting, papers, corrected=bool(context.get("again") and sent))
            case NoticeKind.MINUTES_BACK:
                return self._back(meeting, sent, replaced=bool(context.get("replaced")))
            case _:
                card = self._cards.meeting(meeting, reply, kind.value, **self._more(context, meeting))
        if kind in _WITH_FILE:  # a text that is too long for a caption follows the file
            file = FileRef(stored=await self._file(meeting))
            return Document(file=file, caption=card.html, buttons=card.rows)
        return Text(html=card.html, buttons=card.rows)

    def _minutes(self, meeting: MeetingView, papers: Sequence[Paper], *, corrected: bool) -> Payload:
        """The minutes with their documents: as many as one album takes, and of one sort, since Telegram wants that."""
        photos = [paper for paper in papers if paper.kind == PaperKind.PHOTO]
        files = [paper for paper in papers if paper.kind != PaperKind.PHOTO]
        shown = (photos if len(photos) > len(files) else files)[:ALBUM_SIZE]
        html = self._cards.messages.render(
            "minutes", meeting=meeting, papers=len(papers), shown=len(shown), corrected=corrected
        )
        more = len(papers) > len(shown) or meeting.papers > 0
        rows = ((button("Alle Dokumente", Verb.PAPERS, meeting.id),),) if more else ()
        refs = [FileRef(file_id=paper.file_id) for paper in shown]
        if not refs:
            return Text(html=html, buttons=rows)
        if len(refs) == 1:
            one = Photo if shown[0].kind == PaperKind.PHOTO else Document
            return one(file=refs[0], caption=html, buttons=rows)
        kind: Literal["photo", "document"] = "photo" if shown[0].kind == PaperKind.PHOTO else "document"
        items = tuple(AlbumItem(type=kind, file=ref) for ref in refs)
        return Album(items=items, foot=Text(html=html, buttons=rows))

    def _back(self, meeting: MeetingView, sent: Sequence[Delivery], *, replaced: bool) -> Payload | None:
        """Takes minutes from a chat; where that is too late, says that they do not hold, unless others came instead."""
        young = self._calendar.clock.now() - DELETABLE
        ids = {
            number
            for row in sent
            if row.settled_at is not None and row.settled_at >= young
            for number in row.message_ids or ()
        }
        if ids:
            return Delete(message_ids=tuple(sorted(ids)))
        if replaced or not sent:
            return None
        return Text(html=self._cards.messages.render("minutes_back", meeting=meeting))

    async def _sent_minutes(self, session: AsyncSession, person: int, row: Meeting) -> list[Delivery]:
        """Former versions of a meeting's minutes that arrived in a chat."""
        key = NoticeKind.MINUTES.value
        found = await session.scalars(
            select(Delivery).where(
                Delivery.what == f"meeting:{row.id}",
                Delivery.recipient == person,
                or_(Delivery.occasion == key, Delivery.occasion.like(f"{key}:%")),
                Delivery.occasion != minutes_key(row.minutes_version),
                Delivery.state == Sent.SENT,
            )
        )
        return [each for each in found if each.message_ids]

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


def _still_true(row: Meeting, reply: ReplyView, kind: NoticeKind, context: dict[str, Any], now: dt.datetime) -> bool:
    """Whether it is true and of use by now: it may have waited for somebody's hours."""
    if kind in _AFTERWARDS:
        wanted = kind is not NoticeKind.MINUTES or row.minutes_at is not None
        return row.state == State.PLANNED and wanted and context.get("version", 0) <= row.minutes_version
    if row.starts_at <= now:
        return False
    match kind:
        case NoticeKind.CANCELLED:
            return row.state == State.CANCELLED
        case NoticeKind.REMINDER if context.get("moves") != row.moves or reply.answer is Answer.NO:
            return False
        case NoticeKind.NUDGE if reply.answer is not None:
            return False
        case NoticeKind.SEAT if reply.answer is not Answer.YES or reply.waiting:
            return False
        case NoticeKind.DEPUTY if reply.deputy_for is None:
            return False
    return row.state == State.PLANNED
