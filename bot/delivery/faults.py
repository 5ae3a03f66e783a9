"""What an error of Telegram means for the one message that met it."""

from dataclasses import dataclass

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.delivery.kinds import Unreachable
from bot.delivery.library import retry_seconds
from bot.delivery.request import ConnectFailedError, ConnectTimedOutError

_FORBIDDEN = {
    "blocked by the user": Unreachable.BLOCKED,
    "user is deactivated": Unreachable.DEACTIVATED,
    "initiate conversation": Unreachable.NEVER_STARTED,
    "not a member": Unreachable.REMOVED,
    "kicked": Unreachable.REMOVED,
}
_GONE_ALREADY = ("message is not modified", "message to delete not found")
_NOT_TAKEN = ("Internal Server Error", "Service Unavailable", "Too Many Requests")


@dataclass(frozen=True, slots=True)
class ChatClosed:
    """The chat takes nothing any more, until the person comes back."""

    why: Unreachable


@dataclass(frozen=True, slots=True)
class ChatMoved:
    """The group has a new number."""

    new_id: int


@dataclass(frozen=True, slots=True)
class Flooded:
    """Too fast; `seconds` to wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Passing:
    """May go better later.

    Attributes:
        arrived: Whether the message may have arrived all the same.
    """

    arrived: bool


@dataclass(frozen=True, slots=True)
class Offline:
    """Telegram was not reached; not the message's fault."""


@dataclass(frozen=True, slots=True)
class AsWanted:
    """What was asked for is so already."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will not take this message, however often it is tried."""


Fault = ChatClosed | ChatMoved | Flooded | Passing | Offline | AsWanted | Refused


def understand(error: TelegramError) -> Fault:
    """What an error means."""
    match error:
        case RetryAfter():
            return Flooded(retry_seconds(error))
        case ChatMigrated():
            return ChatMoved(error.new_chat_id)
        case Forbidden():
            return _why_forbidden(error.message)
        case BadRequest():
            return (
                AsWanted() if any(words in error.message.casefold() for words in _GONE_ALREADY) else _why_refused(error)
            )
        case ConnectFailedError() | ConnectTimedOutError():
            return Offline()
        case TimedOut():
            return Passing(arrived=True)
        case NetworkError():
            return Passing(arrived=not error.message.startswith(_NOT_TAKEN))
    # A wrong token is the operator's to mend, and an answer that cannot be read may still mean that it arrived.
    return Offline() if type(error).__name__ == "InvalidToken" else Passing(arrived=True)


def _why_forbidden(message: str) -> Fault:
    for words, why in _FORBIDDEN.items():
        if words in message.casefold():
            return ChatClosed(why)
    return Refused()


def _why_refused(error: BadRequest) -> Fault:
    return ChatClosed(Unreachable.DEACTIVATED) if "user is deactivated" in error.message.casefold() else Refused()
