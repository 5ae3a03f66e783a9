"""Made-up members for `lotse demo`: the sandbox's persons become members of the towns that they come from."""

from pathlib import Path

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Select, select

from bot.clock import Clock
from bot.database import Database
from bot.members import audit
from bot.members.models import GroupLead, Person, Town
from bot.members.roles import Role
from bot.members.service import make_person
from bot.members.towns import fold_name


class MadeUp(BaseModel):
    """A made-up member, as the demo's file names them."""

    id: int
    name: str
    username: str | None = None
    town: str | None = None
    role: Role = Role.MEMBER
    leads: list[str] = []
    follows: dict[str, str] = {}
    """How often each working group writes, by the group's key; for the room of working groups."""


_PEOPLE = TypeAdapter(list[MadeUp])


async def seed(database: Database, clock: Clock, path: Path) -> int:
    """Make the members that a file lists; whoever is there already is left alone.

    Args:
        database: Where; the towns are there already.
        clock: When.
        path: A JSON list of `MadeUp`; a demo without the file has none.

    Returns:
        How many were made.
    """
    people = read_made_up(path)
    now = clock.now()
    async with database.writing() as session:
        made = 0
        for each in people:
            if await session.get(Person, each.id) is not None:
                continue
            town = await session.scalar(_town(each.town)) if each.town else None
            values = make_person(each.id, each.name, each.username, now) | {"role": each.role, "joined_at": now}
            session.add(Person(**values, town_id=town))
            await session.flush()
            session.add_all(GroupLead(person_id=each.id, group_key=key, since=now) for key in each.leads)
            audit.note(
                session, now, "member.role", subject=each.id, before={"role": Role.NEWCOMER}, after={"role": each.role}
            )
            made += 1
    return made


def read_made_up(path: Path) -> list[MadeUp]:
    """The made-up members of a file; none where there is no file."""
    return _PEOPLE.validate_json(path.read_bytes()) if path.is_file() else []


def _town(name: str) -> Select[int]:
    return select(Town.id).where(Town.folded == fold_name(name))
