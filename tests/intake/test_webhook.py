"""Updates by webhook: the real bot, called by the sandbox and by strangers."""

import json
from io import BytesIO

from bot.intake.webhook import SECRET_HEADER, public_address

SECRET = {SECRET_HEADER: "geheim-1"}


async def post(lotse, body, headers=SECRET):
    async with lotse.browser.post("/telegram", data=body, headers=headers) as response:
        return response.status


async def test_people_are_answered(open_lotse):
    async with open_lotse(webhook=True) as lotse:
        anna = await lotse.sandbox.client.person("Anna")
        await anna.sends("was heißt isek")
        await anna.receives(containing="ISEK")
        assert lotse.sandbox.world.updates.webhook["url"] == lotse.settings.webhook_url
        assert (await lotse.ready())[1]["telegram"] == "ok"
        assert await lotse.sandbox.client.record(method="getUpdates") == []


UPDATE = {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}}
UNREADABLE = [
    b"",
    b"no JSON",
    b"\xff\xfe",
    b"[]",
    b"{}",
    b"[" * 100_000,
    b'{"update_id": "1"}',
    b'{"update_id": 1}',
    b'{"update_id": 1, "something_new": {"a": 1}}',
    b'{"update_id": 1, "message": 5}',
    b'{"update_id": 1, "message": {"odd": true}}',
]


async def test_who_does_not_know_the_secret_is_refused(open_lotse):
    async with open_lotse(webhook=True) as lotse:
        for headers in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: "geheim-2"}, {SECRET_HEADER: "gehéim"}):
            assert await post(lotse, json.dumps(UPDATE), headers) == 403, headers


async def test_what_cannot_be_read_is_answered_so_that_it_does_not_come_again(open_lotse):
    async with open_lotse(webhook=True) as lotse:
        for body in UNREADABLE:
            assert await post(lotse, body) == 200, body[:60]
        anna = await lotse.sandbox.client.person("Anna")
        await anna.sends("was heißt isek")
        await anna.receives(containing="ISEK")


async def test_what_is_too_large_is_refused(open_lotse):
    async with open_lotse(webhook=True) as lotse:
        assert await post(lotse, BytesIO(b" " * (5 * 1024 * 1024))) == 413


async def test_what_comes_while_too_much_waits_is_to_come_later(open_lotse, monkeypatch):
    monkeypatch.setattr("bot.intake.updates.WAITING", 0)
    async with open_lotse(webhook=True) as lotse:
        assert await post(lotse, json.dumps(UPDATE)) == 503


async def test_only_posts_are_taken(open_lotse):
    async with open_lotse(webhook=True) as lotse:
        assert (await lotse.get("/telegram", headers=SECRET))[0] == 405


async def test_without_a_webhook_there_is_no_such_page(open_lotse):
    async with open_lotse() as lotse:
        assert await post(lotse, b"{}") == 404


async def test_going_back_to_polling_removes_the_webhook_and_loses_nothing(open_lotse, tmp_path):
    from bot.application import running_bot

    async with open_lotse() as lotse:
        pass
    async with open_lotse(webhook=True) as lotse:
        anna = await lotse.sandbox.client.person("Anna")
        polling = lotse.settings.model_copy(
            update={"webhook_url": None, "listen": None, "database_url": _another(tmp_path)}
        )
        async with running_bot(polling):
            while lotse.sandbox.world.updates.webhook:
                await lotse.sandbox.client.settles()
            await anna.sends("was heißt isek")
            await anna.receives(containing="ISEK")


def test_an_address_without_a_path_gets_ours():
    assert public_address("https://lotse.example") == "https://lotse.example/telegram"
    assert public_address("https://lotse.example/bot/hook") == "https://lotse.example/bot/hook"


def _another(folder):
    from pydantic import SecretStr

    return SecretStr(f"sqlite+aiosqlite:///{folder / 'another.db'}")
