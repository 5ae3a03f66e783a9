"""Typed entries: funding programmes, case studies, articles and glossary terms.

Keys are those of the content files' front matter (see docs/architecture.md, "Content files").
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator


class EntryKind(StrEnum):
    """The four kinds of entry, in the order in which lists show them."""

    FUNDING = "funding"
    CASE = "case"
    ARTICLE = "article"
    TERM = "term"


class Theme(StrEnum):
    """What an entry is about; every programme, case and article has at least one."""

    LEERSTAND = "leerstand"
    WOHNEN = "wohnen"
    HANDEL = "handel"
    KULTUR = "kultur"
    FREIRAUM = "freiraum"
    KLIMA = "klima"
    ENERGIE = "energie"
    MOBILITAET = "mobilitaet"
    DIGITAL = "digital"
    DENKMAL = "denkmal"
    SOZIALES = "soziales"
    BETEILIGUNG = "beteiligung"
    PLANUNG = "planung"
    MANAGEMENT = "management"
    TOURISMUS = "tourismus"


class Level(StrEnum):
    """Who stands behind a programme."""

    BUND = "Bund"
    LAND = "Land"
    EU = "EU"
    STIFTUNG = "Stiftung"


class Status(StrEnum):
    """Whether a programme takes applications; unknown: the last evidence does not reach today."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How well the research supports the entry as a whole."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Facet(StrEnum):
    """A detail of an entry that a question can ask for."""

    RATE = "rate"
    AMOUNT = "amount"
    DEADLINE = "deadline"
    APPLICANTS = "applicants"
    FUNDS = "funds"
    EXCLUDES = "excludes"
    REQUIREMENTS = "requirements"
    COMBINABLE = "combinable"
    HOW_TO_APPLY = "how_to_apply"
    CONTACT = "contact"
    STATUS = "status"
    COSTS = "costs"
    RESULTS = "results"
    LESSONS = "lessons"
    PARTNERS = "partners"
    FUNDING_USED = "funding_used"
    DEFINITION = "definition"
    SOURCE = "source"


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=62)]
"""Ids are kebab-case and fit a deep link: Telegram allows 64 characters, `e_` is put before."""

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _as_text(value: object) -> object:
    """Take YAML's bare `2025` or a date for the text that the author meant."""
    return str(value) if isinstance(value, int | dt.date) else value


def _unix_lines(text: str) -> str:
    """Line ends as files keep them, however a form or an editor sent them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _exists(text: str) -> str:
    """Refuse the 13th month and the 31st of February.

    Raises:
        ValueError: The calendar has no such day.
    """
    dt.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    return text


Month = Annotated[
    str,
    BeforeValidator(_as_text),
    StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"),
    AfterValidator(_exists),
]
"""A date as exact as it is known: `2025`, `2025-11` or `2025-11-30`."""


class Strict(BaseModel):
    """Immutable, and refuses keys it does not know, so that a typing error in a file is found."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Source(Strict):
    """A page that was read, and what it supports."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    what: Sentence


class YearlyDate(Strict):
    """A date that returns each year, kept as month and day so that no year needs an edit."""

    day: Annotated[str, StringConstraints(pattern=r"^\d{2}-\d{2}$")]
    """`MM-DD`"""
    what: Sentence | None = None
    """What is due on that day, where the programme has more than one date."""

    @model_validator(mode="after")
    def _exists(self) -> Self:
        dt.date.fromisoformat(f"2028-{self.day}")  # a leap year: 29 February is a day
        return self

    @property
    def month(self) -> int:
        """1 to 12."""
        return int(self.day[:2])

    @property
    def day_of_month(self) -> int:
        """1 to 31."""
        return int(self.day[3:])


class DeadlineKind(StrEnum):
    """How a programme's deadline works."""

    ANNUAL = "annual"
    ROLLING = "rolling"
    CALL = "call"
    NONE = "none"


class Deadline(Strict):
    """When to apply: a rule for every year, a single date, or none."""

    kind: DeadlineKind
    date: dt.date | None = None
    """A single date: of a call its last day, of a rolling programme the end of its guideline."""
    yearly: tuple[YearlyDate, ...] = ()
    note: Sentence | None = None
    """What a date alone does not tell. No computed words („noch 5 Tage“, „verstrichen“): those are reckoned."""


class Entry(Strict):
    """What all kinds of entry share."""

    id: Id
    title: Sentence
    asks: tuple[Sentence, ...] = ()
    """Wordings in which people would ask for this entry: the problem, the slang, half the name, the old name."""
    confidence: Confidence = Confidence.HIGH
    sources: tuple[Source, ...] = ()
    as_of: Month | None = None
    """The state that the sources support."""
    review_by: dt.date | None = None
    """The day by which a coordinator should look at the entry again."""
    unverified: tuple[Sentence, ...] = ()
    """What no page that was read confirms: a key's name, or `key: which part of it`."""
    body: Annotated[str, AfterValidator(_unix_lines)] = ""
    """What a member reads: Markdown of paragraphs, lists, bold, italic and links."""


class FundingProgramme(Entry):
    """Money: a programme of the EU, Germany, Thuringia or a foundation."""

    kind: Literal[EntryKind.FUNDING] = EntryKind.FUNDING
    short_names: tuple[Sentence, ...] = ()
    level: Level
    funder: Sentence
    contact: Sentence
    status: Status
    applicants: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    themes: Annotated[tuple[Theme, ...], Field(min_length=1)]
    funds: tuple[Sentence, ...] = ()
    excludes: tuple[Sentence, ...] = ()
    rate: Sentence | None = None
    amount: Sentence | None = None
    deadline: Deadline
    requirements: tuple[Sentence, ...] = ()
    combinable: Sentence | None = None
    how_to_apply: tuple[Sentence, ...] = ()
    instead: tuple[Id, ...] = ()
    """Ids of programmes that serve instead of a closed one."""


class CaseStudy(Entry):
    """What a town did, with what result."""

    kind: Literal[EntryKind.CASE] = EntryKind.CASE
    town: Sentence
    state: Sentence
    population: Annotated[int, Field(gt=0)] | None = None
    themes: Annotated[tuple[Theme, ...], Field(min_length=1)]
    started: int | None = None
    ended: int | None = None
    problem: Sentence
    measures: tuple[Sentence, ...] = ()
    results: tuple[Sentence, ...] = ()
    costs: Sentence | None = None
    funding: tuple[Sentence, ...] = ()
    lessons: tuple[Sentence, ...] = ()
    partners: tuple[Sentence, ...] = ()
    contact: Sentence


class Article(Entry):
    """About the alliance itself and its working groups."""

    kind: Literal[EntryKind.ARTICLE] = EntryKind.ARTICLE
    short_names: tuple[Sentence, ...] = ()
    themes: tuple[Theme, ...] = ()
    contact: Sentence | None = None
    requirements: tuple[Sentence, ...] = ()
    how_to_apply: tuple[Sentence, ...] = ()
    results: tuple[Sentence, ...] = ()
    partners: tuple[Sentence, ...] = ()


class Term(Entry):
    """A word of the trade; `title` is the term itself."""

    kind: Literal[EntryKind.TERM] = EntryKind.TERM
    synonyms: tuple[Sentence, ...] = ()
    definition: Sentence


AnyEntry = FundingProgramme | CaseStudy | Article | Term
