"""The real bot with a working group: whole conversations about meetings."""

import datetime as dt

from sqlalchemy import select

from bot.groups.models import Subscription, WorkingGroup
from bot.members.models import GroupLead, Person
from tests.meetings.test_dates import BERLIN
from tests.questions.conversation import asks, presses

NOW = dt.datetime(2027, 2, 1, 9, 0, tzinfo=BERLIN)


class Town:
    """The real bot with a working group, its lead Lea, and Anna and Ben who follow it."""

    def __init__(self, lotse, lea, anna, ben):
        self.lotse, self.lea, self.anna, self.ben = lotse, lea, anna, ben

    def set_clock(self, *parts):
        self.lotse.move_clock(dt.datetime(*parts, tzinfo=BERLIN) - dt.datetime.now(dt.UTC))


async def make_town(lotse):
    lotse.move_clock(NOW - dt.datetime.now(dt.UTC))
    people = [await lotse.person(name) for name in ("Lea", "Anna", "Ben")]
    now = lotse.rooms.clock.now()
    async with lotse.rooms.database.writing() as session:
        for person in people:
            session.add(Person(id=person.id, name=person.first_name, role="member", created_at=now, joined_at=now))
        group = await session.scalar(select(WorkingGroup).where(WorkingGroup.key == "ag-klima"))
        if group is None:
            group = WorkingGroup(key="ag-klima", name="Klima", short="AG Klima", about="", created_at=now)
            session.add(group)
        await session.flush()
        session.add(GroupLead(person_id=people[0].id, group_key="ag-klima", since=now))
        for person in people[1:]:
            session.add(Subscription(group_id=group.id, person_id=person.id, mode="at_once", since=now))
    return Town(lotse, *people)


async def planned(town, line="/termin AG Klima: Bäume 12.03.2027 10 Uhr Gera, Rathaus, Raum 2.01"):
    preview = await asks(town.lea, line)
    sent = await presses(town.lea, "Senden", preview)
    assert "sind unterwegs" in sent["text"]
    await town.lea.receives(containing="Ihre Antwort: noch keine")  # who leads is invited as well
    return preview, sent
