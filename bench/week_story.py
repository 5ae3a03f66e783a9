"""The script of a made-up week of the alliance: who there is, what is planned, moved and cancelled, who answers what.

Nothing of the bot is used here: what is reckoned from it must not know how the bot works.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
TICK = dt.timedelta(minutes=15)
KEYS = ("ag-a", "ag-b", "ag-c", "ag-d")
DAYS_OFF = {dt.date(2027, 3, 26), dt.date(2027, 3, 29)}
"""Good Friday and Easter Monday; summer time begins on the Sunday between them."""
YES, NO, MAYBE = "yes", "no", "maybe"


def at(day: int, clock: str, month: int = 3) -> dt.datetime:
    """A moment of that spring, by the clock on the wall."""
    hour, minute = clock.split(":")
    return dt.datetime(2027, month, day, int(hour), int(minute), tzinfo=ZONE).astimezone(dt.UTC)


BEGIN, END = at(24, "7:00"), at(31, "23:00")
OUTAGE = (at(30, "0:00"), at(31, "0:00"))
CRASH, RESTART = at(25, "8:00"), at(28, "2:00")
LENGTH = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Act:
    """What happens to a meeting: `plan`, `move`, `place` or `cancel`."""

    when: dt.datetime
    what: str
    meeting: str
    start: dt.datetime | None = None
    group: str | None = None


SCRIPT = (
    Act(at(24, "7:45"), "plan", "Eins", at(25, "10:00"), "ag-a"),
    Act(at(24, "8:00"), "plan", "Zwei", at(28, "10:00"), "ag-b"),
    Act(at(24, "9:00"), "plan", "Drei", at(30, "14:00"), "ag-c"),
    Act(at(24, "9:15"), "plan", "Vier", at(31, "9:00"), "ag-d"),
    Act(at(24, "10:00"), "plan", "Sieben", at(31, "17:00"), "ag-b"),
    Act(at(24, "15:00"), "move", "Sieben", at(1, "10:00", 4)),
    Act(at(24, "19:00"), "plan", "Fünf", at(31, "13:00")),
    Act(at(24, "20:15"), "move", "Fünf", at(31, "12:00")),  # while the invitation waits for most people's morning
    Act(at(24, "21:00"), "plan", "Neun", at(31, "10:00"), "ag-a"),
    Act(at(24, "22:00"), "cancel", "Neun"),  # likewise
    Act(at(25, "7:00"), "plan", "Sechs", at(28, "3:30"), "ag-a"),
    Act(at(25, "12:00"), "move", "Drei", at(31, "15:00")),
    Act(at(25, "19:00"), "move", "Drei", at(31, "11:00")),  # twice while most people are not to be disturbed
    Act(at(25, "21:00"), "move", "Drei", at(31, "15:30")),
    Act(at(26, "11:00"), "plan", "Acht", at(31, "18:00"), "ag-c"),
    Act(at(28, "23:00"), "cancel", "Vier"),
    Act(at(29, "12:00"), "move", "Sieben", at(31, "16:00")),
    Act(at(31, "6:00"), "place", "Fünf"),
    Act(at(31, "7:30"), "move", "Acht", at(31, "20:00")),
    Act(at(31, "16:30"), "cancel", "Acht"),
)
"""In the order of time; nothing is done during the outage."""
MEETINGS = tuple(act.meeting for act in SCRIPT if act.what == "plan")


@dataclass(frozen=True)
class Member:
    """Somebody, and what they want."""

    id: int
    groups: frozenset[str]
    hours: int
    """0: working days from 7 to 18; 1: always; 2: every day from 8 to 20."""
    chosen: int | None
    """Bits of reminders; None: the usual."""

    def concerns(self, group: str | None) -> bool:
        """Whether a meeting of a group, or of all, concerns them."""
        return group is None or group in self.groups


@dataclass
class Story:
    """The made-up members, and how they answer."""

    members: list[Member]
    answers: list[tuple[dt.datetime, int, str, str]] = field(default_factory=list)
    """When, who, which meeting, what; in the order of time."""

    @classmethod
    def make(cls, ids: list[int]) -> "Story":
        """The same for the same ids."""
        chance = random.Random(2027)
        members = []
        for place, each in enumerate(ids):
            groups = frozenset(chance.sample(KEYS, 1 + place % 2))
            members.append(Member(each, groups, place % 3, {1: 32, 2: 0, 3: 8 | 32}.get(place % 7)))
        story = cls(members)
        ticks = [tick for tick in all_ticks() if is_live(tick)]
        for act in SCRIPT:
            if act.what != "plan":
                continue
            for member in members:
                if member.concerns(act.group) and chance.random() < 0.2:
                    # While a reminder that the outage delayed waits for their hours.
                    story.answers.append((at(31, "5:00"), member.id, act.meeting, NO))
                if member.concerns(act.group) and chance.random() < 0.7:
                    for _ in range(chance.choice((1, 1, 2))):
                        answer = chance.choice((YES, YES, NO, MAYBE))
                        story.answers.append((chance.choice(ticks), member.id, act.meeting, answer))
        story.answers.sort(key=lambda each: each[0])
        return story


def all_ticks() -> Iterator[dt.datetime]:
    """Each moment at which something can happen."""
    now = BEGIN
    while now <= END:
        yield now
        now += TICK


def is_live(moment: dt.datetime) -> bool:
    """Whether the bot runs."""
    return not OUTAGE[0] <= moment < OUTAGE[1]
