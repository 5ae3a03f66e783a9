"""Entries and their details in few words, for cards, lists and buttons; the whole text is one press away."""

import datetime as dt
import re
from dataclasses import replace

from knowledge.deadlines import deadline_brief
from knowledge.describe import Fact, fact
from knowledge.entries import AnyEntry, Article, Facet, FundingProgramme, Status, Term

NAME = 48
"""Characters of a title that needs no shorter name: a line and a half on a phone."""
LONG_ASIDE = 20
"""Characters from which what stands in brackets is left out."""
ENOUGH_WORDS = 2
"""A part of a rate with more words than this stands for itself; „Zuschuss“ alone does not."""
_ENDED = re.compile(r"\s*\((?:beendet|[^()]*ausgelaufen)\)$")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_DOUBT = re.compile(r"nicht|kein|bestätig|laut|Stand|Angabe|Plan|früher")
_CLAUSE = re.compile(r";\s+")


def name(entry: AnyEntry) -> str:
    """The title; of a programme or article with a long one its first short name."""
    title = _ENDED.sub("", entry.title)
    short = entry.short_names if isinstance(entry, FundingProgramme | Article) else ()
    return short[0] if short and len(title) > NAME else title


def long_form(term: Term) -> str | None:
    """What an abbreviation stands for, where the term is one and a synonym spells it out."""
    if sum(letter.isupper() for letter in term.title) < 2 or " " in term.title or "-" in term.title:
        return None
    longer = (each for each in term.synonyms if len(each) > 2 * len(term.title))
    return next((each for each in longer if not each.startswith(term.title) and _spells(each, term.title)), None)


def brief(entry: AnyEntry, facet: Facet, today: dt.date) -> Fact:
    """A detail in one line: of several days the next, of a rate the part that says most, without long asides.

    Whoever shows it cuts it to the width that there is.
    """
    whole = fact(entry, facet, today)
    if not whole.known:
        return whole
    match entry, facet:
        case FundingProgramme(), Facet.DEADLINE:
            words = deadline_brief(entry.deadline, today, closed=entry.status is Status.CLOSED)
        case FundingProgramme(), Facet.RATE:
            words = _first_clauses(whole.items[0])
        case _, (Facet.STATUS | Facet.DEADLINE):
            words = whole.items[0]
        case _, Facet.APPLICANTS:
            words = ", ".join(_without_asides(item) for item in whole.items)
        case _:
            words = "; ".join(whole.items)
    return replace(whole, items=(words,))


def _first_clauses(rate: str) -> str:
    parts = _CLAUSE.split(_without_asides(rate))
    return parts[0] if len(parts[0].split()) > ENOUGH_WORDS else "; ".join(parts[:2])


def _without_asides(text: str) -> str:
    """Without what stands in brackets, where that is long and casts no doubt on the rest."""

    def keep(aside: re.Match[str]) -> str:
        return aside[0] if len(aside[0]) < LONG_ASIDE or _DOUBT.search(aside[0]) else ""

    return _ASIDE.sub(keep, text).strip() or text


def _spells(words: str, letters: str) -> bool:
    """Whether the letters occur in the words in their order, the first at the beginning."""
    left = iter(words.casefold())
    return words[:1].casefold() == letters[:1].casefold() and all(each in left for each in letters.casefold())
