"""Settings, knowledge, database, the web part's addresses."""

import difflib
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database, head_revision
from bot.doctor.finding import Finding
from bot.settings import PREFIX, Settings, unknown_names
from knowledge.files import ContentError, load_knowledge

WEBHOOK_PORTS = (443, 80, 88, 8443)
"""The ports that Telegram calls."""
LOCAL = {"localhost", "127.0.0.1", "::1"}


def check_names() -> Finding:
    """Variables that look like settings and are none."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    sentences = []
    for name in unknown_names():
        near = difflib.get_close_matches(name, known, 1)
        sentences.append(f"{name} is no setting" + (f"; {near[0]} is." if near else "."))
    return Finding(not sentences, "Settings: " + (" ".join(sentences) or "all values can be used."))


def check_web(settings: Settings) -> Iterator[Finding]:
    """Addresses that others must be able to reach."""
    if settings.clock_file is not None:
        yield Finding(well=False, sentence=f"Settings: {PREFIX}CLOCK_FILE moves the clock; it is for the demo only.")
    if settings.webhook_url is not None:
        yield _check_webhook_address(settings.webhook_url)
    if settings.public_url is not None:
        yield _check_public_address(settings)


def _check_webhook_address(url: str) -> Finding:
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return Finding(well=False, sentence=f"Web: {PREFIX}WEBHOOK_URL has a port that is none.")
    if parts.hostname in LOCAL:
        return Finding(well=True, sentence=f"Web: the webhook {url} is on this machine.")
    if parts.scheme != "https":
        return Finding(well=False, sentence=f"Web: {PREFIX}WEBHOOK_URL must begin with https://; Telegram wants TLS.")
    if port not in WEBHOOK_PORTS:
        ports = ", ".join(map(str, WEBHOOK_PORTS))
        return Finding(well=False, sentence=f"Web: {PREFIX}WEBHOOK_URL has port {port}; Telegram calls only {ports}.")
    return Finding(well=True, sentence=f"Web: the webhook is {url}.")


def _check_public_address(settings: Settings) -> Finding:
    if settings.listen is None:
        return Finding(
            well=False,
            sentence=f"Web: {PREFIX}PUBLIC_URL is set, but nothing listens: set {PREFIX}LISTEN, like 127.0.0.1:8000.",
        )
    parts = urlsplit(settings.public_url or "")
    if parts.scheme != "https" and parts.hostname not in LOCAL:
        return Finding(well=False, sentence=f"Web: {PREFIX}PUBLIC_URL should begin with https://; links hold secrets.")
    return Finding(well=True, sentence=f"Web: links begin with {settings.public_url}.")


def check_knowledge() -> Finding:
    """The shipped entries."""
    try:
        knowledge = load_knowledge()
    except ContentError as error:
        return Finding(well=False, sentence=f"Knowledge: {len(error.faults)} faults; see `lotse knowledge check`.")
    return Finding(well=True, sentence=f"Knowledge: {len(knowledge.entries)} entries, revision {knowledge.revision}.")


async def check_database(database: Database) -> Finding:
    """Whether it can be opened and has the tables of this version."""
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
    if revision != head_revision():
        return Finding(
            well=False,
            sentence=f"Database: {where} is at revision {revision or 'none'}, not {head_revision()}. "
            "`lotse db upgrade` brings it up to date; `lotse run` does so by itself.",
        )
    return Finding(well=True, sentence=f"Database: {where} is up to date.")
