"""Scripted faults and flood limits."""

import aiohttp
import pytest

from bot.sandbox import limits as limits_module
from bot.sandbox.errors import ApiError
from bot.sandbox.limits import Limits


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


async def texts(person):
    return [message["text"] for message in await person.chat_history()]


async def test_a_server_error_is_an_html_page_and_nothing_is_sent(sandbox, raw_bot, anna):
    await sandbox.client.fault("http_500", method="sendMessage")
    async with raw_bot.session.post(f"{raw_bot.root}/sendMessage", json={"chat_id": anna.id, "text": "a"}) as response:
        assert response.status == 500
        assert response.content_type == "text/html"
    assert await texts(anna) == []
    assert await raw_bot("sendMessage", chat_id=anna.id, text="b")


@pytest.mark.parametrize(("kind", "arrived"), [("reset_before", []), ("reset_after", ["a"])])
async def test_a_reset_breaks_the_connection_before_or_after(sandbox, raw_bot, anna, kind, arrived):
    await sandbox.client.fault(kind, method="sendMessage")
    with pytest.raises((aiohttp.ClientConnectionError, ConnectionResetError)):
        await raw_bot("sendMessage", chat_id=anna.id, text="a")
    assert await texts(anna) == arrived
    (call,) = await sandbox.client.record()
    assert call["fault"] == kind


async def test_a_malformed_answer_cannot_be_read_but_the_message_is_there(sandbox, raw_bot, anna):
    await sandbox.client.fault("malformed", times=1)
    with pytest.raises(ValueError, match="line 1"):
        await raw_bot("sendMessage", chat_id=anna.id, text="a")
    assert await texts(anna) == ["a"]


async def test_a_slow_answer_comes_after_the_client_gave_up(sandbox, raw_bot, anna):
    await sandbox.client.fault("slow", method="sendMessage", seconds=30)
    timeout = aiohttp.ClientTimeout(total=0.2)
    with pytest.raises(TimeoutError):
        async with raw_bot.session.post(
            f"{raw_bot.root}/sendMessage", json={"chat_id": anna.id, "text": "a"}, timeout=timeout
        ):
            pass
    assert await texts(anna) == ["a"]


async def test_a_flood_fault_names_the_pause_and_strikes_only_its_chat(sandbox, raw_bot, anna):
    berta = await sandbox.client.person("Berta")
    await sandbox.client.fault("too_many_requests", chat_id=anna.id, seconds=7, times=2)
    assert await raw_bot("sendMessage", chat_id=berta.id, text="a")
    for _ in range(2):
        refused = await raw_bot.refusal("sendMessage", chat_id=anna.id, text="a")
        assert (refused.status, refused.description) == (429, "Too Many Requests: retry after 7")
        assert refused.parameters == {"retry_after": 7}
    assert await raw_bot("sendMessage", chat_id=anna.id, text="b")


async def test_a_share_of_the_calls_is_struck_the_same_with_the_same_seed(sandbox, raw_bot, anna):
    async def run():
        await sandbox.client.fault("too_many_requests", method="sendMessage", share=0.3, seed=5)
        before = len(await sandbox.client.record())
        for _ in range(40):
            async with raw_bot.session.get(f"{raw_bot.root}/sendMessage?chat_id={anna.id}&text=a"):
                pass
        await sandbox.client.no_faults()
        return [call["status"] for call in await sandbox.client.record(after=before)]

    first = await run()
    assert first == await run()
    assert 3 < first.count(429) < 25


async def test_limits_are_off_until_turned_on(sandbox, raw_bot, anna):
    for _ in range(5):
        await raw_bot("sendMessage", chat_id=anna.id, text="a")
    await sandbox.client.limits(per_second=30, chat_burst=3)
    for _ in range(3):
        await raw_bot("sendMessage", chat_id=anna.id, text="a")
    refused = await raw_bot.refusal("sendMessage", chat_id=anna.id, text="a")
    assert refused.parameters["retry_after"] >= 1
    await sandbox.client.limits(enabled=False)
    assert await raw_bot("sendMessage", chat_id=anna.id, text="a")


class Time:
    """A clock for the limits that the test moves."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def time(monkeypatch):
    clock = Time()
    monkeypatch.setattr(limits_module, "time", clock)
    return clock


def pause(limits, chat, count=1):
    with pytest.raises(ApiError) as caught:
        limits.check(chat, count)
    return caught.value.parameters["retry_after"]


def test_thirty_messages_a_second_over_all_chats(time):
    limits = Limits(enabled=True)
    for chat in range(1, 31):
        limits.check(chat)
    assert pause(limits, 31) == 1
    time.now += 0.5
    assert pause(limits, 32) == 1
    time.now += 0.6
    limits.check(31)
    assert limits.refused == 2


def test_a_chat_takes_a_small_burst_and_then_one_a_second(time):
    limits = Limits(enabled=True, chat_burst=3)
    for _ in range(3):
        limits.check(1)
    assert pause(limits, 1) == 3
    limits.check(2)
    for _ in range(10):
        time.now += 3
        limits.check(1)
        limits.check(1)
        limits.check(1)


def test_a_group_takes_twenty_a_minute(time):
    limits = Limits(enabled=True)
    for _ in range(20):
        limits.check(-1)
        time.now += 1
    assert pause(limits, -1) == 40
    limits.check(-2)
    time.now += 40
    limits.check(-1)


def test_an_album_counts_as_many(time):
    limits = Limits(enabled=True, per_second=5, chat_burst=10)
    limits.check(1, 4)
    assert pause(limits, 2, 2) == 1


async def test_polling_can_be_struck_too_and_loses_nothing(sandbox, raw_bot, anna):
    await anna.sends("Frage")
    await sandbox.client.fault("malformed", method="getUpdates")
    await sandbox.client.fault("http_500", method="getUpdates")
    for _ in range(2):
        with pytest.raises((ValueError, aiohttp.ContentTypeError)):
            await raw_bot("getUpdates")
    assert [update["message"]["text"] for update in await raw_bot.updates()] == ["Frage"]
