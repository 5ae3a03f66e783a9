"""`lotse db backup` and `lotse db restore`: the whole database as one file, made while Lotse runs."""

# ruff: noqa: ASYNC240 - a command's own process: nothing else waits for its files

import asyncio
import datetime as dt
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import MetaData, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database, count_changed
from bot.delivery.kinds import State
from bot.delivery.lease import make_lease
from bot.delivery.models import Delivery, SenderLease
from bot.settings import PREFIX

SQLITE_MARK, POSTGRES_MARK = b"SQLite format 3\0", b"PGDMP"
"""How the two kinds of backup begin."""
PAGES = 1000
"""Pages that are copied at a time; in between, Lotse may write."""


class BackupError(Exception):
    """It cannot be done; the message is one sentence that says why and what to do."""


async def back_up(url: str, target: Path) -> int:
    """Write the whole database to a file; Lotse may run meanwhile.

    Args:
        url: The database's address.
        target: The file; it must not exist yet.

    Returns:
        Its size in bytes.

    Raises:
        BackupError: It cannot be read or written.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name, or remove it first.")
    if not target.resolve().parent.is_dir():
        raise BackupError(f"The folder {target.resolve().parent} does not exist.")
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        aside.touch(mode=0o600)
        if _is_sqlite(url):
            await asyncio.to_thread(_copy_sqlite, _sqlite_file(url), aside)
        else:
            await _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={aside}")
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.rename(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        aside.unlink(missing_ok=True)
    return target.stat().st_size


async def restore(url: str, source: Path, *, resend: bool = True, now: dt.datetime) -> tuple[Path | None, int]:
    """Replace the whole database by what a file holds, and bring it up to date.

    What was there before is kept in a file beside `source`. Lotse must not run.

    Args:
        url: The database's address.
        source: What `back_up` wrote.
        resend: Whether pushes that were due before now are sent; they may have been sent since the backup.
        now: Aware.

    Returns:
        The file with what was there before, None if that was nothing; and how many pushes `resend` was about.

    Raises:
        BackupError: The file is no backup for this database, Lotse runs, or a program that is needed is not there.
    """
    _check_source(url, source)
    await _check_nobody_sends(url)
    kept = await _keep_present(url, source, now)
    try:
        await _replace(url, source)
    except BackupError:
        await (_replace(url, kept) if kept is not None else _empty(url))
        raise
    return kept, await _settle_due(url, resend=resend, now=now)


async def _replace(url: str, source: Path) -> None:
    if _is_sqlite(url):
        await asyncio.to_thread(_copy_sqlite, source, _sqlite_file(url))
    else:
        await _drop_all(url)
        await _run(
            "pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source)
        )
    database = Database(url)
    try:
        await database.upgrade()
    except Exception as error:  # an unknown revision, a table that does not fit: whatever it is, undo it
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise BackupError(
            f"{source} cannot be brought up to date; was it made by a newer version? ({reason})"
        ) from None
    finally:
        await database.close()


async def _empty(url: str) -> None:
    if _is_sqlite(url):
        _sqlite_file(url).unlink(missing_ok=True)
    else:
        await _drop_all(url)


def _check_source(url: str, source: Path) -> None:
    try:
        with source.open("rb") as backup:
            mark = backup.read(len(SQLITE_MARK))
    except OSError as error:
        raise BackupError(f"{source} cannot be read: {error.strerror or error}.") from None
    kinds = {True: SQLITE_MARK, False: POSTGRES_MARK}
    names = {True: "SQLite", False: "PostgreSQL"}
    own = _is_sqlite(url)
    if mark.startswith(kinds[own]):
        return
    if mark.startswith(kinds[not own]):
        raise BackupError(
            f"{source} is the backup of a {names[not own]} database, but {PREFIX}DATABASE_URL names a {names[own]} one."
        )
    raise BackupError(f"{source} is no backup that `lotse db backup` wrote.")


async def _check_nobody_sends(url: str) -> None:
    """Refuse while some process has the right to send."""
    if _is_sqlite(url) and not _sqlite_file(url).exists():
        return
    database = Database(url)
    try:
        lease = make_lease(database)
        if not await lease.acquire():
            raise BackupError("Lotse is running on this database: stop it first (every process of it).")
        await lease.release()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error)
        if SenderLease.__tablename__ not in reason:  # an empty database has no table of senders yet
            raise BackupError(f"The database cannot be opened: {reason.splitlines()[0]}.") from None
    except OSError as error:
        raise BackupError(f"The database cannot be opened: {error}.") from None
    finally:
        await database.close()


async def _keep_present(url: str, source: Path, now: dt.datetime) -> Path | None:
    database = Database(url)
    try:
        if _is_sqlite(url) and not _sqlite_file(url).exists():
            return None
        if await database.revision() is None:
            return None
    finally:
        await database.close()
    kept = source.with_name(f"before-restore-{now:%Y%m%dT%H%M%SZ}-{source.name}")
    await back_up(url, kept)
    return kept


async def _settle_due(url: str, *, resend: bool, now: dt.datetime) -> int:
    """Mark, or take back, what was due before now: nobody knows whether it was sent after the backup."""
    database = Database(url)
    unsure = Delivery.state.in_((State.QUEUED, State.SENDING)) & (Delivery.due_at <= now)
    values = {"possibly_twice": True} if resend else {"state": State.CANCELLED, "held": False, "settled_at": now}
    try:
        async with database.writing() as session:
            return await count_changed(session, update(Delivery).where(unsure).values(**values))
    finally:
        await database.close()


async def _drop_all(url: str) -> None:
    """Remove all tables, also those that this version does not know."""
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            found = MetaData()
            await connection.run_sync(found.reflect)
            await connection.run_sync(found.drop_all)
    finally:
        await database.close()


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _sqlite_file(url: str) -> Path:
    name = make_url(url).database
    if not name or name == ":memory:":
        raise BackupError(f"{PREFIX}DATABASE_URL names a database in memory: there is no file.")
    return Path(name)


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's own online backup: whole and consistent, whoever writes meanwhile."""
    if not source.exists():
        raise BackupError(f"{source} does not exist.")
    try:
        with (
            closing(sqlite3.connect(source.resolve().as_uri() + "?mode=ro", uri=True)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing, pages=PAGES)
            fault = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
            if fault != "ok":
                raise BackupError(f"{source} is damaged: {fault}.")
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied to {target}: {error}.") from None


async def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which nobody else can read."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's version or newer."
        )
    parts = make_url(url)
    environment = dict(os.environ) | _connection(parts)
    process = await asyncio.create_subprocess_exec(
        path,
        f"--dbname={parts.database}",
        "--no-password",
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise BackupError(f"{program} failed: {lines[0] if lines else f'exit code {process.returncode}'}")


def _connection(url: URL) -> dict[str, str]:
    ssl = url.query.get("ssl") or url.query.get("sslmode")
    found = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGSSLMODE": ssl,
    }
    return {name: str(value) for name, value in found.items() if value}
