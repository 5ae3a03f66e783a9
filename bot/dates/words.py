"""A German text as tokens: numbers, dates and clock times as written, and the words that dates are made of."""

import re
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA


class Kind(StrEnum):
    """What a token is."""

    DATE = "date"
    """`12.3.`, `12.03.2027`, `2027-03-12`: numbers are day, month and perhaps year."""
    COLON = "colon"
    """`14:30`."""
    DOTTED = "dotted"
    """`14.30`, or a date whose last dot was forgotten."""
    ORDINAL = "ordinal"
    """`12.`"""
    NUMBER = "number"
    WORD = "word"
    DASH = "dash"
    """Any dash, a slash, or „bis“."""
    COMMA = "comma"
    OTHER = "other"


@dataclass(frozen=True)
class Token:
    """A piece of the text.

    Attributes:
        kind: What it is.
        text: Lower case, umlauts without their dots.
        start: Where it begins in the text as typed, in characters.
        end: Where it ends, exclusive.
        numbers: Of tokens that are made of numbers.
    """

    kind: Kind
    text: str
    start: int
    end: int
    numbers: tuple[int, ...] = ()


_PATTERN = re.compile(
    r"""
    (?P<iso>(?<!\d)\d{4}-\d{1,2}-\d{1,2}(?!\d))
    | (?P<slashed>(?<![\d/])\d{1,2}/\d{1,2}/\d{4}(?!\d))
    | (?P<date>(?<![\d.])\d{1,2}\.\s?\d{1,2}\.
        (?:\s?(?:19|20|21)\d\d(?!\d|\s*uhr)|\d{2}(?![\d:]|\.\d|\s*(?:uhr|h\b)|\s*(?:-|–|—|bis)\s*\d{1,2}(?:[:.]\d\d)?\s*(?:uhr|h\b)))?)
    | (?P<colon>(?<!\d)\d{1,2}:\d{2}(?!\d))
    | (?P<dotted>(?<![\d.])\d{1,2}\.\d{1,2}(?!\d))
    | (?P<ordinal>(?<!\d)\d{1,2}\.(?!\d))
    | (?P<number>\d+)
    | (?P<word>[^\W\d_]+)
    | (?P<dash>[-–—/]+)
    | (?P<comma>[,;()|\n])
    | (?P<other>\S)
    """,
    re.VERBOSE,
)
_FOLDED = str.maketrans("äöüßéèáà", "aouseeaa")


def scan(text: str) -> list[Token]:
    """The tokens of a text, in order."""
    folded = "".join(each.lower() if len(each.lower()) == 1 else each for each in text).translate(_FOLDED)
    return [_token(match) for match in _PATTERN.finditer(folded)]


def _token(match: re.Match[str]) -> Token:
    text, name = match.group(), str(match.lastgroup)
    numbers = tuple(int(digits) for digits in re.findall(r"\d+", text))
    if name == "iso":
        numbers = numbers[::-1]
    kind = Kind.DATE if name in {"iso", "slashed"} else Kind(name)
    if kind is Kind.WORD:
        text = _canonical(text)
        if text in {"bis", "to"}:
            kind = Kind.DASH
    return Token(kind, text, match.start(), match.end(), numbers)


# Words ---------------------------------------------------------------------------------------------------------------

_WEEKDAY_NAMES = {
    "montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5, "sonnabend": 5,
    "sonntag": 6,
}  # fmt: skip
_WEEKDAY_SHORT = {"mo": 0, "di": 1, "die": 1, "mi": 2, "do": 3, "don": 3, "fr": 4, "sa": 5, "so": 6}
_MONTH_NAMES = {
    "januar": 1, "februar": 2, "marz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8,
    "september": 9, "oktober": 10, "november": 11, "dezember": 12, "janner": 1, "feber": 2, "juno": 6, "julei": 7,
}  # fmt: skip
_MONTH_SHORT = {
    "jan": 1, "feb": 2, "mar": 3, "mrz": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "okt": 10, "nov": 11, "dez": 12,
}  # fmt: skip
_NUMBERS = {
    "ein": 1, "eins": 1, "eine": 1, "einer": 1, "einem": 1, "einen": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4,
    "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwolf": 12, "dreizehn": 13,
    "vierzehn": 14, "funfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19, "zwanzig": 20,
    "einundzwanzig": 21, "zweiundzwanzig": 22, "dreiundzwanzig": 23, "vierundzwanzig": 24, "funfundzwanzig": 25,
    "dreisig": 30, "dreissig": 30, "funfunddreisig": 35, "vierzig": 40, "funfundvierzig": 45, "funfzig": 50,
}  # fmt: skip
_ORDINALS = {
    "erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "funft": 5, "sechst": 6, "siebt": 7, "acht": 8, "neunt": 9,
    "zehnt": 10, "elft": 11, "zwolft": 12, "letzt": -1, "vorletzt": -2,
}  # fmt: skip
_DAY_PARTS = {
    "morgens": "am", "morgen": "am", "fruh": "am", "vormittag": "am", "vormittags": "am", "mittag": "noon",
    "mittags": "noon", "nachmittag": "pm", "nachmittags": "pm", "abend": "pm", "abends": "pm", "nachts": "night",
}  # fmt: skip
_RELATIVE = {"heute": 0, "morgen": 1, "ubermorgen": 2}

_SPELLED = (*_WEEKDAY_NAMES, "januar", "februar", "april", "august", "september", "oktober", "november", "dezember",
            "ubermorgen", "nachsten", "ubernachsten", "kommenden", "viertel", "dreiviertel", "nachste", "wochentlich",
            "monatlich")  # fmt: skip
"""Words that are recognised with a typing error; shorter ones are too near to others."""
_NOT_A_SLIP = frozenset(
    [
        "sonntags",
        "montags",
        "dienstags",
        "mittwochs",
        "donnerstags",
        "freitags",
        "samstags",
        "sonnabends",
        "nachster",
        "nachstes",
        "nachstem",
        "kommende",
        "kommender",
        "kommendes",
        "kommendem",
        "wochentliche",
        "monatliche",
        "vierten",
        "virtuell",
    ]
)


def _canonical(word: str) -> str:
    """The word, spelled right where it is one of ours with a slip; `ue` and the like as the umlaut they stand for."""
    squeezed = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    if squeezed in _KNOWN:
        return squeezed
    if word in _KNOWN or word in _NOT_A_SLIP or len(squeezed) < 5:
        return word
    for known in _SPELLED:
        allowed = 2 if min(len(squeezed), len(known)) >= 9 else 1
        if OSA.distance(squeezed, known, score_cutoff=allowed) <= allowed:
            return known
    return word


_KNOWN = frozenset(
    [
        *_WEEKDAY_NAMES,
        *_MONTH_NAMES,
        *_MONTH_SHORT,
        *_NUMBERS,
        *_DAY_PARTS,
        *_RELATIVE,
        *_SPELLED,
        "nachst",
        "nachste",
        "nachster",
        "nachstes",
        "nachstem",
        "ubernachste",
        "ubernachster",
        "fur",
    ]
)


def weekday_of(word: str) -> int | None:
    """0 for „montag“ or „montags“ to 6, spelled out."""
    return _WEEKDAY_NAMES.get(word, _WEEKDAY_NAMES.get(word.removesuffix("s")))


def short_weekday_of(word: str) -> int | None:
    """0 for „mo“ to 6."""
    return _WEEKDAY_SHORT.get(word)


def weekday_and_part_of(word: str) -> tuple[int, str] | None:
    """„dienstagabend“ as the weekday and the part of the day."""
    for name, number in _WEEKDAY_NAMES.items():
        part = _DAY_PARTS.get(word.removeprefix(name)) if word.startswith(name) else None
        if part:
            return number, part
    return None


def month_of(word: str) -> int | None:
    """1 for „januar“ or „jan“ to 12; one slip is forgiven, since a day stands before it."""
    exact = _MONTH_NAMES.get(word) or _MONTH_SHORT.get(word)
    if exact or len(word) < 4:
        return exact
    return next(
        (number for name, number in _MONTH_NAMES.items() if OSA.distance(word, name, score_cutoff=1) <= 1), None
    )


def number_of(token: Token) -> int | None:
    """A number in digits or as a word."""
    if token.kind is Kind.NUMBER:
        return token.numbers[0]
    return _NUMBERS.get(token.text) if token.kind is Kind.WORD else None


def ordinal_of(token: Token) -> int | None:
    """`1.`, „ersten“, „letzten“ (-1)."""
    if token.kind is Kind.ORDINAL:
        return token.numbers[0]
    if token.kind is not Kind.WORD:
        return None
    for ending in ("en", "er", "es", "em", "e"):
        stem = token.text.removesuffix(ending)
        if stem != token.text and stem in _ORDINALS:
            return _ORDINALS[stem]
    return None


def day_part_of(word: str) -> str | None:
    """`am`, `noon`, `pm` or `night` for „früh“, „mittags“, „abends“, „nachts“."""
    return _DAY_PARTS.get(word)


def relative_day_of(word: str) -> int | None:
    """Days from today: „heute“, „morgen“, „übermorgen“."""
    return _RELATIVE.get(word)
