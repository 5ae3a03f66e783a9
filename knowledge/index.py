"""A fielded, typo-tolerant index in memory.

A document is searched in two ways at once. As a whole: BM25F over its fields (Robertson, Zaragoza: "The
Probabilistic Relevance Framework", 2009). And by passages, each a title, a name, a wording or a sentence: the
passage nearest to the question counts, so that words which stand together weigh more than words far apart.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from knowledge.german import acronyms, stem, words
from knowledge.vocabulary import Vocabulary
from knowledge.weights import DEFAULT_WEIGHTS, Weights

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Document:
    """What is searched.

    Attributes:
        id: Comes back in hits.
        title: Its name.
        text: Everything else; sentences and lines become passages.
        keywords: Words that count more than the text does.
        names: Other names of the thing, each as good as the title.
        asks: Wordings in which people would ask for it.
    """

    id: str
    title: str
    text: str = ""
    keywords: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Hit:
    """A document found.

    Attributes:
        id: The document's.
        score: Comparable within one search only; higher is better.
        coverage: Share of the question's weight that the document explains, 0 to 1.
        ask: Nearness of the best wording, 0 to 1.
        name: Nearness of the best name, 0 to 1.
        text: Nearness of the best sentence, 0 to 1.
        bm25: Score of the document as a whole, per unit of the question's weight.
        named: How fully the question holds one of the document's names, 0 to 1.
    """

    id: str
    score: float
    coverage: float = 0.0
    ask: float = 0.0
    name: float = 0.0
    text: float = 0.0
    bm25: float = 0.0
    named: float = 0.0


@dataclass(frozen=True)
class Scores:
    """The evidence for every document, as arrays in the order of the documents; fields as those of `Hit`."""

    total: Floats
    coverage: Floats
    ask: Floats
    name: Floats
    text: Floats
    bm25: Floats
    named: Floats

    def hit(self, document_id: str, position: int) -> Hit:
        """The evidence for one document."""
        return Hit(
            document_id, float(self.total[position]), float(self.coverage[position]), float(self.ask[position]),
            float(self.name[position]), float(self.text[position]), float(self.bm25[position]),
            float(self.named[position]),
        )  # fmt: skip


class Synonyms:
    """Related words by stem; `related` gives stems with how near they are (0 to 1)."""

    def __init__(self, related: Mapping[str, Mapping[str, float]] | None = None) -> None:
        self._related = related or {}

    def related(self, word_stem: str) -> Mapping[str, float]:
        """Stems that mean nearly the same as this one."""
        return self._related.get(word_stem, {})


@dataclass
class _Postings:
    """For each stem, the units that hold it and how much it counts there."""

    size: int
    ids: dict[str, Ints] = field(default_factory=dict)
    values: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Mapping[str, Mapping[int, float]], size: int) -> "_Postings":
        postings = cls(size)
        for word_stem, units in rows.items():
            postings.ids[word_stem] = np.fromiter(units.keys(), np.int32, len(units))
            postings.values[word_stem] = np.fromiter(units.values(), np.float32, len(units))
        return postings

    def strongest(self, stems: Mapping[str, float]) -> tuple[Ints, Floats] | None:
        """Each unit that holds one of the stems, with the largest of weight times value."""
        found = [(self.ids[s], self.values[s] * np.float32(w)) for s, w in stems.items() if s in self.ids]
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        dense = np.zeros(self.size, np.float32)
        for ids, values in found:
            dense[ids] = np.maximum(dense[ids], values)
        units = np.flatnonzero(dense).astype(np.int32)
        return units, dense[units]


ACRONYM = "0"
"""Ends a word that was written in capitals and would be a filler in small letters."""
RARE_NAME = 4.0
"""Weight of a name's words, about that of a word that one in fifty documents holds, from which it names one thing."""
_NAME, _ASK, _TEXT = 0, 1, 2
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


class Index:
    """Built once from documents, then only read; a changed collection gets a new index."""

    def __init__(
        self, documents: Sequence[Document], synonyms: Synonyms, fillers: frozenset[str], weights: Weights
    ) -> None:
        self.documents = tuple(documents)
        self.weights = weights
        self._synonyms = synonyms
        self._fillers = fillers
        self._position = {document.id: number for number, document in enumerate(documents)}
        analysed = [self._analyse(document) for document in documents]
        counts: Counter[str] = Counter()
        for passages in analysed:
            for _, passage in passages:
                counts.update(passage)
        self.vocabulary = Vocabulary(counts)
        self._compound_parts: dict[str, tuple[str, ...]] = {}
        self._build(analysed)

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        synonyms: Synonyms | None = None,
        fillers: Iterable[str] = (),
        weights: Weights = DEFAULT_WEIGHTS,
    ) -> "Index":
        """Index documents.

        Args:
            documents: What is searched; ids must differ.
            synonyms: Related words, by stem.
            fillers: Folded words that carry no topic.
            weights: How much each kind of evidence counts.

        Raises:
            ValueError: Two documents share an id.
        """
        listed = list(documents)
        if len({document.id for document in listed}) != len(listed):
            raise ValueError("two documents share an id")
        return cls(listed, synonyms or Synonyms(), frozenset(fillers), weights)

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The documents nearest to a question, best first; empty where no word of it is known."""
        return self.rank(self.understand(words(query), acronyms(query)), limit)

    # -- building ---------------------------------------------------------------------------------

    def _analyse(self, document: Document) -> list[tuple[int, list[str]]]:
        passages = [(_NAME, name) for name in (document.title, *document.names)]
        passages += [(_ASK, ask) for ask in document.asks]
        passages += [(_TEXT, " ".join(document.keywords))] if document.keywords else []
        passages += [(_TEXT, sentence) for sentence in _SENTENCE.split(document.text)]
        analysed = ((kind, self._marked(words(text), acronyms(text))) for kind, text in passages)
        return [(kind, passage) for kind, passage in analysed if passage]

    def _marked(self, query: Sequence[str], capitals: Container[str]) -> list[str]:
        """Words in capitals that would be fillers in small letters, such as DAS, are words of their own."""
        return [word + ACRONYM if word in capitals and word in self._fillers else word for word in query]

    def _build(self, analysed: list[list[tuple[int, list[str]]]]) -> None:
        weights = self.weights
        field_weight = {_NAME: weights.title_field, _ASK: weights.ask_field, _TEXT: 1.0}
        kinds: list[int] = []
        owners: list[int] = []
        passage_rows: dict[str, dict[int, float]] = defaultdict(dict)
        document_rows: dict[str, dict[int, float]] = defaultdict(dict)
        lengths = np.zeros(len(analysed), np.float32)
        for owner, passages in enumerate(analysed):
            for kind, passage in passages:
                number = len(owners)
                owners.append(owner)
                kinds.append(kind)
                for word in passage:
                    for word_stem, share in self._indexed_stems(word).items():
                        row = passage_rows[word_stem]
                        row[number] = max(row.get(number, 0.0), share)
                        whole = document_rows[word_stem]
                        whole[owner] = whole.get(owner, 0.0) + share * field_weight[kind]
                lengths[owner] += len(passage) * field_weight[kind]
        self._size = len(analysed)
        self._idf = {
            word_stem: float(np.log(1 + (self._size - len(row) + 0.5) / (len(row) + 0.5)))
            for word_stem, row in document_rows.items()
        }
        self._rarest = float(np.log(1 + (self._size + 0.5) / 0.5)) if self._size else 1.0
        average = float(lengths.mean()) if self._size else 1.0
        norm = weights.k1 * (1 - weights.b + weights.b * lengths / max(average, 1.0))
        self._documents = _Postings.of(document_rows, self._size)
        for word_stem, values in self._documents.values.items():
            ids = self._documents.ids[word_stem]
            self._documents.values[word_stem] = (values * (weights.k1 + 1) / (values + norm[ids])).astype(np.float32)
        self._passages = _Postings.of(passage_rows, len(owners))
        self._owners = np.array(owners, np.int32)
        self._passage_norm_powered = self._norms() ** np.float32(weights.passage_length)
        by_kind = ((_NAME, _ASK, _TEXT), np.array(kinds, np.int8))
        names = self._norms()[by_kind[1] == _NAME]
        self._name_share = 1 / names**2
        self._name_rarity = np.minimum(names / np.float32(RARE_NAME), 1.0)
        self._by_kind = [(np.flatnonzero(by_kind[1] == kind), self._owners[by_kind[1] == kind]) for kind in by_kind[0]]

    def _norms(self) -> Floats:
        """How much each passage says in all: the root of the sum of its stems' squared weights."""
        squares = np.zeros(len(self._owners), np.float32)
        for word_stem, ids in self._passages.ids.items():
            squares[ids] += (self._passages.values[word_stem] * self._idf[word_stem]) ** 2
        return np.sqrt(squares) + np.float32(1e-6)

    def _indexed_stems(self, word: str) -> dict[str, float]:
        found = {stem(word): 1.0}
        parts = self._compound_parts.get(word)
        if parts is None:
            parts = self.vocabulary.parts(word)
            if not parts and len(word) >= 10 and (front := self.vocabulary.modifier(word)):
                parts = (front, word[len(front) :].removeprefix("s") if word[len(front)] == "s" else word[len(front) :])
            self._compound_parts[word] = parts
        for part in parts:
            found.setdefault(stem(part), self.weights.indexed_part)
        return found

    # -- understanding ----------------------------------------------------------------------------

    def understand(self, query: Sequence[str], capitals: Container[str] = ()) -> list[Match]:
        """What each folded word of a question is looked up as, some of which were typed in capitals."""
        matches = [self._match(word) for word in dict.fromkeys(self._marked(query, capitals))]
        return matches + self._joined(query)

    def _match(self, word: str) -> Match:
        if word in self._fillers:
            return Match(word, 0.0, {}, "filler")
        exact = stem(word)
        if exact in self._idf:
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
            if other_stem in self._idf and other not in self._fillers:
                nearness = self.weights.corrected * similarity * (similarity / best) ** self.weights.correction_power
                stems[other_stem] = max(stems.get(other_stem, 0.0), nearness)
                self._add_related(stems, other_stem, nearness)
        if corrections and corrections[0][0] in self._fillers:
            return Match(word, 0.0, {}, "filler")
        if stems:
            return Match(word, self._weight(stems), stems, "corrected")
        return Match(word, self._rarest * self.weights.unknown_word if len(word) > 2 else 0.0, {}, "unknown")

    def _add_related(self, stems: dict[str, float], word_stem: str, nearness: float) -> None:
        for other, share in self._synonyms.related(word_stem).items():
            if other in self._idf:
                stems[other] = max(stems.get(other, 0.0), nearness * share * self.weights.synonym)

    def _add_parts(self, stems: dict[str, float], parts: Iterable[str], share: float) -> None:
        for part in parts:
            part_stem = stem(part)
            if part_stem in self._idf and part not in self._fillers:
                stems[part_stem] = max(stems.get(part_stem, 0.0), share)
                self._add_related(stems, part_stem, share)

    def _weight(self, stems: Mapping[str, float]) -> float:
        known = [self._idf[s] for s, w in stems.items() if w >= 0.99 * max(stems.values())]
        return max(known) if known else 0.0

    def _joined(self, query: Sequence[str]) -> list[Match]:
        """Neighbouring words that make a known word when written as one: `rad wege` -> `radwege`."""
        found = []
        for first, second in pairwise(query):
            if first in self._fillers and second in self._fillers:
                continue
            for link in ("", "s", "n"):
                joined = first + link + second
                if len(joined) >= 6 and joined in self.vocabulary.counts:
                    found.append(Match(joined, self._idf.get(stem(joined), 0.0), {stem(joined): 1.0}, "joined"))
        return found

    # -- ranking ----------------------------------------------------------------------------------

    def position(self, document_id: str) -> int:
        """Where a document stands in the arrays of `scores`."""
        return self._position[document_id]

    def scores(self, matches: Sequence[Match]) -> Scores:
        """How near every document is to an understood question."""
        whole = sum(match.weight for match in matches if match.how != "joined")
        bm25 = np.zeros(self._size, np.float32)
        covered = np.zeros(self._size, np.float32)
        near = np.zeros(len(self._owners), np.float32)
        squares = 0.0
        for match in matches:
            if match.how != "joined":
                squares += match.weight**2
            if not match.stems or not match.weight:
                continue
            if (found := self._documents.strongest(match.stems)) is not None:
                ids, values = found
                bm25[ids] += values * np.float32(match.weight)
                covered[ids] += np.minimum(values, np.float32(1.0)) * np.float32(match.weight)
            if (found := self._passages.strongest(match.stems)) is not None:
                ids, values = found
                near[ids] += values * np.float32(match.weight**2)
        return self._combine(bm25, covered, near, float(np.sqrt(squares)) or 1.0, whole or 1.0)

    def _combine(self, bm25: Floats, covered: Floats, near: Floats, query_norm: float, whole: float) -> Scores:
        weights = self.weights
        length = weights.passage_length
        cosine = near / (self._passage_norm_powered * np.float32(query_norm ** (2 - length)))
        best = []
        for chosen, owners in self._by_kind:
            of_kind = np.zeros(self._size, np.float32)
            np.maximum.at(of_kind, owners, cosine[chosen])
            best.append(of_kind)
        name, ask, text = best
        bm25 = bm25 / np.float32(whole)
        named = self._named(near)
        total = weights.bm25 * bm25 + weights.name * name + weights.ask * ask + weights.text * text
        total += weights.full_name * named
        return Scores(total, np.minimum(covered / np.float32(whole), 1.0), ask, name, text, bm25, named)

    def _named(self, near: Floats) -> Floats:
        """How fully a question holds a document's name: 1 where it holds all words of one that is rare enough."""
        chosen, owners = self._by_kind[_NAME]
        named = np.zeros(self._size, np.float32)
        np.maximum.at(named, owners, np.minimum(near[chosen] * self._name_share, 1.0) ** 4 * self._name_rarity)
        return named

    def rank(self, matches: Sequence[Match], limit: int = 10) -> list[Hit]:
        """The documents nearest to an understood question, best first."""
        if not self._size:
            return []
        scores = self.scores(matches)
        count = min(limit, self._size)
        top = np.argpartition(-scores.total, count - 1)[:count]
        top = top[np.argsort(-scores.total[top], kind="stable")]
        return [scores.hit(self.documents[i].id, int(i)) for i in top if scores.total[i] > 0]
