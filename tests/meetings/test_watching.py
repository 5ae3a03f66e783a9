import datetime as dt

import pytest

from bot.delivery.quiet import Preferences
from bot.meetings.errors import UnknownEntryError
from bot.meetings.watching import Watching, reminder_moment
from bot.members.errors import NotAllowedError
from knowledge.entries import Deadline, FundingProgramme, YearlyDate
from tests.meetings.conftest import ANNA, STRANGER
from tests.meetings.test_dates import BERLIN


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
    assert await occasions(house, watching) == ["changed:2027-06-30:2027-09-30"]
    house.clock.set(2027, 6, 2, 8, 0)
    assert await occasions(house, watching) == ["changed:2027-06-30:2027-09-30"]
    house.clock.set(2027, 9, 2, 8, 0)
    assert (await occasions(house, watching))[-1] == "2027-09-30:28"


async def test_a_yearly_deadline_that_passed_goes_on_without_a_word(house, watching, shelf):
    shelf.change(kind="annual", yearly=(YearlyDate(day="06-30"),))
    await watching.watch(ANNA, shelf.entry.id)
    house.clock.set(2027, 7, 1, 8, 0)
    await watching.round()
    assert await occasions(house, watching) == []
    assert (await watching.of(ANNA))[0].deadline == dt.date(2028, 6, 30)


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
