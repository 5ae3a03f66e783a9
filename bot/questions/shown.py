"""From a service's reply to the screen that says it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from telegram import InlineKeyboardButton

from bot.questions import callbacks
from bot.questions.callbacks import Answered, Open, Rate, UnknownCallbackError
from bot.questions.cards import Line, list_line
from bot.questions.lists import FilterButton, ListScreens
from bot.questions.screens import Asked, EntryScreens, Screen, hand_over_row, rating_rows
from bot.questions.service import AS_LIST, ONLY_OPEN, Reply
from bot.telegram import Keyboard
from knowledge.answers import AnswerKind
from knowledge.brief import brief
from knowledge.describe import facets_of
from knowledge.entries import AnyEntry, EntryKind, Facet, FundingProgramme, Status
from knowledge.library import entry_code

CANDIDATES = 4
"""How many entries are offered where several could be meant,"""
AS_LIKELY = 0.5
"""and from which share of the likeliest one's confidence; two are offered in any case."""
NEAREST = 2
"""How many entries are offered where the answer is not known."""
ALSO_FITS = {AnswerKind.ENTRY: 0.4, AnswerKind.FACT: 0.8}
"""From which share of the best entry's confidence a second one is worth a look."""
BESIDE_TERM = 0.2
"""Likewise beside a term, whose meaning alone is seldom all that somebody wants."""


class AnswerScreens:
    """Makes the screens that answer a question."""

    def __init__(self, entries: EntryScreens, lists: ListScreens) -> None:
        self._entries = entries
        self._lists = lists

    def show(self, reply: Reply, where: Answered, today: dt.date) -> Screen:
        """The screen for a reply, as far as its filters were changed."""
        if reply.answer.kind is AnswerKind.LIST or where.off:
            return self._list(reply, where, today)
        if not reply.entries or reply.answer.kind is AnswerKind.NONE:
            return self._lists.nothing(reply.entries[:NEAREST], where, reply.answer.notes)
        if reply.answer.kind is AnswerKind.CHOOSE:
            entries = _candidates(reply)
            same = _same_fact(reply, entries, today)
            lines = [] if same else _told_apart(reply, entries, today)
            return self._lists.choice(entries, lines, same, where)
        entry = reply.entries[0]
        return self._entries.show(entry, Open(entry_code(entry.id), origin=where), asked_of(reply, entry), today)

    def _list(self, reply: Reply, where: Answered, today: dt.date) -> Screen:
        filters = [
            FilterButton(chip.label, 1 << bit, on=not where.off >> bit & 1)
            for bit, chip in enumerate(reply.chips)
            if chip.name != "kind"  # the headline says it
        ]
        said = any(chip.name == "status" for chip in reply.chips)
        if not said and (where.off & ONLY_OPEN or _are_mixed(reply.entries)):
            filters.append(FilterButton("nur offene", ONLY_OPEN, on=bool(where.off & ONLY_OPEN), ours=True))
        back = replace(where, off=0, page=0) if where.off & AS_LIST else None
        facet = next((_TOLD_BY[chip.name] for chip in reply.chips if chip.name in _TOLD_BY), reply.answer.facet)
        lines = [list_line(entry, today, facet) for entry in reply.entries]
        return self._lists.found(reply.entries, lines, filters, where, reply.feedback, back)


_TOLD_BY = {
    "due_within": Facet.DEADLINE,
    "rolling": Facet.DEADLINE,
    "min_cost": Facet.COSTS,
    "max_cost": Facet.COSTS,
    "funded_by": Facet.FUNDING_USED,
}
"""The detail that shows why an entry meets a filter."""


def asked_of(reply: Reply, entry: AnyEntry) -> Asked:
    """What a card of this entry shows of the question: the asked details that the entry has."""
    held = facets_of(entry)
    direct = reply.answer.kind in {AnswerKind.FACT, AnswerKind.ENTRY} and entry == reply.entries[0]
    if direct:
        facets = tuple(each.facet for each in reply.answer.asked)
    else:
        facets = (reply.answer.facet,) if reply.answer.facet in held else ()
    return Asked(
        facets,
        reply.feedback,
        direct=direct,
        others=direct and _has_others(reply),
        fit=reply.answer.fit if direct else (),
        against=reply.answer.against if direct else (),
    )


def rated(keyboard: Sequence[Sequence[InlineKeyboardButton]], rate: Rate) -> Keyboard:
    """The buttons of a message with the given 👍 or 👎 marked."""
    rows: Keyboard = []
    for row in keyboard:
        if any(_carries_rate(button) for button in row):
            rows += rating_rows(rate.question, 1 if rate.helpful else -1)
        elif [button.callback_data for button in row] != [hand_over_row(rate.question)[0].callback_data]:
            rows.append(list(row))
    return rows


def _carries_rate(button: InlineKeyboardButton) -> bool:
    try:
        return isinstance(callbacks.decode(str(button.callback_data or "")), Rate)
    except UnknownCallbackError:
        return False


def _has_others(reply: Reply) -> bool:
    hits = reply.answer.hits
    share = BESIDE_TERM if hits and hits[0].kind is EntryKind.TERM else ALSO_FITS.get(reply.answer.kind)
    return share is not None and len(hits) > 1 and hits[1].confidence >= share * hits[0].confidence


def _are_mixed(entries: Sequence[AnyEntry]) -> bool:
    """Whether some of the programmes take applications and some do not, or may not."""
    opened = {entry.status is Status.OPEN for entry in entries if isinstance(entry, FundingProgramme)}
    return len(opened) > 1


def _candidates(reply: Reply) -> Sequence[AnyEntry]:
    """The entries that could be meant; where several hold what was asked for, only such."""
    facet = reply.answer.facet
    sure = {hit.id: hit.confidence for hit in reply.answer.hits}
    able = [entry for entry in reply.entries if facet is not None and facet in facets_of(entry)]
    entries = able if len(able) > 1 else list(reply.entries)
    least = AS_LIKELY * max(sure.values(), default=0)
    likely = [entry for entry in entries if sure.get(entry.id, 0) >= least]
    return (likely if len(likely) > 1 else entries[:2])[:CANDIDATES]


def _told_apart(reply: Reply, entries: Sequence[AnyEntry], today: dt.date) -> list[Line]:
    """What was asked for, of each entry that could be meant; nothing where no detail was asked for."""
    facet = reply.answer.facet
    return [list_line(entry, today, facet) for entry in entries] if facet else []


def _same_fact(reply: Reply, entries: Sequence[AnyEntry], today: dt.date) -> str | None:
    """What was asked for, where it is the same for all that could be meant."""
    facet = reply.answer.facet
    if facet is None or not all(facet in facets_of(entry) for entry in entries):
        return None
    facts = [brief(entry, facet, today) for entry in entries]
    same = len({each.text for each in facts}) == 1 and all(each.known for each in facts)
    return f"{facts[0].label}: {facts[0].text}" if same else None
