import pytest

from bot.settings import Settings, SettingsError, load_settings, unknown_names

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch):
    import os

    for name in list(os.environ):
        if name.startswith("LOTSE_"):
            monkeypatch.delenv(name)


def refusal() -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_defaults_need_nothing():
    settings = load_settings()
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///lotse.db"
    assert (settings.access, settings.messages_per_second, settings.timezone) == ("members", 28, "Europe/Berlin")
    assert settings.admins == frozenset()


def test_a_missing_token_is_asked_for_by_name():
    with pytest.raises(SettingsError, match="LOTSE_TELEGRAM_TOKEN is not set"):
        load_settings().require_token()


def test_an_empty_value_counts_as_missing(monkeypatch):
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN", "")
    assert load_settings().telegram_token is None


def test_admins_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("LOTSE_ADMINS", " 17, 4711 ,")
    assert load_settings().admins == {17, 4711}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "secret-but-wrong"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_API_URL", "https://example.org/?a=1"),
        ("DATABASE_URL", "mysql://root:hush@localhost/x"),
        ("DATABASE_URL", "sqlite:///lotse.db"),
        ("DATABASE_URL", "lotse.db"),
        ("ADMINS", "anna"),
        ("ADMINS", "-3"),
        ("ACCESS", "everybody"),
        ("MESSAGES_PER_SECOND", "fast"),
        ("MESSAGES_PER_SECOND", "0"),
        ("LISTEN", "8000"),
        ("LISTEN", "localhost:99999"),
        ("WEBHOOK_SECRET", "ä"),
        ("PUBLIC_URL", "ftp://x"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "/etc/passwd"),
        ("TIMEZONE", "Europe"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_an_odd_value_is_refused_in_one_sentence_that_names_the_setting(monkeypatch, name, value):
    monkeypatch.setenv(f"LOTSE_{name}", value)
    sentence = refusal()
    assert sentence.startswith(f"LOTSE_{name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hush" not in sentence
    assert "secret-but-wrong" not in sentence


def test_every_odd_value_gets_its_own_sentence(monkeypatch):
    monkeypatch.setenv("LOTSE_ADMINS", "x")
    monkeypatch.setenv("LOTSE_LISTEN", "x")
    assert len(refusal().splitlines()) == 2


def test_a_webhook_needs_its_secret(monkeypatch):
    monkeypatch.setenv("LOTSE_WEBHOOK_URL", "https://lotse.example")
    assert "LOTSE_WEBHOOK_SECRET" in refusal()


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    assert load_settings().require_token() == TOKEN


def test_a_missing_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN_FILE", str(tmp_path / "nowhere"))
    assert "nowhere cannot be read" in refusal()


def test_a_secret_given_twice_is_refused(monkeypatch, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN", TOKEN)
    assert "both set" in refusal()


def test_a_misspelt_name_is_found_and_the_tests_own_are_not():
    names = {"LOTSE_TELEGRAM_TOKN": "", "LOTSE_ADMINS_FILE": "", "LOTSE_TEST_POSTGRES_URL": "", "PATH": ""}
    assert unknown_names(names) == ["LOTSE_TELEGRAM_TOKN"]


def test_secrets_show_in_no_representation():
    settings = Settings(telegram_token=TOKEN, database_url="postgresql+asyncpg://lotse:hush@db/lotse")
    assert TOKEN not in repr(settings)
    assert "hush" not in repr(settings)
    assert set(settings.secrets) == {TOKEN, "hush"}
