"""Every kind of message that can be sent, and what an administrator may do; each answer is held to the reference."""

import pytest

from tests.sandbox.test_messages import PNG


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


@pytest.fixture
async def group(sandbox, anna):
    group = await sandbox.client.group("AG", anna)
    await sandbox.client.member(group, None, "administrator")
    return group


@pytest.mark.parametrize(
    ("method", "field", "name"),
    [
        ("sendDocument", "document", "a.pdf"),
        ("sendVoice", "voice", "a.ogg"),
        ("sendVideo", "video", "a.mp4"),
        ("sendAudio", "audio", "a.mp3"),
        ("sendAnimation", "animation", "a.gif"),
        ("sendSticker", "sticker", "a.webp"),
        ("sendVideoNote", "video_note", "a.mp4"),
    ],
)
async def test_media_by_upload_and_by_id(raw_bot, anna, method, field, name):
    sent = await raw_bot.form(method, chat_id=anna.id, **{field: (name, b"content")})
    again = await raw_bot(method, chat_id=anna.id, **{field: sent[field]["file_id"]})
    assert again[field] == sent[field]


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "audio", "sticker", "document"])
async def test_persons_send_media_that_the_bot_can_fetch(raw_bot, anna, kind):
    await anna.uploads(PNG, name="a.png", kind=kind)
    (update,) = await raw_bot.updates()
    media = update["message"][kind]
    file = await raw_bot("getFile", file_id=(media[-1] if kind == "photo" else media)["file_id"])
    async with raw_bot.session.get(f"{raw_bot.files}/{file['file_path']}") as response:
        assert await response.read() == PNG
    refused = await raw_bot.refusal("getFile", file_id="unknown")
    assert refused.description == "Bad Request: invalid file_id"


async def test_places_and_contacts(raw_bot, anna):
    place = {"chat_id": anna.id, "latitude": 50.98, "longitude": 11.03}
    assert (await raw_bot("sendLocation", **place))["location"]["latitude"] == 50.98
    venue = await raw_bot("sendVenue", **place, title="LEG", address="Mainzerhofstraße 12")
    assert venue["venue"]["title"] == "LEG"
    contact = await raw_bot("sendContact", chat_id=anna.id, phone_number="0361", first_name="Büro")
    assert contact["contact"]["first_name"] == "Büro"


async def test_a_picture_is_replaced_by_another(raw_bot, anna):
    sent = await raw_bot.form("sendPhoto", chat_id=anna.id, photo=("a.png", PNG), caption="eins")
    other = await raw_bot.form("sendPhoto", chat_id=anna.id, photo=("b.png", PNG))
    media = {"type": "photo", "media": other["photo"][-1]["file_id"], "caption": "zwei"}
    edited = await raw_bot("editMessageMedia", chat_id=anna.id, message_id=sent["message_id"], media=media)
    assert (edited["caption"], edited["photo"]) == ("zwei", other["photo"])


async def test_a_copy_takes_a_caption_of_its_own(raw_bot, anna):
    sent = await raw_bot.form("sendPhoto", chat_id=anna.id, photo=("a.png", PNG), caption="eins")
    source = {"chat_id": anna.id, "from_chat_id": anna.id}
    await raw_bot("copyMessage", **source, message_id=sent["message_id"], caption="zwei")
    await raw_bot("copyMessages", **source, message_ids=[sent["message_id"]], remove_caption=True)
    captions = [message.get("caption") for message in await anna.chat_history()]
    assert captions == ["eins", "zwei", None]


async def test_a_reply_may_quote(raw_bot, anna):
    number = await anna.sends("Gibt es Geld für Läden?")
    reply = {"message_id": number, "quote": "Geld"}
    assert (await raw_bot("sendMessage", chat_id=anna.id, text="Ja", reply_parameters=reply))["quote"]["text"] == "Geld"
    reply["quote"] = "Zeit"
    refused = await raw_bot.refusal("sendMessage", chat_id=anna.id, text="Ja", reply_parameters=reply)
    assert refused.description == "Bad Request: QUOTE_TEXT_INVALID"


async def test_a_reply_keyboard_stays_until_it_is_removed(sandbox, raw_bot, anna):
    async def keyboard():
        return (await sandbox.client.get("state", person=anna.id))["chats"][0]["keyboard"]

    rows = [[{"text": "Meine Stadt"}]]
    await raw_bot("sendMessage", chat_id=anna.id, text="a", reply_markup={"keyboard": rows})
    assert (await keyboard())["keyboard"] == rows
    await raw_bot("sendMessage", chat_id=anna.id, text="a", reply_markup={"remove_keyboard": True})
    assert await keyboard() is None


async def test_what_an_administrator_may_do(sandbox, raw_bot, anna, group):
    berta = await sandbox.client.person("Berta")
    await sandbox.client.member(group, berta, "member")
    member = {"chat_id": group, "user_id": berta.id}
    assert await raw_bot("banChatMember", **member)
    assert (await raw_bot("getChatMember", **member))["status"] == "kicked"
    assert await raw_bot("unbanChatMember", **member)
    assert (await raw_bot("getChatMember", **member))["status"] == "left"
    assert (await raw_bot.refusal("promoteChatMember", **member, can_pin_messages=True)).status == 400
    assert await raw_bot("setChatTitle", chat_id=group, title="AG Leerstand")
    assert await raw_bot("setChatDescription", chat_id=group, description="Läden")
    full = await raw_bot("getChat", chat_id=group)
    assert (full["title"], full["description"]) == ("AG Leerstand", "Läden")
    sent = await raw_bot("sendMessage", chat_id=group, text="a")
    await raw_bot("pinChatMessage", chat_id=group, message_id=sent["message_id"])
    assert await raw_bot("unpinAllChatMessages", chat_id=group)
    theirs = await anna.sends("weg damit", chat=group)
    assert await raw_bot("deleteMessage", chat_id=group, message_id=theirs)


async def test_a_closed_topic_is_opened_again(sandbox, raw_bot, anna):
    forum = await sandbox.client.group("Bündnis", anna, forum=True)
    await sandbox.client.member(forum, None, "administrator")
    topic = await raw_bot("createForumTopic", chat_id=forum, name="Klima")
    place = {"chat_id": forum, "message_thread_id": topic["message_thread_id"]}
    assert await raw_bot("editForumTopic", **place, name="Klima und Energie")
    assert await raw_bot("closeForumTopic", **place)
    assert await raw_bot("reopenForumTopic", **place)
    refused = await raw_bot.refusal("editForumTopic", chat_id=forum, message_thread_id=999, name="x")
    assert refused.description == "Bad Request: TOPIC_ID_INVALID"


async def test_a_quiz_needs_its_right_answer(raw_bot, anna):
    quiz = {
        "chat_id": anna.id,
        "question": "Was heißt ISEK?",
        "options": [{"text": "a"}, {"text": "b"}],
        "type": "quiz",
    }
    assert (await raw_bot("sendPoll", **quiz, correct_option_ids=[1], explanation="So"))["poll"]["type"] == "quiz"
    assert (await raw_bot.refusal("sendPoll", **quiz)).description == "Bad Request: wrong correct option ID specified"
