"""Logs for operators: one line an event, console or JSON, and never a secret in any of them."""

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

REDACTED = "[redacted]"
_ANY_TOKEN = re.compile(r"\d{3,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")
_SHORTEST_SECRET = 4

# Libraries whose fine levels would write request addresses, SQL parameters or whole messages of people.
_FLOORS = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "telegram": logging.INFO,
    "uvicorn.access": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
}


def make_redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that takes these secrets, and whatever has the form of a bot token, out of a text."""
    known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
    pattern = re.compile("|".join([*map(re.escape, known), _ANY_TOKEN.pattern]))
    return lambda text: pattern.sub(REDACTED, text)


def configure_logs(
    log_format: Literal["console", "json"] = "console",
    level: str = "info",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send all log lines, ours and the libraries', through one handler that redacts the finished line.

    The last step works on the text as it is written, so no logger, level or traceback can get past it.

    Args:
        log_format: How a line looks.
        level: The least grave level that is written: debug, info, warning or error.
        secrets: Texts that must not appear.
        stream: Where lines go; standard error if not given.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_RedactingFormatter(make_redactor(secrets), shared, log_format, handler.stream))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, floor in _FLOORS.items():
        logging.getLogger(name).setLevel(max(floor, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one module; call it with an event in words and values by name."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def log_lost_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Log what a background task raised and nobody awaited, in place of asyncio's own print."""
    log = get_logger("lotse.tasks")

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.error("lost error", detail=context.get("message"), exc_info=context.get("exception"))

    loop.set_exception_handler(handle)


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders a record to a line, then takes every secret out of it."""

    def __init__(
        self,
        redact: Callable[[str], str],
        shared: list[structlog.typing.Processor],
        log_format: str,
        stream: TextIO,
    ) -> None:
        renderer: structlog.typing.Processor
        if log_format == "json":
            renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        else:
            renderer = structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        chain: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
        if log_format == "json":
            chain.append(structlog.processors.format_exc_info)
        super().__init__(processors=[*chain, renderer], foreign_pre_chain=shared)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line to write."""
        return self._redact(super().format(record))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In place of Python's own print of an uncaught error."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("lotse").critical("stopped by an error", exc_info=(kind, error, trace))
