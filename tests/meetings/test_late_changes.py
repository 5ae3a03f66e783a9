"""What changes while something is under way: nobody is told twice, too late, or of what they never heard of."""

import datetime as dt

import pytest
from sqlalchemy import select

from bot.delivery.models import Delivery
from bot.meetings.cards import Cards
from bot.meetings.changing import change_following
from bot.meetings.drafting import Draft
from bot.meetings.errors import NotAllowedError, NudgeTooLateError, OddValueError, TooLateError
from bot.meetings.kinds import Answer
from bot.meetings.models import Meeting, MeetingSeries
from bot.meetings.notices import MeetingNotices
from bot.meetings.recurrence.series import Series
from bot.meetings.views import read_series
from bot.members.models import PushPreference
from bot.rendering import Messages
from tests.meetings.conftest import ANNA, BEN, CARLA, DORA, LEAD, OFFICE
from tests.meetings.test_dates import BERLIN

EVERYBODY = {LEAD, ANNA, BEN, CARLA, DORA}
START = dt.datetime(2027, 3, 12, 10, 0, tzinfo=BERLIN)


async def from_noon_on(house, person_id):
    async with house.database.writing() as session:
        session.add(PushPreference(person_id=person_id, weekdays=31, from_minute=720, to_minute=1080, holidays=False))


async def rendered(house, occasion, person_id):
    async with house.database.reading() as session:
        wanted = Delivery.occasion.startswith(occasion), Delivery.recipient == person_id
        row = (await session.scalars(select(Delivery).where(*wanted))).one()
    return await MeetingNotices(house.calendar, Cards(Messages("bot.meetings", BERLIN), house.clock, BERLIN))([row])


async def test_whose_invitation_waits_is_not_told_of_a_move_but_invited_to_the_new_time(house):
    await from_noon_on(house, ANNA)
    view = await house.planned()
    await house.arrives()
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=3))
    assert (await house.pushed())["moved:1"] == EVERYBODY - {ANNA}
    house.clock.set(2027, 2, 1, 12, 0)
    assert "Mo, 15. März 2027, 10:00" in (await rendered(house, "invitation", ANNA)).caption


async def test_whose_invitation_waits_hears_nothing_of_a_meeting_that_is_cancelled_meanwhile(house):
    await from_noon_on(house, ANNA)
    view = await house.planned()
    await house.arrives()
    await house.planning.cancel(LEAD, view.id)
    assert (await house.pushed())["cancelled:1"] == EVERYBODY - {ANNA}
    house.clock.set(2027, 2, 1, 12, 0)
    assert await rendered(house, "invitation", ANNA) is None


async def test_a_meeting_cancelled_before_anybody_was_invited_bothers_nobody(house):
    view = await house.planned()
    await house.planning.cancel(LEAD, view.id)
    assert await house.pushed() == {}


async def test_two_moves_in_the_night_are_one_message_against_the_time_that_people_know(house):
    await from_noon_on(house, ANNA)
    view = await house.planned()
    house.clock.set(2027, 2, 1, 12, 0)
    await house.arrives()
    house.clock.set(2027, 2, 1, 20, 0)
    await house.planning.change(LEAD, view.id, place="Suhl")
    await house.pushed()
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=3))
    await house.pushed()
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=4))
    queued = await house.pushed()
    assert [occasion for occasion, who in queued.items() if ANNA in who] == ["moved:3"]
    text = (await rendered(house, "moved:3", ANNA)).caption
    assert "ist jetzt <b>Di, 16. März 2027, 10:00–12:00</b> (bisher Fr, 12. März 2027, 10:00)" in text
    assert "der Ort" in text
    await house.planning.change(LEAD, view.id, start=START, place="Gera, Rathaus")
    await house.planning.cancel(LEAD, view.id)
    await house.pushed()
    assert "Fr, 12. März 2027" in (await rendered(house, "cancelled", ANNA)).caption


async def test_who_hears_of_a_cancellation_before_the_move_reads_both_times(house):
    await from_noon_on(house, ANNA)
    view = await house.planned()
    house.clock.set(2027, 2, 1, 12, 0)
    await house.arrives()
    house.clock.set(2027, 2, 1, 20, 0)
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=3))
    await house.pushed()
    await house.planning.cancel(LEAD, view.id)
    queued = await house.pushed()
    assert [occasion for occasion, who in queued.items() if ANNA in who] == ["cancelled:2"]
    said = (await rendered(house, "cancelled", ANNA)).caption
    assert "am Mo, 15. März 2027, 10:00–12:00 (ursprünglich Fr, 12. März 2027, 10:00) findet nicht statt" in said


async def test_a_move_there_and_back_while_people_sleep_is_not_told_to_them(house):
    await from_noon_on(house, ANNA)
    view = await house.planned()
    house.clock.set(2027, 2, 1, 12, 0)
    await house.arrives()
    house.clock.set(2027, 2, 1, 20, 0)
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=3))
    await house.pushed()
    await house.planning.change(LEAD, view.id, start=START)
    assert not [occasion for occasion, who in (await house.pushed()).items() if ANNA in who]


async def test_who_slept_through_a_move_there_and_back_is_told_only_what_else_changed(house):
    await from_noon_on(house, ANNA)
    async with house.database.writing() as session:
        session.add(PushPreference(person_id=BEN, weekdays=127, from_minute=0, to_minute=1440, holidays=True))
    view = await house.planned()
    house.clock.set(2027, 2, 1, 12, 0)
    await house.arrives()
    house.clock.set(2027, 2, 1, 20, 0)
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=3))
    await house.arrives()
    await house.planning.change(LEAD, view.id, place="Suhl")
    await house.arrives()
    await house.planning.change(LEAD, view.id, start=START)
    queued = await house.pushed()
    assert [occasion for occasion, who in queued.items() if ANNA in who] == ["moved:3"]
    text = (await rendered(house, "moved:3", ANNA)).caption
    assert "Geändert" in text
    assert "der Ort" in text
    assert "bisher" not in text
    assert "Verlegt" not in text
    assert "(bisher Mo, 15. März 2027, 10:00)" in (await rendered(house, "moved:3", BEN)).caption
    await house.planning.cancel(LEAD, view.id)
    await house.pushed()
    assert "ursprünglich" not in (await rendered(house, "cancelled", ANNA)).caption


async def test_an_invitation_that_would_come_after_the_start_gives_way_to_the_move(house):
    await from_noon_on(house, ANNA)
    view = await house.planned()
    await house.arrives()
    await house.planning.change(LEAD, view.id, start=dt.datetime(2027, 2, 1, 11, 0, tzinfo=BERLIN))
    assert (await house.pushed())["moved:1"] == EVERYBODY
    house.clock.set(2027, 2, 1, 12, 0)
    assert await rendered(house, "invitation", ANNA) is None


async def test_more_seats_let_the_waiting_list_move_up_and_fewer_take_nobodys_away(house):
    view = await house.planned(seats=1)
    await house.arrives()
    for minute, person in enumerate((ANNA, BEN, CARLA)):
        house.clock.set(2027, 2, 1, 9, minute)
        await house.replies.answer(person, view.id, Answer.YES)
    changed = await house.planning.change(LEAD, view.id, seats=2)
    assert (changed.moved_up, changed.told) == (1, False)
    seats = [who for occasion, who in (await house.pushed()).items() if occasion.startswith("seat")]
    assert seats == [{BEN}]
    assert (await house.planning.change(LEAD, view.id, seats=1)).moved_up == 0
    assert not (await house.replies.mine(BEN, view.id))[1].waiting
    await house.replies.answer(ANNA, view.id, Answer.NO)
    assert (await house.replies.mine(CARLA, view.id))[1].waiting  # one seat, and Ben has it
    assert (await house.planning.change(LEAD, view.id, seats=None)).moved_up == 1


async def test_who_declines_before_hearing_of_the_seat_is_not_told_of_it(house):
    view = await house.planned(seats=1)
    await house.arrives()
    await house.replies.answer(ANNA, view.id, Answer.YES)
    await house.replies.answer(BEN, view.id, Answer.YES)
    await house.replies.answer(ANNA, view.id, Answer.NO)
    await house.pushed()
    assert "nachgerückt" in (await rendered(house, "seat", BEN)).html
    await house.replies.answer(BEN, view.id, Answer.NO)
    assert await rendered(house, "seat", BEN) is None


async def test_a_deputy_who_is_needed_no_more_is_not_told_that_they_are(house):
    view = await house.planned()
    await house.arrives()
    await house.replies.name_deputy(ANNA, view.id, BEN)
    await house.pushed()
    assert await rendered(house, "deputy", BEN) is not None
    await house.replies.answer(ANNA, view.id, Answer.YES)
    assert await rendered(house, "deputy", BEN) is None


async def test_after_the_last_day_nobody_is_nudged_and_a_deputy_may_still_accept(house):
    view = await house.planned(reply_by=dt.datetime(2027, 3, 5, 18, 0, tzinfo=BERLIN))
    await house.replies.answer(ANNA, view.id, Answer.YES)
    house.clock.set(2027, 3, 8, 9, 0)
    with pytest.raises(NudgeTooLateError):
        await house.replies.nudge(LEAD, view.id)
    with pytest.raises(TooLateError):
        await house.replies.answer(BEN, view.id, Answer.YES)
    await house.replies.name_deputy(ANNA, view.id, BEN)
    assert (await house.replies.answer(BEN, view.id, Answer.YES)).fresh


async def test_a_long_agenda_does_not_cost_the_calendar_file(house):
    await house.planned(agenda="Thema. " * 400)
    await house.pushed()
    said = await rendered(house, "invitation", ANNA)
    assert said.file.stored is not None
    assert len(said.caption) > 2000
    assert said.buttons[0][0].text == "Zusage"


@pytest.mark.parametrize(
    ("rule", "first", "moved", "days"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", (2027, 3, 12, 10), (2027, 3, 12, 14), [12, 26, 9]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", (2027, 3, 12, 10), (2027, 3, 16, 14), [16, 30, 13]),
        ("FREQ=MONTHLY;BYDAY=2FR", (2027, 3, 12, 10), (2027, 3, 17, 9), [17, 21, 19]),
        ("FREQ=MONTHLY;BYMONTHDAY=12", (2027, 3, 12, 10), (2027, 3, 15, 9), [15, 15, 15]),
    ],
)
async def test_another_time_of_a_draft_is_that_of_its_whole_series(house, rule, first, moved, days):
    start = dt.datetime(*first, tzinfo=BERLIN)
    end = start + dt.timedelta(hours=2)
    draft = await house.planning.draft(LEAD, Draft("Runde", start, end, ("ag-klima",), series=Series(rule, start, 120)))
    later = dt.datetime(*moved, tzinfo=BERLIN)
    await house.planning.change(LEAD, draft.id, start=later)
    await house.planning.publish(LEAD, draft.id)
    house.clock.set(2027, 4, 1, 9, 0)
    await house.reminders.round()
    async with house.database.reading() as session:
        starts = [
            each.astimezone(BERLIN)
            for each in await session.scalars(select(Meeting.starts_at).order_by(Meeting.starts_at))
        ]
    assert [each.day for each in starts[:3]] == days
    assert {each.hour for each in starts} == {later.hour}


async def test_a_series_on_several_days_is_not_moved_to_another_one(house):
    series = Series("FREQ=WEEKLY;BYDAY=TU,FR", START, 60)
    draft = await house.planning.draft(
        LEAD, Draft("Runde", START, START + dt.timedelta(hours=1), ("ag-klima",), series=series)
    )
    with pytest.raises(OddValueError):
        await house.planning.change(LEAD, draft.id, start=START + dt.timedelta(days=1))
    async with house.database.reading() as session:
        assert read_series((await session.scalars(select(MeetingSeries))).one()) == series


async def test_a_series_says_its_next_day_and_what_is_left_out_across_both_changes_of_clocks(house):
    left_out = frozenset({dt.date(2027, 3, 23)})
    spring = Series("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", dt.datetime(2027, 3, 9, 10, tzinfo=BERLIN), 60, left_out)
    view = await house.planned(OFFICE, series=spring, start=spring.start, end=spring.start + dt.timedelta(hours=1))
    house.clock.set(2027, 2, 15, 9, 0)
    await house.reminders.round()
    first = await house.planning.get(OFFICE, view.id)
    assert first.series == "jeden zweiten Dienstag, außer am 23. März"
    assert first.series_next == "Di, 6. April 2027"
    async with house.database.reading() as session:
        second = await session.scalar(
            select(Meeting.id).where(Meeting.starts_at > first.start).order_by(Meeting.starts_at)
        )
    assert (await house.planning.get(OFFICE, second)).start == dt.datetime(2027, 4, 6, 10, tzinfo=BERLIN)
    await house.planning.cancel(OFFICE, second)
    assert (await house.planning.get(OFFICE, view.id)).series_next == "Di, 20. April 2027"
    autumn = Series("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", dt.datetime(2027, 10, 19, 10, tzinfo=BERLIN), 60)
    house.clock.set(2027, 9, 20, 9, 0)
    later = await house.planned(OFFICE, series=autumn, start=autumn.start, end=autumn.start + dt.timedelta(hours=1))
    assert (await house.planning.get(OFFICE, later.id)).series_next == "Di, 2. November 2027"
    async with house.database.reading() as session:
        starts = list(await session.scalars(select(Meeting.starts_at).where(Meeting.series_id == later.series_id)))
    assert {each.astimezone(BERLIN).hour for each in starts} == {10}
    assert {each.hour for each in starts} == {8, 9}


async def test_what_changes_within_seconds_is_told_as_one(house):
    view = await house.planned()
    await house.arrives()
    await house.planning.change(LEAD, view.id, place="Suhl")
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=3))
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=4))
    assert [each for each in await house.pushed() if each.startswith(("moved", "changed"))] == ["moved:3"]
    text = (await rendered(house, "moved:3", ANNA)).caption
    assert "(bisher Fr, 12. März 2027, 10:00)" in text
    assert "Neu: der Ort." in text
    await house.arrives()
    await house.planning.change(LEAD, view.id, start=START)
    await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=4))
    assert "moved:5" not in await house.pushed()


async def test_all_that_follow_in_a_series_change_and_those_not_invited_yet_without_a_word(house):
    series = Series("FREQ=WEEKLY;BYDAY=FR", START, 120)
    view = await house.planned(series=series)
    await house.arrives()
    with pytest.raises(OddValueError):
        await change_following(house.calendar, LEAD, view.id, {"start": START + dt.timedelta(days=1)})
    with pytest.raises(NotAllowedError):
        await change_following(house.calendar, ANNA, view.id, {"place": "Jena"})
    await change_following(house.calendar, LEAD, view.id, {"place": "Jena"})
    at_two = {"start": START.replace(hour=14), "end": START.replace(hour=15)}
    _, count = await change_following(house.calendar, LEAD, view.id, at_two)
    async with house.database.reading() as session:
        rows = list(await session.scalars(select(Meeting).order_by(Meeting.starts_at)))
    assert count == len(rows) >= 3
    queued = await house.pushed()
    assert [each for each in queued if each.startswith(("moved", "changed"))] == ["moved:2"]
    house.clock.set(2027, 3, 26, 9, 0)
    await house.reminders.round()
    async with house.database.reading() as session:
        rows = list(await session.scalars(select(Meeting).order_by(Meeting.starts_at)))
        days = [row.occurrence for row in rows]
    assert {(row.starts_local[11:], row.ends_local[11:], row.place) for row in rows} == {("14:00", "15:00", "Jena")}
    assert days == [dt.date(2027, 3, 12) + dt.timedelta(days=7 * n) for n in range(len(rows))]
    assert len(rows) >= 9
