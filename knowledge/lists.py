"""Questions that want several entries: „Förderung für Vereine“, „Beispiele aus Hessen“, „Was läuft bald ab?“."""

import datetime as dt
from dataclasses import replace

from knowledge.entries import EntryKind, FundingProgramme, Status
from knowledge.filters import Filters
from knowledge.question import Question
from knowledge.ranking import Ranked, Ranker, Ranking
from knowledge.weights import AnswerWeights

NAMED = 0.6
"""Nearness of a name from which one entry is meant, however plural the question sounds."""


SURE_PATTERN = 3.0
"""Weight of a facet's pattern from which a detail of one entry is asked for rather than a list."""
PLAINLY_SEVERAL = 2.5
"""Votes for a list that outweigh it."""
_LISTING = dict.fromkeys(
    ("not_state", "min_population", "max_population", "since", "until", "ended", "min_cost", "max_cost", "due_within",
     "rolling", "funded_by"), 1.9,
)  # fmt: skip
"""Votes for a list from constraints that hardly occur in other questions."""


def is_list(question: Question, ranking: Ranking, weights: AnswerWeights) -> bool:
    """Whether a question wants several entries."""
    constraints = [name for name in question.filters.active() if name != "theme"]
    votes = question.listing + sum(_LISTING.get(name, weights.constraint_votes) for name in constraints)
    if votes < weights.list_votes:
        return False
    strong = [name for name in constraints if name in _LISTING]
    one_asked = question.facet is not None and question.facets and question.facets[0][1] >= SURE_PATTERN
    if one_asked and not strong and question.listing < PLAINLY_SEVERAL:
        return False
    first = ranking.entries[0] if ranking.entries else None
    one_named = first is not None and max(first.found.name, first.found.named) >= NAMED and not constraints
    return not (one_named and question.facet)


def list_filters(question: Question) -> Filters:
    """The constraints that a list keeps to; the kind of entry among them where the question names one."""
    filters = question.filters
    votes = sorted(question.kinds.items(), key=lambda item: -item[1])
    if filters.kind is None and votes and votes[0][0] in (EntryKind.FUNDING, EntryKind.CASE, EntryKind.ARTICLE):
        behind = votes[1][1] if len(votes) > 1 else 0.0
        if votes[0][1] - behind >= 1:
            return replace(filters, kind=votes[0][0])
    return filters


def listed(question: Question, ranking: Ranking, ranker: Ranker, day: dt.date) -> tuple[Filters, list[Ranked]]:
    """The entries of a list, best first, and the constraints that they meet."""
    weights = ranker.weights
    filters = list_filters(question)
    weight = _own_weight(question, ranking)
    narrow = weight < weights.residual
    required = filters if narrow else filters.without("theme", "kind")
    rows = ranker.meeting(ranking, required, day)
    hard = [name for name in required.active() if name != "kind"]
    if narrow and hard:
        return filters, sorted(rows, key=lambda row: (_rank_of_status(row), -row.score))
    best = rows[0].score if rows else 0.0
    kept = [row for row in rows if row.score >= weights.list_cut * best][: weights.longest_list]
    return filters.without(*({"theme", "kind"} & set(filters.active()) if not narrow else ())), kept


def _own_weight(question: Question, ranking: Ranking) -> float:
    """What a question says besides its constraints and cues, in weights of its topic words."""
    said: frozenset[int] = question.list_words | question.kind_words | question.facet_words
    for positions in question.constrained.values():
        said |= positions
    free = {word for position, word in enumerate(question.words) if position not in said}
    return sum(match.weight for match in ranking.topic if match.word in free and match.how != "unknown")


def _rank_of_status(row: Ranked) -> int:
    if not isinstance(row.entry, FundingProgramme):
        return 0
    return {Status.OPEN: 0, Status.UNKNOWN: 1, Status.CLOSED: 2}[row.entry.status]
