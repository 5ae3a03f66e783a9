"""How sure an answer is: two logistic models over what speaks for and against it.

Its numbers were fitted by `python -m bench.fit`, so that of the answers around 0.8 four of five are right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import exp

from knowledge.weights import KNOWN, RIGHT


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
    foreign: float
    outside: float
    outside_ask: float
    votes: float
    facet: float
    length: float


FEATURES = tuple(item.name for item in fields(Evidence))


def known(evidence: Evidence) -> float:
    """The probability, 0 to 1, that an entry answers the question at all."""
    return probability(KNOWN, vars(evidence))


def right(evidence: Evidence) -> float:
    """The probability, 0 to 1, that the first hit is one that was meant."""
    return probability(RIGHT, vars(evidence))


def probability(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The logistic model with these weights, among them `bias`: 0 to 1."""
    total = weights["bias"] + sum(weight * features[name] for name, weight in weights.items() if name != "bias")
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))
