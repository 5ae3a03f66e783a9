"""What can be picked for an audience: each with a number, since buttons carry numbers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import INVITED, LEADS, NO_ANSWER, OFFICE, PARTNERS, REPLIED
from bot.announcements.kinds import By
from bot.announcements.people import ANSWERS
from bot.announcements.spec import Criterion
from bot.groups.models import WorkingGroup
from bot.meetings.kinds import State as MeetingState
from bot.meetings.models import Meeting
from bot.members.models import Town
from bot.members.profiles import is_id
from bot.members.towns import CLASSES
from bot.rendering import shorten

COMING, PAST = 4, 4
"""Meetings that are offered: the next ones, and the last ones."""
PARTNERS_NUMBER = 9_999_999
_ANSWERS = ("yes", "no", "maybe", REPLIED, NO_ANSWER, INVITED)


@dataclass(frozen=True)
class Option:
    """Something to pick.

    Attributes:
        number: Names it in a button.
        label: What the button says.
        criterion: What it means.
    """

    number: int
    label: str
    criterion: Criterion


async def options(session: AsyncSession, by: By, now: dt.datetime) -> list[Option]:
    """What can be picked of one kind, in the order in which it is shown; a list is pasted, not picked."""
    match by:
        case By.ALL:
            return [Option(0, "Alle Mitglieder", Criterion(by=by))]
        case By.GROUP:
            groups = await session.scalars(
                select(WorkingGroup).where(WorkingGroup.ended_at.is_(None)).order_by(WorkingGroup.id)
            )
            return [Option(group.id, group.short, Criterion(by=by, value=group.key)) for group in groups]
        case By.TOWN:
            towns = await session.scalars(select(Town).order_by(Town.kind.desc(), Town.folded))
            return [Option(town.id, town.name, Criterion(by=by, value=str(town.id))) for town in towns]
        case By.DISTRICT:
            return _districts(list(await session.scalars(select(Town).where(Town.district.is_not(None)))))
        case By.SIZE:
            sizes = [Option(low, words, Criterion(by=by, value=str(low))) for low, words in CLASSES.items()]
            return [*sizes, Option(PARTNERS_NUMBER, "Partner", Criterion(by=by, value=PARTNERS))]
        case By.ROLE:
            roles = ((LEADS, "AG-Leitungen"), (OFFICE, "Koordination"))
            return [Option(place, words, Criterion(by=by, value=role)) for place, (role, words) in enumerate(roles)]
        case By.MEETING:
            wanted = select(Meeting).where(Meeting.state != MeetingState.DRAFT)
            coming = wanted.where(Meeting.starts_at >= now).order_by(Meeting.starts_at).limit(COMING)
            past = wanted.where(Meeting.starts_at < now).order_by(Meeting.starts_at.desc()).limit(PAST)
            return _meetings([*(await session.scalars(coming)), *(await session.scalars(past))])
        case By.LIST:
            return []


async def option(session: AsyncSession, by: By, number: int, now: dt.datetime) -> Option | None:
    """What a button means; None: it is not there any more."""
    if by is By.MEETING:  # also one that is no longer among those offered
        meeting = await session.get(Meeting, number // len(_ANSWERS)) if is_id(number) else None
        offered = _meetings([meeting]) if meeting is not None and meeting.state != MeetingState.DRAFT else []
    else:
        offered = await options(session, by, now)
    return next((each for each in offered if each.number == number), None)


def _districts(towns: Sequence[Town]) -> list[Option]:
    numbers: dict[str, int] = {}
    for town in towns:
        if town.district:
            numbers[town.district] = min(town.id, numbers.get(town.district, town.id))
    return [Option(number, name, Criterion(by=By.DISTRICT, value=name)) for name, number in sorted(numbers.items())]


def _meetings(meetings: Sequence[Meeting]) -> list[Option]:
    return [
        Option(
            meeting.id * len(_ANSWERS) + place,
            f"{ANSWERS[answer]}: {shorten(meeting.title, 30)} ({_day(meeting)})",
            Criterion(by=By.MEETING, value=f"{meeting.id}:{answer}"),
        )
        for meeting in meetings
        for place, answer in enumerate(_ANSWERS)
    ]


def _day(meeting: Meeting) -> str:
    """`12.3.`, from `2027-03-12T10:00`."""
    return f"{int(meeting.starts_local[8:10])}.{int(meeting.starts_local[5:7])}."
