"""The front door: who writes, whether they may, and how they are told kindly when not."""

from telegram import InlineQueryResultsButton, MessageEntity, Update
from telegram.ext import ApplicationHandlerStop, BaseHandler, TypeHandler

from bot.members.callbacks import PREFIX, Verb, button
from bot.members.profiles import Profile
from bot.members.roles import Role
from bot.members.screens import Desk
from bot.telegram import Context, acknowledge, is_private, reply

FOR_ALL = frozenset({"datenschutz", "privacy", "meinedaten", "loeschen", "abbrechen"})
"""Commands that nobody is refused: what is kept about them is everybody's own matter."""
INVITED, ASKS_IN = "i_", "beitritt"
"""What `/start` carries: an invitation's token follows; or the wish to become a member."""


class Gate:
    """Stands before all handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """To be added in a handler group before all others."""
        return [TypeHandler(Update, self.enter)]

    async def enter(self, update: Update, context: Context) -> None:
        """Let an update through, or answer it here and let no handler see it.

        Raises:
            ApplicationHandlerStop: It is answered.
        """
        user = update.effective_user
        if user is None or user.is_bot:
            return
        seen = await self._desk.rooms.members.see(user.id, user.full_name, user.username)
        if seen.back and seen.profile.is_member and is_private(update) and update.message is not None:
            await self._desk.say(update, "welcome_back")
        if seen.profile.role.rank >= Role.LEAD.rank and _is_start(update):
            # Telegram did not know this chat when their role was given, or has lost what their menu was.
            await self._desk.show_commands(context.bot, seen.profile)
        if seen.may_ask or await self._is_for_all(update, seen.profile):
            return
        await self._refuse(update, context, seen.profile)
        raise ApplicationHandlerStop

    async def _is_for_all(self, update: Update, profile: Profile) -> bool:
        if update.callback_query is not None:
            return (update.callback_query.data or "").startswith(PREFIX)
        if not is_private(update) or update.message is None:
            return False
        command, _, payload = (update.message.text or "").partition(" ")
        name = command.removeprefix("/").partition("@")[0].casefold() if command.startswith("/") else ""
        if name in FOR_ALL:
            return True
        if profile.suspended:
            return False
        if name:
            return name == "start" and (payload.startswith(INVITED) or payload.strip() == ASKS_IN)
        return await self._desk.rooms.dialogues.current(profile.id) is not None

    async def _refuse(self, update: Update, context: Context, profile: Profile) -> None:
        messages = self._desk.messages
        template = "suspended" if profile.suspended else "outsider"
        html = messages.render(template, contact=self._desk.contact)
        if update.callback_query is not None:
            await acknowledge(update.callback_query, messages.render("members_only"), alert=True)
        elif update.inline_query is not None:
            ask = InlineQueryResultsButton(messages.render("inline_outsider"), start_parameter=ASKS_IN)
            await update.inline_query.answer([], cache_time=0, is_personal=True, button=ask)
        elif is_private(update):
            if update.message is not None:
                keyboard = None if profile.suspended else [[button("Mitgliedschaft anfragen", Verb.ASK_IN)]]
                await reply(update, html, keyboard)
        elif _is_addressed(update, context.bot.username):
            await reply(update, messages.render("members_only_group", bot=context.bot.username))


def _is_start(update: Update) -> bool:
    return is_private(update) and update.message is not None and (update.message.text or "").startswith("/start")


def _is_addressed(update: Update, username: str) -> bool:
    """Whether a message in a group is meant for the bot: a command, its name, or a reply to it."""
    message = update.message
    if message is None:
        return False
    entities = message.parse_entities([MessageEntity.MENTION, MessageEntity.BOT_COMMAND])
    for entity, words in entities.items():
        named = words.casefold().endswith(f"@{username}".casefold())
        if named or (entity.type == MessageEntity.BOT_COMMAND and "@" not in words):
            return True
    answered = message.reply_to_message
    return bool(answered and answered.from_user and answered.from_user.username == username)
