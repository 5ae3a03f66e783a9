"""A counter that grows with every change, and a way to wait for the next one."""

import asyncio
import time
from contextlib import suppress


class Changes:
    """The revision of the world; waiting ends at once when the world closes."""

    def __init__(self) -> None:
        self.revision = 0
        self.closed = False
        self.changed_at = 0.0
        self._ended = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    def bump(self) -> int:
        """Count a change, wake who waits, return the new revision."""
        self.revision += 1
        self.changed_at = self.time()
        self._wake()
        return self.revision

    def time(self) -> float:
        """Return seconds on a clock that never jumps."""
        return time.monotonic()

    def close(self) -> None:
        """End all waiting, now and later."""
        self.closed = True
        self._ended.set()
        self._wake()

    async def pause(self, seconds: float) -> None:
        """Return after `seconds`, or when the world closes."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)

    async def wait(self, seconds: float) -> None:
        """Return at the next change, after `seconds`, or when the world closes."""
        if self.closed or seconds <= 0:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait([future], timeout=seconds)
        finally:
            self._waiting.discard(future)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
