"""A German question, and what was talked of before, becomes an answer."""

import datetime as dt
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from knowledge.confidence import Evidence, confidence
from knowledge.describe import Fact, doubts, fact, facets_of, key_facts, lead, source_line, status_words
from knowledge.documents import OUTSIDE, documents
from knowledge.entries import AnyEntry, CaseStudy, EntryKind, Facet, FundingProgramme, Status, Term
from knowledge.filters import Filters, matches
from knowledge.followups import Talk, follow_up
from knowledge.german import stem
from knowledge.index import Hit as Found
from knowledge.index import Index, Match
from knowledge.lexicon import Lexicon
from knowledge.library import Knowledge
from knowledge.question import Question, Reader
from knowledge.weights import DEFAULT_ANSWER_WEIGHTS, DEFAULT_WEIGHTS, AnswerWeights, Weights

MOST_HITS = 10
CONSIDERED = 40
"""How many documents of the index are looked at more closely."""
OFFICE = "Soll ich Ihre Frage an die Geschäftsstelle geben?"


class AnswerKind(StrEnum):
    """What an answer is."""

    FACT = "fact"
    ENTRY = "entry"
    LIST = "list"
    CHOOSE = "choose"
    NONE = "none"


@dataclass(frozen=True)
class Hit:
    """An entry found, with how sure it is to be one that was meant (0 to 1)."""

    id: str
    kind: EntryKind
    title: str
    confidence: float


@dataclass(frozen=True)
class Chip:
    """A constraint that was read from the question and can be taken off: a filter's name and its German label."""

    name: str
    label: str


@dataclass(frozen=True)
class Answer:
    """What is said to a question.

    Attributes:
        question: As typed.
        kind: What it is.
        facet: The detail that was asked for and is said first.
        hits: Entries, best first; at most ten, of a list all.
        facts: Details of the first hit that were asked for, then its key facts.
        chips: Constraints of a list.
        notes: What a reader must know besides: doubts, what serves instead.
        text: All of it in plain words.
        talk: What to remember for a question that follows.
        explained: For each word of the question how it was understood.
    """

    question: str
    kind: AnswerKind
    facet: Facet | None = None
    hits: tuple[Hit, ...] = ()
    asked: tuple[Fact, ...] = ()
    facts: tuple[Fact, ...] = ()
    chips: tuple[Chip, ...] = ()
    notes: tuple[str, ...] = ()
    text: str = ""
    talk: Talk | None = None
    explained: tuple[Match, ...] = ()
    found: tuple[Found, ...] = ()


@dataclass(frozen=True)
class _Ranked:
    """One entry with its score after everything that the question says about kinds and constraints."""

    entry: AnyEntry
    found: Found
    score: float


@dataclass
class Answerer:
    """Answers questions from one state of knowledge; built anew when that changes.

    Attributes:
        knowledge: The entries.
        today: The reader's day, asked for at each question.
        lexicon: What words mean.
        weights: Of the index.
        answer_weights: Of everything on top of it.
    """

    knowledge: Knowledge
    today: Callable[[], dt.date]
    lexicon: Lexicon = field(default_factory=Lexicon.load)
    weights: Weights = DEFAULT_WEIGHTS
    answer_weights: AnswerWeights = DEFAULT_ANSWER_WEIGHTS

    def __post_init__(self) -> None:
        self.index = Index.build(
            documents(self.knowledge, self.lexicon),
            synonyms=self.lexicon.synonyms,
            fillers=self.lexicon.fillers,
            weights=self.weights,
        )
        self.reader = Reader(self.lexicon, self.index.vocabulary.counts)

    def answer(self, text: str, after: Talk | None = None, *, without: Container[str] = ()) -> Answer:
        """Answer a question.

        Args:
            text: As typed; anything, also nonsense.
            after: What was shown before, for questions that point back.
            without: Names of constraints that the reader took off.
        """
        day = self.today()
        question = self.reader.read(text, day).without(without)
        topic = self.topic(question)
        ranked = self._rank(question, topic)
        if after and (meant := follow_up(question, topic, after, [(r.entry, r.found) for r in ranked], self.knowledge)):
            return self._followed(question, meant.entry, meant.facet, ranked, day)
        return self._fresh(question, topic, ranked, day)

    # -- ranking ----------------------------------------------------------------------------------

    def topic(self, question: Question) -> list[Match]:
        """The words that say what the question is about, with their weights; cues weigh little."""
        weights = self.answer_weights
        scales: dict[str, float] = {}
        for position, word in enumerate(question.words):
            scale = 1.0
            if position in question.facet_words:
                scale = min(scale, weights.facet_word)
            if position in question.kind_words:
                scale = min(scale, weights.kind_word)
            if position in question.list_words:
                scale = min(scale, weights.list_word)
            scales[word] = max(scale, scales.get(word, 0.0))
        keep = question.acronyms
        return [
            replace(match, weight=match.weight * scales.get(match.word, 1.0))
            for match in self.index.understand(question.words, keep=keep)
        ]

    def _rank(self, question: Question, topic: Sequence[Match]) -> list[_Ranked]:
        weights = self.answer_weights
        most = max(question.kinds.values(), default=0.0)
        ranked = []
        for found in self.index.rank(topic, CONSIDERED):
            entry = self.knowledge.get(found.id)
            if entry is None:
                continue
            score = found.score * weights.kind_vote ** (most - question.kinds.get(entry.kind, 0.0))
            if isinstance(entry, Term) and question.kinds.get(EntryKind.TERM, 0.0) < 1:
                score *= weights.unasked_term
            if isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED:
                score *= weights.closed
            if question.facet and question.facet not in facets_of(entry):
                score *= weights.facet_not_held
            ranked.append(_Ranked(entry, found, score))
        return sorted(ranked, key=lambda item: -item.score)

    # -- answers ----------------------------------------------------------------------------------

    def _followed(
        self, question: Question, entry: AnyEntry, facet: Facet | None, ranked: Sequence[_Ranked], day: dt.date
    ) -> Answer:
        others = [r for r in ranked if r.entry.id != entry.id]
        hits = (Hit(entry.id, entry.kind, entry.title, 0.95), *self._hits(others[: MOST_HITS - 1], question))
        return self._about(question, entry, (facet,) if facet else (), hits, day)

    def _fresh(self, question: Question, topic: Sequence[Match], ranked: Sequence[_Ranked], day: dt.date) -> Answer:
        either = self._either(question, day)
        listed = self._listed(question, topic, ranked, day)
        sure = self._confidence(question, topic, ranked)
        if not ranked or (sure < self.answer_weights.known and not listed):
            return self._none(question, topic, ranked)
        if either:
            return self._choose(question, either)
        if listed is not None:
            return self._list(question, listed, topic)
        hits = self._hits(ranked[:MOST_HITS], question, sure)
        entry = ranked[0].entry
        facets = tuple(f for f, _ in question.facets if f in facets_of(entry))[:3]
        answer = self._about(question, entry, facets, hits, day)
        return replace(answer, explained=tuple(topic), found=tuple(r.found for r in ranked[:MOST_HITS]))

    def _about(
        self, question: Question, entry: AnyEntry, facets: tuple[Facet, ...], hits: tuple[Hit, ...], day: dt.date
    ) -> Answer:
        asked = tuple(fact(entry, facet, day) for facet in facets)
        around = tuple(key_facts(entry, day, without=facets))
        notes = list(doubts(entry))
        if isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED:
            instead = [other.title for id_ in entry.instead if (other := self.knowledge.get(id_))]
            notes.insert(0, f"{status_words(entry)}" + (f" Stattdessen: {'; '.join(instead)}" if instead else ""))
        lines = [entry.title]
        lines += [f"{item.label}: {item.text}" for item in asked] or [lead(entry)]
        lines += notes
        lines += [f"{item.label}: {item.text}" for item in around]
        lines.append(source_line(entry))
        facet = facets[0] if facets else question.facet
        return Answer(
            question.text,
            AnswerKind.FACT if facets else AnswerKind.ENTRY,
            facet,
            hits,
            asked=asked,
            facts=around,
            notes=tuple(notes),
            text="\n".join(line for line in lines if line),
            talk=Talk((entry.id,), facet),
        )

    def _none(self, question: Question, topic: Sequence[Match], ranked: Sequence[_Ranked]) -> Answer:
        text = f"Dazu weiß ich nichts. Ich kenne Förderprogramme, Praxisbeispiele, Begriffe und das Bündnis. {OFFICE}"
        hits = self._hits([r for r in ranked[:2] if r.found.coverage >= self.answer_weights.worth_offering], question)
        return Answer(question.text, AnswerKind.NONE, None, hits, text=text, explained=tuple(topic))

    def _hits(self, ranked: Sequence[_Ranked], question: Question, sure: float = 0.9) -> tuple[Hit, ...]:
        best = max((r.score for r in ranked), default=1.0) or 1.0
        return tuple(
            Hit(r.entry.id, r.entry.kind, r.entry.title, round(sure * min(r.score / best, 1.0) ** 2, 3)) for r in ranked
        )

    def _confidence(self, question: Question, topic: Sequence[Match], ranked: Sequence[_Ranked]) -> float:
        if not ranked:
            return 0.0
        outside = [found for found in self.index.rank(topic, 3) if found.id.startswith(OUTSIDE)]
        return confidence(self.evidence(question, topic, ranked[0].found, ranked, outside))

    def evidence(
        self,
        question: Question,
        topic: Sequence[Match],
        first: Found,
        ranked: Sequence[_Ranked],
        outside: Sequence[Found],
    ) -> Evidence:
        """What speaks for and against the first entry being what was meant."""
        whole = sum(match.weight for match in topic if match.how != "joined") or 1.0
        second = ranked[1].score if len(ranked) > 1 else 0.0
        return Evidence(
            coverage=first.coverage,
            ask=first.ask,
            name=first.name,
            text=first.text,
            bm25=first.bm25,
            margin=1 - second / ranked[0].score if ranked[0].score else 0.0,
            unknown=sum(match.weight for match in topic if match.how == "unknown") / whole,
            corrected=sum(match.weight for match in topic if match.how == "corrected") / whole,
            foreign=float(any(stem(word) in self.lexicon.foreign for word in question.words)),
            outside=max((found.score for found in outside), default=0.0) / max(first.score, 1e-6),
            outside_ask=max((found.ask for found in outside), default=0.0),
            votes=max(question.kinds.values(), default=0.0),
            facet=float(bool(question.facet)),
            length=min(sum(match.weight > 0 for match in topic), 12),
        )

    def _either(self, question: Question, day: dt.date) -> list[_Ranked]:
        """Where a question says „oder“ between two things: the best of each side, else nothing."""
        if "oder" not in question.words and "versus" not in question.words and "vs" not in question.words:
            return []
        sides: list[list[str]] = [[]]
        for word in question.words:
            if word in ("oder", "versus", "vs"):
                sides.append([])
            else:
                sides[-1].append(word)
        found: list[list[_Ranked]] = []
        for side in sides:
            part = self.reader.read(" ".join(side), day)
            part = replace(part, kinds=question.kinds, acronyms=question.acronyms)
            found.append(self._rank(part, self.topic(part))[:6])
        chosen: list[_Ranked] = []
        for depth in range(6):
            for ranked in found:
                if depth < len(ranked) and all(ranked[depth].entry.id != r.entry.id for r in chosen):
                    chosen.append(ranked[depth])
        firsts = {
            ranked[0].entry.id for ranked in found if ranked and max(ranked[0].found.name, ranked[0].found.ask) > 0.3
        }
        return chosen[:MOST_HITS] if len(firsts) > 1 else []

    def _choose(self, question: Question, either: Sequence[_Ranked]) -> Answer:
        hits = self._hits(either, question)
        lines = ["Was meinen Sie?"] + [f"{hit.title}" for hit in hits[:4]]
        facet = question.facet
        return Answer(
            question.text, AnswerKind.CHOOSE, facet, hits, text="\n".join(lines),
            talk=Talk(tuple(hit.id for hit in hits[:4]), facet),
        )  # fmt: skip

    # -- lists ------------------------------------------------------------------------------------

    def _listed(
        self, question: Question, topic: Sequence[Match], ranked: Sequence[_Ranked], day: dt.date
    ) -> list[_Ranked] | None:
        """The entries of a list, where one is wanted; None where it is not."""
        weights = self.answer_weights
        active = question.filters.active()
        if question.listing + weights.constraint_votes * len(active) < weights.list_votes:
            return None
        filters = self._with_kind(question)
        said = frozenset().union(*question.constrained.values()) if question.constrained else frozenset()
        words = {
            word
            for position, word in enumerate(question.words)
            if position not in said | question.list_words | question.kind_words
        }
        residual = [match for match in topic if match.word in words or match.how == "joined"]
        weight = sum(match.weight for match in residual)
        meeting = [e for e in self.knowledge.entries.values() if matches(e, filters, day)]
        scored = {found.id: found for found in self.index.rank(residual, len(self.index.documents))} if weight else {}
        hard = [name for name in filters.active() if name not in ("kind", "theme")]
        rows = []
        for entry in meeting:
            found = scored.get(entry.id, Found(entry.id, 0.0))
            score = found.score * (weights.closed if _closed(entry) and filters.status is None else 1.0)
            if isinstance(entry, Term):
                score *= weights.unasked_term
            rows.append(_Ranked(entry, found, score))
        rows.sort(key=lambda row: (-row.score, _closed(row.entry), row.entry.title))
        if weight < weights.residual and (hard or filters.theme):
            return rows
        best = rows[0].score if rows else 0.0
        kept = [row for row in rows if row.score >= weights.list_cut * best and row.score > 0]
        return kept[:MOST_HITS] if kept else (rows if hard else None)

    def _with_kind(self, question: Question) -> Filters:
        filters = question.filters
        funding = {"status", "level", "applicant", "funder", "due_within"} & set(filters.active())
        case = {"state", "size", "min_population", "max_population", "since", "funded_by"} & set(filters.active())
        if filters.kind is None and question.kinds:
            first = max(question.kinds, key=lambda kind: question.kinds[kind])
            if first is not EntryKind.TERM:
                filters = replace(filters, kind=first)
        if funding and not case:
            return replace(filters, kind=EntryKind.FUNDING)
        if case and not funding:
            return replace(filters, kind=EntryKind.CASE)
        return filters

    def _list(self, question: Question, rows: Sequence[_Ranked], topic: Sequence[Match]) -> Answer:
        best = max((row.score for row in rows), default=0.0) or 1.0
        hits = tuple(Hit(r.entry.id, r.entry.kind, r.entry.title, round(0.5 + 0.4 * r.score / best, 3)) for r in rows)
        filters = self._with_kind(question)
        chips = tuple(Chip(name, filters.label(name)) for name in filters.active())
        head = f"{len(hits)} Treffer" + (f" · {' · '.join(chip.label for chip in chips)}" if chips else "")
        lines = [head] + [f"{n} {_line(r.entry)}" for n, r in enumerate(rows[:MOST_HITS], 1)]
        return Answer(
            question.text, AnswerKind.LIST, question.facet, hits, chips=chips, text="\n".join(lines),
            talk=Talk(tuple(hit.id for hit in hits), question.facet, listed=True), explained=tuple(topic),
        )  # fmt: skip


def _closed(entry: AnyEntry) -> bool:
    return isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED


def _line(entry: AnyEntry) -> str:
    if isinstance(entry, CaseStudy):
        return f"{entry.town}: {entry.title}"
    return f"{entry.title} · {status_words(entry)}" if isinstance(entry, FundingProgramme) else entry.title
