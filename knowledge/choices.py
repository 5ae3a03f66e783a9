"""Questions that offer a choice: „Leipzig oder Görlitz?“, „KfW 432 oder 264“."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from knowledge.lookup import Match
from knowledge.question import Question, Reader
from knowledge.ranking import Ranked, Ranker

_OR = frozenset({"oder", "versus", "vs", "beziehungsweise", "bzw"})
MOST_SIDES = 4
"""Things that a question offers for choice; more are not looked up, as each costs a search of its own."""
MOST_OFFERED = 10
SIDE_NAMED, SIDE_DESCRIBED = 0.15, 0.5
"""How near a name, or a wording, the entry on each side of an „oder“ must be."""


def either(question: Question, topic: Sequence[Match], reader: Reader, ranker: Ranker, day: dt.date) -> list[Ranked]:
    """Where a question says „oder“ between two things: the best of each side in turn, else nothing."""
    sides: list[list[str]] = [[]]
    for word in question.words:
        if word in _OR or (word == "und" and "unterschied" in question.words):
            sides.append([])
        else:
            sides[-1].append(word)
    if len(sides) < 2:
        return []
    found: list[tuple[Ranked, ...]] = []
    firsts: set[str] = set()
    told = {match.word for match in topic if match.stems}
    sides = [side for side in sides if not told.isdisjoint(side)][:MOST_SIDES]
    for number, side in enumerate(sides):
        if len(firsts) + len(sides) - number < 2:  # what is left cannot make it a choice: no search for nothing
            return []
        part = replace(reader.read(" ".join(side), day), kinds=question.kinds, acronyms=question.acronyms)
        ranking = ranker.rank(part, ranker.topic(part), day, limit=5)
        found.append(ranking.entries)
        if ranking.entries and _stands_alone(ranking.entries[0], question):
            firsts.add(ranking.entries[0].entry.id)
    if len(firsts) < 2:
        return []
    chosen: dict[str, Ranked] = {}
    for row in (row for rank in zip_longest(*found) for row in rank if row):
        chosen.setdefault(row.entry.id, row)
    return list(chosen.values())[:MOST_OFFERED]


def _stands_alone(row: Ranked, question: Question) -> bool:
    """Whether one side of an „oder“ means an entry by itself."""
    if max(row.found.name, row.found.named) >= SIDE_NAMED:
        return True
    return row.found.ask >= SIDE_DESCRIBED and not question.facets
