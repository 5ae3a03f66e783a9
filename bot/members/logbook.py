"""The audit log as the office reads it: who changed what, when, before and after; on screens and as CSV."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.database import Database
from bot.members.csv_files import write_csv
from bot.members.log_words import ACTIONS, FORGOTTEN, KEYS, OBJECTS, VALUES
from bot.members.models import Change
from bot.members.profiles import Profile, Profiles
from bot.members.roles import ROLE_NAMES, Role
from bot.rendering import WEEKDAYS

NO_NAMES: Mapping[str, str] = {}
PAGE = 8
"""Changes on one screen."""
ROW_LIMIT = 50_000
"""Changes in one file, the newest."""
OF_GROUPS = ("leads", "groups", "group")
"""Values that are keys of working groups."""
BY_ITSELF = ("retention", "person.erased")
CSV_COLUMNS = ("Wann", "Wer", "Kennung", "Was", "Wen", "Kennung der Person", "Woran", "Vorher", "Nachher")


@dataclass(frozen=True)
class Line:
    """One change, in German words.

    Attributes:
        change: As it is kept.
        who: Who did it.
        what: What they did.
        whom: To whom; None where it is about no person.
        about: To what else; None likewise.
        details: What was before and after, one thing each.
    """

    change: Change
    who: str
    what: str
    whom: str | None
    about: str | None
    details: list[str]
    """Without a label where there is but one, and what was done names it."""


@dataclass(frozen=True)
class LogPage:
    """A page of the log."""

    lines: list[Line]
    total: int
    number: int
    """From 0; the last page where the one asked for does not exist."""


class Logbook:
    """Reads the log, for the office.

    Args:
        database: Where.
        profiles: Who acts, and who those in the log are today.
        zone: People's time zone.
    """

    def __init__(self, database: Database, profiles: Profiles, zone: dt.tzinfo) -> None:
        self._zone = zone
        self._database = database
        self._profiles = profiles

    async def read(
        self,
        actor_id: int | None,
        page: int = 0,
        person_id: int | None = None,
        size: int = PAGE,
        groups: Mapping[str, str] = NO_NAMES,
    ) -> LogPage:
        """A page of changes, newest first.

        Args:
            actor_id: Who wants to see it.
            page: From 0.
            person_id: Only those about this person.
            size: Changes on a page.
            groups: Names of the working groups by their keys.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        async with self._database.reading() as session:
            await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            wanted = Change.subject_id == person_id if person_id is not None else Change.id > 0
            total = await session.scalar(select(func.count()).select_from(Change).where(wanted)) or 0
            number = min(max(page, 0), max(total - 1, 0) // size)
            found = list(
                await session.scalars(
                    select(Change).where(wanted).order_by(Change.id.desc()).limit(size).offset(number * size)
                )
            )
            ids = {each for change in found for each in (change.actor_id, change.subject_id) if each is not None}
            people = await self._profiles.load_many(session, ids)
        return LogPage([_line(change, people, groups) for change in found], total, number)

    async def csv(self, actor_id: int | None, groups: Mapping[str, str] = NO_NAMES) -> bytes:
        """The newest changes as CSV.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        page = await self.read(actor_id, size=ROW_LIMIT, groups=groups)
        return write_csv(
            CSV_COLUMNS,
            (
                (
                    line.change.at.astimezone(self._zone).strftime("%d.%m.%Y %H:%M:%S"),
                    line.who,
                    line.change.actor_id or "",
                    line.what,
                    line.whom or "",
                    line.change.subject_id or "",
                    line.about or "",
                    _listed(line.change.before, groups),
                    _listed(line.change.after, groups),
                )
                for line in page.lines
            ),
        )


def action_name(action: str) -> str:
    """What was done, in German."""
    return ACTIONS.get(action, action)


def details_of(change: Change, groups: Mapping[str, str] = NO_NAMES) -> list[str]:
    """What was before and after, one thing each: „Mitglied → Koordination“, or „Name: Gera → Jena“ where it is unclear.

    Args:
        change: As it is kept.
        groups: Names of the working groups by their keys.
    """
    before, after = change.before or {}, change.after or {}
    if change.action == "retention":
        return [f"{FORGOTTEN.get(key, key)}: {count}" for key, count in after.items() if count] or ["nichts"]
    if change.action == "person.erased":
        return [f"{sum(after.values())} Einträge"]
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    plain = len(keys) == 1 and change.action.startswith("member.")
    return [_detail(key, before, after, groups, plain=plain) for key in keys]


def _line(change: Change, people: Mapping[int, Profile], groups: Mapping[str, str]) -> Line:
    kind, _, number = (change.object or "").partition(":")
    unknown = "Lotse" if change.action in BY_ITSELF else "nicht mehr bekannt"
    return Line(
        change,
        _person(change.actor_id, people) or unknown,
        action_name(change.action),
        None if change.subject_id == change.actor_id else _person(change.subject_id, people),
        f"{OBJECTS.get(kind, kind)} {groups.get(number, number)}" if change.object else None,
        details_of(change, groups),
    )


def _person(person_id: int | None, people: Mapping[int, Profile]) -> str | None:
    if person_id is None:
        return None
    known = people.get(person_id)
    return known.name if known is not None and known.name else f"Kennung {person_id}"


def _detail(
    key: str, before: Mapping[str, Any], after: Mapping[str, Any], groups: Mapping[str, str], *, plain: bool
) -> str:
    label = "" if plain else f"{KEYS.get(key, key)}: "
    if key in before and key in after:
        return f"{label}{_value(key, before[key], groups)} → {_value(key, after[key], groups)}"
    return f"{label}{_value(key, before[key] if key in before else after[key], groups)}"


def _value(key: str, value: Any, groups: Mapping[str, str]) -> str:
    match value:
        case None:
            return "beliebig viele" if key == "most_uses" else "keine"
        case bool():
            return "ja" if value else "nein"
        case int() if key == "digest_day":
            return WEEKDAYS[value]
        case list() if key == "weekdays":
            return ", ".join(WEEKDAYS[day] for day in value if isinstance(day, int) and 0 <= day < len(WEEKDAYS))
        case list():
            return ", ".join(groups.get(str(each), str(each)) for each in value) or "keine"
        case str() if key in OF_GROUPS:
            return groups.get(value, value)
        case str() if key == "role":
            return ROLE_NAMES.get(Role(value), value) if value in set(Role) else value
        case "town" if key == "kind":
            return "Stadt"
        case str() if key in ("alliance", "kind", "state", "why"):
            return VALUES.get(value, value)
        case _:
            return str(value)


def _listed(values: Mapping[str, Any] | None, groups: Mapping[str, str]) -> str:
    return "; ".join(f"{KEYS.get(key, key)}: {_value(key, value, groups)}" for key, value in (values or {}).items())
