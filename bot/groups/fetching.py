"""Fetches and reads RSS and Atom feeds; knows no table."""

import asyncio
import calendar
import datetime as dt
import hashlib
import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Protocol

import feedparser

from bot.fetching import FetchFaultError, WebFetcher, is_web_address
from bot.groups.errors import FeedFaultError

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
