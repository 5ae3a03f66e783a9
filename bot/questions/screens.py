"""An entry's screens: the card, its details, how to apply, what goes with it, its sources."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton

from bot.questions.callbacks import Answered, Browse, Callback, HandOver, Open, Rate, View, encode
from bot.questions.cards import asked_fact, card_facts, list_line, place_line
from bot.questions.related import related
from bot.questions.service import AS_LIST
from bot.rendering import Messages, shorten, split_html
from bot.telegram import Keyboard
from knowledge.brief import long_form, name
from knowledge.deadlines import upcoming
from knowledge.describe import FACET_LABELS, THEME_LABELS, doubts, fact, host, lead, month_words, source_line
from knowledge.entries import AnyEntry, Article, CaseStudy, EntryKind, Facet, FundingProgramme, Status, Term
from knowledge.library import Knowledge, entry_code

PAGE = 2500
"""Characters of a long text on one screen."""
BUTTON = 44
"""Characters of a name on a button of its own row: as many as a phone shows in one line."""
REMEMBER = "t:w::"
"""What a button carries before a programme's code, for the room that remembers deadlines."""
LEAD = 420
"""Characters of what an entry is good for, where nothing in particular was asked."""
PARTS_IN_A_ROW = 2
_RELATED_LABELS = {
    EntryKind.FUNDING: "Passende Beispiele",
    EntryKind.CASE: "Passende Förderung",
    EntryKind.ARTICLE: "Passende Beispiele",
    EntryKind.TERM: "Wo das vorkommt",
}
_IN_FULL: dict[EntryKind, tuple[Facet, ...]] = {
    EntryKind.FUNDING: (
        Facet.STATUS, Facet.RATE, Facet.AMOUNT, Facet.DEADLINE, Facet.APPLICANTS, Facet.FUNDS, Facet.EXCLUDES,
        Facet.REQUIREMENTS, Facet.COMBINABLE, Facet.CONTACT,
    ),
    EntryKind.CASE: (
        Facet.FUNDS, Facet.RESULTS, Facet.LESSONS, Facet.COSTS, Facet.FUNDING_USED, Facet.PARTNERS, Facet.CONTACT,
    ),
    EntryKind.ARTICLE: (),  # its text says it all
    EntryKind.TERM: (),
}  # fmt: skip
_SAID_BY_CLOSED = frozenset({Facet.DEADLINE, Facet.STATUS})
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
        fit: The answer to „Passt das zu uns?“, where that was asked.
        against: Why it cannot fit the reader's town.
    """

    facets: tuple[Facet, ...] = ()
    feedback: int | None = None
    direct: bool = False
    others: bool = False
    fit: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

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
                return self._long(where, self._details(entry), self._in_full(entry, today))
            case View.APPLY:
                return self._long(where, self._apply(entry, today))
            case View.SOURCES:
                return self._long(where, self._sources(entry))
            case View.RELATED:
                return self._related(entry, where, today)

    def card_html(
        self,
        entry: AnyEntry,
        today: dt.date,
        facets: Sequence[Facet] = (),
        *,
        instead: bool = False,
        town: Asked | None = None,
    ) -> str:
        """The card's text alone: for chat and for inline mode.

        Args:
            entry: The entry.
            today: The reader's day.
            facets: The details that were asked for.
            instead: Buttons for what serves instead of a closed programme follow, and commands are understood.
            town: What is to be said of the reader's town.
        """
        facets = [facet for facet in facets if facet is not Facet.DEFINITION]  # what it is good for says that
        closed = _is_closed(entry)
        asked = [asked_fact(entry, facet, today) for facet in facets if not (closed and facet in _SAID_BY_CLOSED)]
        return self._messages.render(
            "card",
            entry=entry,
            name=name(entry),
            stands_for=long_form(entry) if isinstance(entry, Term) else None,
            place=place_line(entry),
            closed=closed,
            asked=asked,
            lead=None if facets else shorten(lead(entry), LEAD),
            facts=[] if closed else card_facts(entry, today, facets),
            doubts=doubts(entry, said=facets),
            fit=town.fit if town else (),
            against=town.against if town else (),
            source=None if Facet.SOURCE in facets else source_line(entry),
            instead=len(self._successors(entry)) if instead else 0,
            alliance=instead and isinstance(entry, Article),
        )

    def _card(self, entry: AnyEntry, where: Open, asked: Asked, today: dt.date) -> Screen:
        html = split_html(self.card_html(entry, today, asked.facets, instead=True, town=asked))[0]
        parts = [] if isinstance(entry, Term) else [button("Details", _part(where, View.DETAILS))]
        if fact(entry, Facet.HOW_TO_APPLY, today).known and not _is_closed(entry):
            parts.append(button("So beantragen" if _is_money(entry) else "Mitmachen", _part(where, View.APPLY)))
        if related(self._knowledge, entry.id):
            label = _RELATED_LABELS[entry.kind]
            parts.append(button(label, _part(where, View.RELATED)))
        if entry.sources:
            parts.append(button("Quelle", _part(where, View.SOURCES)))
        if isinstance(entry, FundingProgramme) and not _is_closed(entry) and upcoming(entry.deadline, today):
            parts.append(InlineKeyboardButton("🔔 Frist merken", callback_data=f"{REMEMBER}{entry_code(entry.id)}"))
        rows = [[self._to(other, where)] for other in self._successors(entry)]
        rows += in_rows(parts, PARTS_IN_A_ROW)
        if isinstance(where.origin, Answered) and asked.direct:
            if asked.others:
                rows.append([button("Weitere Treffer", replace(where.origin, off=AS_LIST))])
            rows += rating_rows(where.origin.question, asked.feedback)
        rows.append(self._back(where, asked))
        return Screen(html, rows)

    def _successors(self, entry: AnyEntry) -> list[AnyEntry]:
        """What serves instead of a closed programme."""
        if not isinstance(entry, FundingProgramme) or not _is_closed(entry):
            return []
        return [other for each in entry.instead if (other := self._knowledge.get(each)) is not None]

    def _details(self, entry: AnyEntry) -> str:
        return self._messages.render(
            "details",
            entry=entry,
            place=place_line(entry),
            themes=[THEME_LABELS[theme] for theme in getattr(entry, "themes", ())],
            doubts=doubts(entry),
            source=source_line(entry),
        )

    def _in_full(self, entry: AnyEntry, today: dt.date) -> str:
        """All that is held of an entry, detail by detail; empty where its text says it all."""
        facts = [fact(entry, facet, today) for facet in _IN_FULL[entry.kind]]
        if not facts:
            return ""
        # The status ends with the deadline's note, which the deadline says as well.
        facts = [replace(each, items=each.items[:1]) if each.facet is Facet.STATUS else each for each in facts]
        known = [each for each in facts if each.known]
        return self._messages.render("in_full", entry=entry, name=name(entry), facts=known, source=source_line(entry))

    def _apply(self, entry: AnyEntry, today: dt.date) -> str:
        facets = (Facet.DEADLINE, Facet.REQUIREMENTS, Facet.CONTACT)
        facts = [fact(entry, facet, today) for facet in facets if facet is not Facet.DEADLINE or _is_money(entry)]
        return self._messages.render(
            "apply",
            name=name(entry),
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
            sources=[(source, host(source.url)) for source in entry.sources],
            name=name(entry),
            as_of=month_words(entry.as_of) if entry.as_of else None,
            unverified=[_unverified(each) for each in entry.unverified],
            doubts=doubts(entry),
        )

    def _related(self, entry: AnyEntry, where: Open, today: dt.date) -> Screen:
        others = related(self._knowledge, entry.id)
        lines = [list_line(other, today) for other in others]
        html = self._messages.render(
            "related",
            name=name(entry),
            lines=lines,
            money=isinstance(entry, CaseStudy),
            term=isinstance(entry, Term),
        )
        numbers = [
            button(str(number), _child(other, where, View.RELATED)) for number, other in enumerate(others, start=1)
        ]
        return Screen(html, [numbers, [button("‹ Zurück", _part(where, View.CARD))]])

    def _long(self, where: Open, html: str, in_full: str = "") -> Screen:
        """A text that may need several screens, and all details behind it."""
        said = split_html(html, PAGE)
        pages = [*said, *split_html(in_full, PAGE)]
        page = min(where.page, len(pages) - 1)
        turn = []
        if page > 0:
            turn.append(button(f"‹ Seite {page}", replace(where, page=page - 1)))
        if page < len(pages) - 1:
            label = "Alle Angaben ›" if page == len(said) - 1 else f"Seite {page + 2} von {len(pages)} ›"
            turn.append(button(label, replace(where, page=page + 1)))
        return Screen(pages[page], [turn, [button("‹ Zurück", _part(where, View.CARD))]])

    def _back(self, where: Open, asked: Asked) -> list[InlineKeyboardButton]:
        if where.parent is not None:
            code, view = where.parent
            return [button("‹ Zurück", Open(code, view, origin=where.origin))]
        if where.origin is None or (asked.direct and isinstance(where.origin, Answered)):
            return []
        return [button("‹ Zurück", where.origin)]

    def _to(self, other: AnyEntry, where: Open) -> InlineKeyboardButton:
        return button(shorten(name(other), BUTTON), _child(other, where, View.CARD))


def entry_button(entry: AnyEntry, origin: Answered | Browse | None) -> InlineKeyboardButton:
    """A row of its own for one entry."""
    match entry:
        case CaseStudy():
            title = f"{entry.town}: {entry.title}"
        case Term():
            title = f"Begriff: {entry.title}"
        case _:
            title = name(entry)
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


def in_rows(buttons: Sequence[InlineKeyboardButton], width: int) -> Keyboard:
    """Buttons in rows of at most `width`."""
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]


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
