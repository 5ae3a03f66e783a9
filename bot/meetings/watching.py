"""Watched deadlines: who wants to be reminded of a programme's, and what happens when it changes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import Database
from bot.delivery.kinds import Priority
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.pushes import Content, Push
from bot.delivery.quiet import Preferences, next_allowed
from bot.delivery.service import Outbox
from bot.logs import get_logger
from bot.meetings.errors import UnknownEntryError, WatchListFullError
from bot.meetings.kinds import REMINDER_CLOCK
from bot.meetings.models import Watch
from bot.meetings.reckoning import is_day_off, wall
from bot.meetings.reminders import PushTimes
from bot.members.profiles import Profiles
from knowledge.deadlines import upcoming
from knowledge.entries import FundingProgramme, Status
from knowledge.library import Knowledge, entry_code

RENDERER = "deadline"
"""Who makes the messages at the moment of sending."""
DAYS_BEFORE = (28, 14, 3)
AT_A_TIME = 500
MOST_WATCHED = 100

_log = get_logger("lotse.meetings")


@dataclass(frozen=True)
class Watched:
    """A watched programme.

    Attributes:
        entry: The programme; None where it is not in the knowledge any more.
        entry_id: Its id.
        deadline: The next day on which something is due; None: no fixed one.
    """

    entry: FundingProgramme | None
    entry_id: str
    deadline: dt.date | None


class Watching:
    """Keeps the watch list, and finds what is due on it by asking.

    Args:
        database: Where.
        clock: When.
        profiles: Who acts.
        push_times: When pushes suit people.
        outbox: The one way out.
        knowledge: What the deadlines are.
        zone: People's time zone.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        profiles: Profiles,
        push_times: PushTimes,
        outbox: Outbox,
        knowledge: Knowledge,
        zone: dt.tzinfo,
    ) -> None:
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._push_times = push_times
        self._outbox = outbox
        self._zone = zone
        self.knowledge = knowledge
        self._checked: tuple[str, dt.date] | None = None

    def today(self) -> dt.date:
        """The local day."""
        return self._clock.now().astimezone(self._zone).date()

    def deadline(self, entry: FundingProgramme) -> dt.date | None:
        """The next day on which something is due; None for a closed programme or one without a fixed day."""
        if entry.status is Status.CLOSED:
            return None
        days = upcoming(entry.deadline, self.today())
        return days[0].day if days else None

    # The list --------------------------------------------------------------------------------------------------------

    async def watch(self, actor_id: int | None, entry_id: str) -> tuple[Watched, bool]:
        """Remember a programme's deadline.

        Returns:
            What is watched, and False where it was already.

        Raises:
            NotAllowedError: The actor is no member.
            UnknownEntryError: There is no such programme.
            WatchListFullError: The list is full.
        """
        now = self._clock.now()
        entry = self._programme(entry_id)
        if entry is None:
            raise UnknownEntryError(entry_id)
        deadline = self.deadline(entry)
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id)
            mine = set(await session.scalars(select(Watch.entry_id).where(Watch.person_id == actor.id)))
            watched = Watched(entry, entry_id, deadline)
            if entry_id in mine:
                return watched, False
            if len(mine) >= MOST_WATCHED:
                raise WatchListFullError
            row = Watch(person_id=actor.id, entry_id=entry_id, created_at=now)
            self._set(row, deadline, now)
            session.add(row)
            return watched, True

    async def forget(self, actor_id: int | None, entry_id: str) -> bool:
        """Take a programme off the list; returns whether it was on it.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._database.writing() as session:
            actor = await self._profiles.acting(session, actor_id)
            row = await session.get(Watch, (actor.id, entry_id))
            if row is not None:
                await session.execute(delete(Watch).where(Watch.person_id == actor.id, Watch.entry_id == entry_id))
            return row is not None

    async def code_of(self, actor_id: int | None, code: str) -> str | None:
        """The id of a watched entry by its short code, also where the entry is not known any more.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._database.reading() as session:
            actor = await self._profiles.acting(session, actor_id)
            mine = await session.scalars(select(Watch.entry_id).where(Watch.person_id == actor.id))
            return next((each for each in mine if entry_code(each) == code), None)

    async def of(self, actor_id: int | None) -> list[Watched]:
        """One's watch list, soonest first; those without a fixed day last.

        Raises:
            NotAllowedError: The actor is no member.
        """
        async with self._database.reading() as session:
            actor = await self._profiles.acting(session, actor_id)
            rows = await session.scalars(select(Watch).where(Watch.person_id == actor.id))
            found = [self._view(row.entry_id) for row in rows]
        return sorted(found, key=lambda each: (each.deadline or dt.date.max, each.entry_id))

    # The round -------------------------------------------------------------------------------------------------------

    async def round(self) -> int:
        """Notice changed deadlines, then queue the reminders that are due; returns how many messages were queued."""
        state = (self.knowledge.revision, self.today())
        count = 0
        if self._checked != state:
            count += await self._check_all()
            self._checked = state
        now = self._clock.now()
        while True:
            async with self._database.writing() as session:
                rows = list(
                    await session.scalars(
                        select(Watch).where(Watch.due_at <= now).order_by(Watch.due_at).limit(AT_A_TIME)
                    )
                )
                times = await self._times(session, rows)
                for row in rows:
                    told = row.person_id in times
                    if told and row.deadline and row.due_days is not None and row.deadline >= self.today():
                        suits = next_allowed(times[row.person_id], now)
                        count += await self._remind(session, row, row.deadline, row.due_days, suits)
                    self._set(row, row.deadline, now)
            if len(rows) < AT_A_TIME:
                return count

    async def _check_all(self) -> int:
        """Compare what is watched with what is known now; a yearly deadline that passed just goes on to the next."""
        now, today = self._clock.now(), self.today()
        count = 0
        async with self._database.writing() as session:
            rows: Sequence[Watch] = list(
                # Locked: of two processes that look at once, the second finds nothing changed.
                await session.scalars(select(Watch).order_by(Watch.person_id, Watch.entry_id).with_for_update())
            )
            changed = [row for row in rows if row.deadline != self._view(row.entry_id).deadline]
            times = await self._times(session, changed)
            for row in changed:
                before, view = row.deadline, self._view(row.entry_id)
                self._set(row, view.deadline, now)  # also of who is suspended: who comes back sees no wrong day
                if row.person_id not in times or (before is not None and before < today):
                    continue
                suits = next_allowed(times[row.person_id], now)
                count += await self._tell(session, row.person_id, view, before, suits)
        if count:
            _log.info("watched deadlines changed", told=count)
        return count

    async def _times(self, session: AsyncSession, rows: Sequence[Watch]) -> dict[int, Preferences]:
        """When it suits those of the watching who are members: nobody else is told anything."""
        people = {row.person_id for row in rows}
        found = await self._profiles.load_many(session, people)
        members = {each for each in people if (found.get(each) or self._profiles.unknown(each)).is_member}
        return await self._push_times.of_many(members) if members else {}

    async def _tell(
        self, session: AsyncSession, person_id: int, view: Watched, before: dt.date | None, suits: dt.datetime
    ) -> bool:
        """Tell somebody that a deadline is another one, once, against the one they know."""
        what = _what(view.entry_id)
        waiting = await session.scalars(
            select(Delivery)
            .where(
                Delivery.what == what,
                Delivery.recipient == person_id,
                Delivery.occasion.startswith("changed:"),
                Delivery.state + "" == Sent.QUEUED,
            )
            .order_by(Delivery.id)
        )
        if (unheard := waiting.first()) is not None:  # they have not heard of the last change yet
            was = (unheard.payload or {}).get("was")
            before = dt.date.fromisoformat(was) if was else None
        await self._outbox.cancel(what, recipient=person_id, session=session)
        if before == view.deadline:
            return False
        context = {
            "entry": view.entry_id,
            "was": before.isoformat() if before else None,
            "now": view.deadline.isoformat() if view.deadline else None,
        }
        push = Push(
            what,
            f"changed:{before}:{view.deadline}:{self._clock.now():%Y%m%dT%H%M%S}",
            person_id,
            Content(renderer=RENDERER, context=context),
            Priority.MEETING,
            suits,
        )
        return await self._outbox.enqueue(push, session)

    async def _remind(
        self, session: AsyncSession, row: Watch, deadline: dt.date, days: int, suits: dt.datetime
    ) -> bool:
        ends = wall(deadline + dt.timedelta(days=1), dt.time(), self._zone)
        if suits >= ends:
            return False
        context = {"entry": row.entry_id, "now": deadline.isoformat(), "days": days}
        push = Push(
            _what(row.entry_id),
            f"{deadline}:{days}",
            row.person_id,
            Content(renderer=RENDERER, context=context),
            Priority.MEETING,
            suits,
            ends,
        )
        return await self._outbox.enqueue(push, session)

    # Within ----------------------------------------------------------------------------------------------------------

    def _set(self, row: Watch, deadline: dt.date | None, now: dt.datetime) -> None:
        row.deadline, row.due_at, row.due_days = deadline, None, None
        if deadline is None:
            return
        for days in DAYS_BEFORE:
            due_at = reminder_moment(deadline, days, self._zone)
            if due_at > now:
                row.due_at, row.due_days = due_at, days
                return

    def _view(self, entry_id: str) -> Watched:
        entry = self._programme(entry_id)
        return Watched(entry, entry_id, self.deadline(entry) if entry is not None else None)

    def _programme(self, entry_id: str) -> FundingProgramme | None:
        entry = self.knowledge.get(entry_id)
        return entry if isinstance(entry, FundingProgramme) else None


def reminder_moment(deadline: dt.date, days: int, zone: dt.tzinfo) -> dt.datetime:
    """When a reminder so many days before a deadline is due: on a working day at 8:00, rather earlier than later."""
    day = deadline - dt.timedelta(days=days)
    while is_day_off(day):
        day -= dt.timedelta(days=1)
    return wall(day, REMINDER_CLOCK, zone)


def _what(entry_id: str) -> str:
    return f"deadline:{entry_id}"[:128]
