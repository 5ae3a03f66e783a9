import pytest
from telegram import InputMediaDocument
from telegram.error import BadRequest, RetryAfter
from telegram.ext import ExtBot

from bot.delivery.kinds import Priority
from bot.delivery.library import LibraryPace, count_messages, is_counted
from bot.delivery.limiter import Limiter
from bot.delivery.request import AiohttpRequest


@pytest.fixture
async def bot(sandbox):
    limiter = Limiter(pace=1000)
    bot = ExtBot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
        rate_limiter=LibraryPace(limiter),
    )
    async with bot:
        yield bot, limiter


def test_what_counts_and_how_much():
    counted = ("sendMessage", "sendMediaGroup", "copyMessages", "editMessageText", "forwardMessage")
    free = ("answerCallbackQuery", "sendChatAction", "getMe", "setMyCommands", "deleteMessage")
    assert all(map(is_counted, counted))
    assert not any(map(is_counted, free))
    assert count_messages({"media": [1, 2, 3]}) == 3
    assert count_messages({"message_ids": (1, 2)}) == 2
    assert count_messages({"text": "x", "media": InputMediaDocument("x")}) == 1


async def test_calls_of_the_library_pass_through_the_limiter(bot, sandbox):
    bot, limiter = bot
    [anna] = await sandbox.client.crowd(1)
    message = await bot.send_message(anna, "x", rate_limit_args=Priority.NEWS)
    assert message.text == "x"
    assert limiter.full_chats() == []
    await bot.send_message(anna, "y")
    await bot.send_chat_action(anna, "typing")
    limiter.halt(3600, anna)
    with pytest.raises(RetryAfter):
        await bot.send_message(anna, "z")


async def test_a_429_halts_the_chat_and_is_raised_where_it_is_long(bot, sandbox):
    bot, limiter = bot
    [anna] = await sandbox.client.crowd(1)
    await sandbox.client.fault("too_many_requests", seconds=120, chat_id=anna)
    with pytest.raises(RetryAfter):
        await bot.send_message(anna, "x")
    assert 119 < limiter.halted_for(anna) <= 120
    assert len(await sandbox.client.record(method="sendMessage")) == 1


async def test_other_errors_reach_the_handler(bot):
    bot, _ = bot
    with pytest.raises(BadRequest):
        await bot.send_message(42, "x")
