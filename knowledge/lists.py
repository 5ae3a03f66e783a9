"""Questions that want several entries: „Förderung für Vereine“, „Beispiele aus Hessen“, „Was läuft bald ab?“."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from knowledge.confidence import Evidence
from knowledge.deadlines import upcoming
from knowledge.entries import AnyEntry, EntryKind, Facet, FundingProgramme, Status, Term
from knowledge.filters import Filters
from knowledge.logistic import FITTED
from knowledge.question import Question
from knowledge.ranking import Ranked, Ranker, Ranking

STRONG = frozenset(
    {"state", "not_state", "size", "min_population", "max_population", "since", "until", "ended", "min_cost",
     "max_cost", "due_within", "rolling", "funded_by"}
)  # fmt: skip
"""Constraints that hardly occur in questions for one entry."""
NAMED = 0.9
"""How fully a question must hold an entry's name to mean that one."""
PLAIN_DETAIL = 2.5
"""Weight of a pattern from which a detail of one entry is asked for."""
SHORT = 7
"""Words of a question that says what it wants and for what, and nothing more."""
ASKS_MEANING = 0.2
"""Probability from which a question may be for what a word means."""
FEW = 12
"""Entries that meet constraints are all listed up to so many."""


def is_list(question: Question, evidence: Evidence) -> bool:
    """Whether a question wants several entries."""
    strong = STRONG.intersection(question.filters.active())
    named = max(evidence.named, evidence.name) >= NAMED
    one_article = question.said == {EntryKind.ARTICLE}  # there are few: they are listed where that is asked for
    if not question.listing and not strong and (named or one_article or _one_detail(question)):
        return False
    return FITTED["several"].probability(wants_several(question, evidence)) >= 0.5


def money_for(question: Question, first: AnyEntry) -> bool:
    """Whether money is asked for, and what comes first only says what the thing is: „Zuschuss Pop-up-Store“."""
    explained = question.leaning.get(Facet.DEFINITION, 0.0) >= ASKS_MEANING or question.facets
    short = len(question.words) <= SHORT
    return isinstance(first, Term) and short and question.said == {EntryKind.FUNDING} and not explained


def _one_detail(question: Question) -> bool:
    return bool(question.facets) and question.facets[0][1] >= PLAIN_DETAIL


def wants_several(question: Question, evidence: Evidence) -> dict[str, float]:
    """What speaks for a question wanting several entries, by name."""
    active = [name for name in question.filters.active() if name != "theme"]
    strong = [name for name in active if name in STRONG]
    return {
        "listing": min(question.listing, 5.0),
        "strong": float(min(len(strong), 2)),
        "weak": float(min(len(active) - len(strong), 3)),
        "theme": float(question.filters.theme is not None),
        "pattern": question.facets[0][1] if question.facets else 0.0,
        "leaning": sum(question.leaning.values()),
        "definition": question.leaning.get(Facet.DEFINITION, 0.0),
        "funding": question.kinds.get(EntryKind.FUNDING, 0.0),
        "case": question.kinds.get(EntryKind.CASE, 0.0),
        "named": evidence.named,
        "name": evidence.name,
        "ask": evidence.ask,
        "margin": evidence.margin,
        "length": evidence.length,
    }


def list_filters(question: Question) -> Filters:
    """The constraints that a list keeps to; the kind of entry among them where the question names one."""
    filters = question.filters
    votes = sorted(question.kinds.items(), key=lambda item: -item[1])
    if filters.kind is None and votes and votes[0][0] in (EntryKind.FUNDING, EntryKind.CASE, EntryKind.ARTICLE):
        behind = votes[1][1] if len(votes) > 1 else 0.0
        if votes[0][1] - behind >= 1:
            return replace(filters, kind=votes[0][0])
    return filters


def detail_of_all(question: Question) -> Facet | None:
    """The detail that a list says of each entry: the one asked for; of what is due soon its day."""
    if question.filters.due_within is not None:
        return Facet.DEADLINE
    said = {facet for facet, _ in question.facets} - {Facet.DEFINITION}  # what each of them is, a list says anyway
    said -= {_SAID_BY_FILTER.get(name, Facet.DEFINITION) for name in question.filters.active()}
    asked = question.asked(said)
    return asked[0] if asked else None


_SAID_BY_FILTER = {"applicant": Facet.APPLICANTS, "status": Facet.STATUS}
"""Details that are the same for all that meet a constraint."""


def listed(question: Question, ranking: Ranking, ranker: Ranker, day: dt.date) -> tuple[Filters, list[Ranked]]:
    """The entries of a list, best or soonest first, and the constraints that they meet."""
    if detail_of_all(question) is not Facet.DEADLINE:
        return _listed(question, ranking, ranker, day)
    if not _own_filters(question) and _own_weight(question, ranking) < ranker.weights.residual:
        filters = replace(question.filters, kind=EntryKind.FUNDING)
        rows = [row for row in ranker.meeting(ranking, filters, day) if not _is_closed(row.entry)]
        if filters.theme is None:
            rows = [row for row in rows if next_day(row.entry, day) < dt.date.max]
        if rows:
            return filters, soonest_first(rows, day)
    filters, rows = _listed(question, ranking, ranker, day)
    return filters, soonest_first(rows, day)


def only_days(question: Question, ranking: Ranking, ranker: Ranker) -> bool:
    """Whether a question asks for several deadlines and names nothing besides: „Welche Fristen laufen bald ab?“."""
    named = sum(match.weight for match in ranking.topic if match.how == "unknown")
    return (
        bool(question.listing)
        and detail_of_all(question) is Facet.DEADLINE
        and named + _own_weight(question, ranking) < ranker.weights.residual
    )


def next_day(entry: AnyEntry, day: dt.date) -> dt.date:
    """The next day on which something is due for a programme that takes applications; the last of all where none is."""
    if not isinstance(entry, FundingProgramme) or _is_closed(entry):
        return dt.date.max
    return next((coming.day for coming in upcoming(entry.deadline, day)), dt.date.max)


def _is_closed(entry: AnyEntry) -> bool:
    return isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED


def soonest_first(rows: Sequence[Ranked], day: dt.date) -> list[Ranked]:
    """Rows by the next day on which something is due; those without one stay in their order behind them."""
    return sorted(rows, key=lambda row: next_day(row.entry, day))


def _own_filters(question: Question) -> list[str]:
    return [name for name in question.filters.active() if name not in ("kind", "theme")]


def _listed(question: Question, ranking: Ranking, ranker: Ranker, day: dt.date) -> tuple[Filters, list[Ranked]]:
    weights = ranker.weights
    filters = list_filters(question)
    active = filters.active()
    own = _own_weight(question, ranking)
    if _own_filters(question):
        filters, rows = _meeting_most(ranking, ranker, filters, day)
        if own < weights.residual:
            return filters, sorted(rows, key=_rank_of_status)
        return filters, rows if len(rows) <= FEW else _cut(rows, weights.list_cut * NARROWED_CUT, weights.longest_list)
    if own < weights.residual and filters.theme:
        return filters, sorted(ranker.meeting(ranking, filters, day), key=_rank_of_status)
    dropped = {"theme"} if len(question.said) == 1 else {"theme", "kind"}
    filters = filters.without(*(dropped & set(active)))
    return filters, _cut(ranker.meeting(ranking, filters, day), weights.list_cut, weights.longest_list)


NARROWED_CUT = 0.5
"""Share of the usual cut where constraints have chosen already."""


def _meeting_most(ranking: Ranking, ranker: Ranker, filters: Filters, day: dt.date) -> tuple[Filters, list[Ranked]]:
    """What meets all constraints, or all but the theme and kind where nothing does; and those that are met."""
    if rows := ranker.meeting(ranking, filters, day):
        return filters, rows
    fewer = filters.without("theme", "kind")
    return fewer, ranker.meeting(ranking, fewer, day)


def _cut(rows: list[Ranked], share: float, longest: int) -> list[Ranked]:
    best = rows[0].score if rows else 0.0
    return [row for row in rows if row.score >= share * best][:longest]


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
