"""What people are to the alliance, and what that lets them do. Default is no."""

from enum import StrEnum


class Role(StrEnum):
    """From the least to the most; the German names are in `ROLE_NAMES`."""

    NEWCOMER = "newcomer"
    """Nobody has invited or admitted them yet."""
    MEMBER = "member"
    LEAD = "lead"
    """A member who leads one or more named working groups: follows from those, is never kept as a role."""
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"

    @property
    def rank(self) -> int:
        """The higher, the more it may."""
        return list(Role).index(self)


ROLE_NAMES = {
    Role.NEWCOMER: "noch kein Mitglied",
    Role.MEMBER: "Mitglied",
    Role.LEAD: "AG-Leitung",
    Role.COORDINATOR: "Koordination",
    Role.ADMINISTRATOR: "Verwaltung",
}
KEPT_ROLES = (Role.NEWCOMER, Role.MEMBER, Role.COORDINATOR, Role.ADMINISTRATOR)
"""The roles that are kept with a person."""
INVITED_ROLES = (Role.MEMBER, Role.COORDINATOR, Role.ADMINISTRATOR)
"""The roles that an invitation can give."""


def is_office(role: Role) -> bool:
    """Whether the role works for the alliance's office: sees members, invites, admits."""
    return role.rank >= Role.COORDINATOR.rank


def may_give(actor: Role, role: Role) -> bool:
    """Whether one role may make somebody another: the office makes members, administrators make the office."""
    return is_office(actor) if role.rank <= Role.LEAD.rank else actor is Role.ADMINISTRATOR


def may_manage(actor: Role, subject: Role) -> bool:
    """Whether one role may suspend or change another: the office members, administrators everybody."""
    return may_give(actor, subject)
