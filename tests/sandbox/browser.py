"""The page in a real browser, and a scripted bot that answers over the Bot API."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

JSON = dict[str, Any]
Call = Callable[..., Awaitable[Any]]
CHROMIUM = shutil.which("chromium") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no chromium on the PATH")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield chromium
        finally:
            await chromium.close()


class Phone:
    """One open page; it fails the test when the page's script fails."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.log = page.get_by_role("log")
        self.field = page.get_by_role("textbox", name="Nachricht schreiben")

    async def open(self, url: str, **place: int) -> None:
        fragment = "&".join(f"{key}={value}" for key, value in place.items())
        await self.page.goto(f"{url}/#{fragment}")
        await self.page.wait_for_selector("body.ready")

    async def type(self, text: str) -> None:
        await self.field.fill(text)

    async def send(self, text: str) -> None:
        await self.type(text)
        await self.field.press("Enter")

    async def sees(self, text: str) -> None:
        await self.log.get_by_text(text).last.wait_for()

    async def press(self, label: str) -> None:
        await self.log.get_by_role("button", name=label, exact=True).last.click()

    async def become(self, name: str) -> None:
        await self.page.locator("#people").get_by_role("button", name=name).click()
        await expect(self.page.locator("#people [aria-current]")).to_contain_text(name)

    async def enter(self, title: str) -> None:
        await self.page.locator("#chats").get_by_role("button", name=title).click()
        await expect(self.page.locator("#head-title")).to_contain_text(title)


@asynccontextmanager
async def phone(chromium: Browser, *, size: JSON = DESKTOP, **options: Any) -> AsyncIterator[Phone]:
    context = await chromium.new_context(viewport=size, locale="de-DE", **options)
    context.set_default_timeout(10_000)
    try:
        one = Phone(await context.new_page())
        yield one
        assert one.errors == []
    finally:
        await context.close()


@asynccontextmanager
async def scripted_bot(url: str, token: str, answer: Callable[[Call, JSON], Awaitable[None]]) -> AsyncIterator[None]:
    """Poll the sandbox and hand each update to `answer`, which calls methods by `await call(name, ...)`."""
    async with aiohttp.ClientSession() as session:

        async def call(name: str, **parameters: Any) -> Any:
            async with session.post(f"{url}/bot{token}/{name}", json=parameters) as response:
                body = await response.json()
            assert body["ok"], body
            return body["result"]

        async def poll() -> None:
            offset = 0
            while True:
                for update in await call("getUpdates", offset=offset, timeout=20):
                    offset = update["update_id"] + 1
                    await answer(call, update)

        polling = asyncio.create_task(poll())
        try:
            yield
        finally:
            if polling.done():
                polling.result()
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
