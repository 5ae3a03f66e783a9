import datetime as dt

import pytest
from sqlalchemy import select

from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.service import Outbox
from bot.meetings.audience import EverybodyInEachGroup, GroupName
from bot.meetings.drafting import Draft
from bot.meetings.reminders import Reminders
from bot.meetings.replies import Replies
from bot.meetings.service import Planning
from bot.meetings.shared import Calendar
from bot.members.models import GroupLead, Person, Town
from bot.members.preferences import PushTimes
from bot.members.profiles import Profiles
from tests.meetings.test_dates import BERLIN
from tests.meetings.town import make_town

GROUPS = {
    "ag-klima": GroupName("ag-klima", "Arbeitsgruppe Klima", "AG Klima"),
    "ag-leerstand": GroupName("ag-leerstand", "Arbeitsgruppe Leerstandsbewältigung", "AG Leerstand"),
}
LEAD, ANNA, BEN, CARLA, DORA, OFFICE, STRANGER = 1, 2, 3, 4, 5, 9, 77


class Clock:
    def __init__(self, now):
        self.time = now

    def now(self):
        return self.time.astimezone(dt.UTC)

    def set(self, *parts):
        self.time = dt.datetime(*parts, tzinfo=BERLIN)


class House:
    """The rules of meetings on a database with a few members."""

    def __init__(self, database):
        self.database = database
        self.clock = Clock(dt.datetime(2027, 2, 1, 9, 0, tzinfo=BERLIN))
        self.outbox = Outbox(database, self.clock)
        profiles = Profiles([OFFICE])
        self.calendar = Calendar(database, self.clock, profiles, EverybodyInEachGroup(GROUPS), self.outbox, BERLIN)
        self.planning = Planning(self.calendar)
        self.replies = Replies(self.calendar)
        self.reminders = Reminders(self.calendar, PushTimes(database, self.clock, profiles, "Europe/Berlin"))

    async def fill(self):
        now = self.clock.now()
        async with self.database.writing() as session:
            session.add_all([Town(id=1, name="Gera", folded="gera", kind="town"),
                             Town(id=2, name="Suhl", folded="suhl", kind="town")])  # fmt: skip
            await session.flush()
            names = {LEAD: ("Lea", 1), ANNA: ("Anna", 1), BEN: ("Ben", 1), CARLA: ("Carla", 2), DORA: ("Dora", 2)}
            for person_id, (name, town) in names.items():
                session.add(Person(id=person_id, name=name, role="member", town_id=town, created_at=now, joined_at=now))
            await session.flush()
            session.add(GroupLead(person_id=LEAD, group_key="ag-klima", since=now))

    async def planned(self, actor=LEAD, **values):
        """A meeting on Fri, 12 March 2027, 10:00, of the AG Klima, unless told otherwise."""
        defaults = {
            "title": "AG Klima: Bäume",
            "start": dt.datetime(2027, 3, 12, 10, 0, tzinfo=BERLIN),
            "end": dt.datetime(2027, 3, 12, 12, 0, tzinfo=BERLIN),
            "groups": ("ag-klima",),
            "place": "Gera, Rathaus",
        }
        draft = await self.planning.draft(actor, Draft(**{**defaults, **values}))
        view, fresh = await self.planning.publish(actor, draft.id)
        assert fresh
        return view

    async def queued(self, state=Sent.QUEUED):
        """What waits in the outbox: recipient, occasion, when."""
        async with self.database.reading() as session:
            rows = await session.scalars(select(Delivery).where(Delivery.state == state).order_by(Delivery.id))
            return [(row.recipient, row.occasion, row.not_before.astimezone(BERLIN)) for row in rows]

    async def pushed(self):
        """What was queued by a round, by occasion: who gets it."""
        await self.reminders.round()
        found = {}
        for recipient, occasion, _ in await self.queued():
            found.setdefault(occasion, set()).add(recipient)
        return found

    async def arrives(self):
        """All that is queued and due by now has reached people; returns it as `pushed` does."""
        found = await self.pushed()
        now = self.clock.now()
        async with self.database.writing() as session:
            due = Delivery.state == Sent.QUEUED, Delivery.not_before <= now
            rows = await session.scalars(select(Delivery).where(*due))
            for row in rows:
                row.state, row.settled_at, row.message_ids = Sent.SENT, now, [row.id * 10]
        return found


@pytest.fixture
async def town(lotse):
    return await make_town(lotse)


@pytest.fixture
async def house(database):
    house = House(database)
    await house.fill()
    return house
