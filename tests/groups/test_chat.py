"""Whole conversations about working groups with the real bot beside a sandbox."""

import datetime as dt

import pytest

from bot.groups.errors import FeedFaultError
from bot.groups.fetching import FeedEntry, Fetched
from bot.members.joining import Newcomer
from bot.sandbox import actions
from tests.questions.conversation import PIXEL, asks, labels, presses

MORNING = dt.datetime(2027, 3, 8, 9, 0, tzinfo=dt.UTC)
"""A Monday, 10:00 in Thuringia."""


@pytest.fixture
async def workday(lotse):
    """The bot on a Monday morning."""
    lotse.move_clock(MORNING - dt.datetime.now(dt.UTC))
    return lotse


async def member(lotse, name="Anna", leads=()):
    person = await lotse.person(name)
    invitation, _ = await lotse.rooms.members.joining.invite(lotse.office.id)
    await lotse.rooms.members.joining.accept(invitation.token, Newcomer(person.id, name))
    for key in leads:
        await lotse.rooms.members.members.set_lead(lotse.office.id, person.id, key, leads=True)
    return person


async def follower(lotse, name="Anna", key="ag-klima"):
    person = await member(lotse, name)
    group = await lotse.rooms.groups.groups.by_key(key)
    await lotse.rooms.groups.groups.follow(person.id, group.id)
    return person


def says(lotse, person, content):
    """Write what the sandbox's page cannot: formatting, albums."""
    world = lotse.sandbox.world
    return actions._post(world, world.persons[person.id], world.chats[person.id], content)


async def loses(lotse, person, words):
    """Wait until no message says this any more."""
    client = lotse.sandbox.client
    for _ in range(20):
        revision = (await client.get("state", person=person.id))["revision"]
        if not any(words in message.get("text", "") for message in await person.chat_history()):
            return
        await client.get("changes", after=revision, wait=5)
    raise AssertionError(words)


async def test_a_group_is_followed_and_left_in_one_tap(workday):
    anna = await member(workday)
    listed = await asks(anna, "/gruppen")
    assert "AG Wohnen und Leben in der Stadt" in listed["text"]
    card = await presses(anna, "AG Klima", listed)
    assert "Wanderbaumalleen" in card["text"]
    assert "Nächstes Treffen: noch keines geplant" in card["text"]
    assert "noch folgt der Gruppe hier niemand" in card["text"]
    answer = await anna.presses("Abonnieren", message=card)
    assert answer["text"] == "Abonniert."
    card = await anna.receives("1 folgt")
    card = await presses(anna, "wöchentlich", card)
    assert "Ihr Abo: wöchentlich" in card["text"]
    answer = await anna.presses("Abbestellen", message=card)
    assert answer["text"] == "Abbestellt."
    assert "Abonnieren" in labels(await anna.receives("noch folgt"))


async def test_a_link_and_its_qr_code_open_a_group(workday):
    anna = await member(workday)
    await anna.starts("g_ag-klima")
    card = await anna.receives("AG Klima")
    await anna.presses("QR-Code", message=card)
    picture = await anna.receives("abonnieren")
    assert "photo" in picture
    name = workday.rooms.application.bot.username
    assert f"https://t.me/{name}?start=g_ag-klima" in picture["caption"]
    await anna.starts("g_ag-mond")
    assert "gibt es nicht" in (await anna.receives())["text"]


async def test_news_is_written_looked_at_and_sent(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    asked = await asks(lea, "/nachricht")
    assert "Nachricht an AG Klima" in asked["text"]
    says(workday, lea, {"text": "Neue Bäume", "entities": [{"type": "bold", "offset": 0, "length": 4}]})
    preview = await lea.receives("Neue Bäume")
    assert preview["text"] == "AG Klima\nNeue Bäume"
    assert [entity["type"] for entity in preview["entities"]] == ["bold", "bold"]
    control = await lea.receives("So sehen es die Empfänger")
    assert "1 Person" in control["text"]
    await anna.receives_nothing()
    assert (await lea.presses("Jetzt senden", message=control))["text"] == "Geht hinaus."
    got = await anna.receives("Neue Bäume")
    assert (got["text"], got["entities"]) == (preview["text"], preview["entities"])


async def test_news_is_changed_and_withdrawn_where_it_arrived(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    await lea.sends("/nachricht Falsch")
    await lea.receives("So sehen es")
    await lea.presses("Jetzt senden")
    await anna.receives("Falsch")
    await presses(lea, "Ändern")
    await lea.sends("Richtig")
    await lea.receives("AG Klima\nRichtig")
    await lea.receives("So sieht es nach der Änderung aus")
    assert (await anna.chat_history())[-1]["text"] == "AG Klima\nFalsch"
    await lea.presses("Überall so ändern")
    await anna.receives("Richtig")
    stands = await lea.receives("Zugestellt: 1 von 1")
    sure = await presses(lea, "Zurückziehen", stands)
    await lea.presses("Wirklich zurückziehen", message=sure)
    await lea.receives("Zurückgezogen")
    await loses(workday, anna, "Richtig")


async def test_a_picture_is_sent_with_its_caption(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    await asks(lea, "/nachricht")
    await lea.uploads(PIXEL, kind="photo", name="b.png", caption="Baum", mime_type="image/png")
    assert "photo" in await lea.receives("AG Klima\nBaum")
    await lea.receives("So sehen es")
    await lea.presses("Jetzt senden")
    got = await anna.receives("AG Klima\nBaum")
    assert "photo" in got


async def test_an_album_is_taken_part_by_part_and_sent_as_one(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    number = await lea.uploads(PIXEL, kind="photo", name="b.png", mime_type="image/png")
    photo = workday.sandbox.world.chats[lea.id].messages[number].data["photo"]
    await workday.sandbox.client.settles()
    await asks(lea, "/nachricht")
    for caption in ({"caption": "Drei Bäume"}, {}, {}):
        says(workday, lea, {"photo": photo, "media_group_id": "77", **caption})
    counted = await lea.receives("3 Teile")
    await lea.presses("Vorschau", message=counted)
    assert "media_group_id" in await lea.receives("AG Klima\nDrei Bäume")
    await lea.receives("So sehen es")
    await lea.presses("Jetzt senden")
    await anna.receives("AG Klima\nDrei Bäume")
    got = [message for message in await anna.chat_history() if "photo" in message]
    assert len(got) == 3
    assert len({message["media_group_id"] for message in got}) == 1


async def test_what_cannot_be_passed_on_is_said_and_the_dialogue_waits(workday):
    lea = await member(workday, "Lea", ["ag-klima"])
    await asks(lea, "/nachricht")
    says(workday, lea, {"location": {"latitude": 50.9, "longitude": 10.7}})
    assert "kann ich nicht weitergeben" in (await lea.receives())["text"]
    await lea.sends("x" * 4095)
    assert "um 8 Zeichen zu lang" in (await lea.receives())["text"]
    await lea.sends("Kurz")
    await lea.receives("AG Klima\nKurz")


async def test_personal_data_is_pointed_out_before_it_goes_out(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    await lea.sends("/nachricht Anmeldung bei anna@example.org")
    control = await lea.receives("E-Mail-Adresse")
    assert "Jetzt senden" not in labels(control)
    await lea.presses("Trotzdem senden", message=control)
    await anna.receives("anna@example.org")


async def test_news_is_planned_in_words_over_a_restart(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    await lea.sends("/nachricht Später")
    await lea.receives("So sehen es")
    await presses(lea, "Zeitpunkt wählen")
    await workday.restart()
    assert "Um wie viel Uhr" in (await asks(lea, "morgen"))["text"]
    assert "gibt es nicht" in (await asks(lea, "31.2.2028 10 Uhr"))["text"]
    planned = await asks(lea, "morgen 9 uhr")
    assert "Geplant für Di, 9. März 2027, 9:00" in planned["text"]
    await anna.receives_nothing()
    workday.move_clock(MORNING + dt.timedelta(days=1) - dt.datetime.now(dt.UTC))
    await anna.receives("Später", timeout=30)


async def test_who_leads_several_groups_chooses_and_loses_nothing_typed(workday):
    lea = await member(workday, "Lea", ["ag-klima", "ag-leerstandsbewaeltigung"])
    asked = await asks(lea, "/nachricht Gleich getippt")
    assert labels(asked)[:2] == ["AG Leerstand", "AG Klima"]
    await lea.presses("AG Klima", message=asked)
    await lea.receives("AG Klima\nGleich getippt")
    asked = await presses(lea, "Verwerfen", await lea.receives("So sehen es"))
    assert "lässt sich nicht zurückholen" in asked["text"]
    assert "Verworfen" in (await presses(lea, "Wirklich verwerfen", asked))["text"]
    await asks(lea, "/nachricht")
    await lea.uploads(PIXEL, kind="photo", name="bild.png", mime_type="image/png", caption="Vor der Wahl")
    asked = await lea.receives("Für welche Arbeitsgruppe ist es?")
    await lea.presses("AG Klima", message=asked)
    await lea.receives("So sehen es")
    [item], _ = await workday.rooms.groups.news.own(lea.id)
    assert (item.content.plain, len(item.content.items)) == ("Vor der Wahl", 1)
    planned = MORNING + dt.timedelta(minutes=5)
    await workday.rooms.groups.news.release(lea.id, item.id, item.news.version, planned)
    await presses(lea, "Ändern")
    workday.move_clock(MORNING + dt.timedelta(hours=1) - dt.datetime.now(dt.UTC))
    await workday.rooms.groups.outgoing.work()
    await lea.sends("Während des Sendens getippt")  # it is out by now: looked at first, like any correction
    await lea.receives("So sieht es nach der Änderung aus")
    assert (await workday.rooms.groups.news.item(lea.id, item.id)).content.plain == "Vor der Wahl"


async def test_members_write_no_news_and_groups_see_no_drafts(workday):
    anna = await member(workday)
    assert "Leitung" in (await asks(anna, "/nachricht Hallo"))["text"]
    lea = await member(workday, "Lea", ["ag-klima"])
    chat = await workday.sandbox.client.group("Runde", lea)
    await lea.sends("/nachricht Hallo", chat=chat)
    assert "nur im privaten Chat" in (await lea.receives(chat=chat, containing="nur im"))["text"]


async def test_a_forged_button_is_refused(workday):
    anna, lea = await member(workday), await member(workday, "Lea", ["ag-klima"])
    await lea.sends("/nachricht Geheim")
    await lea.receives("So sehen es")
    card = await asks(anna, "/gruppen")
    number = card["message_id"]
    for data in ("g:s:1.2", "g:p:1", "g:b:1.1", "g:F:3", "g:C:3", "g:w:3", "g:z:3.1", "g:k:1", "g:A:3", "g:n:"):
        answer = await forge(workday, anna, number, data)
        assert "Leitung" in answer["text"], data
    for data in ("g:", "g:zz:1", "g:c:", "g:c:1.2", "g:s:1", "g:m:3.7.1", "g:c:99999999999999999"):
        answer = await forge(workday, anna, number, data)
        assert "veraltet" in answer["text"], data
    assert (await forge(workday, anna, number, "g:c:999"))["text"].startswith("Diese Arbeitsgruppe gibt es nicht")


async def forge(lotse, person, message_id, data):
    """Press a button that is not there."""
    message = lotse.sandbox.world.chats[person.id].messages[message_id]
    message.data["reply_markup"]["inline_keyboard"].append([{"text": "x", "callback_data": data}])
    return await person.presses("x", message=as_seen(person, message_id, data))


def as_seen(person, message_id, data):
    return {
        "chat": {"id": person.id},
        "message_id": message_id,
        "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": data}]]},
    }


async def test_sent_news_is_read_back(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await member(workday)
    await lea.sends("/nachricht Zum Nachlesen")
    await lea.receives("So sehen es")
    await lea.presses("Jetzt senden")
    await lea.receives("Niemand folgt")
    await presses(anna, "AG Klima", await asks(anna, "/gruppen"))
    listed = await presses(anna, "Neuigkeiten lesen")
    assert "Zum Nachlesen" in listed["text"]
    await anna.presses("1", message=listed)
    await anna.receives("AG Klima\nZum Nachlesen")
    [item], _ = await workday.rooms.groups.news.own(lea.id)
    await anna.starts(f"n_{item.id}")
    await anna.receives("AG Klima\nZum Nachlesen")
    await anna.starts("n_999")
    await anna.receives("gibt es nicht mehr")


async def test_outsiders_read_what_a_group_does_and_no_more(workday):
    max_ = await workday.person("Max")
    card = await presses(max_, "AG Klima", await asks(max_, "/gruppen"))
    for label in ("Abonnieren", "Neuigkeiten lesen"):
        answer = await max_.presses(label, message=card)
        assert "Mitgliedern des Bündnisses vorbehalten" in answer["text"]


async def test_the_office_founds_a_group_in_two_answers(workday):
    listed = await asks(workday.office, "/gruppen")
    await presses(workday.office, "Arbeitsgruppe gründen", listed)
    assert "Was macht „AG Handel“" in (await asks(workday.office, "AG Handel"))["text"]
    card = await asks(workday.office, "Läden und Märkte")
    assert card["text"].startswith("AG Handel\nLäden und Märkte")


async def test_a_name_that_cannot_be_is_said_at_once_and_the_question_waits(workday):
    office = workday.office
    await presses(office, "Arbeitsgruppe gründen", await asks(office, "/gruppen"))
    await office.uploads(PIXEL, "a.png", "photo")
    await office.receives("brauche ich einen Text")
    assert "gibt oder gab es schon" in (await asks(office, "AG Klima"))["text"]
    assert "95 Zeichen; höchstens 80" in (await asks(office, "AG " + "x" * 92))["text"]
    assert "ein Buchstabe oder eine Zahl" in (await asks(office, "?!"))["text"].replace("Ein", "ein")
    assert "Was macht „AG Handel“" in (await asks(office, "AG Handel"))["text"]
    await workday.restart()
    assert "höchstens 1.500" in (await asks(office, "x" * 1501))["text"]
    await asks(office, "Läden")
    manage = await presses(office, "Verwalten")
    await presses(office, "Umbenennen", manage)
    assert "gibt oder gab es schon" in (await asks(office, "ag klima"))["text"]
    assert (await asks(office, "AG Handel und Markt"))["text"].startswith("AG Handel und Markt\nLäden")


async def test_the_end_of_a_group_takes_its_leads_commands_away(workday):
    lea = await member(workday, "Lea", ["ag-klima"])
    await asks(lea, "/start")
    assert "nachricht" in await lea.commands()
    await presses(workday.office, "AG Klima", await asks(workday.office, "/gruppen"))
    await presses(workday.office, "Verwalten")
    await presses(workday.office, "Beenden")
    assert "AG Klima" not in labels(await presses(workday.office, "Wirklich beenden"))
    assert "nachricht" not in await lea.commands()


async def test_times_are_set_by_buttons_and_in_words(workday):
    anna = await follower(workday)
    shown = await asks(anna, "/einstellungen")
    assert "Mo–Fr, 7:00–18:00 Uhr, nicht an Feiertagen" in shown["text"]
    shown = await presses(anna, "AG Klima: sofort", shown)
    assert "AG Klima: täglich" in labels(shown)
    days = await presses(anna, "Tage und Uhrzeiten", shown)
    days = await presses(anna, "Sa", days)
    assert "Mo–Sa" in days["text"]
    days = await presses(anna, "Feiertage: nein", days)
    assert "auch an Feiertagen" in days["text"]
    shown = await asks(anna, "/einstellungen werktags 8–17 Uhr, täglich gebündelt, nicht an Feiertagen")
    assert "Mo–Fr, 8:00–17:00 Uhr, nicht an Feiertagen" in shown["text"]
    assert "AG Klima: täglich" in shown["text"]
    shown = await asks(anna, "/einstellungen auch samstags, wöchentlich donnerstags um 9 Uhr")
    assert "Mo–Sa, 8:00–17:00 Uhr" in shown["text"]
    assert "AG Klima: wöchentlich, donnerstags um 9:00 Uhr" in shown["text"]
    digests = await presses(anna, "Wann Gebündeltes kommt", shown)
    assert {"Do ✓", "9:00 ✓"} <= set(labels(digests))
    digests = await presses(anna, "So", digests)
    assert "Sonntags möchten Sie sonst nichts bekommen" in digests["text"]
    digests = await presses(anna, "am Beginn", digests)
    assert "um 8:00 Uhr" in digests["text"]
    shown = await asks(anna, "/einstellungen nicht samstags, Pause bis 3.8.")
    assert "Mo–Fr" in shown["text"]
    assert "Pause bis einschließlich Di, 3. August 2027" in shown["text"]
    assert "nicht verstanden" in (await asks(anna, "/einstellungen blau"))["text"]
    assert "bliebe keine Stunde übrig" in (await asks(anna, "/einstellungen ab 19 Uhr"))["text"]
    await presses(anna, "Pause", shown)
    await presses(anna, "Bis zu einem Tag")
    assert "nicht verstanden" in (await asks(anna, "bald"))["text"]
    shown = await asks(anna, "2. April")
    assert "Pause bis einschließlich Fr, 2. April 2027" in shown["text"]


async def test_the_last_day_cannot_be_taken_away(workday):
    anna = await follower(workday)
    await asks(anna, "/einstellungen nur montags")
    await presses(anna, "Tage und Uhrzeiten")
    answer = await anna.presses("Mo ✓")
    assert "Ein Tag muss bleiben" in answer["text"]
    assert "Ein Tag muss bleiben" in (await asks(anna, "/einstellungen nicht montags"))["text"]


async def test_a_group_chat_shows_news_once_its_lead_confirmed(workday):
    lea = await member(workday, "Lea", ["ag-klima"])
    chat = await workday.sandbox.client.group("Klima-Runde", lea)
    asked = await lea.receives("Klima-Runde")
    assert asked["chat"]["id"] == lea.id
    assert labels(asked) == ["AG Klima", "Nicht verknüpfen"]
    linked = await presses(lea, "AG Klima", asked)
    assert "Verknüpft" in linked["text"]
    await lea.sends("/nachricht Für alle")
    control = await lea.receives("Auch in: Klima-Runde")
    await lea.presses("Jetzt senden", message=control)
    got = await lea.receives("Für alle", chat=chat)
    assert got["text"] == "AG Klima\nFür alle"


async def test_a_topic_of_a_forum_is_linked_where_it_is_asked_for(workday):
    lea = await member(workday, "Lea", ["ag-klima"])
    client = workday.sandbox.client
    chat = await client.group("Forum", lea, forum=True, supergroup=True)
    await lea.receives("Forum")
    topic = await lea.opens_topic(chat, "Neues")
    await lea.sends("/verknuepfen", chat=chat, thread=topic)
    asked = await lea.receives("Forum: Neues", chat=chat)
    await lea.presses("AG Klima", message=asked)
    await lea.sends("/nachricht Ins Thema")
    await lea.receives("So sehen es")
    await lea.presses("Jetzt senden")
    got = await lea.receives("Ins Thema", chat=chat)
    assert got["message_thread_id"] == topic


async def test_a_channel_shows_news_once_its_lead_confirmed(workday):
    lea, max_ = await member(workday, "Lea", ["ag-klima"]), await workday.person("Max")
    client = workday.sandbox.client
    channel = await client.channel("Klima aktuell", lea, max_)
    asked = await lea.receives("Klima aktuell")
    assert (asked["chat"]["id"], labels(asked)) == (lea.id, ["AG Klima", "Nicht verknüpfen"])
    assert "Nachholen" in (await presses(lea, "Nicht verknüpfen", asked))["text"]
    await asks(lea, "/gruppen")
    await presses(lea, "AG Klima")
    await presses(lea, "Verwalten")
    chats = await presses(lea, "Verknüpfte Chats")
    assert "Noch ohne Arbeitsgruppe: „Klima aktuell“" in chats["text"]
    await presses(lea, "„Klima aktuell“ verknüpfen", chats)
    await lea.sends("/nachricht In den Kanal")
    control = await lea.receives("Auch in: Klima aktuell")
    await lea.presses("Jetzt senden", message=control)
    got = await max_.receives("In den Kanal", chat=channel)
    assert (got["text"], got["sender_chat"]["id"]) == ("AG Klima\nIn den Kanal", channel)
    await lea.sends("was heißt isek", chat=channel)
    await max_.receives_nothing(chat=channel)
    await client.member(channel, None, "administrator", may_post=False)
    await lea.receives("darf ich nicht schreiben")
    await client.member(channel, None, "kicked")
    await client.settles()
    group = await workday.rooms.groups.groups.by_key("ag-klima")
    assert await workday.rooms.groups.links.of(lea.id, group.id) == []


async def test_a_channel_of_others_is_left_in_peace(workday):
    anna, max_ = await member(workday), await workday.person("Max")
    client = workday.sandbox.client
    theirs = await client.channel("Annas Kanal", anna)
    await anna.receives("Verknüpfen darf das ihre Leitung")
    strange = await client.channel("Fremd", max_)
    await max_.receives_nothing()
    lea = await member(workday, "Lea", ["ag-klima"])
    await lea.blocks_bot()
    silent = await client.channel("Leas Kanal", lea)
    await client.settles()
    for channel, reader in ((theirs, anna), (strange, max_), (silent, lea)):
        assert await reader.chat_history(channel) == []


async def test_a_member_cannot_link_and_a_stranger_is_not_spoken_to(workday):
    anna, max_ = await member(workday), await workday.person("Max")
    chat = await workday.sandbox.client.group("Annas Runde", anna)
    await anna.receives("Verknüpfen darf das ihre Leitung", chat=chat)
    other = await workday.sandbox.client.group("Fremde", max_)
    await max_.receives_nothing(chat=other)


async def test_an_anonymous_administrator_is_told_how_to_link(workday):
    lea = await member(workday, "Lea", ["ag-klima"])
    chat = await workday.sandbox.client.group("Klima-Runde", lea, supergroup=True)
    await lea.receives("Klima-Runde")
    world = workday.sandbox.world
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    command = {"text": "/verknuepfen", "entities": [{"type": "bot_command", "offset": 0, "length": 12}]}
    asked = world.post(world.chats[chat], anonymous, command | {"sender_chat": world.chats[chat].data})
    world.updates.add("message", asked.data, chat)
    await lea.receives("anonym auftreten", chat=chat)


async def test_removing_the_bot_ends_the_link(workday):
    lea = await member(workday, "Lea", ["ag-klima"])
    chat = await workday.sandbox.client.group("Klima-Runde", lea)
    asked = await lea.receives("Klima-Runde")
    await presses(lea, "AG Klima", asked)
    await workday.sandbox.client.member(chat, None, "kicked")
    await workday.sandbox.client.settles()
    group = await workday.rooms.groups.groups.by_key("ag-klima")
    assert await workday.rooms.groups.links.of(lea.id, group.id) == []


async def test_commands_follow_the_role(workday):
    anna = await member(workday)
    assert {"gruppen", "einstellungen"} <= set(await anna.commands())
    assert "nachricht" not in await anna.commands()
    assert "nachricht" in await workday.office.commands()


async def test_the_greeting_leads_to_the_groups(workday):
    anna = await member(workday)
    await anna.starts()
    listed = await presses(anna, "Arbeitsgruppen wählen", await anna.receives())
    assert "AG Leerstandsbewältigung" in listed["text"]


async def test_changed_times_move_what_waits(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    await asks(anna, "/einstellungen täglich gebündelt")
    await lea.sends("/nachricht Wartet")
    control = await lea.receives("1 bekommt es gebündelt")
    await lea.presses("Jetzt senden", message=control)
    await lea.receives("1 wartet")
    await asks(anna, "/einstellungen sofort")
    await anna.receives("Wartet")


async def test_a_feed_is_followed_and_its_draft_released_with_a_tap(workday):
    lea, anna = await member(workday, "Lea", ["ag-klima"]), await follower(workday)
    fetcher = OneFeed()
    workday.rooms.groups.feeds._fetcher = fetcher
    await presses(lea, "AG Klima", await asks(lea, "/gruppen"))
    await presses(lea, "Verwalten")
    await presses(lea, "Feeds")
    await presses(lea, "Feed hinzufügen")
    assert "lässt sich nicht lesen: dort liegt kein" in (await asks(lea, "stadt.example/falsch"))["text"]
    listed = await asks(lea, "stadt.example/rss.xml")
    assert "1 · Stadt Gotha: Neues kommt als Entwurf" in listed["text"]
    fetcher.entries = [FeedEntry("a" * 64, "Neue Bäume", "Sie blühen.", "https://stadt.example/1", None)]
    workday.move_clock(MORNING + dt.timedelta(minutes=40) - dt.datetime.now(dt.UTC))
    draft = await lea.receives("Entwurf für AG Klima", timeout=15)
    await anna.receives_nothing()
    assert (await lea.presses("Freigeben", message=draft))["text"] == "Geht hinaus."
    await anna.receives("AG Klima\nNeue Bäume\nSie blühen.\nWeiterlesen")
    listed = await presses(lea, "1: direkt senden", listed)
    assert "Neues geht direkt hinaus" in listed["text"]
    really = await presses(lea, "1 entfernen", listed)
    assert "Noch keiner" in (await presses(lea, "Wirklich entfernen", really))["text"]


class OneFeed:
    """A feed without a server."""

    entries = ()

    async def fetch(self, url, etag=None, last_modified=None):
        if not url.endswith("rss.xml"):
            raise FeedFaultError("dort liegt kein RSS- oder Atom-Feed")
        return Fetched("Stadt Gotha", tuple(self.entries), None, None)


async def test_what_is_kept_about_subscriptions_is_in_the_file_and_erased(workday):
    anna = await follower(workday)
    kept = await workday.rooms.privacy.export(anna.id)
    assert kept["arbeitsgruppen"]["abonniert"][0]["gruppe"] == "AG Klima"
    await workday.rooms.privacy.erase(anna.id)
    assert (await workday.rooms.privacy.export(anna.id))["arbeitsgruppen"] is None
