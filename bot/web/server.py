"""The web part's server, within the bot's own process and event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.settings import PREFIX, SettingsError

STOP_SECONDS = 5
"""How long requests may take that were begun when it stops."""
BACKLOG = 256


@asynccontextmanager
async def serving(listen: str | None, routes: Sequence[BaseRoute]) -> AsyncIterator[int | None]:
    """Serve these routes as long as the block lasts; nothing without an address.

    Args:
        listen: host:port; port 0 for a free one; None: no web part.
        routes: What is served.

    Yields:
        The port.

    Raises:
        SettingsError: The address cannot be listened on.
    """
    if listen is None:
        yield None
        return
    listener = _listen(listen)
    config = uvicorn.Config(
        Starlette(routes=list(routes)),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]), name="web")
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.stop()
        await task
        listener.close()


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us and stops at once, not at its next tick."""

    capture_signals = nullcontext  # type: ignore[assignment]

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Take no more requests; finish those that were begun."""
        self.should_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        """Serve until stopped."""
        tasks = [asyncio.ensure_future(super().main_loop()), asyncio.ensure_future(self._stopped.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, protocol, _, where = found[0]
        # Only with the protocol named does asyncio switch off the delay of small answers.
        listener = socket.socket(family, socket.SOCK_STREAM, protocol or socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError([f"{PREFIX}LISTEN: {address} cannot be listened on ({reason})."]) from None
    listener.setblocking(False)
    return listener
