"""Screens with several entries: list answers with their filters, choices, „nothing found“, and browsing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardButton

from bot.questions.callbacks import Answered, Browse, Open
from bot.questions.cards import Line, list_line
from bot.questions.screens import Screen, button, entry_button, hand_over_row, in_rows, rating_rows
from bot.rendering import Messages
from bot.telegram import Keyboard
from knowledge.describe import STATUS_LABELS, THEME_LABELS
from knowledge.entries import AnyEntry, EntryKind, FundingProgramme, Status, Theme
from knowledge.filters import TOWN_SIZE_LABELS, Filters, TownSize, select
from knowledge.library import Knowledge, entry_code

LINES = 6
"""Entries on one screen."""
FILTERS_IN_A_ROW = 3
THEMES_IN_A_ROW = 2

_NOUNS: dict[EntryKind | None, tuple[str, str]] = {
    EntryKind.FUNDING: ("Programm", "Programme"),
    EntryKind.CASE: ("Beispiel", "Beispiele"),
    EntryKind.ARTICLE: ("Artikel", "Artikel"),
    EntryKind.TERM: ("Begriff", "Begriffe"),
    None: ("Treffer", "Treffer"),
}
_SIZE_BUTTONS = {TownSize.SMALL: "Kleinstadt", TownSize.MEDIUM: "Mittelstadt", TownSize.LARGE: "Großstadt"}


@dataclass(frozen=True)
class FilterButton:
    """One filter of a list answer.

    Attributes:
        label: In German words.
        bit: What it changes in `Answered.off`.
        on: Whether it holds now.
        ours: Offered by us, not said in the question.
    """

    label: str
    bit: int
    on: bool
    ours: bool = False

    @property
    def face(self) -> str:
        """What the button says: `Kultur ✕` is taken off by a press, `+ Kultur` put on again."""
        if self.ours:
            return _marked(self.label, self.on)
        return f"{self.label} ✕" if self.on else f"+ {self.label}"


class ListScreens:
    """Makes the screens that show several entries."""

    def __init__(self, messages: Messages, knowledge: Knowledge) -> None:
        self._messages = messages
        self._knowledge = knowledge

    def found(
        self,
        entries: Sequence[AnyEntry],
        lines: Sequence[Line],
        filters: Sequence[FilterButton],
        where: Answered,
        feedback: int | None,
        back: Answered | None,
    ) -> Screen:
        """A list answer: its filters can be taken off and put on again.

        Args:
            entries: All of it.
            lines: What is said of each.
            filters: That hold or were taken off.
            where: Which page of which answer.
            feedback: 1 or -1 where it has been rated.
            back: The answer that led here.
        """
        page, pages, start = _page(where.page, len(entries))
        shown = entries[start : start + LINES]
        html = self._messages.render(
            "list",
            headline=headline(entries, [each.label for each in filters if each.on]),
            closed=closed_words(entries),
            lines=lines[start : start + LINES],
            start=start,
        )
        faces = [button(each.face, replace(where, off=where.off ^ each.bit, page=0)) for each in filters]
        rows = [
            _numbers(shown, start, replace(where, page=page)),
            _turning(where, page, pages),
            *in_rows(faces, FILTERS_IN_A_ROW),
            *rating_rows(where.question, feedback),
            [button("‹ Zurück", back)] if back else [],
        ]
        return Screen(html, rows)

    def choice(self, entries: Sequence[AnyEntry], lines: Sequence[Line], same: str | None, where: Answered) -> Screen:
        """Several could be meant: one a row; and of each, or of all alike, what was asked for."""
        rows: Keyboard = [[entry_button(entry, where)] for entry in entries]
        html = self._messages.render("choose", same=same, lines=lines)
        return Screen(html, [*rows, hand_over_row(where.question)])

    def nothing(self, near: Sequence[AnyEntry], where: Answered, notes: Sequence[str] = ()) -> Screen:
        """Not known: the nearest where they are worth it, the office, the themes."""
        rows: Keyboard = [[entry_button(entry, where)] for entry in near]
        rows.append(hand_over_row(where.question))
        rows.append([button("Themen ansehen", Browse(EntryKind.FUNDING, choosing=True))])
        return Screen(self._messages.render("none", near=bool(near), notes=notes), rows)

    def browse(self, where: Browse, today: dt.date) -> Screen:
        """The themes to choose from, or the entries of one."""
        return self._themes(where, today) if where.choosing else self._browsed(where, today)

    def _themes(self, where: Browse, today: dt.date) -> Screen:
        found = select(self._knowledge, _filters(replace(where, theme=None)), today)
        counts = {theme: sum(theme in getattr(entry, "themes", ()) for entry in found) for theme in Theme}
        everything = replace(where, theme=None, page=0, choosing=False)
        buttons = [
            button(f"{THEME_LABELS[theme]} ({count})", replace(everything, theme=theme))
            for theme, count in counts.items()
            if count
        ]
        other = EntryKind.CASE if where.kind is EntryKind.FUNDING else EntryKind.FUNDING
        rows = [
            *in_rows(buttons, THEMES_IN_A_ROW),
            [button(f"Alle ({len(found)})", everything)],
            [button("Zu den Beispielen" if other is EntryKind.CASE else "Zur Förderung", Browse(other, choosing=True))],
        ]
        html = self._messages.render("themes", money=where.kind is EntryKind.FUNDING)
        return Screen(html, rows)

    def _browsed(self, where: Browse, today: dt.date) -> Screen:
        entries = select(self._knowledge, _filters(where), today)
        page, pages, start = _page(where.page, len(entries))
        shown = entries[start : start + LINES]
        labels = [THEME_LABELS[where.theme]] if where.theme else []
        labels += [f"nur {STATUS_LABELS[where.status]}"] if where.status else []
        labels += [TOWN_SIZE_LABELS[where.size]] if where.size else []
        html = self._messages.render(
            "list",
            headline=headline(entries, labels, where.kind),
            closed=closed_words(entries),
            lines=[list_line(entry, today) for entry in shown],
            start=start,
        )
        rows = [_numbers(shown, start, replace(where, page=page)), _turning(where, page, pages)]
        rows.append(_options(where))
        back = button("‹ Themen", replace(where, theme=None, page=0, choosing=True))
        return Screen(html, [*rows, [back]])


def headline(entries: Sequence[AnyEntry], labels: Sequence[str], kind: EntryKind | None = None) -> str:
    """`4 Programme: Kultur, für Vereine`."""
    kinds: set[EntryKind | None] = {entry.kind for entry in entries}
    kinds = kinds or {kind}
    one, many = _NOUNS[kinds.pop()] if len(kinds) == 1 else _NOUNS[None]
    words = f"{len(entries) or 'Keine'} {one if len(entries) == 1 else many}"
    return f"{words}: {', '.join(labels)}" if labels else words


def closed_words(entries: Sequence[AnyEntry]) -> str:
    """How many of these can no longer be applied for: `1 davon beendet`; empty: none."""
    count = sum(isinstance(entry, FundingProgramme) and entry.status is Status.CLOSED for entry in entries)
    return f"{count} davon beendet" if count else ""


def _numbers(entries: Sequence[AnyEntry], start: int, origin: Answered | Browse) -> list[InlineKeyboardButton]:
    return [
        button(str(number), Open(entry_code(entry.id), origin=origin))
        for number, entry in enumerate(entries, start=start + 1)
    ]


def _page(wanted: int, count: int) -> tuple[int, int, int]:
    """The page that there is, how many there are, and where it starts."""
    pages = max(1, -(-count // LINES))
    page = min(wanted, pages - 1)
    return page, pages, page * LINES


def _turning(where: Answered | Browse, page: int, pages: int) -> list[InlineKeyboardButton]:
    row = []
    if page > 0:
        row.append(button(f"‹ Seite {page}", replace(where, page=page - 1)))
    if page < pages - 1:
        row.append(button(f"Seite {page + 2} von {pages} ›", replace(where, page=page + 1)))
    return row


def _options(where: Browse) -> list[InlineKeyboardButton]:
    """What narrows the list while browsing; pressed again it is taken off."""
    if where.kind is EntryKind.FUNDING:
        on = where.status is Status.OPEN
        return [button(_marked("nur offene", on), replace(where, status=None if on else Status.OPEN, page=0))]
    return [
        button(_marked(label, where.size is size), replace(where, size=None if where.size is size else size, page=0))
        for size, label in _SIZE_BUTTONS.items()
    ]


def _marked(label: str, on: bool) -> str:
    return f"{label} ✓" if on else label


def _filters(where: Browse) -> Filters:
    return Filters(kind=where.kind, theme=where.theme, status=where.status, size=where.size)
