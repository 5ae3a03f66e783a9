"""How `lotse run` ends when it cannot go on, as a process of its own."""

import socket

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.app import running_sandbox
from tests.test_run import ended, start

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
ME = {"id": 123456, "is_bot": True, "first_name": "Lotse", "username": "lotse_bot"}


async def test_a_token_that_is_revoked_while_it_runs_ends_it_with_one_sentence(tmp_path):
    polls = 0

    async def answer(request):
        nonlocal polls
        method = request.path.rpartition("/")[2]
        polls += method == "getUpdates"
        if polls > 1:
            body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
            return web.json_response(body, status=401)
        results = {"getMe": ME, "getUpdates": []}
        return web.json_response({"ok": True, "result": results.get(method, True)})

    api = web.Application()
    api.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(api) as server:
        code, output = await ended(
            await start(
                "run",
                telegram_token=TOKEN,
                telegram_api_url=str(server.make_url("")),
                database_url=f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
            )
        )
    assert code == 2, output
    assert output.splitlines()[-1].startswith("lotse: Telegram rejects LOTSE_TELEGRAM_TOKEN: it was revoked")
    assert "answering" in output
    assert "Traceback" not in output
    assert TOKEN not in output


async def test_an_address_that_is_taken_is_refused(tmp_path):
    async with running_sandbox() as sandbox:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            listen = f"127.0.0.1:{other.getsockname()[1]}"
            code, output = await ended(
                await start(
                    "run",
                    telegram_token=sandbox.token,
                    telegram_api_url=sandbox.url,
                    database_url=f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
                    listen=listen,
                )
            )
    assert code == 2, output
    assert f"lotse: LOTSE_LISTEN: {listen} cannot be listened on" in output
    assert "Traceback" not in output


async def test_backup_and_restore_say_what_they_did(tmp_path):
    settings = {"database_url": f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}"}
    saved = str(tmp_path / "saved")
    assert (await ended(await start("db", "upgrade", **settings)))[0] == 0
    code, output = await ended(await start("db", "backup", saved, **settings))
    assert code == 0, output
    assert output.startswith(f"{saved}: ")
    code, output = await ended(await start("db", "backup", saved, **settings))
    assert (code, output) == (1, f"lotse: {saved} exists already: choose another name, or remove it first.\n")
    code, output = await ended(await start("db", "restore", saved, **settings))
    assert code == 0, output
    assert f"holds what {saved} held" in output
    assert "before-restore-" in output
