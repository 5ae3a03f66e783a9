"""The whole walk through the sandbox: write, aim, look, confirm, arrive, report, correct, take back."""

import datetime as dt

import pytest
from sqlalchemy import select

from bot.groups.models import Subscription, WorkingGroup
from bot.members.models import Person, Town
from bot.sandbox import actions
from tests.questions.conversation import PIXEL, asks, labels, presses

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
    await follow(lotse, *people[:2])
    return Alliance(lotse, people)


async def follow(lotse, *people):
    """Let them follow the AG Klima."""
    since = lotse.rooms.clock.now()
    async with lotse.rooms.database.writing() as session:
        group = await session.scalar(select(WorkingGroup).where(WorkingGroup.key == "ag-klima"))
        for person in people:
            session.add(Subscription(group_id=group.id, person_id=person.id, mode="at_once", since=since))


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
    report = await alliance.miriam.receives("Zugestellt: 2 von 2", timeout=20)
    assert "Erreicht: 2 von 2 Städten." in report["text"]
    await alliance.carla.receives_nothing()
    note = await alliance.miriam.presses("Auch an Neue senden", report)
    assert note["text"] == "Niemand ist dazugekommen."
    await follow(alliance.lotse, alliance.carla)
    sure = await presses(alliance.miriam, "Auch an Neue senden", report)
    assert "1 Empfänger ist seit dem Beginn dazugekommen" in sure["text"]
    await alliance.miriam.presses("An 1 senden", sure)
    await alliance.carla.receives("Guten Tag Carla aus Suhl")
    await alliance.miriam.receives("Zugestellt: 3 von 3", timeout=20)
    assert shown(alliance, alliance.anna).count("Guten Tag Anna aus Gera") == 1


async def test_whatever_is_written_or_forwarded_becomes_the_draft(alliance):
    listed = await asks(alliance.miriam, "/ankuendigung")
    assert listed["text"].startswith("Ankündigungen\n")
    await alliance.miriam.uploads(PIXEL, kind="photo", name="bild.png", caption="Mit Bild", mime_type="image/png")
    shown = await alliance.miriam.receives("Mit Bild")
    assert shown["photo"]
    screen = await alliance.miriam.receives("Wer soll es bekommen")
    extras = await presses(alliance.miriam, "Schaltflächen, Frage …", screen)
    await presses(alliance.miriam, "„Gelesen“ hinzufügen", extras)
    asked = await presses(alliance.miriam, "Frage hinzufügen")
    assert "Erste Zeile die Frage" in asked["text"]
    await alliance.lotse.restart()
    await alliance.miriam.sends("Kommen Sie?\nJa\nNein")
    shown = await alliance.miriam.receives("Mit Bild")
    assert labels(shown) == ["Ja", "Nein", "Gelesen"]
    note = await alliance.miriam.presses("Ja", shown)
    assert "Vorschau" in note["text"]
    screen = await alliance.miriam.receives("Wer soll es bekommen")
    screen = await aimed(alliance, screen, "Alle Mitglieder")
    await alliance.miriam.presses("Jetzt senden", screen)
    got = await alliance.anna.receives("Mit Bild")
    await alliance.anna.presses("Ja", got)
    assert labels(await alliance.anna.receives("Mit Bild")) == ["✓ Ja", "Nein", "Gelesen ✓"]
    report = await alliance.miriam.receives("Zugestellt: 4 von 4", timeout=20)
    report = await presses(alliance.miriam, "Aktualisieren", report)
    assert "gelesen: 1" in report["text"]
    assert "Kommen Sie?\nJa: 1\nNein: 0" in report["text"]
    await alliance.miriam.presses("Diagramm", report)
    await alliance.miriam.presses("Liste als CSV", report)
    assert (await alliance.miriam.receives("ankuendigung-1.csv"))["document"]
    pictures = [message for message in await alliance.miriam.chat_history() if message.get("photo")]
    assert len(pictures) == 6  # hers, twice its preview, what she got, two charts


async def test_it_is_corrected_and_taken_back_where_it_arrived(alliance):
    screen = await aimed(alliance, await written(alliance, "Am Freitag"), "Alle Mitglieder")
    await alliance.miriam.presses("Jetzt senden", screen)
    await alliance.anna.receives("Am Freitag")
    report = await alliance.miriam.receives("Zugestellt: 4 von 4", timeout=20)
    await alliance.miriam.presses("Korrigieren", report)
    await alliance.miriam.sends("Am Samstag")
    await alliance.miriam.receives("So stünde es dann überall")
    await alliance.miriam.presses("Überall so ändern")
    await alliance.anna.receives("Am Samstag")
    await alliance.miriam.receives("Korrigiert: 4 von 4", timeout=20)
    await alliance.miriam.presses("Zurückziehen", report)
    sure = await alliance.miriam.receives("Bei 4 Empfängern wird sie entfernt")
    await alliance.miriam.presses("Wirklich zurückziehen", sure)
    await alliance.miriam.receives("Entfernt: 4", timeout=20)
    assert "Am Samstag" not in [message.get("text") for message in await alliance.anna.chat_history()]


async def test_a_time_is_typed_and_kept_over_a_restart(alliance):
    screen = await aimed(alliance, await written(alliance, "Später"), "Alle Mitglieder")
    asked = await presses(alliance.miriam, "Zeitpunkt wählen", screen)
    assert "Wann soll sie hinausgehen" in asked["text"]
    doubt = await asks(alliance.miriam, "31.2. 10 uhr")
    assert "gibt es nicht" in doubt["text"]
    await alliance.lotse.rooms.announcements.drafts.toggle_read_button(alliance.miriam.id, 1)  # a colleague's change
    await alliance.miriam.sends("morgen 9 Uhr")
    await alliance.miriam.receives("wurde inzwischen geändert")
    assert labels(await alliance.miriam.receives("Später")) == ["Gelesen"]
    await presses(alliance.miriam, "Zeitpunkt wählen", await alliance.miriam.receives("So sehen es"))
    planned = await asks(alliance.miriam, "morgen 9 Uhr")
    assert "Geplant für Di, 9. März 2027, 9:00" in planned["text"]
    await alliance.lotse.restart()
    alliance.move(days=1)
    await alliance.anna.receives("Später")
    await alliance.miriam.receives("Zugestellt: 4 von 4", timeout=20)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_doubt_about_a_planned_one_keeps_its_time(alliance):
    screen = await aimed(alliance, await written(alliance, "Rufen Sie 0361 1234567 an"), "Alle Mitglieder")
    await presses(alliance.miriam, "Zeitpunkt wählen", screen)
    doubtful = await asks(alliance.miriam, "morgen 9 Uhr")
    assert "Soll das wirklich alle erreichen?" in doubtful["text"]
    assert "Noch nicht geplant; gewünscht: Di, 9. März 2027, 9:00." in doubtful["text"]
    assert "Trotzdem senden" not in labels(doubtful)
    planned = await presses(alliance.miriam, "Trotzdem planen", doubtful)
    assert "Geplant für Di, 9. März 2027, 9:00" in planned["text"]
    alliance.move(days=1)
    await alliance.anna.receives("Rufen Sie")


async def test_a_second_person_is_asked_and_others_are_refused(alliance):
    alliance.lotse.settings = alliance.lotse.settings.model_copy(update={"second_release_from": 2})
    await alliance.lotse.restart()
    paul = await alliance.lotse.person("Paul")
    await add(alliance.lotse, paul, "Jena", role="coordinator")
    screen = await aimed(alliance, await written(alliance, "Wichtig"), "Alle Mitglieder")
    tested = await presses(alliance.miriam, "Test an Kolleg:innen", screen)
    await alliance.miriam.presses("Paul", tested)
    await paul.receives("Wichtig")
    await paul.receives("Test von Miriam")
    screen = await presses(alliance.miriam, "Zurück", tested)
    await alliance.miriam.presses("Jetzt senden", screen)
    waits = await alliance.miriam.receives("Wartet auf Freigabe durch eine zweite Person")
    assert "Freigeben" not in labels(waits)
    asked = await paul.receives("Freigabe erbeten: Miriam")
    await paul.presses("Ansehen und freigeben", asked)
    await paul.receives("Wichtig")
    screen = await paul.receives("Wartet auf Freigabe")
    await paul.presses("Freigeben", screen)
    await alliance.anna.receives("Wichtig")
    await paul.receives("Zugestellt: 5 von 5", timeout=20)
    refused = await asks(alliance.anna, "/ankuendigung")
    assert refused["text"] == "Ankündigungen sind Sache der Koordination."


async def test_old_and_forged_buttons_are_refused_kindly(alliance):
    screen = await written(alliance, "Nur ein Entwurf")
    world = alliance.lotse.sandbox.world
    message = world.chats[alliance.miriam.id].messages[screen["message_id"]]
    for data, words in (
        ("a:zz:1", "veraltet"),
        ("a:s:999", "gibt es nicht mehr"),
        ("a:at:1.0.0.77", "veraltet"),
        ("a:a:1.9", "veraltet"),
        ("a:r:99999999999999999999", "veraltet"),
    ):
        message.data["reply_markup"] = {"inline_keyboard": [[{"text": "?", "callback_data": data}]]}
        note = await alliance.miriam.presses("?")
        assert words in note["text"]


def says(alliance, content):
    """Write what the sandbox's page cannot: formatting, albums, polls, forwards."""
    world = alliance.lotse.sandbox.world
    person = world.persons[alliance.miriam.id]
    return actions._post(world, person, world.chats[person.id], content)


async def test_a_forwarded_formatted_message_keeps_its_form(alliance):
    await asks(alliance.miriam, "/ankuendigung")
    entities = [{"type": "bold", "offset": 0, "length": 4}, {"type": "italic", "offset": 5, "length": 7}]
    says(alliance, {"text": "Neue {stadt} <b> & mehr", "entities": entities})
    shown = await alliance.miriam.receives("Neue Jena <b> & mehr")
    assert [(entity["type"], entity["length"]) for entity in shown["entities"]] == [("bold", 4), ("italic", 4)]
    await alliance.miriam.presses("Ändern", await alliance.miriam.receives("Wer soll es bekommen"))
    await alliance.miriam.receives("was stattdessen gesagt werden soll")
    says(alliance, {"text": "Neue {stadt} {vorname}", "entities": [entities[0], entities[1] | {"length": 3}]})
    screen = await alliance.miriam.receives("ersetze ich nicht")
    assert "{stadt}, {vorname} ersetze ich nicht" in screen["text"]


async def test_a_poll_becomes_a_question(alliance):
    await asks(alliance.miriam, "/ankuendigung")
    options = [{"text": text, "voter_count": 0, "persistent_id": text} for text in ("Rot", "Blau")]
    poll = {
        "id": "1", "question": "Welche Farbe?", "options": options, "total_voter_count": 0, "is_closed": False,
        "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": True,
        "members_only": False,
    }  # fmt: skip
    says(alliance, {"poll": poll})
    shown = await alliance.miriam.receives("Welche Farbe?")
    assert labels(shown) == ["Rot", "Blau"]


async def test_a_sending_is_watched_held_continued_and_stopped(alliance):
    await alliance.lotse.sandbox.client.fault("slow", method="sendMessage", seconds=0.2, times=None)
    screen = await aimed(alliance, await written(alliance, "Für alle"), "Alle Mitglieder")
    alliance.move(hours=12)
    await alliance.miriam.presses("Jetzt senden", screen)
    live = await alliance.miriam.receives("warten auf ihre Zeit", timeout=20)
    assert "░" in live["text"]
    assert "0 von 4" in live["text"]
    held = await presses(alliance.miriam, "Anhalten", live)
    assert held["text"].startswith("Angehalten:")
    await alliance.lotse.restart()
    going = await presses(alliance.miriam, "Weiter", held)
    assert going["text"].startswith("Wird gesendet:")
    sure = await presses(alliance.miriam, "Stopp", going)
    assert "4 Nachrichten werden dann nicht mehr gesendet" in sure["text"]
    await alliance.miriam.presses("Wirklich stoppen", sure)
    stopped = await alliance.miriam.receives("Gestoppt:", timeout=20)
    assert "4 nicht mehr gesendet" in (stopped["text"] + str(await alliance.miriam.chat_history()))
    await alliance.anna.receives_nothing()


async def photos(alliance, count):
    """Pictures as the sandbox keeps them, to be put into an album."""
    world, found = alliance.lotse.sandbox.world, []
    for _ in range(count):
        number = await alliance.carla.uploads(PIXEL, kind="photo", name="bild.png", mime_type="image/png")
        found.append(world.chats[alliance.carla.id].messages[number].data["photo"])
    return found


def send_album(alliance, pictures, album, caption=""):
    for place, picture in enumerate(pictures):
        words = {"caption": caption} if caption and not place else {}
        says(alliance, {"photo": picture, "media_group_id": album, **words})


def shown(alliance, person):
    """What a person sees of the bot now: pictures and words, in their order."""
    world = alliance.lotse.sandbox.world
    return [
        ("🖼 " if message.data.get("photo") else "") + (message.data.get("caption") or message.data.get("text") or "")
        for message in world.chats[person.id].messages.values()
        if message.sender == world.bot_id
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_album_is_pressed_through_and_corrected_by_another(alliance):
    pictures = await photos(alliance, 5)
    await asks(alliance.miriam, "/ankuendigung")
    send_album(alliance, pictures[:3], "A1")
    counted = await alliance.miriam.receives("Album mit 3 Teilen")
    await alliance.miriam.sends("Drei Bilder für {name}")  # the words come after the pictures
    await alliance.miriam.receives("Drei Bilder für Miriam")
    screen = await alliance.miriam.receives("Wer soll es bekommen")
    await alliance.miriam.presses("Vorschau", counted)
    extras = await presses(alliance.miriam, "Schaltflächen, Frage …", screen)
    assert "Mit 3 Bildern oder Dokumenten." in extras["text"]
    extras = await presses(alliance.miriam, "„Gelesen“ hinzufügen", extras)
    screen = await presses(alliance.miriam, "Zurück", extras)
    screen = await aimed(alliance, screen, "Arbeitsgruppen", "AG Klima")
    await alliance.miriam.presses("Jetzt senden", screen)
    below = await alliance.anna.receives("Zur Nachricht oben")
    assert shown(alliance, alliance.anna)[-4:] == ["🖼 Drei Bilder für Anna", "🖼 ", "🖼 ", "Zur Nachricht oben:"]
    await alliance.anna.presses("Gelesen", below)
    report = await alliance.miriam.receives("Zugestellt: 2 von 2", timeout=20)
    await alliance.miriam.presses("Korrigieren", report)
    await alliance.miriam.receives("Schreiben Sie mir den neuen Text")
    send_album(alliance, pictures[3:], "A2", "Zwei bessere")
    counted = await alliance.miriam.receives("Album mit 2 Teilen")
    await alliance.miriam.presses("Vorschau", counted)
    asked = await alliance.miriam.receives("So stünde es dann überall")
    await alliance.miriam.presses("Überall so ändern", asked)
    await alliance.ben.receives("Zwei bessere", timeout=20)
    report = await alliance.miriam.receives("Berichtigung zugestellt: 2", timeout=20)
    assert shown(alliance, alliance.ben)[-3:] == ["🖼 Berichtigung\nZwei bessere", "🖼 ", "Zur Nachricht oben:"]
    sure = await presses(alliance.miriam, "Zurückziehen", report)
    await alliance.miriam.presses("Wirklich zurückziehen", sure)
    await alliance.miriam.receives("Entfernt: 2\nZugestellt war es bei 2.", timeout=20)
    assert [text for text in shown(alliance, alliance.anna) if "🖼" in text or "oben" in text] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_long_list_is_pasted_in_parts_and_what_is_odd_is_said(alliance):
    screen = await written(alliance, "Für wenige")
    screen = await presses(alliance.miriam, "Empfänger wählen", screen)
    asked = await presses(alliance.miriam, "Liste einfügen", screen)
    assert "Wer nicht eindeutig ist" in asked["text"]
    said = await asks(alliance.miriam, "kein Mensch\nBem")
    assert said["text"].startswith("Davon kenne ich niemanden")
    await alliance.miriam.sends("Anna\nAnna\nCarlo")
    said = await alliance.miriam.receives("1 Person gefunden, 1 Zeile doppelt")
    assert "Nicht gefunden: Carlo (meinen Sie Carla?)" in said["text"]
    await alliance.miriam.sends("Ben, Suhl")
    await alliance.miriam.receives("1 Person gefunden.")
    screen = await alliance.miriam.receives("Liste mit 2 Personen")
    screen = await presses(alliance.miriam, "Liste ✕", screen)
    assert "noch niemand" in screen["text"]
    answer = await asks(alliance.miriam, "Anna")  # still the list, until „Fertig“
    assert "1 Person gefunden" in answer["text"]
    await presses(alliance.miriam, "Fertig", await alliance.miriam.receives("Liste mit 1 Person"))
    await alliance.miriam.sends("Anna")
    await alliance.miriam.receives()
    assert "gefunden" not in (await alliance.miriam.chat_history())[-1].get("text", "")


async def test_a_correction_for_many_is_looked_at_by_somebody_else(alliance):
    alliance.lotse.settings = alliance.lotse.settings.model_copy(update={"second_release_from": 2})
    await alliance.lotse.restart()
    screen = await aimed(alliance, await written(alliance, "Am Freitag"), "Alle Mitglieder")
    await alliance.miriam.presses("Jetzt senden", screen)
    report = await alliance.miriam.receives("Zugestellt: 4 von 4", timeout=20)
    paul = await alliance.lotse.person("Paul")
    await add(alliance.lotse, paul, "Jena", role="coordinator")
    await alliance.miriam.presses("Korrigieren", report)
    await alliance.miriam.sends("Am Samstag")
    await alliance.miriam.receives("Am Samstag")
    asked = await alliance.miriam.receives("So stünde es dann überall")
    note = await alliance.miriam.presses("Überall so ändern", asked)
    assert note["text"] == "Die Korrektur wartet auf Freigabe durch eine zweite Person."
    assert "Eine Korrektur wartet" in (await alliance.miriam.receives("Zugestellt: 4 von 4"))["text"]
    wish = await paul.receives("Freigabe einer Korrektur erbeten: Miriam möchte „Am Freitag“")
    await alliance.lotse.restart()
    await paul.presses("Ansehen und freigeben", wish)
    await paul.receives("Am Samstag")
    await paul.presses("Überall so ändern", await paul.receives("So stünde es dann überall"))
    await alliance.anna.receives("Am Samstag", timeout=20)
    await paul.receives("Korrigiert: 4 von 4", timeout=20)
    assert "Am Freitag" not in str(await alliance.anna.chat_history())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_odd_things_at_every_step_are_answered_in_a_clear_sentence(alliance):
    await asks(alliance.miriam, "/ankuendigung")
    says(alliance, {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                                "is_animated": False, "is_video": False}})  # fmt: skip
    assert "Das kann ich nicht weitergeben" in (await alliance.miriam.receives())["text"]
    too_long = await asks(alliance.miriam, "x" * 4090 + "{name}")
    assert too_long["text"].startswith("Der Text ist um 54 Zeichen zu lang. Telegram fasst 4.096")
    await alliance.miriam.sends("Ein Text")
    screen = await alliance.miriam.receives("Wer soll es bekommen")
    extras = await presses(alliance.miriam, "Schaltflächen, Frage …", screen)
    for button, odd, words in (
        ("Links hinzufügen", "nur Worte", "Links: höchstens drei"),
        ("Frage hinzufügen", "Nur eine Zeile", "erste Zeile die Frage"),
        ("Dringend …", "y" * 300, "leer oder zu lang"),
        ("Nur bis …", "irgendwann", "keinen Tag erkannt"),
        ("Nur bis …", "1.3.2020 8 Uhr", "vorbei"),
    ):
        await presses(alliance.miriam, button, extras)
        await alliance.miriam.uploads(PIXEL, kind="photo", name="bild.png", mime_type="image/png")
        assert (await alliance.miriam.receives())["text"]
        refused = await asks(alliance.miriam, odd)
        assert words in refused["text"], refused["text"]
    await asks(alliance.miriam, "/abbrechen")
    await alliance.miriam.presses("Zurück", extras)
    screen = await alliance.miriam.receives("Wer soll es bekommen")
    assert "Jetzt senden" not in labels(screen)  # nobody is meant


async def test_who_lost_the_role_or_the_draft_is_not_caught_in_its_dialogue(alliance):
    paul = await alliance.lotse.person("Paul")
    await add(alliance.lotse, paul, "Jena", role="coordinator")
    await asks(paul, "/ankuendigung")
    await add(alliance.lotse, paul, "Jena", role="member")
    refused = await asks(paul, "Was heißt ISEK?")
    assert refused["text"] == "Ankündigungen sind Sache der Koordination."
    assert "ISEK" in (await asks(paul, "Was heißt ISEK?"))["text"]
    screen = await written(alliance, "Ein Entwurf")
    await presses(alliance.miriam, "Ändern", screen)
    sure = await presses(alliance.miriam, "Verwerfen", screen)
    await add(alliance.lotse, paul, "Jena", role="coordinator")
    await paul.sends("/ankuendigung")
    listed = await paul.receives("Ankündigungen")
    mine = await presses(paul, "✏️ Ein Entwurf", listed)
    await presses(paul, "Ändern", mine)
    await alliance.miriam.presses("Wirklich verwerfen", sure)
    await alliance.miriam.receives("Ankündigungen")
    gone = await asks(paul, "Neuer Text")
    assert gone["text"] == "Diese Ankündigung gibt es nicht mehr."
    assert "ISEK" in (await asks(paul, "Was heißt ISEK?"))["text"]
