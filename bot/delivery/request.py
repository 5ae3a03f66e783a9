"""The way to Telegram over aiohttp: a quarter of the CPU that the library's own HTTP client costs a call."""

import asyncio
import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import urlencode, urlsplit

import aiohttp
import yarl
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.logs import make_redactor

# The library warns each time that a 429 comes, until told that its pauses may be time spans.
os.environ.setdefault("PTB_TIMEDELTA", "true")

KEEP_ALIVE_SECONDS = 60.0
"""How long an unused connection is kept; a server that closes it earlier is noticed."""
POOL_TIMED_OUT = (
    "Pool timeout: All connections in the connection pool are occupied. Request was *not* sent to Telegram. "
    "Consider adjusting the connection pool size or the pool timeout."
)

File = tuple[str, Any, str]
"""Name, content (bytes or an open file) and media type."""

_redact = make_redactor(())


class _Parameters(Protocol):
    """What is read of a `RequestData`."""

    contains_files: bool

    @property
    def json_parameters(self) -> dict[str, str]: ...

    @property
    def multipart_data(self) -> dict[str, File]: ...

    def url_encoded_parameters(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Form:
    """Parameters that are ready to be sent: a lighter `RequestData` for a message to many.

    Attributes:
        where: Parameters of this one call.
        what: Parameters of the message, the same for all.
        encoded: `what` as a web form sends it.
        multipart_data: Files, by the name of their part.
    """

    where: dict[str, str]
    what: dict[str, str]
    encoded: str
    multipart_data: dict[str, File]

    @property
    def contains_files(self) -> bool:
        """Whether there is something to upload."""
        return bool(self.multipart_data)

    @property
    def json_parameters(self) -> dict[str, str]:
        """All parameters by name."""
        return self.where | self.what

    def url_encoded_parameters(self) -> str:
        """All parameters as a web form sends them."""
        return f"{urlencode(self.where)}&{self.encoded}"

    def as_request_data(self) -> RequestData:
        """For `BaseRequest.post`, which hands it to `do_request` untouched."""
        return cast("RequestData", self)


class ConnectFailedError(NetworkError):
    """No connection came about: the request certainly did not reach Telegram."""


class ConnectTimedOutError(TimedOut):
    """No connection came about in time: the request certainly did not reach Telegram."""


class AiohttpRequest(BaseRequest):
    """Carries the calls of a `telegram.Bot`; errors are those that the library's `HTTPXRequest` raises.

    Args:
        connection_pool_size: Most connections at a time.
        read_timeout: Seconds to wait for (the next part of) an answer; None: as long as it takes.
        write_timeout: Seconds that writing a request may take; None: as long as it takes.
        connect_timeout: Seconds to wait for a connection to be made; None: as long as it takes.
        pool_timeout: Seconds to wait for a free connection; None: as long as it takes.
        media_write_timeout: As `write_timeout`, for requests with files.
        proxy: Address of an HTTP proxy; by default HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY decide.

    Raises:
        ValueError: The proxy is not an HTTP proxy.
    """

    def __init__(
        self,
        connection_pool_size: int = 256,
        read_timeout: float | None = 5.0,
        write_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        media_write_timeout: float | None = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._pool_size = connection_pool_size
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        self._media_write_timeout = media_write_timeout
        self._proxy = proxy
        self._proxies: dict[tuple[str, str], str | None] = {}
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(connection_pool_size)
        _check_proxy(proxy)

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer where a call does not say; None: as long as it takes."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the connection pool; nothing happens where it is open already."""
        if self._session is None or self._session.closed:
            self._free = asyncio.Semaphore(self._pool_size)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
                headers={"User-Agent": self.USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=True,
            )

    async def shutdown(self) -> None:
        """Close all connections; nothing happens where they are closed already."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one HTTP request.

        Args:
            url: The address; it holds the token, so it stays out of every error.
            method: GET or POST.
            request_data: Parameters and files.
            read_timeout: Seconds, None for no limit; by default that of this object, as all others.
            write_timeout: Seconds.
            connect_timeout: Seconds.
            pool_timeout: Seconds.

        Returns:
            The HTTP status and the body.

        Raises:
            ConnectFailedError: No connection came about.
            ConnectTimedOutError: No connection came about in time, or none was free.
            TimedOut: The answer did not come in time: what was asked may have been done or not.
            NetworkError: The connection broke: what was asked may have been done or not.
            RuntimeError: `initialize` was not called.
        """
        session = self._session
        if session is None or session.closed:
            raise RuntimeError("This AiohttpRequest is not initialized!")
        parameters = cast("_Parameters | None", request_data)
        files = parameters.multipart_data if parameters and parameters.contains_files else None
        read = _given(read_timeout, self._read_timeout)
        write = _given(write_timeout, self._media_write_timeout if files else self._write_timeout)
        connect = _given(connect_timeout, self._connect_timeout)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)
        limits = (connect, write, read)
        until_answered = None if None in limits else sum(limit for limit in limits if limit)
        body, headers = _body(parameters, files)
        await self._take_connection(_given(pool_timeout, self._pool_timeout))
        try:
            with _translated_errors():
                async with asyncio.timeout(until_answered) as overall:
                    response = await session.request(
                        method,
                        yarl.URL(url, encoded=True),
                        data=body,
                        headers=headers,
                        timeout=timeout,
                        proxy=self._proxy_for(url),
                        allow_redirects=False,
                    )
                    overall.reschedule(None)
                    async with response:
                        return response.status, await response.read()
        finally:
            self._free.release()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer; unlike the library's, one that cannot be read is not logged: it may hold people's words.

        Raises:
            TelegramError: It is no JSON.
        """
        try:
            return cast("dict[str, Any]", json.loads(payload.decode("utf-8", "replace")))
        except ValueError:
            raise TelegramError("Invalid server response") from None

    async def _take_connection(self, seconds: float | None) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise ConnectTimedOutError(POOL_TIMED_OUT) from None

    def _proxy_for(self, url: str) -> str | None:
        """The proxy that the environment names for an address, asked once a host."""
        if self._proxy is not None:
            return self._proxy
        scheme, _, rest = url.partition("://")
        host = rest.partition("/")[0]
        if (scheme, host) not in self._proxies:
            self._proxies[scheme, host] = _environment_proxy(scheme, host)
        return self._proxies[scheme, host]


def _given(value: Any, default: float | None) -> float | None:
    """The seconds that a call gave, or else the default; None is a value: no limit."""
    return default if value is BaseRequest.DEFAULT_NONE else cast("float | None", value)


def _body(data: _Parameters | None, files: Mapping[str, File] | None) -> tuple[Any, dict[str, str]]:
    if data is None:
        return None, {}
    if files is None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return data.url_encoded_parameters().encode("ascii"), headers
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in files.items():
        form.add_field(name, content, filename=filename.replace('"', "%22"), content_type=mime_type)
    return form, {}


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise the library's errors in place of aiohttp's; without their trace, which may hold the token."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise ConnectTimedOutError from None
    except TimeoutError:
        raise TimedOut from None
    except aiohttp.ClientConnectorError as error:
        raise ConnectFailedError(_describe(error)) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NetworkError(_describe(error)) from None


def _describe(error: Exception) -> str:
    return _redact(f"aiohttp.{type(error).__name__}: {error}")


def _environment_proxy(scheme: str, host: str) -> str | None:
    known = urllib.request.getproxies()
    if urllib.request.proxy_bypass(urlsplit(f"//{host}").hostname or ""):
        return None
    proxy = known.get(scheme) or known.get("all")
    _check_proxy(proxy)
    return proxy or None


def _check_proxy(proxy: str | None) -> None:
    if proxy and urlsplit(proxy).scheme not in {"http", "https"}:
        names = ", ".join(name for name in ("HTTPS_PROXY", "ALL_PROXY") if os.environ.get(name))
        raise ValueError(f"only HTTP proxies can be used, not {urlsplit(proxy).scheme}:// (see {names or 'proxy'})")
