"""The bell: wakes those who look into the tables for what is due. It remembers nothing; the tables do.

A ring may come at any time, twice, or late: the work asks the database what is due, and does each thing once.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.logs import get_logger

BEAT = dt.timedelta(seconds=15)
"""How often it is looked whether a daily time has come."""
DEMO_BEAT = dt.timedelta(seconds=1)
"""The same where the clock can be moved, and how soon a move is noticed."""
DEMO_EVERY = dt.timedelta(seconds=3)
"""The longest interval where the clock can be moved."""
JUMP = dt.timedelta(seconds=5)
"""A clock that goes on by so much more than the time that passed was moved."""

_log = get_logger("lotse.bell")


@dataclass(frozen=True)
class Ring:
    """Work that is to be woken.

    Attributes:
        name: For logs, such as `meetings.reminders`.
        work: Finds what is due and does it; may be woken at any time, but never twice at once.
        every: How often; None with `daily`.
        daily: When, on the people's clock; None with `every`.
    """

    name: str
    work: Callable[[], Awaitable[object]]
    every: dt.timedelta | None = None
    daily: dt.time | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.daily is None):
            raise ValueError("a ring comes either at an interval or at a time of day")


@dataclass(eq=False)
class _Rope:
    ring: Ring
    running: asyncio.Task[None] | None = None
    again: bool = False
    rung_at: dt.datetime | None = field(default=None)


class Bell:
    """Rings for the work of all rooms.

    Args:
        rings: The work.
        clock: People's time, for daily rings.
        zone: People's time zone.
        movable: Whether the clock may jump, as in the demo.
    """

    def __init__(self, rings: Iterable[Ring], clock: Clock, zone: dt.tzinfo, *, movable: bool = False) -> None:
        self._ropes = [_Rope(ring) for ring in rings]
        self._clock = clock
        self._zone = zone
        self._movable = movable
        self._scheduler: Any = None
        self._seen: tuple[dt.datetime, float] | None = None

    async def start(self) -> None:
        """Ring once for everything, since nobody knows what became due while nobody rang; then as each wants it."""
        common = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=dt.UTC, job_defaults=common)
        for rope in self._ropes:
            if rope.ring.every is not None:
                every = min(rope.ring.every, DEMO_EVERY) if self._movable else rope.ring.every
                self._scheduler.add_job(self._pull, "interval", (rope,), seconds=every.total_seconds())
        beat = DEMO_BEAT if self._movable else BEAT
        self._scheduler.add_job(self.beat, "interval", seconds=beat.total_seconds())
        self._scheduler.start()
        self._note_time()
        for rope in self._ropes:
            await self._pull(rope)

    async def stop(self) -> None:
        """Ring no more, and let the work finish that was begun."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        for rope in self._ropes:
            rope.again = False
        await asyncio.gather(*(rope.running for rope in self._ropes if rope.running is not None))

    async def beat(self) -> None:
        """Ring for daily work whose time has come, and for everything when the clock was moved."""
        jumped = self._has_jumped()
        for rope in self._ropes:
            if jumped or self._is_daily_due(rope):
                await self._pull(rope)

    async def settle(self) -> None:
        """Wait until the work that was woken is done."""
        while running := [rope.running for rope in self._ropes if rope.running is not None]:
            await asyncio.wait(running)

    async def _pull(self, rope: _Rope) -> None:
        """Wake the work; while it runs, remember to wake it once more."""
        rope.rung_at = self._clock.now()
        if rope.running is not None:
            rope.again = True
            return
        rope.running = asyncio.create_task(self._run(rope), name=f"ring:{rope.ring.name}")

    async def _run(self, rope: _Rope) -> None:
        try:
            while True:
                rope.again = False
                try:
                    await rope.ring.work()
                except Exception:
                    _log.exception("work failed; it is tried again with the next ring", work=rope.ring.name)
                if not rope.again:
                    return
        finally:
            rope.running = None

    def _is_daily_due(self, rope: _Rope) -> bool:
        if rope.ring.daily is None:
            return False
        now = self._clock.now()
        return rope.rung_at is None or rope.rung_at < last_moment(rope.ring.daily, now, self._zone)

    def _has_jumped(self) -> bool:
        before = self._seen
        now, monotonic = self._note_time()
        if before is None:
            return False
        return (now - before[0]) - dt.timedelta(seconds=monotonic - before[1]) > JUMP

    def _note_time(self) -> tuple[dt.datetime, float]:
        self._seen = self._clock.now(), time.monotonic()
        return self._seen


def last_moment(daily: dt.time, now: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The last time that people's clocks showed a time of day; one that a switch skips counts as if it had not."""
    local = now.astimezone(zone)
    for back in (0, 1):
        moment = dt.datetime.combine(local.date() - dt.timedelta(days=back), daily, zone).astimezone(dt.UTC)
        if moment <= now:
            return moment
    return moment - dt.timedelta(days=1)
