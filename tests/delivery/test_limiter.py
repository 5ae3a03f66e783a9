import asyncio
import heapq
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.kinds import Priority
from bot.delivery.limiter import (
    GROUP_LIMIT,
    GROUP_SECONDS,
    PRIVATE_LIMIT,
    PRIVATE_SECONDS,
    WAKES,
    HaltedError,
    Limiter,
)

NEWS, REPLY = Priority.NEWS, Priority.REPLY


class FakeTicker:
    """Time that passes only when a test says so."""

    def __init__(self):
        self.now = 1000.0
        self._alarms = []
        self._order = itertools.count()

    def monotonic(self):
        return self.now

    def call_later(self, seconds, callback):
        alarm = _Alarm(callback)
        heapq.heappush(self._alarms, (self.now + seconds, next(self._order), alarm))
        return alarm

    async def advance(self, seconds):
        """Let time pass, alarm by alarm."""
        end = self.now + seconds
        await _settle()
        while self._alarms and self._alarms[0][0] <= end:
            self.now, _, alarm = heapq.heappop(self._alarms)
            if not alarm.cancelled:
                alarm.callback()
                await _settle()
        self.now = end


class _Alarm:
    def __init__(self, callback):
        self.callback = callback
        self.cancelled = False

    def cancel(self):
        self.cancelled = True


async def _settle():
    for _ in range(6):
        await asyncio.sleep(0)


class Traffic:
    """Calls that are made through a limiter, and when each began."""

    def __init__(self, **settings):
        self.ticker = FakeTicker()
        self.limiter = Limiter(ticker=self.ticker, **settings)
        self.began = []
        self.refused = []
        self._tasks = []

    def call(self, chat, priority=NEWS, count=1, lasts=0.0, **more):
        self._tasks.append(asyncio.ensure_future(self._call(chat, priority, count, lasts, more)))

    async def _call(self, chat, priority, count, lasts, more):
        try:
            async with self.limiter.permit(chat, priority, count, **more):
                self.began.append((round(self.ticker.now - 1000, 6), chat))
                if lasts:
                    done = asyncio.get_running_loop().create_future()
                    self.ticker.call_later(lasts, lambda: done.set_result(None))
                    await done
        except HaltedError as error:
            self.refused.append((chat, error.seconds))

    async def run(self, seconds):
        await self.ticker.advance(seconds)
        return self.began

    async def stop(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def chats(self):
        return [chat for _, chat in self.began]


@pytest.fixture
async def traffic():
    traffic = Traffic(pace=10)
    yield traffic
    await traffic.stop()


def most_in(times, window):
    """The most of these moments in any window of so many seconds."""
    times = sorted(times)
    return max((sum(start <= time < start + window for time in times) for start in times), default=0)


async def test_the_pace_over_all_chats_is_reached_and_kept(traffic):
    for chat in range(1, 101):
        traffic.call(chat)
    await traffic.run(9.95)
    times = [time for time, _ in traffic.began]
    assert len(times) == 100
    assert most_in(times, 1.0) <= 11


async def test_messages_to_many_leave_together_so_that_the_process_wakes_seldom():
    traffic = Traffic(pace=28)
    for chat in range(1, 281):
        traffic.call(chat)
    await traffic.run(10.0)
    assert len(traffic.began) == 280
    assert len({time for time, _ in traffic.began}) <= 10 * WAKES * 1.3
    await traffic.stop()


async def test_answers_do_not_wait_for_each_other():
    traffic = Traffic(pace=28)
    for chat in range(1, 13):
        traffic.call(chat, REPLY, lasts=2.0)
    await traffic.run(0.4)
    assert len(traffic.began) == 12
    assert len({time for time, _ in traffic.began[5:]}) == 7
    await traffic.stop()


async def test_at_a_slow_pace_nobody_waits_for_others():
    traffic = Traffic(pace=2)
    for chat in range(1, 5):
        traffic.call(chat)
    await traffic.run(1.1)
    assert traffic.began == [(0.0, 1), (0.0, 2), (0.5, 3), (1.0, 4)]
    await traffic.stop()


async def test_an_answer_waits_for_no_others_to_leave_together_with(traffic):
    for chat in range(1, 51):
        traffic.call(chat)
    await traffic.run(2.0)
    traffic.call(999, REPLY)
    await traffic.run(0.1)
    assert 999 in traffic.chats()


async def test_a_lone_message_leaves_at_once(traffic):
    traffic.call(1)
    await traffic.run(0)
    assert traffic.began == [(0.0, 1)]


async def test_an_answer_goes_before_everything_that_waits(traffic):
    for chat in range(1, 51):
        traffic.call(chat)
    await traffic.run(1.0)
    traffic.call(999, REPLY)
    await traffic.run(0.11)
    assert 999 in traffic.chats()


async def test_priorities_go_in_order_and_equals_as_they_came(traffic):
    traffic.call(1)
    traffic.call(2)
    await traffic.run(0)
    for chat, priority in ((3, Priority.DIGEST), (4, NEWS), (5, Priority.MEETING), (6, Priority.URGENT), (7, NEWS)):
        traffic.call(chat, priority)
    await traffic.run(2)
    assert traffic.chats()[2:] == [6, 5, 4, 7, 3]


async def test_one_chat_takes_a_small_burst_and_then_one_a_second(traffic):
    for _ in range(9):
        traffic.call(5)
    await traffic.run(10)
    times = [time for time, _ in traffic.began]
    assert len(times) == 9
    assert most_in(times, PRIVATE_SECONDS) == PRIVATE_LIMIT


async def test_a_group_takes_twenty_in_any_minute(traffic):
    for _ in range(60):
        traffic.call(-5)
    await traffic.run(125)
    times = [time for time, _ in traffic.began]
    assert len(times) == 60
    assert most_in(times, GROUP_SECONDS) == GROUP_LIMIT


async def test_a_window_counts_from_the_end_of_a_slow_call(traffic):
    for _ in range(PRIVATE_LIMIT + 1):
        traffic.call(5, lasts=4.0)
    await traffic.run(4.0 + PRIVATE_SECONDS - 0.01)
    assert len(traffic.began) == PRIVATE_LIMIT
    await traffic.run(0.2)
    assert len(traffic.began) == PRIVATE_LIMIT + 1


async def test_slow_calls_do_not_press_a_second_together(traffic):
    """Telegram counts a call at its end here; some take longer than others."""
    for chat in range(1, 201):
        traffic.call(chat, lasts=0.05 if chat % 20 else 0.5)
    await traffic.run(60)
    ended = [time + (0.05 if chat % 20 else 0.5) for time, chat in traffic.began]
    assert len(ended) == 200
    assert most_in(ended, 1.0) <= 12
    assert max(time for time, _ in traffic.began) < 21


async def test_a_chat_that_must_wait_holds_nobody_up(traffic):
    for _ in range(20):
        traffic.call(5)
    for chat in range(10, 20):
        traffic.call(chat)
    await traffic.run(1.5)
    assert set(range(10, 20)) <= set(traffic.chats())


async def test_an_album_counts_as_its_messages_and_goes_out_even_if_it_is_larger_than_the_window(traffic):
    traffic.call(5, count=10)
    await traffic.run(0)
    traffic.call(6)
    await traffic.run(0.5)
    assert traffic.chats() == [5]
    await traffic.run(0.6)
    assert traffic.chats() == [5, 6]


async def test_a_halt_of_one_chat_is_kept_and_leaves_the_others_alone(traffic):
    traffic.limiter.flooded(5, 30)
    traffic.call(5)
    traffic.call(6)
    await traffic.run(29.9)
    assert traffic.chats() == [6]
    assert traffic.limiter.full_chats() == [5]
    await traffic.run(0.2)
    assert traffic.chats() == [6, 5]


async def test_a_halt_of_all_is_kept_by_all(traffic):
    told = []
    traffic.limiter.on_halt = lambda chat, seconds: told.append((chat, seconds))
    traffic.limiter.flooded(None, 5)
    traffic.call(5)
    traffic.call(6, REPLY)
    await traffic.run(4.99)
    assert traffic.chats() == []
    await traffic.run(0.2)
    assert traffic.chats() == [6, 5]
    assert told == [(None, 5)]


async def test_several_chats_refused_in_a_row_mean_all(traffic):
    for chat in (1, 2, 3):
        traffic.limiter.flooded(chat, 10)
    assert traffic.limiter.halted_for() == 10


async def test_a_success_in_between_shows_that_only_chats_were_meant(traffic):
    for chat in range(1, 20):
        traffic.limiter.flooded(chat, 10)
        traffic.limiter.succeeded()
    assert traffic.limiter.halted_for() == 0
    assert traffic.limiter.halted_for(7) == 10


async def test_old_refusals_are_no_evidence(traffic):
    for chat in (1, 2, 3):
        traffic.limiter.flooded(chat, 10)
        await traffic.run(11)
    assert traffic.limiter.halted_for() == 0


async def test_who_has_no_patience_is_told_how_long_it_takes(traffic):
    traffic.limiter.flooded(5, 60)
    traffic.call(5, REPLY, patience=30)
    traffic.call(6, REPLY, patience=30)
    await traffic.run(0.2)
    assert traffic.refused == [(5, 60)]
    assert traffic.chats() == [6]
    for _ in range(8):
        traffic.call(9, REPLY, patience=30)
    await traffic.run(0.05)
    traffic.limiter.halt(100)
    await traffic.run(0)
    assert len(traffic.refused) + len(traffic.began) == 10


async def test_who_gives_up_waiting_takes_no_turn(traffic):
    for chat in range(1, 6):
        traffic.call(chat)
    await traffic.run(0)
    for task in traffic._tasks[2:]:
        task.cancel()
    traffic.call(9)
    await traffic.run(0.11)
    assert traffic.chats() == [1, 2, 9]


async def test_it_remembers_no_more_chats_than_it_must(traffic):
    traffic = Traffic(pace=100_000)
    for chat in range(1, 5001):
        traffic.call(chat)
        if chat % 500 == 0:
            await traffic.run(4)
    assert len(traffic.began) == 5000
    assert len(traffic.limiter._chats) <= 1500
    await traffic.stop()


calls = st.lists(
    st.tuples(st.sampled_from((1, 2, 3, -1, -2)), st.sampled_from(Priority), st.floats(0, 3), st.floats(0, 0.8)),
    max_size=60,
)


@settings(deadline=None, max_examples=50)
@given(calls)
def test_no_traffic_breaks_a_limit_and_everything_gets_through(plan):
    async def check():
        traffic = Traffic(pace=10)
        for chat, priority, pause, lasts in plan:
            traffic.call(chat, priority, lasts=lasts)
            await traffic.run(pause)
        await traffic.run(300)
        assert len(traffic.began) == len(plan)
        assert most_in([time for time, _ in traffic.began], 1.0) <= 12
        for chat in {chat for chat, *_ in plan}:
            times = [time for time, each in traffic.began if each == chat]
            limit, window = (PRIVATE_LIMIT, PRIVATE_SECONDS) if chat > 0 else (GROUP_LIMIT, GROUP_SECONDS)
            assert most_in(times, window) <= limit

    asyncio.run(check())
