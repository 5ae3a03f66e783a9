"""The whole database as a file, and back."""

import datetime as dt
import sqlite3

import pytest
from sqlalchemy import select, update

from bot import backup
from bot.backup import BackupError, back_up, restore
from bot.clock import SystemClock
from bot.database import Database, head_revision
from bot.delivery.kinds import State
from bot.delivery.lease import make_lease
from bot.delivery.models import Delivery
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content, Push
from bot.delivery.service import Outbox

NOW = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)


async def queue(database, what):
    push = Push(what, "test", 7, Content(Text(html="Hallo")))
    await Outbox(database, SystemClock()).enqueue(push)


async def pushes(database):
    async with database.reading() as session:
        return {row.what: row for row in await session.scalars(select(Delivery))}


async def test_what_was_backed_up_comes_back_whole(database, database_url, tmp_path):
    await queue(database, "before")
    size = await back_up(database_url, tmp_path / "saved")
    assert size == (tmp_path / "saved").stat().st_size > 0
    assert (tmp_path / "saved").stat().st_mode & 0o077 == 0
    await queue(database, "after")
    await database.close()
    kept, due = await restore(database_url, tmp_path / "saved", now=SystemClock().now())
    found = await pushes(database)
    assert list(found) == ["before"]
    assert (due, found["before"].possibly_twice, found["before"].state) == (1, True, State.QUEUED)
    assert kept is not None
    await database.close()
    await restore(database_url, kept, now=NOW - dt.timedelta(days=3000))
    assert set(await pushes(database)) == {"before", "after"}


async def test_due_pushes_can_be_taken_back(database, database_url, tmp_path):
    await queue(database, "due")
    await queue(database, "later")
    async with database.writing() as session:
        later = NOW + dt.timedelta(days=9000)
        await session.execute(update(Delivery).where(Delivery.what == "later").values(due_at=later))
    await back_up(database_url, tmp_path / "saved")
    await database.close()
    await restore(database_url, tmp_path / "saved", resend=False, now=NOW + dt.timedelta(days=1000))
    found = await pushes(database)
    assert {what: row.state for what, row in found.items()} == {"due": State.CANCELLED, "later": State.QUEUED}


async def test_an_older_backup_is_brought_up_to_date(empty_database, database_url, tmp_path):
    await empty_database.upgrade("base")
    await empty_database.upgrade("+1")
    await back_up(database_url, tmp_path / "saved")
    await empty_database.upgrade()
    await empty_database.close()
    await restore(database_url, tmp_path / "saved", now=NOW)
    assert await empty_database.revision() == head_revision()


async def test_a_backup_of_a_newer_version_is_refused_and_nothing_is_lost(database, database_url, tmp_path):
    await queue(database, "mine")
    await _set_revision(database, "fffffffffff1")
    await back_up(database_url, tmp_path / "newer")
    await _set_revision(database, head_revision())
    await database.close()
    with pytest.raises(BackupError, match="newer version"):
        await restore(database_url, tmp_path / "newer", now=NOW)
    assert await database.revision() == head_revision()
    assert list(await pushes(database)) == ["mine"]


async def test_it_refuses_while_lotse_runs(database, database_url, tmp_path):
    await back_up(database_url, tmp_path / "saved")
    lease = make_lease(database)
    assert await lease.acquire()
    with pytest.raises(BackupError, match="Lotse is running"):
        await restore(database_url, tmp_path / "saved", now=NOW)
    await lease.release()


async def test_an_existing_file_is_never_overwritten(database, database_url, tmp_path):
    del database
    (tmp_path / "saved").write_text("precious")
    with pytest.raises(BackupError, match="exists already"):
        await back_up(database_url, tmp_path / "saved")
    assert (tmp_path / "saved").read_text() == "precious"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot be read"), (b"Dear diary", "is no backup"), (b"", "is no backup")],
)
async def test_what_is_no_backup_is_refused(database, database_url, tmp_path, content, sentence):
    await queue(database, "mine")
    if content is not None:
        (tmp_path / "odd").write_bytes(content)
    with pytest.raises(BackupError, match=sentence):
        await restore(database_url, tmp_path / "odd", now=NOW)
    assert list(await pushes(database)) == ["mine"]


async def test_a_backup_of_the_other_kind_is_refused(tmp_path):
    (tmp_path / "dump").write_bytes(b"PGDMP and more")
    with pytest.raises(BackupError, match="backup of a PostgreSQL database"):
        await restore(f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}", tmp_path / "dump", now=NOW)
    assert not (tmp_path / "lotse.db").exists()


async def test_a_backup_comes_back_where_there_was_no_database(tmp_path):
    first = Database(f"sqlite+aiosqlite:///{tmp_path / 'first.db'}")
    await first.upgrade()
    await queue(first, "mine")
    await back_up(f"sqlite+aiosqlite:///{tmp_path / 'first.db'}", tmp_path / "saved")
    await first.close()
    url = f"sqlite+aiosqlite:///{tmp_path / 'second.db'}"
    kept, _ = await restore(url, tmp_path / "saved", now=NOW)
    second = Database(url)
    assert kept is None
    assert list(await pushes(second)) == ["mine"]
    await second.close()


async def test_a_damaged_backup_is_refused_and_nothing_is_lost(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}"
    database = Database(url)
    await database.upgrade()
    await queue(database, "mine")
    await back_up(url, tmp_path / "saved")
    await database.close()
    whole = bytearray((tmp_path / "saved").read_bytes())
    whole[4096 : len(whole) // 2] = b"\xff" * (len(whole) // 2 - 4096)
    (tmp_path / "saved").write_bytes(whole)
    with pytest.raises(BackupError):
        await restore(url, tmp_path / "saved", now=NOW)
    assert list(await pushes(database)) == ["mine"]
    await database.close()


async def test_a_database_in_memory_is_refused(tmp_path):
    with pytest.raises(BackupError, match="in memory"):
        await back_up("sqlite+aiosqlite://", tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


async def test_missing_programs_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(backup.shutil, "which", lambda _name: None)
    with pytest.raises(BackupError, match="pg_dump is not on the PATH"):
        await back_up("postgresql+asyncpg://anna:hush@127.0.0.1/lotse", tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


async def test_a_copy_is_consistent_while_others_write(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'lotse.db'}"
    database = Database(url)
    await database.upgrade()
    async with database.writing() as session:
        await session.execute(update(Delivery).values(attempts=1))
        await back_up(url, tmp_path / "saved")
    await database.close()
    copied = sqlite3.connect(tmp_path / "saved")
    assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copied.close()


async def _set_revision(database, revision):
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
