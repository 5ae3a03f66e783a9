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
    """A value that makes no sense; `code` says which, such as `odd_title`."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.code = f"odd_{what}"


class NudgeTooLateError(MeetingsError):
    """The day until which replies were wanted is over: nobody could say yes."""

    code = "nudge_too_late"


class SentMinutesError(MeetingsError):
    """The minutes were sent: whoever wants to change them corrects them."""

    code = "sent_minutes"


class UnsentMinutesError(MeetingsError):
    """There are no minutes that were sent, to be corrected or withdrawn."""

    code = "unsent_minutes"


class UnknownCalendarError(MeetingsError, LookupError):
    """The calendar is not followed (any more)."""

    code = "unknown_calendar"


class FollowedError(MeetingsError):
    """The group follows this calendar already, or so many that no further one is taken."""

    code = "followed"


class CalendarFaultError(MeetingsError):
    """A calendar cannot be read; `reason` says why, in German, as the end of a sentence."""

    code = "calendar_fault"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownEntryError(MeetingsError, LookupError):
    """There is no such programme."""

    code = "unknown_entry"


class WatchListFullError(MeetingsError):
    """So many deadlines are watched that no further one is taken."""

    code = "watch_list_full"
