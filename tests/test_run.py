"""`lotse run` as a process of its own, beside a sandbox."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.app import running_sandbox


def environment(**settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
    return kept | {f"LOTSE_{name.upper()}": value for name, value in settings.items()}


async def start(*arguments, **settings):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env=environment(**settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def ended(process):
    """The exit code and everything that was written."""
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@asynccontextmanager
async def lotse_process(sandbox, folder, **settings):
    process = await start(
        "run",
        telegram_token=sandbox.token,
        telegram_api_url=sandbox.url,
        database_url=f"sqlite+aiosqlite:///{folder / 'lotse.db'}",
        access="open",
        **settings,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_it_finishes_what_it_is_answering_and_never_logs_the_token(tmp_path, log_format):
    async with (
        running_sandbox() as sandbox,
        lotse_process(sandbox, tmp_path, log_level="debug", log_format=log_format) as process,
    ):
        anna, ben = await sandbox.client.person("Anna"), await sandbox.client.person("Ben")
        await ben.sends("kfw 432")
        await ben.receives(containing="432", timeout=60)
        await sandbox.client.settles()
        begun = len(await sandbox.client.record(method="sendChatAction"))
        await sandbox.client.fault("slow", method="sendMessage", times=1, seconds=1)
        await sandbox.client.fault("http_500", method="getUpdates", times=1)
        await anna.sends("was heißt isek")
        while len(await sandbox.client.record(method="sendChatAction")) == begun:
            await asyncio.sleep(0)
        process.send_signal(signal.SIGTERM)
        await anna.receives(containing="ISEK", timeout=30)
        code, output = await ended(process)
    assert code == 0
    assert "stopped" in output
    assert sandbox.token not in output
    assert sandbox.token.split(":")[1] not in output
    assert "isek" not in output


async def test_it_waits_for_telegram_and_stops_while_it_waits(tmp_path):
    process = await start(
        "run",
        telegram_token="123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
        telegram_api_url="http://127.0.0.1:9",
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
    )
    line = b""
    while b"cannot be reached" not in line:
        line = await process.stdout.readline()
        assert line
    process.send_signal(signal.SIGTERM)
    code, output = await ended(process)
    assert code == 0
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "LOTSE_TELEGRAM_TOKEN is not set"),
        ({"telegram_token": "hush"}, "LOTSE_TELEGRAM_TOKEN does not look like a bot token"),
        ({"admins": "anna"}, "LOTSE_ADMINS must be Telegram user ids"),
        ({"telegram_token_file": "/nowhere/token"}, "LOTSE_TELEGRAM_TOKEN_FILE: /nowhere/token cannot be read"),
    ],
)
async def test_it_refuses_settings_in_one_sentence(settings, sentence):
    code, output = await ended(await start("run", **settings))
    assert code == 2, output
    assert output.startswith(f"lotse: {sentence}")
    assert len(output.splitlines()) == 1
    assert "hush" not in output


async def test_a_token_that_telegram_rejects_is_refused(tmp_path):
    async def reject(_):
        body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
        return web.json_response(body, status=401)

    api = web.Application()
    api.router.add_route("*", "/{path:.*}", reject)
    async with TestServer(api) as server:
        code, output = await ended(
            await start(
                "run",
                telegram_token="123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
                telegram_api_url=str(server.make_url("")),
                database_url=f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
            )
        )
    assert code == 2, output
    assert "Telegram rejects LOTSE_TELEGRAM_TOKEN" in output
    assert "Traceback" not in output
    assert "ABC-DEF" not in output


async def test_a_database_that_cannot_be_opened_is_named(tmp_path):
    code, output = await ended(
        await start(
            "run",
            telegram_token="123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
            database_url=f"sqlite+aiosqlite:///{tmp_path}/nowhere/lotse.db",
        )
    )
    assert code == 1
    assert "LOTSE_DATABASE_URL" in output
    assert "Traceback" not in output


async def test_db_upgrade_says_what_it_did(tmp_path):
    settings = {"database_url": f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}"}
    code, output = await ended(await start("db", "upgrade", **settings))
    assert (code, "before: empty" in output) == (0, True)
    code, output = await ended(await start("db", "upgrade", **settings))
    assert (code, "before: empty" in output) == (0, False)


async def test_the_doctor_finds_what_is_wrong_and_says_how_to_mend_it(tmp_path):
    async with running_sandbox() as sandbox:
        settings = {
            "telegram_token": sandbox.token,
            "telegram_api_url": sandbox.url,
            "database_url": f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}",
        }
        code, output = await ended(await start("doctor", **settings, telegram_tokn="x"))
        assert code == 1
        assert "LOTSE_TELEGRAM_TOKN is no setting; LOTSE_TELEGRAM_TOKEN is." in output
        assert "`lotse db upgrade` brings it up to date" in output
        await ended(await start("db", "upgrade", **settings))
        code, output = await ended(await start("doctor", **settings))
        assert code == 0, output
        assert sandbox.token not in output
