"""When pushes suit a person: kept here, obeyed by delivery. How often each working group writes is kept with groups."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bot.clock import Clock
from bot.database import Database, in_pages
from bot.delivery.quiet import Mode, Preferences, next_allowed
from bot.members import audit
from bot.members.errors import OddValueError
from bot.members.models import PushPreference
from bot.members.profiles import Profiles
from bot.rendering import WEEKDAYS

CHANGEABLE = frozenset({"weekdays", "start", "end", "holidays_off", "paused_until", "digest_day", "digest_at"})
"""What is kept here; the rest of delivery's preferences is each group's or everybody's."""


class PushTimes:
    """Reads and keeps when pushes suit people.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        zone: Name of the people's time zone.
    """

    def __init__(self, database: Database, clock: Clock, profiles: Profiles, zone: str) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._default = Preferences(zone=zone)

    async def of(self, person_id: int) -> Preferences:
        """One person's; the defaults where nothing is kept: Monday to Friday, 7:00 to 18:00, no holidays."""
        return (await self.of_many([person_id]))[person_id]

    async def of_many(self, person_ids: Collection[int]) -> dict[int, Preferences]:
        """Those of many at once: everybody asked for is in it."""
        kept: dict[int, Preferences] = {}
        async with self._database.reading() as session:
            for page in in_pages(person_ids):
                rows = await session.scalars(select(PushPreference).where(PushPreference.person_id.in_(page)))
                kept |= {row.person_id: read_preferences(row, self._default) for row in rows}
        return {person_id: kept.get(person_id, self._default) for person_id in person_ids}

    async def suits(self, chat_id: int, instant: dt.datetime) -> dt.datetime:
        """The first moment from an instant on at which a message may come to a person, a group or a channel."""
        times = await self.of(chat_id) if chat_id > 0 else self._default
        return next_allowed(replace(times, mode=Mode.AT_ONCE), instant)

    async def change(self, actor_id: int | None, **values: Any) -> Preferences:
        """Change one's own.

        Args:
            actor_id: Whose.
            values: Any of `CHANGEABLE`, as in delivery's `Preferences`.

        Raises:
            NotAllowedError: The actor is no member.
            OddValueError: No day or no hour would be left, or there is no such setting.
        """
        if not values.keys() <= CHANGEABLE:
            raise OddValueError(f"no such settings: {', '.join(values.keys() - CHANGEABLE)}")
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id)
            await self._profiles.known(session, actor.id)
            row = await session.get(PushPreference, actor.id, with_for_update=True)
            before = read_preferences(row, self._default) if row else self._default
            try:
                after = replace(before, **values)
            except ValueError as error:
                raise OddValueError(str(error)) from error
            if before == after:
                return before
            await session.merge(_row(actor.id, after))
            audit.note(
                session,
                self._clock.now(),
                "member.push_times",
                actor=actor.id,
                subject=actor.id,
                before=as_json(before),
                after=as_json(after),
            )
            return after


def read_preferences(row: PushPreference, default: Preferences) -> Preferences:
    """A row as delivery takes it."""
    return replace(
        default,
        weekdays=frozenset(day for day in range(7) if row.weekdays >> day & 1),
        start=_time(row.from_minute),
        end=_time(row.to_minute),
        holidays_off=not row.holidays,
        paused_until=row.pause_until,
        digest_day=row.digest_day,
        digest_at=None if row.digest_minute is None else _time(row.digest_minute),
    )


def as_json(times: Preferences) -> dict[str, Any]:
    """What is kept of it, for the audit log."""
    return {
        "weekdays": sorted(times.weekdays),
        "start": times.start.isoformat("minutes"),
        "end": times.end.isoformat("minutes"),
        "holidays_off": times.holidays_off,
        "paused_until": times.paused_until.isoformat() if times.paused_until else None,
        "digest_day": times.digest_day,
        "digest_at": times.digest_at.isoformat("minutes") if times.digest_at else None,
    }


def in_german(times: Preferences) -> dict[str, Any]:
    """What is kept of it, for those who want to read what is kept about them."""
    return {
        "wochentage": [WEEKDAYS[day] for day in sorted(times.weekdays)],
        "von": times.start.isoformat("minutes"),
        "bis": times.end.isoformat("minutes"),
        "an_feiertagen": not times.holidays_off,
        "pause_bis_vor": times.paused_until.isoformat() if times.paused_until else None,
        "gebuendelt_am": WEEKDAYS[times.digest_day],
        "gebuendelt_um": times.digest_at.isoformat("minutes") if times.digest_at else None,
    }


def _row(person_id: int, times: Preferences) -> PushPreference:
    return PushPreference(
        person_id=person_id,
        weekdays=sum(1 << day for day in times.weekdays),
        from_minute=_minute(times.start),
        to_minute=_minute(times.end),
        holidays=not times.holidays_off,
        pause_until=times.paused_until,
        digest_day=times.digest_day,
        digest_minute=None if times.digest_at is None else _minute(times.digest_at),
    )


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _time(minute: int) -> dt.time:
    return dt.time(minute // 60 % 24, minute % 60)
