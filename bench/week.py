"""A made-up week of the alliance, played against the sandbox by a clock that is moved, and held against a reckoning.

110 towns, 300 members, nine meetings: planned, moved, cancelled, answered; a day of outage, a crash, a restart, and the
night in which summer time begins. `week_story` is the script, `week_reckoning` what everybody must get by it; neither
knows anything of the bot. Here the bot plays the same script, and the transcripts are read.
"""

import datetime as dt
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert

from bench.week_reckoning import Got, clock_words, reckon
from bench.week_story import BEGIN, CRASH, KEYS, LENGTH, RESTART, SCRIPT, ZONE, Story, all_ticks, is_live
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

OFFICE = 1


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
        push_times = PushTimes(database, clock, profiles, "Europe/Berlin")
        self.reminders = Reminders(calendar, push_times)
        cards = Cards(Messages("bot.meetings", ZONE), clock, ZONE)
        self.dispatcher = Dispatcher(
            database,
            clock,
            Wire(request, f"{sandbox.url}/bot{sandbox.token}"),
            Limiter(pace=10_000, private=(1000, 0.01), group=(1000, 0.01)),
            renderers={RENDERER: MeetingNotices(calendar, cards)},
            suits=push_times.suits,
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


async def play(members: int, towns: int, url: str | None = None) -> Played:
    """Play the week.

    Args:
        members: How many people.
        towns: From how many towns.
        url: Address of an empty or migrated database; an SQLite file of its own if not given.
    """
    begun = time.perf_counter()
    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite+aiosqlite:///{Path(folder) / 'lotse.db'}"
        async with _stage(url) as (database, sandbox, request):
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
    return Played(transcript, reckon(story), sent, time.perf_counter() - begun)


@asynccontextmanager
async def _stage(url: str) -> AsyncIterator[tuple[Database, RunningSandbox, AiohttpRequest]]:
    database = Database(url)
    try:
        await database.upgrade()
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
                await lotse.replies.answer(person, numbers[meeting], Answer(answer))
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
            named = next((clock_words(start) for start in _starts() if clock_words(start) in now), "?")
            transcript[person][(tick, kind, name, named)] += 1
        seen[person] = len(messages)


def _starts() -> list[dt.datetime]:
    return [act.start for act in SCRIPT if act.start]
