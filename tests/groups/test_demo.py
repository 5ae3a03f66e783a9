from bot.clock import SystemClock
from bot.groups import demo as groups_demo
from bot.members import demo as members_demo
from bot.sandbox import demo
from bot.sandbox.clock import Clock


async def test_news_in_the_demo_reach_people_of_every_group(office, tmp_path):
    world, coordinator = demo.people_world(Clock())
    path = tmp_path / "members.json"
    path.write_text(demo.members_file(world, coordinator), encoding="utf-8")
    await members_demo.seed(office.database, SystemClock(), path)
    assert await groups_demo.seed(office.database, SystemClock(), path)
    assert await groups_demo.seed(office.database, SystemClock(), path) == 0
    for group in await office.rooms.groups.all():
        audience = await office.rooms.readers.count(group.id, office.clock.now())
        assert audience.at_once >= 10, group.name
        assert audience.collected >= 5, group.name
        assert audience.towns >= 15, group.name


async def test_a_demo_without_a_file_has_no_followers(office, tmp_path):
    assert await groups_demo.seed(office.database, SystemClock(), tmp_path / "nothing.json") == 0
