import datetime as dt

import pytest
from hypothesis import given

from bot.meetings.kinds import LEADS, Answer, Before
from bot.meetings.reckoning import is_day_off, reminder_times
from bot.members.models import PushPreference
from tests.meetings.conftest import ANNA, BEN, CARLA, DORA, LEAD, OFFICE
from tests.meetings.test_dates import BERLIN, MOMENTS

EVERYBODY = {LEAD, ANNA, BEN, CARLA, DORA}


def hours(day, hour):
    return {"start": dt.datetime(*day, hour, tzinfo=BERLIN), "end": dt.datetime(*day, hour + 1, tzinfo=BERLIN)}


async def prefers(house, person_id, **values):
    defaults = {"weekdays": 31, "from_minute": 420, "to_minute": 1080, "holidays": False, "pause_until": None}
    async with house.database.writing() as session:
        session.add(PushPreference(person_id=person_id, **{**defaults, **values}))


async def test_reminders_come_seven_days_one_day_and_one_hour_before(house):
    view = await house.planned()
    await house.replies.answer(ANNA, view.id, Answer.NO)
    seen = []
    for moment in [(2027, 3, 5, 7, 59), (2027, 3, 5, 8, 0), (2027, 3, 11, 7, 59), (2027, 3, 11, 8, 0),
                   (2027, 3, 12, 8, 59), (2027, 3, 12, 9, 0), (2027, 3, 12, 10, 0)]:  # fmt: skip
        house.clock.set(*moment)
        queued = await house.pushed()
        seen.append(sorted(occasion for occasion in queued if occasion.startswith("reminder")))
        assert all(ANNA not in who for occasion, who in queued.items() if occasion.startswith("reminder"))
    week, day, hour = "reminder:0:2", "reminder:0:8", "reminder:0:32"
    assert seen == [[], [week], [week], sorted([week, day]), sorted([week, day]), *[sorted([week, day, hour])] * 2]


async def test_after_an_outage_one_reminder_comes_not_three(house):
    view = await house.planned()
    await house.pushed()
    house.clock.set(2027, 3, 11, 9, 0)
    reminders = [each for each in await house.pushed() if each.startswith("reminder")]
    assert reminders == ["reminder:0:8"]
    house.clock.set(2027, 3, 12, 10, 1)
    assert "reminder:0:32" not in await house.pushed()
    assert view.moves == 0


async def test_everybody_chooses_when_in_general_or_for_one_meeting(house):
    view = await house.planned()
    await house.reminders.choose(ANNA, Before(0))
    await house.reminders.choose(BEN, Before.DAY)
    await house.reminders.choose(CARLA, Before(0))
    await house.reminders.choose(CARLA, Before.WEEK, view.id)
    assert await house.reminders.choice(CARLA, view.id) is Before.WEEK
    house.clock.set(2027, 3, 5, 8, 0)
    assert (await house.pushed())["reminder:0:2"] == {LEAD, CARLA, DORA}
    house.clock.set(2027, 3, 11, 8, 0)
    assert (await house.pushed())["reminder:0:8"] == {LEAD, BEN, DORA}


async def test_the_last_reminder_passes_quiet_hours_only_where_the_meeting_lies_in_them(house):
    await prefers(house, ANNA, from_minute=480)  # from 8:00
    await prefers(house, BEN, from_minute=660)  # from 11:00
    await prefers(house, CARLA, from_minute=540)  # from 9:00
    await house.planned(**hours((2027, 3, 12), 9))
    house.clock.set(2027, 3, 12, 8, 0)
    await house.reminders.round()
    times = {who: when for who, occasion, when in await house.queued() if occasion == "reminder:0:32"}
    eight = dt.datetime(2027, 3, 12, 8, 0, tzinfo=BERLIN)
    assert times == {LEAD: eight, ANNA: eight, BEN: eight, DORA: eight}  # not Carla: it would come at the start


async def test_who_pauses_is_not_reminded(house):
    await prefers(house, ANNA, pause_until=dt.date(2027, 4, 1))
    await house.planned()
    house.clock.set(2027, 3, 12, 9, 0)
    assert ANNA not in (await house.pushed())["reminder:0:32"]


async def test_a_cancellation_arrives_even_in_quiet_hours_if_it_would_be_too_late(house):
    view = await house.planned(**hours((2027, 3, 13), 6))
    await house.arrives()
    house.clock.set(2027, 3, 12, 20, 0)
    await house.planning.cancel(LEAD, view.id)
    await house.reminders.round()
    times = {when for _, occasion, when in await house.queued() if occasion == "cancelled:1"}
    assert times == {dt.datetime(2027, 3, 12, 20, 0, tzinfo=BERLIN)}


async def test_who_plans_is_asked_for_minutes_afterwards(house):
    await house.planned(OFFICE)
    house.clock.set(2027, 3, 12, 12, 30)
    assert (await house.pushed())["asked:0"] == {OFFICE}


async def test_the_round_reads_nothing_of_what_is_not_due(house):
    for hour in range(8):
        await house.planned(OFFICE, **hours((2027, 6, 1), 8 + hour))
    await house.reminders.round()
    assert await house.reminders.round() == 0
    house.clock.set(2027, 5, 18, 7, 59)
    assert await house.reminders.round() == 0
    house.clock.set(2027, 5, 18, 8, 0)
    assert await house.reminders.round() == 8


@pytest.mark.parametrize(
    ("start", "before", "due"),
    [
        ((2027, 3, 15, 10), Before.DAY, (2027, 3, 12, 8)),
        ((2027, 5, 14, 10), Before.WEEK, (2027, 5, 7, 8)),
        ((2027, 5, 7, 10), Before.DAY, (2027, 5, 5, 8)),  # Ascension Day before it
        ((2027, 3, 30, 10), Before.DAY, (2027, 3, 25, 8)),  # after Easter Monday
        ((2027, 3, 28, 3), Before.HOUR, (2027, 3, 28, 1)),  # the hour that is left out
        ((2027, 10, 31, 3), Before.HOUR, (2027, 10, 31, 2)),
    ],
)
def test_days_before_are_working_days_and_hours_are_real(start, before, due):
    times = reminder_times(dt.datetime(*start, tzinfo=BERLIN), BERLIN)
    expected = dt.datetime(*due, tzinfo=BERLIN)
    if start[:3] == (2027, 10, 31):
        expected = expected.replace(fold=1)
    assert times[before] == expected.astimezone(dt.UTC)


@given(MOMENTS)
def test_reminders_come_before_the_start_at_the_right_local_time(start):
    for before, due in reminder_times(start, BERLIN).items():
        local = due.astimezone(BERLIN)
        assert due < start.astimezone(dt.UTC)
        if LEADS[before].days:
            assert (local.hour, local.minute) == (8, 0)
            assert not is_day_off(local.date())
            assert local.date() <= start.date() - dt.timedelta(days=LEADS[before].days)
        else:
            assert start.astimezone(dt.UTC) - due == dt.timedelta(hours=LEADS[before].hours)
