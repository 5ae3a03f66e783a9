"""What all rooms do with a press: find what it means, say why it is refused, stop the button's waiting sign."""

from collections.abc import Awaitable, Callable

from telegram import Update

from bot.callbacks import OddButtonError
from bot.members.errors import MembersError
from bot.telegram import Context, Press, acknowledge


async def take_press(
    update: Update,
    context: Context,
    does: Callable[[Press], Awaitable[str | None]],
    *,
    outdated: str,
    refusal: Callable[[MembersError], str],
) -> None:
    """Do what a button means; a second press changes nothing and says nothing.

    Args:
        update: The press.
        context: With the bot.
        does: Does it; returns a short note, or None.
        outdated: What is said of a button that this version no longer knows.
        refusal: What is said of a refusal, as plain text that fits a button's note.
    """
    query = update.callback_query
    if query is None:
        return
    note, alert = None, False
    try:
        note = await does(Press(update, query, context.bot))
    except (OddButtonError, KeyError):
        note = outdated
    except MembersError as error:
        note, alert = refusal(error), True
    await acknowledge(query, note, alert=alert)
