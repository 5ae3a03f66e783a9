"""Fetches and reads RSS and Atom feeds; knows no table."""

import asyncio
import calendar
import datetime as dt
import hashlib
import html
import ipaddress
import re
import socket
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
import feedparser
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.groups.errors import FeedFaultError

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
MOST_BYTES = 5_000_000
MOST_REDIRECTS = 5
USER_AGENT = "Lotse feed reader"
_MOVED = frozenset({301, 302, 303, 307, 308})
_BLOCKS = frozenset({"p", "br", "div", "li", "h1", "h2", "h3", "h4", "tr", "ul", "ol", "blockquote"})
_IGNORED = frozenset({"script", "style"})


@dataclass(frozen=True)
class FeedEntry:
    """An item of a feed.

    Attributes:
        digest: Identifies it within its feed: SHA-256 of its id, else its link, else its title.
        title: In one line; may be empty.
        summary: Plain text; may be empty.
        link: Where to read on; a web address or None.
        published: Aware, where the feed says it.
    """

    digest: str
    title: str
    summary: str
    link: str | None
    published: dt.datetime | None


@dataclass(frozen=True)
class Fetched:
    """A feed as it was read.

    Attributes:
        title: What it calls itself.
        entries: Oldest first.
        etag: To ask next time whether it changed.
        last_modified: Likewise.
    """

    title: str
    entries: tuple[FeedEntry, ...]
    etag: str | None
    last_modified: str | None


class Fetcher(Protocol):
    """Gets feeds."""

    async def fetch(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """Read a feed.

        Args:
            url: Its address.
            etag: What it said last time.
            last_modified: Likewise.

        Returns:
            The feed; None: it has not changed.

        Raises:
            FeedFaultError: It cannot be read; says why in German.
        """
        ...


class HttpFetcher:
    """Gets feeds over HTTP, and only from public addresses: whoever enters one must not reach the operator's network.

    Args:
        private_hosts: Whether addresses of private networks are allowed, for tests.
    """

    def __init__(self, *, private_hosts: bool = False) -> None:
        self._private_hosts = private_hosts

    async def fetch(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """Read a feed; see `Fetcher`."""
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {"User-Agent": USER_AGENT} | {name: value for name, value in asked.items() if value}
        connector = aiohttp.TCPConnector(resolver=None if self._private_hosts else _PublicResolver())
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, headers=headers) as session:
                answer = await self._get(session, url)
        except FeedFaultError:
            raise
        except TimeoutError:
            raise FeedFaultError("der Server antwortet nicht") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise FeedFaultError("der Server ist nicht zu erreichen") from None
        if answer is None:
            return None
        body, found = answer
        return await asyncio.to_thread(read_feed, body, found)

    async def _get(self, session: aiohttp.ClientSession, url: str) -> tuple[bytes, dict[str, str]] | None:
        for _ in range(MOST_REDIRECTS + 1):
            self._check_address(url)
            async with session.get(url, allow_redirects=False) as response:
                if response.status in _MOVED and "Location" in response.headers:
                    url = urljoin(url, response.headers["Location"])
                    continue
                if response.status == 304:
                    return None
                if response.status != 200:
                    raise FeedFaultError(f"der Server meldet Fehler {response.status}")
                body = await _read(response)
                headers = {name.casefold(): value for name, value in response.headers.items()}
                return body, headers | {"content-location": url}
        raise FeedFaultError("die Adresse leitet im Kreis weiter")

    def _check_address(self, url: str) -> None:
        if not is_web_address(url):
            raise FeedFaultError("die Adresse beginnt nicht mit https://")
        host = urlsplit(url).hostname or ""
        if self._private_hosts:
            return
        try:
            public = ipaddress.ip_address(host).is_global
        except ValueError:
            public = True  # a name: the resolver looks at what it leads to
        if not public:
            raise FeedFaultError("die Adresse ist nicht öffentlich")


class _PublicResolver(AbstractResolver):
    """Finds hosts, and does not know those in private networks."""

    def __init__(self) -> None:
        self._within = aiohttp.DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host."""
        found = await self._within.resolve(host, port, family)
        public = [each for each in found if ipaddress.ip_address(each["host"].partition("%")[0]).is_global]
        if not public:
            raise FeedFaultError("die Adresse ist nicht öffentlich")
        return public

    async def close(self) -> None:
        """Free what it holds."""
        await self._within.close()


def is_web_address(url: str) -> bool:
    """Whether a text is the address of a web page."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in url)
    except ValueError:
        return False


def read_feed(body: bytes, headers: dict[str, str]) -> Fetched:
    """Read RSS or Atom.

    Args:
        body: As the server sent it.
        headers: The answer's, by lower-case name.

    Raises:
        FeedFaultError: It is no feed.
    """
    parsed = feedparser.parse(body, response_headers=headers, sanitize_html=True)
    if not parsed.get("version"):
        raise FeedFaultError("dort liegt kein RSS- oder Atom-Feed")
    entries = {entry.digest: entry for entry in (_entry(each) for each in parsed.entries) if entry is not None}
    # Feeds have the newest first; what has no date keeps that order.
    ordered = list(reversed(entries.values()))
    ordered.sort(key=lambda entry: entry.published or dt.datetime.max.replace(tzinfo=dt.UTC))
    title = " ".join(text_of(str(parsed.feed.get("title", ""))).split())
    return Fetched(title[:200], tuple(ordered), headers.get("etag"), headers.get("last-modified"))


def text_of(markup: str) -> str:
    """HTML as plain text: blocks become lines."""
    reader = _TextReader()
    reader.feed(markup)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _entry(each: Any) -> FeedEntry | None:
    title = " ".join(text_of(str(each.get("title", ""))).split())
    link = str(each.get("link", "")) or None
    name = str(each.get("id") or link or title)
    if not name:
        return None
    content = each.get("content") or [{}]
    summary = text_of(str(each.get("summary") or content[0].get("value") or ""))
    moment = each.get("published_parsed") or each.get("updated_parsed")
    published = None
    if moment:
        try:
            published = dt.datetime.fromtimestamp(calendar.timegm(moment), dt.UTC)
        except (OverflowError, ValueError, OSError):
            published = None
    digest = hashlib.sha256(name.encode()).hexdigest()
    return FeedEntry(digest, html.unescape(title), summary, link if link and is_web_address(link) else None, published)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise FeedFaultError("der Feed ist zu groß")
    return bytes(body)


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._ignored = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._ignored += tag in _IGNORED
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._ignored -= tag in _IGNORED and self._ignored > 0
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._ignored:
            self.parts.append(data)
