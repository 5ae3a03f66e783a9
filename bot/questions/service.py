"""The rules of asking: answers and what they are remembered by, the log of questions, feedback, the office."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.logs import get_logger
from bot.questions.log import HITS_KEPT, Asker, forget_persons, just_asked, new_question, own_question, storable
from bot.questions.memory import Memory, behind, next_answer, remembered, wants_more
from bot.questions.models import Question, Shown
from knowledge.answers import Answer, Answerer, AnswerKind, Chip
from knowledge.entries import AnyEntry, Article, Facet, FundingProgramme, Status
from knowledge.fit import Profile
from knowledge.followups import Talk
from knowledge.library import Knowledge

MEMORY = dt.timedelta(minutes=30)
"""How long „und bis wann?“ refers to what was shown last."""
DOUBLE_PRESS = dt.timedelta(seconds=10)
"""Within this time the same button asks only once."""
SHOWN = {AnswerKind.LIST: 6, AnswerKind.CHOOSE: 4}
"""How many entries an answer shows at once, where it is not one."""
ONLY_OPEN = 1 << 15
"""Beside the bits of a question's own filters: only programmes that take applications."""
AS_LIST = 1 << 14
"""Likewise: all entries found, where the answer is the best of them."""
OFFICE_ARTICLE = "buendnis-ueberblick"
OFFICE_PAGE = 8

_log = get_logger("lotse.questions")


class NotAllowedError(PermissionError):
    """Who acts is not one of the office."""


@dataclass(frozen=True)
class Reply:
    """An answer, and the question's row.

    Attributes:
        question: The row's id, for buttons.
        answer: What is said.
        entries: The entries found, best first.
        chips: The question's own filters, those that are off included.
        feedback: 1, -1 or None.
    """

    question: int
    answer: Answer
    entries: tuple[AnyEntry, ...]
    chips: tuple[Chip, ...]
    feedback: int | None


@dataclass(frozen=True)
class OpenQuestion:
    """A question that lies with the office."""

    id: int
    text: str
    handed_over_at: dt.datetime
    person_id: int | None


class Questions:
    """Answers questions and keeps what came of them.

    Args:
        database: Where.
        clock: When.
        knowledge: What is known.
        zone: People's time zone: whose „today“ counts.
        admins: Who sees what lies with the office,
        office: and who else does.
        town: From which town somebody asks, where that is known.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        knowledge: Knowledge,
        *,
        zone: dt.tzinfo,
        admins: Collection[int] = (),
        office: Callable[[int], Awaitable[bool]] | None = None,
        town: Callable[[int], Awaitable[Profile | None]] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self._admins = frozenset(admins)
        self._office = office
        self._town = town
        self.knowledge = knowledge
        self._answerer = Answerer(knowledge, self.today)
        self.on_answered: Callable[[str, float], None] = lambda _kind, _seconds: None
        """Called with the kind of each answer and the seconds that it took to find."""

    def today(self) -> dt.date:
        """The day in the people's time zone."""
        return self._clock.now().astimezone(self._zone).date()

    async def is_office(self, person_id: int | None) -> bool:
        """Whether a person may see what lies with the office."""
        if person_id is None:
            return False
        return person_id in self._admins or (self._office is not None and await self._office(person_id))

    @property
    def office_contact(self) -> str:
        """How to reach the office directly."""
        article = self.knowledge.get(OFFICE_ARTICLE)
        if isinstance(article, Article) and article.contact:
            return article.contact
        return "Geschäftsstelle des Bündnisses"

    # Asking ----------------------------------------------------------------------------------------------------------

    async def ask(self, text: str, asker: Asker) -> Reply | None:
        """Answer a question, in the light of what the chat was shown, and log it.

        Returns:
            None where the same button was just pressed for it.
        """
        begun, now, text = time.monotonic(), self._clock.now(), storable(text)
        async with self._database.reading() as session:
            if await just_asked(session, text, asker, now - DOUBLE_PRESS):
                return None
            after = await _shown(session, asker.chat_id, now - MEMORY)
        answer = self._answer(text, after, await self._profile(asker.person_id))
        question = new_question(text, asker, now, answer, after)
        async with self._database.writing() as session:
            session.add(question)
            await _remember(session, asker.chat_id, _kept(answer, after), now)
        _log.info("answered", kind=answer.kind, facet=answer.facet, hits=len(answer.hits))
        self.on_answered(answer.kind, time.monotonic() - begun)
        return self._reply(question, answer)

    async def again(self, question_id: int, chat_id: int, off: int = 0) -> Reply:
        """The answer to a logged question anew, with some of its filters taken off.

        Args:
            question_id: The row.
            chat_id: Where its button was pressed.
            off: A bit for each of the question's filters that is off; also `ONLY_OPEN` and `AS_LIST`.

        Raises:
            QuestionGoneError: It is not kept any more, or belongs to another chat.
        """
        now = self._clock.now()
        async with self._database.reading() as session:
            question = await own_question(session, question_id, chat_id)
        after = Memory.read(question.after)
        profile = await self._profile(question.person_id)
        whole = self._answer(question.text, after, profile)
        without = [chip.name for bit, chip in enumerate(whole.chips) if off >> bit & 1]
        answer = self._answer(question.text, after, profile, without) if without else whole
        reply = replace(self._reply(question, answer), chips=whole.chips)
        if off & ONLY_OPEN:
            reply = replace(reply, entries=tuple(entry for entry in reply.entries if _is_open(entry)))
        kept = _kept(answer)
        if off:
            asked = (answer.talk.asked if answer.talk else ()) or (question.text,)
            kept = Memory(Talk(tuple(entry.id for entry in reply.entries), answer.facet, listed=True, asked=asked))
        async with self._database.writing() as session:
            await _remember(session, chat_id, kept, now)
        return reply

    def look_up(self, text: str) -> tuple[tuple[AnyEntry, ...], Facet | None]:
        """The entries that fit a few words, and the detail that they ask for; nothing of it is kept."""
        if not text.strip():
            return (), None
        answer = self._answerer.answer(text)
        found = (self.knowledge.get(hit.id) for hit in answer.hits[:HITS_KEPT])
        return tuple(entry for entry in found if entry is not None), answer.facet

    async def note_shown(self, chat_id: int, entry: AnyEntry, facet: Facet | None = None) -> None:
        """Remember that a chat was shown an entry by a button or a link."""
        now, talk = self._clock.now(), Talk((entry.id,), facet)
        async with self._database.writing() as session:
            before = await _shown(session, chat_id, now - MEMORY)
            await _remember(session, chat_id, Memory(talk, behind(talk, before)), now)

    # Feedback and the office -----------------------------------------------------------------------------------------

    async def rate(self, question_id: int, chat_id: int, *, helpful: bool) -> bool:
        """Keep 👍 or 👎.

        Returns:
            False where it had been given already.

        Raises:
            QuestionGoneError: See `again`.
        """
        async with self._database.writing() as session:
            question = await own_question(session, question_id, chat_id)
            before, question.feedback = question.feedback, 1 if helpful else -1
            return before != question.feedback

    async def hand_over(self, question_id: int, chat_id: int) -> tuple[str, bool]:
        """Give a logged question to the office.

        Returns:
            Its text, and False where it had been given already.

        Raises:
            QuestionGoneError: See `again`.
        """
        async with self._database.writing() as session:
            question = await own_question(session, question_id, chat_id)
            fresh = question.handed_over_at is None
            if fresh:
                question.handed_over_at = self._clock.now()
            return question.text, fresh

    async def hand_over_text(self, text: str, asker: Asker) -> None:
        """Give a question to the office that was typed for it."""
        now, text = self._clock.now(), storable(text)
        async with self._database.writing() as session:
            question = new_question(text, asker, now, self._answerer.answer(text), None)
            question.handed_over_at = now
            session.add(question)

    async def last_question(self, chat_id: int) -> tuple[int, str] | None:
        """The chat's newest question that does not lie with the office yet, if it is fresh enough to be meant."""
        async with self._database.reading() as session:
            found = await session.execute(
                select(Question.id, Question.text)
                .where(
                    Question.chat_id == chat_id,
                    Question.handed_over_at.is_(None),
                    Question.asked_at > self._clock.now() - MEMORY,
                )
                .order_by(Question.id.desc())
                .limit(1)
            )
            row = found.first()
        return (row.id, row.text) if row else None

    async def open_questions(self, actor: int | None, page: int) -> tuple[list[OpenQuestion], int]:
        """A page of what lies with the office, oldest first, and how much there is in all.

        Raises:
            NotAllowedError: The actor is not one of the office.
        """
        await self._check_office(actor)
        lies = (Question.handed_over_at.is_not(None), Question.settled_at.is_(None))
        async with self._database.reading() as session:
            total = await session.scalar(select(func.count()).select_from(Question).where(*lies)) or 0
            rows = await session.scalars(
                select(Question)
                .where(*lies)
                .order_by(Question.handed_over_at, Question.id)
                .offset(page * OFFICE_PAGE)
                .limit(OFFICE_PAGE)
            )
            found = [
                OpenQuestion(row.id, row.text, row.handed_over_at, row.person_id) for row in rows if row.handed_over_at
            ]
        return found, total

    async def settle(self, actor: int | None, question_id: int) -> None:
        """Take a question off the office's list; once more changes nothing.

        Raises:
            NotAllowedError: The actor is not one of the office.
        """
        await self._check_office(actor)
        async with self._database.writing() as session:
            await session.execute(
                update(Question)
                .where(Question.id == question_id, Question.handed_over_at.is_not(None), Question.settled_at.is_(None))
                .values(settled_at=self._clock.now())
            )

    async def forget_persons(self) -> int:
        """See `log.forget_persons`."""
        async with self._database.writing() as session:
            return await forget_persons(session, self._clock.now())

    async def _check_office(self, actor: int | None) -> None:
        if not await self.is_office(actor):
            raise NotAllowedError(actor)

    async def _profile(self, person_id: int | None) -> Profile | None:
        return await self._town(person_id) if self._town is not None and person_id is not None else None

    def _answer(
        self, text: str, after: Memory | None, profile: Profile | None, without: Collection[str] = ()
    ) -> Answer:
        if after is not None and wants_more(text):
            found = [entry for each in after.more if (entry := self.knowledge.get(each)) is not None]
            return next_answer(text, found, after, self.today())
        return self._answerer.answer(text, after.talk if after else None, without=without, profile=profile)

    def _reply(self, question: Question, answer: Answer) -> Reply:
        found = (self.knowledge.get(hit.id) for hit in answer.hits)
        entries = tuple(entry for entry in found if entry is not None)
        return Reply(question.id, answer, entries, answer.chips, question.feedback)


def _is_open(entry: AnyEntry) -> bool:
    return not isinstance(entry, FundingProgramme) or entry.status is Status.OPEN


async def _shown(session: AsyncSession, chat_id: int, since: dt.datetime) -> Memory | None:
    shown = await session.get(Shown, chat_id)
    return Memory.read(shown.what) if shown is not None and shown.shown_at > since else None


async def _remember(session: AsyncSession, chat_id: int, memory: Memory | None, now: dt.datetime) -> None:
    if memory is not None:
        await session.merge(Shown(chat_id=chat_id, what=memory.write(), shown_at=now))


def _kept(answer: Answer, before: Memory | None = None) -> Memory | None:
    return remembered(answer, SHOWN.get(answer.kind, 1), before)
