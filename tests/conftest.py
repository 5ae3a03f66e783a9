"""Fixtures for all tests: an empty database of each kind."""

import os
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import Database

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


@pytest.fixture(params=KINDS)
async def database_url(request, tmp_path):
    """The address of an empty database that is this test's own."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}"
        return
    server = make_url(POSTGRES_URL).set(drivername="postgresql+asyncpg")
    name = f"lotse_{uuid.uuid4().hex}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        async with engine.connect() as connection:
            await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        await engine.dispose()


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
