"""Alive and ready, as whoever starts it anew asks."""

import asyncio

from bot.settings import Settings
from bot.web.health import Health, database_check
from bot.web.probe import is_alive
from tests.web.conftest import free_port


async def until_ready(lotse):
    status, checks = await lotse.ready()
    while status != 200:
        await asyncio.sleep(0)
        status, checks = await lotse.ready()
    return checks


async def test_it_says_that_all_is_well(open_lotse):
    async with open_lotse() as lotse:
        assert await lotse.get("/healthz") == (200, "alive\n")
        checks = await asyncio.wait_for(until_ready(lotse), 30)
        assert checks == dict.fromkeys(("database", "migrations", "telegram", "dispatcher"), "ok")


async def test_it_is_alive_but_not_ready_with_tables_of_another_version(open_lotse):
    async with open_lotse() as lotse:
        await asyncio.wait_for(until_ready(lotse), 30)
        async with lotse.rooms.database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'fffffffffff1'")
        status, checks = await lotse.ready()
        assert status == 503
        assert "revision fffffffffff1" in checks["migrations"]
        assert (await lotse.get("/healthz"))[0] == 200


async def test_it_is_not_ready_while_telegram_cannot_be_reached(open_lotse):
    async with open_lotse() as lotse:
        await asyncio.wait_for(until_ready(lotse), 30)
        await lotse.sandbox.client.fault("http_500", method="getUpdates", times=None)
        anna = await lotse.sandbox.client.person("Anna")  # her first message ends the waiting poll
        await anna.sends("Hallo")

        async def until_ill():
            while (await lotse.ready())[0] == 200:
                await asyncio.sleep(0)

        await asyncio.wait_for(until_ill(), 30)
        _, checks = await lotse.ready()
        assert checks["telegram"].startswith("Telegram cannot be reached")
        assert lotse.sandbox.token not in checks["telegram"]


async def test_it_is_not_ready_when_pushes_are_not_sent_any_more(open_lotse):
    async with open_lotse() as lotse:
        await asyncio.wait_for(until_ready(lotse), 30)
        dispatching = lotse.rooms.machine._running["dispatcher"]
        dispatching.cancel()
        await asyncio.wait([dispatching])
        assert (await lotse.ready())[1]["dispatcher"] == "pushes are not sent any more"


async def test_a_check_that_hangs_or_fails_is_a_trouble(monkeypatch):
    monkeypatch.setattr("bot.web.health.CHECK_SECONDS", 0.01)

    async def hang():
        await asyncio.Event().wait()

    async def refuse():
        raise ConnectionRefusedError(111, "Connection refused")

    troubles = await Health({"hanging": hang, "refusing": refuse}).troubles()
    assert troubles["hanging"].startswith("no answer")
    assert "refused" in troubles["refusing"]


async def test_a_database_that_answers_is_no_trouble(empty_database):
    assert await Health({"database": database_check(empty_database)}).troubles() == {"database": None}


async def test_the_probe_of_container_engines(open_lotse):
    assert is_alive(Settings())
    assert not is_alive(Settings(listen=f"127.0.0.1:{free_port()}"))
    async with open_lotse() as lotse:
        assert await asyncio.to_thread(is_alive, lotse.settings)
