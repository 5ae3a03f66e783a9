"""A sandbox that serves over HTTP for one test, and the Bot API called without any library."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.sandbox.gateway import SCHEMA


class RefusedError(Exception):
    """A call that the sandbox refused; holds the whole answer."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("description"))
        self.status = status
        self.body = body
        self.description = str(body.get("description"))
        self.parameters = body.get("parameters", {})


class RawBot:
    """The Bot API over plain HTTP; every answer is held against the reference."""

    def __init__(self, sandbox: RunningSandbox, session: aiohttp.ClientSession) -> None:
        self.root = f"{sandbox.url}/bot{sandbox.token}"
        self.files = f"{sandbox.url}/file/bot{sandbox.token}"
        self.session = session
        self.offset = 0

    async def __call__(self, method: str, **parameters: Any) -> Any:
        """Call with JSON; returns the result or raises RefusedError."""
        async with self.session.post(f"{self.root}/{method}", json=parameters) as response:
            return await self._result(method, response)

    async def form(self, method: str, /, **parameters: Any) -> Any:
        """Call with a form: nested values as JSON, bytes as files."""
        form = aiohttp.FormData(quote_fields=False)
        for key, value in parameters.items():
            match value:
                case (str() as name, bytes() as content):
                    form.add_field(key, content, filename=name)
                case str():
                    form.add_field(key, value)
                case _:
                    form.add_field(key, json.dumps(value))
        async with self.session.post(f"{self.root}/{method}", data=form) as response:
            return await self._result(method, response)

    async def updates(self, **parameters: Any) -> list[dict[str, Any]]:
        """Take the updates that wait, and confirm those taken before."""
        updates = await self("getUpdates", offset=self.offset, **parameters)
        for update in updates:
            SCHEMA.check_type("Update", update)
            self.offset = update["update_id"] + 1
        return updates

    async def refusal(self, method: str, /, **parameters: Any) -> RefusedError:
        """Call what must be refused, and return how."""
        with pytest.raises(RefusedError) as caught:
            await self(method, **parameters)
        return caught.value

    async def _result(self, method: str, response: aiohttp.ClientResponse) -> Any:
        body = await response.json()
        if not body["ok"]:
            assert body["error_code"] == response.status
            raise RefusedError(response.status, body)
        SCHEMA.check_result(SCHEMA.method_name(method) or method, body["result"])
        return body["result"]


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    """An empty world that serves on a free port."""
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def raw_bot(sandbox: RunningSandbox) -> AsyncIterator[RawBot]:
    """The sandbox's bot, called by hand."""
    async with aiohttp.ClientSession() as session:
        yield RawBot(sandbox, session)
