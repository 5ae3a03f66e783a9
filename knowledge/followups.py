"""Questions that point back: „und bis wann?“, „und in Eisenach?“, „das zweite“."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.describe import asked_of
from knowledge.entries import AnyEntry, CaseStudy, EntryKind, Facet, FundingProgramme, Term
from knowledge.index import Match
from knowledge.library import Knowledge
from knowledge.question import Question
from knowledge.ranking import Ranking

TOPIC_WORDS = 1.6
"""Weight of a question's own topic words, in weights of a word that one in ten entries holds, from which it is new."""
NAMED = 0.5
"""Nearness of a name from which the question names another entry."""
SHORT = 9
"""Words up to which a question may carry on the one before."""


class Related(Protocol):
    """Finds entries near to another one."""

    @property
    def knowledge(self) -> Knowledge:
        """All entries."""

    def related(self, entry: AnyEntry, kind: EntryKind, question: Question) -> AnyEntry | None:
        """The entry of one kind nearest to another entry and to what the question adds."""


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


def follow_up(question: Question, ranking: Ranking, after: Talk, finder: Related) -> Meant | None:
    """What a question means after what was shown, or None where it begins something new."""
    shown = [entry for id_ in after.shown if (entry := finder.knowledge.get(id_))]
    if not shown or len(question.words) > 2 * SHORT:
        return None
    if pointed := _pointed(question, shown):
        return Meant(pointed, _facet(question, after, pointed))
    own = _own_topic(question, ranking.topic)
    if wanted := _related_kind(question, shown[0], own):
        other = finder.related(shown[0], wanted, question)
        return Meant(other, None) if other else None
    first = ranking.entries[0] if ranking.entries else None
    if first and isinstance(first.entry, Term) and first.found.named >= NAMED and question.facet is Facet.DEFINITION:
        return Meant(first.entry, Facet.DEFINITION)
    if (
        first
        and first.entry.id != shown[0].id
        and own > 0
        and max(first.found.name, first.found.named) >= NAMED
        and _carries_on(question)
    ):
        return Meant(first.entry, _facet(question, after, first.entry))
    if own < TOPIC_WORDS or (first and first.entry.id == shown[0].id):
        return Meant(shown[0], _facet(question, after, shown[0]))
    return None


def _carries_on(question: Question) -> bool:
    """A short question, or one that begins with „und“, keeps the detail that was asked for before."""
    return len(question.words) <= SHORT and (not question.facet or question.words[0] in ("und", "ok", "okay"))


def _own_topic(question: Question, topic: Sequence[Match]) -> float:
    """What a question says besides cues and pointing words, in weights of a rather common word."""
    cues = question.facet_words | question.kind_words | question.list_words
    cues |= question.again.get("pointing", frozenset())
    said = {word for position, word in enumerate(question.words) if position in cues}
    own = [
        match for match in topic if match.word not in said and match.how in ("word", "corrected", "compound", "joined")
    ]
    return sum(max(match.weight - GENERIC, 0.0) for match in own) / GENERIC


GENERIC = 2.3
"""Weight of a word that one in ten entries holds; up to that a word carries no topic of its own."""


def _facet(question: Question, after: Talk, entry: AnyEntry) -> Facet | None:
    """The detail asked for, else the one asked for before where this entry holds it."""
    if isinstance(entry, Term):
        return Facet.DEFINITION
    held = asked_of(entry)
    if asked := question.asked(held):
        return asked[0]
    carried = _TRANSLATED.get((type(entry), after.facet), after.facet)
    return carried if carried in held else None


_TRANSLATED = {
    (CaseStudy, Facet.AMOUNT): Facet.COSTS,
    (CaseStudy, Facet.RATE): Facet.FUNDING_USED,
    (CaseStudy, Facet.APPLICANTS): Facet.PARTNERS,
    (FundingProgramme, Facet.COSTS): Facet.AMOUNT,
    (FundingProgramme, Facet.PARTNERS): Facet.APPLICANTS,
    (FundingProgramme, Facet.FUNDING_USED): Facet.FUNDS,
}


def _pointed(question: Question, shown: Sequence[AnyEntry]) -> AnyEntry | None:
    if len(shown) < 2:
        return None
    for number in range(1, 6):
        if str(number) in question.again and number <= len(shown):
            return shown[number - 1]
    return shown[-1] if "last" in question.again else None


def _related_kind(question: Question, entry: AnyEntry, own: float) -> EntryKind | None:
    """The other kind of entry that a question wants about the same matter."""
    if own >= TOPIC_WORDS or question.facet not in (None, Facet.DEFINITION):
        return None
    if "related_case" in question.again and not isinstance(entry, CaseStudy):
        return EntryKind.CASE
    if "related_funding" in question.again and not isinstance(entry, FundingProgramme):
        return EntryKind.FUNDING
    for kind in (EntryKind.CASE, EntryKind.FUNDING):
        if question.kinds.get(kind, 0.0) >= 1.4 and entry.kind is not kind:
            return kind
    return None
