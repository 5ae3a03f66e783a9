"""An entry's screens: the card, its details, how to apply, what goes with it, its sources."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton

from bot.questions.callbacks import Answered, Browse, Callback, HandOver, Open, Rate, View, encode
from bot.questions.related import related
from bot.questions.service import AS_LIST
from bot.rendering import Messages, shorten, split_html
from bot.telegram import Keyboard
from knowledge.describe import (
    FACET_LABELS,
    THEME_LABELS,
    Fact,
    doubts,
    fact,
    key_facts,
    lead,
    month_words,
    source_line,
)
from knowledge.entries import AnyEntry, Article, CaseStudy, EntryKind, Facet, FundingProgramme, Status, Term
from knowledge.library import Knowledge, entry_code

PAGE = 2500
"""Characters of a long text on one screen."""
BUTTON = 58
"""Characters of a title on a button of its own row."""
_IN_FULL = {
    EntryKind.FUNDING: (
        Facet.STATUS, Facet.RATE, Facet.AMOUNT, Facet.DEADLINE, Facet.APPLICANTS, Facet.FUNDS, Facet.EXCLUDES,
        Facet.REQUIREMENTS, Facet.COMBINABLE, Facet.CONTACT,
    ),
    EntryKind.CASE: (
        Facet.FUNDS, Facet.RESULTS, Facet.LESSONS, Facet.COSTS, Facet.FUNDING_USED, Facet.PARTNERS, Facet.CONTACT,
    ),
    EntryKind.ARTICLE: (Facet.CONTACT, Facet.HOW_TO_APPLY, Facet.REQUIREMENTS),
    EntryKind.TERM: (),
}  # fmt: skip
_WITH_NOTE = frozenset({Facet.DEADLINE, Facet.STATUS})
"""Details whose first item is reckoned, and whose second is the entry's own note."""
_SAID_BY_CLOSED = _WITH_NOTE
"""Details that a closed programme's card says by itself."""


@dataclass(frozen=True)
class Screen:
    """What a message shows: Telegram HTML within one message, and the buttons below it."""

    html: str
    keyboard: Keyboard


@dataclass(frozen=True)
class Asked:
    """What is known of the question that a card answers.

    Attributes:
        facets: The details that were asked for.
        feedback: 1 or -1 where it has been rated.
        direct: The card is the answer itself, not one that was chosen from a list; it has no way back.
        others: There are more entries that fit.
    """

    facets: tuple[Facet, ...] = ()
    feedback: int | None = None
    direct: bool = False
    others: bool = False

    @property
    def facet(self) -> Facet | None:
        """The detail that was asked for first."""
        return self.facets[0] if self.facets else None


class EntryScreens:
    """Makes the screens about one entry."""

    def __init__(self, messages: Messages, knowledge: Knowledge) -> None:
        self._messages = messages
        self._knowledge = knowledge

    def show(self, entry: AnyEntry, where: Open, asked: Asked, today: dt.date) -> Screen:
        """The screen that a button names."""
        match where.view:
            case View.CARD:
                return self._card(entry, where, asked, today)
            case View.DETAILS:
                return self._long(self._details(entry, today), where)
            case View.APPLY:
                return self._long(self._apply(entry, today), where)
            case View.SOURCES:
                return self._long(self._sources(entry), where)
            case View.RELATED:
                return self._related(entry, where)

    def card_html(self, entry: AnyEntry, today: dt.date, facets: Sequence[Facet] = ()) -> str:
        """The card's text alone: for chat and for inline mode."""
        closed = _is_closed(entry)
        asked = [fact(entry, facet, today) for facet in facets if not (closed and facet in _SAID_BY_CLOSED)]
        return self._messages.render(
            "card",
            entry=entry,
            place=place_line(entry),
            closed=closed,
            asked=asked,
            with_note=_WITH_NOTE,
            lead=None if facets else shorten(lead(entry), 420),
            facts=[] if closed else _card_facts(entry, today, facets),
            doubts=doubts(entry),
            source=source_line(entry),
        )

    def _card(self, entry: AnyEntry, where: Open, asked: Asked, today: dt.date) -> Screen:
        html = split_html(self.card_html(entry, today, asked.facets))[0]
        rows: Keyboard = [[button("Details", replace(where, view=View.DETAILS))]]
        if fact(entry, Facet.HOW_TO_APPLY, today).known and not _is_closed(entry):
            rows[0].append(button("So beantragen" if _is_money(entry) else "Mitmachen", _part(where, View.APPLY)))
        second = []
        if related(self._knowledge, entry):
            label = "Passende Förderung" if isinstance(entry, CaseStudy) else "Passende Beispiele"
            second.append(button(label, _part(where, View.RELATED)))
        if entry.sources:
            second.append(button("Quelle", _part(where, View.SOURCES)))
        rows += [second, *self._instead(entry, where)]
        if isinstance(where.origin, Answered) and asked.direct:
            if asked.others:
                rows.append([button("Weitere Treffer", replace(where.origin, off=AS_LIST))])
            rows += rating_rows(where.origin.question, asked.feedback)
        rows.append(self._back(where, asked))
        return Screen(html, rows)

    def _instead(self, entry: AnyEntry, where: Open) -> Keyboard:
        """A closed programme's successors, one a row."""
        if not isinstance(entry, FundingProgramme) or not _is_closed(entry):
            return []
        others = [self._knowledge.get(each) for each in entry.instead]
        return [[self._to(other, where)] for other in others if other is not None]

    def _details(self, entry: AnyEntry, today: dt.date) -> str:
        facts = [fact(entry, facet, today) for facet in _IN_FULL[entry.kind]]
        # The status ends with the deadline's note, which the deadline says as well.
        facts = [replace(each, items=each.items[:1]) if each.facet is Facet.STATUS else each for each in facts]
        return self._messages.render(
            "details",
            entry=entry,
            place=place_line(entry),
            facts=[each for each in facts if each.known],
            themes=[THEME_LABELS[theme] for theme in getattr(entry, "themes", ())],
            doubts=doubts(entry),
            source=source_line(entry),
        )

    def _apply(self, entry: AnyEntry, today: dt.date) -> str:
        facets = (Facet.DEADLINE, Facet.REQUIREMENTS, Facet.CONTACT)
        facts = [fact(entry, facet, today) for facet in facets if facet is not Facet.DEADLINE or _is_money(entry)]
        return self._messages.render(
            "apply",
            entry=entry,
            money=_is_money(entry),
            closed=_is_closed(entry),
            steps=fact(entry, Facet.HOW_TO_APPLY, today).items,
            facts=[each for each in facts if each.known],
            doubts=doubts(entry),
            source=source_line(entry),
        )

    def _sources(self, entry: AnyEntry) -> str:
        return self._messages.render(
            "sources",
            entry=entry,
            as_of=month_words(entry.as_of) if entry.as_of else None,
            unverified=[_unverified(each) for each in entry.unverified],
            doubts=doubts(entry),
        )

    def _related(self, entry: AnyEntry, where: Open) -> Screen:
        others = related(self._knowledge, entry)
        html = self._messages.render(
            "related", entry=entry, lines=[list_line(other) for other in others], money=isinstance(entry, CaseStudy)
        )
        numbers = [
            button(str(number), _child(other, where, View.RELATED)) for number, other in enumerate(others, start=1)
        ]
        return Screen(html, [numbers, [button("‹ Zurück", _part(where, View.CARD))]])

    def _long(self, html: str, where: Open) -> Screen:
        """A text that may need several screens."""
        pages = split_html(html, PAGE)
        page = min(where.page, len(pages) - 1)
        turn = []
        if page > 0:
            turn.append(button("‹ Seite", replace(where, page=page - 1)))
        if page < len(pages) - 1:
            turn.append(button(f"Weiter ({page + 2}/{len(pages)}) ›", replace(where, page=page + 1)))
        return Screen(pages[page], [turn, [button("‹ Zurück", _part(where, View.CARD))]])

    def _back(self, where: Open, asked: Asked) -> list[InlineKeyboardButton]:
        if where.parent is not None:
            code, view = where.parent
            return [button("‹ Zurück", Open(code, view, origin=where.origin))]
        if where.origin is None or (asked.direct and isinstance(where.origin, Answered)):
            return []
        return [button("‹ Zurück", where.origin)]

    def _to(self, other: AnyEntry, where: Open) -> InlineKeyboardButton:
        return button(shorten(other.title, BUTTON), _child(other, where, View.CARD))


def entry_button(entry: AnyEntry, origin: Answered | Browse | None) -> InlineKeyboardButton:
    """A row of its own for one entry."""
    title = f"{entry.town}: {entry.title}" if isinstance(entry, CaseStudy) else entry.title
    return button(shorten(title, BUTTON), Open(entry_code(entry.id), origin=origin))


def rating_rows(question: int, feedback: int | None) -> Keyboard:
    """👍 and 👎, the given one marked; after 👎 the way to the office."""
    rows = [
        [
            button("👍 ✓" if feedback == 1 else "👍", Rate(question, helpful=True)),
            button("👎 ✓" if feedback == -1 else "👎", Rate(question, helpful=False)),
        ]
    ]
    return [*rows, hand_over_row(question)] if feedback == -1 else rows


def hand_over_row(question: int) -> list[InlineKeyboardButton]:
    """The way to the office."""
    return [button("An die Geschäftsstelle geben", HandOver(question))]


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


def list_line(entry: AnyEntry) -> Line:
    """An entry in one or two lines of a list."""
    match entry:
        case FundingProgramme():
            state = {Status.OPEN: "", Status.CLOSED: "beendet", Status.UNKNOWN: "Stand ungewiss"}[entry.status]
            return Line(shorten(entry.title, 80), " · ".join(filter(None, (state, shorten(entry.rate or "", 70)))))
        case CaseStudy():
            return Line(shorten(entry.title, 80), place_line(entry) or "")
        case Term():
            return Line(entry.title, shorten(entry.definition, 90))
        case Article():
            return Line(entry.title, "")


def _card_facts(entry: AnyEntry, today: dt.date, asked: Sequence[Facet]) -> list[Fact]:
    """The key facts as a card has room for them."""
    facts = key_facts(entry, today, without=asked)
    first = [each.items[:1] if each.facet in _WITH_NOTE else each.items for each in facts]
    return [replace(each, items=(shorten("; ".join(items), 160),)) for each, items in zip(facts, first, strict=True)]


def _is_closed(entry: AnyEntry) -> bool:
    return isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED


def _is_money(entry: AnyEntry) -> bool:
    return isinstance(entry, FundingProgramme)


def _unverified(text: str) -> str:
    key, colon, rest = text.partition(":")
    labels = {facet.value: label for facet, label in FACET_LABELS.items()} | _KEY_LABELS
    label = labels.get(key.strip(), key.strip())
    return f"{label}:{rest}" if colon else label


_KEY_LABELS = {
    "funding": "Bezahlt aus",
    "problem": "Ausgangslage",
    "measures": "Maßnahmen",
    "started": "Beginn",
    "ended": "Ende",
    "population": "Einwohnerzahl",
    "themes": "Themen",
    "title": "Titel",
    "body": "Text",
    "funder": "Fördergeber",
    "short_names": "Kurznamen",
}


def _part(where: Open, view: View) -> Open:
    return replace(where, view=view, page=0)


def _child(other: AnyEntry, where: Open, view: View) -> Open:
    return Open(entry_code(other.id), origin=where.origin, parent=(where.code, view))


def button(label: str, callback: Callback) -> InlineKeyboardButton:
    """A button that carries one of our callbacks."""
    return InlineKeyboardButton(label, callback_data=encode(callback))
