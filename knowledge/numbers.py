"""Numbers written as German words: `zweitausendfünfundzwanzig` is 2025."""

from functools import lru_cache

_ONES = {
    "ein": 1, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwolf": 12, "dreizehn": 13, "vierzehn": 14, "funfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_TENS = {
    "zwanzig": 20, "dreissig": 30, "vierzig": 40, "funfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
    "neunzig": 90,
}  # fmt: skip
_THOUSAND = "tausend"
LEAST = 13
"""Smaller numbers stay words: people write those out, and `ein` is more often an article."""


@lru_cache(maxsize=4096)
def number_of(word: str) -> int | None:
    """The number that a folded word spells, from 13 to 999,999; None where it spells none."""
    if word == _THOUSAND:  # `20 tausend`: what counts them stands before it
        return None
    value = _below_million(word)
    return value if value is not None and value >= LEAST else None


def _below_million(word: str) -> int | None:
    if _THOUSAND in word:
        before, _, after = word.partition(_THOUSAND)
        thousands = _below_thousand(before) if before else 1
        rest = _below_thousand(after.removeprefix("und")) if after else 0
        return None if thousands is None or rest is None else thousands * 1000 + rest
    return _below_thousand(word)


def _below_thousand(word: str) -> int | None:
    if "hundert" in word:
        before, _, after = word.partition("hundert")
        hundreds = _ONES.get(before) if before else 1
        rest = _below_hundred(after.removeprefix("und")) if after else 0
        return None if hundreds is None or rest is None else hundreds * 100 + rest
    return _below_hundred(word)


def _below_hundred(word: str) -> int | None:
    if word in _ONES or word in _TENS:
        return _ONES.get(word) or _TENS[word]
    before, joined, after = word.partition("und")
    if joined and before in _ONES and after in _TENS:
        return _ONES[before] + _TENS[after]
    return None
