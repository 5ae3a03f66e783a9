import asyncio
import io
import traceback

import pytest
from telegram import Bot, InputMediaPhoto
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.delivery.request import AiohttpRequest, ConnectFailedError, ConnectTimedOutError

TOKEN = "7000000001:sandbox-only-no-secret-000"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def make_bot(url, kind=AiohttpRequest, **settings):
    return Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot", request=kind(**settings))


@pytest.fixture
async def bot(sandbox):
    async with make_bot(sandbox.url) as bot:
        yield bot


async def test_it_carries_texts_of_all_kinds(bot, sandbox):
    [anna] = await sandbox.client.crowd(1)
    text = "Übergröße & <Käse> 100 % + = ?\n🏛️"
    message = await bot.send_message(anna, text, disable_notification=True)
    assert message.text == text


async def test_it_uploads_and_downloads_files(bot, sandbox):
    [anna] = await sandbox.client.crowd(1)
    content = bytes(range(256)) * 4000
    for each in (content, io.BytesIO(content)):
        message = await bot.send_document(anna, each, filename='Plan "A" für Köthen.bin', caption="Ä")
        file = await message.document.get_file()
        assert bytes(await file.download_as_bytearray()) == content
        assert message.caption == "Ä"
        assert "Köthen" in message.document.file_name
    album = await bot.send_media_group(anna, [InputMediaPhoto(PNG), InputMediaPhoto(PNG)])
    assert len(album) == 2


async def test_it_keeps_its_connections(bot, sandbox):
    [anna] = await sandbox.client.crowd(1)
    for _ in range(5):
        await bot.send_message(anna, "x")
    pool = bot.request._session.connector
    assert sum(len(each) for each in pool._conns.values()) == 1


async def outcome(url, kind, chat, **timeouts):
    """The error of a call, as (type, words) without the client's name."""
    async with make_bot(url, kind) as bot:
        try:
            await bot.send_message(chat, "x", **timeouts)
        except TelegramError as error:
            name = {ConnectFailedError: NetworkError, ConnectTimedOutError: TimedOut}.get(type(error), type(error))
            return name, error.message.partition(":")[0].replace("httpx.", "").replace("aiohttp.", "")
    return None


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "http_500"}, NetworkError),
        ({"kind": "too_many_requests", "seconds": 7}, RetryAfter),
        ({"kind": "malformed"}, TelegramError),
        ({"kind": "reset_before"}, NetworkError),
        ({"kind": "reset_after"}, NetworkError),
        ({"kind": "slow", "seconds": 0.5}, TimedOut),
    ],
)
async def test_errors_are_those_of_the_librarys_own_client(sandbox, fault, expected):
    [anna] = await sandbox.client.crowd(1)
    await sandbox.client.fault(method="sendMessage", times=2, **fault)
    timeouts = {"read_timeout": 0.05} if fault["kind"] == "slow" else {}
    theirs = await outcome(sandbox.url, HTTPXRequest, anna, **timeouts)
    ours = await outcome(sandbox.url, AiohttpRequest, anna, **timeouts)
    assert ours[0] is theirs[0] is expected
    if "reset" not in fault["kind"]:
        assert ours[1] == theirs[1]


@pytest.mark.parametrize("fault", ["http_500", "malformed"])
async def test_an_answer_that_cannot_be_read_is_not_logged(bot, sandbox, fault, caplog):
    [anna] = await sandbox.client.crowd(1)
    await sandbox.client.fault(fault, method="sendMessage")
    with pytest.raises(TelegramError):
        await bot.send_message(anna, "Persönliches")
    assert caplog.text == ""


async def test_refusals_are_those_of_the_librarys_own_client(sandbox):
    anna = await sandbox.client.person("Anna")
    group = await sandbox.client.group("AG", anna)
    await sandbox.client.migrate(group)
    await anna.blocks_bot()
    for chat, expected in ((42, BadRequest), (anna.id, Forbidden), (group, ChatMigrated)):
        theirs = await outcome(sandbox.url, HTTPXRequest, chat)
        ours = await outcome(sandbox.url, AiohttpRequest, chat)
        assert ours == theirs
        assert ours[0] is expected


async def test_a_refused_connection_certainly_sent_nothing():
    async with AiohttpRequest() as request:
        with pytest.raises(ConnectFailedError):
            await request.post("http://127.0.0.1:9/bot1/getMe")


async def test_a_full_pool_certainly_sent_nothing(sandbox):
    [anna] = await sandbox.client.crowd(1)
    async with make_bot(sandbox.url, connection_pool_size=1, pool_timeout=0.01) as bot:
        await sandbox.client.fault("slow", method="sendMessage", seconds=0.3)
        first = asyncio.create_task(bot.send_message(anna, "x"))
        while sandbox.world.calls_in_flight == 0:
            await asyncio.sleep(0)
        with pytest.raises(ConnectTimedOutError, match="Pool timeout"):
            await bot.send_message(anna, "y")
        await first
        await bot.send_message(anna, "z")


async def test_a_given_none_means_no_limit(sandbox):
    [anna] = await sandbox.client.crowd(1)
    await sandbox.client.fault("slow", method="sendMessage", seconds=0.2)
    async with make_bot(sandbox.url, read_timeout=0.05) as bot:
        await bot.send_message(anna, "x", read_timeout=None)


async def test_no_error_shows_the_token(caplog):
    caplog.set_level("DEBUG", logger="aiohttp")
    for url in ("http://127.0.0.1:9", "http://[bad", "http://no such host", "foo://x"):
        async with AiohttpRequest() as request:
            with pytest.raises(NetworkError) as caught:
                await request.post(f"{url}/bot{TOKEN}/getMe")
            shown = "".join(traceback.format_exception(caught.value)) + str(caught.value) + repr(caught.value)
            assert TOKEN not in shown.replace(f'/bot{TOKEN}/getMe")', "")
    assert TOKEN not in caplog.text


async def test_it_can_be_opened_again_and_refuses_while_closed(sandbox):
    request = AiohttpRequest()
    with pytest.raises(NetworkError, match="not initialized"):
        await request.post(f"{sandbox.url}/bot{TOKEN}/getMe")
    for _ in range(2):
        await request.initialize()
        await request.initialize()
        assert (await request.post(f"{sandbox.url}/bot{TOKEN}/getMe"))["is_bot"]
        await request.shutdown()
        await request.shutdown()


async def test_it_uses_the_proxy_that_the_environment_names(monkeypatch, sandbox):
    seen = []

    async def answer(reader, writer):
        seen.append((await reader.readline()).decode())
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 26\r\nConnection: close\r\n\r\n{"ok":true,"result":true}\r\n')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "")
    async with AiohttpRequest() as request:
        assert await request.post("http://telegram.example/bot1/getMe")
    assert seen == ["POST http://telegram.example/bot1/getMe HTTP/1.1\r\n"]
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with AiohttpRequest() as request:
        assert await request.post(f"{sandbox.url}/bot{TOKEN}/getMe")
    server.close()
    with pytest.raises(ValueError, match="only HTTP proxies"):
        AiohttpRequest(proxy="socks5://127.0.0.1:1")
