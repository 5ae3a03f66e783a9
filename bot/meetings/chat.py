"""Meetings in chat: the parts put together, and every press led to its part."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, ClassVar

from telegram import BotCommand, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.callbacks import OddButtonError
from bot.meetings.callbacks import PREFIX, Verb, decode
from bot.meetings.change_chat import ChangeChat
from bot.meetings.desk import Desk, OnPress
from bot.meetings.errors import MeetingsError
from bot.meetings.follow_chat import FollowChat
from bot.meetings.list_chat import ListChat
from bot.meetings.minutes_chat import MinutesChat
from bot.meetings.papers_chat import PapersChat
from bot.meetings.plan_chat import PlanChat
from bot.meetings.reply_chat import ReplyChat
from bot.meetings.watch_chat import WatchChat
from bot.members.commands import RoomCommands
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.rendering import plain_text
from bot.telegram import Context, Press, acknowledge, reply

Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]
Answer = Callable[[Update, Context, Open], Awaitable[None]]


class MeetingsChat:
    """The handlers of this capability."""

    COMMANDS: ClassVar[RoomCommands] = RoomCommands(
        everyone=[
            BotCommand("termine", "Was kommt und was war"),
            BotCommand("merkliste", "Fristen, an die ich erinnere"),
        ],
        groups=[BotCommand("termine", "Was kommt und was war")],
        leads=[BotCommand("termin", "Ein Treffen planen")],
        office=[],
    )

    def __init__(self, desk: Desk, watching: WatchChat, following: FollowChat) -> None:
        self._desk = desk
        self._watching = watching
        self._following = following
        self._changes = ChangeChat(desk)
        self._plan = PlanChat(desk, self._changes)
        self._replies = ReplyChat(desk)
        self._lists = ListChat(desk)
        self._papers = PapersChat(desk)
        self._minutes = MinutesChat(desk)
        self._presses: dict[Verb, OnPress] = {
            **self._plan.presses(),
            **self._changes.presses(),
            **self._replies.presses(),
            **self._lists.presses(),
            **self._papers.presses(),
            **self._minutes.presses(),
            **watching.presses(),
            **following.presses(),
        }

    def answers(self) -> Mapping[str, Answer]:
        """The dialogues, by kind, for the room that leads answers to them."""
        dialogues: dict[str, Answer] = {
            **self._plan.answers(),
            **self._changes.answers(),
            **self._papers.answers(),
            **self._minutes.answers(),
            **self._following.answers(),
        }
        return {kind: self._guarded_answer(answer) for kind, answer in dialogues.items()}

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """The commands, files and buttons; to be added before rooms that take every command, file or button."""
        new = filters.UpdateType.MESSAGE
        return [
            CommandHandler("termin", self._guarded(self._plan.command), filters=new),
            CommandHandler("termine", self._guarded(self._lists.command), filters=new),
            CommandHandler("merkliste", self._guarded(self._watching.command), filters=new),
            CallbackQueryHandler(self.press, pattern=f"^{PREFIX}"),
        ]

    def files(self) -> list[BaseHandler[Update, Context, None]]:
        """Calendar files; to be added in a handler group before the rooms, since most files are not ours."""
        wanted = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & filters.Document.ALL
        return [MessageHandler(wanted, self._guarded(self._plan.file))]

    async def press(self, update: Update, context: Context) -> None:
        """Any button of this capability; what somebody may not do, the rules refuse."""
        query = update.callback_query
        if query is None:
            return
        note, alert = None, False
        try:
            wish = decode(query.data or "")
            note = await self._presses[wish.verb](Press(update, query, context.bot), wish)
        except (OddButtonError, KeyError):
            note = self._desk.cards.messages.render("outdated")
        except (MeetingsError, MembersError) as error:
            note, alert = self._refusal(error), True
        await acknowledge(query, plain_text(note)[:200] if note else None, alert=alert)

    def _guarded(self, handler: Handler) -> Handler:
        """A handler whose refusals are said."""

        async def guarded(update: Update, context: Context) -> None:
            try:
                await handler(update, context)
            except (MeetingsError, MembersError) as error:
                await reply(update, self._refusal(error))

        return guarded

    def _guarded_answer(self, answer: Answer) -> Answer:
        async def guarded(update: Update, context: Context, waits: Open) -> None:
            try:
                await answer(update, context, waits)
            except (MeetingsError, MembersError) as error:
                await reply(update, self._refusal(error))

        return guarded

    def _refusal(self, error: MeetingsError | MembersError) -> str:
        return self._desk.cards.refusal(error.code)
