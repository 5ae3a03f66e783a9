"""A made-up week of the alliance, played against the sandbox by a clock that is moved, and reckoned independently.

110 towns, 300 members, eight meetings: planned, moved, cancelled, answered; a day of outage, a crash, a restart, and
the night in which summer time begins. What everybody must get, and when, is reckoned here from the script alone, with
no table and no rule of the bot; `compare` holds the transcripts against it.
"""

import datetime as dt
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bot.database import Database
from bot.delivery.calls import Wire
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.limiter import Limiter
from bot.delivery.request import AiohttpRequest
from bot.delivery.service import Outbox
from bot.groups.models import Subscription, WorkingGroup
from bot.meetings.audience import WorkingGroups
from bot.meetings.cards import Cards
from bot.meetings.drafting import Draft
from bot.meetings.errors import MeetingsError
from bot.meetings.kinds import Answer
from bot.meetings.models import ReminderChoice
from bot.meetings.notices import MeetingNotices
from bot.meetings.reminders import RENDERER, Reminders
from bot.meetings.replies import Replies
from bot.meetings.service import Planning
from bot.meetings.shared import Calendar
from bot.members.models import Person, PushPreference, Town
from bot.members.preferences import PushTimes
from bot.members.profiles import Profiles
from bot.rendering import Messages
from bot.sandbox.app import RunningSandbox, running_sandbox
from bot.tables import METADATA

ZONE = ZoneInfo("Europe/Berlin")
OFFICE = 1
TICK = dt.timedelta(minutes=15)
KEYS = ("ag-a", "ag-b", "ag-c", "ag-d")
DAYS_OFF = {dt.date(2027, 3, 26), dt.date(2027, 3, 29)}
"""Good Friday and Easter Monday; summer time begins on the Sunday between them."""


def at(day: int, clock: str, month: int = 3) -> dt.datetime:
    """A moment of that spring, by the clock on the wall."""
    hour, minute = clock.split(":")
    return dt.datetime(2027, month, day, int(hour), int(minute), tzinfo=ZONE).astimezone(dt.UTC)


BEGIN, END = at(24, "7:00"), at(31, "23:00")
OUTAGE = (at(30, "0:00"), at(31, "0:00"))
CRASH, RESTART = at(25, "8:00"), at(28, "2:00")


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
    Act(at(24, "19:00"), "plan", "Fünf", at(31, "13:00")),
    Act(at(25, "7:00"), "plan", "Sechs", at(28, "3:30"), "ag-a"),
    Act(at(24, "10:00"), "plan", "Sieben", at(31, "17:00"), "ag-b"),
    Act(at(26, "11:00"), "plan", "Acht", at(31, "18:00"), "ag-c"),
    Act(at(25, "12:00"), "move", "Drei", at(31, "15:00")),
    Act(at(28, "23:00"), "cancel", "Vier"),
    Act(at(31, "6:00"), "place", "Fünf"),
    Act(at(24, "15:00"), "move", "Sieben", at(1, "10:00", 4)),
    Act(at(29, "12:00"), "move", "Sieben", at(31, "16:00")),
    Act(at(31, "7:30"), "move", "Acht", at(31, "20:00")),
    Act(at(31, "16:30"), "cancel", "Acht"),
)  # fmt: skip
LENGTH = dt.timedelta(hours=1)

Got = Counter[tuple[dt.datetime, str, str, str]]
"""When, what kind of message, which meeting, and the time it named."""


@dataclass(frozen=True)
class Member:
    """Somebody, and what they want."""

    id: int
    groups: frozenset[str]
    hours: int
    """0: working days from 7 to 18; 1: always; 2: every day from 8 to 20."""
    chosen: int | None
    """Bits of reminders; None: the usual."""


@dataclass
class Story:
    """The made-up members, and how they answer."""

    members: list[Member]
    answers: list[tuple[dt.datetime, int, str, Answer]] = field(default_factory=list)

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
                if invited(member, act.group) and chance.random() < 0.2:
                    # While a reminder that the outage delayed waits for their hours.
                    story.answers.append((at(31, "5:00"), member.id, act.meeting, Answer.NO))
                if invited(member, act.group) and chance.random() < 0.7:
                    for _ in range(chance.choice((1, 1, 2))):
                        answer = chance.choice((Answer.YES, Answer.YES, Answer.NO, Answer.MAYBE))
                        story.answers.append((chance.choice(ticks), member.id, act.meeting, answer))
        story.answers.sort(key=lambda each: each[0])
        return story


def invited(member: Member, group: str | None) -> bool:
    """Whether a meeting concerns somebody."""
    return group is None or group in member.groups


def all_ticks() -> Iterator[dt.datetime]:
    """Each moment at which something can happen."""
    now = BEGIN
    while now <= END:
        yield now
        now += TICK


def is_live(moment: dt.datetime) -> bool:
    """Whether the bot runs."""
    return not OUTAGE[0] <= moment < OUTAGE[1]


# The independent reckoning -------------------------------------------------------------------------------------------


class Reckoning:
    """What everybody must get."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._live = [tick for tick in all_ticks() if is_live(tick)]

    def all(self) -> dict[int, Got]:
        """By person."""
        return {member.id: self._of(member) for member in self._story.members}

    def _of(self, member: Member) -> Got:
        got: Got = Counter()
        for plan in (act for act in SCRIPT if act.what == "plan"):
            if not invited(member, plan.group):
                continue
            for said, kind, start, due in self._said(plan.meeting):
                if when := self._arrives(member, plan.meeting, said, kind, start, due):
                    got[(when, kind, plan.meeting, self._start(plan.meeting, when))] += 1
        return got

    def _said(self, name: str) -> Iterator[tuple[dt.datetime, str, dt.datetime, set[int]]]:
        """Each thing that is said of a meeting: when, what, its time then, and for reminders which."""
        cancelled = self._cancelled(name)
        acts = [act for act in SCRIPT if act.meeting == name]
        for act in sorted(acts, key=lambda each: each.when):
            start = self._start_at(name, act.when)
            kind = {"plan": "invitation", "move": "moved", "place": "changed", "cancel": "cancelled"}[act.what]
            if self._first_live(act.when) < start:
                yield self._first_live(act.when), kind, start, set()
            if act.what in {"plan", "move"}:
                until = min((each.when for each in acts if each.what == "move" and each.when > act.when), default=END)
                until = min(until, cancelled or END)
                together: dict[dt.datetime, set[int]] = {}
                for bit, due in _reminders(start):
                    said = self._first_live(due)
                    if due > act.when and said < start and said < until:
                        together.setdefault(said, set()).add(bit)
                for said, bits in together.items():
                    yield said, "reminder", start, bits

    def _arrives(
        self, member: Member, name: str, said: dt.datetime, kind: str, start: dt.datetime, due: set[int]
    ) -> dt.datetime | None:
        wanted = due & set(_bits(member.chosen))
        if kind == "reminder" and not wanted:
            return None
        if kind in {"reminder", "changed"} and self._declined(member, name, said):
            return None
        suits = self._suits(member, said)
        if suits is None or suits >= start:
            short = kind == "reminder" and max(wanted) >= 16
            if kind not in {"moved", "cancelled"} and not (short and not _in_hours(member, start)):
                return None
            suits = said
        when = self._first_live(suits)
        cancelled = self._cancelled(name)
        if when >= start or when > END:
            return None
        if kind != "cancelled" and cancelled is not None and cancelled <= when:
            return None
        if kind == "reminder" and (self._start_at(name, when) != start or self._declined(member, name, when)):
            return None
        return when

    def _suits(self, member: Member, moment: dt.datetime) -> dt.datetime | None:
        while moment <= END + dt.timedelta(days=3):
            if _in_hours(member, moment):
                return moment
            moment += TICK
        return None

    def _declined(self, member: Member, name: str, moment: dt.datetime) -> bool:
        planned = next(act.when for act in SCRIPT if act.meeting == name and act.what == "plan")
        last = None
        for when, who, meeting, answer in self._story.answers:
            if who != member.id or meeting != name or not planned < when <= moment:
                continue
            cancelled = self._cancelled(name)
            if when < self._start_at(name, when) and (cancelled is None or when < cancelled):
                last = answer
        return last is Answer.NO

    def _first_live(self, moment: dt.datetime) -> dt.datetime:
        return next((tick for tick in self._live if tick >= moment), END + TICK)

    def _cancelled(self, name: str) -> dt.datetime | None:
        return next((act.when for act in SCRIPT if act.meeting == name and act.what == "cancel"), None)

    def _start_at(self, name: str, moment: dt.datetime) -> dt.datetime:
        acts = sorted((act for act in SCRIPT if act.meeting == name and act.start), key=lambda each: each.when)
        starts = [act.start for act in acts if act.when <= moment and act.start]
        return starts[-1]

    def _start(self, name: str, moment: dt.datetime) -> str:
        return _clock(self._start_at(name, moment))


def _bits(chosen: int | None) -> list[int]:
    value = 2 | 8 | 32 if chosen is None else chosen
    return [bit for bit in (1, 2, 4, 8, 16, 32) if bit & value]


def _reminders(start: dt.datetime) -> list[tuple[int, dt.datetime]]:
    found = [(16, start - dt.timedelta(hours=3)), (32, start - dt.timedelta(hours=1))]
    for bit, days in ((1, 14), (2, 7), (4, 3), (8, 1)):
        day = start.astimezone(ZONE).date() - dt.timedelta(days=days)
        while day.weekday() > 4 or day in DAYS_OFF:
            day -= dt.timedelta(days=1)
        found.append((bit, dt.datetime(day.year, day.month, day.day, 8, tzinfo=ZONE).astimezone(dt.UTC)))
    return found


def _in_hours(member: Member, moment: dt.datetime) -> bool:
    local = moment.astimezone(ZONE)
    match member.hours:
        case 0:
            return local.weekday() < 5 and local.date() not in DAYS_OFF and 7 <= local.hour < 18
        case 1:
            return True
        case _:
            return 8 <= local.hour < 20


def _clock(start: dt.datetime) -> str:
    local = start.astimezone(ZONE)
    return f"{local.day}. {'März' if local.month == 3 else 'April'} 2027, {local.hour}:{local.minute:02d}"


# Playing it ----------------------------------------------------------------------------------------------------------


class _Clock:
    def __init__(self) -> None:
        self.time = BEGIN

    def now(self) -> dt.datetime:
        return self.time


class _Lotse:
    """The rules and the sender, as they are after a start."""

    def __init__(self, database: Database, clock: _Clock, sandbox: RunningSandbox, request: AiohttpRequest) -> None:
        profiles, outbox = Profiles([OFFICE]), Outbox(database, clock)
        calendar = Calendar(database, clock, profiles, WorkingGroups(), outbox, ZONE)
        self.planning, self.replies = Planning(calendar), Replies(calendar)
        self.reminders = Reminders(calendar, PushTimes(database, clock, profiles, "Europe/Berlin"))
        cards = Cards(Messages("bot.meetings", ZONE), clock, ZONE)
        self.dispatcher = Dispatcher(
            database,
            clock,
            Wire(request, f"{sandbox.url}/bot{sandbox.token}"),
            Limiter(pace=10_000, private=(1000, 0.01), group=(1000, 0.01)),
            renderers={RENDERER: MeetingNotices(calendar, cards)},
        )


@dataclass
class Played:
    """What came of it: what everybody got, what they should have got, and how long it took."""

    got: dict[int, Got]
    reckoned: dict[int, Got]
    messages: int
    seconds: float

    def differences(self) -> list[str]:
        """Each thing that came and should not, or should and did not."""
        found = []
        for person, wanted in self.reckoned.items():
            got = self.got.get(person, Counter())
            found += [f"{person} missed {each}" for each in (wanted - got).elements()]
            found += [f"{person} got {each}" for each in (got - wanted).elements()]
        return found


async def play(members: int, towns: int) -> Played:
    """Play the week."""
    begun = time.perf_counter()
    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder:
        async with _stage(Path(folder)) as (database, sandbox, request):
            sandbox.world.add_person("Miriam", id=OFFICE, started=True)
            ids = await sandbox.client.crowd(members)
            story = Story.make(list(ids))
            await _fill(database, story, towns)
            lotse, numbers = _Lotse(database, clock, sandbox, request), {}
            transcript: dict[int, Got] = {each: Counter() for each in ids}
            seen = dict.fromkeys(ids, 0)
            for tick in all_ticks():
                clock.time = tick
                if not is_live(tick):
                    continue
                await _act(lotse, story, tick, numbers)
                await lotse.reminders.round()
                if tick in {CRASH, RESTART}:
                    await lotse.dispatcher.close()
                    lotse = _Lotse(database, clock, sandbox, request)
                    await lotse.reminders.round()
                await lotse.dispatcher.drain()
                _read(sandbox, transcript, seen, tick)
            await lotse.dispatcher.close()
            sent = sum(seen.values())
    return Played(transcript, Reckoning(story).all(), sent, time.perf_counter() - begun)


@asynccontextmanager
async def _stage(folder: Path) -> AsyncIterator[tuple[Database, RunningSandbox, AiohttpRequest]]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'lotse.db'}")
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        async with running_sandbox() as sandbox, AiohttpRequest(pool_timeout=None) as request:
            yield database, sandbox, request
    finally:
        await database.close()


async def _fill(database: Database, story: Story, towns: int) -> None:
    ids = {key: place for place, key in enumerate(KEYS, start=1)}
    async with database.writing() as session:
        for place in range(1, towns + 1):
            session.add(Town(id=place, name=f"Stadt {place}", folded=f"stadt {place}", kind="town"))
        for key, place in ids.items():
            session.add(WorkingGroup(id=place, key=key, name=key, short=key, about="", created_at=BEGIN))
        await session.flush()
        people = [
            {"id": each.id, "name": f"P{each.id}", "role": "member", "town_id": 1 + place % towns, "created_at": BEGIN}
            for place, each in enumerate(story.members)
        ]
        await session.execute(insert(Person), people)
        for each in story.members:
            for key in each.groups:
                session.add(Subscription(group_id=ids[key], person_id=each.id, mode="at_once", since=BEGIN))
            if each.hours:
                end = 0 if each.hours == 1 else 20 * 60
                begin = 0 if each.hours == 1 else 8 * 60
                session.add(
                    PushPreference(person_id=each.id, weekdays=127, from_minute=begin, to_minute=end, holidays=True)
                )
            if each.chosen is not None:
                session.add(ReminderChoice(person_id=each.id, meeting_id=0, chosen=each.chosen))


async def _act(lotse: _Lotse, story: Story, tick: dt.datetime, numbers: dict[str, int]) -> None:
    for act in (each for each in SCRIPT if each.when == tick):
        match act.what:
            case "plan" if act.start:
                keys = (act.group,) if act.group else ()
                draft = Draft(act.meeting, act.start, act.start + LENGTH, keys, for_all=act.group is None, place="Gera")
                numbers[act.meeting] = (await lotse.planning.draft(OFFICE, draft)).id
                await lotse.planning.publish(OFFICE, numbers[act.meeting])
            case "move":
                await lotse.planning.change(OFFICE, numbers[act.meeting], start=act.start)
            case "place":
                await lotse.planning.change(OFFICE, numbers[act.meeting], place="Suhl")
            case _:
                await lotse.planning.cancel(OFFICE, numbers[act.meeting])
    planned = {act.meeting for act in SCRIPT if act.what == "plan" and act.when < tick}
    for when, person, meeting, answer in story.answers:
        if when == tick and meeting in planned:
            try:
                await lotse.replies.answer(person, numbers[meeting], answer)
            except MeetingsError:
                continue  # it has begun or is cancelled: as for a person who presses an old button


_KINDS = (
    ("🔔 Erinnerung: ", "reminder"),
    ("⚠️ Verlegt: ", "moved"),
    ("⚠️ Geändert: ", "changed"),
    ("❌ Abgesagt: ", "cancelled"),
    ("📅 ", "invitation"),
)


def _read(sandbox: RunningSandbox, transcript: dict[int, Got], seen: dict[int, int], tick: dt.datetime) -> None:
    """What came since the last look."""
    for person, count in seen.items():
        messages = list(sandbox.world.chats[person].messages.values())
        for message in messages[count:]:
            text = str(message.data.get("text") or message.data.get("caption") or "")
            head, kind = next((each for each in _KINDS if text.startswith(each[0])), ("", "?"))
            name = text.removeprefix(head).split("\n")[0].split(" ist jetzt ")[0]
            now = text.partition("(bisher")[0]
            named = next((_clock(start) for start in _starts() if _clock(start) in now), "?")
            transcript[person][(tick, kind, name, named)] += 1
        seen[person] = len(messages)


def _starts() -> list[dt.datetime]:
    return [act.start for act in SCRIPT if act.start]
