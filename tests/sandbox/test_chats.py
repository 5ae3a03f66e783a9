"""Who can be written to, groups and their members, topics, migration, commands."""

import pytest

from bot.sandbox.client import SandboxError

START = "Bad Request: "


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


@pytest.fixture
async def group(sandbox, anna):
    return await sandbox.client.group("AG Leerstand", anna)


async def refusal(raw_bot, chat):
    refused = await raw_bot.refusal("sendMessage", chat_id=chat, text="a")
    return refused.status, refused.description


async def test_nobody_is_written_to_who_does_not_want_it(sandbox, raw_bot, anna):
    newcomer = await sandbox.client.person("Neu", started=False)
    assert await refusal(raw_bot, newcomer.id) == (403, "Forbidden: bot can't initiate conversation with a user")
    await anna.blocks_bot()
    assert await refusal(raw_bot, anna.id) == (403, "Forbidden: bot was blocked by the user")
    await anna.unblocks_bot()
    assert await raw_bot("sendMessage", chat_id=anna.id, text="a")
    await anna.deletes_account()
    assert await refusal(raw_bot, anna.id) == (403, "Forbidden: user is deactivated")
    assert await refusal(raw_bot, 5) == (400, "Bad Request: chat not found")
    assert await refusal(raw_bot, "@nowhere") == (400, "Bad Request: chat not found")


async def test_blocking_is_told_to_the_bot(raw_bot, anna):
    await anna.blocks_bot()
    await anna.starts("abc")
    blocked, unblocked, start = await raw_bot.updates()
    assert blocked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert unblocked["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert start["message"]["text"] == "/start abc"


async def test_a_group_takes_messages_as_long_as_the_bot_is_in_it(sandbox, raw_bot, anna, group):
    assert await raw_bot("sendMessage", chat_id=group, text="a")
    await sandbox.client.member(group, None, "left")
    assert await refusal(raw_bot, group) == (403, "Forbidden: bot is not a member of the group chat")
    await sandbox.client.member(group, None, "kicked")
    assert await refusal(raw_bot, group) == (403, "Forbidden: bot was kicked from the group chat")
    kinds = [next(key for key in update if key != "update_id") for update in await raw_bot.updates()]
    assert kinds == ["my_chat_member", "message", "message", "my_chat_member", "my_chat_member"]


async def test_a_migrated_group_names_its_new_id(sandbox, raw_bot, anna, group):
    new = await sandbox.client.migrate(group)
    refused = await raw_bot.refusal("sendMessage", chat_id=group, text="a")
    assert refused.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert refused.parameters == {"migrate_to_chat_id": new}
    assert (await raw_bot("sendMessage", chat_id=new, text="a"))["chat"]["type"] == "supergroup"
    *_, leaving, arriving = await raw_bot.updates()
    assert leaving["message"]["migrate_to_chat_id"] == new
    assert arriving["message"]["migrate_from_chat_id"] == group


async def test_privacy_mode_holds_back_what_is_not_meant_for_the_bot(sandbox, raw_bot, anna, group):
    sent = await raw_bot("sendMessage", chat_id=group, text="Hallo")
    await raw_bot.updates()
    await anna.sends("nur unter uns", chat=group)
    await anna.sends("/hilfe@other_bot", chat=group)
    await anna.sends("/hilfe", chat=group)
    await anna.sends("@lotse_demo_bot Leerstand", chat=group)
    await anna.sends("danke", chat=group, reply_to=sent["message_id"])
    texts = [update["message"]["text"] for update in await raw_bot.updates()]
    assert texts == ["/hilfe", "@lotse_demo_bot Leerstand", "danke"]
    await sandbox.client.member(group, None, "administrator")
    await anna.sends("für alle", chat=group)
    assert (await raw_bot.updates())[-1]["message"]["text"] == "für alle"


async def test_members_and_their_changes(sandbox, raw_bot, anna, group):
    berta = await sandbox.client.person("Berta")
    await sandbox.client.member(group, None, "administrator")
    await raw_bot.updates(allowed_updates=["chat_member", "my_chat_member"])
    await sandbox.client.member(group, berta, "member")
    (update,) = await raw_bot.updates()
    change = update["chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("left", "member")
    assert (await raw_bot("getChatMember", chat_id=group, user_id=berta.id))["status"] == "member"
    assert (await raw_bot("getChatMember", chat_id=group, user_id=anna.id))["status"] == "creator"
    assert await raw_bot("getChatMemberCount", chat_id=group) == 3
    admins = await raw_bot("getChatAdministrators", chat_id=group)
    assert {entry["status"] for entry in admins} == {"creator", "administrator"}
    await sandbox.client.member(group, berta, "left")
    assert (await raw_bot("getChatMember", chat_id=group, user_id=berta.id))["status"] == "left"
    refused = await raw_bot.refusal("getChatMember", chat_id=group, user_id=77)
    assert refused.description == "Bad Request: PARTICIPANT_ID_INVALID"


async def test_what_a_plain_member_may_not_do(raw_bot, anna, group):
    sent = await raw_bot("sendMessage", chat_id=group, text="a")
    theirs = await anna.sends("/hilfe", chat=group)
    for method, parameters, reason in [
        ("pinChatMessage", {"message_id": sent["message_id"]}, "not enough rights to manage pinned messages"),
        ("deleteMessage", {"message_id": theirs}, "message can't be deleted"),
        ("setChatTitle", {"title": "x"}, "not enough rights to change chat title"),
        ("createForumTopic", {"name": "x"}, "the chat is not a forum"),
    ]:
        refused = await raw_bot.refusal(method, chat_id=group, **parameters)
        assert refused.description.startswith(START + reason)


async def test_topics_of_a_forum(sandbox, raw_bot, anna):
    forum = await sandbox.client.group("Bündnis", anna, forum=True)
    refused = await raw_bot.refusal("createForumTopic", chat_id=forum, name="Klima")
    assert refused.description == "Bad Request: not enough rights to create a topic"
    await sandbox.client.member(forum, None, "administrator")
    thread = (await raw_bot("createForumTopic", chat_id=forum, name="Klima"))["message_thread_id"]
    sent = await raw_bot("sendMessage", chat_id=forum, message_thread_id=thread, text="a")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    await anna.sends("/hilfe", chat=forum, thread=thread)
    assert (await raw_bot.updates())[-1]["message"]["message_thread_id"] == thread
    assert await raw_bot("closeForumTopic", chat_id=forum, message_thread_id=thread)
    refused = await raw_bot.refusal("closeForumTopic", chat_id=forum, message_thread_id=thread)
    assert refused.description == "Bad Request: TOPIC_NOT_MODIFIED"
    assert await raw_bot("deleteForumTopic", chat_id=forum, message_thread_id=thread)
    refused = await raw_bot.refusal("sendMessage", chat_id=forum, message_thread_id=thread, text="a")
    assert refused.description == "Bad Request: message thread not found"


async def test_each_person_sees_the_commands_of_the_narrowest_scope(sandbox, raw_bot, anna, group):
    berta = await sandbox.client.person("Berta")

    async def set_commands(name, **scope):
        commands = [{"command": name, "description": "Text"}]
        await raw_bot("setMyCommands", commands=commands, **({"scope": scope} if scope else {}))

    await set_commands("alle")
    assert await anna.commands() == ["alle"]
    await set_commands("privat", type="all_private_chats")
    await set_commands("anna", type="chat", chat_id=anna.id)
    await set_commands("gruppe", type="all_group_chats")
    await set_commands("leitung", type="chat_administrators", chat_id=group)
    assert (await anna.commands(), await berta.commands()) == (["anna"], ["privat"])
    await sandbox.client.member(group, berta, "member")
    assert (await anna.commands(group), await berta.commands(group)) == (["leitung"], ["gruppe"])
    await raw_bot("deleteMyCommands", scope={"type": "chat", "chat_id": anna.id})
    assert await anna.commands() == ["privat"]
    assert await raw_bot("getMyCommands") == [{"command": "alle", "description": "Text"}]


@pytest.mark.parametrize(
    ("command", "description", "refused"),
    [
        ("förderung", "a", "BOT_COMMAND_INVALID"),
        ("Hilfe", "a", "BOT_COMMAND_INVALID"),
        ("a" * 33, "a", "BOT_COMMAND_INVALID"),
        ("hilfe", "", "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_it_refuses_commands_that_telegram_does_not_take(raw_bot, command, description, refused):
    commands = [{"command": command, "description": description}]
    assert (await raw_bot.refusal("setMyCommands", commands=commands)).description == START + refused


async def test_the_bots_texts(raw_bot):
    assert await raw_bot("getMyName") == {"name": "Lotse"}
    assert await raw_bot("setMyDescription", description="Fragen Sie einfach.")
    assert await raw_bot("getMyDescription") == {"description": "Fragen Sie einfach."}
    assert (await raw_bot.refusal("setMyShortDescription", short_description="a" * 121)).status == 400
    assert await raw_bot("setChatMenuButton", menu_button={"type": "commands"})
    assert await raw_bot("getChatMenuButton") == {"type": "commands"}


async def test_token_and_method_are_checked(sandbox, raw_bot):
    for path, status, description in [
        ("/bot123:short/getMe", 401, "Unauthorized"),
        ("/botnonsense/getMe", 404, "Not Found"),
        (f"/bot{sandbox.token}/getNothing", 404, "Not Found"),
    ]:
        async with raw_bot.session.get(sandbox.url + path) as response:
            assert response.status == status
            assert await response.json() == {"ok": False, "error_code": status, "description": description}


async def test_a_call_may_come_as_query_form_or_json(raw_bot, anna):
    fields = {"chat_id": str(anna.id), "text": "ä & b"}
    url = f"{raw_bot.root}/sendMessage"
    for request in (
        raw_bot.session.get(url, params=fields),
        raw_bot.session.post(url, data=fields),
        raw_bot.session.post(url, json=fields),
    ):
        async with request as response:
            assert (await response.json())["result"]["text"] == "ä & b"


async def test_half_a_character_is_refused(raw_bot, anna):
    url, body = f"{raw_bot.root}/sendMessage", rb'{"chat_id": %d, "text": "\ud83d"}' % anna.id
    async with raw_bot.session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        assert (await response.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b"[1]"), ("application/json", b"{"), ("application/x-www-form-urlencoded", b"\xff=\xff")],
)
async def test_a_body_that_cannot_be_read_is_refused(raw_bot, kind, body):
    url = f"{raw_bot.root}/sendMessage"
    async with raw_bot.session.post(url, data=body, headers={"Content-Type": kind}) as response:
        assert response.status == 400


async def test_a_channel_speaks_in_its_own_name(sandbox, raw_bot, anna):
    ben = await sandbox.client.person("Ben")
    channel = await sandbox.client.channel("Bündnis aktuell", anna, ben, username="buendnis_aktuell")
    (added,) = await raw_bot.updates()
    change = added["my_chat_member"]
    assert (change["chat"]["type"], change["from"]["id"]) == ("channel", anna.id)
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("left", "administrator")
    assert change["new_chat_member"]["can_post_messages"]
    sent = await raw_bot("sendMessage", chat_id="@buendnis_aktuell", text="Neues")
    assert (sent["chat"]["id"], sent["sender_chat"]["id"], "from" in sent) == (channel, channel, False)
    assert (await ben.chat_history(channel))[0]["bot"]
    await anna.sends("Von Hand", chat=channel)
    post = (await raw_bot.updates())[-1]["channel_post"]
    assert (post["text"], post["sender_chat"]["id"], "from" in post) == ("Von Hand", channel, False)
    with pytest.raises(SandboxError, match="schreiben nur Administratoren"):
        await ben.sends("Darf ich?", chat=channel)
    await anna.edits(post["message_id"], "Verbessert", chat=channel)
    assert (await raw_bot.updates())[-1]["edited_channel_post"]["text"] == "Verbessert"
    assert await raw_bot("getChatMemberCount", chat_id=channel) == 3
    assert "permissions" not in await raw_bot("getChat", chat_id=channel)
    forwarded = await raw_bot("forwardMessage", chat_id=ben.id, from_chat_id=channel, message_id=sent["message_id"])
    assert forwarded["forward_origin"]["type"] == "channel"
    edited = await raw_bot("editMessageText", chat_id=channel, message_id=sent["message_id"], text="Neueres")
    assert edited["sender_chat"]["id"] == channel


async def test_a_channel_takes_nothing_from_a_bot_that_may_not_post_or_is_gone(sandbox, raw_bot, anna):
    channel = await sandbox.client.channel("Bündnis aktuell", anna)
    with pytest.raises(SandboxError, match="Administrator oder nicht dabei"):
        await sandbox.client.member(channel, None, "member")
    refused = await raw_bot.refusal(
        "sendPoll", chat_id=channel, question="Ja?", options=[{"text": "Ja"}, {"text": "Nein"}], is_anonymous=False
    )
    assert refused.description == "Bad Request: non-anonymous polls can't be sent to channel chats"
    await sandbox.client.member(channel, None, "administrator", may_post=False)
    assert await refusal(raw_bot, channel) == (400, "Bad Request: need administrator rights in the channel chat")
    await sandbox.client.member(channel, None, "kicked")
    assert await refusal(raw_bot, channel) == (403, "Forbidden: bot was kicked from the channel chat")
    await sandbox.client.member(channel, None, "left")
    assert await refusal(raw_bot, channel) == (403, "Forbidden: bot is not a member of the channel chat")
    kinds = [next(key for key in update if key != "update_id") for update in await raw_bot.updates()]
    assert set(kinds) == {"my_chat_member"}


async def test_a_topic_that_a_person_opens_is_named_with_each_message(sandbox, raw_bot, anna):
    forum = await sandbox.client.group("Bündnis", anna, forum=True)
    topic = await anna.opens_topic(forum, "Klima")
    await anna.sends("/hilfe", chat=forum, thread=topic)
    opened, asked = (await raw_bot.updates())[-2:]
    assert opened["message"]["forum_topic_created"]["name"] == "Klima"
    assert asked["message"]["reply_to_message"]["forum_topic_created"]["name"] == "Klima"
    with pytest.raises(SandboxError, match="Dieses Thema gibt es nicht"):
        await anna.sends("/hilfe", chat=forum, thread=999)
