"""Questions that point back: „und bis wann?“, „und in Eisenach?“, „das zweite“."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.confidence import Evidence, known, right
from knowledge.describe import asked_of
from knowledge.entries import AnyEntry, CaseStudy, EntryKind, Facet, FundingProgramme, Term
from knowledge.library import Knowledge
from knowledge.logistic import FITTED
from knowledge.lookup import Match
from knowledge.question import Question
from knowledge.ranking import Ranking

SHORT = 9
"""Words up to which a question without a detail of its own may carry on the one before."""
POINTS_BACK = 0.25
"""Probability from which a question is about what was shown before."""
NEW_TOPIC = 0.3
"""Weight of a question's own topic from which it may name another entry, in weights of a rather common word."""
NO_TOPIC = 1.2
"""Weight up to which it says nothing of its own."""
KNOWN = 0.5
"""Probability that the question can be answered at all, from which it may."""
PLAINLY_CARRIED = 0.1
"""The same where its words say that it carries on."""
LITTLE_TOPIC = 0.6
"""Weight of its own topic up to which another entry cannot be meant surely."""
MOST_POINTED = 5
"""Ordinals that the lexicon knows: „das fünfte“."""
FRAGMENT = 3
"""Words up to which a question is a fragment: `und Eisenach?`."""
SURE_OF_ANOTHER = 0.8
"""Probability of another entry being meant from which the question is not about what was shown."""
NAMED = 0.3
"""How sure a named entry must be."""
ELSEWHERE, FAR_AHEAD = 0.85, 1.5
"""How near a wording of a foreign question must be, and how far ahead of every entry, to be that question surely."""
ELSEWHERE_IN = frozenset({"state", "not_state", "size", "min_population", "max_population"})
"""Constraints that say where other cases should be."""
BEGINNINGS = frozenset({"und", "ok", "okay", "aber", "oder", "auch"})
"""First words of a question that carries on."""
PLAIN_DETAIL = 2.5
"""Weight of a pattern from which a question asks plainly for a detail."""
SURE_FACET = 3.0
"""Weight of a pattern from which a detail of the same entry is asked for."""
KIND_WANTED = 1.9
"""Votes for a kind of entry from which it is wanted."""


class Related(Protocol):
    """Finds entries near to another one."""

    @property
    def knowledge(self) -> Knowledge:
        """All entries."""

    def related(self, entry: AnyEntry, kind: EntryKind) -> AnyEntry | None:
        """The entry of one kind nearest to another entry."""

    def payer(self, case: CaseStudy) -> AnyEntry | None:
        """The programme that a case was paid from."""


@dataclass(frozen=True)
class Talk:
    """What a chat showed last.

    Attributes:
        shown: Ids, in the order shown.
        facet: The detail that was asked for.
        listed: Several were shown as a list; then an ordinal points into it.
        asked: What the list was asked for with: its question, and what narrowed it since.
    """

    shown: tuple[str, ...]
    facet: Facet | None = None
    listed: bool = False
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meant:
    """The entry and the detail that a follow-up is about."""

    entry: AnyEntry
    facet: Facet | None


def follow_up(
    question: Question, ranking: Ranking, after: Talk, finder: Related, evidence: Evidence | None
) -> Meant | None:
    """What a question means after what was shown, or None where it begins something new."""
    shown = [entry for id_ in after.shown if (entry := finder.knowledge.get(id_))]
    if not shown:
        return None
    if pointed := _pointed(question, shown):
        return Meant(pointed, _facet(question, after, pointed))
    own = own_topic(question, ranking.topic)
    if "that_funding" in question.again and isinstance(shown[0], CaseStudy) and own <= NO_TOPIC:
        paid = finder.payer(shown[0])
        return Meant(paid, _facet(question, after, paid)) if paid else None
    if wanted := _related_kind(question, shown[0], own, evidence):
        other = finder.related(shown[0], wanted)
        return Meant(other, None) if other else None
    first = ranking.entries[0] if ranking.entries else None
    if first and evidence and first.entry.id != shown[0].id and own >= NEW_TOPIC and _carries_on(question):
        carried = _carried(after, first.entry)
        least = PLAINLY_CARRIED if "carries_on" in question.again else KNOWN
        if carried and known(evidence) >= least and max(right(evidence), first.found.named) >= NAMED:
            return Meant(first.entry, carried)
    if evidence and _belongs_elsewhere(evidence):
        return None
    if asks_only(question, ranking.topic) and question.facets[0][0] in asked_of(shown[0]):
        return Meant(shown[0], _facet(question, after, shown[0]))
    if FITTED["back"].probability(pointing_back(question, ranking, shown[0], evidence)) >= POINTS_BACK:
        return Meant(shown[0], _facet(question, after, shown[0]))
    return None


def _belongs_elsewhere(evidence: Evidence) -> bool:
    """Whether a question is surely about something that no entry knows, whatever was shown before it."""
    return evidence.foreign > 0 or (evidence.outside_ask >= ELSEWHERE and evidence.outside >= FAR_AHEAD)


def asks_only(question: Question, topic: Sequence[Match]) -> bool:
    """Whether a question plainly asks for a detail and names nothing that it is about: „Habt ihr einen Link?“."""
    if not question.facets or question.facets[0][1] < PLAIN_DETAIL or question.listing or len(question.words) > SHORT:
        return False
    own = own_topic(question, topic)
    return own < NEW_TOPIC and not unknown_words(question, topic) and not question.filters.active()


def wants_others(question: Question, topic: Sequence[Match]) -> bool:
    """Whether a question after a case wants others like it, perhaps from elsewhere."""
    if not question.words or (question.facets and question.facets[0][1] >= PLAIN_DETAIL):
        return False
    elsewhere = [name for name in question.filters.active() if name in ELSEWHERE_IN]
    plainly = "others" in question.again or (elsewhere and question.words[0] in BEGINNINGS)
    if not plainly or len(question.words) > SHORT:
        return False
    return own_topic(question, topic, constraints=elsewhere) < NEW_TOPIC and not unknown_words(question, topic)


def unknown_words(question: Question, topic: Sequence[Match]) -> bool:
    """Whether a question holds a word that is neither known nor a cue."""
    said = question.facet_words | question.kind_words | question.list_words
    said = said.union(*question.constrained.values(), *question.again.values())
    free = {word for position, word in enumerate(question.words) if position not in said}
    return any(match.how == "unknown" and match.weight and match.word in free for match in topic)


def pointing_back(question: Question, ranking: Ranking, shown: AnyEntry, evidence: Evidence | None) -> dict[str, float]:
    """What speaks for a question being about the entry shown before, by name; shares and nearness from 0 to 1."""
    first = ranking.entries[0] if ranking.entries else None
    count = len(question.words)
    return {
        "own": min(own_topic(question, ranking.topic), 6.0),
        "named": first.found.named if first else 0.0,
        "name": first.found.name if first else 0.0,
        "ask": first.found.ask if first else 0.0,
        "right": right(evidence) if evidence else 0.0,
        "known": known(evidence) if evidence else 0.0,
        "foreign": evidence.outside_ask if evidence else 0.0,
        "unknown": evidence.unknown if evidence else 1.0,
        "same": float(first is not None and first.entry.id == shown.id),
        "begins": float(question.words[:1] in (("und",), ("ok",), ("okay",))),
        "pointing": min(len(question.again.get("pointing", ())), 4) / max(count, 1),
        "words": min(count, 20) / 20,
        "facet": float(bool(question.facets)),
        "leaning": sum(question.leaning.values()),
        "listing": min(question.listing, 4.0) / 4,
        "constraints": float(len([name for name in question.filters.active() if name != "applicant"])),
    }


def _carries_on(question: Question) -> bool:
    """A short question without a detail of its own keeps the detail asked for before."""
    if question.facets or question.listing or len(question.words) > SHORT:
        return False
    return "carries_on" in question.again or len(question.words) <= FRAGMENT


def own_topic(question: Question, topic: Sequence[Match], constraints: Collection[str] = ()) -> float:
    """What a question says besides cues and pointing words, in weights of a rather common word.

    Args:
        question: The question.
        topic: Its words, looked up.
        constraints: Names of constraints that are no topic either.
    """
    cues = question.facet_words | question.kind_words | question.list_words
    cues |= question.again.get("pointing", frozenset()) | question.again.get("only", frozenset())
    cues = cues.union(*(question.constrained.get(name, frozenset()) for name in constraints))
    said = {word for position, word in enumerate(question.words) if position in cues} - question.acronyms
    own = [
        match for match in topic if match.word not in said and match.how in ("word", "corrected", "compound", "joined")
    ]
    return sum(max(match.weight - GENERIC, 0.0) for match in own) / GENERIC


GENERIC = 2.3
"""Weight of a word that one in ten entries holds; up to that a word carries no topic of its own."""


def _facet(question: Question, after: Talk, entry: AnyEntry) -> Facet | None:
    """The detail asked for, else the one asked for before where this entry holds it."""
    if isinstance(entry, Term) and question.facet is not Facet.SOURCE:
        return Facet.DEFINITION
    plainly = question.facets[0][0] if question.facets else None
    if plainly and plainly not in asked_of(entry) and (known_as := _TRANSLATED.get((entry.kind, plainly))):
        return known_as
    asked = question.asked(asked_of(entry))
    return asked[0] if asked else _carried(after, entry)


def _carried(after: Talk, entry: AnyEntry) -> Facet | None:
    """The detail asked for before, as this kind of entry calls it."""
    if isinstance(entry, Term):
        return Facet.DEFINITION
    if after.facet is None:
        return None
    carried = _TRANSLATED.get((entry.kind, after.facet), after.facet)
    return carried if carried in asked_of(entry) else None


_TRANSLATED = {
    (EntryKind.CASE, Facet.AMOUNT): Facet.COSTS,
    (EntryKind.CASE, Facet.RATE): Facet.FUNDING_USED,
    (EntryKind.CASE, Facet.APPLICANTS): Facet.PARTNERS,
    (EntryKind.FUNDING, Facet.COSTS): Facet.AMOUNT,
    (EntryKind.FUNDING, Facet.PARTNERS): Facet.APPLICANTS,
    (EntryKind.FUNDING, Facet.FUNDING_USED): Facet.FUNDS,
}


def points_into(question: Question) -> bool:
    """Whether a question points to one entry of a list: „das zweite“, „das letzte“."""
    return "last" in question.again or any(str(number) in question.again for number in range(1, MOST_POINTED + 1))


def beyond(question: Question, after: Talk) -> int | None:
    """How many entries were listed, where a question points behind the last of them."""
    numbers = [number for number in range(1, MOST_POINTED + 1) if str(number) in question.again]
    return len(after.shown) if after.listed and numbers and numbers[0] > len(after.shown) else None


def _pointed(question: Question, shown: Sequence[AnyEntry]) -> AnyEntry | None:
    if len(shown) < 2:
        return None
    for number in range(1, MOST_POINTED + 1):
        if str(number) in question.again and number <= len(shown):
            return shown[number - 1]
    return shown[-1] if "last" in question.again else None


def _related_kind(question: Question, entry: AnyEntry, own: float, evidence: Evidence | None) -> EntryKind | None:
    """The other kind of entry that a question wants about the same matter."""
    sure_of_another = own > LITTLE_TOPIC and evidence is not None and right(evidence) >= SURE_OF_ANOTHER
    if len(question.words) > SHORT or sure_of_another:
        return None
    if own > NO_TOPIC or (
        question.facets and question.facets[0][1] >= SURE_FACET and question.facets[0][0] in asked_of(entry)
    ):
        return None
    if "related_case" in question.again and not isinstance(entry, CaseStudy):
        return EntryKind.CASE
    if "related_funding" in question.again and not isinstance(entry, FundingProgramme):
        return EntryKind.FUNDING
    only_kind = len(question.words) <= FRAGMENT and len(question.said) == 1 and not question.filters.active()
    if "pointing" not in question.again and not (only_kind and own < NEW_TOPIC):
        return None
    for kind in (EntryKind.CASE, EntryKind.FUNDING):
        if question.kinds.get(kind, 0.0) >= KIND_WANTED and entry.kind is not kind:
            return kind
    return None
