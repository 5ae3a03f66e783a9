"""Whole transactions for the dispatcher, each as one piece of work.

With SQLite a piece of work runs in one thread, on a connection of its own: handing each statement to a thread and
back would cost more than the statements.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

from bot.database import BUSY_SECONDS, Database

T = TypeVar("T")


class Transactions:
    """Runs work in transactions that are committed at its end, or undone if it fails."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._thread: ThreadPoolExecutor | None = None
        self._in_thread: Engine | None = None
        if database.engine.dialect.name == "sqlite":
            self._in_thread = _engine_for_thread(database)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do work in a transaction, after the work that was given before.

        Args:
            work: Gets the connection; must not touch what the event loop changes meanwhile.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database failed; nothing of it was written.
        """
        if self._in_thread is None:
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "lotse-outbox")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _work_in_transaction, self._in_thread, work)

    async def close(self) -> None:
        """Wait for the work that was given, then close the connection; the next work opens it again."""
        if self._thread is not None and self._in_thread is not None:
            thread, self._thread = self._thread, None
            await asyncio.get_running_loop().run_in_executor(thread, self._in_thread.dispose)
            thread.shutdown(wait=False)


def _work_in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _engine_for_thread(database: Database) -> Engine:
    """The same file, without the asynchronous driver; set up as `bot.database` sets it up."""
    url = database.engine.url.set(drivername="sqlite")
    in_memory = not url.database or url.database == ":memory:"
    if in_memory:
        raise ValueError("the outbox needs a database in a file")
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=StaticPool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # BEGIN is said below
        for pragma in ("synchronous=NORMAL", f"busy_timeout={BUSY_SECONDS * 1000}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
