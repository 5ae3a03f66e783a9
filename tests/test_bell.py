"""The bell rings when it should, never twice at once, and at once when the clock was moved."""

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bell import Bell, Ring, last_moment

BERLIN = ZoneInfo("Europe/Berlin")
AT = dt.time(3, 30)


class SetClock:
    def __init__(self, moment):
        self.moment = moment

    def now(self):
        return self.moment


def clock_at(*local):
    return SetClock(dt.datetime(*local, tzinfo=BERLIN).astimezone(dt.UTC))


class Work:
    def __init__(self):
        self.times = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self):
        await self.gate.wait()
        self.times += 1


@pytest.fixture
async def run():
    """Starts bells, and stops them at the end."""
    started = []

    async def start(*rings, clock, movable=False):
        bell = Bell(rings, clock, BERLIN, movable=movable)
        await bell.start()
        started.append(bell)
        await bell.settle()
        return bell

    yield start
    for bell in started:
        await bell.stop()


async def test_everything_is_rung_for_at_the_start(run):
    one, other = Work(), Work()
    every, daily = Ring("one", one, every=dt.timedelta(hours=1)), Ring("other", other, daily=AT)
    await run(every, daily, clock=clock_at(2027, 3, 1, 9))
    assert (one.times, other.times) == (1, 1)


async def test_daily_work_is_rung_for_once_a_day_on_the_peoples_clock(run):
    work, clock = Work(), clock_at(2027, 3, 27, 9)
    bell = await run(Ring("work", work, daily=AT), clock=clock)
    bell._has_jumped = lambda: False
    for day, hour, minute, times in [
        (27, 23, 0, 1), (28, 1, 59, 1), (28, 3, 29, 1), (28, 3, 30, 2), (28, 9, 0, 2), (29, 3, 29, 2), (29, 12, 0, 3),
    ]:  # fmt: skip
        clock.moment = dt.datetime(2027, 3, day, hour, minute, tzinfo=BERLIN).astimezone(dt.UTC)
        await bell.beat()
        await bell.settle()
        assert work.times == times, (day, hour, minute)


async def test_a_moved_clock_rings_for_everything_at_once(run):
    work, clock = Work(), clock_at(2027, 3, 1, 9)
    bell = await run(Ring("work", work, every=dt.timedelta(hours=1)), clock=clock, movable=True)
    await bell.beat()
    await bell.settle()
    assert work.times == 1
    clock.moment += dt.timedelta(days=3)
    await bell.beat()
    await bell.settle()
    assert work.times == 2


async def test_work_that_is_rung_for_while_it_runs_runs_once_more(run):
    work, clock = Work(), clock_at(2027, 3, 1, 9)
    bell = await run(Ring("work", work, every=dt.timedelta(hours=1)), clock=clock, movable=True)
    work.gate.clear()
    for _ in range(3):
        clock.moment += dt.timedelta(days=1)
        await bell.beat()
        await asyncio.sleep(0)  # let the work begin
    assert work.times == 1
    work.gate.set()
    await bell.settle()
    assert work.times == 3


async def test_work_that_fails_is_rung_for_again_and_hinders_nobody(run):
    fine, clock = Work(), clock_at(2027, 3, 1, 9)

    async def broken():
        raise RuntimeError("no")

    every = dt.timedelta(hours=1)
    bell = await run(Ring("broken", broken, every=every), Ring("fine", fine, every=every), clock=clock)
    clock.moment += dt.timedelta(days=1)
    await bell.beat()
    await bell.settle()
    assert fine.times == 2


async def test_stopping_lets_work_finish_that_was_begun():
    work = Work()
    work.gate.clear()
    bell = Bell([Ring("work", work, every=dt.timedelta(hours=1))], clock_at(2027, 3, 1, 9), BERLIN)
    await bell.start()
    stopping = asyncio.create_task(bell.stop())
    await asyncio.sleep(0)
    work.gate.set()
    await stopping
    assert work.times == 1


async def test_the_scheduler_rings_at_intervals(run):
    rung = asyncio.Event()
    times = 0

    async def work():
        nonlocal times
        times += 1
        if times == 3:
            rung.set()

    await run(Ring("work", work, every=dt.timedelta(milliseconds=10)), clock=clock_at(2027, 3, 1, 9))
    await asyncio.wait_for(rung.wait(), 30)


def test_a_ring_comes_either_at_an_interval_or_daily():
    with pytest.raises(ValueError, match="either"):
        Ring("work", Work.__call__)
    with pytest.raises(ValueError, match="either"):
        Ring("work", Work.__call__, every=dt.timedelta(1), daily=AT)


@given(
    daily=st.times().map(lambda time: time.replace(tzinfo=None)),
    now=st.integers(0, 2 * 366 * 86400).map(
        lambda each: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(0, each)
    ),
)
def test_the_last_moment_is_never_ahead_and_at_most_a_day_ago(daily, now):
    moment = last_moment(daily, now, BERLIN)
    assert moment <= now
    assert now - moment <= dt.timedelta(hours=25)
