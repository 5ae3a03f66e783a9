"""The words that a collection of documents holds, and what an unknown word may have meant."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.german import sound, stem

LINKING_LETTERS = ("", "s", "es", "n", "en", "er", "e")
"""What German puts between the parts of a compound."""
SHORTEST_PART = 4
SHORTEST_CORRECTED = 4
SHORTEST_MISTYPED_COMPOUND, LONGEST_MISTYPED_COMPOUND = 10, 40
SHORTEST_NEAR_PART = 5
SHORTEST_MISTYPED_PART = 6
"""Letters of a part from which it may be mistyped by one; shorter ones are near to anything."""
LEAST_ALIKE = 0.8
MOST_CORRECTIONS = 6
MOST_KEPT = 50_000
"""Words whose parts are remembered: questions bring new ones for ever."""
SOUND_ALIKE_BONUS = 0.06
"""Added to the similarity (0 to 1) of two words that sound the same."""
OTHER_FIRST_LETTER = 0.08
"""Taken from it where the first letters differ: people rarely mistype those."""


def _edits_allowed(length: int) -> int:
    return 1 if length < 7 else 2 if length < 12 else 3


class Vocabulary:
    """Folded words with their counts; finds compound parts and near words among them."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)
        self._parts: dict[str, tuple[str, ...]] = {}
        self._near_parts: dict[str, tuple[str, ...]] = {}
        self._by_shape: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._split_words = {word for word in self.counts if len(word) >= SHORTEST_PART and not word.isdigit()}
        for word in self._split_words:
            self._by_shape[word[0], len(word)].append(word)
            self._by_sound[sound(word)].append(word)
        self.stems = {stem(word) for word in self.counts}

    def __contains__(self, word: str) -> bool:
        return word in self.counts or stem(word) in self.stems

    def parts(self, word: str) -> tuple[str, ...]:
        """The known words that a compound is made of, or none: `leerstandsmanagement` -> leerstand, management."""
        if (known := self._parts.get(word)) is not None:
            return known
        found = self._split(word, depth=3) if len(word) >= 2 * SHORTEST_PART else None
        parts = tuple(found) if found and len(found) > 1 else ()
        if len(self._parts) > MOST_KEPT:
            self._parts.clear()
        self._parts[word] = parts
        return parts

    def _split(self, word: str, depth: int) -> list[str] | None:
        best: list[str] | None = None
        for end in range(len(word) - SHORTEST_PART, SHORTEST_PART - 1, -1):
            if (head := word[:end]) not in self._split_words:
                continue
            for link in LINKING_LETTERS:
                if not word.startswith(link, end):
                    continue
                rest = word[end + len(link) :]
                if len(rest) < SHORTEST_PART:
                    continue
                if rest in self._split_words or stem(rest) in self.stems:
                    return [head, rest]
                deeper = self._split(rest, depth - 1) if depth > 1 else None
                if deeper and (best is None or len(deeper) + 1 < len(best)):
                    best = [head, *deeper]
        return best

    def near_parts(self, word: str) -> tuple[str, ...]:
        """The known words that a mistyped compound was probably made of: `fasadenprogram` -> fassade, programm."""
        if not SHORTEST_MISTYPED_COMPOUND <= len(word) <= LONGEST_MISTYPED_COMPOUND or not word.isalpha():
            return ()
        if (kept := self._near_parts.get(word)) is not None:
            return kept
        if len(self._near_parts) > MOST_KEPT:
            self._near_parts.clear()
        self._near_parts[word] = found = self._split_nearly(word)
        return found

    def _split_nearly(self, word: str) -> tuple[str, ...]:
        best: tuple[float, tuple[str, ...]] = (2 * LEAST_ALIKE, ())
        for end in range(SHORTEST_NEAR_PART, len(word) - SHORTEST_NEAR_PART + 1):
            head, back = self._nearest(word[:end]), None
            if head is None:
                continue
            for link in LINKING_LETTERS:
                rest = word[end + len(link) :]
                if not word.startswith(link, end) or len(rest) < SHORTEST_NEAR_PART:
                    continue
                if (back := self._nearest(rest)) and head[1] + back[1] > best[0]:
                    best = head[1] + back[1], (head[0], back[0])
        return best[1]

    def _nearest(self, part: str) -> tuple[str, float] | None:
        """The known word that a part of a compound is, or is by one letter, with their similarity."""
        if part in self._split_words:
            return part, 1.0
        if len(part) < SHORTEST_MISTYPED_PART:
            return None
        lengths = (len(part), len(part) + 1, len(part) - 1)
        near = (word for length in lengths for word in self._by_shape.get((part[0], length), ()))
        found = process.extractOne(part, near, scorer=OSA.distance, score_cutoff=1)
        return (str(found[0]), 1 - 1 / len(part)) if found else None

    def modifier(self, word: str) -> str | None:
        """The unknown front of a compound whose back is known: `waechter` of `waechterhaeuser`."""
        for start in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            if word[start:] in self._split_words:
                front = word[:start]
                return front[:-1] if front.endswith("s") and len(front) > SHORTEST_PART + 1 else front
        return None

    def corrections(self, word: str) -> list[tuple[str, float]]:
        """Known words that an unknown one may have meant, with their similarity (0 to 1), best first.

        Candidates begin with the same letter or sound the same; digits are never corrected.
        """
        if len(word) < SHORTEST_CORRECTED or not word.isalpha():
            return []
        edits = _edits_allowed(len(word))
        cutoff = 1 - (edits + 0.01) / len(word)
        found: dict[str, float] = {}
        for length in range(len(word) - edits, len(word) + edits + 1):
            near = self._near(word, self._by_shape.get((word[0], length), ()), cutoff)
            found.update((match, similarity) for match, similarity, _ in near)
        code = sound(word)
        for match, similarity, _ in self._near(word, self._by_sound.get(code, ()), cutoff - 0.1):
            if (match[0] == "h") != (word[0] == "h"):  # the code leaves it out, the ear does not: Essen is not Hessen
                continue
            penalty = OTHER_FIRST_LETTER if match[0] != word[0] else 0.0
            found[match] = max(found.get(match, 0.0), similarity) + SOUND_ALIKE_BONUS - penalty
        ranked = sorted(found.items(), key=lambda item: (-item[1], -self.counts[item[0]], item[0]))
        return [(match, min(similarity, 0.99)) for match, similarity in ranked[:MOST_CORRECTIONS]]

    @staticmethod
    def _near(word: str, candidates: Iterable[str], cutoff: float) -> list[tuple[str, float, int]]:
        return process.extract(  # type: ignore[no-any-return, unused-ignore]
            word, candidates, scorer=OSA.normalized_similarity, score_cutoff=cutoff, limit=MOST_CORRECTIONS
        )
