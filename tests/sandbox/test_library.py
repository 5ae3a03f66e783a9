"""python-telegram-bot, which the bot stands on, as the sandbox's client."""

import asyncio
from io import BytesIO

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode, ReactionEmoji
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, ChatMemberHandler, InlineQueryHandler, MessageHandler
from telegram.ext.filters import ALL, COMMAND

from tests.sandbox.test_messages import PNG


def builder(sandbox, token=None):
    return (
        ApplicationBuilder()
        .token(token or sandbox.token)
        .base_url(f"{sandbox.url}/bot")
        .base_file_url(f"{sandbox.url}/file/bot")
        .get_updates_read_timeout(30)
    )


@pytest.fixture
async def application(sandbox):
    application = builder(sandbox).build()
    async with application:
        yield application


@pytest.fixture
async def bot(application):
    return application.bot


@pytest.fixture
async def anna(sandbox):
    return await sandbox.client.person("Anna")


async def test_a_conversation_by_polling(sandbox, application, anna):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Details", callback_data="d")]])

    async def answer(update, _context):
        text = f"<b>Sie schrieben:</b> {update.effective_message.text_html}"
        await update.effective_message.reply_html(text, reply_markup=keyboard)

    async def details(update, _context):
        await update.callback_query.answer("Moment")
        await update.callback_query.edit_message_text("Mehr dazu")

    async def inline(update, _context):
        content = InputTextMessageContent("<i>Leerstand</i>", parse_mode=ParseMode.HTML)
        await update.inline_query.answer([InlineQueryResultArticle("1", "Leerstand", content)], is_personal=True)

    application.add_handler(MessageHandler(ALL & ~COMMAND, answer))
    application.add_handler(CallbackQueryHandler(details))
    application.add_handler(InlineQueryHandler(inline))
    await application.start()
    await application.updater.start_polling()
    try:
        await anna.sends("1 < 2")
        received = await anna.receives("Sie schrieben")
        assert received["html"] == "<b>Sie schrieben:</b> 1 &lt; 2"
        assert (await anna.presses("Details"))["text"] == "Moment"
        assert "reply_markup" not in await anna.receives("Mehr dazu")
        found = await anna.inline("leer")
        await anna.chooses(found)
        await anna.receives("Leerstand")
        await anna.sends("/unbekannt")
        await anna.receives_nothing()
    finally:
        await application.updater.stop()
        await application.stop()


async def test_what_the_library_sends_and_reads(sandbox, bot, anna):
    reply = ReplyParameters(await anna.sends("Frage"))
    sent = await bot.send_message(
        anna.id, "a", reply_parameters=reply, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    assert sent.reply_to_message.text == "Frage"
    assert sent.chat.effective_name == "Anna"
    document = await bot.send_document(anna.id, BytesIO(b"a;b"), filename="Liste ä.csv", caption="Liste")
    assert document.document.file_name == "Liste ä.csv"
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"a;b"
    photo = await bot.send_photo(anna.id, PNG)
    assert (await bot.send_photo(anna.id, photo.photo[-1].file_id)).photo == photo.photo
    album = [InputMediaDocument(b"1", filename="1.txt"), InputMediaDocument(b"2", filename="2.txt", caption="zwei")]
    assert [m.caption for m in await bot.send_media_group(anna.id, album)] == [None, "zwei"]
    poll = await bot.send_poll(anna.id, "Wann?", ["Mo", "Di"], is_anonymous=False)
    assert (await bot.stop_poll(anna.id, poll.message_id)).is_closed
    assert (await bot.copy_message(anna.id, anna.id, sent.message_id)).message_id
    assert len(await bot.copy_messages(anna.id, anna.id, [sent.message_id])) == 1
    assert (await bot.forward_message(anna.id, anna.id, sent.message_id)).forward_origin.sender_user.is_bot
    assert await bot.set_message_reaction(anna.id, sent.message_id, ReactionEmoji.THUMBS_UP)
    assert await bot.send_chat_action(anna.id, ChatAction.TYPING)
    assert await bot.pin_chat_message(anna.id, sent.message_id)
    assert (await bot.get_chat(anna.id)).pinned_message.text == "a"
    assert await bot.set_my_commands(
        [BotCommand("hilfe", "Hilfe")], BotCommandScopeAllPrivateChats(), language_code="de"
    )
    assert await anna.commands() == ["hilfe"]
    location = await bot.send_venue(anna.id, 50.98, 11.03, "LEG", "Mainzerhofstraße 12")
    assert location.venue.title == "LEG"
    assert await bot.delete_messages(anna.id, [sent.message_id])


async def test_groups_as_the_library_sees_them(sandbox, bot, anna):
    forum = await sandbox.client.group("Bündnis", anna, forum=True)
    await sandbox.client.member(forum, None, "administrator")
    topic = await bot.create_forum_topic(forum, "Klima")
    assert (await bot.send_message(forum, "a", message_thread_id=topic.message_thread_id)).is_topic_message
    assert (await bot.get_chat_member(forum, bot.id)).can_manage_topics
    assert {member.status for member in await bot.get_chat_administrators(forum)} == {"creator", "administrator"}
    assert await bot.leave_chat(forum)


async def test_refusals_become_the_librarys_errors(monkeypatch, sandbox, bot, anna):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(5, "a")
    sent = await bot.send_message(anna.id, "a")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("a")
    group = await sandbox.client.group("AG", anna)
    new = await sandbox.client.migrate(group)
    with pytest.raises(ChatMigrated) as migrated:
        await bot.send_message(group, "a")
    assert migrated.value.new_chat_id == new
    await sandbox.client.fault("too_many_requests", seconds=3)
    with pytest.raises(RetryAfter) as flood:
        await bot.send_message(anna.id, "a")
    assert flood.value.retry_after.total_seconds() == 3
    await sandbox.client.fault("http_500")
    with pytest.raises(TelegramError):
        await bot.send_message(anna.id, "a")
    await sandbox.client.fault("reset_after")
    with pytest.raises(TelegramError):
        await bot.send_message(anna.id, "trotzdem da")
    await anna.receives("trotzdem da")
    await sandbox.client.fault("slow", seconds=20)
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "a", read_timeout=0.1)
    await anna.blocks_bot()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(anna.id, "a")


async def test_a_second_poller_is_a_conflict(sandbox, bot):
    first = asyncio.create_task(bot.get_updates(timeout=20))
    while sandbox.world.updates._poller is None:
        await asyncio.sleep(0)
    async with builder(sandbox).build().bot as other:
        second = asyncio.create_task(other.get_updates(timeout=20))
        with pytest.raises(Conflict):
            await first
        sandbox.world.close()
        assert await second == ()


async def test_a_wrong_token_is_refused(sandbox):
    application = builder(sandbox, token="123:short").build()
    with pytest.raises(InvalidToken):
        await application.bot.initialize()
    await application.bot.shutdown()


async def test_member_changes_reach_handlers(sandbox, application, anna):
    seen = asyncio.Queue()

    async def changed(update, _context):
        await seen.put(update.my_chat_member.new_chat_member.status)

    application.add_handler(ChatMemberHandler(changed, ChatMemberHandler.MY_CHAT_MEMBER))
    await application.start()
    await application.updater.start_polling()
    try:
        await anna.blocks_bot()
        assert await seen.get() == "kicked"
        await sandbox.client.settles()
    finally:
        await application.updater.stop()
        await application.stop()
