import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.questions.chat import EXAMPLES
from bot.questions.log import KEEP_PERSONS, Asker, QuestionGoneError
from bot.questions.models import Question, Shown
from bot.questions.pleasantries import pleasantry
from bot.questions.service import Questions
from knowledge.entries import EntryKind

ANNA = Asker(person_id=17, chat_id=17, message_id=1)


class HandClock:
    """A clock that tests move by hand."""

    def __init__(self):
        self.moment = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)

    def now(self):
        return self.moment


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def service(database, clock, shipped_knowledge):
    return Questions(database, clock, shipped_knowledge, zone=ZoneInfo("Europe/Berlin"), admins={1})


def test_today_is_the_people_s_day_not_utc_s(service):
    assert service.today() == dt.date(2026, 11, 23)


async def test_a_question_belongs_to_its_chat(service):
    reply = await service.ask("kfw 432", ANNA)
    assert (await service.again(reply.question, 17)).entries == reply.entries
    for attempt in (
        service.again(reply.question, 18),
        service.rate(reply.question, 18, helpful=True),
        service.hand_over(reply.question, 18),
    ):
        with pytest.raises(QuestionGoneError):
            await attempt


async def test_the_same_button_asks_again_after_a_while(service, clock):
    assert await service.ask("Was heißt ISEK?", ANNA) is not None
    assert await service.ask("Was heißt ISEK?", ANNA) is None
    clock.moment += dt.timedelta(seconds=11)
    assert await service.ask("Was heißt ISEK?", ANNA) is not None


async def test_persons_are_forgotten_after_ninety_days_and_questions_stay(service, clock, database):
    await service.ask("kfw 432", ANNA)
    clock.moment += KEEP_PERSONS
    await service.ask("kfw 444", Asker(person_id=18, chat_id=18))
    assert await service.forget_persons() == 0
    clock.moment += dt.timedelta(seconds=1)
    assert await service.forget_persons() == 1
    assert await service.forget_persons() == 0
    async with database.reading() as session:
        old, new = (await session.scalars(select(Question).order_by(Question.id))).all()
        memories = (await session.scalars(select(Shown.chat_id))).all()
    assert (old.text, old.person_id, old.chat_id, old.message_id) == ("kfw 432", None, None, None)
    assert new.person_id == 18
    assert memories == [18]


async def test_a_list_is_carried_on_over_its_buttons(service, clock):
    listed = await service.ask("Beispiele aus Hessen", ANNA)
    more = await service.ask("und aus bayern?", Asker(17, 17, 2))
    assert {entry.state for entry in more.entries} == {"Bayern"}
    assert [chip.label for chip in more.chips] == ["Beispiele", "Bayern"]
    assert (await service.again(more.question, 17)).entries == more.entries
    wide = await service.again(more.question, 17, off=0b10)
    assert len(wide.entries) > len(more.entries) > 0
    assert listed.entries
    small = await service.ask("nur kleine städte", Asker(17, 17, 3))
    assert small.answer.kind == "list"
    assert all(entry.population < 20_000 for entry in small.entries)


async def test_a_stored_detail_that_is_no_longer_known_does_no_harm(service, database):
    await service.ask("kfw 432 wieviel prozent", ANNA)
    async with database.writing() as session:
        shown = await session.get(Shown, 17)
        shown.what = {**shown.what, "facet": "colour", "shown": [*shown.what["shown"], "gone"]}
    assert await service.ask("und bis wann?", ANNA) is not None


async def test_characters_that_databases_refuse_are_no_reason_to_fail(service):
    assert await service.ask("kfw\x00432 \ud800", ANNA) is not None
    await service.hand_over_text("a\x00b", ANNA)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hallo!", "greeting"),
        ("guten Morgen", "greeting"),
        ("Dankeschön", "thanks"),
        ("ok", "noted"),
        ("Bist du ein Mensch?", "about"),
        ("danke, und bis wann?", None),
        ("", None),
    ],
)
def test_pleasantries(text, said):
    assert pleasantry(text) == said


async def test_the_examples_of_the_greeting_show_what_is_best_here(service):
    money, cases, meaning = [
        await service.ask(text, Asker(person_id=17, chat_id=chat)) for chat, text in enumerate(EXAMPLES)
    ]
    assert {entry.kind for entry in money.entries} == {EntryKind.FUNDING}
    assert cases.entries[0].kind is EntryKind.CASE
    assert "Probewohnen" in cases.entries[0].title
    assert meaning.entries[0].id == "term-isek"
