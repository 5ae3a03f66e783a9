"""What this capability's buttons carry."""

from enum import StrEnum

from telegram import InlineKeyboardButton

from bot.callbacks import Codec

PREFIX = "m:"


class Verb(StrEnum):
    """What a button does."""

    OWN_TOWN = "ow"
    """Choose one's own town."""
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
    """Page."""
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


COUNTS: dict[Verb, range] = {
    Verb.TOWN: range(2, 6),
    Verb.ADMIT: range(1, 3),
    Verb.DECLINE: range(1, 3),
    Verb.DRAFT: range(4, 5),
    Verb.DRAFT_TOWN: range(4, 5),
    Verb.INVITE: range(4, 5),
    Verb.INVITATIONS: range(2),
    Verb.REVOKE: range(1, 3),
    Verb.SHOW_INVITATION: range(1, 2),
    Verb.LIST: range(2, 3),
    Verb.EXPORT: range(1, 2),
    Verb.CARD: range(1, 4),
    Verb.CARD_TOWN: range(1, 2),
    Verb.CARD_ROLE: range(1, 2),
    Verb.SET_ROLE: range(2, 3),
    Verb.CARD_LEADS: range(1, 2),
    Verb.SET_LEAD: range(2, 3),
    Verb.CARD_GROUPS: range(1, 2),
    Verb.SET_GROUP: range(2, 3),
    Verb.TOWN_NEW: range(2),
    Verb.TOWN_CARD: range(1, 2),
    Verb.TOWN_ASK: range(2, 3),
    Verb.TOWN_SET: range(3, 4),
    Verb.TOWN_REMOVE: range(1, 3),
    Verb.LOG: range(1, 3),
    Verb.SUSPEND: range(2, 3),
}
"""How many numbers a verb takes; the others take none."""


_codec = Codec(PREFIX, Verb, COUNTS, others=range(1), texts=True)
encode, decode = _codec.encode, _codec.decode


def button(label: str, verb: Verb, *numbers: int, text: str = "") -> InlineKeyboardButton:
    """A button that carries a wish."""
    return InlineKeyboardButton(label, callback_data=encode(verb, *numbers, text=text))


def fit_text(text: str, limit: int = 30) -> str:
    """The beginning of a text that has at most so many bytes, for a button."""
    return text.encode()[:limit].decode(errors="ignore")
