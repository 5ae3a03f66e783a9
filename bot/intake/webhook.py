"""The webhook: Telegram calls us. Any number of equal processes may listen behind one address."""

import asyncio
import hmac
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.intake.updates import Inbox, rejected_token
from bot.logs import get_logger

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
LARGEST_BYTES = 4 * 1024 * 1024
"""No update is nearly as large."""
LOOK_SECONDS = 60.0
"""How often Telegram is asked whether the webhook still stands."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
CONNECTIONS = 40

_log = get_logger("lotse.intake")


class Webhook:
    """Takes updates that Telegram brings, and sees to it that it brings them.

    Args:
        bot: To tell Telegram where.
        url: The public address; without a path, `/telegram` follows.
        secret: What Telegram repeats in a header.
        inbox: Where updates go.
        kinds: The kinds of update that are asked for.
    """

    def __init__(self, bot: Bot, url: str, secret: str, inbox: Inbox, kinds: Sequence[str]) -> None:
        self._bot = bot
        self._url = public_address(url)
        self._secret = secret
        self._inbox = inbox
        self._kinds = list(kinds)
        self._trouble: str | None = "the webhook is not set yet"
        self._told: Any = None
        self._open = False

    @property
    def route(self) -> Route:
        """Where Telegram posts updates."""
        return Route(PATH, self.receive, methods=["POST"])

    async def run(self, stop: asyncio.Event) -> None:
        """Set the webhook, and set it again whenever somebody else has changed it, until told to stop.

        It is left standing at the end: other processes may listen behind it, and Telegram keeps what comes meanwhile.

        Raises:
            SettingsError: Telegram rejects the token.
        """
        self._open = True
        pause, is_set = FIRST_PAUSE, False
        while not stop.is_set():
            try:
                is_set = await self._see_to_it(is_set)
                wait, pause, self._trouble = LOOK_SECONDS, FIRST_PAUSE, None
            except InvalidToken:
                self._trouble = "Telegram rejects the token"
                raise rejected_token() from None
            except TelegramError as error:
                self._trouble = f"the webhook cannot be looked after: {error}"
                _log.warning(self._trouble, pause_seconds=pause)
                wait, pause = pause, min(pause * 2, LONGEST_PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
        self._open = False
        self._trouble = "the webhook is not served any more"

    def trouble(self) -> str | None:
        """Why nothing comes in; None: all is well."""
        return self._trouble

    async def receive(self, request: Request) -> Response:
        """One update.

        What is not from Telegram is refused. What is, but cannot be read, is answered with 200 all the same: Telegram
        would bring it again for a day. 503 makes it bring the update later, to us or to another process.
        """
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return Response("the secret is missing or wrong\n", 403)
        if not self._open or self._inbox.is_full:
            return Response("not now\n", 503, headers={"Retry-After": "5"})
        body = await _read(request)
        if body is None:
            return Response("too large\n", 413)
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, dict) and isinstance(data.get("update_id"), int):
            self._inbox.take(data)
        else:
            _log.warning("what came by the webhook is no update")
        return Response()

    async def _see_to_it(self, is_set: bool) -> bool:
        if is_set:
            info = await self._bot.get_webhook_info()
            self._tell(info)
            if info.url == self._url:
                return True
            _log.error("somebody else changed the webhook: is the token in use twice? Setting it again")
        await self._bot.set_webhook(
            self._url, allowed_updates=self._kinds, secret_token=self._secret, max_connections=CONNECTIONS
        )
        return True

    def _tell(self, info: WebhookInfo) -> None:
        """Log what Telegram met at our address, once each time."""
        if info.last_error_message and info.last_error_date != self._told:
            self._told = info.last_error_date
            _log.warning(
                "Telegram could not deliver to the webhook",
                reason=info.last_error_message,
                at=str(info.last_error_date),
                waiting=info.pending_update_count,
            )


def public_address(url: str) -> str:
    """The whole address: one without a path gets ours."""
    return url if urlsplit(url).path.strip("/") else url.rstrip("/") + PATH


async def _read(request: Request) -> bytes | None:
    """The body; None where it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            return None
    return bytes(body)
