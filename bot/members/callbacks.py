"""What this capability's buttons carry: a verb, numbers, a short text. Rows are named, no state of a process."""

from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton

PREFIX = "m:"
LIMIT = 64
"""Bytes that Telegram allows."""
MOST_DIGITS = 16


class Verb(StrEnum):
    """What a button does."""

    ASK_IN = "ai"
    """Ask to become a member."""
    TOWN = "to"
    """This town, for the dialogue that waits: purpose, town, and what the purpose needs."""
    TYPED_TOWN = "tt"
    """The town as typed, since the list lacks it."""
    ADMIT = "ra"
    DECLINE = "rd"
    REQUESTS = "rq"
    DRAFT = "id"
    """The invitation being made: town, role, uses, days."""
    DRAFT_TOWN = "it"
    INVITE = "im"
    INVITATIONS = "il"
    REVOKE = "ix"
    SHOW_INVITATION = "is"
    LIST = "li"
    """A page of members: filter, page; the text is what is searched for."""
    SEARCH = "ls"
    EXPORT = "le"
    """members (0) or towns (1)."""
    IMPORT = "lm"
    IMPORT_DO = "ld"
    CARD = "ca"
    CARD_TOWN = "ct"
    CARD_ROLE = "cr"
    SET_ROLE = "cs"
    CARD_LEADS = "cl"
    SET_LEAD = "cg"
    CARD_GROUPS = "cf"
    SET_GROUP = "cw"
    """Person; 1 to follow the group, 0 to end it; the text names the group."""
    TOWNS = "tl"
    TOWN_NEW = "tn"
    """Without a number: the town that was just typed; with a request's: the one that who was admitted typed."""
    TOWN_CARD = "tc"
    TOWN_ASK = "ta"
    """Town, field."""
    TOWN_SET = "ts"
    """Town, field, which value; the text is a district."""
    TOWN_REMOVE = "tr"
    """Town; 1: really."""
    LOG = "pl"
    """Page; person, for what is about one alone."""
    LOG_CSV = "pc"
    SUSPEND = "cx"
    """Person; 1 to suspend, 0 to end it."""
    ERASE = "xx"
    KEEP = "xk"
    GIVE_UP = "gu"


COUNTS: dict[Verb, tuple[int, int]] = {
    Verb.TOWN: (2, 5),
    Verb.ADMIT: (1, 2),
    Verb.DECLINE: (1, 2),
    Verb.DRAFT: (4, 4),
    Verb.DRAFT_TOWN: (4, 4),
    Verb.INVITE: (4, 4),
    Verb.REVOKE: (1, 2),
    Verb.SHOW_INVITATION: (1, 1),
    Verb.LIST: (2, 2),
    Verb.EXPORT: (1, 1),
    Verb.CARD: (1, 3),
    Verb.CARD_TOWN: (1, 1),
    Verb.CARD_ROLE: (1, 1),
    Verb.SET_ROLE: (2, 2),
    Verb.CARD_LEADS: (1, 1),
    Verb.SET_LEAD: (2, 2),
    Verb.CARD_GROUPS: (1, 1),
    Verb.SET_GROUP: (2, 2),
    Verb.TOWN_NEW: (0, 1),
    Verb.TOWN_CARD: (1, 1),
    Verb.TOWN_ASK: (2, 2),
    Verb.TOWN_SET: (3, 3),
    Verb.TOWN_REMOVE: (1, 2),
    Verb.LOG: (1, 2),
    Verb.SUSPEND: (2, 2),
}
"""How many numbers a verb takes, at least and at most; the others take none."""


@dataclass(frozen=True)
class Wish:
    """A button's data."""

    verb: Verb
    numbers: tuple[int, ...] = ()
    text: str = ""


class OddButtonError(ValueError):
    """The data is not ours, or of a form that this version no longer knows."""


def encode(verb: Verb, *numbers: int, text: str = "") -> str:
    """The data for a button, at most `LIMIT` bytes."""
    data = f"{PREFIX}{verb}:{'.'.join(str(int(number)) for number in numbers)}:{text}"
    if len(data.encode()) > LIMIT:
        raise ValueError(f"button data of {len(data.encode())} bytes: {data}")
    return data


def decode(data: str) -> Wish:
    """What a button carried.

    Raises:
        OddButtonError: It is none of ours.
    """
    try:
        verb, numbers, text = data.removeprefix(PREFIX).split(":", 2)
        parts = numbers.split(".") if numbers else []
        if not data.startswith(PREFIX) or any(not _is_number(part) for part in parts):
            raise OddButtonError(data)
        least, most = COUNTS.get(Verb(verb), (0, 0))
        if not least <= len(parts) <= most:
            raise OddButtonError(data)
        return Wish(Verb(verb), tuple(int(part) for part in parts), text)
    except ValueError:
        raise OddButtonError(data) from None


def button(label: str, verb: Verb, *numbers: int, text: str = "") -> InlineKeyboardButton:
    """A button that carries a wish."""
    return InlineKeyboardButton(label, callback_data=encode(verb, *numbers, text=text))


def fit_text(text: str, limit: int = 30) -> str:
    """The beginning of a text that has at most so many bytes, for a button."""
    return text.encode()[:limit].decode(errors="ignore")


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS
