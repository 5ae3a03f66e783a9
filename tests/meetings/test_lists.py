import datetime as dt

import pytest
from sqlalchemy import func, select

from bot.meetings.listing import Listing, Wanted, Which, month_number
from bot.meetings.models import Meeting, ReminderChoice
from bot.meetings.recurrence.series import Series
from bot.meetings.series import SeriesPlanning
from tests.meetings.conftest import ANNA, OFFICE
from tests.meetings.test_dates import BERLIN
from tests.meetings.town import planned
from tests.questions.conversation import asks, labels, presses


def at(month, day, hour=10):
    start = dt.datetime(2027, month, day, hour, 0, tzinfo=BERLIN)
    return {"start": start, "end": start + dt.timedelta(hours=1)}


@pytest.fixture
async def listing(house):
    await house.planned(title="im Februar", **at(2, 28, 23))
    await house.planned(title="am ersten März", **at(3, 1, 0))
    await house.planned(title="am letzten März", **at(3, 31, 23))
    await house.planned(OFFICE, title="Leerstand im April", groups=("ag-leerstand",), **at(4, 1, 0))
    return Listing(house.calendar)


async def titles(listing, wanted):
    return [meeting.title for meeting, _ in (await listing.page(ANNA, wanted, 0)).meetings]


async def test_a_month_goes_from_its_first_to_its_last_day_on_peoples_clocks(house, listing):
    march = month_number(dt.date(2027, 3, 1))
    assert await titles(listing, Wanted(Which.MONTH, march)) == ["am ersten März", "am letzten März"]
    assert await titles(listing, Wanted(Which.MONTH, march + 1)) == ["Leerstand im April"]
    house.clock.set(2027, 3, 15, 9, 0)
    assert await titles(listing, Wanted(Which.MONTH, march)) == ["am ersten März", "am letzten März"]


async def test_a_group_and_what_was_have_lists_of_their_own(house, listing):
    assert await titles(listing, Wanted(Which.GROUP, group="ag-leerstand")) == ["Leerstand im April"]
    assert await titles(listing, Wanted(Which.GROUP, group="ag-gibt-es-nicht")) == []
    house.clock.set(2027, 3, 15, 9, 0)
    assert await titles(listing, Wanted(Which.PAST)) == ["am ersten März", "im Februar"]


async def test_termine_is_filtered_by_group_and_month(town):
    await planned(town)
    await town.anna.receives(containing="AG Klima: Bäume")
    mine = await asks(town.anna, "/termine")
    assert "Ihre Termine (1)" in mine["text"]
    groups = await presses(town.anna, "Nach Gruppe", mine)
    klima = await presses(town.anna, "AG Klima", groups)
    assert "Termine der AG Klima (1)" in klima["text"]
    month = await presses(town.anna, "Monat", klima)
    assert "Termine im Februar 2027" in month["text"]
    assert "nichts geplant" in month["text"]
    march = await presses(town.anna, "März 2027 »", month)
    assert "Termine im März 2027 (1)" in march["text"]
    assert "12.3. 10:00 AG Klima: Bäume" in labels(march)
    assert "« Februar 2027" in labels(march)


async def test_reminders_are_chosen_from_the_settings(town):
    settings = await asks(town.anna, "/einstellungen")
    choice = await presses(town.anna, "Erinnerungen an Treffen", settings)
    assert "✓ 1 Stunde vorher" in labels(choice)
    changed = await presses(town.anna, "✓ 1 Stunde vorher", choice)
    assert "1 Stunde vorher" in labels(changed)
    async with town.lotse.rooms.database.reading() as session:
        row = await session.get(ReminderChoice, (town.anna.id, 0))
    assert row.chosen == 2 | 8


async def test_a_series_is_ended_by_a_button_after_a_question(town):
    line = "/termin AG Klima: Runde jeden zweiten Freitag 10 Uhr Gera"
    sent = await presses(town.lea, "Senden", await asks(town.lea, line))
    await town.anna.receives(containing="AG Klima: Runde")
    await town.lea.receives(containing="Ihre Antwort: noch keine")
    async with town.lotse.rooms.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Meeting)) > 2
    menu = await presses(town.lea, "Ändern", await presses(town.lea, "Antworten ansehen", sent))
    question = await presses(town.lea, "Reihe beenden", menu)
    assert "jeden zweiten Freitag" in question["text"]
    ended = await presses(town.lea, "Reihe beenden", question)
    assert "ist beendet" in ended["text"]
    async with town.lotse.rooms.database.reading() as session:
        left = await session.scalar(select(func.count()).select_from(Meeting))
    assert left in {1, 2}  # those within two weeks are invited to already


async def test_ending_a_series_keeps_what_people_were_invited_to(house):
    start = dt.datetime(2027, 3, 12, 10, 0, tzinfo=BERLIN)
    view = await house.planned(series=Series("FREQ=WEEKLY;BYDAY=FR", start, 60))
    await house.pushed()
    listing = Listing(house.calendar)
    before = (await listing.page(ANNA, Wanted(Which.ALL), 0)).total
    series = SeriesPlanning(house.calendar)
    assert await series.end_series(OFFICE, view.id) == before - 1
    house.clock.set(2027, 3, 30, 9, 0)
    await house.pushed()
    assert (await listing.page(ANNA, Wanted(Which.ALL), 0)).total == 0
