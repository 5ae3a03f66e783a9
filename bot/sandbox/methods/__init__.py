"""The methods of the Bot API that have an effect in the sandbox, one module a theme."""

from bot.sandbox.methods import about, answering, changing, groups, polls, sending
from bot.sandbox.methods.calls import Call, run

__all__ = ["Call", "about", "answering", "changing", "groups", "polls", "run", "sending"]
