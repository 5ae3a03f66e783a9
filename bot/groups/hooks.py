"""What other rooms add to a working group without this one knowing them."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.telegram import Keyboard


@dataclass(frozen=True)
class NextMeeting:
    """A working group's next meeting, as its card shows it.

    Attributes:
        title: What it is about.
        start: Aware.
        place: Where; None: not known or online.
        callback_data: Opens the meeting, where a button can.
    """

    title: str
    start: dt.datetime
    place: str | None = None
    callback_data: str | None = None


def _no_rows(group_key: str) -> Keyboard:
    del group_key
    return []


@dataclass(frozen=True)
class More:
    """Buttons of other rooms.

    Attributes:
        settings: Below `/einstellungen`.
        manage: Below a working group's screen for its leads, by the group's key.
    """

    settings: Keyboard = field(default_factory=list)
    manage: Callable[[str], Keyboard] = _no_rows


FindMeeting = Callable[[str], Awaitable[NextMeeting | None]]
"""The next meeting of a working group, by its key; None: none is planned."""


async def no_meeting(group_key: str) -> NextMeeting | None:
    """Nobody plans meetings."""
    del group_key
    return None
