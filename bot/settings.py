"""Settings from the environment: each checked when the process starts, refused in one clear sentence."""

import datetime as dt
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "LOTSE_"
TOKEN_PATTERN = re.compile(r"\d{3,}:[A-Za-z0-9_-]{20,}")
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


class SettingsError(Exception):
    """One or more settings are missing or odd; `sentences` says each in English, without its secret."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Settings(BaseSettings):
    """What the operator decides. Each name is an environment variable with the prefix LOTSE_.

    Each may instead be given as LOTSE_<NAME>_FILE, the path of a file that holds the value, as secrets are mounted.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    telegram_token: SecretStr | None = None
    """The bot's token; `lotse run` refuses to start without it."""
    telegram_api_url: str = "https://api.telegram.org"
    """Root of the Bot API; `/bot<token>/<method>` follows."""
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///lotse.db")
    """SQLAlchemy address; it may hold a password."""
    admins: Annotated[frozenset[int], NoDecode] = frozenset()
    """Telegram user ids that are coordinators with all rights from the start, comma separated."""
    access: Literal["members", "open"] = "members"
    """Who may ask: invited or admitted people, or anyone."""
    messages_per_second: float = Field(default=28, gt=0, le=1000)
    """Pace over all chats, messages a second."""
    second_release_from: int = Field(default=50, ge=0)
    """From how many recipients on an announcement's author and its releaser differ; 0: never."""
    listen: str | None = None
    """host:port of the web part; empty: none."""
    webhook_url: str | None = None
    """Public address of the webhook; empty: long polling."""
    webhook_secret: SecretStr | None = None
    """What Telegram repeats in a header, so that nobody else can post updates."""
    public_url: str | None = None
    """Address that calendar and desk links start with."""
    timezone: str = "Europe/Berlin"
    """People's time zone."""
    log_format: Literal["console", "json"] = "console"
    """How log lines look."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least grave line that is written."""
    clock_file: Path | None = None
    """A file with decimal seconds to add to the time: for the demo and tests only."""
    demo_members: Path | None = None
    """A JSON file of made-up members to begin with: for the demo only."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then files that it names; nothing is read from the working directory."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _NamedFiles(settings_cls)

    @field_validator("admins", mode="before")
    @classmethod
    def _split_admins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        odd = [part for part in parts if not re.fullmatch(r"[1-9]\d{0,15}", part)]
        if odd:
            raise ValueError(f"must be Telegram user ids (numbers), comma separated; “{odd[0]}” is none")
        return frozenset(int(part) for part in parts)

    @field_validator("access", "log_format", "log_level", mode="before")
    @classmethod
    def _fold_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("telegram_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not TOKEN_PATTERN.fullmatch(value.get_secret_value()):
            raise ValueError(
                "does not look like a bot token; it is the line that @BotFather gave, like 123456:ABC-DEF…"
            )
        return value

    @field_validator("telegram_api_url", "webhook_url", "public_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("must be an address that starts with https:// (or http://) and has no “?” or “#”")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr) -> SecretStr:
        try:
            driver = make_url(value.get_secret_value()).drivername
        except ArgumentError:
            raise ValueError("is not a database address, like sqlite+aiosqlite:///lotse.db") from None
        if driver not in DRIVERS:
            raise ValueError(f"must start with {DRIVERS[0]}:// or {DRIVERS[1]}://, not {driver}://")
        return value

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, value: str | None) -> str | None:
        if value is not None:
            host, _, port = value.rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65536:
                raise ValueError("must be host:port, like 127.0.0.1:8000")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("must be 1 to 256 of the characters A-Z, a-z, 0-9, _ and -")
        return value

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, KeyError):  # which one depends on how the name is wrong
            raise ValueError("must be a time zone's name, like Europe/Berlin") from None
        return value

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> "Settings":
        if self.webhook_url and not (self.webhook_secret and self.listen):
            raise ValueError(f"{PREFIX}WEBHOOK_URL also needs {PREFIX}WEBHOOK_SECRET and {PREFIX}LISTEN.")
        return self

    @property
    def zone(self) -> dt.tzinfo:
        """People's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log: the token, the webhook's secret, the database's password."""
        found = [secret.get_secret_value() for secret in (self.telegram_token, self.webhook_secret) if secret]
        password = make_url(self.database_url.get_secret_value()).password
        return tuple(found + ([str(password)] if password else []))

    def require_token(self) -> str:
        """The bot's token.

        Raises:
            SettingsError: There is none.
        """
        if self.telegram_token is None:
            raise SettingsError(
                [
                    f"{PREFIX}TELEGRAM_TOKEN is not set: give the token that @BotFather made for this bot, "
                    f"or the path of a file that holds it as {PREFIX}TELEGRAM_TOKEN_FILE."
                ]
            )
        return self.telegram_token.get_secret_value()


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: With a sentence for each that is odd.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_sentence(dict(each)) for each in error.errors(include_url=False)]) from None


def unknown_names(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables with our prefix that mean nothing to us, most likely typing errors; those for tests are known."""
    environment = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    return sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name not in known and not name.startswith(f"{PREFIX}TEST_")
    )


class _NamedFiles(PydanticBaseSettingsSource):
    """LOTSE_<NAME>_FILE: the value is in that file, without the line break at its end."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """The value of one field, its key, and that it is plain text."""
        del field
        variable = f"{PREFIX}{field_name.upper()}"
        path = os.environ.get(f"{variable}_FILE", "")
        if not path:
            return None, field_name, False
        if os.environ.get(variable):
            raise SettingsError([f"{variable} and {variable}_FILE are both set: keep one."])
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SettingsError([f"{variable}_FILE: {path} cannot be read ({reason})."]) from None

    def __call__(self) -> dict[str, Any]:
        """All values that files give."""
        # These are themselves paths, so they are never read for one.
        names = [name for name in self.settings_cls.model_fields if name not in {"clock_file", "demo_members"}]
        values = {name: self.get_field_value(None, name)[0] for name in names}
        return {name: value for name, value in values.items() if value}


def _sentence(error: dict[str, Any]) -> str:
    """What is wrong with one setting. Values are left out: they may be secret."""
    reason = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if not error["loc"]:
        return f"{reason}."
    match error["type"]:
        case "literal_error":
            reason = f"must be {error['ctx']['expected'].replace(chr(39), '')}"
        case "float_parsing":
            reason = "must be a number"
        case "int_parsing" | "greater_than_equal":
            reason = "must be a whole number, 0 or more"
        case "greater_than" | "less_than_equal":
            reason = "must be more than 0 and at most 1000"
    return f"{PREFIX}{str(error['loc'][0]).upper()} {reason}."
