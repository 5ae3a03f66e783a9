import pytest

from bot.members.csv_files import UnreadableError, read_csv, write_csv
from bot.members.errors import NotAllowedError
from bot.members.exchange import NEEDED, plan_from_json, plan_to_json
from bot.members.roles import Role
from tests.members.conftest import ADMIN

GROUPS = ["ag-klima"]


def table(*lines, columns="Kennung;Name;Stadt;Rolle;Leitet"):
    return "\r\n".join([columns, *lines]).encode()


async def test_what_goes_out_changes_nothing_when_it_comes_back(house):
    await house.person("=cmd|' /C calc'!A0", town="Gera")
    exchange = house.rooms.exchange
    for content in (await exchange.members_csv(ADMIN), await exchange.towns_csv(ADMIN)):
        plan = plan_from_json(plan_to_json(await exchange.plan(ADMIN, content, GROUPS)))
        assert (plan.problems, plan.members) == ([], [])
        done = await exchange.carry_out(ADMIN, plan)
        assert (done.added, done.changed) == (0, 0)


async def test_no_cell_becomes_a_formula(house):
    await house.person("=1+1")
    assert ";'=1+1;" in (await house.rooms.exchange.members_csv(ADMIN)).decode("utf-8-sig")


async def test_towns_are_added_and_changed(house):
    content = table(
        "Bad Nirgendwo;Stadt;Gotha;5.000;",
        "GERA;Stadt;kreisfrei;20000;genannt",
        columns="Name;Art;Landkreis;Einwohner ab;Bündnis",
    )
    plan = await house.rooms.exchange.plan(ADMIN, content, GROUPS)
    done = await house.rooms.exchange.carry_out(ADMIN, plan)
    assert (done.added, done.changed) == (1, 1)
    assert (await house.rooms.towns.search("bad nirgendwo"))[0].inhabitants_from == 5000


async def test_each_wrong_line_is_named_and_nothing_is_done(house):
    anna = await house.person()
    content = table(
        f"{anna};;Atlantis;Mitglied;",
        f"{anna};;Gera;Kaiser;",
        "abc;;Gera;Mitglied;",
        "4711;;Gera;Mitglied;",
        f"{anna};;Gera;Mitglied;ag-fremd",
        ";Eva;Gera;noch kein Mitglied;",
        f"{ADMIN};;Gera;Mitglied;",
        f"{anna};;Gera;Mitglied;",
    )
    plan = await house.rooms.exchange.plan(ADMIN, content, GROUPS)
    assert [problem.line for problem in plan.problems] == [2, 3, 4, 5, 6, 7, 8]
    assert (await house.rooms.exchange.carry_out(ADMIN, plan)).changed == 0
    assert (await house.rooms.members.profile(anna)).town is None


async def test_members_change_and_lines_without_a_number_become_invitations_once(house):
    anna = await house.person()
    content = table(f"{anna};Anna;Jena;Koordination;ag-klima", ";Eva;Suhl;Mitglied;", ";Max;Suhl;Mitglied;")
    plan = await house.rooms.exchange.plan(ADMIN, content, GROUPS)
    assert plan.invitations == 2
    done = await house.rooms.exchange.carry_out(ADMIN, plan)
    again = await house.rooms.exchange.carry_out(ADMIN, plan)
    assert done.links == again.links
    assert len({token for *_, token in done.links}) == 2
    profile = await house.rooms.members.profile(anna)
    assert (profile.town, profile.role, profile.leads) == ("Jena", Role.COORDINATOR, {"ag-klima"})


async def test_a_coordinator_cannot_make_the_office_by_a_file(house):
    miriam = await house.person("Miriam", Role.COORDINATOR)
    anna = await house.person()
    content = table(f"{anna};;;Verwaltung;", ";Eva;;Koordination;")
    plan = await house.rooms.exchange.plan(miriam, content, GROUPS)
    assert len(plan.problems) == 2
    for forbidden in (house.rooms.exchange.members_csv, house.rooms.exchange.towns_csv):
        with pytest.raises(NotAllowedError):
            await forbidden(anna)
    with pytest.raises(NotAllowedError):
        await house.rooms.exchange.plan(anna, content, GROUPS)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "header"),
        (b"a;b;c\r\n1;2;3", "header"),
        (b"PK\x03\x04\x00\x00", "text"),
        (b"x" * 1_000_001, "size"),
        (b"Name\n" + b"x\n" * 5001, "size"),
    ],
)
def test_what_is_no_table_is_refused(content, why):
    with pytest.raises(UnreadableError) as caught:
        read_csv(content, NEEDED)
    assert caught.value.why == why


def test_old_spreadsheets_and_commas_are_read():
    kind, rows = read_csv("Name,Art\nPößneck,Stadt\n".encode("cp1252"), NEEDED)
    assert (kind, rows) == ("towns", [{"name": "Pößneck", "art": "Stadt"}])


def test_quotes_and_semicolons_survive():
    written = write_csv(["Name"], [['A;"b"\nc']])
    assert read_csv(written, NEEDED)[1] == [{"name": 'A;"b" c'}]


async def test_a_line_that_is_not_allowed_any_more_stops_no_other(house):
    anna, ben, eva = [await house.person(name, town="Gera") for name in ("Anna", "Ben", "Eva")]
    content = table(*(f"{person};;Jena;Mitglied;" for person in (anna, ben, eva)), ";Neu;Gera;Mitglied;")
    plan = await house.rooms.exchange.plan(ADMIN, content, GROUPS)
    await house.privacy.erase(ben)
    done = await house.rooms.exchange.carry_out(ADMIN, plan)
    assert [(line, error.code) for line, error in done.failed] == [(3, "unknown_person")]
    assert (done.changed, done.added) == (2, 1)
    assert (await house.rooms.members.profile(eva)).town == "Jena"
    with pytest.raises(NotAllowedError):
        await house.rooms.exchange.carry_out(anna, plan)
