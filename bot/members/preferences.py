"""When pushes suit a person: kept here, obeyed by delivery. How often each working group writes is kept with groups."""

import datetime as dt
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import select

from bot.clock import Clock
from bot.database import Database
from bot.members import audit
from bot.members.errors import OddValueError
from bot.members.models import PushPreference
from bot.members.profiles import Profiles

DAY_MINUTES = 24 * 60
ALL_DAYS = frozenset(range(7))


@dataclass(frozen=True)
class PushTimes:
    """When pushes suit somebody, in the people's time zone.

    Attributes:
        weekdays: 0 is Monday.
        begins: The first moment of a day.
        ends: The last; equal to `begins`: the whole day. A time before `begins` is on the next morning.
        holidays: Whether public holidays of Thuringia suit too.
        pause_until: The first day on which pushes come again.
    """

    weekdays: frozenset[int] = field(default_factory=lambda: frozenset(range(5)))
    begins: dt.time = dt.time(7)
    ends: dt.time = dt.time(18)
    holidays: bool = False
    pause_until: dt.date | None = None

    def as_dict(self) -> dict[str, Any]:
        """For the audit log and for those who want to read what is kept."""
        return asdict(self) | {
            "weekdays": sorted(self.weekdays),
            "begins": self.begins.isoformat("minutes"),
            "ends": self.ends.isoformat("minutes"),
            "pause_until": self.pause_until.isoformat() if self.pause_until else None,
        }


DEFAULT = PushTimes()
"""At once, Monday to Friday, 7:00 to 18:00, not on holidays."""


class Preferences:
    """Reads and keeps push times.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles

    async def of(self, person_id: int) -> PushTimes:
        """One person's; the defaults where nothing is kept."""
        async with self._database.reading() as session:
            row = await session.get(PushPreference, person_id)
        return read_times(row) if row else DEFAULT

    async def of_many(self, person_ids: list[int]) -> dict[int, PushTimes]:
        """Those of many at once: everybody asked for is in it."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(PushPreference).where(PushPreference.person_id.in_(person_ids)))
            kept = {row.person_id: read_times(row) for row in rows}
        return {person_id: kept.get(person_id, DEFAULT) for person_id in person_ids}

    async def change(self, actor_id: int | None, **values: Any) -> PushTimes:
        """Change one's own: `weekdays`, `begins`, `ends`, `holidays`, `pause_until`.

        Raises:
            NotAllowedError: The actor is no member.
            OddValueError: No day is left, or there is no such weekday.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id)
            row = await session.get(PushPreference, actor.id, with_for_update=True)
            before = read_times(row) if row else DEFAULT
            after = replace(before, **values)
            if not after.weekdays or not after.weekdays <= ALL_DAYS:
                raise OddValueError("at least one weekday")
            if before == after:
                return before
            await session.merge(_row(actor.id, after))
            before_kept, after_kept = before.as_dict(), after.as_dict()
            audit.note(
                session,
                self._clock.now(),
                "member.push_times",
                actor=actor.id,
                subject=actor.id,
                before=before_kept,
                after=after_kept,
            )
            return after


def read_times(row: PushPreference) -> PushTimes:
    """A row as push times."""
    return PushTimes(
        weekdays=frozenset(day for day in ALL_DAYS if row.weekdays >> day & 1),
        begins=_time(row.from_minute),
        ends=_time(row.to_minute),
        holidays=row.holidays,
        pause_until=row.pause_until,
    )


def _row(person_id: int, times: PushTimes) -> PushPreference:
    return PushPreference(
        person_id=person_id,
        weekdays=sum(1 << day for day in times.weekdays),
        from_minute=times.begins.hour * 60 + times.begins.minute,
        to_minute=times.ends.hour * 60 + times.ends.minute,
        holidays=times.holidays,
        pause_until=times.pause_until,
    )


def _time(minute: int) -> dt.time:
    return dt.time(minute // 60 % 24, minute % 60)
