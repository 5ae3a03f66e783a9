import asyncio
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.delivery.dispatcher import IN_FLIGHT
from bot.delivery.kinds import State
from bot.delivery.service import Outbox
from tests.delivery.conftest import Office

ROOT = Path(__file__).parents[2]
RECIPIENTS = 150


@pytest.fixture
async def office(database, sandbox):
    """The outbox by the machine's time; another process sends."""
    from bot.delivery.reports import Reports

    sandbox.world.limits.latency = 0.01
    return Office(database, SystemClock(), sandbox, None, Outbox(database, SystemClock()), Reports(database))


@asynccontextmanager
async def sender(office, database_url):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.sender", database_url, office.sandbox.url, office.sandbox.token, "400", cwd=ROOT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def calls_made(office, count):
    """Wait until the sandbox has taken so many messages."""
    world = office.sandbox.world
    async with asyncio.timeout(30):
        while sum(call["status"] == 200 for call in world.record) < count:
            await world.changes.wait(1)


async def finished(office, batch):
    async with asyncio.timeout(30):
        while not (await office.reports.progress(batch)).finished:
            await office.sandbox.world.changes.wait(0.1)


async def test_kill_9_loses_nothing_and_repeats_only_what_it_names(office, database_url):
    people = await office.people(RECIPIENTS)
    batch = await office.mail(people)
    for count in (20, 60, 100):
        async with sender(office, database_url) as process:
            await calls_made(office, count)
            process.kill()
    async with sender(office, database_url) as process:
        await finished(office, batch)
    received = Counter({person: len(await office.texts(person)) for person in people})
    twice = {person for person, count in received.items() if count > 1}
    named = {proof.recipient async for proof in office.reports.proofs(batch, possibly_twice=True)}
    progress = await office.reports.progress(batch)
    assert progress.counts[State.SENT] == RECIPIENTS
    assert min(received.values()) == 1
    assert twice <= named
    assert received.total() - RECIPIENTS <= 3 * IN_FLIGHT
    assert len(named) <= 3 * IN_FLIGHT


async def test_sigterm_finishes_what_is_in_flight_and_repeats_nothing(office, database_url):
    people = await office.people(RECIPIENTS)
    batch = await office.mail(people)
    for count in (20, 60, 100):
        async with sender(office, database_url) as process:
            await calls_made(office, count)
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
            progress = await office.reports.progress(batch)
            assert progress.counts[State.SENDING] == 0
            assert progress.counts[State.SENT] == sum(call["status"] == 200 for call in office.sandbox.world.record)
    async with sender(office, database_url):
        await finished(office, batch)
    assert [len(await office.texts(person)) for person in people] == [1] * RECIPIENTS
    assert (await office.reports.progress(batch)).possibly_twice == 0


async def test_of_two_senders_one_sends_and_the_other_takes_over(office, database_url):
    people = await office.people(RECIPIENTS)
    batch = await office.mail(people)
    async with sender(office, database_url) as first, sender(office, database_url) as second:
        await calls_made(office, 40)
        first.send_signal(signal.SIGTERM)
        await first.wait()
        await finished(office, batch)
        assert second.returncode is None
    assert [len(await office.texts(person)) for person in people] == [1] * RECIPIENTS
