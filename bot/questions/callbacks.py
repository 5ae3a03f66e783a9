"""What buttons carry: typed, and at most 64 bytes, so that old buttons work after a restart.

Every screen can be made anew from what its buttons say: which entry or question it is about, which part of it is
shown, and where „Zurück“ leads. Only rows and entries are named, no state of a process.
"""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.entries import EntryKind, Status, Theme
from knowledge.filters import TownSize
from knowledge.library import CODE_LENGTH

LIMIT = 64
"""Bytes that Telegram allows."""
ANY = "-"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_KINDS = {kind[0]: kind for kind in EntryKind}
_STATUSES = {status[0]: status for status in Status}
_SIZES = {size[0]: size for size in TownSize}


class View(StrEnum):
    """The parts of an entry that have a screen of their own."""

    CARD = "c"
    DETAILS = "d"
    APPLY = "a"
    RELATED = "r"
    SOURCES = "s"


@dataclass(frozen=True)
class Browse:
    """A page of the list that one browses.

    Attributes:
        kind: Programmes or case studies.
        theme: None: all themes.
        status: Of programmes; None: all.
        size: Of a case's town; None: all.
        page: From 0.
        choosing: The screen to choose a theme; the rest is kept for the way back.
    """

    kind: EntryKind
    theme: Theme | None = None
    status: Status | None = None
    size: TownSize | None = None
    page: int = 0
    choosing: bool = False


@dataclass(frozen=True)
class Answered:
    """The answer to a question, with some of its filters taken off.

    Attributes:
        question: The question's row.
        off: A bit for each filter that is off, the first filter the lowest.
        page: Of a list, from 0.
    """

    question: int
    off: int = 0
    page: int = 0


@dataclass(frozen=True)
class Open:
    """A screen about one entry.

    Attributes:
        code: The entry's short code.
        view: Which part.
        page: Of a long text or a list, from 0.
        origin: The question or list that led here, and to which „Zurück“ leads unless there is a parent.
        parent: The screen of another entry that led here, to which „Zurück“ leads first.
    """

    code: str
    view: View = View.CARD
    page: int = 0
    origin: Answered | Browse | None = None
    parent: tuple[str, View] | None = None


@dataclass(frozen=True)
class Rate:
    """👍 or 👎 for the answer to a question."""

    question: int
    helpful: bool


@dataclass(frozen=True)
class HandOver:
    """Give a question to the office."""

    question: int


@dataclass(frozen=True)
class Settle:
    """The office is done with a question."""

    question: int
    page: int = 0


@dataclass(frozen=True)
class OpenQuestions:
    """A page of the questions given to the office."""

    page: int = 0


@dataclass(frozen=True)
class Example:
    """Ask the example question with this number, from 0."""

    number: int


Callback = Browse | Answered | Open | Rate | HandOver | Settle | OpenQuestions | Example


class UnknownCallbackError(ValueError):
    """The data is not ours, or of a form that this version no longer knows."""


def encode(callback: Callback) -> str:
    """The data for a button, at most `LIMIT` bytes."""
    match callback:
        case Open(code, view, page, origin, parent):
            data = f"e:{code}:{view}{_write(page)}:{''.join(parent or ())}:{_write_origin(origin)}"
        case Rate(question, helpful):
            data = f"r:{_write(question)}:{'+' if helpful else '-'}"
        case HandOver(question):
            data = f"h:{_write(question)}"
        case Settle(question, page):
            data = f"s:{_write(question)}.{_write(page)}"
        case OpenQuestions(page):
            data = f"o:{_write(page)}"
        case Example(number):
            data = f"x:{_write(number)}"
        case _:
            data = _write_origin(callback)
    if len(data.encode()) > LIMIT:
        raise ValueError(f"button data of {len(data.encode())} bytes: {data}")
    return data


def decode(data: str) -> Callback:
    """What a button carried.

    Raises:
        UnknownCallbackError: It is none of ours.
    """
    try:
        return _decode(data)
    except (ValueError, KeyError, IndexError):
        raise UnknownCallbackError(data) from None


def _decode(data: str) -> Callback:
    letter, _, rest = data.partition(":")
    match letter:
        case "e":
            code, part, parent, origin = rest.split(":", 3)
            return Open(_check(code), View(part[0]), _read(part[1:]), _read_origin(origin), _read_parent(parent))
        case "r":
            question, sign = rest.split(":")
            return Rate(_read(question), {"+": True, "-": False}[sign])
        case "h":
            return HandOver(_read(rest))
        case "s":
            question, page = rest.split(".")
            return Settle(_read(question), _read(page))
        case "o":
            return OpenQuestions(_read(rest))
        case "x":
            return Example(_read(rest))
    origin_ = _read_origin(data)
    if origin_ is None:
        raise UnknownCallbackError(data)
    return origin_


def _write_origin(origin: Answered | Browse | None) -> str:
    match origin:
        case Answered(question, off, page):
            return f"q:{_write(question)}.{_write(off)}.{_write(page)}"
        case Browse():
            choosing = "t" if origin.choosing else "l"
            letters = [value[0] if value else ANY for value in (origin.kind, origin.status, origin.size)]
            return f"b:{choosing}{''.join(letters)}.{origin.theme or ANY}.{_write(origin.page)}"
        case None:
            return ""


def _read_origin(text: str) -> Answered | Browse | None:
    if not text:
        return None
    letter, rest = text.split(":")
    parts = rest.split(".")
    match letter, parts:
        case "q", [question, off, page]:
            return Answered(_read(question), _read(off), _read(page))
        case "b", [letters, theme, page]:
            choosing, kind, status, size = list(letters)
            return Browse(
                kind=_KINDS[kind],
                theme=None if theme == ANY else Theme(theme),
                status=None if status == ANY else _STATUSES[status],
                size=None if size == ANY else _SIZES[size],
                page=_read(page),
                choosing={"t": True, "l": False}[choosing],
            )
    raise UnknownCallbackError(text)


def _read_parent(text: str) -> tuple[str, View] | None:
    return (_check(text[:-1]), View(text[-1])) if text else None


def _check(code: str) -> str:
    if len(code) != CODE_LENGTH or not code.isascii():
        raise UnknownCallbackError(code)
    return code


def _write(number: int) -> str:
    if number < 0:
        raise ValueError("button data holds no negative numbers")
    digits = ""
    while True:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


def _read(digits: str) -> int:
    if not digits or not set(digits) <= set(_DIGITS):
        raise UnknownCallbackError(digits)
    return int(digits, len(_DIGITS))
