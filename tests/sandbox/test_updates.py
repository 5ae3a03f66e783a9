"""Long polling, the webhook, and how long updates are kept."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.sandbox import webhook as webhook_module


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


def texts(updates):
    return [update["message"]["text"] for update in updates]


async def test_an_update_stays_until_its_offset_is_passed(raw_bot, anna):
    for text in "abc":
        await anna.sends(text)
    first = await raw_bot("getUpdates")
    assert texts(first) == texts(await raw_bot("getUpdates")) == ["a", "b", "c"]
    assert texts(await raw_bot("getUpdates", limit=2)) == ["a", "b"]
    assert texts(await raw_bot("getUpdates", offset=first[1]["update_id"])) == ["b", "c"]
    assert texts(await raw_bot("getUpdates", offset=-1)) == ["c"]
    assert texts(await raw_bot("getUpdates")) == ["c"]


async def test_a_poll_ends_as_soon_as_somebody_writes(raw_bot, anna):
    waiting = asyncio.create_task(raw_bot("getUpdates", timeout=50))
    await anna.sends("da")
    assert texts(await waiting) == ["da"]


async def test_a_second_poller_ends_the_first(sandbox, raw_bot, anna):
    first = asyncio.create_task(raw_bot.refusal("getUpdates", timeout=50))
    while sandbox.world.updates._poller is None:
        await asyncio.sleep(0)
    second = asyncio.create_task(raw_bot("getUpdates", timeout=50))
    refused = await first
    assert (refused.status, refused.description) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    await anna.sends("a")
    assert texts(await second) == ["a"]


async def test_a_webhook_ends_a_waiting_poll(sandbox, raw_bot):
    polling = asyncio.create_task(raw_bot.refusal("getUpdates", timeout=50))
    while sandbox.world.updates._poller is None:
        await asyncio.sleep(0)
    await raw_bot("setWebhook", url="http://127.0.0.1:9/telegram")
    assert (await polling).description == "Conflict: terminated by setWebhook request"


async def test_updates_that_nobody_asked_for_are_not_kept(raw_bot, anna):
    await raw_bot.updates(allowed_updates=["callback_query"])
    await anna.sends("a")
    assert await raw_bot.updates() == []
    await raw_bot.updates(allowed_updates=[])
    await anna.sends("b")
    assert texts(await raw_bot.updates()) == ["b"]


async def test_old_updates_are_lost_as_at_telegram(sandbox, raw_bot, anna):
    sent = await raw_bot(
        "sendMessage",
        chat_id=anna.id,
        text="a",
        reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]},
    )
    pressing = asyncio.create_task(anna.presses("x", sent))
    while not sandbox.world.updates.pending:
        await asyncio.sleep(0)
    await anna.sends("Frage")
    await sandbox.client.advance(151)
    assert texts(await raw_bot.updates()) == ["Frage"]
    pressing.cancel()
    await anna.sends("alt")
    await sandbox.client.advance(25 * 3600)
    assert await raw_bot.updates() == []


async def test_stopping_ends_a_long_poll_at_once(sandbox, raw_bot):
    waiting = asyncio.create_task(raw_bot("getUpdates", timeout=50))
    while sandbox.world.updates._poller is None:
        await asyncio.sleep(0)
    sandbox.world.close()
    assert await waiting == []


@asynccontextmanager
async def listening(handler):
    """Serve a webhook on a free port; yields its address."""
    application = web.Application()
    application.router.add_post("/telegram", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/telegram"
    finally:
        await runner.cleanup()


async def test_the_webhook_gets_updates_with_the_secret_and_is_tried_again(monkeypatch, raw_bot, anna):
    monkeypatch.setattr(webhook_module, "FIRST_PAUSE_SECONDS", 0.01)
    taken = asyncio.Queue()
    failures = [500, 503]

    async def handler(request):
        if failures:
            return web.Response(status=failures.pop())
        await taken.put((request.headers["X-Telegram-Bot-Api-Secret-Token"], await request.json()))
        return web.json_response({"method": "sendMessage", "chat_id": anna.id, "text": "Antwort"})

    async with listening(handler) as url:
        await anna.sends("vorher")
        assert await raw_bot("setWebhook", url=url, secret_token="geheim-1")
        await anna.sends("nachher")
        received = [await taken.get() for _ in range(2)]
        assert [secret for secret, _ in received] == ["geheim-1"] * 2
        assert texts(update for _, update in received) == ["vorher", "nachher"]
        assert (await anna.receives())["text"] == "Antwort"
        info = await raw_bot("getWebhookInfo")
        assert info["url"] == url
        assert info["last_error_message"].startswith("Wrong response from the webhook: 50")
        refused = await raw_bot.refusal("getUpdates")
        assert refused.status == 409
        assert refused.description.startswith("Conflict: can't use getUpdates method while webhook is active")
        assert await raw_bot("deleteWebhook")
        assert (await raw_bot("getWebhookInfo"))["url"] == ""


async def test_dropping_pending_updates(raw_bot, anna):
    await anna.sends("a")
    assert (await raw_bot("getWebhookInfo"))["pending_update_count"] == 1
    await raw_bot("deleteWebhook", drop_pending_updates=True)
    assert await raw_bot.updates() == []


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"url": "http://lotse.de/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://lotse.de:81/x"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://lotse.de/x", "secret_token": "ä"}, "secret token contains unallowed characters"),
    ],
)
async def test_it_refuses_webhooks_that_telegram_refuses(raw_bot, parameters, reason):
    assert (await raw_bot.refusal("setWebhook", **parameters)).description == f"Bad Request: {reason}"


async def test_after_log_out_the_bot_is_refused_for_a_while(sandbox, raw_bot):
    assert await raw_bot("close")
    assert await raw_bot("logOut")
    assert (await raw_bot.refusal("getMe")).description == "Bad Request: Logged out"
    await sandbox.client.advance(601)
    assert await raw_bot("getMe")
