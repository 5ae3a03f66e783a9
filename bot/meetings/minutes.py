"""After a meeting: minutes, documents, who was there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.meetings.errors import OddValueError, OverError, SentMinutesError, UnsentMinutesError
from bot.meetings.kinds import NoticeKind, PaperKind, State
from bot.meetings.models import Meeting, Notice, Paper, Reply
from bot.meetings.replies import Replies
from bot.meetings.shared import Calendar, minutes_key, minutes_occasion, notice
from bot.meetings.views import MeetingView
from bot.members import audit

MOST_PAPERS = 20
MINUTES_LIMIT = 30_000
"""Characters of minutes; some messages of Telegram's."""


@dataclass(frozen=True)
class NewPaper:
    """A document or picture as Telegram keeps it.

    Attributes:
        file_id: By which it is sent.
        unique_id: The same for the same file.
        name: Of the file; empty for a picture.
        kind: How Telegram keeps it.
    """

    file_id: str
    unique_id: str
    name: str = ""
    kind: PaperKind = PaperKind.DOCUMENT


class Minutes:
    """Keeps what came of a meeting, and sends it."""

    def __init__(self, calendar: Calendar, replies: Replies) -> None:
        self._calendar = calendar
        self._replies = replies
        self._clock = calendar.clock

    async def write(self, actor_id: int | None, meeting_id: int, text: str) -> MeetingView:
        """Keep a piece of the minutes' text, after what was kept before; it is not sent yet.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has not begun, or was cancelled.
            OddValueError: They would become too long.
            SentMinutesError: They were sent.
        """
        async with self._calendar.database.writing() as session:
            row = await self._own(session, actor_id, meeting_id)
            if row.minutes_at is not None:
                raise SentMinutesError
            row.minutes_text = joined(row.minutes_text, text)
            await session.flush()
            return await self._calendar.view(session, row)

    async def empty(self, actor_id: int | None, meeting_id: int) -> MeetingView:
        """Forget the minutes' text and documents, which are not sent yet.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has not begun, or was cancelled.
            SentMinutesError: They were sent.
        """
        async with self._calendar.database.writing() as session:
            row = await self._own(session, actor_id, meeting_id)
            if row.minutes_at is not None:
                raise SentMinutesError
            row.minutes_text = ""
            await session.execute(delete(Paper).where(Paper.meeting_id == row.id, Paper.of_minutes))
            return await self._calendar.view(session, row)

    async def add_paper(self, actor_id: int | None, meeting_id: int, paper: NewPaper, *, of_minutes: bool) -> bool:
        """Keep a document; returns False where it was there already.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OddValueError: There are too many.
            SentMinutesError: It is for minutes that were sent.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            if of_minutes and row.minutes_at is not None:
                raise SentMinutesError
            return await self._add(session, row, paper, of_minutes=of_minutes)

    async def papers(self, actor_id: int | None, meeting_id: int) -> list[Paper]:
        """A meeting's documents for those who are invited: the invitation's, and the minutes' once those were sent.

        Raises:
            NotAllowedError: The actor is not invited.
            UnknownMeetingError: There is no such meeting.
        """
        meeting, _ = await self._replies.mine(actor_id, meeting_id)
        wanted = [Paper.meeting_id == meeting.id]
        if meeting.minutes_at is None:
            wanted.append(Paper.of_minutes.is_(False))
        async with self._calendar.database.reading() as session:
            return list(await session.scalars(select(Paper).where(*wanted).order_by(Paper.of_minutes, Paper.id)))

    async def drop_papers(self, actor_id: int | None, meeting_id: int) -> int:
        """Take away the documents of the invitation; returns how many there were.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            found = await session.scalars(
                select(Paper).where(Paper.meeting_id == meeting_id, Paper.of_minutes.is_(False))
            )
            papers = list(found)
            for paper in papers:
                await session.delete(paper)
            return len(papers)

    async def tell_papers(self, actor_id: int | None, meeting_id: int) -> bool:
        """Tell everybody that there are documents; returns False where these were told already.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has begun or is cancelled.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            if row.state != State.PLANNED or row.starts_at <= now:
                raise OverError
            newest = await session.scalar(
                select(func.max(Paper.id)).where(Paper.meeting_id == meeting_id, Paper.of_minutes.is_(False))
            )
            if newest is None:
                raise OddValueError("papers_none")
            occasion = f"papers:{newest}"
            told = await session.scalar(
                select(Notice.id).where(Notice.meeting_id == row.id, Notice.occasion == occasion)
            )
            if told is not None:
                return False
            session.add(notice(row, NoticeKind.CHANGED, occasion, now, {"changed": ["papers"]}))
            return True

    async def send(self, actor_id: int | None, meeting_id: int, *, to_all: bool) -> tuple[MeetingView, bool]:
        """Send the minutes to those who came or promised to, or to the whole group; nobody gets them twice.

        Returns:
            The meeting, and False where they were sent already.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has not begun, or was cancelled.
            OddValueError: There is nothing to send.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._own(session, actor_id, meeting_id)
            sent = set(
                await session.scalars(
                    select(Notice.occasion).where(Notice.meeting_id == row.id, Notice.kind == NoticeKind.MINUTES)
                )
            )
            occasion, all_of_it = (minutes_occasion(row.minutes_version, to_all=each) for each in (to_all, True))
            if occasion in sent or all_of_it in sent:
                return await self._calendar.view(session, row), False
            await self._check_content(session, row)
            row.minutes_at = row.minutes_at or now
            session.add(notice(row, NoticeKind.MINUTES, occasion, now, {"all": to_all, "version": row.minutes_version}))
            await session.flush()
            view = await self._calendar.view(session, row)
        return view, True

    # Minutes that were sent ------------------------------------------------------------------------------------------

    async def correct(
        self, actor_id: int | None, meeting_id: int, text: str | None, papers: Sequence[NewPaper], *, drop: bool
    ) -> MeetingView:
        """Send other minutes to all who got the former ones, which are taken from their chats where that is possible.

        Args:
            actor_id: Who acts.
            meeting_id: Which.
            text: The new text; None: as before.
            papers: Further documents.
            drop: Whether the former documents go.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            UnsentMinutesError: None were sent.
            OddValueError: There would be nothing to send, or too many documents.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._sent(session, actor_id, meeting_id)
            if text is not None:
                row.minutes_text = joined("", text)
            if drop:
                await session.execute(delete(Paper).where(Paper.meeting_id == row.id, Paper.of_minutes))
            for paper in papers:
                await self._add(session, row, paper, of_minutes=True)
            await self._check_content(session, row)
            former = row.minutes_version
            row.minutes_version, row.minutes_at = former + 1, now
            waited = await self._take_back(session, row, former)
            data = {"version": row.minutes_version, "again": True} | waited
            occasion = minutes_occasion(row.minutes_version, to_all=False)
            session.add(notice(row, NoticeKind.MINUTES, occasion, now, data))
            back = {"version": former, "replaced": True}
            session.add(notice(row, NoticeKind.MINUTES_BACK, str(former), now, back))
            audit.note(session, now, "minutes.correct", actor=actor_id, about=f"meeting:{row.id}")
            await session.flush()
            return await self._calendar.view(session, row)

    async def withdraw(self, actor_id: int | None, meeting_id: int) -> MeetingView:
        """Take the minutes back from all who got them; text and documents stay with those who plan, to be sent anew.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            UnsentMinutesError: None were sent, or they were withdrawn already.
        """
        now = self._clock.now()
        async with self._calendar.database.writing() as session:
            row = await self._sent(session, actor_id, meeting_id)
            former = row.minutes_version
            row.minutes_version, row.minutes_at = former + 1, None
            await self._take_back(session, row, former)
            session.add(notice(row, NoticeKind.MINUTES_BACK, str(former), now, {"version": former}))
            audit.note(session, now, "minutes.withdraw", actor=actor_id, about=f"meeting:{row.id}")
            await session.flush()
            return await self._calendar.view(session, row)

    async def tick(self, actor_id: int | None, meeting_id: int, person_id: int, *, attended: bool) -> None:
        """Note whether somebody came.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has not begun, or was cancelled.
        """
        async with self._calendar.database.writing() as session:
            await self._own(session, actor_id, meeting_id)
            reply = await session.get(Reply, (meeting_id, person_id))
            if reply is None:
                found = await self._calendar.profiles.load_many(session, [person_id])
                if person_id not in found:
                    return
                reply = Reply(meeting_id=meeting_id, person_id=person_id)
                session.add(reply)
            reply.attended = attended

    # Within ----------------------------------------------------------------------------------------------------------

    async def _own(self, session: AsyncSession, actor_id: int | None, meeting_id: int) -> Meeting:
        row = await self._calendar.locked(session, meeting_id)
        await self._calendar.leading(session, actor_id, row)
        if row.state != State.PLANNED or row.starts_at > self._clock.now():
            raise OverError
        return row

    async def _sent(self, session: AsyncSession, actor_id: int | None, meeting_id: int) -> Meeting:
        row = await self._own(session, actor_id, meeting_id)
        if row.minutes_at is None:
            raise UnsentMinutesError
        return row

    async def _add(self, session: AsyncSession, row: Meeting, paper: NewPaper, *, of_minutes: bool) -> bool:
        known = list(await session.scalars(select(Paper.file_unique_id).where(Paper.meeting_id == row.id)))
        if paper.unique_id in known:
            return False
        if len(known) >= MOST_PAPERS:
            raise OddValueError("papers")
        session.add(
            Paper(
                meeting_id=row.id,
                file_id=paper.file_id,
                file_unique_id=paper.unique_id,
                kind=paper.kind.value,
                name=" ".join(paper.name.split())[:255] or ("Bild" if paper.kind is PaperKind.PHOTO else "Dokument"),
                of_minutes=of_minutes,
                added_at=self._clock.now(),
            )
        )
        await session.flush()
        return True

    async def _check_content(self, session: AsyncSession, row: Meeting) -> None:
        papers = await session.scalar(
            select(func.count()).select_from(Paper).where(Paper.meeting_id == row.id, Paper.of_minutes)
        )
        if not row.minutes_text and not papers:
            raise OddValueError("minutes")

    async def _take_back(self, session: AsyncSession, row: Meeting, version: int) -> dict[str, bool]:
        """What waits of a version is not sent any more; returns to whom those were to go that nobody queued yet."""
        waits = list(
            await session.scalars(
                select(Notice).where(
                    Notice.meeting_id == row.id, Notice.kind == NoticeKind.MINUTES, Notice.done_at.is_(None)
                )
            )
        )
        for each in waits:
            await session.delete(each)
        await self._calendar.outbox.cancel(f"meeting:{row.id}", minutes_key(version), session=session)
        return {"coming": bool(waits), "all": any((each.data or {}).get("all") for each in waits)}


def joined(before: str, text: str) -> str:
    """What was written before, and a further piece.

    Raises:
        OddValueError: Together they are too long.
    """
    both = "\n\n".join(each for each in (before, text.replace("\x00", "").strip()) if each)
    if len(both) > MINUTES_LIMIT:
        raise OddValueError("minutes_long")
    return both
