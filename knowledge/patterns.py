"""Patterns over the words of a question, as lexicon.yaml writes them.

`förder*` is every word that begins so, `*verein` every word that ends so, `(a|b)` either, `(a)?` perhaps, `...` up to
four words. Patterns and questions are folded alike, so that case and umlauts do not matter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from knowledge.german import fold

_TOKEN = re.compile(r"\.\.\.|[()|?*=]|[^\s()|?*=.]+|\s+")
_ANCHOR_LENGTH = 3
_IGNORED = frozenset("=")
_GAP = r"(?:\S+ ){0,4}?"

T = TypeVar("T")


class PatternError(ValueError):
    """A pattern of the lexicon cannot be read."""


def to_regex(pattern: str) -> str:
    """The regular expression of a pattern, for a text in which each word is followed by one space."""
    tokens = [token for token in _TOKEN.findall(pattern) if not token.isspace()]
    out: list[str] = []
    spaced = _spaces(pattern)
    for number, token in enumerate(tokens):
        following = tokens[number + 1] if number + 1 < len(tokens) else ""
        match token:
            case "...":
                out.append(_GAP)
            case "(":
                out.append("(?:")
            case ")":
                out.append(")")
            case "|":
                out.append("|")
            case "?":
                out.append("?")
            case "=":
                continue
            case "*":
                if number and tokens[number - 1] == ")":
                    out.append("*")
                elif spaced[number]:  # begins a word
                    out.append(r"\S*")
            case word:
                ending = r"\S* " if following == "*" and not spaced[number + 1] else " "
                out.append(re.escape("".join(fold(word).split())) + ending)
    return _checked("".join(out), pattern)


def _checked(text: str, pattern: str) -> str:
    try:
        expression = re.compile(text)
    except re.error as error:
        raise PatternError(f"{pattern!r}: {error}") from error
    if expression.match(""):
        raise PatternError(f"{pattern!r}: it names no word, so that every question would hold it")
    return text


def _spaces(pattern: str) -> list[bool]:
    """For each token that is no space: whether it stands first, after a space or after a bracket or bar."""
    found, free = [], True
    for token in _TOKEN.findall(pattern):
        if token.isspace():
            free = True
            continue
        found.append(free)
        free = token in ("(", "|", "=")
    return found


def anchors(pattern: str) -> set[str] | None:
    """The first letters with which a match must begin, or None where any word may begin it."""
    first = _first_words(_TOKEN.findall(pattern))
    return None if first is None else {fold(word)[:_ANCHOR_LENGTH] for word in first}


def _first_words(tokens: list[str]) -> list[str] | None:
    tokens = [token for token in tokens if not token.isspace() and token not in _IGNORED]
    if not tokens or tokens[0] in ("*", "..."):
        return None
    if tokens[0] != "(":
        return [tokens[0]]
    depth, first, end = 0, [], 0
    for number, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token in ("(", "|") and depth == 1:
            following = tokens[number + 1]
            if following in ("*", "...", "("):
                return None
            first.append(following)
        if depth == 0:
            end = number
            break
    rest = tokens[end + 1 :]
    if rest and rest[0] in ("?", "*"):
        following_words = _first_words(rest[1:])
        return None if following_words is None else first + following_words
    return first


@dataclass(frozen=True)
class Found(Generic[T]):
    """A pattern that a question holds.

    Attributes:
        value: What the pattern stands for.
        weight: How strongly it says so.
        words: Positions of the words that it matched.
    """

    value: T
    weight: float
    words: frozenset[int]
    pattern: str


class Matcher(Generic[T]):
    """Many patterns, found in one pass: only those whose first letters occur are tried."""

    def __init__(self, patterns: Iterable[tuple[str, float, T]]) -> None:
        self._by_anchor: dict[str, list[int]] = defaultdict(list)
        self._anywhere: list[int] = []
        self._patterns: list[tuple[re.Pattern[str], float, T, str]] = []
        for number, (pattern, weight, value) in enumerate(patterns):
            self._patterns.append((re.compile(r"(?<!\S)" + to_regex(pattern)), weight, value, pattern))
            starts = anchors(pattern)
            if starts is None:
                self._anywhere.append(number)
            for start in starts or ():
                self._by_anchor[start].append(number)

    def find(self, words: Sequence[str]) -> Iterator[Found[T]]:
        """Each pattern that the folded words hold, once."""
        text = "".join(f"{word} " for word in words)
        candidates = set(self._anywhere)
        for word in words:
            for length in range(1, min(len(word), _ANCHOR_LENGTH) + 1):
                candidates.update(self._by_anchor.get(word[:length], ()))
        for number in sorted(candidates):
            expression, weight, value, pattern = self._patterns[number]
            if match := expression.search(text):
                first = text.count(" ", 0, match.start())
                last = first + match[0].count(" ")
                yield Found(value, weight, frozenset(range(first, last)), pattern)


def literal_words(pattern: str) -> Iterator[tuple[str, bool]]:
    """The words that a pattern names, each with whether longer words count too."""
    tokens = _TOKEN.findall(pattern)
    for number, token in enumerate(tokens):
        if token[0].isalpha():
            following = tokens[number + 1] if number + 1 < len(tokens) else ""
            yield fold(token), following == "*"
