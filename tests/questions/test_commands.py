import pytest

from tests.questions.conversation import PIXEL, asks, labels, presses


async def test_programmes_are_browsed_by_theme_and_status_in_one_message(lotse):
    anna = await lotse.person()
    themes = await asks(anna, "/foerderung")
    listed = await presses(anna, "Klima")
    assert listed["message_id"] == themes["message_id"]
    assert "Programme: Klima" in listed["text"]
    narrowed = await presses(anna, "nur offene")
    assert "nur offene ✓" in labels(narrowed)
    assert (await presses(anna, "nur offene ✓"))["text"] == listed["text"]
    assert (await presses(anna, "‹ Themen"))["text"] == themes["text"]


async def test_examples_are_browsed_by_theme_and_town_size(lotse):
    anna = await lotse.person()
    await asks(anna, "/beispiele")
    listed = await presses(anna, "Leerstand")
    small = await presses(anna, "Kleinstadt")
    assert "Kleinstadt ✓" in labels(small)
    assert small["text"] != listed["text"]


async def test_pages_turn_and_an_entry_leads_back_to_its_page(lotse):
    anna = await lotse.person()
    await asks(anna, "/beispiele")
    await presses(anna, "Alle")
    second = await presses(anna, "Seite 2")
    assert labels(second)[0] == "7"
    await presses(anna, "8")
    assert (await presses(anna, "Zurück"))["text"] == second["text"]
    assert labels(await presses(anna, "‹ Seite 1"))[0] == "1"


async def test_a_link_opens_its_entry(lotse):
    anna = await lotse.person()
    await anna.starts("e_leader-thueringen")
    card = await anna.receives(containing="LEADER")
    assert "Details" in labels(card)
    assert "👍" not in labels(card)
    await presses(anna, "Details")
    assert (await presses(anna, "Zurück"))["text"] == card["text"]


async def test_a_link_to_an_entry_that_is_gone_says_so(lotse):
    anna = await lotse.person()
    await anna.starts("e_gibt-es-nicht")
    await anna.receives(containing="gibt es nicht mehr")


@pytest.mark.parametrize("command", ["/hilfe", "/help"])
async def test_help_names_the_commands(lotse, command):
    anna = await lotse.person()
    text = (await asks(anna, command))["text"]
    for name in ("/foerderung", "/beispiele", "/frage", "/datenschutz"):
        assert name in text
    assert "/offen" not in text
    assert all(f"/{name} " in text for name in await anna.commands())
    office = (await asks(lotse.office, command))["text"]
    assert "/ankuendigung" in office
    assert all(f"/{name} " in office for name in await lotse.office.commands())


@pytest.mark.parametrize("command", ["/datenschutz", "/privacy"])
async def test_privacy_says_what_is_kept_and_for_how_long(lotse, command):
    anna = await lotse.person()
    text = (await asks(anna, command))["text"]
    assert "90 Tagen" in text
    assert "30 Minuten" in text


async def test_an_unknown_command_is_named_as_such(lotse):
    anna = await lotse.person()
    assert "kenne ich nicht" in (await asks(anna, "/wetter"))["text"]


async def test_each_role_is_offered_its_commands(lotse):
    anna = await lotse.person()
    shown = await anna.commands()
    assert shown[:4] == ["foerderung", "beispiele", "frage", "hilfe"]
    assert {"datenschutz", "meinedaten", "loeschen", "abbrechen"} <= set(shown)
    assert not {"offen", "einladen", "mitglieder"} & set(shown)
    assert "offen" in await lotse.office.commands()


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "audio", "video"])
async def test_what_it_cannot_read_gets_a_sentence(lotse, kind):
    anna = await lotse.person()
    await anna.uploads(PIXEL, "datei.png", kind)
    assert "Bitte schreiben Sie Ihre Frage" in (await anna.receives())["text"]


async def test_a_caption_is_answered(lotse):
    anna = await lotse.person()
    await anna.uploads(PIXEL, "bild.png", "photo", caption="Was heißt ISEK?")
    await anna.receives(containing="antworte auf Ihren Text")
    await anna.receives(containing="ISEK")


async def test_a_sticker_gets_nothing(lotse):
    anna = await lotse.person()
    await anna.uploads(b"\x00" * 100, "sticker.webp", "sticker")
    await anna.receives_nothing()


async def test_an_edited_message_gets_one_sentence(lotse):
    anna = await lotse.person()
    number = await anna.sends("kfw 432 wieviel prozent")
    await anna.receives()
    await anna.edits(number, "kfw 444 wieviel prozent")
    await anna.receives(containing="Geänderte Nachrichten")


async def test_inline_mode_shares_an_entrys_card(lotse):
    anna = await lotse.person()
    offered = await anna.inline("leerstand")
    assert offered["results"]
    await anna.chooses(offered)
    shared = (await anna.chat_history())[-1]
    assert "Quelle: " in shared["text"]
    link = shared["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert "start=e_" in link


@pytest.mark.parametrize("query", ["", "   ", "xqzw brmpf", "<b>", "kfw 432 prozent"])
async def test_any_inline_query_is_answered(lotse, query):
    anna = await lotse.person()
    offered = await anna.inline(query)
    assert offered["button"]["text"]
