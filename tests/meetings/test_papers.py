from bot.meetings.models import Reply
from bot.members.models import Person, Town
from tests.meetings.town import planned
from tests.questions.conversation import asks, labels, presses


async def test_documents_come_with_the_invitation_on_a_press(town):
    preview = await asks(town.lea, "/termin AG Klima: Bäume 12.03.2027 10 Uhr Gera")
    menu = await presses(town.lea, "Ändern", preview)
    assert "Senden Sie Dateien" in (await presses(town.lea, "Dokumente", menu))["text"]
    await town.lea.uploads(b"eins", name="leitfaden.pdf")
    await town.lea.receives(containing="1 Dokument.")
    await town.lotse.restart()
    await town.lea.uploads(b"zwei", name="karte.ics")
    kept = await town.lea.receives(containing="2 Dokumente.")
    assert "Weitere" in kept["text"] or "weitere" in kept["text"]
    assert "Datei" in (await asks(town.lea, "nur Text"))["text"]
    await presses(town.lea, "Senden", await presses(town.lea, "Vorschau", kept))
    invited = await town.anna.receives(containing="AG Klima: Bäume")
    assert "Dokumente (2)" in labels(invited)
    await town.anna.presses("Dokumente (2)", message=invited)
    names = {(await town.anna.receives(containing=name))["document"]["file_name"] for name in ("leitfaden", "karte")}
    assert names == {"leitfaden.pdf", "karte.ics"}


async def test_documents_that_come_later_are_told_if_wished_and_once(town):
    _, sent = await planned(town)
    await town.anna.receives(containing="AG Klima: Bäume")
    menu = await presses(town.lea, "Ändern", await presses(town.lea, "Antworten ansehen", sent))
    await presses(town.lea, "Dokumente", menu)
    await town.lea.uploads(b"eins", name="leitfaden.pdf")
    kept = await town.lea.receives(containing="1 Dokument.")
    await town.lea.presses("Alle informieren", message=kept)
    told = await town.anna.receives(containing="Neu: Dokumente.")
    assert "Dokumente (1)" in labels(told)
    await town.lea.receives(containing="werden informiert")
    await town.lea.receives(containing="Neu: Dokumente.")
    again = await presses(town.lea, "Dokumente", menu)
    emptied = await presses(town.lea, "Alle entfernen", again)
    assert "bisher" not in emptied["text"]
    note = await town.anna.presses("Dokumente (1)", message=told)
    assert "keine Dokumente" in note["text"]


async def test_minutes_and_documents_go_to_participants_and_if_wished_to_the_group(town):
    await planned(town)
    invited = await town.anna.receives(containing="AG Klima: Bäume")
    await town.anna.presses("Zusage", message=invited)
    await town.anna.receives(containing="Ihre Antwort: Zusage")
    town.set_clock(2027, 3, 12, 12, 31)
    asked = await town.lea.receives(containing="ist vorbei", timeout=15)
    await presses(town.lea, "Protokoll", asked)
    await asks(town.lea, "Beschlossen: 40 Bäume & <Bänke>")
    await town.lea.uploads(b"eins", name="protokoll.pdf")
    await town.lea.receives(containing="1 Dokument")
    await town.lea.uploads(b"zwei", name="folien.pdf")
    ready = await town.lea.receives(containing="und 2 Dokumente")
    await town.anna.receives_nothing()
    await town.lea.presses("An alle, die zugesagt haben", message=ready)
    for content in ("protokoll.pdf", "folien.pdf", "40 Bäume & <Bänke>"):
        await town.anna.receives(containing=content, timeout=15)
    on_way = await town.lea.receives(containing="ist unterwegs")
    assert not [each for each in await town.ben.chat_history() if "Bänke" in str(each)]
    await town.lea.presses("Auch an alle Eingeladenen", message=on_way)
    await town.ben.receives(containing="40 Bäume & <Bänke>", timeout=15)
    assert len([each for each in await town.anna.chat_history() if "Bänke" in str(each)]) == 1
    await asks(town.ben, "/termine")
    past = await presses(town.ben, "Vergangene")
    assert "mit Protokoll" in past["text"]
    card = await presses(town.ben, "12.3. 10:00 AG Klima: Bäume", past)
    assert "40 Bäume" in card["text"]
    assert "Dokumente (2)" in labels(card)


async def test_attendance_is_ticked_and_taken_back(town):
    await planned(town)
    town.set_clock(2027, 3, 12, 12, 31)
    asked = await town.lea.receives(containing="ist vorbei", timeout=15)
    sheet = await presses(town.lea, "Anwesenheit", asked)
    assert labels(sheet)[:3] == ["Anna", "Ben", "Lea"]
    ticked = await presses(town.lea, "Ben", sheet)
    assert "Bisher angekreuzt: 1" in ticked["text"]
    assert labels(ticked)[:3] == ["Anna", "✓ Ben", "Lea"]
    async with town.lotse.rooms.database.reading() as session:
        assert (await session.get(Reply, (1, town.ben.id))).attended is True
    assert "Bisher angekreuzt: 0" in (await presses(town.lea, "✓ Ben", ticked))["text"]


async def test_a_deputy_of_the_same_town_is_named_and_answers(town):
    now = town.lotse.rooms.clock.now()
    dora = await town.lotse.person("Dora")
    async with town.lotse.rooms.database.writing() as session:
        session.add(Town(id=9001, name="Neustadt", folded="neustadt", kind="town"))
        await session.flush()
        session.add(Person(id=dora.id, name="Dora", role="member", town_id=9001, created_at=now, joined_at=now))
        (await session.get(Person, town.anna.id)).town_id = 9001
    await planned(town)
    invited = await town.anna.receives(containing="AG Klima: Bäume")
    choice = await presses(town.anna, "Vertretung nennen", invited)
    assert labels(choice)[0] == "Dora"
    await town.anna.presses("Dora", message=choice)
    await town.anna.receives(containing="Ihre Antwort: Absage, Vertretung kommt")
    asked = await dora.receives(containing="Anna hat Sie als Vertretung genannt", timeout=15)
    assert asked["document"]["file_name"] == "termin.ics"
    await dora.presses("Zusage", message=asked)
    await dora.receives(containing="Ihre Antwort: Zusage")
    town.set_clock(2027, 3, 12, 9, 1)
    await dora.receives(containing="Erinnerung", timeout=15)
    assert not [each for each in await town.anna.chat_history() if "Erinnerung:" in str(each.get("text"))]
    none = await presses(town.ben, "Vertretung nennen", await town.ben.receives(containing="Erinnerung"))
    assert "sonst niemand" in none["text"]
