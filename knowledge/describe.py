"""An entry's details in German words: what the answer card, the terminal and inline mode share."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from knowledge.deadlines import MONTHS, deadline_words
from knowledge.entries import (
    AnyEntry,
    Article,
    CaseStudy,
    Confidence,
    EntryKind,
    Facet,
    FundingProgramme,
    Source,
    Status,
    Term,
    Theme,
)

THEME_LABELS = {
    Theme.LEERSTAND: "Leerstand",
    Theme.WOHNEN: "Wohnen",
    Theme.HANDEL: "Handel",
    Theme.KULTUR: "Kultur",
    Theme.FREIRAUM: "Plätze und Grün",
    Theme.KLIMA: "Klima",
    Theme.ENERGIE: "Energie",
    Theme.MOBILITAET: "Mobilität",
    Theme.DIGITAL: "Digitales",
    Theme.DENKMAL: "Denkmal",
    Theme.SOZIALES: "Soziales",
    Theme.BETEILIGUNG: "Beteiligung",
    Theme.PLANUNG: "Planung",
    Theme.MANAGEMENT: "Citymanagement",
    Theme.TOURISMUS: "Tourismus",
}
STATUS_LABELS = {Status.OPEN: "offen", Status.CLOSED: "beendet", Status.UNKNOWN: "Stand ungewiss"}
FACET_LABELS = {
    Facet.RATE: "Fördersatz",
    Facet.AMOUNT: "Höhe",
    Facet.DEADLINE: "Frist",
    Facet.APPLICANTS: "Wer",
    Facet.FUNDS: "Gefördert wird",
    Facet.EXCLUDES: "Nicht gefördert",
    Facet.REQUIREMENTS: "Voraussetzungen",
    Facet.COMBINABLE: "Kombinierbar",
    Facet.HOW_TO_APPLY: "So beantragen",
    Facet.CONTACT: "Kontakt",
    Facet.STATUS: "Anträge",
    Facet.COSTS: "Kosten",
    Facet.RESULTS: "Ergebnis",
    Facet.LESSONS: "Gelernt",
    Facet.PARTNERS: "Partner",
    Facet.FUNDING_USED: "Bezahlt aus",
    Facet.DEFINITION: "Bedeutung",
    Facet.SOURCE: "Quelle",
}
_LABELS_OF_KIND = {
    (EntryKind.CASE, Facet.FUNDS): "Maßnahmen",
    (EntryKind.CASE, Facet.AMOUNT): "Kosten",
    (EntryKind.CASE, Facet.STATUS): "Laufzeit",
    (EntryKind.ARTICLE, Facet.HOW_TO_APPLY): "Mitmachen",
    (EntryKind.ARTICLE, Facet.APPLICANTS): "Dabei sind",
    (EntryKind.ARTICLE, Facet.PARTNERS): "Dabei sind",
}
"""What a detail is called where its usual name does not fit the kind of entry."""

GLOSSARY = "Glossar des Bündnisses"
"""Where a term without a page of its own comes from."""
OFFICIAL = (
    "kfw.de", "bund.de", "thueringen.de", "aufbaubank.de", "foerderdatenbank.de", "europa.eu", "leg-thueringen.de",
    "urbact.eu", "z-u-g.org", "klimaschutz.de", "dbu.de", "fonds-soziokultur.de", "staatskanzlei-thueringen.de",
    "stadtentwicklung-thueringen.de", "tlmb-thueringen.de", "baukultur-thueringen.de", "soziokultur-thueringen.de",
    "kompass-thueringen.de", "iba-thueringen.de",
)  # fmt: skip
"""Hosts whose word on a programme is the funder's own or an authority's."""

_OFFICIAL_ENDS = tuple(f".{host}" for host in OFFICIAL)

_FACETS_OF_FUNDING: dict[Facet, str] = {
    Facet.RATE: "rate",
    Facet.AMOUNT: "amount",
    Facet.APPLICANTS: "applicants",
    Facet.FUNDS: "funds",
    Facet.EXCLUDES: "excludes",
    Facet.REQUIREMENTS: "requirements",
    Facet.COMBINABLE: "combinable",
    Facet.HOW_TO_APPLY: "how_to_apply",
    Facet.CONTACT: "contact",
}
_FACETS_OF_CASE: dict[Facet, str] = {
    Facet.COSTS: "costs",
    Facet.AMOUNT: "costs",
    Facet.RESULTS: "results",
    Facet.LESSONS: "lessons",
    Facet.PARTNERS: "partners",
    Facet.FUNDING_USED: "funding",
    Facet.FUNDS: "measures",
    Facet.CONTACT: "contact",
}
_FACETS_OF_ARTICLE: dict[Facet, str] = {
    Facet.CONTACT: "contact",
    Facet.REQUIREMENTS: "requirements",
    Facet.HOW_TO_APPLY: "how_to_apply",
    Facet.RESULTS: "results",
    Facet.PARTNERS: "partners",
    Facet.APPLICANTS: "partners",
}
_KEY_FACTS = {
    FundingProgramme: (Facet.RATE, Facet.APPLICANTS, Facet.DEADLINE),
    CaseStudy: (Facet.RESULTS, Facet.COSTS, Facet.FUNDING_USED),
    Article: (Facet.CONTACT,),
    Term: (),
}


@dataclass(frozen=True)
class Fact:
    """One detail of one entry in words.

    Attributes:
        facet: Which detail.
        label: Its German name.
        items: The words; several where the entry holds a list.
        known: False where the entry lacks the detail; the text then says whom to ask.
        doubt: What of it no page that was read confirms; empty where all of it is unconfirmed, None where nothing is.
    """

    facet: Facet
    label: str
    items: tuple[str, ...]
    known: bool = True
    doubt: str | None = None

    @property
    def text(self) -> str:
        """All words in one line."""
        return "; ".join(self.items) + self.doubt_words

    @property
    def confirmed(self) -> bool:
        """Whether pages that were read confirm all of it."""
        return self.doubt is None

    @property
    def doubt_words(self) -> str:
        """What is not confirmed, to be put behind the words; empty where everything is."""
        match self.doubt:
            case None:
                return ""
            case "":
                return " (nicht bestätigt)"
            case part:
                return f" (nicht bestätigt: {part})"


def facets_of(entry: AnyEntry) -> frozenset[Facet]:
    """The details that this kind of entry can hold."""
    match entry:
        case FundingProgramme():
            return frozenset(_FACETS_OF_FUNDING) | {Facet.DEADLINE, Facet.STATUS, Facet.DEFINITION, Facet.SOURCE}
        case CaseStudy():
            return frozenset(_FACETS_OF_CASE) | {Facet.STATUS, Facet.SOURCE}
        case Article():
            return frozenset(_FACETS_OF_ARTICLE) | {Facet.DEFINITION, Facet.SOURCE}
        case Term():
            return frozenset({Facet.DEFINITION, Facet.SOURCE})


def asked_of(entry: AnyEntry) -> frozenset[Facet]:
    """The details that people ask for of this kind of entry, each under its usual name: a case has costs, no amount."""
    held = facets_of(entry)
    return held - {Facet.AMOUNT, Facet.FUNDS} if isinstance(entry, CaseStudy) else held


def fact(entry: AnyEntry, facet: Facet, today: dt.date) -> Fact:
    """One detail in words; where the entry does not hold it, who can tell."""
    items = tuple(_items(entry, facet, today))
    label = label_of(entry.kind, facet)
    if not items:
        return Fact(facet, label, (_unknown(entry),), known=False)
    return Fact(facet, label, items, doubt=_doubt(entry, facet))


def label_of(kind: EntryKind, facet: Facet) -> str:
    """What a detail is called at this kind of entry."""
    return _LABELS_OF_KIND.get((kind, facet), FACET_LABELS[facet])


def key_facts(entry: AnyEntry, today: dt.date, without: Collection[Facet] = ()) -> list[Fact]:
    """The two or three details that a card shows beside the one that was asked for; only known ones."""
    facts = (fact(entry, facet, today) for facet in _KEY_FACTS[type(entry)] if facet not in without)
    return [item for item in facts if item.known]


def source_line(entry: AnyEntry) -> str:
    """`Stand 11/2025 · Quelle: kfw.de`."""
    parts = []
    if entry.as_of:
        parts.append(f"Stand {month_words(entry.as_of)}")
    if entry.sources:
        parts.append(f"Quelle: {host(main_source(entry.sources).url)}")
    if isinstance(entry, Term) and not parts:
        parts.append(GLOSSARY)
    return " · ".join(parts)


def ordered_sources(sources: Sequence[Source]) -> list[Source]:
    """The pages of the funder or of an office before others."""
    return sorted(sources, key=lambda source: not f".{host(source.url)}".endswith(_OFFICIAL_ENDS))


def main_source(sources: Sequence[Source]) -> Source:
    """The page to name first: one of the funder or of an office where there is one, else the first."""
    return ordered_sources(sources)[0]


def month_words(as_of: str) -> str:
    """`11/2025` for `2025-11`; `2025` stays."""
    year, *rest = as_of.split("-")
    return f"{rest[0]}/{year}" if rest else year


def host(url: str) -> str:
    """The host of an address without `www.`."""
    return re.sub(r"^https?://(www\.)?", "", url).split("/", 1)[0]


def doubts(entry: AnyEntry, *, said: Collection[Facet] = ()) -> list[str]:
    """What a reader must know about how far the entry can be trusted, in plain words.

    Args:
        entry: The entry.
        said: Details that are shown with their own doubts beside these.
    """
    words = []
    if isinstance(entry, FundingProgramme) and entry.status is Status.UNKNOWN and Facet.STATUS not in said:
        since = f" seit {month_words(entry.as_of)}" if entry.as_of else ""
        words.append(
            f"Ob das Programm zurzeit offen ist, ist{since} nicht bestätigt. Bitte beim Fördergeber nachfragen."
        )
    if entry.confidence is not Confidence.HIGH:
        words.append("Die Angaben stützen sich auf wenige Quellen.")
    return words


def lead(entry: AnyEntry) -> str:
    """The first sentence or two of what a member reads: what it is good for."""
    if isinstance(entry, Term):
        return entry.definition
    paragraph = plain(entry.body).strip().split("\n\n", 1)[0].replace("\n", " ")
    return paragraph or (entry.problem if isinstance(entry, CaseStudy) else entry.title)


def plain(markdown: str) -> str:
    """Markdown without its marks, for places that show none."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)
    return re.sub(r"(\*\*|\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)


def status_words(entry: FundingProgramme) -> str:
    """Whether the programme takes applications, with the date of the evidence."""
    as_of = f" (Stand {month_words(entry.as_of)})" if entry.as_of else ""
    match entry.status:
        case Status.OPEN:
            return f"offen{as_of}"
        case Status.CLOSED:
            return f"beendet, keine neuen Anträge{as_of}"
        case Status.UNKNOWN:
            return f"ungewiss{as_of}: vor dem Antrag beim Fördergeber nachfragen"


def _items(entry: AnyEntry, facet: Facet, today: dt.date) -> Iterable[str]:
    match entry, facet:
        case _, Facet.SOURCE:
            return _sources(entry)
        case Term(), Facet.DEFINITION:
            return (entry.definition,)
        case ((FundingProgramme() | Article()), Facet.DEFINITION):
            return (lead(entry),)
        case FundingProgramme(), Facet.DEADLINE:
            words = deadline_words(entry.deadline, today, closed=entry.status is Status.CLOSED)
            note = entry.deadline.note
            if note and words.startswith("laufend, kein") and note.casefold().startswith("laufend"):
                return (note,)
            return (words, note) if note else (words,)
        case FundingProgramme(), Facet.STATUS:
            words = status_words(entry)
            return (words, entry.deadline.note) if entry.deadline.note else (words,)
        case CaseStudy(), Facet.STATUS:
            return _running(entry)
    keys = {
        FundingProgramme: _FACETS_OF_FUNDING,
        CaseStudy: _FACETS_OF_CASE,
        Article: _FACETS_OF_ARTICLE,
        Term: {},
    }
    key = keys[type(entry)].get(facet)
    value = getattr(entry, key) if key else None
    return (value,) if isinstance(value, str) else value or ()


def _sources(entry: AnyEntry) -> tuple[str, ...]:
    """How old what is said is, and the pages that were read for it, the funder's or an office's first."""
    pages = [f"{source.what} ({host(source.url)})" for source in ordered_sources(entry.sources)]
    if not pages and isinstance(entry, Term):
        pages = [GLOSSARY]
    return ((f"Stand {month_words(entry.as_of)}",) if entry.as_of else ()) + tuple(pages)


def _running(entry: CaseStudy) -> tuple[str, ...]:
    match entry.started, entry.ended:
        case None, None:
            return ()
        case None, ended:
            return (f"beendet {ended}",)
        case started, None:
            return (f"seit {started}; ein Ende ist nicht vermerkt",)
        case started, ended if started == ended:
            return (f"im Jahr {started}, beendet",)
        case started, ended:
            return (f"{started} bis {ended}, beendet",)
    raise AssertionError(entry)


def _doubt(entry: AnyEntry, facet: Facet) -> str | None:
    """What of a detail the entry calls unverified: `rate`, or `rate: which part`, or `rate/amount: …`."""
    key = {"funding_used": "funding"}.get(facet.value, facet.value)
    for item in entry.unverified:
        keys, _, part = item.partition(":")
        if key in re.split(r"[/.,]\s*", keys.strip()):
            return part.strip()
    return None


def _unknown(entry: AnyEntry) -> str:
    contact = getattr(entry, "contact", None)
    return (
        f"Das steht nicht in meinen Quellen. Auskunft: {contact}" if contact else "Das steht nicht in meinen Quellen."
    )


__all__ = [
    "FACET_LABELS", "MONTHS", "STATUS_LABELS", "THEME_LABELS", "Fact", "doubts", "fact", "facets_of", "host",
    "key_facts", "lead", "main_source", "month_words", "plain", "source_line", "status_words",
]  # fmt: skip
