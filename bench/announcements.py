"""An announcement to 10,000: from the press to the first message, memory, and whether the report is right.

`python -m bench.announcements [COUNT]`. The real bot in a process of its own; limits and pace are ten times as fast as
in life.
"""

import asyncio
import datetime as dt
import os
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bot.database import Database
from bot.members.models import Person
from bot.sandbox.client import SandboxClient, SandboxPerson
from bot.sandbox.world import DEFAULT_TOKEN

COUNT = 10_000
SPEED = 10
PACE, LIMIT = 28 * SPEED, 30.0 * SPEED
WORDS = "Guten Tag {name}, die Anmeldung zum Kongress ist offen."
MORNING = dt.datetime(2027, 3, 8, 9, 0, tzinfo=dt.UTC)
console = Console(width=120)


async def measure(url: str, folder: Path, count: int) -> None:
    table = Table("what", "figure", "limit", "", title=f"an announcement to {count:,}")

    def figure(what: str, shown: str, limit: str = "", held: bool | None = None) -> None:
        table.add_row(what, shown, limit, {None: "", True: "[green]✓[/]", False: "[red]✗[/]"}[held])

    async with SandboxClient(url) as sandbox:
        await sandbox.ready(attempts=500)
        miriam = await sandbox.person("Miriam")
        people = await sandbox.crowd(count)
        address = f"sqlite+aiosqlite:///{folder / 'lotse.db'}"
        await _fill(address, people)
        await sandbox.limits(enabled=True, per_second=LIMIT)
        async with _bot(url, address, miriam.id, folder) as process:
            screen = await _compose(miriam)
            before, seen = _memory(process.pid, "VmRSS"), len(await sandbox.record())
            started = time.perf_counter()
            press = asyncio.create_task(miriam.presses("Jetzt senden", screen))
            while not (calls := await _sent(sandbox, seen)):  # noqa: ASYNC110 - another process sends
                await asyncio.sleep(0.02)
            first = time.perf_counter() - started
            await press
            while len(calls) < count:
                await asyncio.sleep(1)
                calls = await _sent(sandbox, seen)
            everybody = f"{count + 1:,}".replace(",", ".")  # who announces it gets it, too
            report = await miriam.receives(f"Zugestellt: {everybody} von", timeout=60)
            peak = _memory(process.pid, "VmHWM")
        arrived = Counter(call["chat_id"] for call in calls if call["chat_id"] != miriam.id)
        refused = (await sandbox.limits(enabled=False))["refused"]
    rate = (len(calls) - 1) / (calls[-1]["at"] - calls[0]["at"])
    figure("from the press to the first message", f"{first:.2f} s", "≤ 5 s", first <= 5)
    figure(f"pace, limits and pace {SPEED} times as fast", f"{rate:.0f}/s", f"{PACE}/s")
    figure("429s", str(refused), "0", refused == 0)
    figure("missing", str(len(set(people) - arrived.keys())), "0", set(people) <= arrived.keys())
    twice = sum(times > 1 for times in arrived.values())
    figure("twice", str(twice), "0", twice == 0)
    said = report["text"].splitlines()[1]
    figure("the report", said, "as the sandbox's record", f"{everybody} von {everybody}" in said)
    figure(
        "memory before, at most", f"{before:.0f} MiB, {peak:.0f} MiB", "no more than 60 MiB more", peak - before <= 60
    )
    console.print(table)


async def _compose(miriam: SandboxPerson) -> dict[str, Any]:
    await miriam.sends(f"/ankuendigung {WORDS}")
    await miriam.receives("Wer soll es bekommen", timeout=30)
    await miriam.presses("Empfänger wählen")
    await miriam.receives("Empfänger:", timeout=30)
    await miriam.presses("Alle Mitglieder")
    await miriam.receives("alle Mitglieder", timeout=30)
    await miriam.presses("Fertig")
    return await miriam.receives("So sehen es", timeout=30)


async def _sent(sandbox: SandboxClient, seen: int) -> list[dict[str, Any]]:
    calls = await sandbox.record(after=seen, method="sendMessage")
    return [call for call in calls if call["status"] == 200]


async def _fill(address: str, people: list[int]) -> None:
    database = Database(address)
    await database.upgrade()
    now = dt.datetime.now(dt.UTC)
    async with database.writing() as session:
        for number, person in enumerate(people):
            session.add(Person(id=person, name=f"Mitglied {number}", role="member", created_at=now, joined_at=now))
    await database.close()


@asynccontextmanager
async def _bot(url: str, address: str, admin: int, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    clock = folder / "clock"
    clock.write_text(str((MORNING - dt.datetime.now(dt.UTC)).total_seconds()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")} | {
        "LOTSE_TELEGRAM_TOKEN": DEFAULT_TOKEN,
        "LOTSE_TELEGRAM_API_URL": url,
        "LOTSE_DATABASE_URL": address,
        "LOTSE_ADMINS": str(admin),
        "LOTSE_MESSAGES_PER_SECOND": str(PACE),
        "LOTSE_SECOND_RELEASE_FROM": "0",
        "LOTSE_CLOCK_FILE": str(clock),
        "LOTSE_LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _memory(process: int, name: str) -> float:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float(psutil.Process(process).memory_info().rss) / 2**20
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


async def run(count: int) -> None:
    with socket.socket() as free_port:
        free_port.bind(("127.0.0.1", 0))
        port = free_port.getsockname()[1]
    code = f"from bot.sandbox.server import run_sandbox; run_sandbox({port})"
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            await measure(f"http://127.0.0.1:{port}", Path(folder), count)
    finally:
        server.terminate()
        await server.wait()


def main(count: int = COUNT) -> None:
    """Print the figures."""
    asyncio.run(run(count))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
