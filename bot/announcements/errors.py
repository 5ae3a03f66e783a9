"""What can be wrong with a wish about announcements: a type for each thing that a caller can do something about."""

from bot.announcements.kinds import Doubt
from bot.members.errors import MembersError


class AnnouncementGoneError(MembersError, LookupError):
    """There is no such announcement, or not any more."""

    code = "gone"


class StateError(MembersError):
    """It is in a state in which this cannot be done; `state` says which."""

    code = "state"

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class ForgottenError(StateError):
    """It is so old that nobody knows any more who got it: all would count as new."""

    code = "forgotten"


class ChangedError(MembersError):
    """It was changed since it was shown; it has to be looked at again."""

    code = "changed"


class NobodyError(MembersError):
    """Nobody would get it."""

    code = "nobody"


class PastError(MembersError):
    """The moment is past, or too far ahead, or the last moment is before the first."""

    code = "past"


class OddButtonTextError(MembersError):
    """A link button or an answer is empty, too long, one too many, or its address is none."""

    code = "odd_button"


class DoubtError(MembersError):
    """It can go out, but only after somebody said that it is meant so.

    Attributes:
        doubts: What is doubtful.
        personal: What personal data the text seems to carry, in German words.
        again: How many of the recipients got the same text within a day.
    """

    code = "doubt"

    def __init__(self, doubts: Doubt, personal: tuple[str, ...], again: int) -> None:
        super().__init__(doubts)
        self.doubts = doubts
        self.personal = personal
        self.again = again


class NotRecipientError(MembersError):
    """Somebody answers an announcement that they did not get."""

    code = "not_recipient"
