"""The bot that listens is that of the web part's tests."""

from tests.web.conftest import open_lotse

__all__ = ["open_lotse"]
