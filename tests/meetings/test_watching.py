import datetime as dt

import pytest
from sqlalchemy import select

from bot.delivery.models import Delivery
from bot.delivery.quiet import Preferences
from bot.meetings.errors import UnknownEntryError
from bot.meetings.watch_chat import WatchChat
from bot.meetings.watching import Watching, reminder_moment
from bot.members.errors import NotAllowedError
from bot.members.models import Person
from bot.rendering import Messages
from knowledge.deadlines import upcoming
from knowledge.entries import Deadline, FundingProgramme, Status, YearlyDate
from knowledge.library import Knowledge, entry_code
from tests.meetings.conftest import ANNA, BEN, CARLA, OFFICE, STRANGER
from tests.meetings.test_dates import BERLIN
from tests.meetings.town import NOW
from tests.questions.conversation import asks


class AnyTime:
    async def of_many(self, people):
        return {each: Preferences() for each in people}


class Shelf:
    """Knowledge of one programme whose deadline can be changed."""

    def __init__(self, entry):
        self.entry, self.revision = entry, "1"

    def get(self, entry_id):
        return self.entry if entry_id == self.entry.id else None

    def change(self, **deadline):
        self.entry = self.entry.model_copy(update={"deadline": Deadline(**deadline)})
        self.revision += "1"


@pytest.fixture
def shelf(shipped_knowledge):
    found = next(each for each in shipped_knowledge.entries.values() if isinstance(each, FundingProgramme))
    shelf = Shelf(found.model_copy(update={"status": "open"}))
    shelf.change(kind="call", date=dt.date(2027, 6, 30))
    return shelf


@pytest.fixture
def watching(house, shelf):
    calendar = house.calendar
    return Watching(house.database, house.clock, calendar.profiles, AnyTime(), house.outbox, shelf, BERLIN)


async def occasions(house, watching):
    await watching.round()
    return [occasion for _, occasion, _ in await house.queued()]


async def test_reminders_come_28_14_and_3_days_before_and_once(house, watching, shelf):
    assert (await watching.watch(ANNA, shelf.entry.id))[1]
    assert not (await watching.watch(ANNA, shelf.entry.id))[1]
    assert await occasions(house, watching) == []
    for moment, count in [((2027, 6, 2, 7, 59), 0), ((2027, 6, 2, 8, 0), 1), ((2027, 6, 16, 8, 0), 2),
                          ((2027, 6, 25, 8, 0), 3), ((2027, 6, 30, 8, 0), 3)]:  # fmt: skip
        house.clock.set(*moment)
        await watching.round()
        assert len(await occasions(house, watching)) == count
    assert await occasions(house, watching) == ["2027-06-30:28", "2027-06-30:14", "2027-06-30:3"]


async def test_a_changed_deadline_is_told_and_moves_the_reminders(house, watching, shelf):
    await watching.watch(ANNA, shelf.entry.id)
    await watching.round()
    shelf.change(kind="call", date=dt.date(2027, 9, 30))
    assert await occasions(house, watching) == ["changed:2027-06-30:2027-09-30:20270201T080000"]
    house.clock.set(2027, 6, 2, 8, 0)
    assert await occasions(house, watching) == ["changed:2027-06-30:2027-09-30:20270201T080000"]
    house.clock.set(2027, 9, 2, 8, 0)
    assert (await occasions(house, watching))[-1] == "2027-09-30:28"


async def test_changes_that_wait_for_somebodys_hours_are_one_against_the_day_they_know(house, watching, shelf):
    await watching.watch(ANNA, shelf.entry.id)
    await watching.round()
    shelf.change(kind="call", date=dt.date(2027, 9, 30))
    await watching.round()
    shelf.change(kind="call", date=dt.date(2027, 10, 31))
    assert await occasions(house, watching) == ["changed:2027-06-30:2027-10-31:20270201T080000"]
    shelf.change(kind="call", date=dt.date(2027, 6, 30))
    assert await occasions(house, watching) == []  # they knew this one all along


async def test_a_deadline_that_swings_is_told_each_time(house, watching, shelf):
    await watching.watch(ANNA, shelf.entry.id)
    await watching.round()
    for day, deadline in ((2, (2027, 9, 30)), (3, (2027, 6, 30)), (4, (2027, 9, 30))):
        house.clock.set(2027, 2, day, 9, 0)
        shelf.change(kind="call", date=dt.date(*deadline))
        await watching.round()
        await house.arrives()
    async with house.database.reading() as session:
        told = list(await session.scalars(select(Delivery.occasion).where(Delivery.recipient == ANNA)))
    assert len(told) == 3


async def test_a_programme_that_ends_or_vanishes_is_told_as_such_and_can_be_taken_off(house, watching, shelf):
    chat = WatchChat(watching, Messages("bot.meetings", BERLIN))
    entry = shelf.entry
    await watching.watch(ANNA, entry.id)
    await watching.round()
    shelf.entry = entry.model_copy(update={"status": Status.CLOSED})
    shelf.revision += "1"
    await watching.round()
    said = await chat.render([await last(house)])
    assert "Das Programm ist beendet (Frist bisher Mi, 30. Juni 2027)" in said.html
    await house.arrives()
    house.clock.set(2027, 2, 1, 9, 1)
    shelf.entry, shelf.revision = entry, shelf.revision + "1"
    await watching.round()
    await house.arrives()
    house.clock.set(2027, 2, 1, 9, 2)
    shelf.entry = entry.model_copy(update={"id": "anderes"})
    shelf.revision += "1"
    await watching.round()
    said = await chat.render([await last(house)])
    assert "nicht mehr in meiner Sammlung" in said.html
    assert await watching.code_of(ANNA, entry_code(entry.id)) == entry.id
    assert await watching.forget(ANNA, entry.id)


async def last(house):
    async with house.database.reading() as session:
        return (await session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1))).one()


async def test_new_content_after_a_restart_moves_the_reminders_and_tells_once(town):
    lotse, knowledge = town.lotse, town.lotse.knowledge
    entry = next(
        each
        for each in knowledge.entries.values()
        if isinstance(each, FundingProgramme) and each.status == "open" and upcoming(each.deadline, NOW.date())
    )

    async def with_deadline(day):
        other = entry.model_copy(update={"deadline": Deadline(kind="call", date=day)})
        lotse.knowledge = Knowledge.of([other if each.id == entry.id else each for each in knowledge.entries.values()])
        await lotse.restart()

    await with_deadline(dt.date(2027, 3, 31))
    await town.anna.starts(f"e_{entry.id}")
    await town.anna.presses("Frist merken", message=await town.anna.receives(containing="Frist"))
    await with_deadline(dt.date(2027, 4, 30))
    told = await town.anna.receives(containing="Frist geändert", timeout=20)
    assert "Neue Frist: Fr, 30. April 2027" in told["text"]
    assert "bisher Mi, 31. März 2027" in told["text"]
    town.set_clock(2027, 3, 3, 8, 0, 5)  # 28 days before the former deadline
    await lotse.restart()
    await lotse.sandbox.client.settles(quiet=1)
    listed = await asks(town.anna, "/merkliste")
    assert "Fr, 30. April 2027" in listed["text"]
    history = [str(each.get("text")) for each in await town.anna.chat_history()]
    assert len([each for each in history if "Frist geändert" in each]) == 1
    assert not [each for each in history if each.startswith("🔔")]
    town.set_clock(2027, 4, 2, 8, 0, 5)
    await lotse.restart()
    reminder = await town.anna.receives(containing="noch 28 Tage", timeout=20)
    assert "Fr, 30. April 2027" in reminder["text"]


async def test_a_yearly_deadline_that_passed_goes_on_without_a_word(house, watching, shelf):
    shelf.change(kind="annual", yearly=(YearlyDate(day="06-30"),))
    await watching.watch(ANNA, shelf.entry.id)
    house.clock.set(2027, 7, 1, 8, 0)
    await watching.round()
    assert await occasions(house, watching) == []
    assert (await watching.of(ANNA))[0].deadline == dt.date(2028, 6, 30)


async def test_deadlines_are_for_members_who_are_still_there_and_the_operators_administrators(house, watching, shelf):
    for person in (ANNA, BEN, CARLA, OFFICE):
        await watching.watch(person, shelf.entry.id)
    await watching.round()
    async with house.database.writing() as session:
        (await session.get(Person, ANNA)).suspended_at = house.clock.now()
        (await session.get(Person, BEN)).role = "newcomer"
        await session.delete(await session.get(Person, CARLA))
    shelf.change(kind="call", date=dt.date(2027, 9, 30))
    await watching.round()
    assert {who for who, _, _ in await house.queued()} == {OFFICE}
    house.clock.set(2027, 9, 2, 8, 0)
    await watching.round()
    assert [who for who, occasion, _ in await house.queued() if occasion == "2027-09-30:28"] == [OFFICE]
    async with house.database.writing() as session:
        (await session.get(Person, ANNA)).suspended_at = None
    assert [each.deadline for each in await watching.of(ANNA)] == [dt.date(2027, 9, 30)]
    house.clock.set(2027, 9, 16, 8, 0)
    await watching.round()
    assert {who for who, occasion, _ in await house.queued() if occasion == "2027-09-30:14"} == {ANNA, OFFICE}


async def test_the_list_can_be_shortened_and_is_for_members(house, watching, shelf):
    await watching.watch(ANNA, shelf.entry.id)
    assert await watching.forget(ANNA, shelf.entry.id)
    assert not await watching.forget(ANNA, shelf.entry.id)
    assert await watching.of(ANNA) == []
    with pytest.raises(UnknownEntryError):
        await watching.watch(ANNA, "gibt-es-nicht")
    with pytest.raises(NotAllowedError):
        await watching.watch(STRANGER, shelf.entry.id)


def test_a_day_off_moves_a_reminder_to_the_working_day_before():
    assert reminder_moment(dt.date(2027, 5, 29), 28, BERLIN).astimezone(BERLIN).date() == dt.date(2027, 4, 30)
