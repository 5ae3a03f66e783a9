"""Who sends: exactly one process, because the pace belongs to the bot. Another takes over within seconds."""

import os
import socket
import time
import uuid
from typing import Protocol

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.database import Database
from bot.delivery.models import SenderLease

SENDER_LOCK = 0x4C4F545345 + 1
"""The key of PostgreSQL's advisory lock; the one before it is for upgrades."""
LEASE_SECONDS = 15.0
"""How long a silent sender is waited for where its death cannot be seen."""
RENEW_SECONDS = 4.0
"""How often the sender says that it lives."""


_alive: set[str] = set()
"""The holders that this process made."""


class Lease(Protocol):
    """The right to send."""

    holder: str
    """Who we are: a new name for each start."""

    async def acquire(self) -> bool:
        """Take it; False: another process has it."""
        ...

    async def renew(self) -> bool:
        """Keep it; False: it is lost."""
        ...

    async def release(self) -> None:
        """Give it up."""
        ...


def make_lease(database: Database) -> Lease:
    """The lease that fits the database."""
    return PostgresLease(database) if database.engine.dialect.name == "postgresql" else RowLease(database)


class PostgresLease:
    """An advisory lock of a connection of its own; the server frees it when the holder dies."""

    def __init__(self, database: Database, key: int = SENDER_LOCK) -> None:
        self.holder = str(uuid.uuid4())
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._key = key
        self._connection: AsyncConnection | None = None

    async def acquire(self) -> bool:
        """Take the lock; False: another process has it."""
        await self.release()
        connection = await self._engine.connect()
        got = await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key})
        if not got:
            await connection.close()
            return False
        self._connection = connection
        return True

    async def renew(self) -> bool:
        """Whether the connection, and so the lock, still stands."""
        if self._connection is None:
            return False
        try:
            await self._connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            await self._drop()
            return False
        return True

    async def release(self) -> None:
        """Give the lock up."""
        if self._connection is None:
            return
        try:
            await self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": self._key})
        except (SQLAlchemyError, OSError):
            await self._drop()
        else:
            await self._connection.close()
            self._connection = None

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()


class RowLease:
    """A row that the holder renews; a holder on this machine whose process is gone is not waited for."""

    def __init__(self, database: Database) -> None:
        self.holder = str(uuid.uuid4())
        _alive.add(self.holder)
        self._database = database
        self._host = socket.gethostname()[:255]

    async def acquire(self) -> bool:
        """Take the lease; False: another process has it."""
        async with self._database.writing() as session:
            row = await session.scalar(select(SenderLease).where(SenderLease.id == 1))
            if row is None:
                row = SenderLease(id=1)
                session.add(row)
            elif row.holder != self.holder and row.until > time.time() and not self._is_dead(row):
                return False
            row.holder, row.host, row.process = self.holder, self._host, os.getpid()
            row.until = time.time() + LEASE_SECONDS
            return True

    async def renew(self) -> bool:
        """Keep the lease; False: another process took it."""
        async with self._database.writing() as session:
            row = await session.scalar(select(SenderLease).where(SenderLease.id == 1))
            if row is None or row.holder != self.holder:
                return False
            row.until = time.time() + LEASE_SECONDS
            return True

    async def release(self) -> None:
        """Give the lease up, if it is still ours."""
        async with self._database.writing() as session:
            row = await session.scalar(select(SenderLease).where(SenderLease.id == 1))
            if row is not None and row.holder == self.holder:
                row.until = 0.0

    def _is_dead(self, row: SenderLease) -> bool:
        """Whether the holder certainly is gone; elsewhere, only time tells."""
        if row.host != self._host or os.name != "posix":
            return False
        if row.process == os.getpid():
            # In a container that was started anew the number is the same; in one process, two leases are two holders.
            return row.holder not in _alive
        try:
            os.kill(row.process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False
