import asyncio
import datetime as dt

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import StatementError

from bot.database import Database, head_revision
from bot.questions.models import Shown
from bot.tables import METADATA


async def tables(database):
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_it_upgrades_takes_back_and_upgrades_again(empty_database):
    assert await empty_database.revision() is None
    await empty_database.upgrade()
    assert await empty_database.revision() == head_revision()
    assert set(METADATA.tables) <= await tables(empty_database)
    await empty_database.downgrade("base")
    assert await tables(empty_database) == {"alembic_version"}
    await empty_database.upgrade()
    assert set(METADATA.tables) <= await tables(empty_database)


async def test_migrations_make_exactly_the_tables_of_the_models(database):
    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, METADATA)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_many_starters_at_once_upgrade_once(database_url):
    starters = [Database(database_url) for _ in range(4)]
    try:
        await asyncio.gather(*(starter.upgrade() for starter in starters))
        assert await starters[0].revision() == head_revision()
    finally:
        for starter in starters:
            await starter.close()


async def test_a_failing_upgrade_leaves_nothing_behind(empty_database, monkeypatch):
    def fail(*_):
        raise RuntimeError("no power")

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(RuntimeError, match="no power"):
        await empty_database.upgrade()
    assert await tables(empty_database) == set()


async def test_an_upgrade_keeps_the_rows(database):
    async with database.writing() as session:
        session.add(Shown(chat_id=1, what={}, shown_at=dt.datetime.now(dt.UTC)))
    await database.upgrade()
    async with database.reading() as session:
        assert await session.get(Shown, 1) is not None


async def test_moments_come_back_aware_in_utc(database):
    cest = dt.timezone(dt.timedelta(hours=2))
    moment = dt.datetime(2027, 3, 28, 2, 30, 15, 123456, tzinfo=cest)
    async with database.writing() as session:
        session.add(Shown(chat_id=2**40, what={"a": ["ä"]}, shown_at=moment))
    async with database.reading() as session:
        row = (await session.execute(select(Shown).where(Shown.shown_at == moment))).scalar_one()
    assert row.shown_at == moment
    assert row.shown_at.tzinfo is dt.UTC
    assert row.what == {"a": ["ä"]}


async def test_a_naive_moment_is_refused(database):
    naive = dt.datetime(2027, 1, 1)  # noqa: DTZ001
    async with database.writing() as session:
        session.add(Shown(chat_id=1, what={}, shown_at=naive))
        with pytest.raises(StatementError, match="time zone"):
            await session.flush()
        await session.rollback()


async def test_an_error_undoes_what_was_written(database):
    async def fail_half_way():
        async with database.writing() as session:
            session.add(Shown(chat_id=1, what={}, shown_at=dt.datetime.now(dt.UTC)))
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()
    async with database.reading() as session:
        assert await session.get(Shown, 1) is None


async def test_concurrent_writers_wait_for_each_other(database):
    async with database.writing() as session:
        session.add(Shown(chat_id=1, what={"n": 0}, shown_at=dt.datetime.now(dt.UTC)))

    async def count_up():
        async with database.writing() as session:
            row = await session.get(Shown, 1, with_for_update=True)
            row.what = {"n": row.what["n"] + 1}

    await asyncio.gather(*(count_up() for _ in range(12)))
    async with database.reading() as session:
        assert (await session.get(Shown, 1)).what == {"n": 12}


async def test_sqlite_is_set_up_to_be_trusted(database):
    if database.engine.dialect.name != "sqlite":
        pytest.skip("a matter of SQLite")
    async with database.reading() as session:
        for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 30_000)):
            assert (await session.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value
