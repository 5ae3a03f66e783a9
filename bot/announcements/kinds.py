"""The words of announcements: what state one is in, who is meant, why somebody is left out."""

from enum import IntEnum, IntFlag, StrEnum


class State(StrEnum):
    """What an announcement is at."""

    DRAFT = "draft"
    WAITING = "waiting"
    """Its author wants it out; somebody else of the office has to release it."""
    SCHEDULED = "scheduled"
    """Released, and sent when its time has come."""
    SENDING = "sending"
    """Its recipients are fixed and are being handed to the outbox."""
    SENT = "sent"
    """All of it is in the outbox; what became of it is known there."""
    STOPPED = "stopped"
    """What was not sent yet is taken back; what arrived stays."""
    WITHDRAWN = "withdrawn"


OPEN = (State.DRAFT, State.WAITING, State.SCHEDULED)
"""Nothing has gone out yet."""
OUT = (State.SENDING, State.SENT, State.STOPPED)
"""Something may have arrived."""


class Part(IntEnum):
    """What somebody's fitting a criterion does."""

    ANY = 0
    """They are meant."""
    ONLY = 1
    """Of those who are meant, only who fits this too."""
    WITHOUT = 2
    """They are left out."""


class By(StrEnum):
    """What a criterion looks at."""

    ALL = "all"
    GROUP = "group"
    TOWN = "town"
    DISTRICT = "district"
    SIZE = "size"
    ROLE = "role"
    MEETING = "meeting"
    LIST = "list"


class Skip(StrEnum):
    """Why somebody who is meant is not written to."""

    UNREACHABLE = "unreachable"
    """They blocked the bot or deleted their account."""
    PAUSED = "paused"
    """It suits them only after the announcement's last moment."""


class Hold(StrEnum):
    """Why a released announcement does not go out."""

    ROLE = "role"
    """Who released it has left the office."""
    LATE = "late"
    """The bot did not run when its time came, and that is long ago."""
    OVER = "over"
    """Its last moment has passed."""


class Doubt(IntFlag):
    """What is asked back before a release; the sum of those that were answered is in the button."""

    PERSONAL = 1
    """The text seems to carry personal data."""
    AGAIN = 2
    """Some of them got the same text within a day."""
