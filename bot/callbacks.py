"""What buttons carry: a room's letter, a verb, numbers, a short text. Rows are named, no state of a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

LIMIT = 64
"""Bytes that Telegram allows."""
MOST_DIGITS = 16

V = TypeVar("V", bound=StrEnum)


class OddButtonError(ValueError):
    """The data is not ours, or of a form that this version no longer knows."""


@dataclass(frozen=True)
class Wish(Generic[V]):
    """A button's data."""

    verb: V
    numbers: tuple[int, ...] = ()
    text: str = ""

    def number(self, place: int) -> int:
        """One of its numbers.

        Raises:
            OddButtonError: It is missing.
        """
        if place >= len(self.numbers):
            raise OddButtonError(self.verb)
        return self.numbers[place]


class Codec(Generic[V]):
    """Writes and reads the data of one room's buttons.

    Args:
        prefix: The room's letter and a colon.
        verbs: What its buttons do.
        counts: How many numbers each verb takes; None: whoever reads them looks.
        others: How many those take that are not named.
        texts: Whether there may be a text.
    """

    def __init__(
        self,
        prefix: str,
        verbs: type[V],
        counts: Mapping[V, range] | None = None,
        *,
        others: range = range(1, 2),
        texts: bool = False,
    ) -> None:
        self._prefix = prefix
        self._verbs = verbs
        self._counts = counts
        self._others = others
        self._texts = texts

    def encode(self, verb: V, *numbers: int, text: str = "") -> str:
        """The data for a button, at most `LIMIT` bytes.

        Raises:
            ValueError: It would be longer.
        """
        data = f"{self._prefix}{verb}:{'.'.join(str(int(number)) for number in numbers)}"
        if text:
            data += f":{text}"
        if len(data.encode()) > LIMIT:
            raise ValueError(f"button data of {len(data.encode())} bytes: {data}")
        return data

    def decode(self, data: str) -> Wish[V]:
        """What a button carried.

        Raises:
            OddButtonError: It is none of ours.
        """
        verb, found, rest = data.removeprefix(self._prefix).partition(":")
        numbers, _, text = rest.partition(":")
        parts = numbers.split(".") if numbers else []
        ours = data.startswith(self._prefix) and found and all(_is_number(part) for part in parts)
        if not ours or (text and not self._texts):
            raise OddButtonError(data)
        try:
            wish = Wish(self._verbs(verb), tuple(int(part) for part in parts), text)
        except ValueError:
            raise OddButtonError(data) from None
        if self._counts is not None and len(parts) not in self._counts.get(wish.verb, self._others):
            raise OddButtonError(data)
        return wish


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS
