import datetime as dt

import pytest
from sqlalchemy import update

from bot.meetings.charts import counts, draw_replies, towns
from bot.meetings.errors import DeputyError, NudgedError, OverError, TooLateError
from bot.meetings.kinds import Answer
from bot.meetings.replies import csv_rows
from bot.members.models import Person
from tests.meetings.conftest import ANNA, BEN, CARLA, DORA, LEAD
from tests.meetings.test_dates import BERLIN

WORDS = {None: "keine", Answer.YES: "Zusage", Answer.NO: "Absage", Answer.MAYBE: "vielleicht"}


async def test_a_reply_can_be_changed_and_a_double_press_changes_nothing(house):
    view = await house.planned()
    assert (await house.replies.answer(ANNA, view.id, Answer.YES)).fresh
    assert not (await house.replies.answer(ANNA, view.id, Answer.YES)).fresh
    assert (await house.replies.answer(ANNA, view.id, Answer.MAYBE)).reply.answer is Answer.MAYBE
    _, mine = await house.replies.mine(ANNA, view.id)
    assert mine.answer is Answer.MAYBE


async def test_after_the_last_day_only_a_refusal_is_taken(house):
    view = await house.planned(reply_by=dt.datetime(2027, 3, 5, 18, 0, tzinfo=BERLIN))
    await house.replies.answer(ANNA, view.id, Answer.YES)
    house.clock.set(2027, 3, 6, 9, 0)
    with pytest.raises(TooLateError):
        await house.replies.answer(BEN, view.id, Answer.YES)
    assert (await house.replies.answer(ANNA, view.id, Answer.NO)).fresh
    house.clock.set(2027, 3, 12, 10, 0)
    with pytest.raises(OverError):
        await house.replies.answer(ANNA, view.id, Answer.NO)


async def test_the_waiting_list_moves_up_in_order_and_says_so(house):
    view = await house.planned(seats=1)
    await house.pushed()
    assert not (await house.replies.answer(ANNA, view.id, Answer.YES)).reply.waiting
    house.clock.set(2027, 2, 1, 9, 1)
    assert (await house.replies.answer(BEN, view.id, Answer.YES)).reply.waiting
    house.clock.set(2027, 2, 1, 9, 2)
    assert (await house.replies.answer(CARLA, view.id, Answer.YES)).reply.waiting
    assert (await house.replies.answer(ANNA, view.id, Answer.NO)).moved_up == 1
    _, ben = await house.replies.mine(BEN, view.id)
    assert not ben.waiting
    queued = await house.pushed()
    assert [who for occasion, who in queued.items() if occasion.startswith("seat")] == [{BEN}]
    assert (await house.replies.mine(CARLA, view.id))[1].waiting
    again = await house.replies.answer(ANNA, view.id, Answer.YES)
    assert again.reply.waiting
    overview = await house.replies.overview(LEAD, view.id)
    assert {line.name for line in overview.waiting} == {"Anna", "Carla"}
    assert [line.name for line in overview.of(Answer.YES)] == ["Ben"]


async def test_who_waits_is_not_reminded(house):
    view = await house.planned(seats=1)
    await house.replies.answer(ANNA, view.id, Answer.YES)
    await house.replies.answer(BEN, view.id, Answer.YES)
    house.clock.set(2027, 3, 11, 8, 0)
    assert BEN not in (await house.pushed())["reminder:0:8"]


async def test_a_deputy_comes_from_the_same_town_and_answers_for_themselves(house):
    view = await house.planned()
    await house.pushed()
    assert [each.name for each in await house.replies.possible_deputies(ANNA, view.id)] == ["Ben", "Lea"]
    with pytest.raises(DeputyError):
        await house.replies.name_deputy(ANNA, view.id, CARLA)
    with pytest.raises(DeputyError):
        await house.replies.name_deputy(ANNA, view.id, ANNA)
    assert (await house.replies.name_deputy(ANNA, view.id, BEN)).fresh
    assert not (await house.replies.name_deputy(ANNA, view.id, BEN)).fresh
    assert {BEN} in (await house.pushed()).values()
    await house.replies.answer(BEN, view.id, Answer.YES)
    lines = {line.name: line for line in (await house.replies.overview(LEAD, view.id)).lines}
    assert (lines["Anna"].answer, lines["Anna"].deputy) == (Answer.NO, "Ben")
    assert (lines["Ben"].answer, lines["Ben"].deputy_for) == (Answer.YES, "Anna")


async def test_those_who_have_not_replied_are_asked_alone_and_once_a_day(house):
    view = await house.planned()
    await house.pushed()
    await house.replies.answer(ANNA, view.id, Answer.NO)
    await house.replies.answer(BEN, view.id, Answer.YES)
    assert await house.replies.nudge(LEAD, view.id) == 3
    assert (await house.pushed())["nudge:2027-02-01"] == {LEAD, CARLA, DORA}
    with pytest.raises(NudgedError):
        await house.replies.nudge(LEAD, view.id)


async def test_the_list_as_csv_holds_no_formulas(house):
    async with house.database.writing() as session:
        await session.execute(update(Person).where(Person.id == ANNA).values(name="=cmd|' /C calc'!A0"))
    view = await house.planned()
    await house.replies.answer(BEN, view.id, Answer.YES)
    overview = await house.replies.overview(LEAD, view.id)
    rows = csv_rows(overview, WORDS)
    assert rows[0][0] == "Name"
    assert ("Ben", "Gera", "Zusage", "", "", "", "") in rows
    assert any(row[0].startswith("'=cmd") for row in rows)
    assert overview.towns == 1


async def test_the_picture_counts_answers_and_towns(house):
    view = await house.planned(seats=2)
    for person, answer in ((ANNA, Answer.YES), (CARLA, Answer.YES), (BEN, Answer.YES), (DORA, Answer.MAYBE)):
        house.clock.time += dt.timedelta(minutes=1)
        await house.replies.answer(person, view.id, answer)
    overview = await house.replies.overview(LEAD, view.id)
    assert [(word, count) for word, count, _ in counts(overview)] == [
        ("Zusagen", 2), ("Warteliste", 1), ("Vielleicht", 1), ("Absagen", 0), ("Ohne Antwort", 1)
    ]  # fmt: skip
    assert towns(overview) == [("Gera", 1), ("Suhl", 1)]
    assert (await draw_replies(overview)).startswith(b"\x89PNG")
