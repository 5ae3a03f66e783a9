"""What this capability's buttons carry."""

from enum import StrEnum

from telegram import InlineKeyboardButton

from bot.callbacks import Codec

PREFIX = "g:"
NO_HOUR = 24
"""Stands for no hour of its own."""


class Verb(StrEnum):
    """What a button does, and its numbers."""

    LIST = "l"
    CARD = "c"
    """group."""
    FOLLOW = "f"
    """group."""
    LEAVE = "x"
    """group."""
    MODE = "m"
    """group, mode: 0 at once, 1 daily, 2 weekly; from a card (1) or from the settings (0)."""
    RECENT = "r"
    """group."""
    READ = "i"
    """news."""
    QR = "q"
    """group."""
    MANAGE = "v"
    """group."""
    DESCRIBE = "d"
    """group."""
    RENAME = "V"
    """group."""
    FOUND = "n"
    END = "z"
    """group; 1: really."""
    COMPOSE = "w"
    """group."""
    OWN = "o"
    """page, from 0; without: the first."""
    NEWS = "a"
    """news: how it stands, and what can be done."""
    PREVIEW = "p"
    """news."""
    SEND = "s"
    """news, version; 1: although it looks personal."""
    WHEN = "t"
    """news, version; 1: although it looks personal."""
    EDIT = "e"
    """news."""
    APPLY = "j"
    """news: change what was delivered as it was just shown."""
    DISCARD = "k"
    """news; 1: really."""
    HOLD = "h"
    """news: no more planned."""
    WITHDRAW = "b"
    """news; 1: really."""
    RESUME = "u"
    """news: go on with what was paused for too many failures."""
    RETRY = "Y"
    """news: try again what failed."""
    FEEDS = "F"
    """group."""
    FEED_ADD = "A"
    """group."""
    FEED_DIRECT = "D"
    """feed; 1: straight out, 0: as drafts."""
    FEED_REMOVE = "R"
    """feed; 1: really."""
    CHATS = "C"
    """group."""
    LINK = "L"
    """linked chat, group."""
    LINK_NOT = "N"
    """linked chat."""
    UNLINK = "U"
    """linked chat."""
    SETTINGS = "S"
    TIMES = "T"
    DAY = "y"
    """weekday, from 0: on or off."""
    HOURS = "H"
    """from hour, to hour; without numbers: choose or type them."""
    HOLIDAYS = "O"
    PAUSE = "P"
    """days; 0: no pause; without numbers: choose or type the day."""
    DIGEST = "G"
    """0, weekday of the weekly digest; 1, hour of all, `NO_HOUR` for the beginning of the hours; without: choose."""


_NONE = frozenset({Verb.LIST, Verb.FOUND, Verb.SETTINGS, Verb.TIMES, Verb.HOLIDAYS})
COUNTS: dict[Verb, range] = {
    **dict.fromkeys(_NONE, range(1)),
    Verb.MODE: range(3, 4),
    Verb.OWN: range(2),
    Verb.DISCARD: range(1, 3),
    Verb.FEED_REMOVE: range(1, 3),
    Verb.SEND: range(2, 4),
    Verb.WHEN: range(2, 4),
    Verb.END: range(1, 3),
    Verb.WITHDRAW: range(1, 3),
    Verb.FEED_DIRECT: range(2, 3),
    Verb.LINK: range(2, 3),
    Verb.HOURS: range(3),
    Verb.DIGEST: range(0, 3, 2),
    Verb.PAUSE: range(2),
}
"""How many numbers each takes; those that are not named take one."""


_codec = Codec(PREFIX, Verb, COUNTS)
encode, decode = _codec.encode, _codec.decode


def button(label: str, verb: Verb, *numbers: int) -> InlineKeyboardButton:
    """A button that carries a wish."""
    return InlineKeyboardButton(label, callback_data=encode(verb, *numbers))
