"""The real application with its web part, beside a sandbox."""

import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from bot.application import Rooms, running_bot
from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.settings import Settings


@dataclass
class WebLotse:
    """A bot that listens, and a browser of the operator."""

    sandbox: RunningSandbox
    rooms: Rooms
    settings: Settings
    browser: aiohttp.ClientSession

    async def get(self, path, **options):
        """Status and body."""
        async with self.browser.get(path, **options) as response:
            return response.status, await response.text()

    async def ready(self):
        """Status and checks of /readyz."""
        async with self.browser.get("/readyz") as response:
            body = await response.json()
            assert body["ready"] is (response.status == 200)
            return response.status, body["checks"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def open_lotse(tmp_path):
    """Starts bots that listen: `async with open_lotse(webhook=True) as lotse`."""

    @asynccontextmanager
    async def start(*, webhook=False, **more):
        listen = f"127.0.0.1:{free_port()}"
        if webhook:
            more |= {"webhook_url": f"http://{listen}/telegram", "webhook_secret": "geheim-1"}
        async with AsyncExitStack() as stack:
            sandbox = await stack.enter_async_context(running_sandbox())
            settings = Settings(
                telegram_token=sandbox.token,
                telegram_api_url=sandbox.url,
                database_url=f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
                access="open",
                listen=listen,
                **more,
            )
            rooms = await stack.enter_async_context(running_bot(settings))
            browser = await stack.enter_async_context(aiohttp.ClientSession(f"http://{listen}"))
            yield WebLotse(sandbox, rooms, settings, browser)

    return start
