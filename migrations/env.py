"""Run by Alembic: within the connection that `bot.database` hands over, or a new one for `alembic revision`."""

import asyncio

from alembic import context
from sqlalchemy.engine import Connection

from bot.database import Database
from bot.settings import load_settings
from bot.tables import METADATA


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,  # the caller's transaction holds it all, on SQLite too
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    database = Database(load_settings().database_url.get_secret_value())
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await database.close()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_alone())
