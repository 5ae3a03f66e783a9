"""Telegram's flood limits: over all chats, per chat, per group; and a delay for every call."""

import math
import time
from collections import deque
from dataclasses import dataclass, field

from bot.sandbox.errors import too_many_requests

MINUTE = 60.0


@dataclass(slots=True)
class _Gauge:
    """What was sent lately within one scope, and until when it is halted."""

    sent: deque[float] = field(default_factory=deque)
    halted_until: float = 0.0


@dataclass
class Limits:
    """The limits in force. After a refusal the scope stays halted until `retry_after` is over.

    Attributes:
        per_second: Messages a second over all chats.
        per_chat_per_second: Messages a second in one chat, in the long run.
        chat_burst: Messages that one chat takes at once.
        group_per_minute: Messages a minute in one group.
        latency: Seconds added to each call.
    """

    enabled: bool = False
    per_second: float = 30
    per_chat_per_second: float = 1
    chat_burst: int = 3
    group_per_minute: int = 20
    latency: float = 0.0
    refused: int = 0
    _gauges: dict[int, _Gauge] = field(default_factory=dict, repr=False)

    def reset(self) -> None:
        """Forget what was sent."""
        self._gauges.clear()
        self.refused = 0

    def check(self, chat_id: int, count: int = 1) -> None:
        """Count messages to a chat.

        Raises:
            ApiError: 429 with `retry_after` if that is too many.
        """
        if not self.enabled:
            return
        now = time.monotonic()
        overall = (0, 1.0, self.per_second)
        burst_window = self.chat_burst / self.per_chat_per_second
        scopes = [overall, (chat_id, burst_window, float(self.chat_burst))]
        if chat_id < 0:
            scopes = [overall, (chat_id, MINUTE, float(self.group_per_minute))]
        for scope in scopes:
            self._refuse_if_full(*scope, now, count)
        for key, _, _ in scopes:
            self._gauges[key].sent.extend([now] * count)

    def _refuse_if_full(self, key: int, window: float, most: float, now: float, count: int) -> None:
        gauge = self._gauges.setdefault(key, _Gauge())
        if now < gauge.halted_until:
            self.refused += 1
            raise too_many_requests(math.ceil(gauge.halted_until - now))
        sent = gauge.sent
        while sent and sent[0] <= now - window:
            sent.popleft()
        if sent and len(sent) + count > most:
            free = min(max(int(len(sent) + count - most) - 1, 0), len(sent) - 1)
            wait = max(math.ceil(sent[free] + window - now), 1)
            gauge.halted_until = now + wait
            self.refused += 1
            raise too_many_requests(wait)
