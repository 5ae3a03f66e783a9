import datetime as dt

import pytest
from sqlalchemy import select

from bot.meetings.drafting import Draft
from bot.meetings.errors import NotAllowedError, OddValueError, OverError, PastError, UnknownMeetingError
from bot.meetings.kinds import Answer, State
from bot.meetings.models import Meeting
from bot.meetings.recurrence.series import Series
from bot.members.errors import NotAllowedError as NoMemberError
from tests.meetings.conftest import ANNA, BEN, CARLA, DORA, LEAD, OFFICE, STRANGER
from tests.meetings.test_dates import BERLIN

EVERYBODY = {LEAD, ANNA, BEN, CARLA, DORA}
START = dt.datetime(2027, 3, 12, 10, 0, tzinfo=BERLIN)
END = dt.datetime(2027, 3, 12, 12, 0, tzinfo=BERLIN)


def draft(**values):
    return Draft(**{"title": "Treffen", "start": START, "end": END, "groups": ("ag-klima",), **values})


async def test_a_draft_is_known_to_its_author_alone_and_invites_nobody(house):
    made = await house.planning.draft(LEAD, draft())
    assert made.state is State.DRAFT
    assert await house.pushed() == {}
    with pytest.raises(UnknownMeetingError):
        await house.replies.mine(ANNA, made.id)


async def test_sending_twice_invites_once(house):
    made = await house.planning.draft(LEAD, draft())
    assert (await house.planning.publish(LEAD, made.id))[1]
    assert not (await house.planning.publish(LEAD, made.id))[1]
    assert await house.pushed() == {"invitation:0": EVERYBODY}
    assert await house.pushed() == {"invitation:0": EVERYBODY}
    assert len(await house.queued()) == len(EVERYBODY)


@pytest.mark.parametrize(
    ("actor", "values", "error"),
    [
        (ANNA, {}, NotAllowedError),
        (LEAD, {"groups": ("ag-leerstand",)}, NotAllowedError),
        (LEAD, {"groups": ("ag-klima", "ag-leerstand")}, NotAllowedError),
        (LEAD, {"for_all": True}, NotAllowedError),
        (STRANGER, {}, NoMemberError),
        (None, {}, NoMemberError),
        (OFFICE, {"groups": ("ag-gibt-es-nicht",)}, OddValueError),
        (OFFICE, {"groups": ()}, OddValueError),
        (LEAD, {"title": "  "}, OddValueError),
        (LEAD, {"seats": 0}, OddValueError),
        (LEAD, {"video_link": "javascript:alert(1)"}, OddValueError),
        (LEAD, {"start": dt.datetime(2027, 1, 31, 9, tzinfo=BERLIN)}, PastError),
        (LEAD, {"end": START}, PastError),
    ],
)
async def test_what_may_not_be_planned_is_refused(house, actor, values, error):
    with pytest.raises(error):
        await house.planning.draft(actor, draft(**values))


async def test_nobody_else_changes_cancels_or_sends(house):
    made = await house.planning.draft(LEAD, draft())
    with pytest.raises(UnknownMeetingError):
        await house.planning.publish(ANNA, made.id)
    view = await house.planned()
    for wish in (house.planning.change(ANNA, view.id, title="x"), house.planning.cancel(ANNA, view.id),
                 house.replies.overview(ANNA, view.id), house.replies.nudge(ANNA, view.id)):  # fmt: skip
        with pytest.raises(NotAllowedError):
            await wish


async def test_a_move_tells_everybody_keeps_the_uid_and_takes_back_old_reminders(house):
    view = await house.planned()
    await house.arrives()
    house.clock.set(2027, 3, 5, 8, 0)
    assert "reminder:0:2" in await house.pushed()
    moved = await house.planning.change(LEAD, view.id, start=START + dt.timedelta(days=7, hours=-1))
    assert moved.moved
    assert moved.meeting.uid == view.uid
    assert moved.meeting.sequence == view.sequence + 1
    assert moved.meeting.end - moved.meeting.start == dt.timedelta(hours=2)
    queued = await house.pushed()
    assert queued["moved:1"] == EVERYBODY
    assert "reminder:0:2" not in queued
    house.clock.set(2027, 3, 11, 8, 0)
    assert "reminder:0:8" not in await house.pushed()
    house.clock.set(2027, 3, 12, 8, 0)
    assert (await house.pushed())["reminder:1:2"] == EVERYBODY


async def test_a_new_place_is_told_to_those_who_did_not_decline(house):
    view = await house.planned()
    await house.arrives()
    await house.replies.answer(ANNA, view.id, Answer.NO)
    changed = await house.planning.change(LEAD, view.id, place="Jena, Rathaus", agenda="1 Bäume")
    assert changed.told
    assert not changed.moved
    assert (await house.pushed())["changed:1"] == EVERYBODY - {ANNA}
    assert not (await house.planning.change(LEAD, view.id, place="Jena, Rathaus")).told


async def test_a_cancelled_meeting_tells_everybody_once_and_reminds_no_more(house):
    view = await house.planned()
    await house.arrives()
    cancelled, fresh = await house.planning.cancel(LEAD, view.id, "Sturm")
    assert fresh
    assert (cancelled.state, cancelled.sequence) == (State.CANCELLED, 1)
    assert not (await house.planning.cancel(LEAD, view.id))[1]
    assert (await house.pushed())["cancelled:1"] == EVERYBODY
    house.clock.set(2027, 3, 12, 9, 0)
    assert not any(occasion.startswith("reminder") for occasion in await house.pushed())
    with pytest.raises(OverError):
        await house.replies.answer(ANNA, view.id, Answer.YES)


async def test_what_has_begun_is_not_changed(house):
    view = await house.planned()
    house.clock.set(2027, 3, 12, 10, 0)
    with pytest.raises(OverError):
        await house.planning.change(LEAD, view.id, title="x")
    with pytest.raises(OverError):
        await house.planning.cancel(LEAD, view.id)


async def test_meetings_at_the_same_time_are_pointed_out(house):
    first = await house.planned(OFFICE, groups=("ag-leerstand",), title="Anderes")
    await house.planned(OFFICE, start=END, end=END + dt.timedelta(hours=1), title="Danach")
    mine = await house.planning.draft(LEAD, draft())
    assert [each.id for each in await house.planning.collisions(mine.id)] == [first.id]


async def test_a_series_is_planned_some_weeks_ahead_and_goes_on(house):
    series = Series("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", START, 120, frozenset({dt.date(2027, 3, 26)}))
    view = await house.planned(series=series)
    assert view.series == "jeden zweiten Freitag, außer am 26. März"
    queued = await house.pushed()
    assert set(queued) == {"invitation:0"}
    assert len(await house.queued()) == len(EVERYBODY)  # the later ones are invited to when their time comes
    house.clock.set(2027, 3, 26, 10, 0)
    await house.pushed()
    days = {when.date() for _, occasion, when in await house.queued() if occasion == "invitation:0"}
    assert days == {dt.date(2027, 2, 1), dt.date(2027, 3, 30)}  # two weeks before is Good Friday


async def test_the_wall_clock_of_a_series_stays_when_summer_time_begins(house):
    series = Series("FREQ=WEEKLY;BYDAY=FR", START, 120)
    await house.planned(series=series)
    house.clock.set(2027, 2, 10, 9, 0)
    await house.reminders.round()
    async with house.database.reading() as session:
        rows = list(await session.scalars(select(Meeting).order_by(Meeting.starts_at)))
    assert len(rows) >= 3
    assert {row.starts_at.astimezone(BERLIN).hour for row in rows} == {10}
    assert {row.starts_local[11:] for row in rows} == {"10:00"}
    assert {row.starts_at.hour for row in rows} == {9, 8}
