"""Fixtures for all tests: an empty database of each kind, and the real application beside a sandbox."""

import asyncio
import datetime as dt
import os
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.application import Rooms, running_bot
from bot.database import Database
from bot.delivery.limiter import Limiter
from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.sandbox.client import SandboxPerson
from bot.settings import Settings
from knowledge.files import load_knowledge
from knowledge.library import Knowledge

POSTGRES_URL = os.environ.get("LOTSE_TEST_POSTGRES_URL", "")
KINDS = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=[
            pytest.mark.postgres,
            pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL is not set"),
        ],
    ),
]


async def _migrate(url):
    database = Database(url)
    await database.upgrade()
    await database.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """An SQLite database with all tables, to be copied: migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "lotse.db"
    _apart(_migrate(f"sqlite+aiosqlite:///{file}"))
    return file


def _apart(coroutine):
    """Run something to its end on a loop of its own, also where another one is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def _on_server(*statements):
    await _execute(_server(), statements)


async def _on_database(name, *statements):
    return await _execute(_server().set(database=name), statements)


async def _execute(url, statements):
    """Run statements one by one; returns what each says first."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            results = [await connection.execute(text(statement)) for statement in statements]
            return [result.scalar() if result.returns_rows else None for result in results]
    finally:
        await engine.dispose()


def _server():
    return make_url(POSTGRES_URL).set(drivername="postgresql+asyncpg")


def _address(name):
    return _server().set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def migrated_template():
    """The name of a PostgreSQL database with all tables, to be copied likewise."""
    name = f"lotse_{uuid.uuid4().hex}"
    _apart(_on_server(f'CREATE DATABASE "{name}"'))
    _apart(_migrate(_address(name)))
    yield name
    _apart(_on_server(f'DROP DATABASE "{name}" WITH (FORCE)'))


class UsedAgain:
    """A PostgreSQL database that one test after the other gets as new: copying one takes longer than most tests."""

    EMPTIED = """
        DO $$
        DECLARE each text;
        BEGIN
            PERFORM set_config('session_replication_role', 'replica', true);
            FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
            LOOP EXECUTE format('DELETE FROM %I', each); END LOOP;
            FOR each IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
            LOOP PERFORM setval(format('%I', each)::regclass, 1, false); END LOOP;
        END $$"""
    LEFT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # noqa: E501
    SHAPE = (
        "SELECT (SELECT version_num FROM alembic_version) || string_agg(table_name || column_name, ' ' ORDER BY 1) "
        "FROM information_schema.columns WHERE table_schema = 'public'"
    )

    def __init__(self, template):
        self._template = template
        self._name = None
        self._shape = None

    async def address(self):
        """Its address, with all tables and nothing in them; another database where a test has changed the tables."""
        if self._name is None or not await self._emptied():
            await self.drop()
            self._name = f"lotse_{uuid.uuid4().hex}"
            await _on_server(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._template}"')
            [self._shape] = await _on_database(self._name, self.SHAPE)
        return _address(self._name)

    async def _emptied(self):
        try:
            _, _, shape = await _on_database(self._name, self.LEFT, self.EMPTIED, self.SHAPE)
        except SQLAlchemyError:  # a table is missing
            return False
        return shape == self._shape

    async def drop(self):
        if self._name is not None:
            await _on_server(f'DROP DATABASE "{self._name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def used_again(migrated_template):
    database = UsedAgain(migrated_template)
    yield database
    _apart(database.drop())


@pytest.fixture(params=KINDS)
async def database_url(request, tmp_path):
    """The address of a database that is this test's own: with all tables, but for tests of the tables' making."""
    empty = "empty_database" in request.node._fixtureinfo.argnames or request.node.path.name == "test_database.py"
    if request.param == "sqlite":
        if not empty:
            shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "lotse.db")
        yield f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}"
        return
    if not empty:
        yield await request.getfixturevalue("used_again").address()
        return
    name = f"lotse_{uuid.uuid4().hex}"
    await _on_server(f'CREATE DATABASE "{name}"')
    try:
        yield _address(name)
    finally:
        await _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def empty_database(database_url):
    """A database without tables."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def database(empty_database):
    """A database with all tables."""
    await empty_database.upgrade()
    return empty_database


@pytest.fixture(scope="session")
def shipped_knowledge():
    """The shipped entries, read once: what answers from them is built once for each such object."""
    return load_knowledge()


@dataclass
class Lotse:
    """The real application, answering persons of a sandbox over HTTP."""

    sandbox: RunningSandbox
    settings: Settings
    rooms: Rooms
    office: SandboxPerson
    clock_file: Path
    knowledge: Knowledge
    _stack: AsyncExitStack

    async def person(self, name: str = "Anna") -> SandboxPerson:
        """Somebody who has started the bot."""
        return await self.sandbox.client.person(name)

    def move_clock(self, by: dt.timedelta) -> None:
        """Move the bot's clock ahead of the present by this much."""
        self.clock_file.write_text(str(by.total_seconds()))

    async def restart(self) -> None:
        """Stop the bot as SIGTERM does, and start another one on the same database."""
        await self._stack.aclose()
        self.rooms = await self._stack.enter_async_context(running_bot(self.settings, knowledge=self.knowledge))


@pytest.fixture
async def lotse(database_url, tmp_path, shipped_knowledge, monkeypatch):
    """The real application on an empty database, with one person of the office.

    Persons in tests talk faster than one message a second; the pace in a chat has tests of its own.
    """
    monkeypatch.setattr("bot.machine.Limiter", partial(Limiter, private=(1000, 1.0)))
    clock_file = tmp_path / "clock"
    async with running_sandbox() as sandbox:
        office = await sandbox.client.person("Miriam")
        settings = Settings(
            telegram_token=sandbox.token,
            telegram_api_url=sandbox.url,
            database_url=database_url,
            admins=str(office.id),
            access="open",
            clock_file=clock_file,
        )
        async with AsyncExitStack() as stack:
            rooms = await stack.enter_async_context(running_bot(settings, knowledge=shipped_knowledge))
            yield Lotse(sandbox, settings, rooms, office, clock_file, shipped_knowledge, stack)
