import asyncio
import io
import json
import logging
import sys

import httpx
import pytest
import structlog

from bot.logs import configure_logs, get_logger, log_lost_errors, make_redactor

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
OTHER_TOKEN = "987654321:AAFakeTokenThatNobodyToldUs_0123456789"


@pytest.fixture(autouse=True)
def _restored_logging():
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture(params=["console", "json"])
def log_format(request):
    return request.param


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_the_token_is_in_no_line_at_any_level(log_format, level, stream):
    configure_logs(log_format, level, [TOKEN, "hush"], stream)
    request = httpx.Request("POST", f"https://api.telegram.org/bot{TOKEN}/getMe")
    for name in ("httpx", "telegram.ext", "aiohttp.client", "lotse", "sqlalchemy.engine"):
        for grade in (logging.DEBUG, logging.INFO, logging.ERROR):
            logging.getLogger(name).log(grade, "called %s with %r and %s", request.url, request, OTHER_TOKEN)
    try:
        raise httpx.ConnectError(f"https://api.telegram.org/bot{TOKEN}/getMe hush", request=request)  # noqa: TRY301
    except httpx.ConnectError:
        get_logger("lotse").exception("failed", url=str(request.url), nested={"token": TOKEN})
        logging.getLogger("telegram").exception("failed")
    written = stream.getvalue()
    assert "failed" in written
    assert "[redacted]" in written
    assert TOKEN not in written
    assert OTHER_TOKEN not in written
    assert TOKEN.split(":")[1] not in written
    assert "hush" not in written


def test_json_lines_stay_json(stream):
    configure_logs("json", "info", [TOKEN], stream)
    get_logger("lotse.questions").info("answered", kind="fact", address=f"/bot{TOKEN}/x")
    line = json.loads(stream.getvalue())
    assert line["event"] == "answered"
    assert line["level"] == "info"
    assert line["logger"] == "lotse.questions"
    assert line["address"] == "/bot[redacted]/x"


def test_console_lines_say_what_happened(stream):
    configure_logs("console", "info", [], stream)
    get_logger("lotse.questions").info("answered", kind="fact")
    assert "answered" in stream.getvalue()
    assert "kind=fact" in stream.getvalue()


def test_libraries_that_log_what_people_wrote_keep_silent(stream):
    configure_logs("console", "debug", [], stream)
    logging.getLogger("telegram.ext.Application").debug("Processing update with a person's words")
    logging.getLogger("aiosqlite").debug("INSERT a person's words")
    assert stream.getvalue() == ""


def test_a_percent_encoded_token_is_found_too():
    assert make_redactor([])("x" + TOKEN.replace(":", "%3A")) == "x[redacted]"


def test_an_uncaught_error_is_logged_without_the_token(stream, log_format):
    configure_logs(log_format, "info", [TOKEN], stream)
    try:
        raise RuntimeError(TOKEN)  # noqa: TRY301
    except RuntimeError:
        sys.excepthook(*sys.exc_info())
    assert "RuntimeError" in stream.getvalue()
    assert TOKEN not in stream.getvalue()


async def test_a_lost_error_of_a_task_is_logged(stream):
    configure_logs("console", "info", [TOKEN], stream)
    loop = asyncio.get_running_loop()
    log_lost_errors(loop)
    loop.call_exception_handler({"message": "never awaited", "exception": ValueError(TOKEN)})
    loop.set_exception_handler(None)
    assert "never awaited" in stream.getvalue()
    assert TOKEN not in stream.getvalue()
