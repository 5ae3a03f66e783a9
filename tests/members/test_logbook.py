"""The audit log is whole, in German, and for the office alone."""

import ast
import re
from pathlib import Path

import pytest

import bot
from bot.delivery.quiet import Preferences
from bot.members.errors import NotAllowedError
from bot.members.joining import Newcomer
from bot.members.logbook import ACTIONS, KEYS, PAGE
from bot.members.models import Town
from bot.members.preferences import as_json
from bot.members.roles import Role
from bot.members.towns import as_dict
from tests.members.conftest import ADMIN

ACTION = re.compile(r"[a-z]+\.[a-z_]+")


def noted_actions():
    """Every action that some room writes into the log, found in the calls that write it."""
    found = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("note", "_note", "_noted"):
                inside = [part for argument in node.args for part in ast.walk(argument)]
                words = [each.value for each in inside if isinstance(each, ast.Constant)]
                found |= {word for word in words if isinstance(word, str) and ACTION.fullmatch(word)}
    return found


def test_every_action_that_is_noted_has_a_german_name():
    assert len(noted_actions()) > 20
    assert noted_actions() <= ACTIONS.keys()


def test_everything_that_is_noted_about_times_and_towns_has_a_german_name():
    assert as_json(Preferences()).keys() | as_dict(Town(name="Gera", kind="town")).keys() <= KEYS.keys()


async def test_each_change_is_read_with_who_when_before_and_after(house):
    anna = await house.person("Anna", town="Gera")
    ben = await house.person("Ben", Role.COORDINATOR)
    jena = (await house.rooms.towns.search("Jena"))[0].id
    await house.rooms.members.set_town(ben, anna, jena)
    await house.rooms.members.set_lead(ben, anna, "ag-klima", leads=True)
    house.clock.move(hours=1)
    await house.rooms.members.suspend(ben, anna)
    page = await house.rooms.logbook.read(ben, groups={"ag-klima": "AG Klima"})
    said = [(line.who, line.what, line.whom, line.details) for line in page.lines[:3]]
    assert said == [
        ("Ben", "Sperre", "Anna", ["nein → ja"]),
        ("Ben", "AG-Leitung", "Anna", ["keine → AG Klima"]),
        ("Ben", "Stadt", "Anna", ["Gera → Jena"]),
    ]
    assert page.lines[0].change.at == house.clock.now()
    about_ben = await house.rooms.logbook.read(ben, person_id=ben)
    assert {line.change.subject_id for line in about_ben.lines} == {ben}
    assert "noch kein Mitglied → Koordination" in [each for line in about_ben.lines for each in line.details]


async def test_it_turns_pages_and_a_page_too_far_is_the_last(house):
    for number in range(PAGE):
        await house.person(f"Nr. {number}")
    first = await house.rooms.logbook.read(ADMIN)
    last = await house.rooms.logbook.read(ADMIN, 999)
    assert (len(first.lines), first.number) == (PAGE, 0)
    assert last.number == (first.total - 1) // PAGE
    assert last.lines[-1].what == "Einladung erstellt"


async def test_only_the_office_reads_it(house):
    anna = await house.person()
    for actor in (anna, 4711, None):
        with pytest.raises(NotAllowedError):
            await house.rooms.logbook.read(actor)
        with pytest.raises(NotAllowedError):
            await house.rooms.logbook.csv(actor)


async def test_it_goes_out_as_csv_without_formulas_and_without_the_erased(house):
    anna = await house.person("=1+1")
    await house.rooms.members.suspend(ADMIN, anna)
    content = (await house.rooms.logbook.csv(ADMIN)).decode("utf-8-sig")
    assert ";'=1+1;" in content
    assert "gesperrt: nein" in content
    await house.privacy.erase(anna)
    content = (await house.rooms.logbook.csv(ADMIN)).decode("utf-8-sig")
    assert "1+1" not in content
    assert f";{anna};" not in content
    assert "Jemand hat sich gelöscht" in content


async def test_what_was_forgotten_is_told_in_numbers(house):
    request, _ = await house.rooms.joining.request(Newcomer(50, "Paul"))
    await house.rooms.joining.decide(ADMIN, request.id, admit=False)
    house.clock.move(days=91)
    await house.privacy.forget()
    [line] = [line for line in (await house.rooms.logbook.read(ADMIN)).lines if line.change.action == "retention"]
    assert line.what == "Aufbewahrung: gelöscht, was alt ist"
    assert line.who == "Lotse"
    assert "entschiedene Anfragen: 1" in line.details
    assert not any(detail.endswith(": 0") for detail in line.details)
