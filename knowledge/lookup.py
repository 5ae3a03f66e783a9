"""What the words of a question are looked up as: exact, related, in parts, joined or corrected."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.german import stem
from knowledge.vocabulary import Vocabulary
from knowledge.weights import Weights

ACRONYM = "0"
"""Ends a word that was written in capitals and would be a filler in small letters."""


@dataclass(frozen=True)
class Match:
    """How one word of a question was understood.

    Attributes:
        word: As it was folded.
        weight: How much it says (inverse document frequency), 0 for fillers.
        stems: What is looked up instead of it, with how near each is to what was typed (0 to 1).
        how: `word`, `corrected`, `compound`, `joined`, `synonym`, `unknown` or `filler`.
    """

    word: str
    weight: float
    stems: Mapping[str, float]
    how: str


class Synonyms:
    """Related words by stem; `related` gives stems with how near they are (0 to 1)."""

    def __init__(self, related: Mapping[str, Mapping[str, float]] | None = None) -> None:
        self._related = related or {}

    def related(self, word_stem: str) -> Mapping[str, float]:
        """Stems that mean nearly the same as this one."""
        return self._related.get(word_stem, {})


@dataclass(frozen=True)
class Lookup:
    """Understands words by what a collection of documents holds.

    Attributes:
        vocabulary: The collection's words.
        idf: What each stem says, by the share of documents that hold it.
        rarest: What a stem says that only one document holds.
        synonyms: Related words.
        fillers: Folded words that carry no topic.
        weights: How near each kind of relation is.
    """

    vocabulary: Vocabulary
    idf: Mapping[str, float]
    rarest: float
    synonyms: Synonyms
    fillers: frozenset[str]
    weights: Weights

    def understand(self, query: Sequence[str], capitals: Container[str] = ()) -> list[Match]:
        """What each folded word of a question is looked up as, some of which were typed in capitals."""
        matches = [self._match(word) for word in dict.fromkeys(marked(query, capitals, self.fillers))]
        return matches + self._joined(query)

    def _match(self, word: str) -> Match:
        if word in self.fillers:
            return Match(word, 0.0, {}, "filler")
        exact = stem(word)
        if exact in self.idf:
            stems = {exact: 1.0}
            self._add_related(stems, exact, 1.0)
            self._add_parts(stems, self.vocabulary.parts(word), self.weights.query_part)
            return Match(word, self._weight(stems), stems, "word")
        stems = {}
        self._add_related(stems, exact, 1.0)
        if parts := self.vocabulary.parts(word):
            self._add_parts(stems, parts, self.weights.query_part_of_unknown)
            return Match(word, self._weight(stems), stems, "compound")
        if stems:
            return Match(word, self._weight(stems), stems, "synonym")
        corrections = self.vocabulary.corrections(word)
        best = corrections[0][1] if corrections else 0.0
        for other, similarity in corrections:
            other_stem = stem(other)
            if other_stem in self.idf and other not in self.fillers:
                nearness = self.weights.corrected * similarity * (similarity / best) ** self.weights.correction_power
                stems[other_stem] = max(stems.get(other_stem, 0.0), nearness)
                self._add_related(stems, other_stem, nearness)
        if corrections and corrections[0][0] in self.fillers:
            return Match(word, 0.0, {}, "filler")
        if not stems:
            self._add_parts(stems, self.vocabulary.near_parts(word), self.weights.query_part_of_unknown)
        if stems:
            return Match(word, self._weight(stems), stems, "corrected")
        return Match(word, self.rarest * self.weights.unknown_word if len(word) > 2 else 0.0, {}, "unknown")

    def _add_related(self, stems: dict[str, float], word_stem: str, nearness: float) -> None:
        for other, share in self.synonyms.related(word_stem).items():
            if other in self.idf:
                stems[other] = max(stems.get(other, 0.0), nearness * share * self.weights.synonym)

    def _add_parts(self, stems: dict[str, float], parts: Iterable[str], share: float) -> None:
        whole = share
        most = max((self.idf.get(stem(part), 0.0) for part in parts), default=0.0)
        for part in parts:
            part_stem = stem(part)
            if part_stem in self.idf and part not in self.fillers:
                share = whole * (self.idf[part_stem] / most) ** self.weights.part_rarity
                stems[part_stem] = max(stems.get(part_stem, 0.0), share)
                self._add_related(stems, part_stem, share)

    def _weight(self, stems: Mapping[str, float]) -> float:
        known = [self.idf[s] for s, w in stems.items() if w >= 0.99 * max(stems.values())]
        return max(known) if known else 0.0

    def _joined(self, query: Sequence[str]) -> list[Match]:
        """Neighbouring words that make a known word when written as one: `rad wege` -> `radwege`."""
        found = []
        for first, second in pairwise(query):
            if first in self.fillers and second in self.fillers:
                continue
            for link in ("", "s", "n"):
                joined = first + link + second
                if len(joined) >= 6 and joined in self.vocabulary.counts:
                    found.append(Match(joined, self.idf.get(stem(joined), 0.0), {stem(joined): 1.0}, "joined"))
        return found


def marked(query: Sequence[str], capitals: Container[str], fillers: Container[str]) -> list[str]:
    """Words in capitals that would be fillers in small letters, such as DAS, are words of their own."""
    return [word + ACRONYM if word in capitals and word in fillers else word for word in query]
