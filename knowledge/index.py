"""A fielded, typo-tolerant index in memory.

A document is searched in two ways at once. As a whole: BM25F over its fields (Robertson, Zaragoza: "The
Probabilistic Relevance Framework", 2009). And by passages, each a title, a name, a wording or a sentence: the
passage nearest to the question counts, so that words which stand together weigh more than words far apart.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.german import acronyms, stem, words
from knowledge.lookup import Lookup, Match, Synonyms, marked
from knowledge.postings import Floats, Passages, Postings
from knowledge.vocabulary import Vocabulary
from knowledge.weights import DEFAULT_WEIGHTS, Weights


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


LONG_WORD = 10
"""Letters from which a word may be a compound with an unknown front."""
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
        self._fillers = fillers
        self._position = {document.id: number for number, document in enumerate(documents)}
        analysed = [self._analyse(document) for document in documents]
        counts: Counter[str] = Counter()
        for passages in analysed:
            for _, passage in passages:
                counts.update(passage)
        self.vocabulary = Vocabulary(counts)
        self._build(analysed)
        self._lookup = Lookup(self.vocabulary, self._idf, self._rarest, synonyms, fillers, weights)

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
        analysed = ((kind, marked(words(text), acronyms(text), self._fillers)) for kind, text in passages)
        return [(kind, passage) for kind, passage in analysed if passage]

    def _build(self, analysed: list[list[tuple[int, list[str]]]]) -> None:
        weights = self.weights
        field_weight = {_NAME: weights.title_field, _ASK: weights.ask_field, _TEXT: 1.0}
        kinds: list[int] = []
        owners: list[int] = []
        passage_rows: dict[str, dict[int, float]] = defaultdict(dict)
        document_rows: dict[str, dict[int, float]] = defaultdict(dict)
        indexed: dict[str, tuple[tuple[str, float], ...]] = {}
        lengths = np.zeros(len(analysed), np.float32)
        for owner, passages in enumerate(analysed):
            for kind, passage in passages:
                number = len(owners)
                owners.append(owner)
                kinds.append(kind)
                for word in passage:
                    for word_stem, share in indexed.setdefault(word, ()) or self._index_word(word, indexed):
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
        self._documents = Postings.of(document_rows, self._size)
        for word_stem, values in self._documents.values.items():
            ids = self._documents.ids[word_stem]
            self._documents.values[word_stem] = (values * (weights.k1 + 1) / (values + norm[ids])).astype(np.float32)
        self._passages = Postings.of(passage_rows, len(owners))
        self._owners = np.array(owners, np.int32)
        self._passage_norm_powered = self._norms() ** np.float32(weights.passage_length)
        kind_of = np.array(kinds, np.int8)
        self._by_kind = [Passages.of(np.flatnonzero(kind_of == kind), self._owners) for kind in (_NAME, _ASK, _TEXT)]
        names = self._norms()[self._by_kind[_NAME].chosen]
        self._name_share = 1 / names**2
        self._name_rarity = np.minimum(names / np.float32(RARE_NAME), 1.0)

    def _norms(self) -> Floats:
        """How much each passage says in all: the root of the sum of its stems' squared weights."""
        squares = np.zeros(len(self._owners), np.float32)
        for word_stem, ids in self._passages.ids.items():
            squares[ids] += (self._passages.values[word_stem] * self._idf[word_stem]) ** 2
        return np.sqrt(squares) + np.float32(1e-6)

    def _index_word(
        self, word: str, indexed: dict[str, tuple[tuple[str, float], ...]]
    ) -> tuple[tuple[str, float], ...]:
        """The stems that a word of a document is found by, with their shares; kept, as words come again."""
        parts = self.vocabulary.parts(word)
        if not parts and len(word) >= LONG_WORD and (front := self.vocabulary.modifier(word)):
            parts = (front, word[len(front) :].removeprefix("s"))
        found = {stem(word): 1.0}
        for part in parts:
            found.setdefault(stem(part), self.weights.indexed_part)
        indexed[word] = tuple(found.items())
        return indexed[word]

    def understand(self, query: Sequence[str], capitals: Container[str] = ()) -> list[Match]:
        """What each folded word of a question is looked up as, some of which were typed in capitals."""
        return self._lookup.understand(query, capitals)

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
        name, ask, text = (passages.best(cosine[passages.chosen], self._size) for passages in self._by_kind)
        bm25 = bm25 / np.float32(whole)
        named = self._named(near)
        total = weights.bm25 * bm25 + weights.name * name + weights.ask * ask + weights.text * text
        total += weights.full_name * named
        return Scores(total, np.minimum(covered / np.float32(whole), 1.0), ask, name, text, bm25, named)

    def _named(self, near: Floats) -> Floats:
        """How fully a question holds a document's name: 1 where it holds all words of one that is rare enough."""
        names = self._by_kind[_NAME]
        held = np.minimum(near[names.chosen] * self._name_share, 1.0)
        held *= held
        return names.best(held * held * self._name_rarity, self._size)

    def rank(self, matches: Sequence[Match], limit: int = 10) -> list[Hit]:
        """The documents nearest to an understood question, best first."""
        if not self._size:
            return []
        scores = self.scores(matches)
        count = min(limit, self._size)
        top = np.argpartition(-scores.total, count - 1)[:count]
        top = top[np.argsort(-scores.total[top], kind="stable")]
        return [scores.hit(self.documents[i].id, int(i)) for i in top if scores.total[i] > 0]
