"""Towns: the shipped list, finding one as it is typed, and new ones by the office."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz import fuzz, process
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.members import audit
from bot.members.errors import OddValueError, TownExistsError, UnknownTownError
from bot.members.models import Person, Town
from bot.members.profiles import Profiles
from bot.members.roles import Role
from knowledge.german import fold

CLASSES = {
    0: "unter 5.000",
    5_000: "5.000 bis 10.000",
    10_000: "10.000 bis 20.000",
    20_000: "20.000 bis 100.000",
    100_000: "ab 100.000",
}
"""Classes of inhabitants by their lower end."""
KIND_NAMES = {"town": "Stadt", "partner": "Einrichtung"}
ALLIANCE_NAMES: dict[str | None, str] = {"member": "Mitglied", "named": "im Bündnis genannt", None: "nicht bekannt"}
NAME_LIMIT, DISTRICT_LIMIT = 120, 80
NEAR_ENOUGH = 70
"""Likeness (0 to 100) from which a typing error is forgiven."""


@dataclass(frozen=True)
class TownFacts:
    """What is kept about a town or a partner body.

    Attributes:
        name: As it is written.
        kind: `town` or `partner`.
        district: The Landkreis, or „kreisfrei“.
        inhabitants_from: The lower end of the class of inhabitants, a key of `CLASSES`.
        alliance: `member`, `named` or None.
    """

    name: str
    kind: str = "town"
    district: str | None = None
    inhabitants_from: int | None = None
    alliance: str | None = None


def fold_name(name: str) -> str:
    """How names are compared: without case, umlauts and signs."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(name)).split())


def shipped_towns() -> list[TownFacts]:
    """The towns and partner bodies that come with the program."""
    text = files("bot.members").joinpath("towns.yaml").read_text(encoding="utf-8")
    data: dict[str, list[dict[str, Any]]] = yaml.load(text, Loader=yaml.CSafeLoader)
    towns = [
        TownFacts(each["name"], "town", each["district"], each["inhabitants"], each.get("alliance"))
        for each in data["towns"]
    ]
    return towns + [TownFacts(each["name"], "partner") for each in data["partners"]]


class Towns:
    """Towns and partner bodies.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles

    async def ship(self) -> int:
        """Put the shipped list into an empty table; a list that the office has changed is left alone.

        Returns:
            How many were added.
        """
        async with self._database.writing() as session:
            if await session.scalar(select(func.count()).select_from(Town)):
                return 0
            towns = shipped_towns()
            session.add_all(_row(town) for town in towns)
        return len(towns)

    async def all(self) -> list[Town]:
        """Every town and partner body, in the order of their names."""
        async with self._database.reading() as session:
            return list(await session.scalars(select(Town).order_by(Town.kind.desc(), Town.folded)))

    async def get(self, town_id: int) -> Town:
        """One of them.

        Raises:
            UnknownTownError: There is none.
        """
        async with self._database.reading() as session:
            return await town_row(session, town_id)

    async def search(self, typed: str, limit: int = 8) -> list[Town]:
        """What could be meant by what was typed so far: the exact name first, then beginnings, then near ones."""
        return find_towns(await self.all(), typed, limit)

    async def add(self, actor_id: int | None, facts: TownFacts) -> Town:
        """Add one.

        Raises:
            NotAllowedError: The actor is not of the office.
            OddValueError: The name is empty or too long.
            TownExistsError: It is there already.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            town = _row(facts)
            if await session.scalar(select(Town.id).where(Town.folded == town.folded)):
                raise TownExistsError
            session.add(town)
            await session.flush()
            audit.note(
                session, self._clock.now(), "town.add", actor=actor.id, about=f"town:{town.id}", after=as_dict(town)
            )
            return town

    async def people(self, town_id: int) -> int:
        """How many members come from there."""
        async with self._database.reading() as session:
            wanted = (Person.town_id == town_id) & self._profiles.inside()
            return await session.scalar(select(func.count()).select_from(Person).where(wanted)) or 0

    async def change(self, actor_id: int | None, town_id: int, **values: Any) -> Town:
        """Rename or correct one; its people stay its people.

        Args:
            actor_id: Who.
            town_id: Which.
            values: Fields of `TownFacts`; a district of „-“ is none.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownTownError: There is none.
            OddValueError: A value makes no sense.
            TownExistsError: Another one has that name.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            town = await town_row(session, town_id, lock=True)
            before = as_dict(town)
            if "district" in values:
                values["district"] = " ".join((values["district"] or "").split()).strip("-–— ") or None
            facts = _values(TownFacts(**before | values))
            same = select(Town.id).where(Town.folded == facts["folded"], Town.id != town_id)
            if await session.scalar(same) is not None:
                raise TownExistsError
            for key, value in facts.items():
                setattr(town, key, value)
            if before != as_dict(town):
                now, about = self._clock.now(), f"town:{town_id}"
                audit.note(session, now, "town.change", actor=actor.id, about=about, before=before, after=as_dict(town))
            await session.flush()
            return town

    async def remove(self, actor_id: int | None, town_id: int) -> None:
        """Remove one; its people keep their place without a town.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnknownTownError: There is none.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
            town = await town_row(session, town_id)
            people = await session.scalar(select(func.count()).select_from(Person).where(Person.town_id == town_id))
            before = as_dict(town) | {"people": people}
            await session.execute(delete(Town).where(Town.id == town_id))
            now = self._clock.now()
            audit.note(session, now, "town.remove", actor=actor.id, about=f"town:{town_id}", before=before)

    async def put(self, session: AsyncSession, actor_id: int, towns: Iterable[TownFacts]) -> tuple[int, int]:
        """Add or change many by their names, within the caller's transaction and under its permission.

        Returns:
            How many were added, and how many changed.
        """
        now: dt.datetime = self._clock.now()
        rows = {town.folded: town for town in await session.scalars(select(Town))}
        added = changed = 0
        for facts in towns:
            row = rows.get(fold_name(facts.name))
            if row is None:
                row = rows[fold_name(facts.name)] = _row(facts)
                session.add(row)
                await session.flush()
                audit.note(session, now, "town.add", actor=actor_id, about=f"town:{row.id}", after=as_dict(row))
                added += 1
                continue
            before = as_dict(row)
            for key, value in _values(facts).items():
                setattr(row, key, value)
            if before != as_dict(row):
                about = f"town:{row.id}"
                audit.note(session, now, "town.change", actor=actor_id, about=about, before=before, after=as_dict(row))
                changed += 1
        return added, changed


def find_towns(towns: Collection[Town], typed: str, limit: int = 8) -> list[Town]:
    """See `Towns.search`; nothing typed finds nothing."""
    wanted = fold_name(typed).removeprefix("stadt ")
    if not wanted:
        return []
    ranked = [(rank, town.folded, town) for town in towns if (rank := _rank(town.folded, wanted)) is not None]
    if ranked:
        ranked.sort(key=lambda each: each[:2])
        # An exact name beats a near one: who types „Gera“ is not asked about „Gerasteig“.
        exact = [town for rank, _, town in ranked if rank == 0]
        return exact or [town for _, _, town in ranked[:limit]]
    near = process.extract(
        wanted, {town.id: town.folded for town in towns}, scorer=fuzz.ratio, limit=limit, score_cutoff=NEAR_ENOUGH
    )
    by_id = {town.id: town for town in towns}
    return [by_id[key] for _, _, key in near]


def _rank(name: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in name:
        return 2
    return 3 if len(wanted) >= 3 and wanted in name else None


async def town_row(session: AsyncSession, town_id: int, *, lock: bool = False) -> Town:
    """A town's row.

    Raises:
        UnknownTownError: There is none.
    """
    town = await session.get(Town, town_id, with_for_update=lock or None) if 0 < town_id < 2**31 else None
    if town is None:
        raise UnknownTownError(town_id)
    return town


def as_dict(town: Town) -> dict[str, Any]:
    """A town as the audit log keeps it."""
    return {
        "name": town.name,
        "kind": town.kind,
        "district": town.district,
        "inhabitants_from": town.inhabitants_from,
        "alliance": town.alliance,
    }


def _row(facts: TownFacts) -> Town:
    return Town(**_values(facts))


def _values(facts: TownFacts) -> dict[str, Any]:
    name = " ".join(facts.name.replace("\x00", "").split())
    folded = fold_name(name)
    if not folded or len(name) > NAME_LIMIT or len(folded) > NAME_LIMIT:
        raise OddValueError("a town's name has 1 to 120 characters")
    if len(facts.district or "") > DISTRICT_LIMIT or facts.kind not in KIND_NAMES:
        raise OddValueError("a district has at most 80 characters")
    if facts.inhabitants_from not in (None, *CLASSES) or facts.alliance not in ALLIANCE_NAMES:
        raise OddValueError("no such class of inhabitants, or no such relation to the alliance")
    return {
        "name": name,
        "folded": folded,
        "kind": facts.kind,
        "district": facts.district,
        "inhabitants_from": facts.inhabitants_from,
        "alliance": facts.alliance,
    }
