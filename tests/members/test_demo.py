import json

from bot.clock import SystemClock
from bot.members.demo import seed
from bot.members.roles import Role
from bot.sandbox import demo
from bot.sandbox.clock import Clock
from tests.members.conftest import build_house


async def test_the_demo_begins_with_members_of_real_towns_once(house, tmp_path):
    world, coordinator = demo.people_world(Clock())
    path = tmp_path / "members.json"
    path.write_text(demo.members_file(world, coordinator), encoding="utf-8")
    made = await seed(house.database, SystemClock(), path)
    assert made == len(json.loads(path.read_text(encoding="utf-8")))
    assert await seed(house.database, SystemClock(), path) == 0
    page = await build_house(house.database, admins=str(coordinator.id)).rooms.listing.people(coordinator.id, size=1000)
    assert page.total == made
    assert all(person.town for person in page.people)
    assert {person.role for person in page.people} == {Role.MEMBER, Role.ADMINISTRATOR}


async def test_no_file_makes_no_members(house, tmp_path):
    assert await seed(house.database, SystemClock(), tmp_path / "nothing.json") == 0
