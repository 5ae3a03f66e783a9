"""Delivers updates to the bot's webhook, with Telegram's retries."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.sandbox.chats import JSON
from bot.sandbox.errors import ApiError
from bot.sandbox.methods import Call, run
from bot.sandbox.updates import Pending
from bot.sandbox.world import World

ANSWER_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0


class Webhook:
    """Sends each waiting update to the webhook until it is taken, in order within a chat."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wake = asyncio.Event()
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver as long as the context lasts."""
        self._world.updates.on_update = self._wake.set
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            loop = asyncio.create_task(self._run(session))
            try:
                yield
            finally:
                for task in (loop, *self._tasks):
                    task.cancel()
                await asyncio.gather(loop, *self._tasks, return_exceptions=True)

    async def _run(self, session: aiohttp.ClientSession) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            updates = self._world.updates
            updates.forget_old()
            for entry in list(updates.pending):
                if not updates.webhook or len(self._busy) >= updates.webhook["max_connections"]:
                    break
                if entry.key not in self._busy:
                    self._busy.add(entry.key)
                    task = asyncio.create_task(self._deliver(session, entry))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    async def _deliver(self, session: aiohttp.ClientSession, entry: Pending) -> None:
        """Try until the webhook takes the update, is changed or the update is too old."""
        updates, pause = self._world.updates, FIRST_PAUSE_SECONDS
        try:
            while updates.webhook and entry in updates.pending:
                if await self._offer(session, entry.update):
                    updates.confirm(entry.id)
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                updates.forget_old()
        finally:
            self._busy.discard(entry.key)
            self._wake.set()

    async def _offer(self, session: aiohttp.ClientSession, update: JSON) -> bool:
        webhook = self._world.updates.webhook
        headers = {"Content-Type": "application/json"}
        if webhook["secret"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret"]
        try:
            body = json.dumps(update, ensure_ascii=False)
            async with session.post(webhook["url"], data=body.encode(), headers=headers) as response:
                content = await response.read()
                if 200 <= response.status < 300:
                    self._carry_out(content)
                    return True
                error = f"Wrong response from the webhook: {response.status} {response.reason}"
        except TimeoutError:
            error = "Read timeout expired"
        except aiohttp.ClientError as failure:
            error = "Connection refused" if isinstance(failure, aiohttp.ClientConnectorError) else str(failure)
        webhook |= {"last_error_date": self._world.now(), "last_error_message": error}
        return False

    def _carry_out(self, content: bytes) -> None:
        """Do what a webhook asks for in its answer; its result is told to nobody."""
        from bot.sandbox.gateway import SCHEMA

        try:
            call = json.loads(content)
            method = SCHEMA.method_name(call.pop("method"))
            if method:
                run(self._world, Call(method, SCHEMA.check(method, call)))
        except (ApiError, ValueError, KeyError, TypeError, AttributeError):
            return
