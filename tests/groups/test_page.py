"""News and settings as people see them on a phone: in a browser, on the sandbox's page."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.groups.test_chat import follower, loses, member, workday  # noqa: F401 - a fixture among them
from tests.questions.conversation import PIXEL
from tests.sandbox.browser import PHONE, browser, needs_chromium, phone

PICTURES = os.environ.get("LOTSE_TEST_LOOKS", "")
"""A folder for what the page looked like on the way, to be looked at; none: no pictures."""

pytestmark = [pytest.mark.browser, needs_chromium]


async def look(page, name):
    if PICTURES:
        await page.page.wait_for_timeout(300)
        await page.page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # what differs between databases is tested elsewhere
async def test_news_from_the_first_word_to_the_withdrawal_on_a_phone(workday):  # noqa: F811
    url = workday.sandbox.url
    lea, anna = await member(workday, "Lea", ["ag-klima", "ag-leerstandsbewaeltigung"]), await follower(workday)
    await follower(workday, "Ben")
    async with browser() as chromium:
        async with phone(chromium, size=PHONE) as page:
            await page.open(url, person=lea.id, chat=lea.id)
            await page.send("/nachricht")
            await page.sees("Für welche Arbeitsgruppe schreiben Sie?")
            await look(page, "01-choose")
            await page.press("AG Klima")
            await page.sees("Nachricht an AG Klima")
            await look(page, "02-write")
            await page.send("Wanderbäume für Gotha: Wer möchte 2027 mitmachen? Anmeldung bei lea@gotha.example")
            await page.sees("So sehen es die Empfänger")
            await look(page, "03-personal")
            await page.press("Ändern")
            await page.sees("Bitte schicken Sie die Nachricht neu")
            await page.send("Wanderbäume für Gotha: Wer möchte 2027 mitmachen? Mehr: https://klima.example/baeume")
            await expect(page.log.get_by_role("button", name="Jetzt senden", exact=True)).to_have_count(1)
            await look(page, "04-preview")
            await page.press("Zeitpunkt wählen")
            await page.sees("Wann soll die Nachricht hinausgehen?")
            await page.send("gestern um 9")
            await page.sees("Bitte schreiben Sie Tag und Uhrzeit")
            await look(page, "04b-past")
            await page.send("morgen 9 Uhr")
            await page.sees("Geplant für Di, 9. März 2027, 9:00")
            await look(page, "05-planned")
            await page.press("Noch nicht senden")
            await page.sees("Entwurf für AG Klima")
            await look(page, "05b-held")
            await page.press("Vorschau")
            await expect(page.log.get_by_role("button", name="Jetzt senden", exact=True)).to_have_count(3)
            await page.press("Jetzt senden")
            await anna.receives("Wanderbäume für Gotha")
            await page.press("Stand")
            await page.sees("Zugestellt: 2 von 2")
            await look(page, "06-sent")
            await page.press("Ändern")
            await page.sees("Bitte schicken Sie den neuen Text")
            await page.send("Wanderbäume für Gotha: Anmeldung bis 1. April")
            await page.sees("So sieht es nach der Änderung aus")
            await look(page, "07-correct")
            await page.press("Überall so ändern")
            await anna.receives("bis 1. April")
            await page.press("Stand")
            await page.sees("Geändert: 2 von 2")
            await look(page, "08-changed")
            await lea.uploads(
                PIXEL, kind="photo", name="bild.png", mime_type="image/png", caption="Ein Foto dazwischen"
            )
            await page.press("Zurückziehen")
            await page.press("Wirklich zurückziehen")
            await page.sees("Zurückgezogen:")
            await loses(workday, anna, "bis 1. April")
            await page.press("Stand")
            await page.sees("Zurückgenommen: 2 von 2")
            await look(page, "09-withdrawn")
            await page.press("Meine Nachrichten")
            await look(page, "10-own")
        async with phone(chromium, size=PHONE) as page:
            await page.open(url, person=anna.id, chat=anna.id)
            await page.send("/einstellungen")
            await page.sees("Wann ich Ihnen schreibe")
            await look(page, "11-settings")
            await page.press("AG Klima: sofort")
            await page.press("AG Klima: täglich")
            await page.press("Wann Gebündeltes kommt")
            await page.sees("Wann soll Gebündeltes kommen?")
            await page.press("Fr")
            await page.sees("freitags um 7:00")
            await look(page, "12-digest")
            await page.press("‹ Zurück")
            await page.press("Tage und Uhrzeiten")
            await look(page, "13-times")
            await page.press("Uhrzeiten")
            await look(page, "14-hours")
            await page.press("In Worten")
            await page.sees("Wann darf ich schreiben?")
            await page.send("Ruhezeit 18–8 Uhr, nicht freitags")
            await page.sees("Mo–Do, 8:00–18:00 Uhr")
            await page.press("Pause")
            await look(page, "15-pause")
            await page.press("2 Wochen")
            await page.sees("Pause bis einschließlich")
            await look(page, "16-paused")
