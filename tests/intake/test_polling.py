"""Long polling against a Bot API that says what the test wants."""

import asyncio
import json

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.intake import polling
from bot.intake.polling import Polling
from bot.intake.updates import Inbox, wanted_updates
from bot.settings import SettingsError


def message(number, **more):
    chat = {"id": 7, "type": "private", "first_name": "Anna"}
    return {"update_id": number, "message": {"message_id": number, "date": 0, "chat": chat, "text": "Hallo"} | more}


class Api:
    """Answers calls from a list, then waits for ever; an exception in the list is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []
        self.waiting = asyncio.Event()

    async def post(self, url, request_data, read_timeout):
        method = url.rpartition("/")[2]
        self.calls.append((method, request_data.json_parameters))
        assert request_data.url_encoded_parameters().count("=") == len(request_data.json_parameters)
        if method == "deleteWebhook":
            return True
        if "limit" in request_data.json_parameters:  # the last one, which only confirms
            return []
        if not self.answers:
            self.waiting.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def offsets(self):
        return [fields["offset"] for method, fields in self.calls if method == "getUpdates"]


@pytest.fixture
def queue():
    return asyncio.Queue()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.0)


async def poll(api, queue, *, look=lambda _polling: None):
    """Poll until the API has nothing more to say, then stop."""
    one = Polling(api, "http://api/bot1:x", Inbox(queue, None), wanted_updates(["chat_member"]))
    stop = asyncio.Event()
    running = asyncio.create_task(one.run(stop))
    waiting = asyncio.create_task(api.waiting.wait())
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    look(one)
    stop.set()
    await running
    return one


async def test_updates_are_handed_on_in_order_and_confirmed_at_the_end(queue):
    api = Api([message(11), message(12)], [], [message(13)])
    one = await poll(api, queue)
    assert [queue.get_nowait().update_id for _ in range(queue.qsize())] == [11, 12, 13]
    assert api.offsets() == ["0", "13", "13", "14", "14"]
    assert api.calls[0] == ("deleteWebhook", {})
    assert json.loads(api.calls[1][1]["allowed_updates"])[-1] == "chat_member"
    assert one.trouble() == "polling has stopped"


async def test_an_update_that_cannot_be_read_is_left_out_and_does_not_come_again(queue):
    api = Api([{"update_id": 11, "message": {"odd": True}}, message(12)])
    await poll(api, queue)
    assert queue.get_nowait().update_id == 12
    assert queue.empty()
    assert api.offsets()[-1] == "13"


@pytest.mark.parametrize(
    "error", [NetworkError("reset"), TimedOut(), RetryAfter(0), Conflict("terminated by other getUpdates request")]
)
async def test_troubles_are_waited_for(queue, error):
    await poll(Api([], error, error, [message(11)]), queue, look=lambda one: _assert_well(one))
    assert queue.get_nowait().update_id == 11


async def test_a_conflict_removes_the_webhook_again(queue):
    api = Api(Conflict("can't use getUpdates method while webhook is active"), [message(11)])
    await poll(api, queue)
    assert [method for method, _ in api.calls].count("deleteWebhook") == 2


async def test_a_revoked_token_ends_polling_with_one_sentence(queue):
    api = Api([message(11)], InvalidToken("Unauthorized"))
    with pytest.raises(SettingsError, match="it was revoked"):
        await poll(api, queue)
    assert queue.qsize() == 1


async def test_trouble_is_told(queue):
    api = Api(NetworkError("reset"))
    one = Polling(api, "http://api/bot1:x", Inbox(queue, None), [])
    assert one.trouble() == "polling has not begun"
    await poll(api, queue, look=lambda each: _assert_trouble(each, "Telegram cannot be reached: reset"))


async def test_silence_is_a_trouble(queue, monkeypatch):
    monkeypatch.setattr(polling, "SILENT_SECONDS", -1.0)
    await poll(Api([]), queue, look=lambda one: _assert_trouble(one, "no answer from Telegram for 0 s"))


async def test_no_more_is_taken_while_too_much_waits(queue, monkeypatch):
    monkeypatch.setattr("bot.intake.updates.WAITING", 1)
    monkeypatch.setattr(polling, "FULL_PAUSE", 0.001)
    api = Api([message(11)], [message(12)])
    one = Polling(api, "http://api/bot1:x", Inbox(queue, None), [])
    stop = asyncio.Event()
    running = asyncio.create_task(one.run(stop))
    first = await queue.get()
    queue.put_nowait(first)
    for _ in range(20):
        await asyncio.sleep(0)
    assert queue.qsize() <= 2
    stop.set()
    await running


def _assert_well(one):
    assert one.trouble() is None


def _assert_trouble(one, sentence):
    assert one.trouble() == sentence
