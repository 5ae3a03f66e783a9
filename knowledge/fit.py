"""Whether an entry can fit a reader's town: „Passt das zu uns?“."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.entries import AnyEntry, CaseStudy, FundingProgramme, Level, Status
from knowledge.filters import Applicant, Filters, applicants_of

ALIKE = (0.5, 2.0)
"""Towns from half to twice as large count as alike."""
_UP_TO = re.compile(
    r"(?:bis|unter|höchstens|maximal|weniger als)\s+(?:zu\s+)?(\d[\d.]*)\s*(?:Einwohner|EW)", re.IGNORECASE
)
_FROM = re.compile(r"(?:ab|über|mindestens|mehr als)\s+(\d[\d.]*)\s*(?:Einwohner|EW)", re.IGNORECASE)
_WITHOUT = re.compile(r"über\s+(\d[\d.]*)\s*Einwohner", re.IGNORECASE)


@dataclass(frozen=True)
class Profile:
    """For whom an answer is.

    Attributes:
        town: Its name.
        population: Inhabitants, or None where that is not known; of a class of towns the lower end,
        below: and here the first number that is too large; None where the number itself is known, or the class is open.
        classed: Whether only the class is known.
        state: The Land.
    """

    town: str
    population: int | None = None
    below: int | None = None
    classed: bool = False
    state: str = "Thüringen"

    @property
    def people(self) -> str:
        """How many inhabitants, in words: `rund 31.200`, `10.000 bis 20.000`."""
        least = f"{self.population or 0:,}".replace(",", ".")
        if not self.classed:
            return f"rund {least}"
        if self.below is None:
            return f"mehr als {least}"
        most = f"{self.below:,}".replace(",", ".")
        return f"{least} bis {most}" if self.population else f"weniger als {most}"

    @property
    def most(self) -> int | None:
        """The most inhabitants that it can have, or None."""
        return self.below - 1 if self.classed and self.below else None if self.classed else self.population


def misfits(entry: AnyEntry, profile: Profile) -> list[str]:
    """Why an entry cannot fit a town, each in one German sentence; empty where nothing speaks against it."""
    return list(_programme_misfits(entry, profile)) if isinstance(entry, FundingProgramme) else []


def fit_words(entry: AnyEntry, profile: Profile) -> list[str]:
    """What speaks against and for an entry for a town, and what is left to check; each in one German sentence."""
    found = misfits(entry, profile)
    if isinstance(entry, CaseStudy):
        return [_comparison(entry, profile)]
    if not isinstance(entry, FundingProgramme):
        return [f"Das ist keine Förderung; ob es für {profile.town} etwas ist, entscheidet die Sache."]
    if found:
        return found
    words = [f"Nach meinen Angaben spricht nichts dagegen, dass {profile.town} einen Antrag stellt."]
    if entry.requirements:
        words.append(f"Bitte prüfen: {'; '.join(entry.requirements[:3])}.")
    return words


def towns_alike(profile: Profile) -> Filters | None:
    """Constraints for examples from towns of about the same size; None where the size is not known."""
    if profile.population is None:
        return None
    least = int(round(profile.population * ALIKE[0], -3))
    if profile.classed:
        return Filters(min_population=profile.population, max_population=profile.most)
    return Filters(min_population=least, max_population=int(round(profile.population * ALIKE[1], -3)))


def _programme_misfits(entry: FundingProgramme, profile: Profile) -> Iterator[str]:
    if entry.status is Status.CLOSED:
        yield "Das Programm ist beendet."
    if Applicant.MUNICIPALITY not in applicants_of(entry):
        yield f"Städte und Gemeinden sind nicht antragsberechtigt, sondern: {', '.join(entry.applicants)}."
    if entry.level is Level.LAND and profile.state != "Thüringen":
        yield "Das Programm gilt nur in Thüringen."
    if profile.population is None:
        return
    most = profile.most
    for text in entry.applicants:
        if (match := _UP_TO.search(text)) and _above(profile, _number(match)):
            yield f"Es richtet sich an Orte bis {match[1]} Einwohner; {profile.town} hat {profile.people}."
        if (match := _FROM.search(text)) and most is not None and most < _number(match):
            yield f"Es richtet sich an Orte ab {match[1]} Einwohnern; {profile.town} hat {profile.people}."
    for text in entry.excludes:
        if (match := _WITHOUT.search(text)) and _above(profile, _number(match)):
            yield f"Ausgenommen ist: {text}; {profile.town} hat {profile.people} Einwohner."


def _above(profile: Profile, most: int) -> bool:
    """Whether a town surely has more inhabitants than that; the lower end of a class counts as above it."""
    least = profile.population or 0
    return least >= most if profile.classed else least > most


def _class_share(entry: CaseStudy, profile: Profile) -> float:
    """1 for a town of the same class, else by which side of it the other town is."""
    people, least = entry.population or 0, profile.population or 0
    if people < least:
        return 0.0
    return 1.0 if profile.below is None or people < profile.below else 10.0


def _number(match: re.Match[str]) -> int:
    return int(match[1].replace(".", "").rstrip(".") or 0)


def _comparison(entry: CaseStudy, profile: Profile) -> str:
    if entry.population is None or profile.population is None:
        return f"Wie ähnlich {entry.town} und {profile.town} sind, weiß ich nicht."
    share = entry.population / max(profile.population, 1) if not profile.classed else _class_share(entry, profile)
    size = (
        "ähnlich groß wie"
        if ALIKE[0] <= share <= ALIKE[1]
        else "deutlich größer als"
        if share > 1
        else "deutlich kleiner als"
    )
    where = "" if entry.state == profile.state else f" und liegt in einem anderen Land ({entry.state})"
    return f"{entry.town} ist {size} {profile.town}{where}."
