"""What everybody must get in the made-up week: lived through person by person, as the handbook promises it.

Nothing of the bot is used here, neither its tables nor its rules nor its way of reckoning: each person is a letter box
that walks through the week tick by tick. A test holds that this file and the script import nothing of the bot.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.week_story import DAYS_OFF, NO, OUTAGE, SCRIPT, TICK, ZONE, Act, Member, Story, all_ticks, is_live

Got = Counter[tuple[dt.datetime, str, str, str]]
"""When, what kind of message, which meeting, and the time it named."""
USUAL = 2 | 8 | 32
"""Seven days, one day, one hour before."""
DAYS = {1: 14, 2: 7, 4: 3, 8: 1}
HOURS = {16: 3, 32: 1}
LATE = dt.timedelta(minutes=15)
"""What is later than this, as after an outage, keeps the person's hours once more."""


def reckon(story: Story) -> dict[int, Got]:
    """By person."""
    return {member.id: _LetterBox(member, story).live() for member in story.members}


@dataclass
class _Letter:
    """Something that was said to somebody and waits for their hours."""

    kind: str
    earliest: dt.datetime
    latest: dt.datetime
    """Not any more from then on: the start, as it was when this was said."""


@dataclass
class _Meeting:
    """A meeting as it is at a moment."""

    start: dt.datetime
    since: dt.datetime
    """When it got this start."""
    cancelled: bool = False
    declined: bool = False
    waiting: list[_Letter] = field(default_factory=list)


class _LetterBox:
    """One person's week."""

    def __init__(self, member: Member, story: Story) -> None:
        self._member = member
        self._answers = [each for each in story.answers if each[1] == member.id]
        self._meetings: dict[str, _Meeting] = {}
        self._got: Got = Counter()

    def live(self) -> Got:
        """Walk through the week."""
        before: dt.datetime | None = None
        for now in all_ticks():
            if not is_live(now):
                continue
            for act in SCRIPT:
                if act.when == now:
                    self._happens(act)
            for when, _, name, answer in self._answers:
                if when == now:
                    self._answered(name, answer, now)
            for meeting in self._meetings.values():
                self._remind(meeting, before, now)
            for name, meeting in self._meetings.items():
                self._deliver(name, meeting, now)
            before = now
        return self._got

    # What happens ----------------------------------------------------------------------------------------------------

    def _happens(self, act: Act) -> None:
        now = act.when
        if act.what == "plan" and act.start is not None:
            if self._member.concerns(act.group):
                meeting = self._meetings[act.meeting] = _Meeting(act.start, now)
                self._say(meeting, "invitation", now)
            return
        if act.meeting not in self._meetings:
            return
        meeting = self._meetings[act.meeting]
        if act.what == "move" and act.start is not None:
            meeting.start, meeting.since = act.start, now
            # Reminders of the old time are void.
            meeting.waiting = [letter for letter in meeting.waiting if letter.kind != "reminder"]
        kind = {"move": "moved", "place": "changed", "cancel": "cancelled"}[act.what]
        unheard = any(each.kind == "invitation" and each.earliest < meeting.start for each in meeting.waiting)
        if act.what == "cancel":
            meeting.cancelled = True
            meeting.waiting = []  # nothing of it is said any more but that it is cancelled
        if unheard:
            return  # they get the invitation as things are then, or never hear of it
        if act.what == "place" and meeting.declined:
            return
        if act.what in {"move", "place"}:
            superseded = {"moved", "changed"} if act.what == "move" else {"changed"}
            meeting.waiting = [letter for letter in meeting.waiting if letter.kind not in superseded]
        self._say(meeting, kind, now)

    def _answered(self, name: str, answer: str, now: dt.datetime) -> None:
        meeting = self._meetings.get(name)
        planned = next(act.when for act in SCRIPT if act.meeting == name and act.what == "plan")
        # An old button does nothing once the meeting has begun or is cancelled.
        if meeting is not None and now > planned and now < meeting.start and not meeting.cancelled:
            meeting.declined = answer == NO

    def _remind(self, meeting: _Meeting, before: dt.datetime | None, now: dt.datetime) -> None:
        """One reminder for all that fell due since the last look, of those this person wants."""
        if meeting.cancelled or meeting.declined or now >= meeting.start:
            return
        wanted = USUAL if self._member.chosen is None else self._member.chosen
        due = [
            (moment, bit)
            for bit, moment in _reminders(meeting.start)
            if moment > meeting.since and moment <= now and (before is None or moment > before) and bit & wanted
        ]
        if due:
            self._say(meeting, "reminder", now, soon=max(due)[1] in HOURS)

    def _say(self, meeting: _Meeting, kind: str, now: dt.datetime, *, soon: bool = False) -> None:
        """Put something into the letter box, at the next of this person's hours; some things are too urgent to wait."""
        hour = self._next_hour(now)
        if hour is None or hour >= meeting.start:
            urgent = kind in {"moved", "cancelled"} or (soon and not self._suits(meeting.start))
            if not urgent:
                return
            hour = now
        meeting.waiting.append(_Letter(kind, hour, meeting.start))

    def _deliver(self, name: str, meeting: _Meeting, now: dt.datetime) -> None:
        left = []
        for letter in meeting.waiting:
            if letter.earliest > now or self._keeps_hours_again(letter, now):
                left.append(letter)
            elif now < letter.latest and now < meeting.start and not (letter.kind == "reminder" and meeting.declined):
                self._got[(now, letter.kind, name, clock_words(meeting.start))] += 1
        meeting.waiting = left

    def _keeps_hours_again(self, letter: _Letter, now: dt.datetime) -> bool:
        """Whether something late waits for this person's hours, which it does where they come before it is void."""
        if now - letter.earliest < LATE or self._suits(now) or self._suits(now - LATE):
            return False
        hour = self._next_hour(now)
        return hour is not None and hour < letter.latest

    # This person's hours ---------------------------------------------------------------------------------------------

    def _next_hour(self, moment: dt.datetime) -> dt.datetime | None:
        for step in range(14 * 24 * 4):
            if self._suits(moment + step * TICK):
                return moment + step * TICK
        return None

    def _suits(self, moment: dt.datetime) -> bool:
        local = moment.astimezone(ZONE)
        match self._member.hours:
            case 0:
                return local.weekday() < 5 and local.date() not in DAYS_OFF and 7 <= local.hour < 18
            case 1:
                return True
            case _:
                return 8 <= local.hour < 20


def _reminders(start: dt.datetime) -> Iterator[tuple[int, dt.datetime]]:
    """Whole days before at 8:00 of a working day, hours before by the clock that does not change."""
    for bit, days in DAYS.items():
        day = start.astimezone(ZONE).date() - dt.timedelta(days=days)
        while day.weekday() > 4 or day in DAYS_OFF:
            day -= dt.timedelta(days=1)
        yield bit, dt.datetime(day.year, day.month, day.day, 8, tzinfo=ZONE).astimezone(dt.UTC)
    for bit, hours in HOURS.items():
        yield bit, start - dt.timedelta(hours=hours)


def clock_words(start: dt.datetime) -> str:
    """A start as messages write it."""
    local = start.astimezone(ZONE)
    return f"{local.day}. {'März' if local.month == 3 else 'April'} 2027, {local.hour}:{local.minute:02d}"


assert OUTAGE[0] < OUTAGE[1]
assert all(is_live(act.when) for act in SCRIPT)
