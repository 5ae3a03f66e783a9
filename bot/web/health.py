"""Is it alive, is it ready: for whoever starts it anew or sends it requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.database import Database, head_revision

CHECK_SECONDS = 5.0
"""A check that takes longer counts as failed."""

Check = Callable[[], Awaitable[str | None]]
"""Looks at one thing; returns what is wrong with it in English, or None."""


class Health:
    """Looks at everything that has to work for people to be answered.

    Args:
        checks: By name, in the order in which they are shown.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    @property
    def routes(self) -> list[Route]:
        """`/healthz`: the process answers. `/readyz`: all of it works, else 503 and why."""
        return [Route("/healthz", _alive), Route("/readyz", self._ready)]

    async def troubles(self) -> dict[str, str | None]:
        """What is wrong with each thing; None: nothing."""
        found = await asyncio.gather(*(_look(check) for check in self._checks.values()))
        return dict(zip(self._checks, found, strict=True))

    async def _ready(self, request: Request) -> Response:
        del request
        troubles = await self.troubles()
        well = not any(troubles.values())
        body = {"ready": well, "checks": {name: trouble or "ok" for name, trouble in troubles.items()}}
        return JSONResponse(body, 200 if well else 503)


def database_check(database: Database) -> Check:
    """Whether the database answers."""

    async def look() -> str | None:
        async with database.reading() as session:
            await session.execute(text("SELECT 1"))
        return None

    return look


def migrations_check(database: Database) -> Check:
    """Whether the tables are those of this version of the program."""
    head = head_revision()

    async def look() -> str | None:
        revision = await database.revision()
        return None if revision == head else f"the tables are at revision {revision or 'none'}, not {head}"

    return look


async def _look(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:.0f} s"
    except (SQLAlchemyError, OSError) as error:
        return str(getattr(error, "orig", None) or error).splitlines()[0]


async def _alive(request: Request) -> Response:
    del request
    return PlainTextResponse("alive\n")
