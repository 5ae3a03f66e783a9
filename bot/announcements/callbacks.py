"""What this capability's buttons carry: a verb and numbers. Rows are named, no state of a process."""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "a:"
LIMIT = 64
"""Bytes that Telegram allows."""
MOST_DIGITS = 16


class Verb(StrEnum):
    """What a button does, and its numbers; the first is the announcement, where it takes any."""

    LIST = "l"
    SHOW = "s"
    """How it stands."""
    PREVIEW = "p"
    EDIT = "e"
    COPY = "c"
    DISCARD = "k"
    """1: really."""
    EXTRAS = "x"
    """Buttons, question, urgency."""
    LINKS = "xl"
    READ_BUTTON = "xr"
    QUESTION = "xq"
    URGENT = "xu"
    CLEAR = "xc"
    """0 links, 1 question, 2 urgency, 3 the last moment."""
    AUDIENCE = "a"
    """part."""
    PICK = "ap"
    """part, which kind, page."""
    TOGGLE = "at"
    """part, which kind, which one."""
    CHAT = "ac"
    """linked chat."""
    EMPTY = "ae"
    PASTE = "al"
    """part."""
    TOWNS = "aw"
    TEST = "t"
    TEST_TO = "tt"
    """person."""
    WHEN = "w"
    UNTIL = "u"
    SEND = "g"
    """version, doubts that are answered."""
    HOLD = "h"
    PAUSE = "fp"
    RESUME = "fr"
    STOP = "fs"
    """1: really."""
    RETRY = "ff"
    LATE = "fl"
    REPORT = "r"
    CSV = "rc"
    CHART = "rd"
    CORRECT = "o"
    APPLY = "oa"
    WITHDRAW = "b"
    """1: really."""
    READ = "R"
    ANSWER = "A"
    """answer."""


_COUNTS: dict[Verb, range] = {
    Verb.LIST: range(1),
    Verb.DISCARD: range(1, 3),
    Verb.CLEAR: range(2, 3),
    Verb.AUDIENCE: range(2, 3),
    Verb.PICK: range(4, 5),
    Verb.TOGGLE: range(4, 5),
    Verb.CHAT: range(2, 3),
    Verb.PASTE: range(2, 3),
    Verb.TEST_TO: range(2, 3),
    Verb.SEND: range(3, 4),
    Verb.STOP: range(1, 3),
    Verb.WITHDRAW: range(1, 3),
    Verb.ANSWER: range(2, 3),
}
"""How many numbers each takes; those that are not named take one."""


@dataclass(frozen=True)
class Wish:
    """A button's data."""

    verb: Verb
    numbers: tuple[int, ...] = ()


class OddButtonError(ValueError):
    """The data is not ours, or of a form that this version no longer knows."""


def encode(verb: Verb, *numbers: int) -> str:
    """The data for a button, at most `LIMIT` bytes."""
    data = f"{PREFIX}{verb}:{'.'.join(str(int(number)) for number in numbers)}"
    if len(data) > LIMIT:
        raise ValueError(f"button data of {len(data)} bytes: {data}")
    return data


def decode(data: str) -> Wish:
    """What a button carried.

    Raises:
        OddButtonError: It is none of ours.
    """
    verb, found, numbers = data.removeprefix(PREFIX).partition(":")
    parts = numbers.split(".") if numbers else []
    if not data.startswith(PREFIX) or not found or not all(_is_number(part) for part in parts):
        raise OddButtonError(data)
    try:
        wish = Wish(Verb(verb), tuple(int(part) for part in parts))
    except ValueError:
        raise OddButtonError(data) from None
    if len(parts) not in _COUNTS.get(wish.verb, range(1, 2)):
        raise OddButtonError(data)
    return wish


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS
