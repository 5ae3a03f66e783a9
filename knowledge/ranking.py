"""Which entries a question means: the index's evidence, weighed by what the question says of kinds and constraints."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.describe import facets_of, label_of, lead
from knowledge.documents import OUTSIDE, document, documents
from knowledge.entries import AnyEntry, Article, CaseStudy, EntryKind, Facet, FundingProgramme, Status
from knowledge.filters import Filters, matches
from knowledge.german import stem, words
from knowledge.index import Hit, Index, Scores
from knowledge.lexicon import Lexicon
from knowledge.library import Knowledge
from knowledge.lookup import ACRONYM, Match
from knowledge.postings import Floats
from knowledge.question import Question
from knowledge.weights import AnswerWeights, Weights

_OF_PROGRAMMES = frozenset({"level", "funder", "applicant"})
EXACT_NAME = 0.97
"""Nearness of a name from which the question is that name."""
MOST_KEPT = 1000
RELATED_ASKS = 4
NUMBER = 3
"""Digits of the number of a programme."""
SHORT = 7
"""Words of a question that names what it is about and little else."""
PLAIN_DETAIL = 2.5
"""Weight of a pattern from which a question asks plainly for a detail."""
DETAIL_OF_TERM = 0.5
"""Factor on a term where a detail is asked for that no term has."""
_OF_TERMS = frozenset({Facet.DEFINITION, Facet.SOURCE})
NAMED_AFTER = 1.3
"""Factor on an article that is named after the detail asked for."""
ALIKE = 0.5
"""Share of the nearest case's score from which another is like it too."""
OVER = 0.4
"""Factor on a closed programme where one is looked for that goes with an entry: it is offered where little else is."""
_KINDS = (EntryKind.FUNDING, EntryKind.CASE, EntryKind.ARTICLE, EntryKind.TERM)


@dataclass(frozen=True)
class Ranked:
    """An entry with the index's evidence and its score after everything that the question says."""

    entry: AnyEntry
    found: Hit
    score: float


@dataclass(frozen=True)
class Ranking:
    """The entries that a question means.

    Attributes:
        entries: The best, best first.
        outside: The best of the questions that belong elsewhere.
        topic: The words that say what the question is about.
        scores: The index's evidence for every entry.
        total: Every entry's score.
    """

    entries: tuple[Ranked, ...]
    outside: Hit | None
    topic: tuple[Match, ...]
    scores: Scores
    total: Floats


class Ranker:
    """Ranks the entries of one state of knowledge."""

    def __init__(self, knowledge: Knowledge, lexicon: Lexicon, weights: Weights, answer_weights: AnswerWeights) -> None:
        self.knowledge = knowledge
        self.weights = answer_weights
        self.index = Index.build(
            documents(knowledge, lexicon), synonyms=lexicon.synonyms, fillers=lexicon.fillers, weights=weights
        )
        listed = list(knowledge.entries.values())
        self._entries = listed
        towns = (word for entry in listed if isinstance(entry, CaseStudy) for word in words(entry.town))
        self.places = frozenset(stem(word) for word in towns if len(word) > 3 and word not in lexicon.fillers)
        self._met: dict[tuple[str, object, dt.date], npt.NDArray[np.bool_]] = {}
        self._kind = np.array([_KINDS.index(entry.kind) for entry in listed], np.int8)
        self._closed = np.array([_is_closed(entry) for entry in listed], bool)
        named = [words(name) for entry in listed for name in _names_of(entry)]
        self._numbers = frozenset(word for name in named for word in name if _is_number(word))
        self._numbered = frozenset(
            first
            for name in named
            for first, second in pairwise(name)
            if _is_number(second) and first.isalpha() and first not in lexicon.fillers
        )
        self._named_after = {
            facet: np.array([_is_named_after(entry, facet) for entry in listed], bool)
            for facet in (Facet.HOW_TO_APPLY, Facet.PARTNERS, Facet.CONTACT)
        }
        self._holds = {
            facet: np.array([facet in facets_of(entry) for entry in listed], bool)
            for entry in listed
            for facet in facets_of(entry)
        }

    def unknown_number(self, question: Question) -> str | None:
        """The number by which a question calls a programme, where no name holds it: 999 of `KfW 999`."""
        for first, second in pairwise(question.words):
            if first in self._numbered and _is_number(second) and second not in self._numbers:
                return second
        return None

    def topic(self, question: Question) -> tuple[Match, ...]:
        """The words that say what the question is about, with their weights; cues weigh little."""
        weights = self.weights
        scales: dict[str, float] = {}
        cues = (
            (question.facet_words, weights.facet_word),
            (question.kind_words, weights.kind_word),
            (question.list_words, weights.list_word),
        )
        for position, word in enumerate(question.words):
            scale = min((share for positions, share in cues if position in positions), default=1.0)
            scales[word] = max(scale, scales.get(word, 0.0))
        return tuple(
            replace(match, weight=match.weight * scales.get(match.word.removesuffix(ACRONYM), 1.0))
            for match in self.index.understand(question.words, question.acronyms)
        )

    def rank(self, question: Question, topic: Sequence[Match], day: dt.date, limit: int) -> Ranking:
        """The entries nearest to a question."""
        scores = self.index.scores(topic)
        count = len(self._entries)
        total = scores.total[:count] * self._factors(question, day)
        total = np.where(scores.name[:count] >= EXACT_NAME, total * np.float32(self.weights.exact_name), total)
        outside = None
        if len(scores.total) > count:
            best = count + int(np.argmax(scores.total[count:]))
            outside = scores.hit(self.index.documents[best].id.removeprefix(OUTSIDE), best)
        return Ranking(tuple(self._best(scores, total, limit)), outside, tuple(topic), scores, total)

    def meeting(self, ranking: Ranking, filters: Filters, day: dt.date) -> list[Ranked]:
        """All entries that meet constraints, best first, also those that the question's words do not name."""
        met = np.ones(len(self._entries), bool)
        for name in filters.active():
            met &= self._meeting(name, getattr(filters, name), day)
        total = np.where(met, ranking.total + np.float32(1e-6), 0)
        return list(self._best(ranking.scores, total, int(met.sum())))

    def _best(self, scores: Scores, total: Floats, limit: int) -> Iterator[Ranked]:
        limit = min(limit, len(total))
        if not limit:
            return
        chosen = np.argpartition(-total, limit - 1)[:limit]
        for position in chosen[np.argsort(-total[chosen], kind="stable")]:
            if total[position] > 0:
                entry = self._entries[position]
                yield Ranked(entry, scores.hit(entry.id, int(position)), float(total[position]))

    def related(self, entry: AnyEntry, kind: EntryKind) -> AnyEntry | None:
        """The entry of one kind nearest to another entry, by its names, its first sentence and its wordings."""
        about = document(entry)
        text = " ".join((about.title, *about.names, lead(entry), *about.asks[:RELATED_ASKS]))
        usable = np.where(self._closed, np.float32(OVER), np.float32(1))
        return self._nearest(text, usable * (self._kind == _KINDS.index(kind)))

    def alike(self, case: CaseStudy) -> list[Ranked]:
        """Other cases about the same matter, nearest first."""
        about = document(case)
        text = " ".join((about.title, lead(case), *about.asks[:RELATED_ASKS]))
        scores = self.index.scores(self.index.understand(words(text)))
        total = scores.total[: len(self._entries)] * (self._kind == _KINDS.index(EntryKind.CASE))
        rows = [row for row in self._best(scores, total, len(total)) if row.entry.id != case.id]
        return [row for row in rows if row.score >= ALIKE * rows[0].score]

    def payer(self, case: CaseStudy) -> AnyEntry | None:
        """The programme that a case was paid from, also where it is closed by now; None where none is named."""
        return self._nearest(" ".join(case.funding), self._kind == _KINDS.index(EntryKind.FUNDING))

    def _nearest(self, text: str, share: npt.NDArray[Any]) -> AnyEntry | None:
        scores = self.index.scores(self.index.understand(words(text)))
        total = scores.total[: len(self._entries)] * share
        best = int(np.argmax(total)) if len(total) else 0
        return self._entries[best] if len(total) and total[best] > 0 else None

    def _factors(self, question: Question, day: dt.date) -> Floats:
        weights = self.weights
        votes = [question.kinds.get(kind, 0.0) for kind in _KINDS]
        most = max(votes)
        by_kind = np.array([weights.kind_vote ** (most - vote) for vote in votes], np.float32)
        if len(question.said) == 1:
            by_kind *= [1.0 if kind in question.said else weights.kind_unsaid for kind in _KINDS]
        if votes[_KINDS.index(EntryKind.TERM)] < 1:
            by_kind[_KINDS.index(EntryKind.TERM)] *= weights.unasked_term
        if _asks_no_term(question):
            by_kind[_KINDS.index(EntryKind.TERM)] *= DETAIL_OF_TERM
        factors = by_kind[self._kind]
        if question.filters.status is None:
            factors = np.where(self._closed, factors * np.float32(weights.closed), factors)
        if question.facet in self._holds:
            factors = np.where(self._holds[question.facet], factors, factors * np.float32(weights.facet_not_held))
        if question.facet in self._named_after:
            factors = np.where(self._named_after[question.facet], factors * np.float32(NAMED_AFTER), factors)
        for name in question.filters.active():
            meeting = self._meeting(name, getattr(question.filters, name), day)
            factors = np.where(meeting, factors * np.float32(weights.constraint_met), factors)
            if name in _OF_PROGRAMMES:
                unmet = ~meeting & (self._kind == _KINDS.index(EntryKind.FUNDING))
                factors = np.where(unmet, factors * np.float32(weights.constraint_unmet), factors)
        return factors.astype(np.float32)

    def _meeting(self, name: str, value: object, day: dt.date) -> npt.NDArray[np.bool_]:
        """Which entries meet one constraint; the answer is kept, as there are few constraints."""
        key = name, value, day
        if (known := self._met.get(key)) is None:
            one = Filters(**{name: value})  # type: ignore[arg-type]
            known = np.array([matches(entry, one, day) for entry in self._entries], bool)
            if len(self._met) > MOST_KEPT:
                self._met.clear()
            self._met[key] = known
        return known


def _is_number(word: str) -> bool:
    """Whether a word numbers a programme: three digits."""
    return len(word) == NUMBER and word.isdigit()


def _names_of(entry: AnyEntry) -> tuple[str, ...]:
    """All names of an entry."""
    about = document(entry)
    return (about.title, *about.names)


def _asks_no_term(question: Question) -> bool:
    """Whether a short question asks plainly for a detail that no term has: „Smart City, Geld noch da?“."""
    if not question.facets or len(question.words) > SHORT:
        return False
    facet, weight = question.facets[0]
    return weight >= PLAIN_DETAIL and facet not in _OF_TERMS


def _is_named_after(entry: AnyEntry, facet: Facet) -> bool:
    """Whether an article is about one detail: „Mitmachen im Aktionsbündnis“ about how to join."""
    return isinstance(entry, Article) and label_of(entry.kind, facet) in entry.title


def _is_closed(entry: AnyEntry) -> bool:
    return isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED
