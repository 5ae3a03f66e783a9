"""The pace for calls that handlers make through the library: each waits for its turn ahead of the outbox."""

import math
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.delivery.kinds import Priority
from bot.delivery.limiter import ChatId, HaltedError, Limiter

PATIENCE_SECONDS = 30.0
"""How long an answer waits for its turn before the handler gets an error."""
TRIES = 3
_COUNTED = ("send", "copy", "forward", "edit")
_NOT_COUNTED = frozenset({"sendChatAction"})

Answer = bool | dict[str, Any] | list[dict[str, Any]]


class LibraryPace(BaseRateLimiter[Priority]):
    """Puts the calls of a `telegram.ext.ExtBot` under the limiter.

    Messages and edits are counted; the rest (answers to buttons, questions to Telegram) goes at once. A call may give
    its `Priority` as `rate_limit_args`; without it is an answer to a person.
    """

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to free."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Answer:
        """Make a call when its turn comes; after a 429 once more when the halt is over.

        Raises:
            RetryAfter: The halt is longer than `PATIENCE_SECONDS`, or Telegram refused `TRIES` times.
        """
        if not is_counted(endpoint):
            return await callback(*args, **kwargs)
        priority = Priority.REPLY if rate_limit_args is None else rate_limit_args
        chat_id: ChatId | None = data.get("chat_id")
        for attempt in range(1, TRIES + 1):
            try:
                async with self._limiter.permit(chat_id, priority, count_messages(data), PATIENCE_SECONDS):
                    answer = await callback(*args, **kwargs)
            except HaltedError as error:
                raise RetryAfter(math.ceil(error.seconds)) from None
            except RetryAfter as error:
                self._limiter.flooded(chat_id, retry_seconds(error))
                if attempt == TRIES:
                    raise
            else:
                self._limiter.succeeded()
                return answer
        raise AssertionError("unreachable")


def is_counted(endpoint: str) -> bool:
    """Whether Telegram's flood limits count calls of a method."""
    return endpoint.startswith(_COUNTED) and endpoint not in _NOT_COUNTED


def count_messages(data: dict[str, Any]) -> int:
    """How many messages a call puts into a chat."""
    return max(len(data.get("media") or data.get("message_ids") or ()), 1) if _is_many(data) else 1


def retry_seconds(error: RetryAfter) -> float:
    """The pause that a 429 asks for, in seconds."""
    pause = error.retry_after
    return float(pause) if isinstance(pause, int) else pause.total_seconds()


def _is_many(data: dict[str, Any]) -> bool:
    many = data.get("media") or data.get("message_ids")
    return isinstance(many, list | tuple)
