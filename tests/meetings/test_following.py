import datetime as dt

import pytest
from sqlalchemy import select

from bot.delivery.models import Delivery
from bot.fetching import FetchFaultError, Page
from bot.meetings.errors import CalendarFaultError, FollowedError, NotAllowedError, UnknownMeetingError
from bot.meetings.following import EVERY, Following
from bot.meetings.kinds import State
from bot.meetings.listing import Listing, Wanted, Which
from bot.meetings.looking import AT_A_TIME, BROKEN_AFTER, Looking
from bot.meetings.models import FollowedCalendar, FollowedEvent
from bot.meetings.own_data import MeetingsData
from bot.members.preferences import PushTimes
from tests.meetings.conftest import ANNA, LEAD, OFFICE
from tests.meetings.test_dates import BERLIN
from tests.questions.conversation import asks, labels, presses

URL = "https://www.gera.example/termine.ics"


def event(uid, start, title="Bäume", *more):
    return ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", "LOCATION:Gera", f"DTSTART{start}", *more, "END:VEVENT"]


class Web:
    """Serves one calendar, with an ETag, and does what a test tells it."""

    def __init__(self):
        self.events = {"a": event("a", ":20270312T090000Z")}
        self.fault, self.served = None, []

    async def get(self, url, etag=None, last_modified=None):
        if self.fault is not None:
            raise FetchFaultError(self.fault)
        lines = [line for each in self.events.values() for line in each]
        text = "\r\n".join(["BEGIN:VCALENDAR", "PRODID:x", "X-WR-CALNAME:Stadt Gera", *lines, "END:VCALENDAR", ""])
        tag = f'"{hash(text)}"'
        self.served.append(304 if tag == etag else 200)
        return None if tag == etag else Page(text.encode(), {"etag": tag})


class Gera:
    """The rules, and a web with one calendar."""

    def __init__(self, house):
        self.house, self.web = house, Web()
        times = PushTimes(house.database, house.clock, house.calendar.profiles, "Europe/Berlin")
        self.following = Following(house.calendar, house.planning, self.web)
        self.looking = Looking(house.calendar, self.following, times, self.web)

    async def follow(self, *, direct=False):
        row = await self.following.follow(LEAD, "ag-klima", URL)
        if direct:
            await self.following.set_direct(LEAD, row.id, direct=True)
        return row

    async def look(self):
        self.house.clock.time += EVERY
        await self.looking.round()

    async def titles(self):
        listed = await Listing(self.house.calendar).page(ANNA, Wanted(Which.ALL), 0)
        return [meeting.title for meeting, _ in listed.meetings]

    async def told(self):
        async with self.house.database.reading() as session:
            rows = await session.scalars(select(Delivery).where(Delivery.what.like("calendar:%")))
            return [(row.recipient, row.occasion.partition(":")[0]) for row in rows]


@pytest.fixture
def gera(house):
    return Gera(house)


async def test_events_wait_for_a_lead_and_nothing_goes_out_by_itself(gera):
    row = await gera.follow()
    assert row.title == "Stadt Gera"
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    assert (waiting.said.title, waiting.said.place, waiting.meeting) == ("Bäume", "Gera", None)
    assert waiting.said.start == dt.datetime(2027, 3, 12, 10, 0, tzinfo=BERLIN)
    await gera.look()
    assert await gera.titles() == []
    assert await gera.told() == []  # who follows saw it at once
    assert gera.web.served == [200, 304]


async def test_a_draft_is_made_once_and_the_event_waits_no_more(gera):
    row = await gera.follow()
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    draft = await gera.following.draft(LEAD, waiting.id)
    assert draft.state is State.DRAFT
    assert (await gera.following.draft(LEAD, waiting.id)).id == draft.id
    await gera.house.planning.publish(LEAD, draft.id)
    assert await gera.following.waiting(LEAD, row.id) == []
    with pytest.raises(UnknownMeetingError):
        await gera.following.event(LEAD, waiting.id)


async def test_a_change_is_told_to_the_lead_and_taken_over_on_a_word(gera):
    row = await gera.follow()
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    meeting = await gera.following.take_over(LEAD, waiting.id)
    assert meeting.state is State.PLANNED
    await gera.house.arrives()
    gera.web.events["a"] = event("a", ":20270312T130000Z", "Bäume und Bänke")
    await gera.look()
    assert await gera.told() == [(LEAD, "events")]
    assert await gera.titles() == ["Bäume"]
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    changed = await gera.following.take_over(LEAD, waiting.id)
    assert (changed.id, changed.title, changed.start.hour) == (meeting.id, "Bäume und Bänke", 14)
    assert "moved:1" in await gera.house.pushed()
    await gera.look()
    assert len(await gera.told()) == 1


async def test_what_is_left_as_it_is_comes_again_only_when_it_changes(gera):
    row = await gera.follow()
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    await gera.following.leave(LEAD, waiting.id)
    await gera.look()
    assert await gera.following.waiting(LEAD, row.id) == []
    gera.web.events["a"] = event("a", ":20270313T090000Z")
    await gera.look()
    assert len(await gera.following.waiting(LEAD, row.id)) == 1


async def test_new_moved_and_cancelled_events_go_straight_out_where_the_lead_chose_so(gera):
    early, gera.web.events = gera.web.events, {"x": event("x", ":20270402T090000Z", "war schon da")}
    row = await gera.follow(direct=True)
    gera.web.events |= early
    await gera.look()
    assert await gera.titles() == ["Bäume"]
    assert "invitation:0" in await gera.house.arrives()
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    await gera.following.leave(LEAD, waiting.id)
    gera.web.events["a"] = event("a", ":20270315T090000Z")
    gera.web.events["b"] = event("b", ";VALUE=DATE:20270318", "ganzer Tag")
    await gera.look()
    assert "moved:1" in await gera.house.arrives()
    assert [each.said.title for each in await gera.following.waiting(LEAD, row.id)] == ["ganzer Tag"]
    gera.web.events["a"] = event("a", ":20270315T090000Z", "Bäume", "STATUS:CANCELLED")
    await gera.look()
    assert "cancelled:2" in await gera.house.pushed()
    assert await gera.titles() == []


async def test_occurrences_of_a_series_are_events_of_their_own_across_the_change_of_clocks(gera):
    row = await gera.follow(direct=True)
    gera.web.events = {
        "s": event("s", ";TZID=Europe/Berlin:20270316T100000", "Runde", "RRULE:FREQ=WEEKLY;COUNT=4"),
    }
    await gera.look()
    async with gera.house.database.reading() as session:
        rows = await session.scalars(select(FollowedEvent).order_by(FollowedEvent.starts_at))
        starts = [each.starts_at.astimezone(BERLIN) for each in rows if each.said["title"] == "Runde"]
    assert [(each.day, each.hour) for each in starts] == [(16, 10), (23, 10), (30, 10), (6, 10)]
    assert await gera.titles() == ["Runde"] * 4
    assert await gera.following.waiting(LEAD, row.id) == []


async def test_what_vanishes_is_asked_about(gera):
    row = await gera.follow()
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    await gera.following.take_over(LEAD, waiting.id)
    gera.web.events = {"z": event("z", ":20270401T090000Z", "Anderes")}
    await gera.look()
    gone, new = await gera.following.waiting(LEAD, row.id)
    assert (gone.said.gone, new.said.title) == (True, "Anderes")
    cancelled = await gera.following.take_over(LEAD, gone.id)
    assert cancelled.state is State.CANCELLED


async def test_a_broken_calendar_is_reported_once_and_when_it_works_again(gera):
    row = await gera.follow()
    gera.web.fault = "der Server antwortet nicht"
    for _ in range(BROKEN_AFTER + 2):
        gera.house.clock.time += dt.timedelta(hours=12)
        await gera.looking.round()
    assert [kind for _, kind in await gera.told()] == ["broken"]
    gera.web.fault = None
    gera.house.clock.time += dt.timedelta(hours=12)
    await gera.looking.round()
    assert [kind for _, kind in await gera.told()] == ["broken", "mended"]
    assert (await gera.following.get(LEAD, row.id)).error is None


async def test_only_leads_follow_and_each_calendar_once(gera):
    with pytest.raises(NotAllowedError):
        await gera.following.follow(ANNA, "ag-klima", URL)
    with pytest.raises(NotAllowedError):
        await gera.following.follow(LEAD, "ag-leerstand", URL)
    row = await gera.follow()
    with pytest.raises(FollowedError):
        await gera.following.follow(OFFICE, "ag-klima", URL)
    (waiting,) = await gera.following.waiting(LEAD, row.id)
    for wish in (gera.following.take_over(ANNA, waiting.id), gera.following.unfollow(ANNA, row.id)):
        with pytest.raises(NotAllowedError):
            await wish
    gera.web.fault = "der Server antwortet nicht"
    with pytest.raises(CalendarFaultError):
        await gera.following.follow(LEAD, "ag-klima", f"{URL}?2")
    assert await gera.following.unfollow(LEAD, row.id) == "ag-klima"
    assert await gera.following.of(LEAD, "ag-klima") == []


async def test_what_a_lead_follows_is_theirs_to_read_and_stays_without_their_name(gera):
    row = await gera.follow()
    async with gera.house.database.writing() as session:
        data = MeetingsData("")
        assert (await data.export(session, LEAD))["gefolgte_kalender"] == [URL]
        await data.erase(session, LEAD)
    async with gera.house.database.reading() as session:
        assert (await session.get(FollowedCalendar, row.id)).created_by is None
    await gera.look()  # goes on, tells nobody
    assert await gera.told() == []


async def test_many_at_once_and_what_vanishes_wait_for_the_lead_even_where_all_goes_straight_out(gera):
    row = await gera.follow(direct=True)
    gera.web.events |= {f"{day}": event(f"{day}", f":202703{day}T090000Z", f"am {day}.") for day in range(15, 22)}
    await gera.look()
    assert len(await gera.titles()) == AT_A_TIME
    assert len(await gera.following.waiting(LEAD, row.id)) == 1 + 7 - AT_A_TIME
    gera.web.events = {}
    await gera.look()
    assert len(await gera.titles()) == AT_A_TIME
    assert [each.said.gone for each in await gera.following.waiting(LEAD, row.id)] == [True] * AT_A_TIME


async def test_what_lies_far_ahead_comes_when_its_time_is_near_though_the_file_is_the_same(gera):
    row = await gera.follow()
    gera.web.events = {"f": event("f", ":20270702T090000Z", "Sommerfest")}
    await gera.look()
    assert [each.said.title for each in await gera.following.waiting(LEAD, row.id)] == []
    gera.house.clock.set(2027, 3, 20, 9, 0)
    await gera.look()
    assert [each.said.title for each in await gera.following.waiting(LEAD, row.id)] == ["Sommerfest"]


async def test_a_lead_follows_a_calendar_in_chat(town, monkeypatch):
    web = Web()
    monkeypatch.setattr("bot.meetings.room.WebFetcher", lambda: web)
    await town.lotse.restart()
    card = await presses(town.lea, "AG Klima", await asks(town.lea, "/gruppen"))
    manage = await presses(town.lea, "Verwalten", card)
    calendars = await presses(town.lea, "Andere Kalender", manage)
    assert "Noch keiner" in calendars["text"]
    await presses(town.lea, "Kalender hinzufügen", calendars)
    web.fault = "der Server antwortet nicht"
    assert "der Server antwortet nicht" in (await asks(town.lea, "gera.example/x.ics"))["text"]
    web.fault = None
    waiting = await asks(town.lea, "https://gera.example/termine.ics")
    assert "Fr, 12. März 2027, 10:00–11:00 · Bäume" in waiting["text"]
    preview = await presses(town.lea, "12.3. Bäume", waiting)
    assert "So sehen es die Eingeladenen" in preview["text"]
    await town.lea.presses("Senden", message=preview)
    await town.anna.receives(containing="Bäume")
    await town.lea.receives(containing="Ihre Antwort")
    web.events["a"] = event("a", ":20270312T130000Z")
    web.events["b"] = event("b", ":20270319T090000Z", "Neues")
    town.set_clock(2027, 2, 1, 10, 0)
    told = await town.lea.receives(containing="Neues", timeout=20)
    assert "(geändert)" in told["text"]
    question = await presses(town.lea, "12.3. Bäume", told)
    assert "14:00–15:00" in question["text"]
    assert labels(question) == ["Übernehmen und alle informieren", "So lassen"]
    await town.lea.presses("Übernehmen und alle informieren", message=question)
    moved = await town.anna.receives(containing="Verlegt")
    assert "14:00" in moved["caption"]
