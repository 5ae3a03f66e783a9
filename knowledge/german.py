"""Analysis of German text: folding, words, stems and sounds.

All comparison happens on folded text: lower case, umlauts without their dots, however they were typed.
"""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[a-z0-9]+")
_ACRONYM = re.compile(r"\b[A-ZÄÖÜ]{2,6}\b")
_NUMBERED = re.compile(r"(?<=[a-z]{3})(?=\d{2})|(?<=\d{3})(?=[a-z]\b)")
_THOUSANDS = re.compile(r"(?<=\d)[.\s](?=\d{3}(?!\d))")
_DIGRAPHS = re.compile(r"(?<![aeq])ue|ae|oe")
_SPELLED_SIGNS = str.maketrans({"%": " prozent ", "€": " euro ", "&": " und ", "§": " paragraf "})
_CACHED_WORDS = 65_536
_stemmer = Stemmer.Stemmer("german")
_stemmer.maxCacheSize = 0  # the cache below serves all


def fold(text: str) -> str:
    """Lower case without umlauts and accents; `ä`, `ae` and `a` become one, as do `ß` and `ss`.

    `ue` stays after a, e and q, where it is no umlaut: `bauen`, `neue`, `Quelle`.
    """
    lowered = text.casefold()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered)
        lowered = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _DIGRAPHS.sub(lambda match: match[0][0], lowered)


def words(text: str) -> list[str]:
    """The folded words and numbers of a text; `20.000` is one, `kfw444` and `455b` are two, `%` and `€` are words."""
    spelled = _THOUSANDS.sub("", text.translate(_SPELLED_SIGNS))
    return _WORD.findall(_NUMBERED.sub(" ", fold(spelled)))


def acronyms(text: str) -> frozenset[str]:
    """The folded words that stand in capitals in a text which is not all capitals: DAS, LEG, KfW is none."""
    found = _ACRONYM.findall(text)
    return frozenset(map(fold, found)) if found and not text.isupper() else frozenset()


@lru_cache(maxsize=_CACHED_WORDS)
def stem(word: str) -> str:
    """The Snowball stem of a folded word; numbers and words of up to three letters stay."""
    if len(word) <= 3 or word[0].isdigit():
        return word
    return str(_stemmer.stemWord(word))


_PHONETIC = {
    **dict.fromkeys("aeijouy", "0"), "b": "1", "p": "1", "d": "2", "t": "2", **dict.fromkeys("fvw", "3"),
    **dict.fromkeys("gkq", "4"), "x": "48", "l": "5", **dict.fromkeys("mn", "6"), "r": "7", **dict.fromkeys("sz", "8"),
    "h": "", "c": "4",
}  # fmt: skip


@lru_cache(maxsize=_CACHED_WORDS)
def sound(word: str) -> str:
    """How a folded word sounds: its code by the Kölner Phonetik (Postel 1969), vowels only at the start."""
    codes: list[str] = []
    for position, letter in enumerate(word):
        before = word[position - 1] if position else ""
        after = word[position + 1] if position + 1 < len(word) else ""
        code = _PHONETIC.get(letter, letter)
        if letter == "p" and after == "h":
            code = "3"
        elif letter in "dt" and after in ("c", "s", "z"):
            code = "8"
        elif letter == "c":
            code = _sound_of_c(before, after, first=position == 0)
        elif letter == "x" and before in ("c", "k", "q"):
            code = "8"
        if code and (not codes or codes[-1] != code):
            codes.append(code)
    return "".join(codes[:1]) + "".join(codes[1:]).replace("0", "")


def _sound_of_c(before: str, after: str, *, first: bool) -> str:
    if first:
        return "4" if after in "ahkloqrux" and after else "8"
    return "4" if after and after in "ahkoqux" and before not in ("s", "z") else "8"
