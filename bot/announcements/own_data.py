"""This room's part of what is kept about a person."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, cast, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.kinds import State
from bot.announcements.models import Addressee, Announcement
from bot.announcements.shared import KEEP_RECIPIENTS, item_of
from bot.announcements.spec import Audience
from bot.content.kept import Content
from bot.database import count_changed
from bot.members.privacy import iso

KEEP_DRAFTS = dt.timedelta(days=180)
"""How long a draft that nobody touches is kept."""


class OwnData:
    """Announcements' part of `bot.members.privacy.PersonalData`.

    Args:
        statement: What this room keeps, in German.
    """

    key = "ankuendigungen"

    def __init__(self, statement: str) -> None:
        self.statement = statement

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """Announcements written or released, and those received with what was pressed."""
        written = await session.scalars(
            select(Announcement)
            .where(
                or_(
                    Announcement.author_id == person_id,
                    Announcement.released_by == person_id,
                    Announcement.proposed_by == person_id,
                )
            )
            .order_by(Announcement.id)
        )
        received = await session.execute(
            select(Addressee, Announcement)
            .join(Announcement, Announcement.id == Addressee.announcement_id)
            .where(Addressee.chat_id == person_id)
            .order_by(Addressee.id)
        )
        parts: dict[str, list[dict[str, Any]]] = {
            "geschrieben": [
                {
                    "text": item_of(row).body.content.plain,
                    "geaendert": iso(row.updated_at) if row.author_id == person_id else None,
                    "freigegeben": row.released_by == person_id,
                    "korrektur": _proposal(row) if row.proposed_by == person_id else None,
                }
                for row in written
            ],
            "bekommen": [_received(mine, row) for mine, row in received],
            "auf_einer_eingefuegten_liste": [
                {"angelegt": iso(row.created_at), "gesendet": iso(row.started_at)}
                for row in await _listing(session, person_id)
            ],
        }
        return {key: value for key, value in parts.items() if value}

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Who they were is dropped, also from pasted lists; announcements are the alliance's and stay."""
        for row in await _listing(session, person_id):
            row.audience = Audience.model_validate(row.audience).without_person(person_id).model_dump(mode="json")
        return await count_changed(
            session,
            update(Addressee).where(Addressee.chat_id == person_id).values(chat_id=None),
            update(Announcement).where(Announcement.author_id == person_id).values(author_id=None),
            update(Announcement).where(Announcement.released_by == person_id).values(released_by=None),
            update(Announcement).where(Announcement.proposed_by == person_id).values(proposed_by=None, proposal=None),
            update(Announcement)
            .where(Announcement.live_chat_id == person_id)
            .values(live_chat_id=None, live_message_id=None),
        )

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """Old drafts, and who got old announcements."""
        old = select(Announcement.id).where(Announcement.started_at < now - KEEP_RECIPIENTS)
        return {
            "announcement_drafts": await count_changed(
                session,
                delete(Announcement).where(
                    Announcement.state == State.DRAFT, Announcement.updated_at < now - KEEP_DRAFTS
                ),
            ),
            "announcement_recipients": await count_changed(
                session,
                update(Addressee).where(Addressee.announcement_id.in_(old), Addressee.chat_id > 0).values(chat_id=None),
            ),
        }


async def _listing(session: AsyncSession, person_id: int) -> list[Announcement]:
    """Announcements whose pasted lists name a person."""
    written = cast(Announcement.audience, String).contains(str(person_id))
    found = await session.scalars(select(Announcement).where(written).order_by(Announcement.id))
    return [row for row in found if Audience.model_validate(row.audience).names(person_id)]


def _proposal(row: Announcement) -> str | None:
    return Content.model_validate(row.proposal).plain if row.proposal is not None else None


def _received(mine: Addressee, row: Announcement) -> dict[str, Any]:
    question = item_of(row).body.question
    answered = question is not None and mine.answer is not None and mine.answer < len(question.answers)
    return {
        "gesendet": iso(row.started_at),
        "gelesen": iso(mine.read_at),
        "frage": question.text if question else None,
        "antwort": question.answers[mine.answer or 0] if question and answered else None,
    }
