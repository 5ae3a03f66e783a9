import datetime as dt

from sqlalchemy import func, select

from bot.meetings.kinds import Answer, Before
from bot.meetings.listing import Listing
from bot.meetings.models import CalendarLink, Meeting, Notice, ReminderChoice, Reply, Watch
from bot.meetings.own_data import KEEP_REPLIES, MeetingsData
from bot.members.log_words import FORGOTTEN
from bot.members.models import Person
from tests.meetings.conftest import ANNA, BEN, LEAD, OFFICE
from tests.meetings.test_dates import BERLIN


async def lived(house):
    """Anna answered, chose reminders, has a calendar, watches a deadline, came; Ben named her as his deputy."""
    now = house.clock.now()
    first = await house.planned(title="Erstes")
    second = await house.planned(title="Zweites", start=dt.datetime(2027, 3, 13, 10, 0, tzinfo=BERLIN),
                                 end=dt.datetime(2027, 3, 13, 11, 0, tzinfo=BERLIN))  # fmt: skip
    await house.replies.answer(ANNA, first.id, Answer.YES)
    await house.replies.name_deputy(BEN, second.id, ANNA)
    await house.reminders.choose(ANNA, Before.DAY)
    await Listing(house.calendar).link(ANNA)
    async with house.database.writing() as session:
        session.add(Watch(person_id=ANNA, entry_id="kfw-432", deadline=None, created_at=now))
        (await session.get(Reply, (first.id, ANNA))).attended = True
    return first, second


async def test_a_person_reads_all_that_is_kept(house):
    await lived(house)
    async with house.database.reading() as session:
        data = await MeetingsData("").export(session, ANNA)
        nothing = await MeetingsData("").export(session, 4711)
    assert [each["treffen"] for each in data["antworten"]] == ["Erstes", "Zweites"]
    assert (data["antworten"][0]["antwort"], data["antworten"][0]["anwesend"]) == ("Zusage", True)
    assert data["antworten"][1]["als_vertretung"] is True
    assert data["erinnerungen"] == [{"treffen": "alle", "wann": ["einen Tag vorher"]}]
    assert data["kalender_link_seit"].startswith("2027-02-01")
    assert data["gemerkte_fristen"] == ["kfw-432"]
    assert nothing is None


async def test_erasing_leaves_nothing_of_the_person_and_keeps_the_meetings(house):
    _, second = await lived(house)
    async with house.database.writing() as session:
        data = MeetingsData("")
        assert await data.erase(session, ANNA) > 0
        assert await data.erase(session, LEAD) > 0
        assert await data.export(session, ANNA) is None
        assert await data.export(session, LEAD) is None
        for table, column in ((Reply, Reply.person_id), (CalendarLink, CalendarLink.person_id),
                              (ReminderChoice, ReminderChoice.person_id), (Watch, Watch.person_id)):  # fmt: skip
            assert await session.scalar(select(func.count()).select_from(table).where(column == ANNA)) == 0
        assert (await session.get(Reply, (second.id, BEN))).deputy_id is None
        assert await session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "deputy")) == 0
        assert await session.scalar(select(func.count()).select_from(Meeting)) == 2
        assert await session.scalar(select(Meeting.created_by).where(Meeting.created_by == LEAD)) is None


async def test_erasing_who_named_a_deputy_takes_their_name_from_what_was_said(house):
    await lived(house)
    async with house.database.writing() as session:
        await MeetingsData("").erase(session, BEN)
        assert await session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "deputy")) == 0


async def test_who_replied_what_is_forgotten_after_two_years_and_the_meeting_stays(house):
    view, _ = await lived(house)
    await house.pushed()
    async with house.database.writing() as session:
        early = await MeetingsData("").forget(session, view.end + KEEP_REPLIES)
        assert early["meeting replies"] == 0
        assert early["meeting notices"] > 0
        gone = await MeetingsData("").forget(session, view.end + KEEP_REPLIES + dt.timedelta(days=2))
        assert gone["meeting replies"] == 3
        assert await session.scalar(select(func.count()).select_from(Meeting)) == 2


async def test_choices_calendars_and_watches_of_who_is_no_longer_kept_are_forgotten(house):
    now = house.clock.now()
    listing, kept = Listing(house.calendar), (BEN, OFFICE)  # the office is named by the operator, not kept as a person
    for person in (ANNA, *kept):
        await house.reminders.choose(person, Before.DAY)
        await listing.link(person)
    async with house.database.writing() as session:
        session.add_all(Watch(person_id=each, entry_id="kfw-432", created_at=now) for each in (ANNA, *kept))
        await session.delete(await session.get(Person, ANNA))
    async with house.database.writing() as session:
        counted = await MeetingsData("", [OFFICE]).forget(session, now)
        for table in (ReminderChoice, CalendarLink, Watch):
            assert set(await session.scalars(select(table.person_id))) == set(kept)
    names = ("reminder_choices", "calendar_links", "watched_deadlines")
    assert [counted[name] for name in names] == [1, 1, 1]
    assert all(name in FORGOTTEN for name in counted)
