"""Questions that point back: „und bis wann?“, „und in Eisenach?“, „das zweite“."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.describe import facets_of
from knowledge.entries import AnyEntry, CaseStudy, EntryKind, Facet, FundingProgramme
from knowledge.index import Hit, Match
from knowledge.library import Knowledge
from knowledge.question import Question

NEW_TOPIC = 0.5
"""Share of a question's own weight, in words of the rarest kind, from which it is no longer a follow-up."""
NAMED = 0.55
"""Nearness of a name from which the question names another entry."""
CASE_FOR_FUNDING = {
    Facet.COSTS: Facet.AMOUNT, Facet.FUNDING_USED: Facet.FUNDS, Facet.PARTNERS: Facet.APPLICANTS,
}  # fmt: skip


@dataclass(frozen=True)
class Talk:
    """What a chat showed last.

    Attributes:
        shown: Ids, in the order shown.
        facet: The detail that was asked for.
        listed: Several were shown as a list; then an ordinal points into it.
    """

    shown: tuple[str, ...]
    facet: Facet | None = None
    listed: bool = False


@dataclass(frozen=True)
class Meant:
    """The entry and the detail that a follow-up is about."""

    entry: AnyEntry
    facet: Facet | None


def follow_up(
    question: Question,
    topic: Sequence[Match],
    after: Talk,
    ranked: Sequence[tuple[AnyEntry, Hit]],
    knowledge: Knowledge,
) -> Meant | None:
    """What a question means after what was shown, or None where it begins something new."""
    shown = [entry for id_ in after.shown if (entry := knowledge.get(id_))]
    if not shown:
        return None
    pointed = _pointed(question, shown)
    if pointed:
        return Meant(pointed, question.facet or after.facet)
    if question.again.keys() & {"related_case", "related_funding"}:
        return _related(question, shown[0], ranked)
    own = _own_topic(question, topic)
    if own <= 0 or _only_about(shown[0], ranked):
        return Meant(shown[0], _facet(question, after, shown[0]))
    if not ranked:
        return Meant(shown[0], _facet(question, after, shown[0])) if _short(question) else None
    entry, hit = ranked[0]
    if hit.name >= NAMED and _short(question):
        return Meant(entry, _facet(question, after, entry))
    if _short(question) and (question.facet or "pointing" in question.again) and hit.coverage < NAMED:
        return Meant(shown[0], _facet(question, after, shown[0]))
    return None


def _short(question: Question) -> bool:
    return len(question.words) <= 12


def _own_topic(question: Question, topic: Sequence[Match]) -> float:
    cues = question.facet_words | question.kind_words | question.list_words
    said = {word for position, word in enumerate(question.words) if position in cues}
    pointing = question.again.get("pointing", frozenset())
    said |= {word for position, word in enumerate(question.words) if position in pointing}
    return sum(match.weight for match in topic if match.word not in said)


def _only_about(entry: AnyEntry, ranked: Sequence[tuple[AnyEntry, Hit]]) -> bool:
    return bool(ranked) and ranked[0][0].id == entry.id and len(ranked) == 1


def _facet(question: Question, after: Talk, entry: AnyEntry) -> Facet | None:
    held = facets_of(entry)
    for facet, _ in question.facets:
        if facet in held:
            return facet
    return question.facet or after.facet


def _pointed(question: Question, shown: Sequence[AnyEntry]) -> AnyEntry | None:
    if len(shown) < 2:
        return None
    for number in range(1, 6):
        if str(number) in map(str, question.again) and number <= len(shown):
            return shown[number - 1]
    return shown[-1] if "last" in question.again else None


def _related(question: Question, entry: AnyEntry, ranked: Sequence[tuple[AnyEntry, Hit]]) -> Meant | None:
    wanted = EntryKind.CASE if "related_case" in question.again else EntryKind.FUNDING
    for other, _ in ranked:
        if other.kind is wanted and other.id != entry.id:
            return Meant(other, None)
    return None


__all__ = ["CaseStudy", "FundingProgramme", "Meant", "Talk", "follow_up"]
