"""Questions that carry a list on: „und für uns als Stadt?“, „nur offene“, „und bis wann?“."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.followups import BEGINNINGS, SHORT, Talk, own_topic, points_into, unknown_words
from knowledge.lookup import Match
from knowledge.question import KIND_OF_FILTER, Question

PLAIN_DETAIL = 2.0
"""Weight of a pattern from which a detail of all that was listed is asked for."""
SURE_DETAIL = 2.5
"""The same, where a word points back: „Wie viel Prozent zahlen die?“."""
NOTHING_OWN = 0.3
"""Weight of a question's own topic, in weights of a rather common word, up to which it says nothing of its own."""
LIST = 2.0
"""Votes for a list that a question gets which carries one on."""
LONGEST_TEXT = 600
"""Characters of each that are kept; what is asked for stands in the beginning."""
MOST_CARRIED = 4
"""Questions that say together what a list is; of more the first and the last ones."""
_INSTEAD_OF = {
    "state": ("not_state", "town"), "not_state": ("state", "town"),
    "size": ("min_population", "max_population"), "min_population": ("size",), "max_population": ("size",),
    "due_within": ("rolling", "status"), "rolling": ("due_within",), "status": ("rolling", "due_within"),
}  # fmt: skip
"""Constraints that a new one takes the place of, besides its own name."""


def carried_on(question: Question, topic: Sequence[Match], after: Talk) -> bool:
    """Whether a question only narrows the list shown before, or asks for a detail of all of it."""
    if not (after.listed and after.asked and question.words) or len(question.words) > SHORT or points_into(question):
        return False
    detail = question.facets[0][1] if question.facets else 0.0
    plainly = question.words[0] in BEGINNINGS or not _PLAINLY.isdisjoint(question.again)
    plainly = plainly or (
        "pointing" in question.again and detail >= SURE_DETAIL and not (question.said or question.listing)
    )
    if not plainly and (question.said or len(question.words) > FRAGMENT):
        return False  # it names what it wants: „Welche Programme gibt es für Vereine?“
    narrowing = [name for name in question.filters.active() if name != "kind" and (plainly or name != "theme")]
    if not narrowing and detail < PLAIN_DETAIL and _RELATED.isdisjoint(question.again):
        return False
    return own_topic(question, topic, constraints=narrowing) < NOTHING_OWN and not unknown_words(question, topic)


FRAGMENT = 4
"""Words up to which a question is a fragment that may carry on without saying so: „in kleinen Städten“."""
_PLAINLY = frozenset({"carries_on", "only", "related_case", "related_funding"})
"""Words that say that a question carries on."""
_RELATED = frozenset({"related_case", "related_funding"})
"""Words that ask for the other kind of entry on the same matter."""


def merged(before: Question, question: Question) -> Question:
    """The list's question with what the new one says: its constraints in place of those that they contradict."""
    new = question.filters.active()
    gone = {*new, *(other for name in new for other in _INSTEAD_OF.get(name, ()))} & set(before.filters.active())
    switched = bool(question.said) and question.said != before.said
    if switched:  # what only the other kind of entry can meet goes with it
        gone |= {name for name in before.filters.active() if KIND_OF_FILTER.get(name) not in (None, *question.said)}
    taken: frozenset[int] = frozenset().union(*(before.constrained.get(name, frozenset()) for name in gone))
    kept = before.filters.without(*gone)
    values = {name: getattr(question.filters, name) for name in new}
    filters = replace(kept, **values)
    return replace(
        before,
        text=question.text,
        words=tuple("und" if position in taken else word for position, word in enumerate(before.words)),
        facets=question.facets or (() if switched else before.facets),
        leaning=question.leaning if question.facets else before.leaning,
        kinds=question.kinds if switched else before.kinds,
        said=question.said or before.said,
        listing=max(before.listing, LIST),
        filters=filters,
        constrained={name: where for name, where in before.constrained.items() if name not in gone},
        again={},
    )


def carried(asked: Sequence[str], text: str) -> tuple[str, ...]:
    """The texts that say together what a list is, with one more."""
    told = (*asked, text[:LONGEST_TEXT])
    return told if len(told) <= MOST_CARRIED else (told[0], *told[-MOST_CARRIED + 1 :])
