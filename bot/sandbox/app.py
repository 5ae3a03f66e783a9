"""The sandbox as a web application, and as a server inside this process for tests."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox import control
from bot.sandbox.client import SandboxClient
from bot.sandbox.gateway import TOKEN, Gateway
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import World

PAGE = Path(__file__).parent / "page"


def create_app(world: World) -> Starlette:
    """Return the application: Bot API, control API and page on one world."""
    gateway = Gateway(world)

    async def download(request: Request) -> Response:
        stored = world.files.at(request.path_params["path"])
        if not TOKEN.fullmatch(request.path_params["token"]) or stored is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(stored.content, media_type="application/octet-stream")

    async def page(_request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with Webhook(world).running():
            yield
        world.close()

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", gateway),
            Route("/file/bot{token}/{path:path}", download),
            *control.routes(world),
            Route("/", page),
            Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
        ],
        lifespan=lifespan,
    )


class SandboxServer(uvicorn.Server):
    """A uvicorn server that ends all long polls before it waits for them."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self._world = world
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End serving now, not at uvicorn's next tick."""
        self.should_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        """Serve until somebody stops it."""
        tasks = [asyncio.ensure_future(super().main_loop()), asyncio.ensure_future(self._stopped.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop promptly."""
        self._world.close()
        await super().shutdown(sockets)


def create_server(world: World, port: int) -> SandboxServer:
    """Return a server for the world on 127.0.0.1."""
    config = uvicorn.Config(
        create_app(world),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        # Longer than any client keeps an idle connection: one that both ends let go of at once is a reset call.
        timeout_keep_alive=75,
    )
    return SandboxServer(config, world)


@dataclass(slots=True)
class RunningSandbox:
    """A sandbox that serves.

    Attributes:
        url: Root of the Bot API, the control API and the page.
        token: The bot's token.
        client: Persons who use the bot.
    """

    url: str
    token: str
    world: World
    client: SandboxClient


@asynccontextmanager
async def running_sandbox(world: World | None = None, port: int = 0) -> AsyncIterator[RunningSandbox]:
    """Serve a world on 127.0.0.1 from this process.

    Args:
        world: By default a new one.
        port: 0 for any free one.
    """
    world = world or World()
    # Only with the protocol named does asyncio switch off the delay of small answers (40 ms each).
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = create_server(world, port)
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve([listener]))
    try:
        async with SandboxClient(url) as client:
            await client.ready()
            yield RunningSandbox(url, world.token, world, client)
    finally:
        server.stop()
        await serving
        listener.close()
