"""Gets what others publish on the web: conditionally, up to a size, and only from public addresses."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
MOST_BYTES = 5_000_000
MOST_REDIRECTS = 5
USER_AGENT = "Lotse feed reader"
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses behind which a gateway finds IPv4 ones."""
_MOVED = frozenset({301, 302, 303, 307, 308})


class FetchFaultError(Exception):
    """An address cannot be read; `reason` says why, in German, as the end of a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Page:
    """What a server sent.

    Attributes:
        body: As it was sent.
        headers: Of the answer, by lower-case name; `content-location` is where it was found in the end.
    """

    body: bytes
    headers: dict[str, str]

    @property
    def etag(self) -> str | None:
        """To ask next time whether it changed."""
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        """Likewise."""
        return self.headers.get("last-modified")


class WebFetcher:
    """Gets pages over HTTP, and only from public addresses: whoever enters one must not reach the operator's network.

    Args:
        private_hosts: Whether addresses of private networks are allowed, for tests.
    """

    def __init__(self, *, private_hosts: bool = False) -> None:
        self._private_hosts = private_hosts

    async def get(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Page | None:
        """Get a page.

        Args:
            url: Its address.
            etag: What it said last time.
            last_modified: Likewise.

        Returns:
            The page; None: it has not changed.

        Raises:
            FetchFaultError: It cannot be read.
        """
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {"User-Agent": USER_AGENT} | {name: value for name, value in asked.items() if value}
        connector = aiohttp.TCPConnector(resolver=None if self._private_hosts else _PublicResolver())
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, headers=headers) as session:
                return await self._follow(session, url)
        except TimeoutError:
            raise FetchFaultError("der Server antwortet nicht") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise FetchFaultError("der Server ist nicht zu erreichen") from None

    async def _follow(self, session: aiohttp.ClientSession, url: str) -> Page | None:
        for _ in range(MOST_REDIRECTS + 1):
            self._check_address(url)
            async with session.get(url, allow_redirects=False) as response:
                if response.status in _MOVED and "Location" in response.headers:
                    url = urljoin(url, response.headers["Location"])
                    continue
                if response.status == 304:
                    return None
                if response.status != 200:
                    raise FetchFaultError(f"der Server meldet Fehler {response.status}")
                body = await _read(response)
                headers = {name.casefold(): value for name, value in response.headers.items()}
                return Page(body, headers | {"content-location": url})
        raise FetchFaultError("die Adresse leitet im Kreis weiter")

    def _check_address(self, url: str) -> None:
        if not is_web_address(url):
            raise FetchFaultError("die Adresse beginnt nicht mit https://")
        # The host as it will be called: „①②⑦.0.0.1“ is a number to the client, and numbers never meet the resolver.
        host = URL(url).host or ""
        if self._private_hosts or not _is_number(host):
            return
        if not _is_public(host):
            raise FetchFaultError("die Adresse ist nicht öffentlich")


class _PublicResolver(AbstractResolver):
    """Finds hosts, and does not know those in private networks."""

    def __init__(self) -> None:
        self._within = aiohttp.DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host."""
        found = await self._within.resolve(host, port, family)
        public = [each for each in found if _is_public(each["host"])]
        if not public:
            raise FetchFaultError("die Adresse ist nicht öffentlich")
        return public

    async def close(self) -> None:
        """Free what it holds."""
        await self._within.close()


def _is_number(host: str) -> bool:
    """Whether the client takes a host for a number and does not look it up; it is no stricter than this."""
    return ":" in host or host.replace(".", "").isdigit()


def _is_public(host: str) -> bool:
    """Whether a number belongs to the public network; odd ways to write one, such as `127.1`, do not."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            address = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        else:
            address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast


def is_web_address(url: str) -> bool:
    """Whether a text is the address of a web page."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in url)
    except ValueError:
        return False


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise FetchFaultError("die Antwort ist zu groß")
    return bytes(body)
