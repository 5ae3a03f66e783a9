"""Whatever happens to a meeting in whatever order: each reminder comes at most once, at its time, to whom it should."""

import asyncio
import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.database import Database
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.quiet import Preferences
from bot.meetings.errors import MeetingsError
from bot.meetings.kinds import DEFAULT_BEFORE, LEADS, Answer, Before
from bot.meetings.reminders import Reminders
from bot.tables import METADATA
from tests.meetings.conftest import ANNA, BEN, CARLA, DORA, LEAD, House
from tests.meetings.test_dates import BERLIN

PEOPLE = (LEAD, ANNA, BEN, CARLA, DORA)
ALWAYS = Preferences(weekdays=frozenset(range(7)), start=dt.time(), end=dt.time(), holidays_off=False)
BEGIN = dt.datetime(2027, 3, 20, 9, 0, tzinfo=BERLIN)  # a week before summer time begins


class Always:
    async def of_many(self, people):
        return dict.fromkeys(people, ALWAYS)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 40)),
        st.tuples(st.just("outage"), st.integers(1, 40)),
        st.tuples(st.just("move"), st.integers(-100, 100)),
        st.tuples(st.just("answer"), st.sampled_from(PEOPLE), st.sampled_from(list(Answer))),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("cancel"), st.just(0)),
    ),
    min_size=1,
    max_size=9,
)


@dataclass
class Story:
    """What happened, kept apart from what the bot keeps."""

    starts: list[tuple[dt.datetime, int, dt.datetime]] = field(default_factory=list)
    """From when on, which version, which start."""
    declined: list[tuple[dt.datetime, int, bool]] = field(default_factory=list)
    cancelled: dt.datetime | None = None

    def start_at(self, moment):
        return next((moves, start) for since, moves, start in reversed(self.starts) if since <= moment)

    def has_declined(self, person, moment):
        return next((no for since, who, no in reversed(self.declined) if who == person and since <= moment), False)


async def play(acts, folder):
    database = Database(f"sqlite+aiosqlite:///{folder / 'lotse.db'}")
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        house, story = House(database), Story()
        house.clock.time = BEGIN
        house.reminders = Reminders(house.calendar, Always())
        await house.fill()
        start = dt.datetime(2027, 3, 29, 10, 0, tzinfo=BERLIN)
        view = await house.planned(start=start, end=start + dt.timedelta(hours=2))
        story.starts.append((BEGIN, 0, start))
        for act, *values in acts:
            await do(house, story, view.id, act, values)
        async with database.reading() as session:
            rows = list(await session.scalars(select(Delivery).where(Delivery.occasion.like("reminder:%"))))
        return story, rows
    finally:
        await database.close()


async def do(house, story, meeting_id, act, values):
    now = house.clock.time = later(house.clock.time, seconds=1)  # no two things happen at the same moment
    if act in {"wait", "outage"}:
        until = now + dt.timedelta(hours=values[0])
        while act == "wait" and house.clock.time < until:
            house.clock.time = min(later(house.clock.time, minutes=50), until)
            await house.reminders.round()
        house.clock.time = until
        await house.reminders.round()
    elif act == "restart":
        house.reminders = Reminders(house.calendar, Always())
        await asyncio.gather(house.reminders.round(), house.reminders.round())
    else:
        try:
            if act == "move":
                moves, start = story.start_at(now)
                moved = await house.planning.change(LEAD, meeting_id, start=later(start, hours=values[0]))
                if moved.moved:
                    story.starts.append((now, moves + 1, moved.meeting.start))
            elif act == "answer":
                await house.replies.answer(values[0], meeting_id, values[1])
                story.declined.append((now, values[0], values[1] is Answer.NO))
            elif act == "cancel":
                await house.planning.cancel(LEAD, meeting_id)
                story.cancelled = story.cancelled or now
        except MeetingsError:
            pass


def later(moment, **by):
    return (moment.astimezone(dt.UTC) + dt.timedelta(**by)).astimezone(BERLIN)


def reckoned(start, before):
    """When a reminder is due: reckoned here anew, on the wall clock, by hand."""
    lead = LEADS[before]
    if not lead.days:
        return later(start, hours=-lead.hours)
    day = start.date() - dt.timedelta(days=lead.days)
    off = {dt.date(2027, 3, 26), dt.date(2027, 3, 29)}  # Good Friday, Easter Monday
    while day.weekday() >= 5 or day in off:
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(8), BERLIN)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # shrinking such a story takes minutes
)
@given(ACTS)
def test_any_change_in_any_order(acts):
    with tempfile.TemporaryDirectory() as folder:
        story, rows = asyncio.run(play(acts, Path(folder)))
    seen = set()
    for row in rows:
        _, moves, bits = row.occasion.split(":")
        before, queued = Before(int(bits)), row.queued_at
        version, start = story.start_at(queued)
        assert int(moves) == version
        assert before & DEFAULT_BEFORE or before in LEADS
        assert reckoned(start, before) <= queued < start
        assert row.not_before == queued
        assert row.not_after == start
        assert not story.has_declined(row.recipient, queued)
        assert story.cancelled is None or queued <= story.cancelled
        assert (row.recipient, moves, before) not in seen
        seen.add((row.recipient, moves, before))
        if story.starts[-1][1] != version or story.cancelled:
            assert row.state == Sent.CANCELLED
