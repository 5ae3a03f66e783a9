"""`lotse doctor`: what is wrong and how to mend it, one line a finding."""

import difflib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import typer
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.database import Database, head_revision
from bot.settings import PREFIX, Settings, unknown_names
from knowledge.files import ContentError, load_knowledge


@dataclass(frozen=True)
class Finding:
    """What was looked at, and whether it is well."""

    well: bool
    sentence: str


async def examine(settings: Settings) -> int:
    """Look at everything and print each finding.

    Returns:
        The exit code: 0 if all is well, else 1.
    """
    well = True
    async for finding in _findings(settings):
        well = well and finding.well
        typer.echo(f"{'ok   ' if finding.well else 'WRONG'}  {finding.sentence}")
    return 0 if well else 1


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield _names()
    yield _knowledge()
    yield await _database(settings)
    async for finding in _telegram(settings):
        yield finding


def _names() -> Finding:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    sentences = []
    for name in unknown_names():
        near = difflib.get_close_matches(name, known, 1)
        sentences.append(f"{name} is no setting" + (f"; {near[0]} is." if near else "."))
    return Finding(not sentences, "Settings: " + (" ".join(sentences) or "all values can be used."))


def _knowledge() -> Finding:
    try:
        knowledge = load_knowledge()
    except ContentError as error:
        return Finding(well=False, sentence=f"Knowledge: {len(error.faults)} faults; see `lotse knowledge check`.")
    return Finding(well=True, sentence=f"Knowledge: {len(knowledge.entries)} entries, revision {knowledge.revision}.")


async def _database(settings: Settings) -> Finding:
    database = Database(settings.database_url.get_secret_value())
    where = database.engine.url.render_as_string(hide_password=True)
    try:
        revision = await database.revision()
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Finding(
            well=False,
            sentence=f"Database: {where} cannot be opened ({reason}). Check {PREFIX}DATABASE_URL and that the server "
            "runs, or that the folder can be written.",
        )
    finally:
        await database.close()
    if revision != head_revision():
        return Finding(
            well=False,
            sentence=f"Database: {where} is at revision {revision or 'none'}, not {head_revision()}. "
            "`lotse db upgrade` brings it up to date; `lotse run` does so by itself.",
        )
    return Finding(well=True, sentence=f"Database: {where} is up to date.")


async def _telegram(settings: Settings) -> AsyncIterator[Finding]:
    if settings.telegram_token is None:
        yield Finding(well=False, sentence=f"Telegram: {PREFIX}TELEGRAM_TOKEN is not set; @BotFather gives one.")
        return
    bot = Bot(settings.require_token(), base_url=f"{settings.telegram_api_url}/bot")
    try:
        async with bot:
            yield Finding(well=True, sentence=f"Telegram: the token is that of @{bot.username}.")
            if not bot.bot.supports_inline_queries:
                yield Finding(
                    well=False, sentence="Telegram: inline mode is off; switch it on with /setinline at @BotFather."
                )
            hook = await bot.get_webhook_info()
            if hook.url and not settings.webhook_url:
                yield Finding(
                    well=False,
                    sentence="Telegram: a webhook is set, so polling gets nothing; `lotse run` removes it by itself.",
                )
            if hook.last_error_message:
                yield Finding(well=False, sentence=f"Telegram: the webhook's last error: {hook.last_error_message}.")
    except InvalidToken:
        yield Finding(
            well=False, sentence=f"Telegram: {PREFIX}TELEGRAM_TOKEN is rejected; compare it with @BotFather's."
        )
    except TelegramError as error:
        yield Finding(
            well=False,
            sentence=f"Telegram: {settings.telegram_api_url} cannot be reached ({error}). Check the network and "
            f"{PREFIX}TELEGRAM_API_URL.",
        )
