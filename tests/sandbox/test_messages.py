"""Sending, replying, editing, deleting, copying, pinning and reacting."""

import pytest

from bot.sandbox.changes import Changes
from bot.sandbox.files import image_size
from tests.fixtures_sandbox import RawBot

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000200010e27de4d0000000049454e44ae426082"
)
HOUR = 3600
UNCHANGED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def buttons(*labels):
    return {"inline_keyboard": [[{"text": label, "callback_data": label} for label in labels]]}


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


async def test_a_message_reaches_the_person_with_its_formatting(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="<b>75 %</b>", parse_mode="HTML")
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    received = await anna.receives("75 %")
    assert received["html"] == "<b>75 %</b>"
    assert received["bot"]


async def test_a_reply_names_what_it_answers(raw_bot, anna):
    asked = await anna.sends("Gibt es Geld?")
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="Ja.", reply_parameters={"message_id": asked})
    assert sent["reply_to_message"]["text"] == "Gibt es Geld?"


async def test_a_reply_to_nothing_is_refused_unless_allowed(raw_bot, anna):
    refused = await raw_bot.refusal("sendMessage", chat_id=anna.id, text="a", reply_parameters={"message_id": 99})
    assert refused.description == "Bad Request: message to be replied not found"
    allowed = {"message_id": 99, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await raw_bot("sendMessage", chat_id=anna.id, text="a", reply_parameters=allowed)


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"text": " \n "}, "Bad Request: message text is empty"),
        ({"text": "ä" * 4097}, "Bad Request: message is too long"),
        ({"text": "😀" * 2049}, "Bad Request: message is too long"),
        ({"text": "<b>a", "parse_mode": "HTML"}, "Bad Request: can't parse entities: Can't find end tag"),
        ({"text": "a", "message_thread_id": 5}, "Bad Request: message thread not found"),
        ({"text": "a", "reply_markup": buttons("x" * 65)}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": buttons("ä" * 33)}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": buttons("")}, "Bad Request: can't parse inline keyboard button"),
        ({"text": "a", "reply_markup": buttons(*"123456789")}, "Bad Request: reply markup is too long"),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "nowhere"}]]}},
            "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_it_refuses_messages_beyond_the_limits(raw_bot, anna, parameters, description):
    refused = await raw_bot.refusal("sendMessage", chat_id=anna.id, **parameters)
    assert refused.status == 400
    assert refused.description.startswith(description)


async def test_the_length_counts_after_parsing(raw_bot, anna):
    text = "<b>" + "a" * 4096 + "</b>"
    assert len((await raw_bot("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML"))["text"]) == 4096


async def test_an_edit_changes_the_message_in_place(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="alt", reply_markup=buttons("a"))
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    edited = await raw_bot("editMessageText", **place, text="neu")
    assert (edited["text"], "reply_markup" in edited, "edit_date" in edited) == ("neu", False, True)
    assert [message["text"] for message in await anna.chat_history()] == ["neu"]


async def test_an_edit_that_changes_nothing_is_refused(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="<b>a</b>", parse_mode="HTML", reply_markup=buttons("a"))
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    same = {"text": "<strong>a</strong>", "parse_mode": "HTML", "reply_markup": buttons("a")}
    assert (await raw_bot.refusal("editMessageText", **place, **same)).description == UNCHANGED
    markup = {"reply_markup": buttons("a")}
    assert (await raw_bot.refusal("editMessageReplyMarkup", **place, **markup)).description == UNCHANGED
    assert "entities" not in await raw_bot("editMessageText", **place, text="a", **markup)


async def test_only_own_text_can_be_edited(raw_bot, anna):
    theirs = await anna.sends("meins")
    place = {"chat_id": anna.id, "message_id": theirs}
    assert (await raw_bot.refusal("editMessageText", **place, text="a")).description == (
        "Bad Request: message can't be edited"
    )
    place["message_id"] = 999
    assert (await raw_bot.refusal("editMessageText", **place, text="a")).description == (
        "Bad Request: message to edit not found"
    )
    photo = await raw_bot.form("sendPhoto", chat_id=anna.id, photo=("a.png", PNG))
    place["message_id"] = photo["message_id"]
    assert (await raw_bot.refusal("editMessageText", **place, text="a")).description == (
        "Bad Request: there is no text in the message to edit"
    )
    assert (await raw_bot("editMessageCaption", **place, caption="Bild"))["caption"] == "Bild"


async def test_a_message_can_be_deleted_within_48_hours(sandbox, raw_bot, anna):
    young = await raw_bot("sendMessage", chat_id=anna.id, text="a")
    old = await raw_bot("sendMessage", chat_id=anna.id, text="b")
    await sandbox.client.advance(47 * HOUR)
    assert await raw_bot("deleteMessage", chat_id=anna.id, message_id=young["message_id"])
    await sandbox.client.advance(2 * HOUR)
    refused = await raw_bot.refusal("deleteMessage", chat_id=anna.id, message_id=old["message_id"])
    assert refused.description == "Bad Request: message can't be deleted for everyone"
    refused = await raw_bot.refusal("deleteMessage", chat_id=anna.id, message_id=young["message_id"])
    assert refused.description == "Bad Request: message to delete not found"


async def test_several_messages_are_deleted_at_once(raw_bot, anna):
    numbers = [(await raw_bot("sendMessage", chat_id=anna.id, text="a"))["message_id"] for _ in range(3)]
    assert await raw_bot("deleteMessages", chat_id=anna.id, message_ids=[*numbers[:2], 999])
    assert [message["message_id"] for message in await anna.chat_history()] == numbers[2:]


async def test_copies_and_forwards_carry_the_content(sandbox, raw_bot, anna):
    berta = await sandbox.client.person("Berta")
    number = await anna.sends("Frage #Leerstand")
    source = {"chat_id": berta.id, "from_chat_id": anna.id, "message_id": number}
    await raw_bot("copyMessage", **source, reply_markup=buttons("a"))
    copied = await berta.receives("Frage")
    assert copied["entities"][0]["type"] == "hashtag"
    assert "forward_origin" not in copied
    forwarded = await raw_bot("forwardMessage", **source)
    assert forwarded["forward_origin"]["sender_user"]["first_name"] == "Anna"
    source["message_id"] = 999
    assert (await raw_bot.refusal("copyMessage", **source)).description == "Bad Request: message to copy not found"
    assert (await raw_bot.refusal("forwardMessage", **source)).description == (
        "Bad Request: message to forward not found"
    )


async def test_many_are_copied_in_order_and_the_missing_left_out(sandbox, raw_bot, anna):
    berta = await sandbox.client.person("Berta")
    numbers = [await anna.sends(text) for text in "abc"]
    source = {"chat_id": berta.id, "from_chat_id": anna.id}
    copies = await raw_bot("copyMessages", **source, message_ids=[*numbers, 999])
    assert len(copies) == 3
    assert [message["text"] for message in await berta.chat_history()] == ["a", "b", "c"]
    refused = await raw_bot.refusal("copyMessages", **source, message_ids=[numbers[1], numbers[0]])
    assert refused.description == "Bad Request: message identifiers must be in a strictly increasing order"


async def test_a_file_is_sent_fetched_and_sent_again_by_its_id(sandbox, raw_bot, anna):
    sent = await raw_bot.form("sendDocument", chat_id=anna.id, document=("Liste ä.csv", b"a;b"), caption="Liste")
    document = sent["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == ("Liste ä.csv", "text/csv", 3)
    file = await raw_bot("getFile", file_id=document["file_id"])
    async with raw_bot.session.get(f"{raw_bot.files}/{file['file_path']}") as response:
        assert await response.read() == b"a;b"
    again = await raw_bot("sendDocument", chat_id=anna.id, document=document["file_id"])
    assert again["document"]["file_id"] == document["file_id"]
    assert await sandbox.client.file(document["file_id"]) == b"a;b"


@pytest.mark.parametrize(
    ("method", "parameters", "description"),
    [
        ("sendDocument", {"document": ("a", b"")}, "Bad Request: file must be non-empty"),
        ("sendDocument", {"document": "unknown"}, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"document": "attach://x"}, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"document": "https://a.de/b"}, "Bad Request: failed to get HTTP URL content"),
        ("sendPhoto", {"photo": ("a.png", b"no picture")}, "Bad Request: IMAGE_PROCESS_FAILED"),
        ("sendDocument", {"document": ("a", b"x"), "caption": "a" * 1025}, "Bad Request: message caption is too long"),
    ],
)
async def test_it_refuses_wrong_files(raw_bot: RawBot, anna, method, parameters, description):
    with pytest.raises(Exception, match=description):
        await raw_bot.form(method, chat_id=anna.id, **parameters)


async def test_a_photo_is_no_document(raw_bot, anna):
    photo = (await raw_bot.form("sendPhoto", chat_id=anna.id, photo=("a.png", PNG)))["photo"][-1]
    assert (photo["width"], photo["height"]) == (1, 1)
    refused = await raw_bot.refusal("sendDocument", chat_id=anna.id, document=photo["file_id"])
    assert refused.description == "Bad Request: can't use file of type Photo as Document"


async def test_an_album_is_one_group_of_messages(raw_bot, anna):
    media = [{"type": "photo", "media": "attach://one", "caption": "Zwei Bilder"}]
    media.append({"type": "photo", "media": "attach://two"})
    album = await raw_bot.form("sendMediaGroup", chat_id=anna.id, media=media, one=("1.png", PNG), two=("2.png", PNG))
    assert len({message["media_group_id"] for message in album}) == 1
    assert [message.get("caption") for message in album] == ["Zwei Bilder", None]
    with pytest.raises(Exception, match="must include 2-10 items"):
        await raw_bot.form("sendMediaGroup", chat_id=anna.id, media=media[:1], one=("1.png", PNG))


async def test_pinning_shows_a_service_message(raw_bot, anna):
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="wichtig")
    assert await raw_bot("pinChatMessage", chat_id=anna.id, message_id=sent["message_id"])
    assert (await anna.chat_history())[-1]["pinned_message"]["text"] == "wichtig"
    assert (await raw_bot("getChat", chat_id=anna.id))["pinned_message"]["text"] == "wichtig"
    assert await raw_bot("unpinChatMessage", chat_id=anna.id)


async def test_reactions_of_the_bot_and_of_persons(raw_bot, anna):
    number = await anna.sends("danke")
    reaction = {"chat_id": anna.id, "message_id": number}
    assert await raw_bot("setMessageReaction", **reaction, reaction=[{"type": "emoji", "emoji": "👍"}])
    assert (await anna.chat_history())[0]["reactions"] == [{"emoji": "👍", "count": 1}]
    refused = await raw_bot.refusal("setMessageReaction", **reaction, reaction=[{"type": "emoji", "emoji": "🚲"}])
    assert refused.description == "Bad Request: REACTION_INVALID"
    await raw_bot.updates(allowed_updates=["message_reaction"])
    sent = await raw_bot("sendMessage", chat_id=anna.id, text="a")
    await anna.reacts(sent, "❤")
    (update,) = await raw_bot.updates()
    assert update["message_reaction"]["new_reaction"] == [{"type": "emoji", "emoji": "❤"}]


async def test_typing_shows_until_the_message_comes(sandbox, raw_bot, anna):
    async def typing():
        return (await sandbox.client.get("state", person=anna.id))["chats"][0]["typing"]

    await raw_bot("sendChatAction", chat_id=anna.id, action="typing")
    assert await typing()
    await raw_bot("sendMessage", chat_id=anna.id, text="a")
    assert not await typing()
    refused = await raw_bot.refusal("sendChatAction", chat_id=anna.id, action="dancing")
    assert refused.description == "Bad Request: wrong parameter action in request"


async def test_a_method_without_effect_says_so(raw_bot, anna):
    refused = await raw_bot.refusal("sendDice", chat_id=anna.id)
    assert (refused.status, refused.description) == (501, "Not Implemented: the sandbox does not do sendDice")


def test_picture_sizes_are_read_from_the_file():
    assert image_size(PNG) == (1, 1)
    assert image_size(b"GIF89a\x02\x00\x03\x00") == (2, 3)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x05\x00\x07\x03\x00\x00"
    assert image_size(jpeg) == (7, 5)
    assert image_size(b"%PDF-1.7") is None


async def test_waiting_for_a_change_ends_when_the_world_closes():
    changes = Changes()
    changes.close()
    await changes.wait(60)
    assert changes.closed
