"""Announcements to many: under limits and faults, killed on the way, paused and restarted; the report is held against
what the sandbox itself has seen.
"""

import asyncio
import os
import random
import sqlite3
import sys
from collections import Counter
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.announcements.kinds import Part, State
from bot.announcements.rooms import AnnouncementsRooms
from bot.clock import SystemClock
from bot.content.kept import Content
from bot.delivery.dispatcher import IN_FLIGHT
from bot.delivery.kinds import State as Sent
from bot.delivery.limiter import Limiter
from bot.delivery.service import Outbox
from bot.members.models import Person
from bot.members.rooms import MembersRooms
from bot.rendering import Messages
from bot.sandbox.app import running_sandbox
from bot.settings import Settings
from tests.announcements.conftest import ALL
from tests.members.conftest import ADMIN

ROOT = Path(__file__).parents[2]
MANY, SPEED = 600, 10
"""Recipients, and how many times faster than in life both the limits and the pace are."""
FEW = 120


async def crowd(database, sandbox, count, now, name="Jemand"):
    """Members who have started the bot; returns their ids."""
    people = await sandbox.client.crowd(count)
    async with database.writing() as session:
        for number, person in enumerate(people):
            session.add(
                Person(id=person, name=f"{name} {number}", role="member", town_id=number % 100 + 1, created_at=now)
            )
    return people


def arrived(sandbox):
    """How many messages each chat got, as the sandbox has recorded it."""
    calls = [call for call in sandbox.world.record if call["method"] == "sendMessage" and call["status"] == 200]
    return Counter(call["chat_id"] for call in calls)


async def named_twice(rooms, item):
    reports = rooms.ground.reports
    batch = await reports.find_batch(f"announcement:{item.id}")
    return {proof.recipient async for proof in reports.proofs(batch, possibly_twice=True)}


@pytest.mark.parametrize("html", ["Für alle dasselbe", "Guten Tag {name} aus {stadt}"])
async def test_limits_and_faults_lose_nobody_and_the_report_is_right(office, html, monkeypatch):
    miriam = await office.coordinator()
    people = await crowd(office.database, office.sandbox, MANY, office.clock.now())
    blocked = set(random.Random(7).sample(people, MANY // 20))
    for person in blocked:
        await office.sandbox.client.post("block", person=person, blocked=True)
    await office.sandbox.client.limits(enabled=True, per_second=30.0 * SPEED)
    for seed, kind in enumerate(("http_500", "reset_before", "reset_after")):
        await office.sandbox.client.fault(kind, share=0.02, seed=seed, times=100, method="sendMessage")
    monkeypatch.setattr(office.dispatcher, "limiter", Limiter(28 * SPEED))
    monkeypatch.setattr(office.dispatcher._sending, "_limiter", office.dispatcher.limiter)
    item = await office.send(miriam, html)
    for _ in range(3):
        office.clock.move(minutes=20)
        await office.sandbox.client.no_faults()
        await office.dispatcher.drain()
    got = arrived(office.sandbox)
    report = await office.report(miriam, item)
    assert office.sandbox.world.limits.refused == 0
    assert set(got) == {*people, miriam.id} - blocked
    twice = {chat for chat, count in got.items() if count > 1}
    assert twice <= await named_twice(office.rooms, item)
    assert (report.meant, report.sent, report.waiting) == (MANY + 1, len(got), 0)
    assert report.count(Sent.BLOCKED) == len(blocked)
    assert report.reasons == {"hat den Bot blockiert": len(blocked)}
    assert sum(sent for sent, _ in report.towns.values()) == len(got) - 1  # Miriam has no town


class Outside:
    """The rules in the test's process, and the bot that sends in one of its own."""

    def __init__(self, database, url, sandbox):
        self.database, self.url, self.sandbox = database, url, sandbox
        self.clock = SystemClock()
        settings = Settings(database_url="sqlite+aiosqlite://", admins=str(ADMIN), second_release_from=0)
        self.members = MembersRooms.build(database, self.clock, settings)
        messages = Messages("bot.announcements", settings.zone)
        self.rooms = AnnouncementsRooms.build(
            database, self.clock, settings, self.members, Outbox(database, self.clock), messages
        )

    async def release(self, html="Guten Tag {name}"):
        """For all; urgent, since the machine's clock may stand in anybody's night."""
        item = await self.rooms.drafts.begin(ADMIN, Content(html=html))
        await self.rooms.drafts.toggle(ADMIN, item.id, Part.ANY, ALL)
        item = await self.rooms.drafts.set_urgent(ADMIN, item.id, "Ein Versuch")
        await self.rooms.releasing.release(ADMIN, item.id, item.row.version)
        return item

    @asynccontextmanager
    async def bot(self):
        """`lotse run` beside this process; killed at the end, if nobody did it before."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")} | {
            "LOTSE_TELEGRAM_TOKEN": self.sandbox.token,
            "LOTSE_TELEGRAM_API_URL": self.sandbox.url,
            "LOTSE_DATABASE_URL": self.url,
            "LOTSE_ADMINS": str(ADMIN),
            "LOTSE_MESSAGES_PER_SECOND": "200",
            "LOTSE_LOG_LEVEL": "error",
        }
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def until(self, count):
        """Wait until so many messages arrived."""
        async with asyncio.timeout(60):
            while arrived(self.sandbox).total() < count:
                await self.sandbox.world.changes.wait(1)

    async def finished(self, item):
        """Wait until nothing is left to send."""
        async with asyncio.timeout(60):
            while True:
                report = await self.rooms.reporting.report(ADMIN, item.id)
                if report.progress and report.progress.finished and report.item.state in (State.SENT, State.STOPPED):
                    return report
                await self.sandbox.world.changes.wait(0.3)


@pytest.fixture
async def outside(database, database_url):
    async with running_sandbox() as sandbox:
        sandbox.world.limits.latency = 0.01
        one = Outside(database, database_url, sandbox)
        await one.members.towns.ship()
        yield one


async def test_kill_9_on_the_way_loses_nobody_and_names_who_may_have_it_twice(outside):
    people = await crowd(outside.database, outside.sandbox, FEW, outside.clock.now())
    item = await outside.release()
    for count in (1, 40, 80):
        async with outside.bot() as process:
            await outside.until(count)
            process.kill()
    async with outside.bot():
        report = await outside.finished(item)
    got = arrived(outside.sandbox)
    twice = {chat for chat, count in got.items() if count > 1}
    assert set(got) == set(people)
    assert (report.meant, report.sent) == (FEW, FEW)
    assert twice <= await named_twice(outside.rooms, item)
    assert got.total() - FEW <= 3 * IN_FLIGHT


async def test_pause_restart_and_go_on(outside):
    people = await crowd(outside.database, outside.sandbox, FEW, outside.clock.now())
    item = await outside.release()
    async with outside.bot() as process:
        await outside.until(20)
        assert await outside.rooms.following.pause(ADMIN, item.id)
        process.terminate()
        await process.wait()
    before = arrived(outside.sandbox).total()
    assert before < FEW
    report = await outside.rooms.reporting.report(ADMIN, item.id)
    assert report.progress.held == report.waiting == FEW - before
    async with outside.bot():
        assert await outside.rooms.following.resume(ADMIN, item.id)
        report = await outside.finished(item)
    assert arrived(outside.sandbox) == dict.fromkeys(people, 1)
    assert (report.sent, report.progress.possibly_twice) == (FEW, 0)


@pytest.fixture
def impatient(monkeypatch):
    """A database that is locked is given up soon, not after half a minute."""
    monkeypatch.setattr("bot.database.BUSY_SECONDS", 0)
    monkeypatch.setattr("bot.delivery.transactions.BUSY_SECONDS", 0)
    monkeypatch.setattr("bot.delivery.dispatcher.IDLE_SECONDS", 0.05)


async def lose(database):
    """Let all connections to a test's database be lost: PostgreSQL ends them, SQLite's file is locked for a moment."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(url.database, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.2)  # real time: another process holds the lock
            other.execute("ROLLBACK")
        other.close()
        return
    apart = create_async_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with apart.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        await connection.execute(text(ended), {"name": url.database})
    await apart.dispose()


async def test_a_lost_database_on_the_way_loses_nobody_and_names_who_may_have_it_twice(impatient, office, monkeypatch):
    miriam = await office.coordinator()
    people = await crowd(office.database, office.sandbox, 300, office.clock.now())
    office.sandbox.world.limits.latency = 0.01
    item = await office.write(miriam, "Guten Tag {name}")
    await office.release(miriam, item)
    outbox, pages = office.rooms.ground.outbox, []
    write = outbox._write_page

    async def write_page(batch, page):
        pages.append(page)
        if len(pages) == 3:
            raise OperationalError("INSERT", {}, OSError("the connection is lost"))
        await write(batch, page)

    monkeypatch.setattr("bot.delivery.service.PAGE", 50)
    monkeypatch.setattr(outbox, "_write_page", write_page)
    await office.rooms.outgoing.work()
    assert (await office.rooms.drafts.item(miriam.id, item.id)).state is State.SENDING  # it got stuck on the way
    await office.rooms.outgoing.work()  # begun anew, and everybody is queued once
    assert (await office.report(miriam, item)).progress.total == 301
    stop = asyncio.Event()
    sending = asyncio.create_task(office.dispatcher.run(stop))
    async with asyncio.timeout(60):
        for count in (20, 120, 220):
            while arrived(office.sandbox).total() < count:
                office.clock.move(seconds=5)
                await office.sandbox.world.changes.wait(0.1)
            await lose(office.database)
        while True:
            with suppress(SQLAlchemyError, OSError):
                report = await office.report(miriam, item)
                if report.progress and report.progress.finished:
                    break
            office.clock.move(seconds=5)
            await office.sandbox.world.changes.wait(0.1)
    stop.set()
    await sending
    got = arrived(office.sandbox)
    twice = {chat for chat, count in got.items() if count > 1}
    assert set(got) == {*people, miriam.id}
    assert (report.meant, report.sent, report.count(Sent.FAILED)) == (301, 301, 0)
    assert twice <= await named_twice(office.rooms, item)
    assert got.total() - 301 <= 3 * IN_FLIGHT


async def test_correction_and_withdrawal_under_faults(office):
    miriam = await office.coordinator()
    people = await crowd(office.database, office.sandbox, 60, office.clock.now())
    item = await office.send(miriam, "Falsch")
    for seed, kind in enumerate(("http_500", "reset_before", "reset_after")):
        await office.sandbox.client.fault(kind, share=0.1, seed=seed, times=10)
    await office.rooms.following.correct(miriam.id, item.id, Content(html="Richtig"))
    for _ in range(8):  # a third of the calls fails, until ten of each kind have
        await office.work()
        office.clock.move(minutes=20)
    assert all(office.texts(person) == ["Richtig"] for person in people)
    for seed, kind in enumerate(("http_500", "reset_before", "reset_after")):
        await office.sandbox.client.fault(kind, share=0.1, seed=seed, times=10)
    await office.rooms.following.withdraw(miriam.id, item.id)
    for _ in range(8):  # a third of the calls fails, until ten of each kind have
        await office.work()
        office.clock.move(minutes=20)
    assert all(office.texts(person) == [] for person in people)
    undone = (await office.report(miriam, item)).undone
    assert (undone.deleted, undone.failed, undone.waiting) == (61, 0, 0)


async def test_corrected_and_then_taken_back_while_it_goes_out_nobody_keeps_the_wrong_words(office):
    miriam = await office.coordinator()
    people = [*(await crowd(office.database, office.sandbox, FEW, office.clock.now())), miriam.id]
    office.sandbox.world.limits.latency = 0.01
    item = await office.write(miriam, "Falsch, {name}")
    await office.release(miriam, item)
    await office.rooms.outgoing.work()
    stop = asyncio.Event()
    sending = asyncio.create_task(office.dispatcher.run(stop))
    async with asyncio.timeout(60):
        while arrived(office.sandbox).total() < FEW // 3:
            await office.sandbox.world.changes.wait(0.05)
        await office.rooms.following.correct(miriam.id, item.id, Content(html="Richtig, {name}"))
        await office.rooms.outgoing.work()
        while not all([text.startswith("Richtig") for text in office.texts(who)] == [True] for who in people):
            await office.sandbox.world.changes.wait(0.1)
        report = await office.report(miriam, item)
        assert (report.meant, report.sent + report.waiting) == (FEW + 1, FEW + 1)
        second = await office.write(miriam, "Auch falsch, {name}")
        await office.release(miriam, second)
        await office.rooms.outgoing.work()
        while sum(len(office.texts(who)) == 2 for who in people) < FEW // 3:
            await office.sandbox.world.changes.wait(0.05)
        await office.rooms.following.withdraw(miriam.id, second.id)
        await office.rooms.outgoing.work()
        while (undone := (await office.report(miriam, second)).undone).waiting:
            await office.sandbox.world.changes.wait(0.1)
    stop.set()
    await sending
    assert all(len(office.texts(who)) == 1 for who in people)
    report = await office.report(miriam, second)
    assert (undone.deleted, undone.failed) == (report.sent, 0)
    assert report.sent + report.count(Sent.CANCELLED) == FEW + 1
    assert report.sent >= FEW // 3
