"""What this capability's buttons carry."""

from enum import StrEnum

from bot.callbacks import Codec

PREFIX = "a:"


class Verb(StrEnum):
    """What a button does, and its numbers; the first is the announcement, where it takes any."""

    LIST = "l"
    """page."""
    SHOW = "s"
    """How it stands."""
    PREVIEW = "p"
    EDIT = "e"
    COPY = "c"
    DISCARD = "k"
    """1: really."""
    EXTRAS = "x"
    """Buttons, question, urgency."""
    LINKS = "xl"
    READ_BUTTON = "xr"
    QUESTION = "xq"
    URGENT = "xu"
    CLEAR = "xc"
    """0 links, 1 question, 2 urgency, 3 the last moment, 4 pictures and documents."""
    AUDIENCE = "a"
    """part."""
    PICK = "ap"
    """part, which kind, page."""
    TOGGLE = "at"
    """part, which kind, which one."""
    CHAT = "ac"
    """linked chat."""
    EMPTY = "ae"
    PASTE = "al"
    """part; 1: forget what was pasted."""
    TOWNS = "aw"
    TEST = "t"
    TEST_TO = "tt"
    """person."""
    WHEN = "w"
    UNTIL = "u"
    SEND = "g"
    """version, doubts that are answered, the state that is shown; a planned moment in minutes since 1970."""
    HOLD = "h"
    PAUSE = "fp"
    RESUME = "fr"
    STOP = "fs"
    """1: really."""
    RETRY = "ff"
    LATE = "fl"
    """1: really."""
    REPORT = "r"
    CSV = "rc"
    CHART = "rd"
    CORRECT = "o"
    CHECK = "oc"
    """Show what was written as a correction, when all parts of an album are there."""
    APPLY = "oa"
    """Nothing more: what was just written; which one: the correction that waits for a second person."""
    PROPOSED = "op"
    """Look at the correction that waits."""
    DROP = "ok"
    """Leave it as it is."""
    WITHDRAW = "b"
    """1: really."""
    READ = "R"
    ANSWER = "A"
    """answer."""


COUNTS: dict[Verb, range] = {
    Verb.LIST: range(2),
    Verb.DISCARD: range(1, 3),
    Verb.CLEAR: range(2, 3),
    Verb.AUDIENCE: range(2, 3),
    Verb.PICK: range(4, 5),
    Verb.TOGGLE: range(4, 5),
    Verb.CHAT: range(2, 3),
    Verb.PASTE: range(2, 4),
    Verb.TEST_TO: range(2, 3),
    Verb.SEND: range(4, 6),
    Verb.STOP: range(1, 3),
    Verb.WITHDRAW: range(1, 3),
    Verb.LATE: range(1, 3),
    Verb.APPLY: range(1, 3),
    Verb.ANSWER: range(2, 3),
}
"""How many numbers each takes; those that are not named take one."""


_codec = Codec(PREFIX, Verb, COUNTS)
encode, decode = _codec.encode, _codec.decode
