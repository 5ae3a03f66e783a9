"""What a chat was shown: what „und bis wann?“, „das zweite“ and „noch eins“ refer to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.answers import Answer, AnswerKind, Hit
from knowledge.describe import facets_of, fact
from knowledge.entries import AnyEntry, Facet
from knowledge.followups import Talk
from knowledge.german import words

MOST_REMEMBERED = 50
WORTH_SHOWING = 0.25
"""From which confidence an entry is offered for „noch eins“."""
NO_MORE = "Mehr finde ich dazu nicht."
_MORE = frozenset(
    " ".join(words(text))
    for text in (
        "noch eins", "noch eines", "noch einen", "noch eine", "noch ein", "noch mehr", "noch was", "noch etwas",
        "noch ein beispiel", "noch ein programm", "noch eine förderung", "noch andere", "noch welche", "noch weitere",
        "weitere", "weiter", "mehr", "mehr davon", "andere", "ein anderes", "ein weiteres", "ein anderes beispiel",
        "ein anderes programm", "und noch eins", "und sonst", "sonst noch was", "sonst noch etwas", "sonst noch eins",
        "das nächste", "nächstes", "gibt es noch mehr", "gibt es noch andere", "gibt es noch weitere", "was noch",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Memory:
    """What a chat was shown, and what fits as well but was not shown yet.

    Attributes:
        talk: For questions that point back.
        more: Ids for „noch eins“, best first.
    """

    talk: Talk
    more: tuple[str, ...] = ()

    def write(self) -> dict[str, Any]:
        """A form for the database."""
        talk = self.talk
        return {
            "shown": list(talk.shown[:MOST_REMEMBERED]),
            "facet": talk.facet,
            "listed": talk.listed,
            "asked": list(talk.asked),
            "more": list(self.more),
        }

    @classmethod
    def read(cls, what: dict[str, Any] | None) -> "Memory | None":
        """A memory from the database; a detail that this version does not know is left out."""
        if what is None:
            return None
        facet = what["facet"]
        known = Facet(facet) if facet in set(Facet) else None
        asked = tuple(what.get("asked", ()))  # older memories have none
        return cls(Talk(tuple(what["shown"]), known, listed=what["listed"], asked=asked), tuple(what["more"]))


def remembered(answer: Answer, shown: int, before: Memory | None = None) -> Memory | None:
    """What to remember of an answer of which the first so many entries are shown.

    Args:
        answer: The answer.
        shown: How many of its entries are shown.
        before: What was shown before: after one of a list, „noch eins“ is the next of that list.
    """
    if answer.talk is None:
        return None
    more = [hit.id for hit in answer.hits[shown:] if hit.confidence >= WORTH_SHOWING]
    return Memory(answer.talk, tuple(more) or behind(answer.talk, before))


def behind(talk: Talk, before: Memory | None) -> tuple[str, ...]:
    """What follows in a list that was shown, where one of its entries was picked."""
    if before is None or not before.talk.listed or len(talk.shown) != 1 or talk.shown[0] not in before.talk.shown:
        return ()
    listed = (*before.talk.shown, *(each for each in before.more if each not in before.talk.shown))
    return listed[listed.index(talk.shown[0]) + 1 :]


def wants_more(text: str) -> bool:
    """Whether a text asks for another of the same, and for nothing else."""
    return " ".join(words(text)) in _MORE


def next_answer(text: str, entries: Sequence[AnyEntry], memory: Memory, today: dt.date) -> Answer:
    """The next entry that fits, with the detail that was asked for before; or that there is none."""
    if not entries:
        return Answer(text, AnswerKind.NONE, notes=(NO_MORE,), talk=memory.talk)
    hits = tuple(Hit(entry.id, entry.kind, entry.title, WORTH_SHOWING) for entry in entries)
    entry, facet = entries[0], memory.talk.facet
    talk = Talk((entry.id,), facet)
    if facet is None or facet not in facets_of(entry):
        return Answer(text, AnswerKind.ENTRY, None, hits, talk=talk)
    return Answer(text, AnswerKind.FACT, facet, hits, asked=(fact(entry, facet, today),), talk=talk)
