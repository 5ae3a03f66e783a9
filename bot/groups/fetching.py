"""Fetches and reads RSS and Atom feeds; knows no table."""

import asyncio
import calendar
import datetime as dt
import hashlib
import html
import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urljoin

import feedparser

from bot.fetching import FetchFaultError, WebFetcher, is_web_address
from bot.groups.errors import FeedFaultError

_BLOCKS = frozenset({"p", "br", "div", "li", "h1", "h2", "h3", "h4", "tr", "ul", "ol", "blockquote"})
_IGNORED = frozenset({"script", "style"})
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml"})
PAGE_LIMIT = 500_000
"""Bytes of a web page in which a feed's address is looked for."""
TITLE_LIMIT = 1000
MARKUP_LIMIT = 100_000
"""Of a summary; news show its beginning."""


@dataclass(frozen=True)
class FeedEntry:
    """An item of a feed.

    Attributes:
        digests: Each identifies it within its feed, as SHA-256: its id, and what it shows (link, title, date). An item
            with one of them that was seen is no new one, so that a website which gives all its items other ids sends
            nothing twice. Where a feed has one id for items with several links, it identifies none.
        title: In one line; may be empty.
        summary: Plain text; may be empty.
        link: Where to read on; a web address or None.
        published: Aware, where the feed says it.
    """

    digests: tuple[str, ...]
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
    """Gets feeds over HTTP.

    Args:
        private_hosts: Whether addresses of private networks are allowed, for tests.
    """

    def __init__(self, *, private_hosts: bool = False) -> None:
        self._web = WebFetcher(private_hosts=private_hosts)

    async def fetch(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """Read a feed; see `Fetcher`."""
        try:
            page = await self._web.get(url, etag, last_modified)
        except FetchFaultError as error:
            raise FeedFaultError(error.reason) from None
        return await asyncio.to_thread(read_feed, page.body, page.headers) if page is not None else None


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
        raise FeedFaultError("dort liegt kein RSS- oder Atom-Feed", _feed_of(body, headers.get("content-location", "")))
    entries = _unlike([entry for entry in map(_entry, parsed.entries) if entry is not None])
    # Feeds have the newest first; what has no date keeps that order.
    ordered = entries[::-1]
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
    title = html.unescape(" ".join(text_of(str(each.get("title", ""))).split()))[:TITLE_LIMIT]
    link = str(each.get("link", ""))
    name = str(each.get("id") or link or title)
    if not name:
        return None
    content = each.get("content") or [{}]
    summary = text_of(str(each.get("summary") or content[0].get("value") or "")[:MARKUP_LIMIT])
    # The library warns where it takes one for the other by itself.
    moment = dict.get(each, "published_parsed") or dict.get(each, "updated_parsed")
    published = None
    if moment:
        try:
            published = dt.datetime.fromtimestamp(calendar.timegm(moment), dt.UTC)
        except (OverflowError, ValueError, OSError):
            published = None
    shows = "\n".join((_place(link), title, published.isoformat() if published else summary))
    digests = _sha256(name), _sha256(shows)
    return FeedEntry(digests, title, summary, link if is_web_address(link) else None, published)


def _unlike(entries: list[FeedEntry]) -> list[FeedEntry]:
    """Each item once, in order; an id that items with several links have is left out."""
    places: dict[str, set[str]] = {}
    for entry in entries:
        places.setdefault(entry.digests[0], set()).add(_place(entry.link or ""))
    unlike: dict[str, FeedEntry] = {}
    for entry in entries:
        number, shows = entry.digests
        if len(places[number]) == 1:
            unlike.setdefault(number, entry)
        else:
            unlike.setdefault(shows, replace(entry, digests=(shows,)))
    return list(unlike.values())


def _place(link: str) -> str:
    """What stays of an address when a website moves to https or drops its www."""
    return re.sub(r"^https?://(?:www\.)?", "", link, flags=re.IGNORECASE).rstrip("/")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _feed_of(page: bytes, address: str) -> str | None:
    """The feed that a web page names as its own; None: it names none."""
    reader = _LinkReader()
    reader.feed(page[:PAGE_LIMIT].decode("utf-8", "replace"))
    found = urljoin(address, reader.found) if reader.found else ""
    return found if is_web_address(found) else None


class _LinkReader(HTMLParser):
    """Finds `<link rel="alternate" type="application/rss+xml" href="…">`, the first one."""

    def __init__(self) -> None:
        super().__init__()
        self.found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        kind = named.get("type", "").casefold()
        if tag == "link" and "alternate" in named.get("rel", "").casefold() and kind in _FEED_TYPES and not self.found:
            self.found = named.get("href", "")


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
