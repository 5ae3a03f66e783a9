"""What entries a reader wants to see: the constraints of a list question and of browsing."""

import datetime as dt
import re
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache

from knowledge.deadlines import upcoming
from knowledge.describe import STATUS_LABELS, THEME_LABELS
from knowledge.entries import (
    AnyEntry,
    Article,
    CaseStudy,
    DeadlineKind,
    EntryKind,
    FundingProgramme,
    Level,
    Status,
    Term,
    Theme,
)  # fmt: skip
from knowledge.german import words
from knowledge.library import Knowledge


class TownSize(StrEnum):
    """Classes of the Federal Institute for Research on Building (BBSR), by inhabitants."""

    SMALL = "klein"
    MEDIUM = "mittel"
    LARGE = "gross"


TOWN_SIZES: dict[TownSize, tuple[int, int | None]] = {
    TownSize.SMALL: (0, 20_000),
    TownSize.MEDIUM: (20_000, 100_000),
    TownSize.LARGE: (100_000, None),
}
"""Inhabitants from (inclusive) and to (exclusive). Source: BBSR, Stadt- und Gemeindetypen."""
TOWN_SIZE_LABELS = {
    TownSize.SMALL: "Kleinstadt (unter 20.000)",
    TownSize.MEDIUM: "Mittelstadt (bis 100.000)",
    TownSize.LARGE: "Großstadt",
}


class Applicant(StrEnum):
    """Groups of applicants, as people ask for them."""

    MUNICIPALITY = "kommune"
    ASSOCIATION = "verein"
    COMPANY = "unternehmen"
    OWNER = "eigentuemer"
    PRIVATE = "privat"
    CHURCH = "kirche"
    FOUNDATION = "stiftung"
    UNIVERSITY = "hochschule"


APPLICANT_LABELS = {
    Applicant.MUNICIPALITY: "für Kommunen",
    Applicant.ASSOCIATION: "für Vereine",
    Applicant.COMPANY: "für Unternehmen",
    Applicant.OWNER: "für Eigentümer",
    Applicant.PRIVATE: "für Privatpersonen",
    Applicant.CHURCH: "für Kirchen",
    Applicant.FOUNDATION: "für Stiftungen",
    Applicant.UNIVERSITY: "für Hochschulen",
}
_APPLICANT_WORDS = {
    Applicant.MUNICIPALITY: r"kommun|(?<!kirch)(?<!kirchen)gemeinde|\bst[aä]dt|landkreis|zweckverb|gebietsk|öffentlich",
    Applicant.ASSOCIATION: (
        r"verein|initiativ|gemeinnützig|(?<!gemeinde)(?<!zweck)verb[aä]nd|zivilgesell|träger|organisation|bürger"
    ),
    Applicant.COMPANY: (
        r"unternehm|kmu|händler|gastronom|dienstleist|betrieb|freiberuf|handwerk|existenzgr|genossenschaft|gewerb"
    ),
    Applicant.OWNER: r"eigentüm|besitzer|bauherr|investor|wohnungsunternehm|vermiet",
    Applicant.PRIVATE: r"privat|natürliche person|familie|einzelperson|selbstnutz|haushalt|bürger",
    Applicant.CHURCH: r"kirch|religion",
    Applicant.FOUNDATION: r"stiftung",
    Applicant.UNIVERSITY: r"hochschul|universit|forschung",
}


def applicants_of(entry: FundingProgramme) -> frozenset[Applicant]:
    """The groups that the entry's own words about applicants name."""
    words = " · ".join(entry.applicants).casefold()
    return frozenset(group for group, pattern in _APPLICANT_WORDS.items() if re.search(pattern, words))


_LABELS = {
    "not_state": "ohne {value}",
    "min_population": "ab {value} Einw.",
    "max_population": "bis {value} Einw.",
    "since": "seit {year}",
    "until": "Beginn bis {year}",
    "ended": "beendet {year}",
    "min_cost": "ab {value} €",
    "max_cost": "bis {value} €",
    "funded_by": "bezahlt aus {value}",
    "due_within": "Frist in {value} Tagen",
    "rolling": "laufend",
}
REGIONS = {
    "Ostdeutschland": frozenset(
        {"Thüringen", "Sachsen", "Sachsen-Anhalt", "Brandenburg", "Mecklenburg-Vorpommern", "Berlin"}
    ),
    "Westdeutschland": frozenset(
        {
            "Bayern", "Baden-Württemberg", "Hessen", "Rheinland-Pfalz", "Saarland", "Nordrhein-Westfalen",
            "Niedersachsen", "Bremen", "Hamburg", "Schleswig-Holstein",
        }
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """Somebody or something that entries name in their own words.

    Attributes:
        label: For people.
        words: Folded words; an entry that holds one of them names it.
    """

    label: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return self.label

    def named_in(self, *texts: str) -> bool:
        """Whether one of the texts holds one of the words."""
        return not set(self.words).isdisjoint(word for text in texts for word in words(text))


@dataclass(frozen=True)
class Filters:
    """Constraints that an entry must meet, all of them. None: no constraint.

    Attributes:
        kind: Programmes, cases, articles or terms.
        theme: One of the entry's themes.
        status: A programme's status.
        level: Who stands behind a programme.
        applicant: Who may apply.
        funder: Named in the programme's funder, contact, title or names.
        state: A case's Land, or a part of Germany (`Ostdeutschland`, `Westdeutschland`).
        not_state: A Land that the case is not in.
        town: A case's town.
        size: The class of a case's town.
        min_population: Inhabitants of a case's town, at least.
        max_population: Inhabitants of a case's town, at most.
        since: A case's first year, at least.
        until: A case's first year, at most.
        ended: The year in which a case ended.
        min_cost: What a case cost, in euros, at least.
        max_cost: What a case cost, in euros, at most.
        funded_by: Named in what a case was paid from.
        due_within: Days within which a programme's next deadline falls.
        rolling: A programme takes applications all year round.
    """

    kind: EntryKind | None = None
    theme: Theme | None = None
    status: Status | None = None
    level: Level | None = None
    applicant: Applicant | None = None
    funder: Named | None = None
    state: str | None = None
    not_state: str | None = None
    town: str | None = None
    size: TownSize | None = None
    min_population: int | None = None
    max_population: int | None = None
    since: int | None = None
    until: int | None = None
    ended: int | None = None
    min_cost: int | None = None
    max_cost: int | None = None
    funded_by: Named | None = None
    due_within: int | None = None
    rolling: bool | None = None

    def active(self) -> list[str]:
        """The names of the constraints that are set, in a fixed order."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]

    def without(self, *names: str) -> "Filters":
        """The same with some constraints taken off."""
        return replace(self, **dict.fromkeys(names))

    def label(self, name: str) -> str:
        """A constraint in German words, short enough for a button."""
        value = getattr(self, name)
        match name:
            case "kind":
                return {
                    "funding": "Förderung",
                    "case": "Beispiele",
                    "article": "Bündnis",
                    "term": "Begriffe",
                }[value]
            case "theme":
                return THEME_LABELS[value]
            case "status":
                return f"nur {STATUS_LABELS[value]}" if value is not Status.UNKNOWN else STATUS_LABELS[value]
            case "applicant":
                return APPLICANT_LABELS[value]
            case "size":
                return TOWN_SIZE_LABELS[value]
            case "due_within" if value < 2:
                return "Frist bis morgen" if value else "Frist heute"
            case _:
                number = f"{value:,}".replace(",", ".") if isinstance(value, int) else str(value)
                year = str(value)
                return _LABELS.get(name, "{value}").format(value=number, year=year)


_EUROS = re.compile(
    r"(\d+(?:\.\d{3})*(?:,\d+)?)\s*(Mio\.?|Million(?:en)?|Mrd\.?|Milliarden?|Tsd\.?)?\s*(?:EUR|Euro|€)", re.IGNORECASE
)
_UNITS = {"mio": 1_000_000, "million": 1_000_000, "mrd": 1_000_000_000, "milliard": 1_000_000_000, "tsd": 1_000}


_BEYOND = re.compile(r"\b(?:mehr als|über|mindestens) (?:rund )?\d", re.IGNORECASE)
"""A cost that is only known to be larger."""


@lru_cache(maxsize=1024)
def euros(text: str) -> tuple[float, ...]:
    """The amounts of money that a German text names, in euros: `2,9 Mio. Euro` is 2,900,000."""
    found = []
    for number, unit in _EUROS.findall(text):
        value = float(number.replace(".", "").replace(",", "."))
        found.append(value * next((many for name, many in _UNITS.items() if unit.casefold().startswith(name)), 1))
    return tuple(found)


def cost_of(entry: CaseStudy) -> float | None:
    """What a case cost in euros: the largest amount that its costs name, or None."""
    known = max(euros(entry.costs or ""), default=None)
    beyond = known is not None and _BEYOND.search(entry.costs or "")
    return known + 1 if known is not None and beyond else known


def matches(entry: AnyEntry, filters: Filters, today: dt.date) -> bool:
    """Whether an entry meets all constraints; one that it cannot have at all is not met."""
    return all(_meets(entry, name, getattr(filters, name), today) for name in filters.active())


def select(knowledge: Knowledge, filters: Filters, today: dt.date) -> list[AnyEntry]:
    """All entries that meet the constraints: open programmes before uncertain before closed ones, then by title."""
    found = [entry for entry in knowledge.entries.values() if matches(entry, filters, today)]
    return sorted(found, key=_order)


def _order(entry: AnyEntry) -> tuple[int, str]:
    rank = {Status.OPEN: 0, Status.UNKNOWN: 1, Status.CLOSED: 2}
    status = rank[entry.status] if isinstance(entry, FundingProgramme) else 0
    return status, (entry.town if isinstance(entry, CaseStudy) else entry.title).casefold()


def _meets(entry: AnyEntry, name: str, wanted: object, today: dt.date) -> bool:
    match entry, name:
        case _, "kind":
            return entry.kind == wanted
        case ((FundingProgramme() | CaseStudy() | Article()), "theme"):
            return wanted in entry.themes
        case FundingProgramme(), _:
            return _programme_meets(entry, name, wanted, today)
        case CaseStudy(), _:
            return _case_meets(entry, name, wanted)
        case ((Article() | Term()), _):
            return False
    raise AssertionError(entry)


def _programme_meets(entry: FundingProgramme, name: str, wanted: object, today: dt.date) -> bool:
    match name:
        case "status" | "level":
            return bool(getattr(entry, name) == wanted)
        case "applicant":
            return wanted in applicants_of(entry)
        case "funder" if isinstance(wanted, Named):
            return wanted.named_in(entry.funder, entry.contact, entry.title, *entry.short_names)
        case "due_within":
            if entry.status is Status.CLOSED or not isinstance(wanted, int):
                return False
            days = upcoming(entry.deadline, today)
            return bool(days) and (days[0].day - today).days <= wanted
        case "rolling":
            return entry.deadline.kind is DeadlineKind.ROLLING and entry.status is not Status.CLOSED
        case _:
            return False


def _case_meets(entry: CaseStudy, name: str, wanted: object) -> bool:
    match name, wanted:
        case "town", _:
            return bool(entry.town == wanted)
        case "state", str():
            return entry.state in REGIONS.get(wanted, {wanted})
        case "not_state", _:
            return bool(entry.state != wanted)
        case "size", TownSize():
            least, below = TOWN_SIZES[wanted]
            return _within(entry.population, least, below - 1 if below else None)
        case "ended", int():
            return entry.ended == wanted
        case "funded_by", Named():
            return wanted.named_in(*entry.funding)
        case (("min_population" | "max_population" | "since" | "until" | "min_cost" | "max_cost"), int()):
            least_most = (wanted, None) if name in ("min_population", "since", "min_cost") else (None, wanted)
            return _within(_measured(entry, name), *least_most)
        case _:
            return False


def _measured(entry: CaseStudy, name: str) -> float | None:
    if name.endswith("population"):
        return entry.population
    return cost_of(entry) if name.endswith("cost") else entry.started


def _within(value: float | None, least: int | None, most: int | None) -> bool:
    """Whether a value is known and between two bounds, both inclusive."""
    return value is not None and (least is None or value >= least) and (most is None or value <= most)
