from sqlalchemy import insert

from bot.meetings.reminders import choices_of
from bot.members.models import Person
from bot.members.preferences import PushTimes
from tests.meetings.conftest import LEAD

MANY = 33_000
"""More than one statement takes values."""


async def test_more_people_than_one_statement_takes_are_found_with_their_wishes(house):
    now = house.clock.now()
    ids = range(100, MANY + 100)
    async with house.database.writing() as session:
        rows = [{"id": each, "name": "", "role": "member", "created_at": now} for each in ids]
        await session.execute(insert(Person), rows)
    view = await house.planned()
    assert await house.replies.invited(LEAD, view.id) > MANY
    times = PushTimes(house.database, house.clock, house.calendar.profiles, "Europe/Berlin")
    assert len(await times.of_many(ids)) == MANY
    async with house.database.reading() as session:
        assert await choices_of(session, ids, view.id) == {}
