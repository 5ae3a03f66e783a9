"""The database: SQLite by default, PostgreSQL when it grows; sessions, the base of all tables, upgrades."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import alembic.command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import CursorResult, DateTime, Executable, MetaData, NullPool, event, text
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""
PAGE = 10_000
"""Ids in one statement."""
UPGRADE_LOCK = 0x4C4F545345
"""The key of PostgreSQL's advisory lock that one starter at a time holds: the letters of LOTSE."""


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, kept in UTC. A naive one is refused: nobody could say which moment it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """The moment in UTC; SQLite, which knows no zones, gets it without one.

        Raises:
            ValueError: The value is naive.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """The moment, aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """The base of all tables; constraints have fixed names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dt.datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's own interface


class Database:
    """The engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.engine = _create_engine(url)
        self._reader = self.engine.execution_options(lotse_begin="BEGIN")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction that is committed at the end, or undone if an error leaves the block.

        On SQLite it takes the write lock at once and waits up to `BUSY_SECONDS` for it, so that what was read cannot
        be outdated when it is written.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; on SQLite it waits for no writer."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    async def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to a revision, the newest if not told; who starts meanwhile waits, then finds it done."""
        await self._migrate(alembic.command.upgrade, revision)

    async def downgrade(self, revision: str) -> None:
        """Take the tables back to a revision; `base` removes them all."""
        await self._migrate(alembic.command.downgrade, revision)

    async def revision(self) -> str | None:
        """The revision that the tables have; None: none yet."""
        from alembic.runtime.migration import MigrationContext

        async with self._reader.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    async def _migrate(self, command: Any, revision: str) -> None:
        # Foreign keys are off on this engine: SQLite changes a table by making it anew, and dropping the old one
        # would otherwise take along all rows that point to it.
        engine = _create_engine(self.engine.url.render_as_string(hide_password=False), foreign_keys=False)
        try:
            if engine.dialect.name == "sqlite":
                await _keep_journal_ahead(engine)
            async with engine.begin() as connection:
                await connection.run_sync(_run_alembic, command, revision)
        finally:
            await engine.dispose()


async def count_changed(session: AsyncSession, *statements: Executable) -> int:
    """Run UPDATE and DELETE statements in order; returns how many rows they touched together."""
    touched = 0
    for statement in statements:
        result = await session.execute(statement)
        if not isinstance(result, CursorResult):
            raise TypeError("only UPDATE and DELETE touch rows")
        touched += result.rowcount
    return touched


def in_pages(ids: Iterable[int], size: int = PAGE) -> Iterator[list[int]]:
    """Ids page by page: a statement takes some 32,000 values at most, in both kinds of database."""
    ordered = list(ids)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def head_revision() -> str:
    """The newest revision that this version of the program brings along."""
    head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
    if head is None:
        raise RuntimeError("the package holds no migrations")
    return head


def _create_engine(url: str, *, foreign_keys: bool = True) -> AsyncEngine:
    if make_url(url).get_backend_name() != "sqlite":
        pool: dict[str, Any] = {"pool_pre_ping": True} if foreign_keys else {"poolclass": NullPool}
        return create_async_engine(url, hide_parameters=True, **pool)
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("lotse_begin", "BEGIN IMMEDIATE"))

    return engine


async def _keep_journal_ahead(engine: AsyncEngine) -> None:
    """Switch the file to write-ahead logging, for good.

    SQLite does not wait for its own lock in this one case, so starters that come at once take turns here.
    """
    deadline = asyncio.get_running_loop().time() + BUSY_SECONDS
    while True:
        try:
            async with engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await (await raw.driver_connection.execute("PRAGMA journal_mode=WAL")).close()  # type: ignore[union-attr]
        except (sqlite3.OperationalError, OperationalError) as error:
            if "locked" not in str(error) or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            return


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    return config


def _run_alembic(connection: Connection, command: Any, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    config = _alembic_config()
    config.attributes["connection"] = connection
    command(config, revision)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the upgrade would leave {len(broken)} rows that point to nothing")
