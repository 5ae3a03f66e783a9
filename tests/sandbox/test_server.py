"""The sandbox as a process of its own."""

import asyncio
import signal
import socket
import sys

import aiohttp
import pytest

from bot.sandbox.client import SandboxClient
from bot.sandbox.world import DEFAULT_TOKEN


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_it_stops_promptly_in_the_middle_of_a_long_poll(port, stop):
    command = f"from bot.sandbox.server import run_sandbox; run_sandbox({port})"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        greeting = (await process.stdout.readline()).decode()
        assert f"http://127.0.0.1:{port}" in greeting
        async with SandboxClient(f"http://127.0.0.1:{port}") as client, aiohttp.ClientSession() as session:
            await client.ready(attempts=1000)
            (person,) = (await client.get("state"))["persons"]
            assert person["first_name"] == "Anna"
            url = f"{client.url}/bot{DEFAULT_TOKEN}/getUpdates?timeout=50"
            async with session.get(f"{client.url}/bot{DEFAULT_TOKEN}/getMe") as response:
                assert (await response.json())["result"]["username"] == "lotse_demo_bot"
            waiting = asyncio.create_task(session.get(url))
            await client.settles()
            process.send_signal(stop)
            response = await waiting
            assert await response.json() == {"ok": True, "result": []}
        assert await asyncio.wait_for(process.wait(), 5) in (0, -stop)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
