"""Button presses, inline queries and polls."""

import asyncio

import pytest

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
KEYBOARD = {"inline_keyboard": [[{"text": "Details", "callback_data": "d:1"}]]}


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


def article(number, **more):
    content = {"message_text": f"<b>Text {number}</b>", "parse_mode": "HTML"}
    return {"type": "article", "id": str(number), "title": "T", "input_message_content": content, **more}


async def asked(raw_bot, kind):
    (update,) = await raw_bot.updates(timeout=5)
    return update[kind]


async def test_a_press_waits_for_the_bots_answer(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="Karte", reply_markup=KEYBOARD)
    pressing = asyncio.create_task(anna.presses("Details"))
    query = await asked(raw_bot, "callback_query")
    assert (query["data"], query["message"]["message_id"]) == ("d:1", sent["message_id"])
    answer = {"text": "Gemerkt", "show_alert": True}
    assert await raw_bot("answerCallbackQuery", callback_query_id=query["id"], **answer)
    assert await pressing == {**answer, "url": None}


async def test_old_and_unknown_queries_are_refused(sandbox, raw_bot, anna):
    await raw_bot("sendMessage", chat_id=anna.id, text="Karte", reply_markup=KEYBOARD)
    pressing = asyncio.create_task(anna.presses("Details"))
    query = await asked(raw_bot, "callback_query")
    await sandbox.client.advance(200)
    for query_id in (query["id"], "123"):
        refused = await raw_bot.refusal("answerCallbackQuery", callback_query_id=query_id)
        assert refused.description == TOO_OLD
    refused = await raw_bot.refusal("answerInlineQuery", inline_query_id="123", results=[])
    assert refused.description == TOO_OLD
    pressing.cancel()


async def test_an_answer_to_a_press_has_at_most_200_characters(raw_bot):
    refused = await raw_bot.refusal("answerCallbackQuery", callback_query_id="1", text="a" * 201)
    assert refused.description == "Bad Request: MESSAGE_TOO_LONG"


async def test_a_button_that_is_gone_cannot_be_pressed(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="Karte", reply_markup=KEYBOARD)
    await raw_bot("editMessageReplyMarkup", chat_id=anna.id, message_id=sent["message_id"])
    with pytest.raises(AssertionError, match="Diesen Knopf gibt es"):
        await anna.presses("Details", sent)
    with pytest.raises(AssertionError, match="no button 'Details'"):
        await anna.presses("Details")


async def test_an_inline_result_is_shared_in_a_group_and_edited_there(sandbox, raw_bot, anna):
    group = await sandbox.client.group("AG", anna)
    await raw_bot.updates()
    asking = asyncio.create_task(anna.inline("leer", chat=group))
    query = await asked(raw_bot, "inline_query")
    assert (query["query"], query["chat_type"]) == ("leer", "group")
    button = {"text": "Mehr", "start_parameter": "mehr"}
    results = [article(1, reply_markup=KEYBOARD), article(2)]
    await raw_bot("answerInlineQuery", inline_query_id=query["id"], results=results, button=button, next_offset="2")
    found = await asking
    assert (len(found["results"]), found["button"], found["next_offset"]) == (2, button, "2")

    await anna.chooses(found, chat=group)
    message, chosen = await raw_bot.updates()
    assert message["message"]["via_bot"]["username"] == "lotse_demo_bot"
    assert message["message"]["entities"] == [{"type": "bold", "offset": 0, "length": 6}]
    inline_id = chosen["chosen_inline_result"]["inline_message_id"]
    assert await raw_bot("editMessageText", inline_message_id=inline_id, text="neu", reply_markup=KEYBOARD) is True
    assert (await anna.chat_history(group))[-1]["text"] == "neu"

    pressing = asyncio.create_task(anna.presses("Details", chat=group))
    press = await asked(raw_bot, "callback_query")
    assert press["inline_message_id"] == inline_id
    await raw_bot("answerCallbackQuery", callback_query_id=press["id"])
    await pressing


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"results": [article(n) for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(1), article(1)]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "a", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
        ({"results": [article(1) | {"title": ""}]}, "ARTICLE_TITLE_EMPTY"),
    ],
)
async def test_it_refuses_results_beyond_the_limits(raw_bot, parameters, reason):
    refused = await raw_bot.refusal("answerInlineQuery", inline_query_id="1", **parameters)
    assert refused.description == f"Bad Request: {reason}"


async def test_an_open_poll_tells_who_voted(sandbox, raw_bot, anna):
    berta = await sandbox.client.person("Berta")
    group = await sandbox.client.group("AG", anna, berta)
    options = [{"text": "Montag"}, {"text": "Dienstag"}]
    sent = await raw_bot("sendPoll", chat_id=group, question="Wann?", options=options, is_anonymous=False)
    await raw_bot.updates()
    await anna.votes(sent, 0)
    await berta.votes(sent, 0)
    await anna.votes(sent)
    answers = [u["poll_answer"] for u in await raw_bot.updates() if "poll_answer" in u]
    assert [(a["user"]["first_name"], a["option_ids"]) for a in answers] == [
        ("Anna", [0]),
        ("Berta", [0]),
        ("Anna", []),
    ]
    closed = await raw_bot("stopPoll", chat_id=group, message_id=sent["message_id"])
    assert (closed["is_closed"], closed["total_voter_count"]) == (True, 1)
    refused = await raw_bot.refusal("stopPoll", chat_id=group, message_id=sent["message_id"])
    assert refused.description == "Bad Request: poll has already been closed"
    with pytest.raises(AssertionError, match="geschlossen"):
        await anna.votes(sent, 1)


async def test_a_poll_closes_when_its_time_is_over(sandbox, raw_bot, anna):
    options = [{"text": "a"}, {"text": "b"}]
    await raw_bot("sendPoll", chat_id=anna.id, question="?", options=options, open_period=60)
    await sandbox.client.advance(61)
    (update,) = await raw_bot.updates()
    assert update["poll"]["is_closed"]


@pytest.mark.parametrize(
    ("question", "options", "reason"),
    [
        ("", ["a"], "poll question must be non-empty"),
        ("a" * 301, ["a"], "poll question length must not exceed 300"),
        ("a", ["b" * 101], "poll option length must not exceed 100"),
        ("a", [], "poll must have at least 1 option"),
        ("a", ["b"] * 13, "poll can't have more than 12 options"),
    ],
)
async def test_it_refuses_polls_beyond_the_limits(raw_bot, anna, question, options, reason):
    given = [{"text": text} for text in options]
    refused = await raw_bot.refusal("sendPoll", chat_id=anna.id, question=question, options=given)
    assert refused.description == f"Bad Request: {reason}"
