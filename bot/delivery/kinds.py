"""The words of the outbox: how urgent a message is, what became of it, why somebody cannot be reached."""

from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """What goes first; the answer to a person's own message before everything."""

    REPLY = 0
    URGENT = 1
    MEETING = 2
    NEWS = 3
    DIGEST = 4


class State(StrEnum):
    """What became of a message to one recipient."""

    QUEUED = "queued"
    """Waits for its time, its turn or another try."""
    SENDING = "sending"
    """Committed to before the call; whether it arrived is not known yet."""
    SENT = "sent"
    BLOCKED = "blocked"
    """The recipient cannot be reached: blocked the bot, deleted the account, removed the bot."""
    FAILED = "failed"
    """Telegram refuses the message, or all tries are used up."""
    EXPIRED = "expired"
    """Its last moment passed before it could be sent."""
    CANCELLED = "cancelled"
    """Taken back before it was sent."""


class Unreachable(StrEnum):
    """Why a recipient cannot be reached."""

    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    NEVER_STARTED = "never_started"
    REMOVED = "removed"
    """The bot is no member of the group or channel."""
