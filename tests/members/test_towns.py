import pytest

from bot.members.errors import NotAllowedError, OddValueError, TownExistsError, UnknownTownError
from bot.members.roles import Role
from bot.members.towns import CLASSES, TownFacts, fold_name, shipped_towns
from tests.members.conftest import ADMIN


def test_the_shipped_list_is_whole():
    towns = shipped_towns()
    only = [town for town in towns if town.kind == "town"]
    assert 105 <= len(only) <= 125
    assert len({fold_name(town.name) for town in towns}) == len(towns)
    assert all(town.district and town.inhabitants_from in CLASSES for town in only)
    members = {town.name for town in only if town.alliance == "member"}
    assert members == {"Schmölln", "Gera", "Ilmenau", "Pößneck"}
    assert len([town for town in only if town.alliance]) == 13


async def test_shipping_twice_changes_nothing(house):
    assert await house.rooms.towns.ship() == 0


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Gera", ["Gera"]),
        ("poessneck", ["Pößneck"]),
        ("POSSNECK", ["Pößneck"]),
        ("schma", ["Schmalkalden"]),
        ("heiligenst", ["Heilbad Heiligenstadt"]),
        ("Stadt Weimar", ["Weimar"]),
        ("Schmalkaden", ["Schmalkalden", "Schalkau"]),
        ("Saalfeld", ["Saalfeld/Saale"]),
        ("ihk erf", ["IHK Erfurt"]),
        ("", []),
        ("??", []),
        ("Xyzzyville", []),
    ],
)
async def test_a_town_is_found_as_it_is_typed(house, typed, found):
    assert [town.name for town in await house.rooms.towns.search(typed)] == found


async def test_several_beginnings_come_together(house):
    found = [town.name for town in await house.rooms.towns.search("Bad")]
    assert len(found) == 8
    assert all(name.startswith("Bad") for name in found)


async def test_the_office_adds_and_removes_towns(house):
    facts = TownFacts(" Bad  Nirgendwo ", district="Gotha", inhabitants_from=0)
    town = await house.rooms.towns.add(ADMIN, facts)
    assert town.name == "Bad Nirgendwo"
    with pytest.raises(TownExistsError):
        await house.rooms.towns.add(ADMIN, TownFacts("bad nirgendwo"))
    anna = await house.person(town="Bad Nirgendwo")
    await house.rooms.towns.remove(ADMIN, town.id)
    assert (await house.rooms.members.profile(anna)).town is None


async def test_others_do_not_and_names_must_be_names(house):
    anna = await house.person()
    with pytest.raises(NotAllowedError):
        await house.rooms.towns.add(anna, TownFacts("Neu"))
    with pytest.raises(NotAllowedError):
        await house.rooms.towns.remove(anna, 1)
    for odd in ("", " ", "!!", "x" * 121):
        with pytest.raises(OddValueError):
            await house.rooms.towns.add(ADMIN, TownFacts(odd))
    assert (await house.rooms.members.profile(anna)).role is Role.MEMBER


async def test_a_town_is_renamed_and_corrected_and_keeps_its_people(house):
    anna = await house.person(town="Gera")
    gera = (await house.rooms.towns.search("Gera"))[0]
    changed = await house.rooms.towns.change(ADMIN, gera.id, name="Gera an der Elster", inhabitants_from=5_000)
    assert (changed.name, changed.district, changed.inhabitants_from) == ("Gera an der Elster", gera.district, 5_000)
    assert (await house.rooms.members.profile(anna)).town == "Gera an der Elster"
    assert (await house.rooms.towns.people(gera.id), (await house.rooms.towns.search("gera an"))[0].id) == (1, gera.id)
    [line, *_] = (await house.rooms.logbook.read(ADMIN)).lines
    assert line.details == ["Name: Gera → Gera an der Elster", "Einwohner ab: 20000 → 5000"]
    await house.rooms.towns.change(ADMIN, gera.id, district="-")
    assert (await house.rooms.towns.get(gera.id)).district is None


async def test_a_town_is_not_given_what_makes_no_sense(house):
    gera, anna = (await house.rooms.towns.search("Gera"))[0].id, await house.person()
    for values, error in (
        ({"name": "JENA"}, TownExistsError),
        ({"name": " "}, OddValueError),
        ({"name": "x" * 121}, OddValueError),
        ({"district": "x" * 81}, OddValueError),
        ({"inhabitants_from": 7}, OddValueError),
        ({"alliance": "friend"}, OddValueError),
        ({"kind": "village"}, OddValueError),
    ):
        with pytest.raises(error):
            await house.rooms.towns.change(ADMIN, gera, **values)
    with pytest.raises(UnknownTownError):
        await house.rooms.towns.change(ADMIN, 99_999, name="Neu")
    for actor in (anna, None):
        with pytest.raises(NotAllowedError):
            await house.rooms.towns.change(actor, gera, name="Neu")
    assert (await house.rooms.towns.change(ADMIN, gera, name="GERA")).name == "GERA"
