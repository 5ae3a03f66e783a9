"""What can be wrong with a wish about members: a type for each thing that a caller can do something about."""

from enum import StrEnum


class MembersError(Exception):
    """A wish that is refused; `code` names the German sentence in messages/refused.j2."""

    code = "refused"


class NotAllowedError(MembersError):
    """Who acts lacks the role for it."""

    code = "not_allowed"


class SuspendedError(NotAllowedError):
    """Who acts is suspended."""

    code = "suspended"


class LastAdministratorError(MembersError):
    """Nobody would be left who can give roles."""

    code = "last_administrator"


class ConfiguredAdministratorError(MembersError):
    """The operator names this person in LOTSE_ADMINS; the chat cannot change that."""

    code = "configured_administrator"


class UnknownPersonError(MembersError, LookupError):
    """There is no such person, or not any more."""

    code = "unknown_person"


class UnknownTownError(MembersError, LookupError):
    """There is no such town, or not any more."""

    code = "unknown_town"


class TownExistsError(MembersError):
    """A town of that name is there already."""

    code = "town_exists"


class UnknownGroupError(MembersError, LookupError):
    """There is no such working group."""

    code = "unknown_group"


class OddValueError(MembersError, ValueError):
    """A value that makes no sense, such as an invitation for no use."""

    code = "odd_value"


class InvitationProblem(StrEnum):
    """Why an invitation does not hold."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    USED_UP = "used_up"


class InvitationError(MembersError):
    """The invitation does not hold.

    Attributes:
        problem: Why.
    """

    code = "invitation"

    def __init__(self, problem: InvitationProblem) -> None:
        super().__init__(problem)
        self.problem = problem


class RequestGoneError(MembersError, LookupError):
    """The request is withdrawn, or not kept any more."""

    code = "request_gone"
