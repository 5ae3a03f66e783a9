"""Figures for Prometheus: what is asked, what is sent, what waits."""

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import NetworkError, TimedOut

from bot.database import Database
from bot.delivery.kinds import State
from bot.delivery.library import is_counted
from bot.delivery.models import Delivery
from bot.delivery.request import AiohttpRequest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
OUTBOX_SECONDS = 10.0
"""The outbox is counted no more often."""
_RESULTS = {200: "ok", 400: "refused", 403: "forbidden", 429: "too_many"}


class Metrics:
    """The figures of one process, in a registry of its own.

    Args:
        database: Where the outbox is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._registry = CollectorRegistry()
        self._counted_at: float | None = None
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        Gauge("lotse_info", "The program.", ["version"], registry=self._registry).labels(version("lotse")).set(1)
        self._updates = Counter("lotse_updates", "Updates taken, by kind.", ["kind"], registry=self._registry)
        self._questions = Counter(
            "lotse_questions", "Questions answered, by kind of answer.", ["kind"], registry=self._registry
        )
        self._answers = Histogram(
            "lotse_answer_seconds", "Seconds to find an answer.", registry=self._registry, buckets=SECONDS
        )
        self._sends = Counter(
            "lotse_sends", "Messages sent to Telegram, by method and result.", ["method", "result"],
            registry=self._registry,
        )  # fmt: skip
        self._outbox = Gauge("lotse_outbox_messages", "Pushes, by state.", ["state"], registry=self._registry)
        self._leading = Gauge("lotse_sender_leading", "1: this process sends the pushes.", registry=self._registry)

    @property
    def route(self) -> Route:
        """`/metrics`."""
        return Route("/metrics", self._show)

    def count_update(self, kind: str) -> None:
        """An update was taken."""
        self._updates.labels(kind).inc()

    def count_question(self, kind: str, seconds: float) -> None:
        """A question was answered within so many seconds."""
        self._questions.labels(kind).inc()
        self._answers.observe(seconds)

    def count_call(self, method: str, result: str) -> None:
        """Telegram was called; only what puts a message into a chat is counted."""
        if is_counted(method):
            self._sends.labels(method, result).inc()

    def follow_leading(self, leads: Callable[[], bool]) -> None:
        """Ask each time whether this process sends the pushes."""
        self._leading.set_function(leads)

    async def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        await self._count_outbox()
        return generate_latest(self._registry)

    async def _count_outbox(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._counted_at is not None and now < self._counted_at + OUTBOX_SECONDS:
            return
        async with self._database.reading() as session:
            rows = await session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
            counts = {state: count for state, count in rows.all()}  # noqa: C416 - rows are no pairs to mypy
        for state in State:
            self._outbox.labels(state).set(counts.get(state, 0))
        self._counted_at = now

    async def _show(self, request: Request) -> Response:
        del request
        return Response(await self.text(), media_type=CONTENT_TYPE_LATEST)


class CountedRequest(AiohttpRequest):
    """The way to Telegram, each call counted.

    Args:
        metrics: Where.
        options: See `AiohttpRequest`.
    """

    def __init__(self, metrics: Metrics, **options: Any) -> None:
        super().__init__(**options)
        self._metrics = metrics

    async def do_request(self, url: str, method: str, *args: Any, **options: Any) -> tuple[int, bytes]:
        """See `AiohttpRequest.do_request`."""
        called = url.rpartition("/")[2]
        try:
            status, body = await super().do_request(url, method, *args, **options)
        except TimedOut:
            self._metrics.count_call(called, "timeout")
            raise
        except NetworkError:
            self._metrics.count_call(called, "unreachable")
            raise
        self._metrics.count_call(called, _RESULTS.get(status, "error"))
        return status, body
