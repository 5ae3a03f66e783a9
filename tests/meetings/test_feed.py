"""Private calendars, fetched over HTTP and read by a calendar client's own library."""

import datetime as dt

import httpx
import ics
import pytest
from starlette.applications import Starlette

from bot.meetings.kinds import Answer
from bot.meetings.listing import Listing
from bot.meetings.web import calendar_route
from bot.members.models import Person
from tests.meetings.conftest import ANNA, BEN, OFFICE
from tests.meetings.test_dates import BERLIN


@pytest.fixture
async def client(house):
    app = Starlette(routes=[calendar_route(Listing(house.calendar))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lotse") as found:
        yield found


async def read(client, house, person):
    token = await Listing(house.calendar).link(person)
    answer = await client.get(f"/kalender/{token}.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    return {event.name: event for event in ics.Calendar(answer.text).events}, answer.headers["etag"]


async def test_a_client_library_reads_times_places_and_cancellations(house, client):
    summer = dt.datetime(2027, 3, 29, 10, 0, tzinfo=BERLIN)
    view = await house.planned(title="Bäume; Bänke, „Plätze“", place="Gera, Rathaus")
    await house.planned(title="Sommerzeit", start=summer, end=summer + dt.timedelta(hours=1))
    events, etag = await read(client, house, ANNA)
    trees = events["Bäume; Bänke, „Plätze“"]
    assert trees.begin.datetime == dt.datetime(2027, 3, 12, 9, 0, tzinfo=dt.UTC)
    assert trees.end.datetime - trees.begin.datetime == dt.timedelta(hours=2)
    assert (trees.location, trees.uid) == ("Gera, Rathaus", view.uid)
    assert events["Sommerzeit"].begin.datetime == dt.datetime(2027, 3, 29, 8, 0, tzinfo=dt.UTC)
    await house.planning.change(OFFICE, view.id, start=view.start + dt.timedelta(days=1))
    moved, later = await read(client, house, ANNA)
    assert moved["Bäume; Bänke, „Plätze“"].begin.datetime.day == 13
    assert moved["Bäume; Bänke, „Plätze“"].uid == view.uid
    assert later != etag
    await house.planning.cancel(OFFICE, view.id)
    cancelled, _ = await read(client, house, ANNA)
    assert any(event.uid == view.uid and event.status == "CANCELLED" for event in cancelled.values())


async def test_each_client_sees_their_own_calendar(house, client):
    view = await house.planned()
    await house.replies.answer(ANNA, view.id, Answer.NO)
    await house.replies.answer(BEN, view.id, Answer.YES)
    assert (await read(client, house, ANNA))[0] == {}
    (event,) = (await read(client, house, BEN))[0].values()
    assert event.status == "CONFIRMED"
    token = await Listing(house.calendar).link(BEN)
    await Listing(house.calendar).revoke_link(BEN)
    assert (await client.get(f"/kalender/{token}.ics")).status_code == 404


async def test_the_calendar_of_who_is_suspended_or_gone_is_found_no_more(house, client):
    links = [f"/kalender/{await Listing(house.calendar).link(person)}.ics" for person in (ANNA, BEN, OFFICE)]
    assert [(await client.get(link)).status_code for link in links] == [200] * 3
    async with house.database.writing() as session:
        (await session.get(Person, ANNA)).suspended_at = house.clock.now()
        await session.delete(await session.get(Person, BEN))
    assert [(await client.get(link)).status_code for link in links] == [404, 404, 200]
