"""The whole walk through the sandbox: write, aim, look, confirm, arrive, report, correct, take back."""

import datetime as dt

import pytest
from sqlalchemy import select

from bot.groups.models import Subscription, WorkingGroup
from bot.members.models import Person, Town
from tests.questions.conversation import labels, presses

MORNING = dt.datetime(2027, 3, 8, 9, 0, tzinfo=dt.UTC)
"""A Monday, 10:00 in Thuringia."""


class Alliance:
    """The real bot with an office and three members, two of whom follow the AG Klima."""

    def __init__(self, lotse, people):
        self.lotse = lotse
        self.miriam = lotse.office
        self.anna, self.ben, self.carla = people

    def move(self, **by):
        self.lotse.move_clock(MORNING + dt.timedelta(**by) - dt.datetime.now(dt.UTC))


@pytest.fixture
async def alliance(lotse):
    lotse.move_clock(MORNING - dt.datetime.now(dt.UTC))
    people = [await lotse.person(name) for name in ("Anna", "Ben", "Carla")]
    await add(lotse, lotse.office, "Jena", role="administrator")
    for person, town in zip(people, ("Gera", "Suhl", "Suhl"), strict=True):
        await add(lotse, person, town)
    async with lotse.rooms.database.writing() as session:
        group = await session.scalar(select(WorkingGroup).where(WorkingGroup.key == "ag-klima"))
        for person in people[:2]:
            since = lotse.rooms.clock.now()
            session.add(Subscription(group_id=group.id, person_id=person.id, mode="at_once", since=since))
    return Alliance(lotse, people)


async def add(lotse, person, town, role="member"):
    now = lotse.rooms.clock.now()
    async with lotse.rooms.database.writing() as session:
        town_id = await session.scalar(select(Town.id).where(Town.name == town))
        await session.merge(
            Person(id=person.id, name=person.first_name, role=role, town_id=town_id, created_at=now, joined_at=now)
        )


async def written(alliance, text="Guten Tag {name} aus {stadt}"):
    """An announcement whose audience is not chosen yet; returns the screen below its preview."""
    await alliance.miriam.sends(f"/ankuendigung {text}")
    await alliance.miriam.receives("Guten Tag" if "Guten Tag" in text else text)
    return await alliance.miriam.receives("Wer soll es bekommen")


async def aimed(alliance, screen, *kinds):
    screen = await presses(alliance.miriam, "Empfänger wählen", screen)
    for kind in kinds:
        screen = await presses(alliance.miriam, kind, screen)
    if "Fertig" not in labels(screen):
        screen = await presses(alliance.miriam, "Zurück", screen)
    return await presses(alliance.miriam, "Fertig", screen)


async def test_an_announcement_goes_to_exactly_those_who_are_meant(alliance):
    screen = await written(alliance)
    screen = await aimed(alliance, screen, "Arbeitsgruppen", "AG Klima")
    assert "2 Personen in 2 Städten (AG Klima)" in screen["text"]
    towns = await presses(alliance.miriam, "Empfänger ansehen", screen)
    assert "Gera, Suhl" in towns["text"]
    screen = await presses(alliance.miriam, "Zurück", towns)
    await alliance.miriam.presses("Jetzt senden", screen)
    assert (await alliance.anna.receives("Guten Tag"))["text"] == "Guten Tag Anna aus Gera"
    assert (await alliance.ben.receives("Guten Tag"))["text"] == "Guten Tag Ben aus Suhl"
    report = await alliance.miriam.receives("Zugestellt: 2 von 2")
    assert "Erreicht: 2 von 2 Städten." in report["text"]
    await alliance.carla.receives_nothing()
