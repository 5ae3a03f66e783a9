"""Whole conversations with the real application, over the sandbox."""

import datetime as dt
import json
import re

import pytest
from sqlalchemy import select
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.delivery.models import Delivery
from bot.members.callbacks import Verb, encode
from bot.members.joining import Newcomer
from bot.members.list_chat import _code
from bot.members.qr import qr_png
from bot.members.roles import Role
from bot.rendering import plain_text
from tests.questions.conversation import asks, bold, labels, presses


@pytest.fixture
async def closed(lotse):
    """Lotse for members only."""
    lotse.settings = lotse.settings.model_copy(update={"access": "members"})
    await lotse.restart()
    return lotse


async def invited(lotse, person, role=Role.MEMBER, town=None):
    """Make somebody a member by the rules, without the chat."""
    rooms = lotse.rooms.members
    town_id = (await rooms.towns.search(town))[0].id if town else None
    invitation, _ = await rooms.joining.invite(lotse.office.id, role=role, town_id=town_id)
    await rooms.joining.accept(invitation.token, Newcomer(person.id, person.first_name))


async def pushed(lotse, person):
    """What waits in the outbox for somebody, as text."""
    async with lotse.rooms.database.reading() as session:
        rows = await session.scalars(select(Delivery).where(Delivery.recipient == person.id))
        return [row.payload["html"] for row in rows]


def link_token(message):
    return re.search(r"start=(i_[A-Za-z0-9_-]+)", message["caption"])[1]


async def forged(lotse, person, data):
    """Press a button that this person should never have had; returns what the bot says to that."""
    button = InlineKeyboardButton("?", callback_data=data)
    await lotse.rooms.application.bot.send_message(person.id, "?", reply_markup=InlineKeyboardMarkup([[button]]))
    return (await person.presses("?"))["text"]


async def test_an_invited_officer_joins_with_one_tap_and_picks_a_town(closed):
    assert "Rolle: Mitglied" in (await asks(closed.office, "/einladen"))["text"]
    await closed.office.presses("Link und QR-Code erstellen")
    picture = await closed.office.receives(containing="Einladung")
    assert picture["photo"]
    content = await closed.sandbox.client.file(picture["photo"][-1]["file_id"])
    assert content == qr_png(f"https://t.me/lotse_demo_bot?start={link_token(picture)}")
    anna = await closed.person("Anna")
    await anna.starts(link_token(picture))
    await anna.receives(containing="Willkommen, Sie sind dabei")
    await anna.receives(containing="Für welche Stadt")
    found = await asks(anna, "poess")
    assert labels(found) == ["Pößneck"]
    welcomed = await presses(anna, "Pößneck", found)
    groups = await presses(anna, "Arbeitsgruppen wählen", welcomed)
    await presses(anna, "AG Klima", groups)
    assert "Ihr Abo: sofort" in (await presses(anna, "Abonnieren"))["text"]
    answer = await asks(anna, "was heißt isek")
    assert "ISEK" in answer["text"]
    profile = await closed.rooms.members.members.profile(anna.id)
    assert (profile.role, profile.town) == (Role.MEMBER, "Pößneck")


async def test_an_invitation_with_a_town_greets_at_once_and_holds_once(closed):
    await asks(closed.office, "/einladen")
    await closed.office.presses("Stadt wählen")
    await closed.office.receives(containing="Für welche Stadt gilt die Einladung")
    found = await asks(closed.office, "gera")
    chosen = await presses(closed.office, "Gera", found)
    assert "Stadt: Gera" in chosen["text"]
    await closed.office.presses("Link und QR-Code erstellen", message=chosen)
    picture = await closed.office.receives(containing="Gera")
    await closed.office.presses("Link und QR-Code erstellen", message=chosen)
    await closed.office.receives_nothing()
    anna, ben = await closed.person("Anna"), await closed.person("Ben")
    await anna.starts(link_token(picture))
    await anna.receives(containing="Für: Gera")
    await anna.receives(containing="Fragen Sie einfach los")
    await ben.starts(link_token(picture))
    assert "aufgebraucht" in (await ben.receives())["text"]


async def test_an_invitation_can_be_for_many_and_for_the_office_and_is_listed(closed):
    draft = await asks(closed.office, "/einladen")
    draft = await presses(closed.office, "Für 5 Personen", draft)
    draft = await presses(closed.office, "30 Tage gültig", draft)
    draft = await presses(closed.office, "Koordination", draft)
    for words in ("Rolle: Koordination", "Für: 5 Personen", "Gültig: 30 Tage"):
        assert words in draft["text"]
    await closed.office.presses("Link und QR-Code erstellen", message=draft)
    picture = await closed.office.receives(containing="Für 5 Personen")
    anna = await closed.person("Anna")
    await anna.starts(link_token(picture))
    await anna.receives(containing="in der Koordination")
    listed = await presses(closed.office, "Offene Einladungen", draft)
    assert "noch 4 · 1-mal genutzt" in listed["text"]
    assert "keine Einladung" in (await presses(closed.office, "1 zurückziehen", listed))["text"]


async def test_the_oldest_of_many_invitations_is_reached_and_withdrawn(lotse):
    joining = lotse.rooms.members.joining
    for _ in range(10):
        await joining.invite(lotse.office.id)
    listed = await presses(lotse.office, "Offene Einladungen", await asks(lotse.office, "/einladen"))
    assert "10 offene Einladungen" in listed["text"]
    older = await presses(lotse.office, "Ältere ›", listed)
    assert "10 Mitglied" in older["text"]
    await presses(lotse.office, "10 zurückziehen", older)
    assert len(await joining.invitations(lotse.office.id)) == 9


async def test_who_loses_the_role_in_mid_dialogue_is_refused_once_and_then_asks_again(lotse):
    ben = await lotse.person("Ben")
    members = lotse.rooms.members.members
    for steps, typed in (
        (("Städte",), "Gera"),
        (("Städte", "Gera", "Umbenennen"), "Gera an der Elster"),
    ):
        await invited(lotse, ben, Role.COORDINATOR)
        await asks(ben, "/mitglieder")
        for label in steps:
            if label == "Gera":
                await asks(ben, "Gera")
            await presses(ben, label)
        await members.set_role(lotse.office.id, ben.id, Role.MEMBER)
        assert "vorbehalten" in (await asks(ben, typed))["text"]
        assert "ISEK" in (await asks(ben, "was heißt isek"))["text"]
    assert (await lotse.rooms.members.towns.search("Gera"))[0].name == "Gera"


async def test_a_withdrawn_invitation_does_not_hold(closed):
    await asks(closed.office, "/einladen")
    await closed.office.presses("Link und QR-Code erstellen")
    picture = await closed.office.receives(containing="Einladung")
    await closed.office.presses("Zurückziehen", message=picture)
    await closed.office.receives(containing="zurückgezogen")
    anna = await closed.person("Anna")
    await anna.starts(link_token(picture))
    assert "zurückgezogen" in (await anna.receives())["text"]


async def test_an_outsider_is_told_kindly_and_admitted_with_a_button(closed):
    paul = await closed.person("Paul")
    told = await asks(paul, "kfw 432 wieviel prozent")
    assert "antworte ich den Mitgliedern" in told["text"]
    await paul.presses("Mitgliedschaft anfragen", message=told)
    await paul.receives(containing="für welche Stadt")
    await closed.restart()
    found = await asks(paul, "schmoel")
    assert "liegt bei der Geschäftsstelle" in (await presses(paul, "Schmölln", found))["text"]
    assert any("Paul" in text and "Schmölln" in text for text in await pushed(closed, closed.office))
    listed = await asks(closed.office, "/mitglieder")
    waiting = await presses(closed.office, "Anfragen: 1", listed)
    assert "Schmölln" in waiting["text"]
    assert "Aufgenommen: Paul" in (await presses(closed.office, "Aufnehmen", waiting))["text"]
    assert "Arbeitsgruppen wählen" in labels(await paul.receives(containing="Willkommen, Sie sind dabei"))
    assert "75 %" in (await asks(paul, "kfw 432 wieviel prozent"))["text"]


async def test_a_town_that_the_list_lacks_can_be_typed(closed):
    paul = await closed.person("Paul")
    await paul.starts("beitritt")
    await paul.receives(containing="für welche Stadt")
    found = await asks(paul, "Bad <Nirgendwo>")
    assert "liegt bei der Geschäftsstelle" in (await presses(paul, "Nicht dabei", found))["text"]
    assert "steht nicht in der Liste" in (await pushed(closed, closed.office))[0]
    await presses(closed.office, "Anfragen: 1", await asks(closed.office, "/mitglieder"))
    admitted = await presses(closed.office, "Aufnehmen")
    town = await presses(closed.office, "„Bad <Nirgendwo>“ anlegen und zuordnen", admitted)
    assert "1 Person ist von dort dabei" in town["text"]
    assert (await closed.rooms.members.members.profile(paul.id)).town == "Bad <Nirgendwo>"


async def test_outsiders_get_nothing_by_buttons_inline_or_in_groups(closed):
    anna, paul = await closed.person("Anna"), await closed.person("Paul")
    await invited(closed, anna)
    answer = await asks(anna, "was heißt isek")
    data = next(
        b["callback_data"] for row in answer["reply_markup"]["inline_keyboard"] for b in row if "callback_data" in b
    )
    assert "vorbehalten" in await forged(closed, paul, data)
    inline = await paul.inline("isek")
    assert inline["results"] == []
    assert "Mitglieder" in inline["button"]["text"]
    group = await closed.sandbox.client.group("AG", anna, paul)
    await closed.sandbox.client.settles()
    await paul.sends("ich rede nur", chat=group)
    await paul.receives_nothing(chat=group)
    await paul.sends("/foerderung", chat=group)
    assert "Ich antworte Mitgliedern" in (await paul.receives(chat=group))["text"]


async def test_everybody_may_know_and_erase_what_is_kept(closed):
    paul = await closed.person("Paul")
    assert {"Mitgliedschaft", "Fragen", "Ihre Rechte"} <= set(bold(await asks(paul, "/datenschutz")))
    await paul.sends("/meinedaten")
    file = await paul.receives(containing="meine-daten.json")
    data = json.loads(await closed.sandbox.client.file(file["document"]["file_id"]))
    assert (data["telegram_kennung"], data["fragen"], data["mitgliedschaft"]) == (paul.id, None, None)


async def test_erasing_is_confirmed_and_complete(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna, town="Gera")
    await asks(anna, "kfw 432 wieviel prozent")
    await anna.sends("/meinedaten")
    file = await anna.receives(containing="meine-daten.json")
    data = json.loads(await lotse.sandbox.client.file(file["document"]["file_id"]))
    assert data["fragen"]["gestellte_fragen"][0]["frage"] == "kfw 432 wieviel prozent"
    assert data["mitgliedschaft"]["person"]["stadt"] == "Gera"
    asked = await asks(anna, "/loeschen")
    assert labels(asked) == ["Endgültig löschen", "Behalten"]
    await presses(anna, "Behalten", asked)
    assert (await lotse.rooms.members.members.profile(anna.id)).known
    asked = await asks(anna, "/loeschen")
    assert "Gelöscht" in (await presses(anna, "Endgültig löschen", asked))["text"]
    left = await lotse.rooms.privacy.export(anna.id)
    assert (left["fragen"], left["mitgliedschaft"]) == (None, None)


async def test_the_office_finds_and_changes_a_member(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna, town="Gera")
    listed = await asks(lotse.office, "/mitglieder gera")
    card = await presses(lotse.office, "Anna · Gera", listed)
    assert "Stadt: Gera" in card["text"]
    await lotse.office.presses("Stadt ändern", message=card)
    await lotse.office.receives(containing="Welche Stadt")
    found = await asks(lotse.office, "Jena")
    changed = await presses(lotse.office, "Jena", found)
    assert "Stadt: Jena" in changed["text"]
    assert "Gera → Jena" in changed["text"]
    following = await presses(lotse.office, "Arbeitsgruppen", changed)
    await presses(lotse.office, "AG Klima", following)
    card = await presses(lotse.office, "‹ Zurück")
    assert "Folgt: AG Klima (sofort)" in card["text"]
    choosing = await presses(lotse.office, "AG-Leitung", card)
    await presses(lotse.office, labels(choosing)[0], choosing)
    assert (await lotse.rooms.members.members.profile(anna.id)).role is Role.LEAD
    back = await presses(lotse.office, "‹ Zurück")
    roles = await presses(lotse.office, "Rolle ändern", back)
    card = await presses(lotse.office, "Koordination", roles)
    assert "Rolle: Koordination" in card["text"]
    assert {"mitglieder", "einladen", "offen"} <= set(await anna.commands())
    assert "keine Frage" in (await asks(anna, "/offen"))["text"]
    said = [plain_text(html) for html in await pushed(lotse, anna)]
    for words in ("AG Klima für Sie abonniert", "Sie leiten jetzt AG", "zur Geschäftsstelle: Koordination"):
        assert any(words in each for each in said), said
    card = await presses(lotse.office, "Sperren", card)
    assert "Gesperrt" in card["text"]
    assert "mitglieder" not in await anna.commands()
    assert "gesperrt" in (await asks(anna, "was heißt isek"))["text"]
    await presses(lotse.office, "Sperre aufheben", card)
    assert "ISEK" in (await asks(anna, "was heißt isek"))["text"]


async def test_the_office_adds_corrects_and_removes_one_town_and_reads_what_was_done(lotse):
    office = lotse.office
    await asks(office, "/mitglieder")
    await office.presses("Städte")
    await office.receives(containing="Welche suchen Sie")
    assert labels(await asks(office, "gera"))[0] == "Gera"
    found = await asks(office, "Bad <Nirgendwo>")
    await lotse.restart()
    card = await presses(office, "Neu anlegen: „Bad <Nirgendwo>“", found)
    assert "Bad <Nirgendwo>" in card["text"]
    asked = await presses(office, "Umbenennen", card)
    assert "den ganzen Namen" in asked["text"]
    assert "andere Stadt" in (await asks(office, "Gera"))["text"]
    card = await asks(office, "Bad Irgendwo")
    assert "Bad Irgendwo" in card["text"]
    asked = await presses(office, "Landkreis ändern", card)
    assert "Ilm-Kreis · Größe nicht bekannt" in (await presses(office, "Ilm-Kreis", asked))["text"]
    asked = await presses(office, "Größe ändern")
    assert "Ilm-Kreis · 5.000 bis 10.000 Einwohner" in (await presses(office, "5.000 bis", asked))["text"]
    card = await presses(office, "Ist: Einrichtung")
    assert "Einrichtung\n" in card["text"]
    assert "Von dort ist niemand dabei" in (await presses(office, "Entfernen", card))["text"]
    assert "Entfernt" in (await presses(office, "Wirklich entfernen"))["text"]
    await presses(office, "‹ Mitglieder")
    log = await presses(office, "Protokoll")
    for words in ("Miriam\nStadt entfernt", "Name: Bad <Nirgendwo> → Bad Irgendwo", "Landkreis: keine → Ilm-Kreis"):
        assert words in log["text"]
    await office.presses("Protokoll als CSV")
    assert await office.receives(containing="protokoll.csv")


async def test_a_member_changes_their_own_town_and_who_waits_is_not_asked_again(closed):
    anna, paul = await closed.person("Anna"), await closed.person("Paul")
    await invited(closed, anna, town="Gera")
    await presses(anna, "Meine Stadt", await asks(anna, "/einstellungen"))
    assert "geht es mit /abbrechen auch ohne" in (await asks(anna, "qqqq"))["text"]
    assert "notiert: Jena" in (await presses(anna, "Jena", await asks(anna, "Jena")))["text"]
    await paul.starts("beitritt")
    await paul.receives(containing="für welche Stadt")
    found = await asks(paul, "Jena")
    assert labels(found) == ["Jena"]
    await presses(paul, "Jena", found)
    await paul.starts("beitritt")
    assert "liegt bei der Geschäftsstelle" in (await paul.receives())["text"]
    listed = await presses(closed.office, "Anfragen: 1", await asks(closed.office, "/mitglieder"))
    assert "Abgelehnt: Paul, Jena" in (await presses(closed.office, "Ablehnen", listed))["text"]
    await paul.receives(containing="wurde nicht angenommen")
    await paul.starts("beitritt")
    assert "vor Kurzem abgelehnt" in (await paul.receives())["text"]


async def test_commands_are_shown_again_after_start_and_only_to_whom_they_belong(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna)
    await lotse.rooms.members.members.set_lead(lotse.office.id, anna.id, "ag-klima", leads=True)
    assert "nachricht" not in await anna.commands()  # Telegram was not reached when it was given
    await anna.starts()
    await anna.receives(containing="Guten Tag")
    assert "nachricht" in await anna.commands()
    assert not {"einladen", "mitglieder", "ankuendigung"} & set(await anna.commands())
    group = await lotse.sandbox.client.group("AG", lotse.office, anna)
    for person in (lotse.office, anna):
        assert {"gruppen", "verknuepfen"} <= set(await person.commands(group))
        assert not {"nachricht", "mitglieder", "meinedaten"} & set(await person.commands(group))


async def test_search_and_filters_are_buttons_and_a_command_gives_the_search_up(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna, town="Gera")
    listed = await asks(lotse.office, "/mitglieder")
    assert "2 Personen" in listed["text"]
    none = await presses(lotse.office, "Gesperrt", listed)
    assert "So ist niemand dabei" in none["text"]
    await lotse.office.presses("Suchen", message=none)
    await lotse.office.receives(containing="Wen suchen Sie")
    assert "Anna" in (await asks(lotse.office, "ann"))["text"]
    await lotse.office.presses("Suchen")
    await lotse.office.receives(containing="Wen suchen Sie")
    await asks(lotse.office, "/hilfe")
    assert "ISEK" in (await asks(lotse.office, "was heißt isek"))["text"]
    assert "nichts abzubrechen" in (await asks(lotse.office, "/abbrechen"))["text"]


async def test_forged_buttons_are_refused_in_the_service(lotse):
    anna, ben = await lotse.person("Anna"), await lotse.person("Ben")
    await invited(lotse, anna)
    await invited(lotse, ben)
    for data in (
        encode(Verb.SET_ROLE, anna.id, 3),
        encode(Verb.SUSPEND, ben.id, 1),
        encode(Verb.LIST, 0, 0),
        encode(Verb.CARD, ben.id),
        encode(Verb.ADMIT, 1),
        encode(Verb.INVITE, 0, 0, 1, 14),
        encode(Verb.EXPORT, 0),
        encode(Verb.TOWNS),
        encode(Verb.TOWN_NEW, 1),
        encode(Verb.TOWN_CARD, 1),
        encode(Verb.TOWN_ASK, 1, 0),
        encode(Verb.TOWN_SET, 1, 2, 1),
        encode(Verb.TOWN_REMOVE, 1, 1),
        encode(Verb.LOG, 0),
        encode(Verb.LOG_CSV),
        encode(Verb.CARD_GROUPS, ben.id),
        encode(Verb.SET_GROUP, ben.id, 1, text=_code("ag-klima")),
        encode(Verb.SET_LEAD, anna.id, 1, text=_code("ag-klima")),
        encode(Verb.REQUESTS),
        encode(Verb.IMPORT),
        encode(Verb.TOWN, 4, 1, ben.id),
        encode(Verb.REVOKE, 1),
    ):
        assert "vorbehalten" in await forged(lotse, anna, data), data
    for data in (
        "m:ta:1.9:",
        "m:ts:1.1.0:",
        "m:ts:1.2.99:",
        "m:tc:99999:",
        "m:tn::",
        "m:cw:1.1:zz",
        "m:cs:1:",
        "m:zz::",
        "m:li:99.0:",
        "m:to:9.1:",
        "m:cs:1.99:",
        f"m:ca:{'9' * 16}:",
        "m:im:0.0.1.9999:",
    ):
        assert await forged(lotse, lotse.office, data), data
    assert (await lotse.rooms.members.members.profile(anna.id)).role is Role.MEMBER
    assert not (await lotse.rooms.members.members.profile(ben.id)).suspended


async def test_the_lists_stay_out_of_groups_and_from_members(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna)
    for command in ("/mitglieder", "/einladen"):
        assert "vorbehalten" in (await asks(anna, command))["text"]
    group = await lotse.sandbox.client.group("AG", lotse.office, anna)
    await lotse.office.sends("/mitglieder", chat=group)
    assert "privaten Chat" in (await lotse.office.receives(chat=group))["text"]


async def test_csv_goes_out_and_comes_back_in_after_a_look(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna, town="Gera")
    await asks(lotse.office, "/mitglieder")
    await lotse.office.presses("Liste als CSV")
    file = await lotse.office.receives(containing="mitglieder.csv")
    content = (await lotse.sandbox.client.file(file["document"]["file_id"])).decode("utf-8-sig")
    assert f"{anna.id};Anna;" in content
    await lotse.office.presses("CSV einlesen")
    await lotse.office.receives(containing="schicken Sie die CSV-Datei")
    wrong = content.replace("Gera", "Atlantis")
    await lotse.office.uploads(wrong.encode(), "mitglieder.csv")
    assert "Zeile 2: Die Stadt „Atlantis“" in (await lotse.office.receives())["text"]
    right = content.replace("Gera", "Jena") + ";Eva;;Suhl;Mitglied;;;;;\r\n"
    await lotse.office.uploads(right.encode(), "mitglieder.csv")
    preview = await lotse.office.receives(containing="keine Fehler")
    assert "1 mit Änderungen, 1 neue Einladungen" in preview["text"]
    await lotse.office.presses("Übernehmen", message=preview)
    await lotse.office.receives(containing="Geändert: 1, Einladungen: 1")
    links = await lotse.office.receives(containing="einladungen.csv")
    assert b"Eva;Suhl;Mitglied;https://t.me/" in await lotse.sandbox.client.file(links["document"]["file_id"])
    assert (await lotse.rooms.members.members.profile(anna.id)).town == "Jena"
    assert await pushed(lotse, anna) == []
    await asks(lotse.office, "/mitglieder")
    await lotse.office.presses("CSV einlesen")
    await lotse.office.receives(containing="schicken Sie die CSV-Datei")
    await lotse.office.uploads(content.replace(";Mitglied;", ";Koordination;").encode(), "mitglieder.csv")
    await lotse.office.presses("Übernehmen", message=await lotse.office.receives(containing="keine Fehler"))
    await lotse.office.receives(containing="Geändert: 1")
    assert "Koordination" in (await pushed(lotse, anna))[0]


async def test_a_blocked_member_is_welcomed_back(lotse):
    anna = await lotse.person("Anna")
    await invited(lotse, anna)
    await lotse.rooms.members.members.mark_unreachable(anna.id, "blocked")
    await anna.starts()
    await anna.receives(containing="Willkommen zurück")
    assert (await lotse.rooms.members.members.profile(anna.id)).unreachable_at is None


async def test_persons_of_questions_are_forgotten_once_a_day(lotse):
    anna = await lotse.person("Anna")
    await asks(anna, "was heißt isek")
    lotse.move_clock(dt.timedelta(days=91))
    assert (await lotse.rooms.privacy.forget())["questions"] == 1
    assert await lotse.rooms.privacy.forget() is None
