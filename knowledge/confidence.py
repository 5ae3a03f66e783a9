"""How sure an answer is: two logistic models over what speaks for and against it.

They are fitted so that of the answers around 0.8 four of five are right.
"""

from dataclasses import dataclass, fields

from knowledge.logistic import FITTED


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
