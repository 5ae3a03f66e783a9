"""What can be wrong with a wish about meetings: a type for each thing that a caller can do something about."""


class MeetingsError(Exception):
    """A wish that is refused; `code` names the German sentence in messages/refused.j2."""

    code = "refused"


class NotAllowedError(MeetingsError):
    """Who acts may not do this."""

    code = "not_allowed"


class UnknownMeetingError(MeetingsError, LookupError):
    """There is no such meeting (any more), or it is another's draft."""

    code = "unknown_meeting"


class OverError(MeetingsError):
    """The meeting has begun, or is cancelled: it cannot be changed or replied to."""

    code = "over"


class PastError(MeetingsError, ValueError):
    """The time lies in the past, or the end is not after the start."""

    code = "past"


class TooLateError(MeetingsError):
    """The day until which replies were wanted is over; only a cancellation is still taken."""

    code = "too_late"


class NotInvitedError(NotAllowedError):
    """The person is not among those who are invited."""

    code = "not_invited"


class DeputyError(MeetingsError, ValueError):
    """Only another member from the same town can stand in."""

    code = "deputy"


class NudgedError(MeetingsError):
    """Those who have not replied were asked today already."""

    code = "nudged"


class OddValueError(MeetingsError, ValueError):
    """A value that makes no sense, such as no title."""

    code = "odd_value"


class UnknownEntryError(MeetingsError, LookupError):
    """There is no such programme, or the watch list is full."""

    code = "unknown_entry"
