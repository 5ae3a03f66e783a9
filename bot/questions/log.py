"""The log of questions: its rows, whose they are, and when they lose their person."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import count_changed
from bot.questions.memory import Memory
from bot.questions.models import Question, Shown
from knowledge.answers import Answer

KEEP_PERSONS = dt.timedelta(days=90)
"""How long a question is kept with the person who asked it."""
HITS_KEPT = 10
"""How many of the entries that were found are kept with a question."""


class QuestionGoneError(LookupError):
    """The question is not kept any more, or was asked in another chat."""


@dataclass(frozen=True)
class Asker:
    """Who asks, and where.

    Attributes:
        person_id: Telegram's id; None where Telegram hides it.
        chat_id: The chat.
        message_id: The message that asks or whose button was pressed.
    """

    person_id: int | None
    chat_id: int
    message_id: int | None = None


def storable(text: str) -> str:
    """The text without what databases refuse: null characters and halves of surrogate pairs."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


def new_question(text: str, asker: Asker, now: dt.datetime, answer: Answer, after: Memory | None) -> Question:
    """The row of a question that was just answered."""
    return Question(
        asked_at=now,
        person_id=asker.person_id,
        chat_id=asker.chat_id,
        message_id=asker.message_id,
        text=text,
        after=after.write() if after else None,
        kind=answer.kind,
        facet=answer.facet,
        hits=[hit.id for hit in answer.hits[:HITS_KEPT]],
        confidence=answer.hits[0].confidence if answer.hits else 0.0,
        feedback=None,
        handed_over_at=None,
        settled_at=None,
    )


async def own_question(session: AsyncSession, question_id: int, chat_id: int) -> Question:
    """A question that was asked in this chat.

    Raises:
        QuestionGoneError: It is not kept any more, or was asked in another chat.
    """
    question = await session.get(Question, question_id)
    if question is None or question.chat_id != chat_id:
        raise QuestionGoneError(question_id)
    return question


async def just_asked(session: AsyncSession, text: str, asker: Asker, since: dt.datetime) -> bool:
    """Whether the same message asked the same within the time of a double press."""
    if asker.message_id is None:
        return False
    found = await session.scalar(
        select(Question.id)
        .where(
            Question.chat_id == asker.chat_id,
            Question.message_id == asker.message_id,
            Question.text == text,
            Question.asked_at > since,
        )
        .limit(1)
    )
    return found is not None


async def forget_persons(session: AsyncSession, now: dt.datetime) -> int:
    """Take the persons off questions that are older than `KEEP_PERSONS`, and drop as old memories of chats.

    Returns:
        How many questions lost their person.
    """
    before = now - KEEP_PERSONS
    await session.execute(delete(Shown).where(Shown.shown_at < before))
    return await count_changed(
        session,
        update(Question)
        .where(Question.asked_at < before, or_(Question.person_id.is_not(None), Question.chat_id.is_not(None)))
        .values(person_id=None, chat_id=None, message_id=None),
    )
