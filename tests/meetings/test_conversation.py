import httpx
from starlette.applications import Starlette
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.meetings.calendars import read_events
from bot.meetings.models import CalendarLink
from bot.meetings.room import MeetingsRoom
from knowledge.deadlines import upcoming
from knowledge.entries import FundingProgramme
from tests.meetings.test_dates import BERLIN
from tests.meetings.town import NOW, planned
from tests.questions.conversation import asks, labels, presses


async def test_a_line_becomes_an_invitation_that_is_answered(town):
    preview, _ = await planned(town)
    text = preview["text"]
    assert "AG Klima: Bäume" in text
    assert "Fr, 12. März 2027, 10:00–12:00" in text
    assert "Gera, Rathaus, Raum 2.01" in text
    assert "3 Personen" in text
    invited = await town.anna.receives(containing="AG Klima: Bäume")
    assert "Ihre Antwort: noch keine" in invited["caption"]
    assert invited["document"]["file_name"] == "termin.ics"
    assert labels(invited)[:3] == ["Zusage", "Absage", "Vielleicht"]
    await town.anna.presses("Zusage", message=invited)
    changed = await town.anna.receives(containing="Ihre Antwort: Zusage")
    assert labels(changed)[0] == "Zusage ✓"
    note = await town.anna.presses("Zusage ✓", message=changed)
    assert not (note or {}).get("text")


async def test_the_lead_sees_who_comes_nudges_and_exports(town):
    _, sent = await planned(town)
    invited = await town.anna.receives(containing="AG Klima: Bäume")
    await town.anna.presses("Zusage", message=invited)
    overview = await presses(town.lea, "Antworten ansehen", sent)
    assert "Zusagen: 1" in overview["text"]
    assert "Ohne Antwort: 2" in overview["text"]
    note = await town.lea.presses("Nur ohne Antwort erinnern", message=overview)
    assert "2 Personen" in note["text"]
    assert "Ihre Antwort fehlt noch" in str(await town.ben.receives(containing="fehlt noch"))
    note = await town.lea.presses("Nur ohne Antwort erinnern", message=overview)
    assert "schon erinnert" in note["text"]
    await town.lea.presses("Liste als CSV", message=overview)
    assert (await town.lea.receives(containing="antworten-2027-03-12.csv"))["document"]


async def test_a_short_dialogue_asks_for_what_is_missing(town):
    await asks(town.lea, "/termin")
    doubt = await asks(town.lea, "31.2. 10 uhr")
    assert doubt["text"].startswith("Den 31. Februar gibt es nicht. Wann soll das Treffen sein?")
    assert labels(doubt)[0] == "So, 28. Februar 2027, 10:00–12:00"
    title = await asks(town.lea, "12.3. 10-12 Uhr")
    assert "Worum geht es" in title["text"]
    await town.lotse.restart()
    place = await asks(town.lea, "Bäume & <Bänke>")
    assert "Wo ist das Treffen" in place["text"]
    preview = await asks(town.lea, "Gera")
    assert "Bäume & <Bänke>" in preview["text"]
    assert "Fr, 12. März 2027, 10:00–12:00" in preview["text"]
    discarded = await presses(town.lea, "Verwerfen", preview)
    assert "nichts verschickt" in discarded["text"]


async def test_a_wrong_date_is_said_before_anything_is_asked(town):
    office = town.lotse.office
    doubt = await asks(office, "/termin 31.2. 10 uhr")
    assert doubt["text"].startswith("Den 31. Februar gibt es nicht. Wann soll das Treffen sein?")
    group = await presses(office, labels(doubt)[1], doubt)
    assert "Für welche Arbeitsgruppe" in group["text"]
    assert "Mo, 1. März 2027, 10:00" in (await presses(office, "AG Klima", group))["text"]
    await asks(office, "/termin 31.2. 10 uhr")
    preview = await asks(office, "AG Klima 12.3. 10 Uhr")
    assert "Eingeladen: AG Klima" in preview["text"]
    assert "Fr, 12. März 2027, 10:00" in preview["text"]


async def test_a_suggestion_is_taken_with_a_press(town):
    doubt = await asks(town.lea, "/termin AG Klima nächsten Dienstag halb zehn in Gera")
    assert len(labels(doubt)) == 2
    preview = await presses(town.lea, labels(doubt)[1], doubt)
    assert "Di, 9. Februar 2027, 9:30–11:30" in preview["text"]
    assert "Das Ende ist angenommen" in preview["text"]


async def test_a_move_is_read_back_and_told(town):
    _, sent = await planned(town)
    await town.anna.receives(containing="AG Klima: Bäume")
    overview = await presses(town.lea, "Antworten ansehen", sent)
    menu = await presses(town.lea, "Ändern", overview)
    await presses(town.lea, "Zeit", menu)
    confirm = await asks(town.lea, "13.3. 9 Uhr")
    assert "Sa, 13. März 2027, 9:00" in confirm["text"]
    await presses(town.lea, "Ändern und alle informieren", confirm)
    moved = await town.anna.receives(containing="Verlegt")
    assert "ist jetzt Sa, 13. März 2027, 9:00–11:00 (bisher Fr, 12. März 2027, 10:00)" in moved["caption"]


async def test_a_cancellation_is_confirmed_and_told_with_its_reason(town):
    _, sent = await planned(town)
    await town.anna.receives(containing="AG Klima: Bäume")
    overview = await presses(town.lea, "Antworten ansehen", sent)
    confirm = await presses(town.lea, "Absagen", overview)
    overview = await presses(town.lea, "Doch nicht", confirm)
    other = await asks(town.lea, "Sturm")  # nothing waits for a reason any more
    assert "Grund" not in other["text"]
    await presses(town.lea, "Absagen", overview)
    confirm = await asks(town.lea, "Sturm")
    assert "Grund: Sturm" in confirm["text"]
    await presses(town.lea, "Absagen und alle informieren", confirm)
    told = await town.anna.receives(containing="Abgesagt")
    assert "Sturm" in told["caption"]


async def test_a_calendar_file_is_planned(town):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "SUMMARY:AG Klima: Hecken",
             "LOCATION:Suhl", "DTSTART:20270312T090000Z", "DTEND:20270312T103000Z", "END:VEVENT",
             "END:VCALENDAR", ""]  # fmt: skip
    await town.lea.uploads("\r\n".join(lines).encode(), name="einladung.ics")
    preview = await town.lea.receives(containing="AG Klima: Hecken")
    assert "10:00–11:30" in preview["text"]
    await town.lea.uploads(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", name="leer.ics")
    assert "keinen kommenden Termin" in (await town.lea.receives(containing="Datei"))["text"]


async def test_others_cannot_plan_and_forged_buttons_are_refused(town):
    assert "vorbehalten" in (await asks(town.anna, "/termin AG Klima 12.3. 10 Uhr"))["text"]
    await asks(town.lea, "/termin AG Klima 12.3. 10 Uhr")
    for data in ("t:ps:1", "t:pd:1", "t:pe:1", "t:rl:1", "t:cd:1", "t:ay:1", "t:ay:99999", "t:pf:1.99", "t:ms:1.1"):
        said = await forged(town, town.anna, data)
        assert "nicht mehr" in said or "vorbehalten" in said, data
    for data in ("t:xx:1", "t:ay:", "t:ay:1.x", "t:l:9.0", "t:pg:7"):
        assert "veraltet" in await forged(town, town.anna, data), data


async def forged(town, person, data):
    """Press a button that this person should never have had; returns what the bot says to that."""
    rows = InlineKeyboardMarkup([[InlineKeyboardButton("?", callback_data=data)]])
    await town.lotse.rooms.application.bot.send_message(person.id, "?", reply_markup=rows)
    return (await person.presses("?"))["text"]


async def test_reminders_come_in_time_and_termine_lists(town):
    await planned(town)
    await town.anna.receives(containing="AG Klima: Bäume")
    town.set_clock(2027, 3, 5, 8, 0, 5)
    reminder = await town.anna.receives(containing="Erinnerung: AG Klima: Bäume")
    assert "Ihre Antwort: noch keine" in reminder["text"]
    listed = await asks(town.anna, "/termine")
    assert "Fr, 12. März 2027, 10:00–12:00" in listed["text"]
    card = await presses(town.anna, "12.3. 10:00 AG Klima: Bäume", listed)
    await town.anna.presses("Kalender", message=card)
    assert (await town.anna.receives(containing="termin.ics"))["document"]


async def test_a_private_calendar_is_served_until_it_is_withdrawn(town):
    await planned(town)
    async with town.lotse.rooms.database.writing() as session:
        session.add(CalendarLink(person_id=town.anna.id, token="geheim", created_at=NOW))
    room = MeetingsRoom(town.lotse.rooms.house).room
    transport = httpx.ASGITransport(Starlette(routes=list(room.routes)))
    async with httpx.AsyncClient(transport=transport, base_url="http://lotse") as client:
        answer = await client.get("/kalender/geheim.ics")
        (event,) = read_events(answer.content, BERLIN)
        assert (answer.status_code, event.title) == (200, "AG Klima: Bäume")
        again = await client.get("/kalender/geheim.ics", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.get("/kalender/falsch.ics")).status_code == 404


async def test_a_programmes_deadline_is_remembered_from_its_card(town):
    programmes = (each for each in town.lotse.knowledge.entries.values() if isinstance(each, FundingProgramme))
    entry = next(each for each in programmes if each.status == "open" and upcoming(each.deadline, NOW.date()))
    await town.anna.starts(f"e_{entry.id}")
    card = await town.anna.receives(containing="Frist")
    note = await town.anna.presses("Frist merken", message=card)
    assert "28, 14 und 3 Tage vorher" in note["text"]
    note = await town.anna.presses("Frist merken", message=card)
    assert "schon auf Ihrer Merkliste" in note["text"]
    listed = await asks(town.anna, "/merkliste")
    assert "noch" in listed["text"]
    emptied = await presses(town.anna, labels(listed)[0], listed)
    assert "leer" in emptied["text"]
