"""The sandbox fixtures, for the tests of the sandbox itself."""

from tests.fixtures_sandbox import raw_bot, sandbox

__all__ = ["raw_bot", "sandbox"]
