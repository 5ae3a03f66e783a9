"""Constraints with numbers in them: inhabitants, years, deadlines."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Sequence

from knowledge.deadlines import MONTHS
from knowledge.filters import TownSize
from knowledge.german import fold

Constraint = tuple[str, object, frozenset[int]]
"""A filter's name, its value, and the positions of the words that say so."""

_AT_MOST = r"(?:unter|bis|hochstens|maximal|max|weniger als|kleiner als|nicht mehr als|bis zu|nicht mal)"
_AT_LEAST = r"(?:uber|ab|mindestens|mehr als|grosser als|von uber)"
_PEOPLE = r"(?:einwohner\w*|menschen|leute\w*|ew|einw|seelen)"
_PLACES = r"(?:stadte?|stadten|orte?|orten|kommunen|gemeinden)"
_NUMBER = r"(\d+)( tausend)?"
_YEAR = r"((?:19|20)\d\d)"
_AMOUNT = (
    r"(\d+|ein|eine|einer|zwei|drei|vier|funf|zehn|zwanzig|funfzig|hundert|tausend)"
    r"(?: (mio|million(?:en)?|tausend|tsd))?"
)
_UNITS = {"tag": 1, "woche": 7, "monat": 30, "jahr": 365}
_COUNTS = {
    "ein": 1,
    "eine": 1,
    "einem": 1,
    "einer": 1,
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "funf": 5,
    "sechs": 6,
    "acht": 8,
    "zehn": 10,
    "zwanzig": 20,
    "funfzig": 50,
    "hundert": 100,
    "tausend": 1000,
}
_AGES = range(1, 100)
"""Years back that a question can mean."""
_LONGEST_NUMBER = 12
"""Digits of a number that are read; nobody means more."""
_TOWNS = r"(?:stadt|stadte|stadten|ort|orte|orten|kommunen)"
_SIZES = {
    TownSize.SMALL: rf"(?:kleinstadt|kleinstadte[rn]?|kleinstadtisch\w*|kleine(?:n|r|re|ren)? {_TOWNS})",
    TownSize.MEDIUM: rf"(?:mittelstadt|mittelstadte[rn]?|mittelstadtisch\w*|mittelgrosse\w* {_TOWNS})",
    TownSize.LARGE: rf"(?:grossstadt|grossstadte[rn]?|grossstadtisch\w*|grosse(?:n|r|re|ren)? {_TOWNS})",
}
_MONTHS = {fold(name): number for number, name in enumerate(MONTHS, 1)}


def numeric_constraints(cues: Sequence[str], today: dt.date) -> Iterator[Constraint]:
    """Constraints that a question's folded words state in numbers."""
    text = " ".join(cues)
    yield from _population(text)
    yield from _years(text, today)
    yield from _costs(text)
    yield from _due(text, today)
    yield from _elsewhere(text)


def _positions(text: str, match: re.Match[str]) -> frozenset[int]:
    first = text.count(" ", 0, match.start())
    return frozenset(range(first, first + match[0].count(" ") + 1))


def _population(text: str) -> Iterator[Constraint]:
    if match := re.search(rf"\bzwischen {_NUMBER} und {_NUMBER} {_PEOPLE}", text):
        yield "min_population", _value(match[1], match[2]), _positions(text, match)
        yield "max_population", _value(match[3], match[4]), _positions(text, match)
        return
    for name, words in (("max_population", _AT_MOST), ("min_population", _AT_LEAST)):
        people = rf"\b{words} {_NUMBER} {_PEOPLE}|\b{_PLACES} (?:mit )?(?:\w+ )?{words} {_NUMBER}\b(?! euro| mio)"
        if match := re.search(people, text):
            digits, thousand = (match[1], match[2]) if match[1] else (match[3], match[4])
            yield name, _value(digits, thousand), _positions(text, match)
            return
    for size, pattern in _SIZES.items():
        if match := re.search(rf"\b{pattern}\b", text):
            yield "size", size, _positions(text, match)
            return


def _value(digits: str, thousand: str | None) -> int:
    return _count(digits) * (1000 if thousand else 1)


def _count(number: str) -> int:
    """A number in digits or as one of the words that people use for round ones; 0 for any other word."""
    return int(number[:_LONGEST_NUMBER]) if number.isdigit() else _COUNTS.get(number, 0)


def _years(text: str, today: dt.date) -> Iterator[Constraint]:
    begun = r"(?:gestartet|begonnen|angefangen|losgegangen|angelaufen|start|beginn|neu|entstanden|gegrundet)\w*"
    if match := re.search(
        rf"\b(?:vor|bis) (?:dem jahr )?{_YEAR}\b(?= \w*(?: \w+){{0,3}} ?{begun})|{begun} vor {_YEAR}", text
    ):
        yield "until", int(match[1] or match[2]) - 1, _positions(text, match)
    elif match := re.search(rf"\b{_YEAR} und {_YEAR}\b.*{begun}|{begun}.* {_YEAR} und {_YEAR}\b", text):
        years = sorted(int(year) for year in match.groups() if year)
        yield "since", years[0], _positions(text, match)
        yield "until", years[-1], _positions(text, match)
    elif match := re.search(
        rf"\b{_YEAR}\b.*\b(?:ausgelaufen|beendet|abgeschlossen|zu ende|fertig|geendet|endeten)", text
    ):
        yield "ended", int(match[1]), _positions(text, match)
    elif match := re.search(
        rf"\b{_YEAR}\b(?: \w+){{0,3}} {begun}|{begun}(?: \w+){{0,2}} (?:in |im jahr )?{_YEAR}\b", text
    ):
        year = int(match[1] or match[2])
        yield "since", year, _positions(text, match)
        if not re.search(rf"\b(?:seit|ab|nach) (?:dem jahr )?{year}", text):
            yield "until", year, _positions(text, match)
    elif match := re.search(rf"\b(?:seit|ab|nach) (?:dem jahr )?{_YEAR}\b", text):
        yield "since", int(match[1]), _positions(text, match)
    elif (match := re.search(r"\bin den (?:letzten|vergangenen) (\w+) jahren\b", text)) and _count(match[1]) in _AGES:
        yield "since", today.year - _count(match[1]), _positions(text, match)


def _costs(text: str) -> Iterator[Constraint]:
    if match := re.search(
        rf"\bzwischen {_AMOUNT} und {_AMOUNT} euro\b|\bzwischen {_AMOUNT} und {_AMOUNT} (?:mio|millionen)", text
    ):
        low, low_unit, high, high_unit = (match.groups()[:4]) if match[3] else match.groups()[4:]
        unit = high_unit or ("mio" if "mio" in match[0] or "million" in match[0] else "")
        yield "min_cost", _euros(low, low_unit or unit), _positions(text, match)
        yield "max_cost", _euros(high, unit), _positions(text, match)
        return
    for name, words in (("max_cost", _AT_MOST), ("min_cost", _AT_LEAST)):
        if match := re.search(rf"\b{words} {_AMOUNT} euro\b|\b{words} {_AMOUNT}(?<=mio|ion|nen)\b", text):
            number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
            yield name, _euros(number, unit or ""), _positions(text, match)
            return


def _euros(number: str, unit: str) -> int:
    return _count(number) * (1_000_000 if unit.startswith("mi") else 1000 if unit.startswith("t") else 1)


def _elsewhere(text: str) -> Iterator[Constraint]:
    if match := re.search(
        r"\b(?:ausserhalb (?:von )?thuringen\w*|nicht (?:aus|in) thuringen|ohne thuringen|(?:andere\w*|restlichen) "
        r"bundesland\w*|bundesweit\w*|jenseits (?:von )?thuringen\w*|nicht thuringi?sch\w*|nichtthuring\w*)",
        text,
    ):
        yield "not_state", "Thüringen", _positions(text, match)
    if match := re.search(r"\b(?:ostdeutsch\w*|neuen (?:bundes)?land\w*)", text):
        yield "state", "Ostdeutschland", _positions(text, match)
    elif match := re.search(r"\b(?:westdeutsch\w*|alten (?:bundes)?land\w*)", text):
        yield "state", "Westdeutschland", _positions(text, match)
    if match := re.search(
        r"\b(?:ganzjahrig\w*|ganze jahr|jederzeit|rund ums jahr|ohne (?:festen? )?(?:frist|stichtag)\w*|"
        r"laufend beantrag\w*)",
        text,
    ):
        yield "rolling", True, _positions(text, match)


def _due(text: str, today: dt.date) -> Iterator[Constraint]:
    if not re.search(
        r"frist|stichtag|deadline|antragsschluss|bewerb|einreich|eingereich|abgegeb|beantrag|antrag|fallig|abgabe|lauft|laufen|enden",
        text,
    ):
        return
    if match := re.search(
        r"\b(?:noch )?(?:dieses|in diesem|bis) jahr(?:esende)?\b|\bbis (?:ende des jahres|jahresende)\b", text
    ):
        yield "due_within", (dt.date(today.year, 12, 31) - today).days, _positions(text, match)
    elif match := re.search(
        r"\b(?:innerhalb|in|binnen)(?: der| den)?(?: nachsten| kommenden)? (\w+) (tag|woche|monat)\w*", text
    ):
        if 0 < (count := _count(match[1])) < 1000:
            yield "due_within", count * _UNITS[match[2]], _positions(text, match)
    elif match := re.search(r"\bbis (?:ende |mitte |anfang )?(" + "|".join(_MONTHS) + r")(?: (20\d\d))?\b", text):
        month = _MONTHS[match[1]]
        year = int(match[2]) if match[2] else today.year + (month < today.month)
        last = dt.date(year, month, calendar.monthrange(year, month)[1])
        if last >= today:
            yield "due_within", (last - today).days, _positions(text, match)
