"""This room's part of what is kept about a person: questions, and what their chat was last shown."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import count_changed
from bot.members.privacy import iso
from bot.questions.log import forget_persons
from bot.questions.models import Question, Shown

FEEDBACK = {1: "hilfreich", -1: "nicht hilfreich"}


class QuestionsData:
    """Questions' part of `bot.members.privacy.PersonalData`.

    Args:
        statement: What this room keeps, in German.
    """

    key = "fragen"

    def __init__(self, statement: str) -> None:
        self.statement = statement

    async def export(self, session: AsyncSession, person_id: int) -> Any:
        """The questions that still name the person, oldest first, and what the chat was last shown."""
        rows = await session.scalars(select(Question).where(_asked_by(person_id)).order_by(Question.id))
        questions = [
            {
                "frage": row.text,
                "gestellt": iso(row.asked_at),
                "art_der_antwort": row.kind,
                "gefundene_eintraege": row.hits,
                "rueckmeldung": FEEDBACK.get(row.feedback or 0),
                "an_die_geschaeftsstelle": iso(row.handed_over_at),
                "chat": row.chat_id,
            }
            for row in rows
        ]
        shown = await session.get(Shown, person_id)
        parts = {"gestellte_fragen": questions, "zuletzt_gezeigt": shown.what if shown else None}
        return {key: value for key, value in parts.items() if value}

    async def erase(self, session: AsyncSession, person_id: int) -> int:
        """Questions stay without the person; what the chat was shown goes."""
        return await count_changed(
            session,
            update(Question).where(_asked_by(person_id)).values(person_id=None, chat_id=None, message_id=None),
            delete(Shown).where(Shown.chat_id == person_id),
        )

    async def forget(self, session: AsyncSession, now: dt.datetime) -> Mapping[str, int]:
        """Questions lose their person after `log.KEEP_PERSONS`."""
        return {"questions": await forget_persons(session, now)}


def _asked_by(person_id: int) -> Any:
    return or_(Question.person_id == person_id, Question.chat_id == person_id)
