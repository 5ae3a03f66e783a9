"""The `lotse` command."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.settings import Settings, SettingsError, load_settings
from knowledge.cli import app as knowledge_app

EXIT_REFUSED = 2
"""Exit code where settings are missing or odd."""

app = typer.Typer(
    name="lotse",
    help="Telegram assistant of the Thuringian alliance „Innenstädte mit Zukunft“.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
db = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(knowledge_app, name="knowledge")


def main() -> None:
    """Run the command line; settings that are refused are said in one sentence each, with exit code 2."""
    try:
        app()
    except SettingsError as error:
        for sentence in error.sentences:
            print(f"lotse: {sentence}", file=sys.stderr)  # noqa: T201 - the terminal is the reader
        sys.exit(EXIT_REFUSED)


def _refuse(sentence: str, code: int = 1) -> NoReturn:
    print(f"lotse: {sentence}", file=sys.stderr)  # noqa: T201 - the terminal is the reader
    raise typer.Exit(code)


def _read_settings() -> Settings:
    """The settings, with logs set up as they say."""
    from bot.logs import configure_logs

    settings = load_settings()
    configure_logs(settings.log_format, settings.log_level, settings.secrets)
    return settings


def _with_settings(command: Callable[[Settings], Coroutine[Any, Any, int]]) -> Callable[[], None]:
    """Make a command of a coroutine: reads settings, sets up logs, exits with the code that it returns."""

    @wraps(command, assigned=("__name__", "__doc__"), updated=())
    def run() -> None:
        settings = _read_settings()
        code = asyncio.run(command(settings))
        if code:
            raise typer.Exit(code)

    del run.__wrapped__  # or Typer would ask for the settings as an argument
    return run


@app.command()
@_with_settings
async def run(settings: Settings) -> int:
    """Answer people until SIGTERM or Ctrl-C: by long polling, or the webhook where LOTSE_WEBHOOK_URL is set."""
    from bot.application import run_bot

    return await run_bot(settings)


@app.command()
def demo(port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page.")] = 8080) -> None:
    """Open the sandbox with the bot, the shipped knowledge and made-up members in a browser."""
    from bot.sandbox.demo import run_demo

    run_demo(port=port)


@app.command()
def sandbox(port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the Bot API and its page.")]) -> None:
    """Run the stand-in for the Telegram Bot API alone."""
    from bot.sandbox.server import run_sandbox

    run_sandbox(port)


@app.command()
@_with_settings
async def doctor(settings: Settings) -> int:
    """Check settings, database, knowledge and token: what is wrong and how to mend it."""
    from bot.doctor import examine

    return await examine(settings)


@app.command()
def healthy() -> None:
    """Exit with 0 if a Lotse that runs on this machine is alive (asks /healthz where LOTSE_LISTEN is set), else 1."""
    from bot.web.probe import is_alive

    if not is_alive(load_settings()):
        raise typer.Exit(1)


@db.command()
@_with_settings
async def upgrade(settings: Settings) -> int:
    """Bring the database up to date."""
    from bot.database import Database, head_revision

    database = Database(settings.database_url.get_secret_value())
    try:
        before = await database.revision()
        await database.upgrade()
    finally:
        await database.close()
    typer.echo(f"The database is at {head_revision()}, the newest revision (before: {before or 'empty'}).")
    return 0


@db.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")]) -> None:
    """Write the whole database to FILE; Lotse may run meanwhile."""
    from bot.backup import BackupError, back_up

    settings = _read_settings()
    try:
        size = asyncio.run(back_up(settings.database_url.get_secret_value(), file))
    except BackupError as error:
        _refuse(str(error))
    typer.echo(f"{file}: {size:,} bytes.")


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `lotse db backup` wrote.")],
    resend: Annotated[
        bool,
        typer.Option(
            help="Send pushes that were due since the backup; some may arrive twice, or with --no-resend, not."
        ),
    ] = True,
) -> None:
    """Replace the whole database by what FILE holds; Lotse must not run. What was there is kept beside FILE."""
    from bot.backup import BackupError
    from bot.backup import restore as bring_back
    from bot.clock import make_clock

    settings = _read_settings()
    now = make_clock(settings.clock_file).now()
    try:
        kept, due = asyncio.run(bring_back(settings.database_url.get_secret_value(), file, resend=resend, now=now))
    except BackupError as error:
        _refuse(str(error))
    typer.echo(f"The database holds what {file} held, and is up to date.")
    if kept is not None:
        typer.echo(f"What was there before is in {kept}.")
    if due:
        typer.echo(f"Pushes that were due since the backup: {due}, {'sent now' if resend else 'taken back'}.")
