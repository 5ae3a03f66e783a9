"""The queue of updates: what long polling and the webhook take from."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.changes import Changes
from bot.sandbox.chats import JSON
from bot.sandbox.clock import Clock
from bot.sandbox.errors import ApiError

_HOLD_SECONDS = {"callback_query": 150, "inline_query": 30}
_HOLD_OTHERS_SECONDS = 24 * 3600
_ONLY_ON_REQUEST = ("chat_member", "message_reaction", "message_reaction_count")
_MOST_AT_ONCE = 100
_LONGEST_POLL_SECONDS = 50


@dataclass(slots=True)
class Pending:
    """An update that the bot has not confirmed."""

    update: JSON
    key: int
    expires: float

    @property
    def id(self) -> int:
        """The update's number."""
        return int(self.update["update_id"])


class Updates:
    """The updates that wait for the bot, oldest first."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self.pending: list[Pending] = []
        self.allowed: list[str] | None = None
        self.webhook: JSON = {}
        self.on_update: Callable[[], None] = lambda: None
        self._clock = clock
        self._changes = changes
        self._next_id = 100_000_001
        self._poller: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()

    def add(self, kind: str, content: Any, key: int) -> None:
        """Queue an update of the given kind, unless the bot does not want it.

        Args:
            kind: A field of Update, such as "message".
            content: The field's value.
            key: The chat or user; the webhook keeps the order within it.
        """
        if not self._wanted(kind):
            return
        expires = self._clock.time() + _HOLD_SECONDS.get(kind, _HOLD_OTHERS_SECONDS)
        self.pending.append(Pending({"update_id": self._next_id, kind: content}, key, expires))
        self._next_id += 1
        self._arrived.set()
        self.on_update()

    def drop(self, count_from_end: int = 0) -> None:
        """Forget all updates but the last `count_from_end`."""
        self.pending = self.pending[-count_from_end:] if count_from_end else []
        self._changes.bump()

    def forget_old(self) -> None:
        """Forget what Telegram would not keep that long."""
        now = self._clock.time()
        if any(entry.expires <= now for entry in self.pending):
            self.pending = [entry for entry in self.pending if entry.expires > now]

    def confirm(self, update_id: int) -> None:
        """Forget one update: the webhook took it."""
        for place, entry in enumerate(self.pending):
            if entry.id == update_id:
                del self.pending[place]
                break
        self._changes.bump()

    async def poll(self, parameters: JSON) -> list[JSON]:
        """Answer getUpdates.

        Args:
            parameters: The checked parameters of the call.

        Raises:
            ApiError: 409 if a webhook is set or another poller comes.
        """
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first",
            )
        self.end_poller("other getUpdates request; make sure that only one bot instance is running")
        if "allowed_updates" in parameters:
            self.allowed = parameters["allowed_updates"] or None
        self._move_to(parameters.get("offset", 0))
        limit = min(max(parameters.get("limit", _MOST_AT_ONCE), 1), _MOST_AT_ONCE)
        timeout = min(max(parameters.get("timeout", 0), 0), _LONGEST_POLL_SECONDS)
        if not self.pending and timeout and not self._changes.closed:
            await self._wait(timeout)
        self.forget_old()
        return [entry.update for entry in self.pending[:limit]]

    def end_poller(self, by: str) -> None:
        """Refuse a poll that waits, naming what ended it."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(ApiError(409, f"Conflict: terminated by {by}"))

    def close(self) -> None:
        """End a waiting poll with an empty answer."""
        self._arrived.set()

    def _wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _ONLY_ON_REQUEST

    def _move_to(self, offset: int) -> None:
        before = len(self.pending)
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [entry for entry in self.pending if entry.id >= offset]
        if len(self.pending) != before:
            self._changes.bump()

    async def _wait(self, seconds: float) -> None:
        self._arrived.clear()
        poller = asyncio.get_running_loop().create_future()
        self._poller = poller
        arrival = asyncio.ensure_future(self._arrived.wait())
        try:
            await asyncio.wait([poller, arrival], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if poller.done():
                poller.result()
        finally:
            arrival.cancel()
            if self._poller is poller:
                self._poller = None
