"""Persons as tests use them, the control API's refusals, and the clock."""

import datetime as dt
import json

import aiohttp
import pytest

from bot.sandbox.client import SandboxError
from bot.sandbox.clock import BERLIN, Clock


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna", town="Wirtschaftsförderung, Schmalkalden", last_name="Beispiel")


async def test_a_message_is_received_once_and_only_after_the_last_action(raw_bot, anna):
    await raw_bot("sendMessage", chat_id=anna.id, text="vorher")
    await anna.sends("Frage")
    await raw_bot("sendMessage", chat_id=anna.id, text="Antwort 1")
    await raw_bot("sendMessage", chat_id=anna.id, text="Antwort 2")
    assert (await anna.receives("Antwort"))["text"] == "Antwort 1"
    assert (await anna.receives("Antwort"))["text"] == "Antwort 2"
    with pytest.raises(SandboxError, match="got nothing with 'vorher'"):
        await anna.receives("vorher", timeout=0)


async def test_an_edit_is_received_too(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="alt")
    await anna.receives("alt")
    await raw_bot("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="neu")
    assert (await anna.receives())["text"] == "neu"


async def test_receiving_nothing_needs_a_bot_that_took_everything(raw_bot, anna):
    await anna.sends("Frage")
    with pytest.raises(SandboxError, match="still busy"):
        await anna.receives_nothing(timeout=0.1)
    await raw_bot.updates()
    await raw_bot.updates()
    await anna.receives_nothing()
    await raw_bot("sendMessage", chat_id=anna.id, text="doch")
    with pytest.raises(SandboxError, match="doch"):
        await anna.receives_nothing()


async def test_persons_write_edit_and_upload(sandbox, raw_bot, anna):
    number = await anna.sends("Fehler")
    await anna.edits(number, "Richtig")
    await anna.uploads(b"%PDF", name="Antrag ö.pdf", caption="Antrag", mime_type="application/pdf")
    first, edited, upload = await raw_bot.updates()
    assert first["message"]["text"] == "Fehler"
    assert edited["edited_message"]["text"] == "Richtig"
    assert upload["message"]["document"]["file_name"] == "Antrag ö.pdf"
    assert upload["message"]["caption"] == "Antrag"
    state = await sandbox.client.get("state", person=anna.id)
    assert state["person"]["about"] == "Wirtschaftsförderung, Schmalkalden"
    assert [message["mine"] for message in state["chats"][0]["messages"]] == [True, True]
    assert (await sandbox.client.existing(anna.id)).first_name == "Anna"


async def test_a_crowd_is_written_to_but_not_listed(sandbox, raw_bot, anna):
    crowd = await sandbox.client.crowd(200)
    for person in crowd[:3]:
        await raw_bot("sendMessage", chat_id=person, text="a")
    state = await sandbox.client.get("state")
    assert [person["id"] for person in state["persons"]] == [anna.id]
    calls = await sandbox.client.record(method="sendMessage")
    assert [(call["n"], call["chat_id"], call["status"]) for call in calls] == [
        (n, person, 200) for n, person in enumerate(crowd[:3], 1)
    ]
    assert [call["n"] for call in await sandbox.client.record(after=2)] == [3]


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("send", {"person": 5, "text": "a"}, "Diese Person gibt es nicht."),
        ("send", {"text": "a"}, "Es fehlt die Zahl: person"),
        ("send", {"person": "ANNA"}, "Es fehlt: text"),
        ("send", {"person": "ANNA", "text": " "}, "Bitte schreiben Sie einen Text."),
        ("send", {"person": "ANNA", "text": "a", "chat": 5}, "Diesen Chat gibt es nicht."),
        ("edit", {"person": "ANNA", "message_id": 5, "text": "a"}, "Diese Nachricht gibt es nicht mehr."),
        ("start", {"person": "ANNA", "payload": "a b"}, "unerlaubte Zeichen"),
        ("start", {"person": "ANNA", "payload": "a" * 65}, "zu lang"),
        ("faults", {"kind": "fire"}, "Diese Störung gibt es nicht."),
        ("faults", {"kind": "slow", "seconds": "x"}, "Die Angaben passen nicht"),
        ("clock", {"advance": -1}, "Die Uhr geht nur vorwärts."),
        ("migrate", {"chat": "ANNA"}, "Nur eine einfache Gruppe"),
    ],
)
async def test_the_control_api_says_what_is_wrong(sandbox, anna, path, fields, sentence):
    given = {key: anna.id if value == "ANNA" else value for key, value in fields.items()}
    with pytest.raises(SandboxError, match=sentence):
        await sandbox.client.post(path, **given)


async def test_a_body_that_is_no_object_is_refused(sandbox):
    async with aiohttp.ClientSession() as session:
        for body in (b"{", b"[]"):
            async with session.post(f"{sandbox.url}/sandbox/send", data=body) as response:
                assert response.status == 400
                assert not (await response.json())["ok"]


async def test_a_blocked_person_cannot_write(sandbox, anna):
    await anna.blocks_bot()
    with pytest.raises(SandboxError, match="blockiert"):
        await anna.sends("a")


def test_the_clock_file_holds_the_offset(tmp_path):
    path = tmp_path / "offset"
    clock = Clock(path)
    assert float(path.read_text()) == 0
    clock.advance(3600)
    assert float(path.read_text()) == 3600
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-11-27T15:00", "2026-11-30T08:00"),
        ("2026-12-23T15:00", "2026-12-24T08:00"),
        ("2026-12-24T09:00", "2026-12-28T08:00"),
        ("2027-09-17T12:00", "2027-09-21T08:00"),
        ("2026-03-27T12:00", "2026-03-30T08:00"),
    ],
)
def test_the_next_working_day_knows_weekends_holidays_and_summer_time(monkeypatch, now, morning):
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=BERLIN).timestamp()
    monkeypatch.setattr("bot.sandbox.clock.time.time", lambda: moment)
    assert Clock().to_next_workday() == dt.datetime.fromisoformat(morning).replace(tzinfo=BERLIN)


async def test_the_page_moves_the_clock(sandbox):
    before = dt.datetime.fromisoformat((await sandbox.client.get("state"))["now"])
    after = dt.datetime.fromisoformat(await sandbox.client.advance(7200))
    assert dt.timedelta(hours=2) <= after - before < dt.timedelta(hours=2, minutes=5)
    assert dt.datetime.fromisoformat(await sandbox.client.next_workday()).hour == 8


async def test_waiting_for_changes_ends_with_the_next_one(sandbox, anna):
    revision = (await sandbox.client.get("state"))["revision"]
    assert (await sandbox.client.get("changes", after=revision, wait=0))["revision"] == revision
    await anna.sends("a")
    assert (await sandbox.client.get("changes", after=revision, wait=30))["revision"] > revision
    assert json.dumps(await sandbox.client.get("state", person=anna.id))
