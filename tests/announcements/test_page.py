"""The whole walk as people see it: in a browser, on the sandbox's page."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.announcements.test_conversation import alliance  # noqa: F401 - a fixture
from tests.sandbox.browser import DESKTOP, PHONE, browser, needs_chromium, phone

PICTURES = os.environ.get("LOTSE_TEST_LOOKS", "")
"""A folder for what the page looked like on the way, to be looked at; none: no pictures."""

pytestmark = [pytest.mark.browser, needs_chromium]


async def look(page, name):
    if PICTURES:
        await page.page.wait_for_timeout(300)
        await page.page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_from_the_first_word_to_the_report(alliance, size):  # noqa: F811
    world = alliance.lotse.sandbox
    kind = "phone" if size is PHONE else "desktop"
    async with browser() as chromium, phone(chromium, size=size) as page:
        await page.open(world.url, person=alliance.miriam.id, chat=alliance.miriam.id)
        await page.send("/ankuendigung")
        await page.sees("Schreiben Sie mir, was gesagt werden soll")
        await page.send("Guten Tag {name}, die Anmeldung zum Kongress ist offen. Bitte melden Sie sich bis Freitag an.")
        await page.sees("Wer soll es bekommen")
        await page.press("Schaltflächen, Frage …")
        await page.press("„Gelesen“ hinzufügen")
        await page.press("Frage hinzufügen")
        await page.sees("Erste Zeile die Frage")
        await alliance.miriam.sends("Kommen Sie?\nJa\nNein")
        await page.press("Empfänger wählen")
        await page.press("Arbeitsgruppen")
        await page.press("AG Klima")
        await page.press("‹ Zurück")
        await look(page, f"{kind}-1-audience")
        await page.press("Fertig")
        await page.sees("2 Personen in 2 Städten")
        await look(page, f"{kind}-2-preview")
        await page.press("Jetzt senden")
        await page.sees("Zugestellt: 2 von 2")
        await alliance.anna.presses("Ja", await alliance.anna.receives("Guten Tag Anna"))
        await page.press("Aktualisieren")
        await page.sees("gelesen: 1")
        await look(page, f"{kind}-3-report")
        await page.press("Diagramm")
        await page.press("Liste als CSV")
        await page.sees("ankuendigung-1.csv")
        await look(page, f"{kind}-4-chart")
        await page.press("Korrigieren")
        await page.sees("Schreiben Sie mir den neuen Text")
        await page.send("Guten Tag {name}, die Anmeldung ist bis Samstag offen.")
        await page.press("Überall so ändern")
        await alliance.anna.receives("bis Samstag offen", timeout=20)
        await page.press("Zurückziehen")
        await page.press("Wirklich zurückziehen")
        await page.sees("Entfernt: 2")
        await expect(page.log.get_by_text("noch unterwegs")).to_have_count(0)
        await look(page, f"{kind}-5-withdrawn")
