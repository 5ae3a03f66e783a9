"""How fast, how cheaply and how safely messages go out, against the sandbox in a process of its own.

`python -m bench.delivery` prints it all; `paced`, `free`, `kills`, `faults`, `queue` as arguments a part.
"""

import asyncio
import json
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.words import HTML
from bot.clock import SystemClock
from bot.database import Database
from bot.delivery.dispatcher import IN_FLIGHT
from bot.delivery.kinds import State
from bot.delivery.payloads import Text
from bot.delivery.pushes import Mailing, Recipient
from bot.delivery.reports import Reports
from bot.delivery.service import Outbox
from bot.sandbox.client import SandboxClient
from bot.sandbox.world import DEFAULT_TOKEN

PACE = 28.0
LATENCY = 0.05
UNPACED = 100_000.0
"""A pace that never holds anything up, in messages a second."""
console = Console(width=120)


@dataclass
class Bench:
    """The sandbox in a process of its own, and a table of figures."""

    sandbox: SandboxClient
    url: str
    folder: Path
    table: Table = field(default_factory=lambda: Table("what", "figure", "limit", "", title="delivery"))
    databases: int = 0

    def figure(self, what: str, shown: str, limit: str = "", held: bool | None = None) -> None:
        sign = {None: "", True: "[green]✓[/]", False: "[red]✗[/]"}[held]
        self.table.add_row(what, shown, limit, sign)
        console.print(f"  {what}: {shown}" + (f" (limit {limit})" if limit else ""), highlight=False)

    async def outbox(self) -> "Sending":
        self.databases += 1
        address = f"sqlite+aiosqlite:///{self.folder / f'{self.databases}.db'}"
        database = Database(address)
        await database.upgrade()
        return Sending(self, address, database)


@dataclass
class Sending:
    """An outbox of its own and the process that empties it."""

    bench: Bench
    address: str
    database: Database

    async def mail(self, chats: Sequence[int]) -> int:
        mailing = Mailing("bench:1", "bench:1", "first", Text(html=HTML))
        outbox = Outbox(self.database, SystemClock())
        return await outbox.enqueue_batch(mailing, (Recipient(chat) for chat in chats))

    @asynccontextmanager
    async def sender(self, pace: float, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
        command = ("bench.sender", self.address, self.bench.url, DEFAULT_TOKEN, str(pace), *more)
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()

    async def finished(self, batch: int) -> None:
        while not (await Reports(self.database).progress(batch)).finished:  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.25)

    async def states(self, batch: int) -> dict[State, int]:
        return (await Reports(self.database).progress(batch)).counts

    async def recipients(self, batch: int, *states: State, twice: bool = False) -> set[int]:
        found = Reports(self.database).proofs(batch, states or None, possibly_twice=twice)
        return {proof.recipient async for proof in found}


async def paced(bench: Bench) -> None:
    """The pace that Telegram permits: how much of it is used, what an answer waits, what it costs."""
    count, plain_count = 3000, 1000
    await bench.sandbox.limits(enabled=True, latency=LATENCY)
    plain = await _plain(bench, await bench.sandbox.crowd(plain_count))
    askers = [await bench.sandbox.person(name) for name in ("Anna", "Bernd")]
    sending = await bench.outbox()
    seen = len(await bench.sandbox.record())
    batch = await sending.mail(await bench.sandbox.crowd(count))
    await bench.sandbox.limits(enabled=True, latency=LATENCY)
    async with sending.sender(PACE, "answer") as process:
        while (await sending.states(batch))[State.SENT] == 0:  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.02)
        cpu, begun = _cpu(process.pid), (await sending.states(batch))[State.SENT]
        while (sent := (await sending.states(batch))[State.SENT]) < count // 2:  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.5)
        each = (_cpu(process.pid) - cpu) / (sent - begun) * 1000
        asking = [asyncio.create_task(_ask(asker)) for asker in askers]
        await sending.finished(batch)
        for task in asking:
            task.cancel()
        answers = sorted([wait for task in asking for wait in await task])
        all_cpu = _cpu(process.pid) - cpu
        peak = _peak_mib(process.pid)
    calls = [call for call in await bench.sandbox.record(after=seen) if call["method"] == "sendMessage"]
    good = [call["at"] for call in calls if call["status"] == 200]
    rate = (len(good) - 1) / (good[-1] - good[0])
    refused = sum(call["status"] == 429 for call in calls)
    plain_each = plain["cpu"] / plain_count * 1000
    late = answers[int(len(answers) * 0.99)] if answers else float("inf")
    bench.figure("achieved over permitted rate", f"{rate / PACE:.3f} ({rate:.2f}/s)", "≥ 0.98", rate / PACE >= 0.98)
    bench.figure(f"429s in {len(calls)} messages", str(refused), "0", refused == 0)
    bench.figure(f"an answer meanwhile, p99 of {len(answers)}", f"{late * 1000:.0f} ms", "≤ 1000 ms", late <= 1)
    bench.figure("CPU a message", f"{each:.2f} ms ({all_cpu / len(good) * 1000:.2f} ms with the questions answered)")
    bench.figure("CPU a message, plain loop (17/s)", f"{plain_each:.2f} ms")
    bench.figure("CPU beside the plain loop", f"{each / plain_each:.2f}", "≤ 0.5", each / plain_each <= 0.5)
    bench.figure("peak memory of the sender", f"{peak:.0f} MiB")
    bench.figure("plain loop at the same latency", f"{plain_count / plain['wall']:.1f}/s")


async def free(bench: Bench) -> None:
    """No limits: how fast it goes at all."""
    for latency, count, plain_count in ((0.0, 3000, 1500), (LATENCY, 3000, 300)):
        await bench.sandbox.limits(enabled=False, latency=latency)
        plain = await _plain(bench, await bench.sandbox.crowd(plain_count))
        sending = await bench.outbox()
        seen = len(await bench.sandbox.record())
        batch = await sending.mail(await bench.sandbox.crowd(count))
        async with sending.sender(UNPACED):
            await sending.finished(batch)
        times = [call["at"] for call in await bench.sandbox.record(after=seen) if call["method"] == "sendMessage"]
        rate, plain_rate = (len(times) - 1) / (times[-1] - times[0]), plain_count / plain["wall"]
        what = f"limits off, {latency * 1000:.0f} ms latency: messages a second (plain loop)"
        shown = f"{rate:.0f} ({plain_rate:.0f}), {rate / plain_rate:.1f} times"
        bench.figure(what, shown, "≥ 2 times", rate >= 2 * plain_rate)


async def kills(bench: Bench) -> None:
    """Kill -9 at 20 random moments of one sending."""
    count, dice = 500, random.Random(20)
    await bench.sandbox.limits(enabled=False, latency=LATENCY)
    seen = len(await bench.sandbox.record())
    people = await bench.sandbox.crowd(count)
    sending = await bench.outbox()
    batch = await sending.mail(people)
    repeats = []
    for moment in sorted(dice.sample(range(1, count - 20), 20)):
        async with sending.sender(100) as process:
            while len(arrived := await _arrived(bench, seen)) < moment:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.005)
            await asyncio.sleep(dice.random() * LATENCY)
            process.kill()
            await process.wait()
        await asyncio.sleep(2 * LATENCY)  # what was on the wire arrives
        unknown = await sending.recipients(batch, State.SENDING)
        repeats.append(len(unknown & (await _arrived(bench, seen)).keys()))
    async with sending.sender(100):
        await sending.finished(batch)
    arrived = await _arrived(bench, seen)
    twice = {chat for chat, times in arrived.items() if times > 1}
    named = await sending.recipients(batch, twice=True)
    lost = len(set(people) - arrived.keys())
    bench.figure("kill -9, 20 times in 500: lost", str(lost), "0", lost == 0)
    bench.figure(
        "  repeated at one kill, most", f"{max(repeats)} (mean {sum(repeats) / 20:.1f})", f"≤ {IN_FLIGHT}",
        max(repeats) <= IN_FLIGHT,
    )  # fmt: skip
    shown = f"{arrived.total() - count} repeats, {len(twice - named)} not named, {len(named)} named"
    bench.figure("  repeats that the report does not name", shown, "0 not named", twice <= named)


async def faults(bench: Bench) -> None:
    """Faults mixed in: everything ends in the right state."""
    count = 600
    await bench.sandbox.limits(enabled=False, latency=LATENCY)
    seen = len(await bench.sandbox.record())
    people = await bench.sandbox.crowd(count)
    blocked = set(random.Random(5).sample(people, count // 20))
    for person in blocked:
        await bench.sandbox.post("block", person=person, blocked=True)
    shares = {"too_many_requests": 0.05, "http_500": 0.05, "reset_before": 0.03, "reset_after": 0.03}
    for seed, (kind, share) in enumerate(shares.items()):
        await bench.sandbox.fault(kind, share=share, seed=seed, seconds=1, method="sendMessage")
    sending = await bench.outbox()
    batch = await sending.mail(people)
    started = time.perf_counter()
    async with sending.sender(100):
        await sending.finished(batch)
    await bench.sandbox.no_faults()
    arrived = await _arrived(bench, seen)
    named = await sending.recipients(batch, twice=True)
    wrong = await sending.recipients(batch, State.SENT) ^ (set(people) - blocked)
    wrong |= await sending.recipients(batch, State.BLOCKED) ^ blocked
    wrong |= (set(people) - blocked) - arrived.keys()
    wrong |= {chat for chat, times in arrived.items() if times > 1} - named
    what = f"faults mixed in, {count} recipients: in a wrong state, lost or repeated unnamed"
    bench.figure(what, f"{len(wrong)} (after {time.perf_counter() - started:.0f} s)", "0", not wrong)


async def queue(bench: Bench) -> None:
    """A hundred thousand rows: time and memory, beside a thousand."""
    found = {}
    for count in (1000, 100_000):
        address = f"sqlite+aiosqlite:///{bench.folder / f'queue{count}.db'}"
        found[count] = await _child("bench.queueing", address, str(count))
    few, many = found[1000], found[100_000]
    bench.figure("100,000 rows queued", f"{many['seconds']:.1f} s")
    growth = many["peak_mib"] - few["peak_mib"]
    shown = f"{many['peak_mib']:.0f} MiB ({few['peak_mib']:.0f} MiB for 1,000)"
    bench.figure("  peak memory", shown, "no more than for 1,000", growth <= 10)
    bench.figure("  to claim 12 of them (of 1,000)", f"{many['claim_ms']:.1f} ms ({few['claim_ms']:.1f} ms)")


async def _ask(asker: Any) -> list[float]:
    """Ask now and then until cancelled; returns the seconds that each answer took."""
    waits: list[float] = []
    number = 0
    try:
        while True:
            number += 1
            started = time.perf_counter()
            await asker.sends(f"Frage {number}")
            await asker.receives(containing=f"Frage {number}", timeout=10)
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(1.2)
    except asyncio.CancelledError:
        return waits


async def _plain(bench: Bench, chats: Sequence[int]) -> dict[str, float]:
    return await _child("bench.plain", bench.url, DEFAULT_TOKEN, given=json.dumps(list(chats)))


async def _child(module: str, *arguments: str, given: str = "") -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    shown, _ = await process.communicate(given.encode())
    answer: dict[str, float] = json.loads(shown)
    return answer


async def _arrived(bench: Bench, seen: int) -> Counter[int]:
    """How many messages each chat got since then."""
    calls = await bench.sandbox.record(after=seen, method="sendMessage")
    return Counter(call["chat_id"] for call in calls if call["status"] == 200)


def _cpu(process: int) -> float:
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def _peak_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float(psutil.Process(process).memory_info().rss) / 2**20
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


PARTS: tuple[Callable[[Bench], Awaitable[None]], ...] = (queue, free, kills, faults, paced)


async def run(names: Sequence[str]) -> None:
    with socket.socket() as free_port:
        free_port.bind(("127.0.0.1", 0))
        port = free_port.getsockname()[1]
    code = f"from bot.sandbox.server import run_sandbox; run_sandbox({port})"
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with SandboxClient(url) as sandbox:
                await sandbox.ready(attempts=500)
                bench = Bench(sandbox, url, Path(folder))
                for part in PARTS:
                    if not names or part.__name__ in names:
                        await part(bench)
                console.print(bench.table)
    finally:
        server.terminate()
        await server.wait()


def main(names: Sequence[str] = ()) -> None:
    """Print the figures of the parts that are named, or of all."""
    asyncio.run(run(names))


if __name__ == "__main__":
    main(sys.argv[1:])
