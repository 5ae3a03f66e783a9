"""`lotse doctor`: what is wrong and how to mend it, one line a finding."""

from collections.abc import AsyncIterator

import typer

from bot.database import Database
from bot.doctor.basics import check_database, check_knowledge, check_names, check_web
from bot.doctor.finding import Finding
from bot.doctor.schedule import check_schedule
from bot.doctor.telegram import check_telegram
from bot.settings import Settings

MARKS = {True: "ok   ", False: "WRONG", None: "note "}


async def examine(settings: Settings) -> int:
    """Look at everything and print each finding.

    Returns:
        The exit code: 0 if nothing is wrong, else 1.
    """
    well = True
    async for finding in _findings(settings):
        well = well and finding.well is not False
        typer.echo(f"{MARKS[finding.well]}  {finding.sentence}")
    return 0 if well else 1


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield check_names()
    for finding in check_web(settings):
        yield finding
    yield check_knowledge()
    database = Database(settings.database_url.get_secret_value())
    try:
        found = await check_database(database)
        yield found
        if found.well:
            async for finding in check_schedule(settings, database):
                yield finding
    finally:
        await database.close()
    async for finding in check_telegram(settings):
        yield finding
