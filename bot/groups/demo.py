"""Made-up followers for `lotse demo`: so that news that somebody tries out reaches people."""

from pathlib import Path

from sqlalchemy import select

from bot.clock import Clock
from bot.database import Database
from bot.delivery.quiet import Mode
from bot.groups.models import Subscription, WorkingGroup
from bot.members.demo import read_made_up


async def seed(database: Database, clock: Clock, path: Path) -> int:
    """Let the made-up members follow what the demo's file says, in a database where nobody follows anything yet.

    Args:
        database: Where; the working groups and the members are there already.
        clock: When.
        path: The file of `bot.members.demo.seed`.

    Returns:
        How many subscriptions were made.
    """
    people = read_made_up(path)
    async with database.writing() as session:
        if await session.scalar(select(Subscription.person_id).limit(1)) is not None:
            return 0  # a demo that goes on: who left a group in it has left it
        groups = {group.key: group.id for group in await session.scalars(select(WorkingGroup))}
        made = [
            Subscription(group_id=groups[key], person_id=each.id, mode=Mode(mode), since=clock.now())
            for each in people
            for key, mode in each.follows.items()
            if key in groups
        ]
        session.add_all(made)
    return len(made)
