"""Methods that answer button presses and inline queries."""

from bot.sandbox.chats import JSON
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.markup import units
from bot.sandbox.methods.calls import Call, method
from bot.sandbox.methods.sending import inline_content
from bot.sandbox.world import World

CALLBACK_TEXT_LIMIT = 200
RESULT_LIMIT = 50
RESULT_ID_BYTES = 64
OFFSET_BYTES = 64
START_PARAMETER_LIMIT = 64


@method("answerCallbackQuery")
def _answer_callback(world: World, call: Call) -> bool:
    text = call.get("text", "")
    if units(text) > CALLBACK_TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.get("url")
    if url and not url.lower().startswith(f"https://t.me/{world.bot['username']}?start="):
        raise bad_request("URL_INVALID")
    answer: JSON = {"text": text or None, "show_alert": call.get("show_alert", False), "url": url}
    world.queries.answer(call["callback_query_id"], answer)
    return True


@method("answerInlineQuery")
def _answer_inline(world: World, call: Call) -> bool:
    results = call["results"]
    if len(results) > RESULT_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [result["id"] for result in results]
    if any(not 1 <= len(result_id.encode()) <= RESULT_ID_BYTES for result_id in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) != len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(call.get("next_offset", "").encode()) > OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = call.get("button")
    if button and not _is_start_parameter(button.get("start_parameter", "x")):
        raise bad_request("START_PARAM_INVALID")
    for result in results:
        _check_result(world, call, result)
    answer = {"results": results, "button": button, "next_offset": call.get("next_offset", "")}
    world.queries.answer(call["inline_query_id"], answer)
    return True


def _check_result(world: World, call: Call, result: JSON) -> None:
    if result["type"] == "article" and not result["title"]:
        raise bad_request("ARTICLE_TITLE_EMPTY")
    try:
        inline_content(world, call, result)
    except ApiError as error:
        if error.code != 501:
            raise


def _is_start_parameter(value: str) -> bool:
    allowed = value.replace("_", "").replace("-", "")
    return len(value) <= START_PARAMETER_LIMIT and (not allowed or (allowed.isascii() and allowed.isalnum()))
