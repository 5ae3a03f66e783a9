"""The web part's own address."""

import socket

import aiohttp
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.settings import SettingsError
from bot.web.server import serving


async def hello(_request):
    return PlainTextResponse("hello")


async def test_without_an_address_there_is_no_web_part():
    async with serving(None, []) as port:
        assert port is None


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:0"])
async def test_it_serves_what_rooms_give_and_nothing_else(listen):
    async with (
        serving(listen, [Route("/hello", hello)]) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as browser,
    ):
        async with browser.get("/hello") as response:
            assert await response.text() == "hello"
            assert "server" not in response.headers
        async with browser.get("/else") as response:
            assert response.status == 404


async def test_an_address_that_is_taken_is_refused_in_one_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(SettingsError, match=f"LOTSE_LISTEN: {listen} cannot be listened on"):
            async with serving(listen, []):
                pytest.fail("it listens")


async def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(SettingsError, match="cannot be listened on"):
        async with serving("192.0.2.1:8000", []):
            pytest.fail("it listens")
