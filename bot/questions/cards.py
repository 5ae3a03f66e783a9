"""What a card and a line of a list say of an entry, as short as a phone wants it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.rendering import shorten
from knowledge.brief import brief, name
from knowledge.deadlines import next_deadline
from knowledge.describe import Fact, facets_of, fact, key_facts
from knowledge.entries import AnyEntry, CaseStudy, Facet, FundingProgramme, Status, Term

BOLD = 140
"""Characters up to which the asked detail is bold as a whole; of a longer one only its name."""
ASKED = 600
"""Characters of the asked detail where it is one text."""
ITEMS, ITEM = 5, 180
"""Of a list that was asked for: how many are shown, and characters of each."""
KEY = 150
"""Characters of a detail that was not asked for."""
HINT = 66
"""Characters of what follows the name in a list."""
TITLE = 80
"""Characters of a name in a list."""
NOTED = frozenset({Facet.DEADLINE, Facet.STATUS})
"""Details whose first item is reckoned, and whose second is the entry's own note."""
NOT_GIVEN = "keine Angabe"
UNCONFIRMED = "(nicht bestätigt)"


@dataclass(frozen=True)
class Said:
    """A detail on a card.

    Attributes:
        label: Its German name.
        items: What is said.
        known: False: it says whom to ask.
        doubt: What of it no page that was read confirms, such as `(nicht bestätigt)`; empty: nothing.
        noted: The first item is reckoned, the others are the entry's own words on it.
        short: Short enough to be bold as a whole.
        more: How many items only „Details“ shows.
    """

    label: str
    items: tuple[str, ...]
    known: bool = True
    doubt: str = ""
    noted: bool = False
    short: bool = True
    more: int = 0

    @property
    def text(self) -> str:
        """All in one line."""
        return " ".join(filter(None, ("; ".join(self.items), self.doubt)))


def asked_fact(entry: AnyEntry, facet: Facet, today: dt.date) -> Said:
    """A detail that was asked for: it comes first, with all that matters."""
    whole = fact(entry, facet, today)
    doubt = whole.doubt_words.strip()
    if len(whole.items) == 1 or not whole.known:
        text = shorten(whole.items[0], ASKED)
        return Said(whole.label, (text,), whole.known, doubt, short=len(text) <= BOLD)
    if facet in NOTED:
        items = (brief(entry, facet, today).items[0], *whole.items[1:])
        return Said(whole.label, items, doubt=doubt, noted=True)
    items = tuple(shorten(item, ITEM) for item in whole.items[:ITEMS])
    return Said(whole.label, items, doubt=doubt, more=len(whole.items) - len(items))


def card_facts(entry: AnyEntry, today: dt.date, asked: Sequence[Facet]) -> list[Said]:
    """The key facts beside what was asked, each in one line."""
    return [_line_of(entry, each.facet, today) for each in key_facts(entry, today, without=asked)]


def _line_of(entry: AnyEntry, facet: Facet, today: dt.date) -> Said:
    # A rate stays whole: its last words may be the ones that count.
    said = fact(entry, facet, today) if facet is Facet.RATE else brief(entry, facet, today)
    return Said(said.label, (shorten("; ".join(said.items), KEY),), doubt="" if said.confirmed else UNCONFIRMED)


def place_line(entry: AnyEntry) -> str | None:
    """Where and when a case study happened: `Altenburg, Thüringen · 31.315 Einwohner · 2022–2025`."""
    if not isinstance(entry, CaseStudy):
        return None
    parts = [f"{entry.town}, {entry.state}" if entry.town != entry.state else entry.town]
    if entry.population:
        parts.append(f"{entry.population:,} Einwohner".replace(",", "."))
    match entry.started, entry.ended:
        case None, None:
            pass
        case None, ended:
            parts.append(f"bis {ended}")
        case started, None:
            parts.append(f"seit {started}")
        case started, ended:
            parts.append(str(started) if started == ended else f"{started}–{ended}")
    return " · ".join(parts)


@dataclass(frozen=True)
class Line:
    """An entry in a list: its name and what to know before opening it."""

    title: str
    hint: str


def list_line(entry: AnyEntry, today: dt.date, facet: Facet | None = None) -> Line:
    """An entry in a list.

    Args:
        entry: The entry.
        today: The reader's day.
        facet: The detail that was asked of all of them; it is said in place of what a line says else.
    """
    if facet is not None and facet in facets_of(entry) and facet not in _SAID_BY_PLACE:
        hint = _asked_hint(entry, facet, today)
    else:
        hint = _usual_hint(entry, today)
    match entry:
        case FundingProgramme():
            state = {Status.OPEN: "", Status.CLOSED: "beendet", Status.UNKNOWN: "Stand ungewiss"}[entry.status]
            state = "" if facet in NOTED else state
            return Line(shorten(name(entry), TITLE), " · ".join(filter(None, (state, hint))))
        case CaseStudy():
            town = "" if entry.town in entry.title else shorten(entry.town, HINT)
            return Line(shorten(entry.title, TITLE), " · ".join(filter(None, (town, hint))))
        case _:
            return Line(shorten(name(entry), TITLE), hint)


_SAID_BY_PLACE = frozenset({Facet.PARTNERS})
"""„Wer hat Erfahrung mit …?“ is answered by the town."""


def _asked_hint(entry: AnyEntry, facet: Facet, today: dt.date) -> str:
    if isinstance(entry, FundingProgramme) and facet is Facet.DEADLINE:
        return shorten(next_deadline(entry.deadline, today, closed=entry.status is Status.CLOSED), HINT)
    said = brief(entry, facet, today)
    return _cut(said) if said.known else NOT_GIVEN


def _usual_hint(entry: AnyEntry, today: dt.date) -> str:
    match entry:
        case FundingProgramme():
            rate = brief(entry, Facet.RATE, today)
            return _cut(rate) if rate.known and entry.status is not Status.CLOSED else ""
        case CaseStudy():
            return f"{entry.population:,} Einw.".replace(",", ".") if entry.population else ""
        case Term():
            return shorten(entry.definition, HINT)
        case _:
            return ""


def _cut(said: Fact) -> str:
    """A detail cut to a line, never its doubt."""
    return shorten("; ".join(said.items), HINT) + ("" if said.confirmed else f" {UNCONFIRMED}")
