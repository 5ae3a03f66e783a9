"""The rules of members on a database of the test's own, at a time that the test moves."""

import datetime as dt
from dataclasses import dataclass, field

import pytest

from bot.database import Database
from bot.delivery.own_data import DeliveryData
from bot.delivery.service import Outbox
from bot.members.joining import Newcomer
from bot.members.own_data import OwnData
from bot.members.privacy import Privacy
from bot.members.roles import Role
from bot.members.rooms import MembersRooms
from bot.settings import Settings

ADMIN = 1


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    moment: dt.datetime = field(default_factory=lambda: dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC))

    def now(self):
        return self.moment

    def move(self, **by):
        self.moment += dt.timedelta(**by)


@dataclass
class House:
    """The rooms, the clock, and people made in one line."""

    rooms: MembersRooms
    clock: SetClock
    database: Database
    settings: Settings
    last_id: int = 100

    async def person(self, name="Anna", role=Role.MEMBER, town=None):
        """Somebody with a role, by an invitation; returns the id."""
        self.last_id += 1
        town_id = (await self.rooms.towns.search(town))[0].id if town else None
        invitation, _ = await self.rooms.joining.invite(ADMIN, role=role, town_id=town_id)
        await self.rooms.joining.accept(invitation.token, Newcomer(self.last_id, name))
        return self.last_id

    @property
    def privacy(self):
        outbox = Outbox(self.database, self.clock)
        own = OwnData(self.rooms.profiles, self.rooms.members, outbox, "")
        return Privacy(self.database, self.clock, [own, DeliveryData(outbox, "")])


def build_house(database, **settings):
    clock = SetClock()
    chosen = Settings(database_url="sqlite+aiosqlite://", **{"admins": str(ADMIN), "access": "members"} | settings)
    return House(MembersRooms.build(database, clock, chosen), clock, database, chosen)


@pytest.fixture
async def house(database):
    built = build_house(database)
    await built.rooms.towns.ship()
    return built
