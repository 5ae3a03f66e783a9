"""After a meeting: minutes, documents, who was there."""

from sqlalchemy import func, select

from bot.meetings.drafting import AGENDA_LIMIT
from bot.meetings.errors import OddValueError, OverError
from bot.meetings.kinds import NoticeKind, State
from bot.meetings.models import Meeting, Notice, Paper, Reply
from bot.meetings.replies import Replies
from bot.meetings.shared import Calendar, notice
from bot.meetings.views import MeetingView

MOST_PAPERS = 20
TO_PARTICIPANTS, TO_ALL = "0", "all"


class Minutes:
    """Keeps what came of a meeting, and sends it."""

    def __init__(self, calendar: Calendar, replies: Replies) -> None:
        self._calendar = calendar
        self._replies = replies
        self._clock = calendar.clock

    async def write(self, actor_id: int | None, meeting_id: int, text: str) -> MeetingView:
        """Keep the minutes' text; it is not sent yet.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has not begun, or was cancelled.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            self._check(row)
            row.minutes_text = text.replace("\x00", "").strip()[:AGENDA_LIMIT]
            await session.flush()
            return await self._calendar.view(session, row)

    async def add_paper(
        self, actor_id: int | None, meeting_id: int, file_id: str, unique_id: str, name: str, *, of_minutes: bool
    ) -> bool:
        """Keep a document as Telegram keeps it; returns False where it was there already.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OddValueError: There are too many.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            papers = list(await session.scalars(select(Paper).where(Paper.meeting_id == meeting_id)))
            if any(paper.file_unique_id == unique_id for paper in papers):
                return False
            if len(papers) >= MOST_PAPERS:
                raise OddValueError("too many documents")
            session.add(
                Paper(
                    meeting_id=meeting_id,
                    file_id=file_id,
                    file_unique_id=unique_id,
                    name=" ".join(name.split())[:255] or "Dokument",
                    of_minutes=of_minutes,
                    added_at=self._clock.now(),
                )
            )
            return True

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
                raise OddValueError("nothing to send")
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
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            self._check(row)
            sent = set(
                await session.scalars(
                    select(Notice.occasion).where(Notice.meeting_id == row.id, Notice.kind == NoticeKind.MINUTES)
                )
            )
            occasion = TO_ALL if to_all else TO_PARTICIPANTS
            if occasion in sent or TO_ALL in sent:
                return await self._calendar.view(session, row), False
            papers = await session.scalar(
                select(func.count()).select_from(Paper).where(Paper.meeting_id == meeting_id, Paper.of_minutes)
            )
            if not row.minutes_text and not papers:
                raise OddValueError("nothing to send")
            row.minutes_at = row.minutes_at or now
            session.add(notice(row, NoticeKind.MINUTES, occasion, now, {"all": to_all}))
            await session.flush()
            view = await self._calendar.view(session, row)
        return view, True

    async def tick(self, actor_id: int | None, meeting_id: int, person_id: int, *, attended: bool) -> None:
        """Note whether somebody came.

        Raises:
            NotAllowedError: The actor does not plan this meeting.
            OverError: It has not begun, or was cancelled.
        """
        async with self._calendar.database.writing() as session:
            row = await self._calendar.locked(session, meeting_id)
            await self._calendar.leading(session, actor_id, row)
            self._check(row)
            reply = await session.get(Reply, (meeting_id, person_id))
            if reply is None:
                found = await self._calendar.profiles.load_many(session, [person_id])
                if person_id not in found:
                    return
                reply = Reply(meeting_id=meeting_id, person_id=person_id)
                session.add(reply)
            reply.attended = attended

    def _check(self, row: Meeting) -> None:
        if row.state != State.PLANNED or row.starts_at > self._clock.now():
            raise OverError
