"""This room's part of what is kept about a person."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import count_changed
from bot.meetings.kinds import Answer, Before
from bot.meetings.models import CalendarLink, FollowedCalendar, Meeting, Notice, ReminderChoice, Reply, Watch
from bot.members.models import Person
from bot.members.privacy import iso

KEEP_REPLIES = dt.timedelta(days=730)
"""How long it is kept who replied what; after that the meeting stays without names."""
KEEP_SAID = dt.timedelta(days=90)
"""How long it is kept what was said when."""

ANSWERS = {Answer.YES: "Zusage", Answer.NO: "Absage", Answer.MAYBE: "vielleicht"}
BEFORE = {
    Before.TWO_WEEKS: "zwei Wochen vorher",
    Before.WEEK: "eine Woche vorher",
    Before.THREE_DAYS: "drei Tage vorher",
    Before.DAY: "einen Tag vorher",
    Before.THREE_HOURS: "drei Stunden vorher",
    Before.HOUR: "eine Stunde vorher",
}


class MeetingsData:
    """Meetings' part of `bot.members.privacy.PersonalData`.

    Args:
        statement: What this room keeps, in German.
        admins: Whom the operator names: they may choose and watch without being kept as persons.
    """

    key = "termine"

    def __init__(self, statement: str, admins: Collection[int] = ()) -> None:
        self.statement = statement
        self._admins = admins

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """Replies, attendance, choices of reminders, the private calendar, watched deadlines, meetings planned."""
        replies = await session.execute(
            select(Reply, Meeting.title, Meeting.starts_local)
            .join(Meeting, Meeting.id == Reply.meeting_id)
            .where(Reply.person_id == person_id)
            .order_by(Meeting.starts_at)
        )
        choices = await session.scalars(select(ReminderChoice).where(ReminderChoice.person_id == person_id))
        link = await session.get(CalendarLink, person_id)
        watches = await session.scalars(select(Watch).where(Watch.person_id == person_id))
        planned = await session.scalars(select(Meeting.title).where(Meeting.created_by == person_id))
        followed = await session.scalars(select(FollowedCalendar.url).where(FollowedCalendar.created_by == person_id))
        parts = {
            "antworten": [
                {
                    "treffen": title,
                    "beginn": starts,
                    "antwort": ANSWERS[Answer(row.answer)] if row.answer else None,
                    "warteliste": row.waiting_since is not None,
                    "vertretung_genannt": row.deputy_id is not None,
                    "als_vertretung": row.deputy_for is not None,
                    "anwesend": row.attended,
                    "geantwortet": iso(row.answered_at),
                }
                for row, title, starts in replies.all()
            ],
            "erinnerungen": [
                {
                    "treffen": row.meeting_id or "alle",
                    "wann": [words for each, words in BEFORE.items() if each & row.chosen],
                }
                for row in choices
            ],
            "kalender_link_seit": iso(link.created_at) if link else None,
            "gemerkte_fristen": [row.entry_id for row in watches],
            "geplante_treffen": list(planned),
            "gefolgte_kalender": list(followed),
        }
        return parts if any(parts.values()) else None

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Replies, choices, calendar and watches go; meetings stay, without who planned them."""
        return await count_changed(
            session,
            delete(Reply).where(Reply.person_id == person_id),
            update(Reply).where(Reply.deputy_id == person_id).values(deputy_id=None),
            update(Reply).where(Reply.deputy_for == person_id).values(deputy_for=None),
            delete(ReminderChoice).where(ReminderChoice.person_id == person_id),
            delete(CalendarLink).where(CalendarLink.person_id == person_id),
            delete(Watch).where(Watch.person_id == person_id),
            delete(Notice).where(Notice.kind.in_(["seat", "deputy"]), Notice.data["person"].as_integer() == person_id),
            delete(Notice).where(Notice.kind == "deputy", Notice.occasion.like(f"%:{person_id}")),
            update(Meeting).where(Meeting.created_by == person_id).values(created_by=None),
            update(FollowedCalendar).where(FollowedCalendar.created_by == person_id).values(created_by=None),
        )

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """Old replies, what was said long ago, and what is left of former members."""
        kept, admins = select(Person.id), self._admins
        old = select(Meeting.id).where(Meeting.ends_at < now - KEEP_REPLIES)
        return {
            "meeting replies": await count_changed(session, delete(Reply).where(Reply.meeting_id.in_(old))),
            "meeting notices": await count_changed(session, delete(Notice).where(Notice.done_at < now - KEEP_SAID)),
        } | {
            table.__tablename__: await count_changed(
                session, delete(table).where(table.person_id.not_in(kept), table.person_id.not_in(admins))
            )
            for table in (ReminderChoice, CalendarLink, Watch)
        }
