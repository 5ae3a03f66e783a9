"""A German question, and what was talked of before, becomes an answer."""

import datetime as dt
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from knowledge.choices import either
from knowledge.confidence import Evidence, evidence_of, known, right
from knowledge.describe import Fact, asked_of, doubts, facets_of, fact, key_facts, lead, source_line, status_words
from knowledge.entries import AnyEntry, CaseStudy, EntryKind, Facet, FundingProgramme, Status, Term
from knowledge.filters import matches
from knowledge.fit import Profile, fit_words, misfits, towns_alike
from knowledge.followups import Meant, Talk, asks_only, beyond, follow_up, wants_others
from knowledge.lexicon import Lexicon
from knowledge.library import Knowledge
from knowledge.lists import detail_of_all, is_list, listed, money_for, only_days
from knowledge.lookup import Match
from knowledge.question import Question, Reader
from knowledge.ranking import Ranked, Ranker, Ranking
from knowledge.refining import carried, carried_on, merged
from knowledge.weights import DEFAULT_ANSWER_WEIGHTS, DEFAULT_WEIGHTS, AnswerWeights, Weights

MOST_HITS = 10
MOST_ALIKE = 6
CONSIDERED = 20
"""How many entries are looked at more closely; a list looks at all."""
SURE_OF_FOLLOW_UP = 0.9
PLAIN_LIST = 1.5
"""Votes for a list from which one is given although Lotse is less sure."""
WHICH = "Zu welchem Programm oder Beispiel möchten Sie das wissen? Bitte nennen Sie den Namen oder das Thema."
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
        asked: Details of the first hit that were asked for; of a list or a choice the detail of each hit.
        facts: Its key facts besides.
        chips: Constraints of a list.
        notes: What a reader must know besides: doubts, what serves instead.
        against: Why the first hit cannot fit the reader's town.
        fit: The answer to „Passt das zu uns?“, where that was asked.
        text: All of it in plain words.
        talk: What to remember for a question that follows.
        explained: For each word of the question how it was understood.
        found: The evidence for the first hits.
    """

    question: str
    kind: AnswerKind
    facet: Facet | None = None
    hits: tuple[Hit, ...] = ()
    asked: tuple[Fact, ...] = ()
    facts: tuple[Fact, ...] = ()
    chips: tuple[Chip, ...] = ()
    notes: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    fit: tuple[str, ...] = ()
    text: str = ""
    talk: Talk | None = None
    explained: tuple[Match, ...] = ()
    found: tuple[Ranked, ...] = ()


@lru_cache(maxsize=2)
def _prepared(
    knowledge: Knowledge, lexicon: Lexicon, weights: Weights, answer_weights: AnswerWeights
) -> tuple[Ranker, Reader]:
    """What takes long to build, once for each state of knowledge."""
    ranker = Ranker(knowledge, lexicon, weights, answer_weights)
    reader = Reader(lexicon, ranker.index.vocabulary.counts)
    reader.read("Welche Förderung gibt es?", dt.date.min)  # compiles the patterns before a person waits for it
    return ranker, reader


@dataclass
class Answerer:
    """Answers questions from one state of knowledge; a changed state gets an answerer of its own.

    Attributes:
        knowledge: The entries.
        today: The reader's day, asked for at each question.
        lexicon: What words mean.
        weights: Of the index.
        answer_weights: Of everything on top of it.
    """

    knowledge: Knowledge
    today: Callable[[], dt.date]
    lexicon: Lexicon = field(default_factory=Lexicon.shipped)
    weights: Weights = DEFAULT_WEIGHTS
    answer_weights: AnswerWeights = DEFAULT_ANSWER_WEIGHTS

    def __post_init__(self) -> None:
        self.ranker, self.reader = _prepared(self.knowledge, self.lexicon, self.weights, self.answer_weights)

    def answer(
        self,
        text: str,
        after: Talk | None = None,
        *,
        without: Container[str] = (),
        profile: Profile | None = None,
    ) -> Answer:
        """Answer a question.

        Args:
            text: As typed; anything, also nonsense.
            after: What was shown before, for questions that point back.
            without: Names of constraints that the reader took off.
            profile: The reader's town, for what fits it and what is like it.
        """
        answer = self._answer(text, after, without, profile)
        entry = self.knowledge.get(answer.hits[0].id) if answer.hits else None
        if profile is None or entry is None or answer.kind not in (AnswerKind.FACT, AnswerKind.ENTRY):
            return answer
        against = tuple(note for note in misfits(entry, profile) if not _is_closed_note(note)) if not answer.fit else ()
        return replace(answer, against=against, text="\n".join((answer.text, *against)))

    def _answer(self, text: str, after: Talk | None, without: Container[str], profile: Profile | None) -> Answer:
        day = self.today()
        question = self.reader.read(text, day)
        if "alike" in question.again and profile and (alike := towns_alike(profile)):
            question = replace(
                question,
                filters=replace(
                    question.filters, min_population=alike.min_population, max_population=alike.max_population
                ),
                kinds={**question.kinds, EntryKind.CASE: question.kinds.get(EntryKind.CASE, 0.0) + 2.0},
                constrained={**question.constrained, "min_population": question.again["alike"]},
                listing=question.listing + 2.0,
            )
        question = question.without(without)
        topic = self.ranker.topic(question)
        ranking = self.ranker.rank(question, topic, day, limit=CONSIDERED)
        evidence = self.evidence(question, ranking) if ranking.entries else None
        if number := self.ranker.unknown_number(question):
            return self._nothing(question, ranking, f"Ein Programm mit der Nummer {number} kenne ich nicht.")
        if after and (count := beyond(question, after)):
            end = f"Die Liste hat nur {'einen Eintrag' if count == 1 else f'{count} Einträge'}."
            return self._nothing(question, ranking, end)
        if (
            after
            and after.shown
            and profile
            and "fits" in question.again
            and (entry := self.knowledge.get(after.shown[0]))
        ):
            return self._fitting(question, entry, profile, day)
        if after and (more := self._carrying_on(text, after, day)):
            return self._narrowed(more, after, without, day)
        if after and (case := self._others_wanted(text, after, day)):
            return self._others(question, case, ranking, day)
        if after and (meant := follow_up(question, ranking, after, self.ranker, evidence)):
            return self._followed(question, meant, ranking, day)
        return self._fresh(question, ranking, evidence, day)

    # -- answers ----------------------------------------------------------------------------------

    def _followed(self, question: Question, meant: Meant, ranking: Ranking, day: dt.date) -> Answer:
        others = [row for row in ranking.entries if row.entry.id != meant.entry.id][: MOST_HITS - 1]
        entry = meant.entry
        hits = (Hit(entry.id, entry.kind, entry.title, SURE_OF_FOLLOW_UP), *_hits(others, 1 - SURE_OF_FOLLOW_UP))
        return self._about(question, entry, (meant.facet,) if meant.facet else (), hits, day)

    def _carrying_on(self, text: str, after: Talk, day: dt.date) -> Question | None:
        """The question, read as being about the list that was shown, where it only narrows that."""
        first = self.knowledge.get(after.shown[0]) if after.asked and after.shown else None
        if first is None:
            return None
        question = self.reader.read(text, day, about=first.kind)
        return question if carried_on(question, self.ranker.topic(question), after) else None

    def _others_wanted(self, text: str, after: Talk, day: dt.date) -> CaseStudy | None:
        """The case that was shown, where a question wants others of its kind: „Wo noch?“, „Und in Thüringen?“."""
        case = self.knowledge.get(after.shown[0]) if len(after.shown) == 1 else None
        if not isinstance(case, CaseStudy):
            return None
        question = self.reader.read(text, day, about=EntryKind.CASE)
        return case if wants_others(question, self.ranker.topic(question)) else None

    def _others(self, question: Question, case: CaseStudy, ranking: Ranking, day: dt.date) -> Answer:
        """Cases like the one that was shown."""
        filters = replace(self.reader.read(question.text, day, about=EntryKind.CASE).filters, kind=EntryKind.CASE)
        rows = [row for row in self.ranker.alike(case) if matches(row.entry, filters, day)][:MOST_ALIKE]
        if not rows:
            return self._nothing(question, ranking, "Ein weiteres solches Beispiel kenne ich nicht.")
        chips = tuple(Chip(name, filters.label(name)) for name in filters.active())
        answer = self._list(replace(question, facets=()), rows, chips, ranking, day)
        # Words that narrow it later narrow what the case's title finds.
        return replace(answer, talk=replace(answer.talk, asked=(f"Beispiele {case.title}",)) if answer.talk else None)

    def _narrowed(self, question: Question, after: Talk, without: Container[str], day: dt.date) -> Answer:
        """The list shown before, with what the question adds; or that nothing of it is left."""
        first = self.knowledge.get(after.shown[0]) if after.shown else None
        kind = first.kind if first else None
        whole = self.reader.read(after.asked[0], day)
        for text in after.asked[1:]:
            whole = merged(whole, self.reader.read(text, day, about=next(iter(whole.said), kind)))
        whole = merged(whole, question).without(without)
        ranking = self.ranker.rank(whole, self.ranker.topic(whole), day, limit=CONSIDERED)
        filters, rows = listed(whole, ranking, self.ranker, day)
        chips = tuple(Chip(name, filters.label(name)) for name in filters.active())
        if not rows:
            wanted = ", ".join(chip.label for chip in chips)
            note = f"Dazu finde ich nichts ({wanted}). Fragen Sie gern mit weniger Bedingungen."
            return self._nothing(question, ranking, note)
        answer = self._list(whole, rows, chips, ranking, day)
        talk = replace(answer.talk, asked=carried(after.asked, question.text)) if answer.talk else None
        return replace(answer, talk=talk)

    def _fitting(self, question: Question, entry: AnyEntry, profile: Profile, day: dt.date) -> Answer:
        hits = (Hit(entry.id, entry.kind, entry.title, SURE_OF_FOLLOW_UP),)
        about = self._about(question, entry, (), hits, day)
        words = tuple(fit_words(entry, profile))
        lines = (entry.title, *words, source_line(entry))
        return replace(about, fit=words, text="\n".join(line for line in lines if line))

    def _fresh(self, question: Question, ranking: Ranking, evidence: Evidence | None, day: dt.date) -> Answer:
        if asks_only(question, ranking.topic) and not only_days(question, ranking, self.ranker):
            return self._nothing(question, ranking, WHICH)
        if evidence is None:
            return self._none(question, ranking)
        if sides := either(question, ranking.topic, self.reader, self.ranker, day):
            return self._choose(question, sides, ranking, day)
        days = only_days(question, ranking, self.ranker)
        wants_list = days or is_list(question, evidence) or money_for(question, ranking.entries[0].entry)
        plainly = wants_list and (question.listing >= PLAIN_LIST or question.filters.active())
        least = self.answer_weights.known_list if plainly else self.answer_weights.known
        if known(evidence) < least and not days:
            return self._none(question, ranking)
        if wants_list:
            filters, rows = listed(question, ranking, self.ranker, day)
            if len(rows) > 1 or (rows and question.filters.active()):
                chips = tuple(Chip(name, filters.label(name)) for name in filters.active())
                return self._list(question, rows, chips, ranking, day)
        first = ranking.entries[0].entry
        facets = held_facets(question, first)
        answer = self._about(question, first, facets, _hits(ranking.entries[:MOST_HITS], right(evidence)), day)
        return replace(answer, explained=ranking.topic, found=ranking.entries[:MOST_HITS])

    def _about(
        self, question: Question, entry: AnyEntry, facets: tuple[Facet, ...], hits: tuple[Hit, ...], day: dt.date
    ) -> Answer:
        asked = tuple(fact(entry, facet, day) for facet in facets)
        around = tuple(key_facts(entry, day, without=facets))
        ended = self._ended(entry)
        notes = (*ended, *doubts(entry))
        lines = [entry.title, *ended]  # that nothing can be had comes before what there was
        lines += [f"{item.label}: {item.text}" for item in asked] or [lead(entry)]
        lines += notes[len(ended) :]
        lines += [f"{item.label}: {item.text}" for item in around]
        lines += [] if Facet.SOURCE in facets else [source_line(entry)]
        facet = facets[0] if facets else None
        return Answer(
            question.text,
            AnswerKind.FACT if facets else AnswerKind.ENTRY,
            facet,
            hits,
            asked=asked,
            facts=around,
            notes=notes,
            text="\n".join(line for line in lines if line),
            talk=Talk((entry.id,), facet),
        )

    def _ended(self, entry: AnyEntry) -> tuple[str, ...]:
        """Of a closed programme: that it is closed, and what serves instead."""
        if not isinstance(entry, FundingProgramme) or entry.status is not Status.CLOSED:
            return ()
        instead = "; ".join(other.title for id_ in entry.instead if (other := self.knowledge.get(id_)))
        words = status_words(entry)
        return (f"{words[0].upper()}{words[1:]}." + (f" Stattdessen: {instead}" if instead else ""),)

    def _none(self, question: Question, ranking: Ranking) -> Answer:
        text = f"Dazu weiß ich nichts. Ich kenne Förderprogramme, Praxisbeispiele, Begriffe und das Bündnis. {OFFICE}"
        near = [row for row in ranking.entries[:2] if row.found.coverage >= self.answer_weights.worth_offering]
        hits = _hits(near, self.answer_weights.known)
        return Answer(question.text, AnswerKind.NONE, None, hits, text=text, explained=ranking.topic)

    def _nothing(self, question: Question, ranking: Ranking, note: str) -> Answer:
        """Nothing is found, and it is known why."""
        return replace(self._none(question, ranking), hits=(), notes=(note,), text=note)

    def _choose(self, question: Question, either: Sequence[Ranked], ranking: Ranking, day: dt.date) -> Answer:
        hits = _hits(either, 0.9)
        facet = question.facet if question.facets else None
        return Answer(
            question.text,
            AnswerKind.CHOOSE,
            facet,
            hits,
            asked=_facts_of(either, facet, day),
            text="\n".join(["Was meinen Sie?", *(_line(row.entry, facet, day) for row in either[:4])]),
            talk=Talk(tuple(hit.id for hit in hits[:4]), facet, listed=True),
            explained=ranking.topic,
            found=tuple(either[:MOST_HITS]),
        )

    def _list(
        self, question: Question, rows: Sequence[Ranked], chips: tuple[Chip, ...], ranking: Ranking, day: dt.date
    ) -> Answer:
        facet = detail_of_all(question)
        facet = facet if facet and any(facet in facets_of(row.entry) for row in rows) else None
        head = f"{len(rows)} Treffer" + (f" · {' · '.join(chip.label for chip in chips)}" if chips else "")
        return Answer(
            question.text,
            AnswerKind.LIST,
            facet,
            _hits(rows, 0.8),
            asked=_facts_of(rows, facet, day),
            chips=chips,
            text="\n".join([head, *(f"{number} {_line(row.entry, facet, day)}" for number, row in enumerate(rows, 1))]),
            talk=Talk(tuple(row.entry.id for row in rows), facet, listed=True, asked=carried((), question.text)),
            explained=ranking.topic,
            found=tuple(rows[:MOST_HITS]),
        )

    # -- how sure, and which of two -----------------------------------------------------------------

    def evidence(self, question: Question, ranking: Ranking) -> Evidence:
        """What speaks for and against the first entry being what was meant."""
        return evidence_of(question, ranking, self.ranker.places, self.lexicon.foreign)


MOST_ASKED = 3


def held_facets(question: Question, entry: AnyEntry) -> tuple[Facet, ...]:
    """The details asked for that this kind of entry is asked for, most asked for first; a term has its meaning."""
    if isinstance(entry, Term) and question.facet is not Facet.SOURCE:
        return (Facet.DEFINITION,)
    return tuple(question.asked(asked_of(entry)))[:MOST_ASKED]


def _is_closed_note(note: str) -> bool:
    """A closed programme says so in a note of its own."""
    return note == "Das Programm ist beendet."


def _hits(rows: Sequence[Ranked], sure: float) -> tuple[Hit, ...]:
    best = max((row.score for row in rows), default=0.0) or 1.0
    return tuple(
        Hit(row.entry.id, row.entry.kind, row.entry.title, round(sure * min(row.score / best, 1.0) ** 2, 3))
        for row in rows
    )


def _facts_of(rows: Sequence[Ranked], facet: Facet | None, day: dt.date) -> tuple[Fact, ...]:
    return tuple(fact(row.entry, facet, day) for row in rows) if facet else ()


def _line(entry: AnyEntry, facet: Facet | None, day: dt.date) -> str:
    if facet and facet in facets_of(entry):
        return f"{entry.title} · {fact(entry, facet, day).text}"
    if isinstance(entry, CaseStudy):
        return f"{entry.town}: {entry.title}"
    return f"{entry.title} · {status_words(entry)}" if isinstance(entry, FundingProgramme) else entry.title
