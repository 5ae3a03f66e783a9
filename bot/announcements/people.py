"""Who is on a pasted list, and how an audience is said in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import INVITED, LEADS, NO_ANSWER, PARTNERS, REPLIED
from bot.announcements.kinds import By
from bot.announcements.spec import Audience, Criterion
from bot.groups.models import WorkingGroup
from bot.meetings.models import Meeting
from bot.members.models import Person, Town
from bot.members.roles import Role
from bot.members.towns import CLASSES, fold_name
from bot.rendering import shorten

_MARK = re.compile(r"^\s*(?:[•*–-]+\s+|\d{1,3}[.)]\s+)")
"""Before a line of a list: a bullet, or its number."""
LONGEST_LIST = 2000
"""Lines of a pasted list that are read."""
ANSWERS = {
    "yes": "Zusagen",
    "no": "Absagen",
    "maybe": "Vielleicht",
    REPLIED: "mit Antwort",
    NO_ANSWER: "ohne Antwort",
    INVITED: "alle Eingeladenen",
}
NEAR = 80
"""From this likeness on, of 100, a name is offered for one that is not known."""


@dataclass(frozen=True)
class Pasted:
    """What a pasted list names.

    Attributes:
        ids: Members who are named.
        unknown: Lines that name nobody.
        ambiguous: Lines that name several.
        near: To lines that name nobody, the name of whom they may mean; that is only said, never guessed.
        again: How many lines name somebody whom an earlier one names.
    """

    ids: tuple[int, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    near: Mapping[str, str] = field(default_factory=dict)
    again: int = 0


async def read_list(session: AsyncSession, text: str) -> Pasted:
    """Who is named, one a line: a name, a name and a town, an @name, or a Telegram number."""
    wanted = (
        select(Person.id, Person.name, Person.username, Town.folded)
        .join(Town, Town.id == Person.town_id, isouter=True)
        .where(Person.role != Role.NEWCOMER, Person.suspended_at.is_(None))
    )
    rows = (await session.execute(wanted)).all()
    people = [(row.id, fold_name(row.name), (row.username or "").lower(), row.folded or "") for row in rows]
    names = {fold_name(row.name): row.name for row in rows}
    by_name: dict[str, list[tuple[int, str]]] = {}
    by_user = {user: person for person, _, user, _ in people if user}
    for person, name, _, town in people:
        by_name.setdefault(name, []).append((person, town))
    known = {person for person, *_ in people}
    found: dict[int, None] = {}
    unknown: dict[str, None] = {}
    ambiguous: dict[str, None] = {}
    again = 0
    for line in [_MARK.sub("", each).strip() for each in text.splitlines()][:LONGEST_LIST]:
        if not line:
            continue
        fits = _find(line, known, by_user, by_name)
        if len(fits) == 1:
            again += fits[0] in found
            found[fits[0]] = None
        else:
            (ambiguous if fits else unknown)[line[:80]] = None
    nearest = {line: _nearest(line, names) for line in unknown}
    near = {line: names[name] for line, name in nearest.items() if name is not None}
    return Pasted(tuple(found), tuple(unknown), tuple(ambiguous), near, again)


def _find(line: str, known: set[int], by_user: dict[str, int], by_name: dict[str, list[tuple[int, str]]]) -> list[int]:
    if line.isdecimal():
        return [int(line)] if int(line) in known else []
    if line.startswith("@"):
        person = by_user.get(line[1:].lower())
        return [person] if person is not None else []
    name, *more = [fold_name(part) for part in re.split(r"[,;\t()]", line) if part.strip()] or [""]
    fits = by_name.get(name, [])
    if not fits and more:  # „Müller, Anna“
        name, *more = [f"{more[0]} {name}", *more[1:]]
        fits = by_name.get(name, [])
    return [person for person, of in fits if not more or of in more]


def _nearest(line: str, names: Mapping[str, str]) -> str | None:
    """The known name that is most like the one in a line; None: none is like it."""
    name = fold_name(re.split(r"[,;\t(]", line)[0])
    found = process.extractOne(name, names.keys(), scorer=fuzz.ratio, score_cutoff=NEAR)
    return found[0] if found else None


async def labels(session: AsyncSession, criteria: tuple[Criterion, ...]) -> list[str]:
    """Criteria in words, each as people call it."""
    towns = {str(row.id): row.name for row in await session.execute(select(Town.id, Town.name))}
    groups = {row.key: row.short for row in await session.scalars(select(WorkingGroup))}
    found = []
    for each in criteria:
        match each.by:
            case By.ALL:
                found.append("alle Mitglieder")
            case By.GROUP:
                found.append(groups.get(each.value, each.value))
            case By.TOWN:
                found.append(towns.get(each.value, "eine Stadt, die es nicht mehr gibt"))
            case By.DISTRICT:
                found.append(each.value)
            case By.SIZE:
                found.append("Partner" if each.value == PARTNERS else f"{CLASSES[int(each.value)]} Einwohner")
            case By.ROLE:
                found.append("AG-Leitungen" if each.value == LEADS else "Koordination")
            case By.MEETING:
                number, answer = each.value.split(":")
                meeting = await session.get(Meeting, int(number))
                title = shorten(meeting.title, 30) if meeting else "ein Treffen"
                found.append(f"{ANSWERS[answer]} zu „{title}“")
            case By.LIST:
                found.append(f"Liste mit {len(each.ids)} Personen")
    return found


async def describe(session: AsyncSession, audience: Audience) -> str:
    """An audience in words, such as „AG Klima oder AG Leerstand, ohne Absagen“."""
    parts = [" oder ".join(await labels(session, audience.any))]
    by: dict[By, list[Criterion]] = {}
    for each in audience.only:
        by.setdefault(each.by, []).append(each)
    parts += ["davon nur " + " oder ".join(await labels(session, tuple(same))) for same in by.values()]
    if audience.without:
        parts.append("ohne " + " und ".join(await labels(session, audience.without)))
    return ", ".join(part for part in parts if part)
