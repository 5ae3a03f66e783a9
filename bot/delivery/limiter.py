"""The pace under which everything leaves: over all chats, in one chat, in one group; and halts that are kept.

It knows nothing of tables or of the library; time comes in from outside, so that tests need not wait.
"""

import asyncio
import math
from bisect import insort
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bot.delivery.kinds import Priority

ChatId = int | str
"""A chat's number, or a channel's @name."""

TOGETHER = 4
"""Most messages that leave at a time where nobody waits for an answer: waking up costs more than sending..."""
WAKES = 7
"""...so many times a second, where there are enough."""
PRIVATE_LIMIT, PRIVATE_SECONDS = 3, 3.0
"""A person's chat takes one message a second in the long run, and a small burst."""
GROUP_LIMIT, GROUP_SECONDS = 20, 60.0
SUSPECTS = 3
"""So many chats refused in a row, with no success in between, mean that Telegram halts the bot, not the chats."""
_MANY_CHATS = 1000
_FORGETTING = 1.0005
"""By how much the quickest call counts as slower with each later one: networks change, but not within a second."""
_BLINK = 1e-6
"""Seconds that count as nothing: an alarm may ring a rounding error too early."""


class Alarm(Protocol):
    """A callback that is due."""

    def cancel(self) -> None:
        """Do not call back."""
        ...


class Ticker(Protocol):
    """A clock that never jumps, and an alarm."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Call back once, after so many seconds; the handle cancels it."""
        ...


class LoopTicker:
    """The running event loop's clock."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return asyncio.get_running_loop().time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back once, after so many seconds."""
        return asyncio.get_running_loop().call_later(seconds, callback)


class HaltedError(Exception):
    """It would take longer than the caller is ready to wait.

    Attributes:
        seconds: How long it would take.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"halted for {seconds:.0f} s")
        self.seconds = seconds


class Limiter:
    """Lets calls through at the pace that Telegram permits, the most urgent first.

    A message counts from its start until a window's length after its end, since nobody knows at which moment in
    between Telegram counted it: however slow the network, no window ever holds more than its limit.

    Args:
        pace: Messages a second over all chats.
        ticker: The time; the event loop's if not given.
        private: Messages and seconds of the window of a person's chat.
        group: Messages and seconds of the window of a group or channel.
    """

    def __init__(
        self,
        pace: float = 28,
        ticker: Ticker | None = None,
        private: tuple[int, float] = (PRIVATE_LIMIT, PRIVATE_SECONDS),
        group: tuple[int, float] = (GROUP_LIMIT, GROUP_SECONDS),
    ) -> None:
        self.on_halt: Callable[[ChatId | None, float], None] = lambda _chat, _seconds: None
        """Called with the chat (None: all) and the seconds of each halt that Telegram asked for."""
        self._interval = 1 / pace
        self._together = min(max(int(pace / WAKES), 1), TOGETHER)
        self._burst = self._together + 1
        """Messages that may leave at once after a rest: what a late timer cost is caught up."""
        self._all = _Chat(math.ceil(pace) + 1, 1.0)
        self._quickest = math.inf
        self._ticker = ticker or LoopTicker()
        self._private, self._group = private, group
        self._next = -math.inf
        self._halted_until = -math.inf
        self._chats: dict[ChatId, _Chat] = {}
        self._tight: set[ChatId] = set()
        self._many = _MANY_CHATS
        self._suspects: dict[ChatId, float] = {}
        self._waiting: list[_Waiter] = []
        self._serial = 0
        self._alarm: Alarm | None = None
        self._alarm_at = math.inf

    @asynccontextmanager
    async def permit(
        self, chat_id: ChatId | None, priority: Priority, count: int = 1, patience: float = math.inf
    ) -> AsyncIterator[None]:
        """Wait for the turn; the call is made inside the block.

        Args:
            chat_id: Where it goes; None where only the pace over all chats counts.
            priority: The more urgent goes first, else who came first.
            count: How many messages it is.
            patience: Longest time to wait, in seconds.

        Raises:
            HaltedError: It would take longer than `patience`.
        """
        chat = await self._take_turn(chat_id, priority, count, patience)
        started = self._ticker.monotonic()
        try:
            yield
        finally:
            self._end(started, count)
            if chat is not None and chat_id is not None:
                chat.end(self._ticker.monotonic(), count)
                if len(chat.ended) + chat.in_flight >= chat.limit:
                    self._tight.add(chat_id)
            self._let_through()

    def flooded(self, chat_id: ChatId | None, seconds: float) -> None:
        """Telegram refused a message with 429.

        It does not say whether the chat or the bot is meant. The chat is halted; only when several chats in a row
        are refused and nothing gets through in between, everything is: one flooded chat must not freeze the rest.

        Args:
            chat_id: Where the message went; None where it went to no chat.
            seconds: The `retry_after`.
        """
        now = self._ticker.monotonic()
        if chat_id is None:
            self.halt(seconds)
            self.on_halt(None, seconds)
            return
        self._suspects = {chat: until for chat, until in self._suspects.items() if until > now}
        self._suspects[chat_id] = now + seconds
        self.halt(seconds, chat_id)
        self.on_halt(chat_id, seconds)
        if len(self._suspects) >= SUSPECTS and now >= self._halted_until:
            self.halt(seconds)
            self.on_halt(None, seconds)

    def succeeded(self) -> None:
        """A message got through: what was refused before was meant for its own chat."""
        self._suspects.clear()

    def halt(self, seconds: float, chat_id: ChatId | None = None) -> None:
        """Let nothing through for so many seconds: to one chat, or at all."""
        until = self._ticker.monotonic() + seconds
        if chat_id is None:
            self._halted_until = max(self._halted_until, until)
        else:
            chat = self._chat(chat_id)
            chat.halted_until = max(chat.halted_until, until)
            self._tight.add(chat_id)
        self._let_through()

    def halted_for(self, chat_id: ChatId | None = None) -> float:
        """Seconds for which one chat, or everything, is halted; 0: it is not."""
        now = self._ticker.monotonic()
        if chat_id is None:
            return max(self._halted_until - now, 0.0)
        chat = self._chats.get(chat_id)
        return max(chat.halted_until - now, 0.0) if chat else 0.0

    def full_chats(self) -> list[ChatId]:
        """The chats that take nothing at this moment: halted, or their window is full."""
        now = self._ticker.monotonic()
        full = [chat_id for chat_id in self._tight if self._chats[chat_id].free_at(now, 1) > now]
        self._tight = set(full)
        return full

    def _end(self, started: float, count: int) -> None:
        """Count a call over all chats: from its start, and by as much longer as it was slower than the quickest.

        What all calls have in common moves Telegram's moments without pressing them together; what one takes longer
        may do that, and a second that began with slow calls would end with too many.
        """
        now = self._ticker.monotonic()
        self._quickest = min(now - started, self._quickest * _FORGETTING)
        counted = max(now - self._quickest, self._all.ended[-1] if self._all.ended else started)
        self._all.end(counted, count)

    async def _take_turn(
        self, chat_id: ChatId | None, priority: Priority, count: int, patience: float
    ) -> "_Chat | None":
        self._serial += 1
        deadline = self._ticker.monotonic() + patience
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat = None if chat_id is None else self._chat(chat_id)
        waiter = _Waiter(priority, self._serial, chat, count, deadline, turn)
        if chat is not None:
            chat.waiting += 1
        insort(self._waiting, waiter)
        self._let_through()
        try:
            await turn
        except BaseException:
            self._give_up(waiter)
            raise
        return chat

    def _give_up(self, waiter: "_Waiter") -> None:
        if waiter in self._waiting:
            self._waiting.remove(waiter)
            if waiter.chat is not None:
                waiter.chat.waiting -= 1
        elif waiter.granted:
            self._all.end(self._ticker.monotonic(), waiter.count)
            if waiter.chat is not None:
                waiter.chat.end(self._ticker.monotonic(), waiter.count)
        self._let_through()

    def _let_through(self) -> None:
        """Let everybody through whose turn it is, and set the alarm for the next one."""
        now = self._ticker.monotonic()
        alarm = math.inf
        if self._waiting:
            turn = self._next_turn()
            resting = turn > now + _BLINK and now >= self._halted_until
            # Between two turns nobody can go, whoever it is; only a halt is told to the impatient at once.
            alarm = turn if resting else self._look_at_all(now)
        self._set_alarm(alarm, now)

    def _look_at_all(self, now: float) -> float:
        """Grant or refuse all that can be; returns when the next one's turn may be."""
        alarm = math.inf
        for waiter in self._waiting[:]:
            windows = [self._all, waiter.chat] if waiter.chat else [self._all]
            ready = max(self._pace_ready(), *(window.free_at(now, waiter.count) for window in windows))
            if ready <= now + _BLINK:
                self._grant(waiter, now)
                if self._pace_ready() > now + _BLINK:
                    return self._next_turn() if self._waiting else math.inf
            elif _known_wait(waiter, self._halted_until) > waiter.deadline:
                self._refuse(waiter, ready - now)
            else:
                alarm = min(alarm, ready)
        return alarm

    def _next_turn(self) -> float:
        """When the pace lets the next ones through: an answer alone, others together."""
        return self._pace_ready(1 if self._waiting[0].priority is Priority.REPLY else self._together)

    def _pace_ready(self, count: int = 1) -> float:
        """When the pace over all chats lets so many messages through at once."""
        return max(self._next - (self._burst - count) * self._interval, self._halted_until)

    def _set_alarm(self, at: float, now: float) -> None:
        if at == self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if at == math.inf else self._ticker.call_later(max(at - now, 0.0), self._ring)
        self._alarm_at = at

    def _ring(self) -> None:
        self._alarm, self._alarm_at = None, math.inf
        self._let_through()

    def _grant(self, waiter: "_Waiter", now: float) -> None:
        self._waiting.remove(waiter)
        self._next = max(self._next, now) + waiter.count * self._interval
        self._all.start(waiter.count)
        if waiter.chat is not None:
            waiter.chat.waiting -= 1
            waiter.chat.start(waiter.count)
        waiter.granted = True
        if not waiter.turn.done():
            waiter.turn.set_result(None)

    def _refuse(self, waiter: "_Waiter", seconds: float) -> None:
        self._waiting.remove(waiter)
        if waiter.chat is not None:
            waiter.chat.waiting -= 1
        if not waiter.turn.done():
            waiter.turn.set_exception(HaltedError(seconds))

    def _chat(self, chat_id: ChatId) -> "_Chat":
        chat = self._chats.get(chat_id)
        if chat is None:
            if len(self._chats) >= self._many:
                self._forget_idle_chats()
            in_group = isinstance(chat_id, str) or chat_id < 0
            chat = self._chats[chat_id] = _Chat(*(self._group if in_group else self._private))
        return chat

    def _forget_idle_chats(self) -> None:
        now = self._ticker.monotonic()
        self._chats = {chat_id: chat for chat_id, chat in self._chats.items() if not chat.is_idle(now)}
        self._tight &= self._chats.keys()
        self._many = max(_MANY_CHATS, 2 * len(self._chats))


@dataclass(slots=True)
class _Chat:
    """The sliding window of one chat, or of all together, and its halt."""

    limit: int
    seconds: float
    halted_until: float = -math.inf
    in_flight: int = 0
    waiting: int = 0
    ended: deque[float] = field(default_factory=deque)

    def start(self, count: int) -> None:
        self.in_flight += count

    def end(self, now: float, count: int) -> None:
        self.in_flight -= count
        self.ended.extend([now] * count)

    def free_at(self, now: float, count: int) -> float:
        """When so many messages fit; infinite where that depends on a call that has not ended.

        More than the window holds fit when it is empty: an album cannot be sent in parts.
        """
        ended = self.ended
        while ended and ended[0] + self.seconds <= now:
            ended.popleft()
        load = self.in_flight + len(ended)
        surplus = min(load + count - self.limit, load)
        if surplus <= 0:
            return max(now, self.halted_until)
        if surplus > len(ended):
            return math.inf
        return max(ended[surplus - 1] + self.seconds, self.halted_until)

    def is_idle(self, now: float) -> bool:
        busy = self.in_flight or self.waiting or self.halted_until > now
        return not busy and (not self.ended or self.ended[-1] + self.seconds <= now)


@dataclass(slots=True, eq=False)
class _Waiter:
    priority: Priority
    serial: int
    chat: _Chat | None
    count: int
    deadline: float
    turn: asyncio.Future[None]
    granted: bool = False

    def __lt__(self, other: "_Waiter") -> bool:
        return (self.priority, self.serial) < (other.priority, other.serial)


def _known_wait(waiter: _Waiter, halted_until: float) -> float:
    """The moment before which it certainly is not this one's turn."""
    chat_until = waiter.chat.halted_until if waiter.chat else -math.inf
    return max(halted_until, chat_until)
