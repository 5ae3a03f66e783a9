"""What both ways in share: reading updates, handing them on, and the end when the token is revoked."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from telegram import Bot, Update

from bot.logs import get_logger
from bot.settings import SettingsError

EVERY_ROOM_TAKES = ("message", "edited_message", "callback_query", "inline_query")
"""The kinds of update that are always asked for."""
WAITING = 4096
"""So many updates may wait for a free place; more are left with Telegram, which keeps them for a day."""

_log = get_logger("lotse.intake")


class Intake(Protocol):
    """One of the two ways."""

    async def run(self, stop: asyncio.Event) -> None:
        """Take updates until told to stop; troubles of the network are waited for.

        Raises:
            SettingsError: Telegram rejects the token: nobody can answer with it any more.
        """
        ...

    def trouble(self) -> str | None:
        """Why nothing comes in; None: all is well."""
        ...


class Inbox:
    """Where updates wait for their handlers.

    Args:
        queue: The application's.
        bot: What the updates' own methods go through.
    """

    def __init__(self, queue: "asyncio.Queue[object]", bot: Bot) -> None:
        self._queue = queue
        self._bot = bot
        self.on_update: Callable[[str], None] = lambda _kind: None
        """Called with the kind of each update."""

    @property
    def is_full(self) -> bool:
        """Whether no more should be taken now."""
        return self._queue.qsize() >= WAITING

    def take(self, data: Any) -> bool:
        """Hand on one update as Telegram wrote it.

        Returns:
            False where it cannot be read: it is logged and left out, so that it does not come again for ever.
        """
        try:
            update = Update.de_json(data, self._bot)
        except Exception as error:
            _log.error("an update cannot be read and is left out", reason=f"{type(error).__name__}: {error}")
            return False
        self.on_update(kind_of(data))
        self._queue.put_nowait(update)
        return True


def kind_of(data: dict[str, Any]) -> str:
    """What sort of update it is, such as `message`; `other` for one that we do not ask for."""
    kinds = [key for key in data if key != "update_id"]
    return kinds[0] if len(kinds) == 1 and kinds[0] in KINDS else "other"


KINDS = frozenset(Update.ALL_TYPES)


def rejected_token() -> SettingsError:
    """The one sentence for a token that Telegram does not take."""
    return SettingsError(
        [
            "Telegram rejects LOTSE_TELEGRAM_TOKEN: it was revoked or is another one. Compare it with the one that "
            "@BotFather shows (and LOTSE_TELEGRAM_API_URL, if you set it)."
        ]
    )


def wanted_updates(more: Sequence[str]) -> list[str]:
    """All kinds of update that are asked for."""
    return list(dict.fromkeys((*EVERY_ROOM_TAKES, *more)))
