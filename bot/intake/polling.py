"""Long polling: asks Telegram for updates, one question after the other."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.delivery.library import retry_seconds
from bot.intake.updates import Inbox, rejected_token
from bot.logs import get_logger

POLL_SECONDS = 10
"""How long Telegram may hold a question that has no answer yet."""
ANSWER_SECONDS = 5.0
"""How much longer we wait for it."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
SILENT_SECONDS = 60.0
"""Without an answer for so long, Telegram is not reached."""
FULL_PAUSE = 0.2

_log = get_logger("lotse.intake")


class Polling:
    """The one poller of a token.

    Args:
        request: The way to Telegram; not the one that answers use, which must never wait behind a poll.
        base_url: Root of the Bot API with the token.
        inbox: Where updates go.
        kinds: The kinds of update that are asked for.
    """

    def __init__(self, request: BaseRequest, base_url: str, inbox: Inbox, kinds: Sequence[str]) -> None:
        self._request = request
        self._base_url = base_url
        self._inbox = inbox
        self._kinds = json.dumps(list(kinds))
        self._offset = 0
        self._webhook_removed = False
        self._answered_at: float | None = None
        self._trouble: str | None = "polling has not begun"

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop; then say what was taken, so that it does not come again.

        Raises:
            SettingsError: Telegram rejects the token.
        """
        pause = FIRST_PAUSE
        while not stop.is_set():
            try:
                await self._poll(stop)
                pause = FIRST_PAUSE
                wait = FULL_PAUSE if self._inbox.is_full else 0.0
            except InvalidToken:
                self._trouble = "Telegram rejects the token"
                raise rejected_token() from None
            except TelegramError as error:
                wait = self._note(error, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            if wait:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait)
        self._trouble = "polling has stopped"
        with suppress(TelegramError):
            await self._call("getUpdates", {"offset": self._offset, "timeout": 0, "limit": 1}, ANSWER_SECONDS)

    def trouble(self) -> str | None:
        """Why nothing comes in; None: all is well."""
        if self._answered_at is None or self._trouble is not None:
            return self._trouble
        silent = time.monotonic() - self._answered_at
        return f"no answer from Telegram for {silent:.0f} s" if silent > SILENT_SECONDS else None

    async def _poll(self, stop: asyncio.Event) -> None:
        if not self._webhook_removed:
            await self._call("deleteWebhook", {}, ANSWER_SECONDS)
            self._webhook_removed = True
        if self._inbox.is_full:
            return
        # The first question, and the first after a trouble, is answered at once: so it shows at once that all is well.
        seconds = 0 if self._trouble is not None else POLL_SECONDS
        parameters = {"offset": self._offset, "timeout": seconds, "allowed_updates": self._kinds}
        asking = asyncio.create_task(self._call("getUpdates", parameters, POLL_SECONDS + ANSWER_SECONDS))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not asking.done():
                asking.cancel()
        if asking.done():
            for data in asking.result():
                self._inbox.take(data)
                self._offset = max(self._offset, data["update_id"] + 1)
        self._answered_at, self._trouble = time.monotonic(), None

    def _note(self, error: TelegramError, pause: float) -> float:
        """Say what went wrong; returns the seconds to wait."""
        match error:
            case RetryAfter():
                return retry_seconds(error)
            case Conflict():
                self._webhook_removed = False
                self._trouble = "another process polls with the same token, or a webhook is set"
                _log.error("another process polls with the same token: stop one of the two", reason=str(error))
                return pause
            case TimedOut():
                return 0.0 if self._answered_at is not None and self._trouble is None else pause
        self._trouble = f"Telegram cannot be reached: {error}"
        _log.warning("Telegram cannot be reached, trying again", reason=str(error), pause_seconds=pause)
        return pause

    async def _call(self, method: str, parameters: dict[str, Any], seconds: float) -> Any:
        address = f"{self._base_url}/{method}"
        return await self._request.post(address, cast("RequestData", _Fields(parameters)), read_timeout=seconds)


class _Fields:
    """Plain parameters: what a request reads of the library's `RequestData`, which cannot be made from outside."""

    contains_files = False
    multipart_data: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.json_parameters = {name: str(value) for name, value in parameters.items()}

    def url_encoded_parameters(self) -> str:
        return urlencode(self.json_parameters)
