"""Several equal processes behind one webhook: all answer, one sends, another takes over."""

import asyncio
from contextlib import AsyncExitStack

from bot.application import running_bot
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Push
from bot.sandbox.app import running_sandbox
from bot.settings import Settings
from tests.web.conftest import free_port


async def test_exactly_one_sends_and_another_takes_over_when_it_stops(database_url):
    listens = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    async with running_sandbox() as sandbox, AsyncExitStack() as second, AsyncExitStack() as first:
        one, other = [
            await stack.enter_async_context(
                running_bot(
                    Settings(
                        telegram_token=sandbox.token,
                        telegram_api_url=sandbox.url,
                        database_url=database_url,
                        access="open",
                        listen=listen,
                        webhook_url=f"http://{listens[1]}/telegram",
                        webhook_secret="geheim-1",
                    )
                )
            )
            for stack, listen in zip((first, second), listens, strict=True)
        ]
        anna = await sandbox.client.person("Anna")
        await anna.sends("was heißt isek")
        await anna.receives(containing="ISEK")
        await _until(lambda: one.machine.dispatcher.leading)
        assert not other.machine.dispatcher.leading
        before = len(await sandbox.client.record(method="sendMessage"))
        # Queued where nobody sends: the sender finds it by asking the table.
        await other.outbox.enqueue(Push("test:1", "test", anna.id, Content(Text(html="die erste"))))
        await anna.receives(containing="die erste")
        await first.aclose()
        await _until(lambda: other.machine.dispatcher.leading)
        await other.outbox.enqueue(Push("test:2", "test", anna.id, Content(Text(html="die zweite"))))
        await anna.receives(containing="die zweite")
        await sandbox.client.settles()
        assert len(await sandbox.client.record(method="sendMessage")) == before + 2


async def _until(holds):
    while not holds():
        await asyncio.sleep(0)
