"""Entries as the documents that the index searches."""

from collections.abc import Iterable

from knowledge.describe import FACET_LABELS, THEME_LABELS
from knowledge.entries import AnyEntry, Article, CaseStudy, Facet, FundingProgramme, Term
from knowledge.index import Document
from knowledge.lexicon import Lexicon
from knowledge.library import Knowledge

OUTSIDE = "outside:"
"""Begins the ids of documents that stand for questions which belong elsewhere."""


def documents(knowledge: Knowledge, lexicon: Lexicon) -> list[Document]:
    """All entries, and the kinds of question that no entry answers, as documents."""
    outside = [Document(OUTSIDE + name, "", asks=asks) for name, _, asks in lexicon.outside]
    return [document(entry) for entry in knowledge.entries.values()] + outside


def document(entry: AnyEntry) -> Document:
    """What of an entry is searched, and as what."""
    match entry:
        case FundingProgramme():
            names, keywords = entry.short_names, (*_themes(entry), *entry.applicants, entry.level.value, entry.funder)
            lines: Iterable[str | None] = (
                *entry.funds, *entry.excludes, *entry.requirements, *entry.how_to_apply, entry.rate, entry.amount,
                entry.combinable, entry.contact, entry.deadline.note, entry.body,
            )  # fmt: skip
        case CaseStudy():
            names, keywords = (entry.town,), (*_themes(entry), entry.state)
            lines = (
                entry.problem, *entry.measures, *entry.results, *entry.lessons, *entry.funding, *entry.partners,
                entry.costs, entry.contact, entry.body,
            )  # fmt: skip
        case Article():
            names, keywords = entry.short_names, _themes(entry)
            lines = (
                *entry.requirements,
                *entry.how_to_apply,
                *entry.results,
                *entry.partners,
                entry.contact,
                entry.body,
            )
        case Term():
            names, keywords = entry.synonyms, (FACET_LABELS[Facet.DEFINITION],)
            lines = (entry.definition, entry.body)
    text = "\n".join(line for line in lines if line)
    return Document(entry.id, entry.title, text, keywords=tuple(keywords), names=tuple(names), asks=entry.asks)


def _themes(entry: FundingProgramme | CaseStudy | Article) -> tuple[str, ...]:
    return tuple(THEME_LABELS[theme] for theme in entry.themes)
