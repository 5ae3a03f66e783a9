"""The demo as a newcomer meets it: page, sandbox and the real bot in its own process."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from icalendar import Calendar
from playwright.async_api import expect

from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.demo import BotProcess, bot_environment, members_file, people_world
from tests.sandbox.browser import Phone, browser, needs_chromium, phone

pytestmark = [pytest.mark.browser, needs_chromium]

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "demo.png"
WANTS_PICTURE = "LOTSE_TEST_PICTURES"
"""Set to anything: the README's picture is taken anew."""
QUESTION = "Wie viel Prozent zahlt die KfW 432?"
STARTS_WITHIN_MS = 60_000
"""The bot's process loads its libraries, knowledge and database first."""


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RunningSandbox]:
    world, coordinator = people_world(Clock(tmp_path / "clock"))
    (tmp_path / "members.json").write_text(members_file(world, coordinator), encoding="utf-8")
    stop = asyncio.Event()
    async with running_sandbox(world) as sandbox:
        bot = BotProcess(bot_environment(world, sandbox.url, coordinator, tmp_path))
        running = asyncio.create_task(bot.run(stop))
        try:
            yield sandbox
        finally:
            stop.set()
            assert await running == 0


@pytest.fixture
async def jana(demo: RunningSandbox) -> AsyncIterator[Phone]:
    async with browser() as chromium, phone(chromium, device_scale_factor=1.5) as one:
        await one.open(demo.url)
        yield one


async def take_picture(one: Phone) -> None:
    if not os.environ.get(WANTS_PICTURE):
        return
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    await one.page.screenshot(path=PICTURE, animations="disabled")


async def test_ask_press_share_and_let_time_pass(jana: Phone, capfd: pytest.CaptureFixture[str]) -> None:
    answers = jana.log.locator(".row.in[data-id]")

    await jana.page.get_by_role("button", name="Starten").click()
    await expect(answers).to_have_count(1, timeout=STARTS_WITHIN_MS)
    await jana.send(QUESTION)
    await expect(answers).to_have_count(2)
    await take_picture(jana)

    card = await answers.last.inner_text()
    await jana.press("Details")
    await expect(answers.last).not_to_have_text(card)
    await jana.sees("bearbeitet")

    await jana.enter("AG Leerstand")
    await jana.type("@lotse_demo_bot leerstand")
    await expect(jana.page.get_by_role("option").first).to_be_visible()
    await jana.field.press("Enter")
    await jana.sees("über @lotse_demo_bot")

    await jana.page.get_by_role("button", name="Nächster Werktag, 8:00").click()
    await expect(jana.page.locator("#clock-time")).to_have_text("08:00")
    await jana.enter("Lotse")
    await jana.send("und bis wann?")
    await expect(answers).to_have_count(3)
    await expect(jana.log.locator(".day").last).to_have_text("Heute")
    await expect(jana.log.locator(".day")).to_have_count(2)

    await jana.send("/termine")
    await jana.press("Kalender abonnieren")
    await jana.sees("/kalender/")
    link = re.search(r"http://\S+/kalender/\S+\.ics", await answers.last.inner_text())
    assert link is not None
    async with aiohttp.ClientSession() as client, client.get(link.group()) as answer:
        assert answer.status == 200
        assert Calendar.from_ical(await answer.read())["X-WR-CALNAME"]

    assert "stopped unexpectedly" not in capfd.readouterr().err
