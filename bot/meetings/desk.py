"""What this capability's handlers share: the rules, the cards, who acts, how a refusal is said."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import InlineKeyboardButton, Message, Update
from telegram.error import BadRequest

from bot.clock import Clock
from bot.dates.reader import DateReader
from bot.delivery.payloads import Buttons
from bot.meetings.callbacks import Wish
from bot.meetings.cards import Card, Cards
from bot.meetings.listing import Listing
from bot.meetings.minutes import Minutes
from bot.meetings.reminders import Reminders
from bot.meetings.replies import Replies
from bot.meetings.series import SeriesPlanning
from bot.meetings.service import Planning
from bot.members.dialogues import Dialogues
from bot.telegram import Keyboard, Press, is_unchanged, markup, replace, reply

OnPress = Callable[[Press, Wish], Awaitable[str | None]]
"""Takes a press; returns a short note, or None."""


@dataclass(frozen=True)
class Desk:
    """What the handlers work with.

    Attributes:
        planning: The rules of planning.
        replies: The rules of replies.
        reminders: Choices of when.
        listing: What is coming and what was.
        minutes: What came of it.
        cards: What messages show.
        dialogues: What a chat was asked.
        reader: Reads dates.
        clock: When.
        series: Ends series.
        zone: The people's time zone.
        public_url: Address that calendar links start with; None: there is no web part.
    """

    planning: Planning
    replies: Replies
    reminders: Reminders
    listing: Listing
    minutes: Minutes
    cards: Cards
    dialogues: Dialogues
    reader: DateReader
    clock: Clock
    series: SeriesPlanning
    zone: dt.tzinfo
    public_url: str | None = None

    def today(self) -> dt.date:
        """The local day."""
        return self.clock.now().astimezone(self.zone).date()

    async def say(self, update: Update, template: str, rows: Buttons = (), **values: object) -> None:
        """Answer with a template."""
        await reply(update, self.cards.messages.render(template, **values), keyboard(rows))


async def send(update: Update, card: Card) -> None:
    """Answer with a card."""
    await reply(update, card.html, keyboard(card.rows))


async def show(press: Press, card: Card) -> None:
    """Show a card in the message whose button was pressed; below a file it is the file's caption."""
    message = press.query.message
    if not isinstance(message, Message) or message.document is None:
        await replace(press, card.html, keyboard(card.rows))
        return
    try:
        await press.bot.edit_message_caption(
            chat_id=press.chat_id,
            message_id=press.message_id,
            caption=card.html,
            parse_mode="HTML",
            reply_markup=markup(keyboard(card.rows)),
        )
    except BadRequest as error:
        if not is_unchanged(error):
            await reply(press.update, card.html, keyboard(card.rows))


def keyboard(rows: Buttons) -> Keyboard:
    """Buttons as Telegram takes them."""
    return [
        [InlineKeyboardButton(each.text, callback_data=each.callback_data, url=each.url) for each in row]
        for row in rows
    ]


def person_id(update: Update) -> int | None:
    """Who writes or presses."""
    return update.effective_user.id if update.effective_user else None


def message_text(update: Update) -> str:
    """What was typed."""
    return (update.message.text or "").strip() if update.message else ""
