import pytest

from bot.delivery.quiet import Mode
from bot.groups.errors import GroupExistsError
from bot.groups.founding import make_key
from bot.groups.service import shipped_groups
from bot.members.errors import NotAllowedError, OddValueError, UnknownGroupError
from bot.members.roles import Role
from knowledge.files import load_knowledge
from tests.members.conftest import ADMIN


async def test_the_alliances_groups_are_there_from_the_start_and_shipped_once(office):
    groups = await office.rooms.groups.all()
    assert [group.short for group in groups] == ["AG Leerstand", "AG WULIS", "AG Klima"]
    assert await office.rooms.groups.ship() == 0


def test_each_shipped_group_has_its_entry():
    knowledge = load_knowledge()
    for group in shipped_groups():
        assert knowledge.get(group["entry_id"]) is not None
        assert len(group["short"]) <= 24


async def test_following_and_leaving_are_one_step_each_and_harmless_twice(office):
    anna, group = await office.member(), await office.group()
    assert await office.rooms.groups.follow(anna.id, group)
    assert not await office.rooms.groups.follow(anna.id, group)
    card = await office.rooms.groups.card(anna.id, group)
    assert (card.mode, card.followers) == (Mode.AT_ONCE, 1)
    assert await office.rooms.groups.leave(anna.id, group)
    assert not await office.rooms.groups.leave(anna.id, group)
    assert (await office.rooms.groups.card(anna.id, group)).mode is None


async def test_how_often_a_group_writes_is_its_own_matter(office):
    anna = await office.member("Anna", "ag-klima", "ag-leerstandsbewaeltigung")
    group = await office.group()
    assert await office.rooms.groups.follow(anna.id, group, Mode.WEEKLY)
    modes = await office.rooms.groups.followed(anna.id)
    assert sorted(modes.values()) == [Mode.AT_ONCE, Mode.WEEKLY]
    assert not await office.rooms.groups.follow(anna.id, group)
    assert (await office.rooms.groups.followed(anna.id))[group] is Mode.WEEKLY


async def test_outsiders_and_the_suspended_follow_nothing(office):
    with pytest.raises(NotAllowedError):
        await office.rooms.groups.follow(4711, await office.group())
    anna = await office.member()
    await office.members.members.suspend(ADMIN, anna.id)
    with pytest.raises(NotAllowedError):
        await office.rooms.groups.follow(anna.id, await office.group())


@pytest.mark.parametrize("number", [0, 99, 2**60, -1])
async def test_a_group_that_there_is_not_is_said(office, number):
    anna = await office.member()
    with pytest.raises(UnknownGroupError):
        await office.rooms.groups.follow(anna.id, number)


async def test_the_office_founds_groups_and_members_do_not(office):
    anna = await office.member()
    with pytest.raises(NotAllowedError):
        await office.rooms.founding.add(anna.id, "AG Handel", "Läden")
    miriam = await office.member("Miriam", role=Role.COORDINATOR)
    group = await office.rooms.founding.add(miriam.id, "  AG  Handel & Märkte ", "Läden")
    assert (group.key, group.name) == ("ag-handel-markte", "AG Handel & Märkte")
    with pytest.raises(GroupExistsError):
        await office.rooms.founding.add(miriam.id, "AG Handel Märkte", "Läden")
    with pytest.raises(OddValueError):
        await office.rooms.founding.add(miriam.id, " ", "Läden")


def test_a_key_fits_a_link():
    assert make_key("ÄÖÜ ß — 100 % " * 9).isascii()
    assert len("g_" + make_key("x" * 300)) <= 64
    with pytest.raises(OddValueError):
        make_key("—")


async def test_leads_describe_their_own_group_only(office):
    lea = await office.member("Lea", leads=["ag-klima"])
    group = await office.rooms.founding.describe(lea.id, await office.group(), about="Bäume")
    assert group.about == "Bäume"
    with pytest.raises(NotAllowedError):
        await office.rooms.founding.describe(lea.id, await office.group(), name="AG Wetter")
    with pytest.raises(NotAllowedError):
        await office.rooms.founding.describe(lea.id, await office.group("ag-leerstandsbewaeltigung"), about="x")


async def test_a_group_that_ended_is_gone_with_its_followers(office):
    anna = await office.member("Anna", "ag-klima")
    group = await office.group()
    await office.rooms.founding.end(ADMIN, group)
    assert await office.rooms.groups.followed(anna.id) == {}
    with pytest.raises(UnknownGroupError):
        await office.rooms.groups.by_key("ag-klima")


async def test_names_of_leads_are_for_members(office):
    await office.member("Lea", leads=["ag-klima"])
    anna, group = await office.member(), await office.group()
    assert (await office.rooms.groups.card(anna.id, group)).leads == ("Lea",)
    assert (await office.rooms.groups.card(4711, group)).leads == ()


async def test_without_leads_the_office_is_asked(office):
    group = await office.group()
    assert await office.rooms.groups.leads(group) == [ADMIN]
    lea = await office.member("Lea", leads=["ag-klima"])
    assert await office.rooms.groups.leads(group) == [lea.id]
