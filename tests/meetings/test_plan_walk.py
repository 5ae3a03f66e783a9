"""Planning in chat, as somebody does it who changes their mind, sends files and types too little."""

from sqlalchemy import select

from bot.groups.models import WorkingGroup
from bot.meetings.models import Meeting, MeetingGroup, MeetingSeries
from bot.members.models import GroupLead
from tests.meetings.test_conversation import forged
from tests.meetings.test_dates import BERLIN
from tests.meetings.town import NOW, planned
from tests.questions.conversation import asks, labels, presses


def calendar(*lines, method=""):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *([f"METHOD:{method}"] if method else []), "BEGIN:VEVENT"]
    return "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


async def test_a_series_without_a_time_is_asked_for_it_and_stays_a_series(town):
    asked = await asks(town.lea, "/termin AG Klima: Runde jeden zweiten Dienstag bis 30.6.2027, außer am 6.4. Gera")
    assert "Um wie viel Uhr" in asked["text"]
    doubt = await asks(town.lea, "um 6")
    assert len(labels(doubt)) == 2
    preview = await asks(town.lea, "18-19 Uhr")
    assert "Di, 2. Februar 2027, 18:00–19:00" in preview["text"]
    assert "jeden zweiten Dienstag, bis Mi, 30. Juni 2027, außer am 6. April" in preview["text"]
    assert "nächstes Mal am Di, 16. Februar 2027" in preview["text"]
    menu = await presses(town.lea, "Ändern", preview)
    await presses(town.lea, "Zeit", menu)
    moved = await asks(town.lea, "3.2. 9-10 Uhr")
    assert "jeden zweiten Mittwoch" in moved["text"]
    await presses(town.lea, "Senden (3)", moved)
    async with town.lotse.rooms.database.reading() as session:
        rows = list(await session.scalars(select(Meeting).order_by(Meeting.starts_at)))
    assert {row.starts_local[11:] for row in rows} == {"09:00"}
    assert {row.starts_at.astimezone(BERLIN).weekday() for row in rows} == {2}
    menu = await presses(town.lea, "Ändern", await presses(town.lea, "Antworten ansehen"))
    await presses(town.lea, "Ort", menu)
    confirm = await asks(town.lea, "Jena")
    changed = await presses(town.lea, "Auch alle folgenden der Reihe", confirm)
    assert f"{len(rows)} Treffen der Reihe" in changed["text"]
    await presses(town.lea, "Zeit", menu)
    assert "Auch alle folgenden der Reihe" not in labels(await asks(town.lea, "4.2. 9 Uhr"))


async def test_several_groups_are_invited_by_name_or_by_pressing(town):
    async with town.lotse.rooms.database.writing() as session:
        for key, short in (("ag-x", "AG Gärten"), ("ag-y", "AG Märkte")):
            made = {"key": key, "name": short, "short": short, "about": "", "created_at": NOW}
            session.add(WorkingGroup(**made))
            session.add(GroupLead(person_id=town.lea.id, group_key=key, since=town.lotse.rooms.clock.now()))
    names = await asks(town.lea, "/termin")
    klima, other, third = labels(names)[:3]
    preview = await asks(town.lea, f"/termin {klima} und {other} 12.3. 10 Uhr Gera")
    assert f"Eingeladen: {klima} und {other}" in preview["text"]
    choice = await presses(town.lea, "Eingeladene", await presses(town.lea, "Ändern", preview))
    assert f"✓ {other}" in labels(choice)
    choice = await presses(town.lea, f"✓ {other}", choice)
    choice = await presses(town.lea, third, choice)
    preview = await presses(town.lea, "Vorschau", choice)
    assert f"Eingeladen: {klima} und {third}" in preview["text"]
    note = await forged(town, town.anna, "t:pi:1.1")
    assert "nicht mehr" in note or "vorbehalten" in note
    choice = await presses(town.lea, "Eingeladene", await presses(town.lea, "Ändern", preview))
    choice = await presses(town.lea, f"✓ {third}", choice)
    await town.lea.presses(f"✓ {klima}", message=choice)  # the last one stays: somebody is invited
    async with town.lotse.rooms.database.reading() as session:
        assert len(list(await session.scalars(select(MeetingGroup)))) == 1


async def test_files_are_read_for_what_they_say(town):
    rule = ("UID:1", "SUMMARY:AG Klima: Reihe", "DTSTART;TZID=Europe/Berlin:20270105T100000",
            "DTEND;TZID=Europe/Berlin:20270105T113000", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "EXDATE;TZID=Europe/Berlin:20270216T100000")  # fmt: skip
    await town.lea.uploads(calendar(*rule), name="reihe.ics")
    preview = await town.lea.receives(containing="AG Klima: Reihe")
    assert "Di, 2. Februar 2027, 10:00–11:30" in preview["text"]
    assert "jeden zweiten Dienstag, außer am 16. Februar, nächstes Mal am Di, 2. März 2027" in preview["text"]
    await presses(town.lea, "Verwerfen", preview)
    days = ("UID:2", "SUMMARY:AG Klima: Klausur", "DTSTART;VALUE=DATE:20270311", "DTEND;VALUE=DATE:20270313")
    await town.lea.uploads(calendar(*days), name="klausur.ics")
    asked = await town.lea.receives(containing="Um wie viel Uhr")
    assert "Do, 11. März 2027" in asked["text"]
    preview = await asks(town.lea, "9-16 Uhr")
    assert "Do, 11. März 2027, 9:00 bis Fr, 12. März 2027, 16:00" in preview["text"]
    await presses(town.lea, "Verwerfen", preview)
    gone = ("UID:3", "SUMMARY:AG Klima", "DTSTART:20270312T090000Z", "DTEND:20270312T100000Z")
    await town.lea.uploads(calendar(*gone, method="CANCEL"), name="absage.ics")
    refused = await town.lea.receives(containing="sagt einen Termin ab")
    assert "Ich plane daraus nichts" in refused["text"]
    async with town.lotse.rooms.database.reading() as session:
        assert list(await session.scalars(select(Meeting))) == []
        assert list(await session.scalars(select(MeetingSeries))) == []
        assert list(await session.scalars(select(MeetingGroup))) == []
    await planned(town)
    async with town.lotse.rooms.database.reading() as session:
        uid = await session.scalar(select(Meeting.uid))
    own = (f"UID:{uid}", "SUMMARY:AG Klima: Bäume", "DTSTART:20270312T090000Z", "DTEND:20270312T110000Z")
    await town.lea.uploads(calendar(*own), name="termin.ics")
    known = await town.lea.receives(containing="gibt es hier schon")
    assert labels(known) == ["Ändern", "Antworten ansehen"]


async def test_what_changes_is_read_back_with_its_doubts_and_refused_in_words(town):
    _, sent = await planned(town)
    overview = await presses(town.lea, "Antworten ansehen", sent)
    menu = await presses(town.lea, "Ändern", overview)
    await presses(town.lea, "Zeit", menu)
    confirm = await asks(town.lea, "Karfreitag")
    assert "keinen Tag erkannt" in confirm["text"]
    confirm = await asks(town.lea, "26.3. 9 Uhr")
    assert "Fr, 26. März 2027, 9:00–11:00" in confirm["text"]
    assert "Feiertag: Karfreitag" in confirm["text"]
    await presses(town.lea, "Plätze", menu)
    assert "1 bis 10000" in (await asks(town.lea, "0"))["text"]
    assert "Notiert: 1 Platz" in (await asks(town.lea, "1"))["text"]
    await presses(town.lea, "Antwort bis", menu)
    assert "vor dem Beginn" in (await asks(town.lea, "1.4."))["text"]
    assert "Fr, 5. März 2027, 18:00" in (await asks(town.lea, "5.3."))["text"]
    await presses(town.lea, "Antwort bis", menu)
    assert "bis zum Beginn" in (await asks(town.lea, "-"))["text"]
    await presses(town.lea, "Titel", menu)
    assert "höchstens 200" in (await asks(town.lea, "x" * 201))["text"]
    assert "xyz" in (await asks(town.lea, "xyz"))["text"]
    await presses(town.lea, "Video-Link", menu)
    assert "https://meet.example.org/x" in (await asks(town.lea, "meet.example.org/x"))["text"]
    await presses(town.lea, "Gastgeberin", menu)
    confirm = await asks(town.lea, "Pößneck")
    await presses(town.lea, "Ändern und alle informieren", confirm)
    told = await town.anna.receives(containing="Neu: die Gastgeberin", timeout=15)
    assert "Gastgeberin: Pößneck" in str(told)
    town.set_clock(2027, 3, 1, 9, 0)
    picture = await presses(town.lea, "Antworten ansehen", sent)
    await town.lea.presses("Diagramm", message=picture)
    await town.lotse.sandbox.client.settles()
    assert any("photo" in message for message in await town.lea.chat_history())
    town.set_clock(2027, 3, 12, 10, 1)
    for data in ("t:pe:1", "t:pf:1.0", "t:ca:1"):
        assert "schon begonnen" in await forged(town, town.lea, data), data
