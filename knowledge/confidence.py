"""How sure an answer is: two logistic models over what speaks for and against it.

They are fitted so that of the answers around 0.8 four of five are right.
"""

from collections.abc import Container
from dataclasses import dataclass, fields

from knowledge.german import stem
from knowledge.logistic import FITTED
from knowledge.question import Question
from knowledge.ranking import Ranking


@dataclass(frozen=True)
class Evidence:
    """What is known about a first hit; shares and nearness from 0 to 1.

    Attributes:
        coverage: Share of the question's weight that the entry explains.
        ask: Nearness of its best wording.
        name: Nearness of its best name.
        text: Nearness of its best sentence.
        named: How fully the question holds its name.
        bm25: Score of the entry as a whole.
        margin: How far the second is behind, 0 to 1.
        unknown: Share of the question's weight that no entry knows.
        corrected: Share that had to be corrected.
        place: Share that names a town.
        foreign: 1 where a word signals a question that belongs elsewhere.
        outside: Score of the best kind of foreign question, in scores of the first hit.
        outside_ask: Nearness of its best wording.
        votes: How strongly the question names a kind of entry.
        facet: 1 where a detail is asked for.
        length: Words with a topic, at most 12.
    """

    coverage: float
    ask: float
    name: float
    text: float
    named: float
    bm25: float
    margin: float
    unknown: float
    corrected: float
    place: float
    foreign: float
    outside: float
    outside_ask: float
    votes: float
    facet: float
    length: float


FEATURES = tuple(item.name for item in fields(Evidence))


def known(evidence: Evidence) -> float:
    """The probability, 0 to 1, that an entry answers the question at all."""
    return FITTED["known"].probability(vars(evidence))


def right(evidence: Evidence) -> float:
    """The probability, 0 to 1, that the first hit is one that was meant."""
    return FITTED["right"].probability(vars(evidence))


def evidence_of(
    question: Question, ranking: Ranking, places: Container[str], foreign_stems: Container[str]
) -> Evidence:
    """What speaks for and against the first of a ranking being what was meant.

    Args:
        question: The question.
        ranking: With one entry at least.
        places: Stems of words that name a town.
        foreign_stems: Stems of words that signal a question which belongs elsewhere.
    """
    first, *others = ranking.entries
    topic = ranking.topic
    whole = sum(match.weight for match in topic if match.how != "joined") or 1.0
    outside = ranking.outside
    return Evidence(
        coverage=first.found.coverage,
        ask=first.found.ask,
        name=first.found.name,
        text=first.found.text,
        named=first.found.named,
        bm25=first.found.bm25,
        margin=1 - others[0].score / first.score if others else 1.0,
        unknown=sum(match.weight for match in topic if match.how == "unknown") / whole,
        corrected=sum(match.weight for match in topic if match.how == "corrected") / whole,
        place=sum(match.weight for match in topic if stem(match.word) in places) / whole,
        foreign=float(any(stem(word) in foreign_stems for word in question.words)),
        outside=min(outside.score / max(first.found.score, 1e-6), 3.0) if outside else 0.0,
        outside_ask=outside.ask if outside else 0.0,
        votes=max(question.kinds.values(), default=0.0),
        facet=float(bool(question.facet)),
        length=min(sum(match.weight > 0 for match in topic), 12),
    )
