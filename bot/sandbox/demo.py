"""`lotse demo`: the sandbox with made-up persons, and the real bot beside it as a process of its own."""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import typer

from bot.sandbox import actions
from bot.sandbox.app import running_sandbox
from bot.sandbox.chats import Person
from bot.sandbox.clock import Clock
from bot.sandbox.world import World

HOST = "127.0.0.1"
BOT_COMMAND = (sys.executable, "-m", "bot", "run")
REFUSED = 2
"""Exit code of a bot that refuses its settings: starting it again would change nothing."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a bot that died is started again."""
STEADY_SECONDS = 60.0
"""A bot that ran so long before it died is started again without delay growing."""
STOP_SECONDS = 15.0
"""How long the bot may finish what it is answering."""
KEPT_SETTINGS = frozenset({"LOTSE_LOG_FORMAT", "LOTSE_LOG_LEVEL"})
"""Settings that the demo takes over; no other, or it could reach a real bot or a real database."""

CROWD_FIRST = ("Ines", "Holger", "Sabine", "Enrico", "Katrin", "Maik", "Doreen", "Steffen", "Anja", "Ronny", "Heike")
CROWD_LAST = ("Albrecht", "Böhm", "Ehrhardt", "Fleischer", "Gräfe", "Hellmund", "Jahn", "Köthe", "Liebold", "Möller",
              "Oertel", "Pabst", "Reinhardt")  # fmt: skip
CROWD_TOWNS = (
    "Altenburg", "Apolda", "Arnstadt", "Artern", "Bad Langensalza", "Bad Salzungen", "Eisenach", "Eisenberg",
    "Erfurt", "Gera", "Gotha", "Greiz", "Heilbad Heiligenstadt", "Hildburghausen", "Ilmenau", "Jena", "Kahla",
    "Leinefelde-Worbis", "Meiningen", "Mühlhausen", "Neustadt an der Orla", "Nordhausen", "Pößneck", "Rudolstadt",
    "Saalfeld/Saale", "Schleiz", "Schmalkalden", "Schmölln", "Sömmerda", "Sondershausen", "Sonneberg", "Suhl",
    "Waltershausen", "Weida", "Weimar", "Zella-Mehlis", "Zeulenroda-Triebes",
)  # fmt: skip
"""Whence the made-up members come that the page does not list, so that lists and sendings look like the real ones."""
CROWD_GROUPS = ("ag-leerstandsbewaeltigung", "ag-wohnen-und-leben-in-der-stadt", "ag-klima")
CROWD_MODES = ("at_once", "at_once", "daily", "weekly")
"""What the made-up members follow, and how often each group writes: in turns."""


def run_demo(port: int = 8080) -> None:
    """Run the demo until Ctrl-C.

    Args:
        port: Where the page is opened; 0 for a free one.

    Raises:
        typer.Exit: With code 1 if the port is taken or the bot refuses to start.
    """
    if not _is_free(port):
        typer.echo(
            f"Port {port} is taken. Stop the program that uses it, or choose another: lotse demo --port {port + 1}",
            err=True,
        )
        raise typer.Exit(1)
    code = asyncio.run(_demo(port))
    if code:
        raise typer.Exit(code)


def people_world(clock: Clock) -> tuple[World, Person]:
    """Return a world with two officers, the coordinator and a newcomer, and the coordinator."""
    world = World(clock=clock)
    jana = world.add_person(
        "Jana", last_name="Krüger", username="jana_krueger", about="Wirtschaftsförderung, Schmalkalden"
    )
    tobias = world.add_person("Tobias", last_name="Arndt", username="tobias_arndt", about="Stadtplanung, Pößneck")
    miriam = world.add_person(
        "Miriam", last_name="Vogt", username="miriam_vogt", about="Geschäftsstelle des Bündnisses"
    )
    world.add_person("Paul", last_name="Lindner", username="paul_lindner", about="Neu dabei")
    for number, town in enumerate(CROWD_TOWNS):
        first, last = CROWD_FIRST[number % len(CROWD_FIRST)], CROWD_LAST[number * 7 % len(CROWD_LAST)]
        world.add_person(first, last_name=last, about=f"Stadtverwaltung, {town}", started=True, listed=False)
    actions.found_group(world, "AG Leerstand (Demo)", [miriam, jana, tobias], with_bot=True)
    actions.open_channel(world, "Bündnis aktuell (Demo)", [miriam, jana, tobias], with_bot=True)
    return world, miriam


def members_file(world: World, admin: Person) -> str:
    """Return the members that the bot begins with, as JSON: everybody but the newcomer, of the towns in `about`."""
    people = []
    for number, person in enumerate(world.persons.values()):
        if not person.about.partition(", ")[2] and person is not admin:
            continue
        user = person.user
        name = f"{user['first_name']} {user.get('last_name', '')}".strip()
        role = "administrator" if person is admin else "member"
        town = person.about.partition(", ")[2] or "Geschäftsstelle des Bündnisses (LEG Thüringen)"
        follows = _follows(number, listed=person.listed)
        kept = {"id": user["id"], "name": name, "username": user.get("username"), "town": town, "role": role}
        people.append(kept | {"follows": follows})
    return json.dumps(people, ensure_ascii=False)


def _follows(number: int, *, listed: bool) -> dict[str, str]:
    """What the nth made-up member follows: those whom the page lists all groups at once, the others one or two."""
    if listed:
        return dict.fromkeys(CROWD_GROUPS, CROWD_MODES[0])
    groups = [CROWD_GROUPS[number % 3]] if number % 2 else [CROWD_GROUPS[number % 3], CROWD_GROUPS[(number + 1) % 3]]
    return {key: CROWD_MODES[(number + place) % len(CROWD_MODES)] for place, key in enumerate(groups)}


def bot_environment(world: World, url: str, admin: Person, folder: Path) -> dict[str, str]:
    """Return the environment of the bot's process: this one's, without any setting of a real bot."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("LOTSE_") or name.upper() in KEPT_SETTINGS
    }
    web = f"{HOST}:{_free_port()}"
    own = {
        "LOTSE_TELEGRAM_TOKEN": world.token,
        "LOTSE_TELEGRAM_API_URL": url,
        "LOTSE_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'lotse-demo.db'}",
        "LOTSE_ADMINS": str(admin.id),
        "LOTSE_ACCESS": "open",
        "LOTSE_CLOCK_FILE": str(folder / "clock"),
        "LOTSE_DEMO_MEMBERS": str(folder / "members.json"),
        "LOTSE_LISTEN": web,
        "LOTSE_PUBLIC_URL": f"http://{web}",
    }
    return {"LOTSE_LOG_LEVEL": "warning"} | kept | own


class BotProcess:
    """The bot as a child process that is started again when it dies.

    Args:
        environment: All of its environment.
        command: What to run.
    """

    def __init__(self, environment: Mapping[str, str], command: Sequence[str] = BOT_COMMAND) -> None:
        self._environment = environment
        self._command = command

    async def run(self, stop: asyncio.Event) -> int:
        """Keep the bot running until `stop` is set, then let it finish.

        Returns:
            0, or the bot's exit code if it refused to start.
        """
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            started = loop.time()
            code = await self._run_once(stop)
            if stop.is_set():
                break
            if code == REFUSED:
                typer.echo("The bot refused to start; the reason is above.", err=True)
                return REFUSED
            if loop.time() - started >= STEADY_SECONDS:
                pause = FIRST_PAUSE
            typer.echo(f"The bot stopped unexpectedly (code {code}). Starting it again in {pause:g} s.", err=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return 0

    async def _run_once(self, stop: asyncio.Event) -> int:
        """Run the bot until it ends or `stop` is set; returns its exit code."""
        # A session of its own: Ctrl-C reaches only this process, which then ends the bot in order.
        process = await asyncio.create_subprocess_exec(
            *self._command, env=self._environment, start_new_session=True, stdin=asyncio.subprocess.DEVNULL
        )
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
            return await _end(process)
        finally:
            stopping.cancel()
            if process.returncode is None:  # cancelled: nobody waits for a clean end
                process.kill()
                await process.wait()


async def _end(process: asyncio.subprocess.Process) -> int:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
    return await process.wait()


async def _demo(port: int) -> int:
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="lotse-demo-") as name:
        folder = Path(name)
        world, admin = people_world(Clock(folder / "clock"))
        (folder / "members.json").write_text(members_file(world, admin), encoding="utf-8")
        async with running_sandbox(world, port=port) as sandbox:
            loop = asyncio.get_running_loop()
            for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(sign, stop.set)
            typer.echo(f"Demo: {sandbox.url}\nMade-up persons, the real bot. Stop with Ctrl-C.")
            code = await BotProcess(bot_environment(world, sandbox.url, admin, folder)).run(stop)
            if stop.is_set():
                typer.echo("Demo stopped.")
            return 1 if code else 0


def _free_port() -> int:
    """A port for the bot's own pages: private calendars can be opened in the demo, too."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
