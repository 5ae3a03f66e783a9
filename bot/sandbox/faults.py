"""Scripted faults: what a network and a busy server do to a bot."""

import random
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["http_500", "reset_before", "reset_after", "slow", "malformed", "too_many_requests"]
KINDS: tuple[Kind, ...] = (
    "http_500",
    "reset_before",
    "reset_after",
    "slow",
    "malformed",
    "too_many_requests",
)


@dataclass(slots=True)
class Fault:
    """A fault and the calls that it strikes.

    Attributes:
        kind: "http_500": an HTML page, call not accepted; "reset_before" and "reset_after": the connection breaks
            before the call is accepted, or after; "slow": accepted, the answer comes after `seconds`;
            "malformed": accepted, the answer is cut JSON; "too_many_requests": 429 with `seconds` as retry_after.
        method: Only this method; None: each but getUpdates.
        chat_id: Only calls for this chat.
        times: How many calls it strikes; None: any number.
        share: Part of the fitting calls that it strikes, 0 to 1.
    """

    kind: Kind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = 1
    share: float = 1.0
    seconds: float = 5.0
    seed: int = 0
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - chance for tests

    def strikes(self, method: str, chat_id: int | None) -> bool:
        """Return whether this call is struck, and count it."""
        wanted = method.lower() == self.method.lower() if self.method else method != "getUpdates"
        if not wanted or self.times == 0 or self.chat_id not in (None, chat_id):
            return False
        if self.share < 1 and self.dice.random() >= self.share:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults that are set, first come first served."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Set a fault."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Set everything right again."""
        self._faults.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the fault that strikes this call, None for a good call."""
        return next((fault for fault in self._faults if fault.strikes(method, chat_id)), None)
