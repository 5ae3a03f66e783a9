"""How `lotse run` ends when it cannot go on, as a process of its own."""

import asyncio
import signal
import socket

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import SystemClock
from bot.database import Database
from bot.delivery.kinds import State
from bot.delivery.payloads import Text
from bot.delivery.pushes import Mailing, Recipient
from bot.delivery.reports import Reports
from bot.delivery.service import Outbox
from bot.sandbox.app import running_sandbox
from tests.test_run import ended, start
from tests.web.conftest import free_port

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


async def test_while_telegram_cannot_be_reached_it_is_alive_but_not_ready(tmp_path):
    listen = f"127.0.0.1:{free_port()}"
    process = await start(
        "run",
        telegram_token=TOKEN,
        telegram_api_url="http://127.0.0.1:9",
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
        listen=listen,
    )
    line = b""
    while b"cannot be reached" not in line:
        line = await process.stdout.readline()
        assert line
    async with aiohttp.ClientSession(f"http://{listen}") as browser:
        async with browser.get("/healthz") as response:
            assert response.status == 200
        async with browser.get("/readyz") as response:
            assert response.status == 503
            checks = (await response.json())["checks"]
    assert (checks["database"], checks["migrations"]) == ("ok", "ok")
    assert checks["telegram"] == "polling has not begun"
    process.send_signal(signal.SIGTERM)
    assert (await ended(process))[0] == 0


async def test_a_sending_that_is_stopped_goes_on_after_the_restart_and_nobody_gets_it_twice(tmp_path):
    count = 40
    settings = {"database_url": f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}", "messages_per_second": "200"}
    async with running_sandbox() as sandbox:
        people = await sandbox.client.crowd(count)
        settings |= {"telegram_token": sandbox.token, "telegram_api_url": sandbox.url}
        await sandbox.client.fault("slow", method="sendMessage", times=None, seconds=0.05)
        database = Database(settings["database_url"])
        await database.upgrade()
        mailing = Mailing("test:1", "test:1", "sent", Text(html="Nachricht an alle"))
        await Outbox(database, SystemClock()).enqueue_batch(mailing, [Recipient(each) for each in people])
        process = await start("run", **settings)
        while len(await sandbox.client.record(method="sendMessage")) < count // 4:
            await asyncio.sleep(0)
        process.send_signal(signal.SIGTERM)
        code, output = await ended(process)
        assert code == 0, output
        assert len(await sandbox.client.record(method="sendMessage")) < count
        process = await start("run", **settings)
        reports = Reports(database)
        batch = await reports.find_batch("test:1")
        while not (await reports.progress(batch)).finished:
            await asyncio.sleep(0)
        process.send_signal(signal.SIGTERM)
        assert (await ended(process))[0] == 0
        progress = await reports.progress(batch)
        await database.close()
        record = await sandbox.client.record(method="sendMessage")
    assert progress.counts[State.SENT] == count
    assert progress.possibly_twice == 0
    assert len(record) == count


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
