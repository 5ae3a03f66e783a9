"""`lotse demo`: the bot's process, its environment, and what is said when something is in the way."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import typer

from bot.sandbox import demo
from bot.sandbox.clock import Clock

# A child that reports by connecting, and ends with the code that it is told.
CHILD = """
import signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
link = socket.create_connection(("127.0.0.1", {port}))
link.sendall(b"up")
sys.exit(link.recv(1)[0])
"""


@asynccontextmanager
async def children() -> AsyncIterator[tuple[list[str], "asyncio.Queue[asyncio.StreamWriter]"]]:
    """The command of a child, and the connections of those that were started."""
    started: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        await started.put(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield [sys.executable, "-c", CHILD.format(port=port)], started


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FIRST_PAUSE", 0.0)


async def test_a_bot_that_died_is_started_again_and_stopped_at_the_end(
    no_pause: None, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = asyncio.Event()
    async with children() as (command, started):
        running = asyncio.create_task(demo.BotProcess({}, command).run(stop))
        (await started.get()).write(bytes([3]))
        await started.get()
        stop.set()
        assert await running == 0
    assert "stopped unexpectedly (code 3)" in capsys.readouterr().err


async def test_a_bot_that_refuses_its_settings_is_not_started_again(capsys: pytest.CaptureFixture[str]) -> None:
    async with children() as (command, started):
        running = asyncio.create_task(demo.BotProcess({}, command).run(asyncio.Event()))
        (await started.get()).write(bytes([demo.REFUSED]))
        assert await running == demo.REFUSED
        assert started.empty()
    assert "refused to start" in capsys.readouterr().err


def test_it_says_when_the_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(typer.Exit) as ended:
            demo.run_demo(port)
    assert ended.value.exit_code == 1
    assert f"Port {port} is taken" in capsys.readouterr().err


def test_no_setting_of_a_real_bot_reaches_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN_FILE", "/run/secrets/token")
    monkeypatch.setenv("LOTSE_DATABASE_URL", "postgresql+asyncpg://real")
    monkeypatch.setenv("LOTSE_WEBHOOK_URL", "https://real.example")
    monkeypatch.setenv("LOTSE_LOG_LEVEL", "debug")
    world, coordinator = demo.people_world(Clock())
    environment = demo.bot_environment(world, "http://127.0.0.1:1", coordinator, tmp_path)
    own = {name for name in environment if name.startswith("LOTSE_")}
    assert own == {
        "LOTSE_TELEGRAM_TOKEN",
        "LOTSE_TELEGRAM_API_URL",
        "LOTSE_DATABASE_URL",
        "LOTSE_ADMINS",
        "LOTSE_ACCESS",
        "LOTSE_CLOCK_FILE",
        "LOTSE_DEMO_MEMBERS",
        "LOTSE_LISTEN",
        "LOTSE_PUBLIC_URL",
        "LOTSE_LOG_LEVEL",
    }
    assert environment["LOTSE_LOG_LEVEL"] == "debug"
    assert str(tmp_path) in environment["LOTSE_DATABASE_URL"]
    assert environment["LOTSE_ADMINS"] == str(coordinator.id)


def test_the_newcomer_is_in_no_group() -> None:
    world, coordinator = demo.people_world(Clock())
    paul = next(person for person in world.persons.values() if person.user["first_name"] == "Paul")
    groups = [chat for chat in world.chats.values() if not chat.is_private]
    assert {chat.type for chat in groups} == {"group", "channel"}
    assert [(chat.has(coordinator.id), chat.has(world.bot_id), chat.has(paul.id)) for chat in groups] == [
        (True, True, False)
    ] * 2


def test_the_bot_begins_with_made_up_members_but_the_newcomer() -> None:
    world, coordinator = demo.people_world(Clock())
    members = {each["name"]: each for each in json.loads(demo.members_file(world, coordinator))}
    assert "Paul Lindner" not in members
    assert (members["Jana Krüger"]["town"], members["Jana Krüger"]["role"]) == ("Schmalkalden", "member")
    assert members["Miriam Vogt"]["role"] == "administrator"
    assert len({each["town"] for each in members.values()}) > 30
