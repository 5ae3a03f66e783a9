"""Every call of every method is checked against the reference."""

import json

import pytest

from bot.sandbox.errors import ApiError
from bot.sandbox.gateway import SCHEMA
from bot.sandbox.schema import Upload


def refusal(method, **parameters):
    with pytest.raises(ApiError) as caught:
        SCHEMA.check(method, parameters)
    assert caught.value.code == 400
    return caught.value.description


def keyboard(**button):
    return json.dumps({"inline_keyboard": [[button]]})


def test_it_compiles_every_method_and_type_of_the_reference():
    for method in SCHEMA._methods.values():
        assert isinstance(method._fields, dict)
    for name in SCHEMA._types:
        SCHEMA.checker([name])


def test_it_reads_form_values_in_their_proper_types():
    checked = SCHEMA.check(
        "sendMessage",
        {"chat_id": "-12", "text": "7", "protect_content": "True", "reply_parameters": '{"message_id": 3}'},
    )
    assert checked == {"chat_id": -12, "text": "7", "protect_content": True, "reply_parameters": {"message_id": 3}}


def test_it_keeps_a_channel_name_as_chat_id():
    assert SCHEMA.check("getChat", {"chat_id": "@stadt"}) == {"chat_id": "@stadt"}


def test_method_names_are_not_case_sensitive():
    assert SCHEMA.method_name("sendmessage") == "sendMessage"
    assert SCHEMA.method_name("sendMassage") is None


@pytest.mark.parametrize(
    ("method", "parameters", "description"),
    [
        ("sendMessage", {"text": "a"}, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "Bad Request: message text is empty"),
        ("sendPhoto", {"chat_id": 1}, "Bad Request: there is no photo in the request"),
        ("deleteMessage", {"chat_id": 1}, "Bad Request: message identifier is not specified"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "txet": "b"},
            'Bad Request: unknown parameter "txet" of sendMessage',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "protect_content": "maybe"},
            'Bad Request: can\'t parse parameter "protect_content": it must be of type Boolean',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "message_thread_id": "three"},
            'Bad Request: can\'t parse parameter "message_thread_id": it must be of type Integer',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "reply_markup": "{"},
            "Bad Request: can't parse reply markup JSON object",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "reply_markup": keyboard(callback_data="x")},
            "Bad Request: can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "reply_markup": keyboard(text=1, callback_data="x")},
            'Bad Request: can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "reply_markup": keyboard(text="x", calback_data="x")},
            'Bad Request: can\'t parse inline keyboard button: Unknown field "calback_data"',
        ),
        (
            "setMyCommands",
            {"commands": "[]", "scope": '{"type": "everybody"}'},
            "Bad Request: can't parse bot command scope: type must be one of the known types",
        ),
        (
            "setMyCommands",
            {"commands": "[]", "scope": '{"type": "chat"}'},
            "Bad Request: can't parse bot command scope chat: Can't find field \"chat_id\"",
        ),
        (
            "answerInlineQuery",
            {"inline_query_id": "1", "results": '[{"type": "article", "id": "1", "title": "t"}]'},
            "Bad Request: can't parse inline query result article: Can't find field \"input_message_content\"",
        ),
        (
            "sendMediaGroup",
            {"chat_id": 1, "media": '[{"type": "sticker", "media": "x"}]'},
            "Bad Request: can't parse input media: type must be one of the known types",
        ),
    ],
)
def test_it_refuses_what_telegram_refuses(method, parameters, description):
    assert refusal(method, **parameters) == description


def test_it_tells_apart_results_that_share_a_type():
    cached = {"type": "photo", "id": "1", "photo_file_id": "abc"}
    linked = {"type": "photo", "id": "2", "photo_url": "https://a.de/b", "thumbnail_url": "https://a.de/c"}
    checked = SCHEMA.check("answerInlineQuery", {"inline_query_id": "1", "results": json.dumps([cached, linked])})
    assert checked["results"] == [cached, linked]


def test_it_takes_every_kind_of_reply_markup():
    for markup in (
        {"keyboard": [[{"text": "a"}]], "resize_keyboard": True},
        {"remove_keyboard": True},
        {"force_reply": True, "input_field_placeholder": "Ihre Frage"},
        {"inline_keyboard": []},
    ):
        assert (
            SCHEMA.check("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": markup})["reply_markup"] == markup
        )


def test_it_takes_an_upload_where_a_file_is_wanted_and_nowhere_else():
    upload = Upload("a.pdf", b"x", None)
    assert SCHEMA.check("sendDocument", {"chat_id": 1, "document": upload})["document"] is upload
    assert "document" not in SCHEMA.check("sendMessage", {"chat_id": 1, "text": "a", "part0": upload})
    assert "String" in refusal("sendMessage", chat_id=1, text=upload)
