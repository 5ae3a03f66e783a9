"""The sandbox's page in a browser, first with a scripted bot, then with the real one."""

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.demo import people_world
from tests.sandbox.browser import JSON, PHONE, Call, Phone, browser, needs_chromium, phone, scripted_bot

pytestmark = [pytest.mark.browser, needs_chromium]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
STYLED = (
    "<b>fett</b> <i>kursiv</i> <code>fest</code> <tg-spoiler>geheim</tg-spoiler> "
    '<a href="https://t.me/lotse_demo_bot?start=e_kfw">Eintrag</a> &lt;script&gt;'
    "<blockquote expandable>Zitat " + "lang " * 60 + "</blockquote>"
)
COMMANDS = [
    {"command": "hilfe", "description": "Was der Bot kann"},
    {"command": "termine", "description": "Was kommt"},
    {"command": "termin", "description": "Ein Treffen planen"},
]
ARTICLES = [
    {
        "type": "article",
        "id": name,
        "title": name,
        "description": "Zum Teilen",
        "input_message_content": {"message_text": f"<b>{name}</b> geteilt", "parse_mode": "HTML"},
    }
    for name in ("Ladenfonds", "Probewohnen")
]


def keys(*rows: list[str | JSON]) -> JSON:
    def button(key: str | JSON) -> JSON:
        return {"text": key, "callback_data": key} if isinstance(key, str) else key

    return {"inline_keyboard": [[button(key) for key in row] for row in rows]}


async def answer(call: Call, update: JSON) -> None:
    """What the scripted bot does."""
    match update:
        case {"callback_query": query}:
            await answer_press(call, query)
        case {"inline_query": query}:
            found = [one for one in ARTICLES if query["query"].lower() in one["title"].lower()]
            await call("answerInlineQuery", inline_query_id=query["id"], results=found)
        case {"message": {"text": text} as message}:
            await answer_text(call, message, text)
        case {"message": {"photo": sizes, "chat": chat}}:
            await call("sendPhoto", chat_id=chat["id"], photo=sizes[-1]["file_id"], caption="Ihr Bild")
        case {"edited_message": {"text": text, "chat": chat}}:
            await call("sendMessage", chat_id=chat["id"], text=f"Geändert: {text}")


async def answer_press(call: Call, query: JSON) -> None:
    data, message = query["data"], query["message"]
    texts = {"Wink": {"text": "Gemerkt"}, "Alarm": {"text": "Bitte lesen", "show_alert": True}}
    await call("answerCallbackQuery", callback_query_id=query["id"], **texts.get(data, {}))
    if data == "Weiter":
        place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
        await call("editMessageText", **place, text="Seite 2", reply_markup=keys(["Zurück"]))


async def answer_text(call: Call, message: JSON, text: str) -> None:
    chat = message["chat"]["id"]
    own = {"message_id": message["message_id"]}
    if text == "stil":
        await call("sendMessage", chat_id=chat, text=STYLED, parse_mode="HTML")
    elif text == "umfrage":
        await call("sendPoll", chat_id=chat, question="Wann?", options=[{"text": "Montag"}, {"text": "Freitag"}])
    elif text == "teilen":
        here = {"text": "Hier teilen", "switch_inline_query_current_chat": "Laden"}
        elsewhere = {"text": "Weitergeben", "switch_inline_query": "Probe"}
        await call("sendMessage", chat_id=chat, text="Teilen Sie", reply_markup=keys([here, elsewhere]))
    else:
        if text == "befehle":
            await call("setMyCommands", commands=COMMANDS)
        markup = keys(["Weiter"], ["Wink", "Alarm"])
        await call("sendMessage", chat_id=chat, text=f"Echo: {text}", reply_markup=markup, reply_parameters=own)


@dataclass
class Stage:
    sandbox: RunningSandbox
    chromium: Browser
    ids: dict[str, int]

    @property
    def url(self) -> str:
        return self.sandbox.url


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    world, _ = people_world(Clock())
    ids = {person.user["first_name"]: person.id for person in world.persons.values()}
    async with (
        running_sandbox(world) as sandbox,
        browser() as chromium,
        scripted_bot(sandbox.url, sandbox.token, answer),
    ):
        yield Stage(sandbox, chromium, ids)


@pytest.fixture
async def jana(stage: Stage) -> AsyncIterator[Phone]:
    async with phone(stage.chromium) as one:
        await one.open(stage.url, person=stage.ids["Jana"])
        yield one


async def start(one: Phone) -> None:
    await one.page.get_by_role("button", name="Starten").click()
    await one.sees("Echo: /start")


async def test_a_newcomer_presses_start_and_gets_an_answer(stage: Stage) -> None:
    async with phone(stage.chromium) as paul:
        await paul.open(stage.url, person=stage.ids["Paul"])
        await expect(paul.field).to_be_hidden()
        await start(paul)
        await expect(paul.field).to_be_focused()
        await paul.send("Gibt es Geld?")
        await paul.sees("Echo: Gibt es Geld?")


async def test_a_suggestion_starts_the_bot_and_fills_the_input(stage: Stage) -> None:
    async with phone(stage.chromium) as paul:
        await paul.open(stage.url, person=stage.ids["Paul"])
        await paul.page.get_by_role("button", name="Eintrag in der Gruppe teilen").click()
        await expect(paul.page.locator("#toast")).to_contain_text("in keiner Gruppe")
        await paul.page.get_by_role("button", name="Gibt es Geld für leere Läden?").click()
        await expect(paul.field).to_have_value("Gibt es Geld für leere Läden?")
        await paul.sees("Echo: /start")


async def test_buttons_edit_the_message_and_answer_with_toast_or_dialog(jana: Phone) -> None:
    await start(jana)
    await jana.press("Wink")
    await expect(jana.page.locator("#toast")).to_have_text("Gemerkt")
    await jana.press("Alarm")
    alert = jana.page.get_by_role("dialog")
    await expect(alert).to_contain_text("Bitte lesen")
    await jana.page.keyboard.press("Escape")
    await expect(alert).to_have_count(0)
    await jana.press("Weiter")
    await jana.sees("Seite 2")
    await jana.sees("bearbeitet")


async def test_formatting_is_shown_and_typed_markup_stays_text(jana: Phone) -> None:
    await start(jana)
    await jana.send("stil")
    await jana.sees("<script>")
    await expect(jana.log.locator("strong", has_text="fett")).to_be_visible()
    await expect(jana.log.locator("code", has_text="fest")).to_be_visible()
    spoiler = jana.log.locator(".spoiler")
    await spoiler.press("Enter")
    await expect(spoiler).to_have_class(re.compile("shown"))
    quote = jana.log.locator("blockquote")
    await expect(quote).to_have_attribute("aria-expanded", "false")
    await quote.press("Enter")
    await expect(quote).to_have_attribute("aria-expanded", "true")
    await jana.log.get_by_role("link", name="Eintrag").click()
    await jana.sees("Echo: /start e_kfw")


async def test_inline_results_are_picked_with_the_keyboard(jana: Phone) -> None:
    await jana.enter("AG Leerstand")
    await jana.type("@lotse_demo_bot ")
    options = jana.page.get_by_role("option")
    await expect(options).to_have_count(2)
    await jana.field.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await jana.field.press("Enter")
    await jana.sees("Probewohnen geteilt")
    await jana.sees("über @lotse_demo_bot")
    await expect(jana.field).to_have_value("")


async def test_a_button_starts_inline_mode_in_the_same_chat(jana: Phone) -> None:
    await start(jana)
    await jana.send("teilen")
    await jana.press("Hier teilen")
    await expect(jana.field).to_have_value("@lotse_demo_bot Laden")
    await expect(jana.page.get_by_role("option")).to_have_count(1)
    await jana.page.keyboard.press("Escape")
    await expect(jana.page.get_by_role("option")).to_have_count(0)


async def test_a_button_shares_in_a_chat_that_the_person_picks(jana: Phone) -> None:
    await start(jana)
    await jana.send("teilen")
    await jana.press("Weitergeben")
    await jana.page.get_by_role("dialog").get_by_role("button", name="AG Leerstand (Demo)").click()
    await expect(jana.page.locator("#head-title")).to_have_text("AG Leerstand (Demo)")
    await expect(jana.page.get_by_role("option")).to_contain_text("Probewohnen")


async def test_the_last_own_message_is_changed_with_the_arrow_key(jana: Phone) -> None:
    await start(jana)
    await jana.send("Frage eins")
    await jana.sees("Echo: Frage eins")
    await jana.field.press("ArrowUp")
    await expect(jana.field).to_have_value("Frage eins")
    await jana.send("Frage zwei")
    await jana.sees("Geändert: Frage zwei")


async def test_a_picture_is_uploaded_with_its_caption_and_shown(jana: Phone) -> None:
    await start(jana)
    picture = {"name": "laden.png", "mimeType": "image/png", "buffer": PIXEL}
    await jana.page.locator("input[type=file]").set_input_files(picture)
    await jana.page.get_by_role("textbox", name="Bildunterschrift").fill("Schaufenster")
    await jana.page.get_by_role("button", name="Senden").last.click()
    await jana.sees("Schaufenster")
    await jana.sees("Ihr Bild")
    shown = await jana.log.locator("img").last.evaluate(
        "async (img) => { await img.decode(); return img.naturalWidth; }"
    )
    assert shown == 1


async def test_a_vote_shows_the_shares(jana: Phone) -> None:
    await start(jana)
    await jana.send("umfrage")
    await jana.log.get_by_role("button", name="Freitag").click()
    await jana.sees("100 %")
    await jana.sees("1 Stimme")


async def test_commands_are_offered_and_sent(jana: Phone) -> None:
    await start(jana)
    await jana.send("befehle")
    await jana.sees("Echo: befehle")
    await jana.type("/hi")
    await expect(jana.page.get_by_role("option")).to_contain_text("Was der Bot kann")
    await jana.field.press("Enter")
    await jana.sees("Echo: /hilfe")


async def test_a_command_typed_in_full_wins_over_a_longer_one(jana: Phone) -> None:
    await start(jana)
    await jana.send("befehle")
    await jana.sees("Echo: befehle")
    await jana.type("/termin")
    await expect(jana.page.get_by_role("option")).to_have_count(2)
    await jana.field.press("Enter")
    await expect(jana.log.get_by_text("Echo: /termin", exact=True)).to_be_visible()


async def test_others_get_an_unread_mark_until_they_look(jana: Phone) -> None:
    entry = jana.page.locator("#people").get_by_role("button", name="Tobias")
    await jana.become("Tobias")
    await jana.enter("AG Leerstand")
    await jana.become("Jana")
    await jana.enter("AG Leerstand")
    await jana.send("Guten Morgen")
    await expect(entry.locator(".badge")).to_have_text("1")
    await jana.become("Tobias")
    await jana.enter("AG Leerstand")
    await jana.sees("Guten Morgen")
    await expect(entry.locator(".badge")).to_have_count(0)


async def test_the_clock_goes_forward(jana: Phone, stage: Stage) -> None:
    before = stage.sandbox.world.clock.now()
    await jana.page.get_by_role("button", name="Nächster Werktag, 8:00").click()
    await expect(jana.page.locator("#clock-time")).to_have_text("08:00")
    after = stage.sandbox.world.clock.now()
    assert after.date() > before.date()
    await jana.page.get_by_role("button", name="+1 Stunde").click()
    await expect(jana.page.locator("#clock-time")).to_have_text("09:00")


async def test_blocking_and_unblocking(jana: Phone, stage: Stage) -> None:
    await start(jana)
    await jana.page.get_by_role("button", name="Bot blockieren").click()
    await expect(jana.field).to_be_hidden()
    assert stage.sandbox.world.persons[stage.ids["Jana"]].blocked
    await jana.page.get_by_role("button", name="Blockierung aufheben").first.click()
    await expect(jana.field).to_be_visible()
    assert not stage.sandbox.world.persons[stage.ids["Jana"]].blocked


async def test_a_reload_opens_the_same_person_and_chat(jana: Phone) -> None:
    await jana.become("Miriam")
    await jana.enter("AG Leerstand")
    title = jana.page.locator("#head-title")
    await expect(title).to_have_text("AG Leerstand (Demo)")
    await jana.page.reload()
    await expect(title).to_have_text("AG Leerstand (Demo)")
    await expect(jana.page.locator("#people [aria-current]")).to_contain_text("Miriam Vogt")


async def test_everything_is_reached_with_the_keyboard_alone(jana: Phone) -> None:
    await start(jana)
    await jana.field.press("Shift+Tab")
    await jana.page.keyboard.press("Shift+Tab")
    await expect(jana.log.get_by_role("button", name="Alarm")).to_be_focused()
    await jana.page.keyboard.press("ArrowLeft")
    await jana.page.keyboard.press("ArrowLeft")
    await jana.page.keyboard.press("Enter")
    await jana.sees("Seite 2")
    await jana.log.focus()
    await jana.page.keyboard.press("ArrowUp")
    await jana.page.keyboard.press("Enter")
    await jana.page.get_by_role("menuitem", name="Antworten").press("Enter")
    await jana.send("Danke")
    await jana.sees("Echo: Danke")
    await expect(jana.log.locator(".out .reply")).to_contain_text("Seite 2")


async def test_a_narrow_phone_has_one_column_and_a_drawer(stage: Stage) -> None:
    async with phone(stage.chromium, size=PHONE, color_scheme="dark") as one:
        await one.open(stage.url, person=stage.ids["Jana"])
        wide = "document.documentElement.scrollWidth <= innerWidth"
        assert await one.page.evaluate(wide)
        drawer = one.page.locator("#drawer")
        await expect(drawer).to_be_hidden()
        await one.page.get_by_role("button", name="Personen und Chats zeigen").click()
        await expect(drawer.get_by_role("button", name="+1 Tag")).to_be_visible()
        await one.become("Tobias")
        await expect(drawer).to_be_hidden()
        await start(one)
        assert await one.page.evaluate(wide)


async def test_it_says_when_the_sandbox_is_gone_and_goes_on_when_it_is_back(jana: Phone) -> None:
    await start(jana)
    banner = jana.page.get_by_text("Keine Verbindung zur Demo")
    await jana.page.route("**/sandbox/changes**", lambda route: route.abort())
    await jana.send("Hallo")
    await expect(banner).to_be_visible()
    await jana.page.unroute("**/sandbox/changes**")
    await expect(banner).to_be_hidden()
    await jana.sees("Echo: Hallo")


async def test_the_page_keeps_what_was_typed_while_the_sandbox_is_gone(jana: Phone) -> None:
    await start(jana)
    await jana.page.route("**/sandbox/**", lambda route: route.abort())
    await jana.send("Hallo")
    await expect(jana.page.locator("#toast")).to_contain_text("Keine Verbindung")
    await expect(jana.field).to_have_value("Hallo")
    await jana.page.unroute("**/sandbox/**")
    await jana.field.press("Enter")
    await jana.sees("Echo: Hallo")


async def test_a_channel_is_read_by_all_and_written_by_its_owner(stage: Stage, jana: Phone) -> None:
    world = stage.sandbox.world
    channel = next(chat for chat in world.chats.values() if chat.is_channel)
    await jana.enter("Bündnis aktuell (Demo)")
    await expect(jana.page.locator("#head-note")).to_have_text("Kanal")
    await expect(jana.field).to_be_hidden()
    async with phone(stage.chromium) as miriam:
        await miriam.open(stage.url, person=stage.ids["Miriam"], chat=channel.id)
        await miriam.send("Neues vom Bündnis")
    await jana.sees("Neues vom Bündnis")
    await expect(jana.log.locator(".sender")).to_have_text("Bündnis aktuell (Demo)")
