"""Towns and members as CSV: out for a spreadsheet, and back in after a look at what would change."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bot.database import Database
from bot.members.csv_files import read_csv, write_csv
from bot.members.errors import MembersError
from bot.members.following import NOBODY, Following
from bot.members.joining import Joining
from bot.members.listing import Listing, Which
from bot.members.profiles import Profile, Profiles
from bot.members.roles import KEPT_ROLES, ROLE_NAMES, Role, may_give, may_manage
from bot.members.service import Members
from bot.members.towns import CLASSES, NAME_LIMIT, TownFacts, Towns, fold_name

INVITED_FOR = dt.timedelta(days=30)
TOWN_COLUMNS = ("Name", "Art", "Landkreis", "Einwohner ab", "Bündnis")
MEMBER_COLUMNS = (
    "Kennung",
    "Name",
    "Benutzername",
    "Stadt",
    "Rolle",
    "Leitet",
    "Folgt",
    "Dabei seit",
    "Gesperrt",
    "Nicht erreichbar",
)
KINDS = {"town": "Stadt", "partner": "Partner"}
ALLIANCE = {"member": "Mitglied", "named": "genannt", None: ""}
ROLES = {ROLE_NAMES[role].casefold(): role for role in KEPT_ROLES} | {ROLE_NAMES[Role.LEAD].casefold(): Role.MEMBER}

Kind = Literal["towns", "members"]
NEEDED: dict[Kind, set[str]] = {"members": {"kennung", "stadt", "rolle"}, "towns": {"name"}}
"""The columns that a file needs."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line, in German."""

    line: int
    words: str


@dataclass(frozen=True)
class Row:
    """One member as a file wants them; without a person: a new invitation."""

    line: int
    person_id: int | None
    name: str
    town_id: int | None
    role: Role
    leads: tuple[str, ...]
    follows: tuple[str, ...] | None = None
    """None: the file does not say."""


@dataclass(frozen=True)
class Plan:
    """What a file would do.

    Attributes:
        kind: What it lists.
        towns: The towns in it.
        members: The members in it that would change, and the invitations.
        rows: How many lines it has.
        problems: What is wrong; where there is anything, nothing is done.
    """

    kind: Kind
    towns: list[TownFacts] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    rows: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def invitations(self) -> int:
        """How many lines become invitations."""
        return sum(row.person_id is None for row in self.members)


@dataclass(frozen=True)
class Done:
    """What a file did.

    Attributes:
        added: New towns, or invitations.
        changed: Towns or members.
        links: Name, town, role and token of each invitation.
        touched: Members who may have changed: who they were, who they are.
        failed: Lines that could not be done any more, and why.
    """

    added: int
    changed: int
    links: list[tuple[str, str, str, str]] = field(default_factory=list)
    touched: list[tuple[Profile, Profile]] = field(default_factory=list)
    failed: list[tuple[int, MembersError]] = field(default_factory=list)


class Exchange:
    """Writes and reads CSV.

    Args:
        database: Where.
        profiles: Who acts.
        members: The rules of roles.
        listing: Who is in.
        towns: The towns.
        joining: Invitations.
    """

    def __init__(
        self, database: Database, profiles: Profiles, members: Members, listing: Listing, towns: Towns, joining: Joining
    ) -> None:
        self._database = database
        self._profiles = profiles
        self._members = members
        self._listing = listing
        self._towns = towns
        self._joining = joining

    async def members_csv(self, actor_id: int | None, following: Following = NOBODY) -> bytes:
        """All members.

        Args:
            actor_id: Who wants them.
            following: Who follows which working group.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        people = (await self._listing.people(actor_id, Which.ALL, size=10**6)).people
        follows = await following.of_many([person.id for person in people])
        return write_csv(
            MEMBER_COLUMNS,
            (
                (
                    person.id,
                    person.name,
                    person.username or "",
                    person.town or "",
                    ROLE_NAMES[person.kept_role],
                    ", ".join(sorted(person.leads)),
                    ", ".join(sorted(follows.get(person.id, ()))),
                    person.joined_at.date().isoformat() if person.joined_at else "",
                    "ja" if person.suspended else "",
                    "ja" if person.unreachable_at else "",
                )
                for person in people
            ),
        )

    async def towns_csv(self, actor_id: int | None) -> bytes:
        """All towns and partner bodies.

        Raises:
            NotAllowedError: The actor is not of the office.
        """
        await self._members.actor(actor_id, Role.COORDINATOR)
        return write_csv(
            TOWN_COLUMNS,
            (
                (
                    town.name,
                    KINDS[town.kind],
                    town.district or "",
                    "" if town.inhabitants_from is None else town.inhabitants_from,
                    ALLIANCE[town.alliance],
                )
                for town in await self._towns.all()
            ),
        )

    async def plan(
        self, actor_id: int | None, content: bytes, groups: Iterable[str], following: Following = NOBODY
    ) -> Plan:
        """Read a file and say what it would do; nothing is changed.

        Args:
            actor_id: Who wants it.
            content: The file.
            groups: Keys of the working groups that there are.
            following: Who follows them.

        Raises:
            NotAllowedError: The actor is not of the office.
            UnreadableError: It is no such table.
        """
        actor = await self._members.actor(actor_id, Role.COORDINATOR)
        kind, rows = read_csv(content, NEEDED)
        if kind == "towns":
            return _plan_towns(rows)
        return await self._plan_members(actor, rows, frozenset(groups), following)

    async def carry_out(self, actor_id: int | None, plan: Plan, following: Following = NOBODY) -> Done:
        """Do what a plan says; doing it twice changes nothing more.

        A line of a member that is not allowed any more stops no other one.

        Raises:
            NotAllowedError: The actor is not of the office any more.
        """
        if plan.problems:
            return Done(0, 0)
        if plan.kind == "towns":
            async with self._database.writing() as session:
                actor = await self._profiles.acting(session, actor_id, Role.COORDINATOR)
                return Done(*await self._towns.put(session, actor.id, plan.towns))
        return await self._carry_out_members(actor_id, plan, following)

    async def _carry_out_members(self, actor_id: int | None, plan: Plan, following: Following) -> Done:
        names = {town.id: town.name for town in await self._towns.all()}
        key = hashlib.sha256(repr(plan.members).encode()).hexdigest()[:24]
        links: list[tuple[str, str, str, str]] = []
        touched: list[tuple[Profile, Profile]] = []
        changed = 0
        follows = await following.of_many([row.person_id for row in plan.members if row.person_id is not None])
        await self._members.actor(actor_id, Role.COORDINATOR)
        failed: list[tuple[int, MembersError]] = []
        for row in plan.members:
            try:
                if row.person_id is None:
                    occasion = f"csv:{key}:{row.line}"
                    invitation, _ = await self._joining.invite(
                        actor_id, role=row.role, town_id=row.town_id, valid=INVITED_FOR, occasion=occasion
                    )
                    town = names.get(row.town_id or 0, "")
                    links.append((row.name, town, ROLE_NAMES[row.role], invitation.token))
                else:
                    before = await self._members.profile(row.person_id)
                    try:
                        await self._change(actor_id, row, frozenset(follows.get(row.person_id, ())), following)
                        changed += 1
                    finally:  # what was changed before a refusal stays
                        touched.append((before, await self._members.profile(row.person_id)))
            except MembersError as error:  # something has changed since the plan was made; the other lines are done
                failed.append((row.line, error))
        return Done(len(links), changed, links, touched, failed)

    async def _change(self, actor_id: int | None, row: Row, follows: frozenset[str], following: Following) -> None:
        """One member as a line wants them."""
        subject = row.person_id or 0
        person = await self._members.profile(subject)
        if person.town_id != row.town_id:
            person = await self._members.set_town(actor_id, subject, row.town_id)
        if person.kept_role is not row.role:
            person = await self._members.set_role(actor_id, subject, row.role)
        for group in person.leads ^ frozenset(row.leads):
            person = await self._members.set_lead(actor_id, subject, group, leads=group in row.leads)
        for group in follows ^ (follows if row.follows is None else frozenset(row.follows)):
            await following.change(actor_id, subject, group, follows=group not in follows)

    async def _plan_members(
        self, actor: Profile, rows: Sequence[Mapping[str, str]], groups: frozenset[str], following: Following
    ) -> Plan:
        towns = {town.folded: town.id for town in await self._towns.all()}
        ids = [int(row["kennung"]) for row in rows if row["kennung"].isascii() and row["kennung"].isdigit()]
        known = await self._members.profiles([each for each in ids if each < 2**52])
        follows = await following.of_many(list(known))
        plan = Plan("members", rows=len(rows))
        for line, row in enumerate(rows, start=2):
            wanted = _read_member(line, row, towns, groups)
            if isinstance(wanted, Problem):
                plan.problems.append(wanted)
                continue
            person = known.get(wanted.person_id) if wanted.person_id is not None else None
            if words := _refusal(actor, wanted, person):
                plan.problems.append(Problem(line, words))
            elif person is None or _differs(person, follows.get(person.id, ()), wanted):
                plan.members.append(wanted)
        return plan


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A plan as a dialogue keeps it."""
    return asdict(plan)


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    """A plan that a dialogue kept."""
    return Plan(
        kind=data["kind"],
        towns=[TownFacts(**each) for each in data["towns"]],
        members=[_row_from_json(each) for each in data["members"]],
        rows=data["rows"],
        problems=[Problem(**each) for each in data["problems"]],
    )


def _row_from_json(data: Mapping[str, Any]) -> Row:
    follows = data.get("follows")
    lists = {"leads": tuple(data["leads"]), "follows": None if follows is None else tuple(follows)}
    return Row(**dict(data) | {"role": Role(data["role"])} | lists)


def _plan_towns(rows: Sequence[Mapping[str, str]]) -> Plan:
    plan = Plan("towns", rows=len(rows))
    kinds = {name.casefold(): kind for kind, name in KINDS.items()} | {"": "town"}
    alliance = {name.casefold(): kind for kind, name in ALLIANCE.items()}
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        name, kind = row["name"], kinds.get(row.get("art", "").casefold())
        size = row.get("einwohner ab", "").replace(".", "").replace(" ", "")
        folded = fold_name(name)
        if not folded or len(name) > NAME_LIMIT:
            plan.problems.append(Problem(line, "Der Name fehlt oder ist zu lang."))
        elif folded in seen:
            plan.problems.append(Problem(line, f"„{name}“ steht schon in Zeile {seen[folded]}."))
        elif kind is None:
            plan.problems.append(Problem(line, f"„{row['art']}“ kenne ich nicht als Art: „Stadt“ oder „Partner“."))
        elif size and (not size.isascii() or not size.isdigit() or int(size) not in CLASSES):
            classes = ", ".join(str(each) for each in CLASSES)
            plan.problems.append(Problem(line, f"„Einwohner ab“ ist eine von: {classes}."))
        elif row.get("bündnis", "").casefold() not in alliance:
            plan.problems.append(Problem(line, "„Bündnis“ ist „Mitglied“, „genannt“ oder leer."))
        else:
            seen[folded] = line
            plan.towns.append(
                TownFacts(
                    name,
                    kind,
                    row.get("landkreis", "")[:80] or None,
                    int(size) if size else None,
                    alliance[row.get("bündnis", "").casefold()],
                )
            )
    return plan


def _read_member(line: int, row: Mapping[str, str], towns: Mapping[str, int], groups: frozenset[str]) -> Row | Problem:
    number, town, role = row["kennung"], row["stadt"], row["rolle"]
    if number and not (number.isascii() and number.isdigit() and len(number) <= 15):
        return Problem(line, f"„{number}“ ist keine Kennung: eine Zahl, oder leer für eine Einladung.")
    if town and fold_name(town) not in towns:
        return Problem(line, f"Die Stadt „{town}“ steht nicht in der Liste.")
    if role.casefold() not in ROLES:
        return Problem(line, f"Die Rolle „{role}“ gibt es nicht: {', '.join(ROLE_NAMES[each] for each in KEPT_ROLES)}.")
    leads = _listed(row.get("leitet", ""))
    follows = _listed(row["folgt"]) if "folgt" in row else None
    if odd := [each for each in (*leads, *(follows or ())) if each not in groups]:
        return Problem(line, f"Die Arbeitsgruppe „{odd[0]}“ gibt es nicht: {', '.join(sorted(groups))}.")
    return Row(
        line=line,
        person_id=int(number) if number else None,
        name=row.get("name", "")[:NAME_LIMIT],
        town_id=towns[fold_name(town)] if town else None,
        role=ROLES[role.casefold()],
        leads=leads,
        follows=follows,
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(sorted({each.strip() for each in cell.split(",") if each.strip()}))


def _refusal(actor: Profile, wanted: Row, person: Profile | None) -> str | None:
    """Why a line cannot be done; None: it can."""
    if wanted.person_id is None:
        if wanted.role is Role.NEWCOMER or wanted.leads or wanted.follows:
            return "Ohne Kennung wird eine Einladung daraus: mit einer Rolle, ohne Arbeitsgruppen."
        return None if may_give(actor.role, wanted.role) else "Diese Rolle können Sie nicht vergeben."
    if person is None:
        return f"Die Kennung {wanted.person_id} ist nicht dabei."
    if wanted.leads and wanted.role is Role.NEWCOMER:
        return "Wer kein Mitglied ist, kann keine Arbeitsgruppe leiten."
    if wanted.follows and wanted.role is Role.NEWCOMER and not person.configured:
        return "Wer kein Mitglied ist, kann keiner Arbeitsgruppe folgen."
    if person.kept_role is wanted.role:
        return None
    if person.configured:
        return "Diese Person ist vom Betrieb als Verwaltung festgelegt."
    if not may_manage(actor.role, person.role) or not may_give(actor.role, wanted.role):
        return "Diese Rolle können Sie nicht ändern."
    return None


def _differs(person: Profile, follows: Iterable[str], wanted: Row) -> bool:
    if wanted.follows is not None and frozenset(follows) != frozenset(wanted.follows):
        return True
    now = (person.town_id, person.kept_role, person.leads)
    return now != (wanted.town_id, wanted.role, frozenset(wanted.leads))
