"""What a round of the meetings' reminders costs, with many members and meetings of which little is due.

The statements of a round must not grow with what is not due: counted, and held beside a tenth of the meetings.
"""

import asyncio
import datetime as dt
import logging
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, insert, make_url, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from bench.week import Played, play
from bench.week_story import MEETINGS as STORY_MEETINGS
from bot.database import Database
from bot.delivery.service import Outbox
from bot.groups.models import Subscription, WorkingGroup
from bot.meetings.audience import WorkingGroups
from bot.meetings.drafting import Draft
from bot.meetings.kinds import NoticeKind
from bot.meetings.models import Notice
from bot.meetings.reminders import Reminders
from bot.meetings.service import Planning
from bot.meetings.shared import Calendar
from bot.members.models import Person
from bot.members.preferences import PushTimes
from bot.members.profiles import Profiles
from bot.tables import METADATA

ZONE = ZoneInfo("Europe/Berlin")
BEGIN = dt.datetime(2027, 2, 1, 9, 0, tzinfo=ZONE)
OFFICE = 1
MEMBERS, MEETINGS = 10_000, 200
WEEK_TOWNS, WEEK_MEMBERS = 110, 300
IDLE_LIMIT_MS = 20.0
ROUNDS = 30
console = Console(width=120)


class _Clock:
    def __init__(self) -> None:
        self.time = BEGIN

    def now(self) -> dt.datetime:
        return self.time.astimezone(dt.UTC)


class _House:
    """Members and meetings on a database of their own."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, _Clock()
        profiles = Profiles([OFFICE])
        outbox = Outbox(database, self.clock)
        calendar = Calendar(database, self.clock, profiles, WorkingGroups(), outbox, ZONE)
        self.planning = Planning(calendar)
        self.reminders = Reminders(calendar, PushTimes(database, self.clock, profiles, "Europe/Berlin"))

    async def fill(self, members: int, meetings: int) -> None:
        now = self.clock.now()
        ids = range(10, members + 10)
        people = [{"id": each, "name": f"Person {each}", "role": "member", "created_at": now} for each in ids]
        follow = [{"group_id": 1, "person_id": each, "mode": "at_once", "since": now} for each in ids]
        async with self.database.writing() as session:
            session.add(WorkingGroup(id=1, key="ag", name="AG", short="AG", about="", created_at=now))
            await session.flush()
            await session.execute(insert(Person), people)
            await session.execute(insert(Subscription), follow)
        await self.plan(range(meetings))

    async def plan(self, numbers: range) -> None:
        for number in numbers:
            start = BEGIN + dt.timedelta(days=20 + number // 4, hours=number % 4)
            draft = Draft(f"Treffen {number}", start, start + dt.timedelta(hours=1), ("ag",))
            made = await self.planning.draft(OFFICE, draft)
            await self.planning.publish(OFFICE, made.id)

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: object, _u: object, statement: str, *_: object) -> None:
            statements.append(statement)

        engine = self.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)


async def _measure(folder: Path, members: int, meetings: int) -> dict[str, float]:
    database = Database(f"sqlite+aiosqlite:///{folder / f'{meetings}.db'}")
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        house = _House(database)
        await house.fill(members, 1)
        begun = time.perf_counter()
        await house.reminders.round()
        invited = time.perf_counter() - begun
        await house.plan(range(1, meetings))
        await _settle_invitations(house)
        times = []
        with house.counted() as statements:
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                await house.reminders.round()
                times.append((time.perf_counter() - begun) * 1000)
        return {"invite": invited, "idle": statistics.median(times), "statements": len(statements) / ROUNDS}
    finally:
        await database.close()


async def _settle_invitations(house: _House) -> None:
    """The other meetings' invitations are said already: only what is not due is left."""
    async with house.database.writing() as session:
        await session.execute(
            update(Notice).where(Notice.kind == NoticeKind.INVITATION).values(done_at=house.clock.now())
        )


def main() -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    table = Table("what", "figure", "limit", "", title="meetings")
    with tempfile.TemporaryDirectory() as folder:
        few = asyncio.run(_measure(Path(folder), MEMBERS, MEETINGS // 10))
        many = asyncio.run(_measure(Path(folder), MEMBERS, MEETINGS))
    sizes = f"{MEMBERS:,} members, {MEETINGS} meetings"
    rows = [
        (f"a round with nothing due ({sizes})", f"{many['idle']:.1f} ms", f"{IDLE_LIMIT_MS} ms",
         many["idle"] <= IDLE_LIMIT_MS),
        ("statements of it", f"{many['statements']:.1f}", f"{few['statements']:.1f} (as with {MEETINGS // 10})",
         many["statements"] <= few["statements"]),
        (f"a round that invites {MEMBERS:,} people", f"{many['invite']:.2f} s", "", None),
    ]  # fmt: skip
    for what, figure, limit, held in rows:
        table.add_row(what, figure, limit, {None: "", True: "[green]✓[/]", False: "[red]✗[/]"}[held])
    for name, week in (("SQLite", asyncio.run(play(WEEK_MEMBERS, WEEK_TOWNS))), *_on_postgresql()):
        wrong = week.differences()
        table.add_row(
            f"messages wrong in a made-up week on {name} ({WEEK_TOWNS} towns, {WEEK_MEMBERS} members, "
            f"{len(STORY_MEETINGS)} meetings, {week.messages:,} messages, {week.seconds:.0f} s)",
            str(len(wrong)),
            "0",
            "[red]✗[/]" if wrong else "[green]✓[/]",
        )
    console.print(table)


def _on_postgresql() -> Iterator[tuple[str, Played]]:
    """The week on a server, where the environment names one."""
    if server := os.environ.get("LOTSE_TEST_POSTGRES_URL"):
        yield "PostgreSQL", asyncio.run(_play_on(server))


async def _play_on(server: str) -> Played:
    address, name = make_url(server).set(drivername="postgresql+asyncpg"), f"lotse_week_{uuid.uuid4().hex}"
    engine = create_async_engine(address, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f'CREATE DATABASE "{name}"'))
        url = address.set(database=name).render_as_string(hide_password=False)
        return await play(WEEK_MEMBERS, WEEK_TOWNS, url)
    finally:
        async with engine.connect() as connection:
            await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        await engine.dispose()


if __name__ == "__main__":
    main()
