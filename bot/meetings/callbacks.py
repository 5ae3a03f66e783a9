"""What this capability's buttons carry."""

from enum import StrEnum

from bot import callbacks
from bot.delivery.payloads import Button

PREFIX = "t:"


class Verb(StrEnum):
    """What a button does; its first number names a meeting unless told otherwise."""

    OPEN = "o"
    YES = "ay"
    NO = "an"
    MAYBE = "am"
    DEPUTIES = "d"
    DEPUTY = "dp"
    """Meeting, person."""
    FILE = "c"
    REMIND = "rm"
    REMIND_SET = "rt"
    """Meeting, the choice's bits."""
    SEND = "ps"
    DISCARD = "pd"
    EDIT = "pe"
    FIELD = "pf"
    """Meeting, the field's number."""
    APPLY = "pa"
    """Meeting: do what was read back."""
    GROUP = "pg"
    """Number of the group in the list of those one may plan for; 0: all."""
    INVITE = "pi"
    """Meeting; number of the group in the list of those one may plan for, 0: all. Without a number: show the choice."""
    WHEN = "pw"
    """Number of the time that was suggested."""
    REPLIES = "rl"
    CSV = "rc"
    CHART = "rg"
    NUDGE = "rn"
    CANCEL = "ca"
    CANCEL_DO = "cd"
    END_SERIES = "es"
    END_SERIES_DO = "ed"
    LIST = "l"
    """Which list, page, of the months' list the month as `listing.month_number`; of a group's the text is its key."""
    GROUPS = "lg"
    FEED = "f"
    """0 show, 1 make anew, 2 withdraw."""
    MINUTES = "mi"
    MINUTES_SEND = "ms"
    """Meeting; 1: to the whole group."""
    MINUTES_EMPTY = "me"
    """Forget what was written and is not sent yet."""
    MINUTES_FIX = "mc"
    """Correct minutes that were sent."""
    MINUTES_FIX_DROP = "mx"
    """Meeting; 1: the former documents go, 0: they stay."""
    MINUTES_FIX_SEND = "mf"
    MINUTES_BACK = "mb"
    """Withdraw them; meeting, 1: really."""
    MINUTES_READ = "mr"
    ATTEND = "at"
    """Meeting, page."""
    ATTEND_SET = "as"
    """Meeting, person, 1 or 0, page."""
    PREVIEW = "pv"
    PAPERS = "pp"
    """Send a meeting's documents."""
    PAPERS_ADD = "pn"
    PAPERS_DROP = "px"
    PAPERS_TELL = "pt"
    CALENDARS = "ol"
    """The text is a working group's key."""
    CALENDAR_ADD = "oa"
    CALENDAR_DIRECT = "od"
    """Followed calendar; 1: events go straight out, 0: a lead decides."""
    CALENDAR_REMOVE = "or"
    CALENDAR = "oe"
    """Followed calendar: what waits."""
    EVENT = "ov"
    """Event of a followed calendar."""
    EVENT_TAKE = "ot"
    EVENT_LEAVE = "ox"
    WATCH = "w"
    """The text is a programme's code."""
    UNWATCH = "wx"


Wish = callbacks.Wish[Verb]
_codec = callbacks.Codec(PREFIX, Verb, texts=True)
encode, decode = _codec.encode, _codec.decode


def button(label: str, verb: Verb, *numbers: int, text: str = "") -> Button:
    """A button that carries a wish."""
    return Button(text=label, callback_data=encode(verb, *numbers, text=text))
