"""From which town somebody asks: what fits it is said with the answer."""

from collections.abc import Awaitable, Callable

from bot.members.models import Town
from bot.members.towns import CLASSES
from knowledge.entries import CaseStudy, EntryKind
from knowledge.fit import Profile
from knowledge.library import Knowledge


def town_reader(
    knowledge: Knowledge, town_of: Callable[[int], Awaitable[Town | None]]
) -> Callable[[int], Awaitable[Profile | None]]:
    """Tells a person's town as answers need it: with the inhabitants that a case study gives, else with their class."""
    known = {
        case.town: case.population
        for case in knowledge.of_kind(EntryKind.CASE)
        if isinstance(case, CaseStudy) and case.population
    }

    async def read(person_id: int) -> Profile | None:
        town = await town_of(person_id)
        if town is None or town.kind != "town":
            return None
        if town.name in known:
            return Profile(town.name, known[town.name])
        if town.inhabitants_from is None:
            return Profile(town.name)
        below = min((size for size in CLASSES if size > town.inhabitants_from), default=None)
        return Profile(town.name, town.inhabitants_from, below, classed=True)

    return read
