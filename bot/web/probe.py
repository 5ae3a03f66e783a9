"""Asks a running Lotse on this machine whether it is alive: for container engines, which want a command."""

import urllib.error
import urllib.request

from bot.settings import Settings

SECONDS = 5.0
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - read, not listened on


def is_alive(settings: Settings) -> bool:
    """Whether /healthz answers; also true where there is no web part to ask."""
    if settings.listen is None:
        return True
    host, _, port = settings.listen.rpartition(":")
    # No proxy of the environment stands between us and ourselves.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{ANY_ADDRESS.get(host, host)}:{port}/healthz", timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
