"""Which case studies go with a programme, and which programmes with a case study."""

import math
from collections.abc import Iterable
from functools import lru_cache

from knowledge.entries import AnyEntry, Article, CaseStudy, EntryKind, FundingProgramme, Status, Term, Theme
from knowledge.german import words
from knowledge.library import Knowledge

MOST = 6
"""How many are offered."""
_SHARED_THEMES = 2
"""From how many common themes two entries that have as many are taken to go together."""
_BROAD = frozenset({Theme.PLANUNG, Theme.MANAGEMENT, Theme.BETEILIGUNG})
"""Themes that go with everything: alone they make nothing alike."""
_Themed = FundingProgramme | CaseStudy | Article


@lru_cache(maxsize=1024)  # every card asks
def related(knowledge: Knowledge, entry_id: str) -> tuple[AnyEntry, ...]:
    """What goes with an entry, best first, at most `MOST`.

    A programme gets the cases that it paid for, then those with most common themes; a case the programmes that paid
    for it, then open ones with most common themes; an article the case studies of its themes; a term those that speak
    of it most, what can be had before what is over.
    """
    entry = knowledge.get(entry_id)
    match entry:
        case FundingProgramme():
            cases = (other for other in knowledge.of_kind(EntryKind.CASE) if isinstance(other, CaseStudy))
            return _best((_case_rank(entry, case), case) for case in cases)
        case CaseStudy():
            programmes = (each for each in knowledge.of_kind(EntryKind.FUNDING) if isinstance(each, FundingProgramme))
            return _best((_programme_rank(entry, each), each) for each in programmes)
        case Article():
            cases = (other for other in knowledge.of_kind(EntryKind.CASE) if isinstance(other, CaseStudy))
            return _best(((0, _likeness(entry, case)), case) for case in cases)
        case Term():
            spoken = _spoken(knowledge)
            said = [f" {' '.join(words(each))} " for each in (entry.title, *entry.synonyms)]
            return _best((_said_rank(other, said, spoken[other.id]), other) for other in knowledge.entries.values())
        case None:
            return ()


def paid_by(case: CaseStudy, programme: FundingProgramme) -> bool:
    """Whether the case's own words about its money name the programme."""
    spoken = [f" {' '.join(words(text))} " for text in case.funding]
    names = [" ".join(words(name)) for name in (programme.title, *programme.short_names)]
    return any(f" {name} " in text for name in names if name for text in spoken)


def _case_rank(programme: FundingProgramme, case: CaseStudy) -> tuple[int, float]:
    return int(paid_by(case, programme)), _likeness(programme, case)


def _programme_rank(case: CaseStudy, programme: FundingProgramme) -> tuple[int, float]:
    paid, likeness = _case_rank(programme, case)
    # Only what can still be had, unless it is the very one.
    return paid, 0 if programme.status is Status.CLOSED else likeness


def _said_rank(entry: AnyEntry, said: list[str], text: str) -> tuple[int, float]:
    """How often an entry speaks of a term; of what is over less counts."""
    if isinstance(entry, Term):
        return 0, 0
    count = sum(text.count(each) for each in said)
    over = isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED
    return int(count > 0 and not over), count


@lru_cache(maxsize=2)
def _spoken(knowledge: Knowledge) -> dict[str, str]:
    """All that each entry shows its readers, as folded words with a blank on both sides of each."""
    return {
        entry.id: f" {' '.join(words(' '.join(_shown(entry.model_dump(exclude=_NOT_SHOWN)))))} "
        for entry in knowledge.entries.values()
    }


_NOT_SHOWN = {"id", "kind", "asks", "sources", "as_of", "review_by", "unverified", "confidence", "themes", "instead"}


def _shown(value: object) -> Iterable[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from _shown(list(value.values()))
        case list() | tuple():
            for each in value:
                yield from _shown(each)


def _likeness(one: _Themed, other: _Themed) -> float:
    """Common themes, weighed by how many there could be; 0 where too few are common to say anything."""
    common = set(one.themes) & set(other.themes)
    if common <= _BROAD or len(common) < min(_SHARED_THEMES, len(one.themes), len(other.themes)):
        return 0
    return len(common) / math.sqrt(len(set(one.themes) | set(other.themes)))


def _best(ranked: Iterable[tuple[tuple[int, float], AnyEntry]]) -> tuple[AnyEntry, ...]:
    good = [(rank, entry) for rank, entry in ranked if any(rank)]
    good.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(entry for _, entry in good[:MOST])
