"""What became of an announcement: in numbers, by town, and person by person."""

import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcements.audience import town_names
from bot.announcements.kinds import Skip, State
from bot.announcements.models import Addressee
from bot.announcements.outgoing import change_key, taken_back_key
from bot.announcements.shared import Ground, Item, what
from bot.delivery.kinds import State as Sent
from bot.delivery.models import Delivery
from bot.delivery.payloads import DELETABLE
from bot.delivery.reports import Progress
from bot.members.csv_files import write_csv
from bot.members.models import Person
from bot.rendering import german_number

NAMELESS = "(gelöscht)"
"""Instead of the name of somebody who is erased."""
PAGE = 500
"""Recipients that are read at a time."""
_REASONS = {
    "blocked by the user": "hat den Bot blockiert",
    "user is deactivated": "Konto gelöscht",
    "initiate conversation": "hat den Bot nie gestartet",
    "kicked": "der Bot wurde entfernt",
    "not a member": "der Bot wurde entfernt",
    "chat not found": "Chat nicht gefunden",
    "not enough rights": "der Bot darf dort nicht schreiben",
    "chat_write_forbidden": "der Bot darf dort nicht schreiben",
    "wrong file identifier": "Telegram kennt die Datei nicht mehr",
    "given up after": "nach vielen Versuchen aufgegeben",
    "could not be made": "die Nachricht ließ sich nicht erstellen",
}
_STATES = {
    Sent.QUEUED: "wartet",
    Sent.SENDING: "unterwegs",
    Sent.SENT: "zugestellt",
    Sent.BLOCKED: "nicht erreichbar",
    Sent.FAILED: "fehlgeschlagen",
    Sent.EXPIRED: "abgelaufen",
    Sent.CANCELLED: "nicht gesendet",
}
_SKIPPED = {Skip.UNREACHABLE: "vorher nicht erreichbar", Skip.PAUSED: "Pause"}


@dataclass(frozen=True)
class Line:
    """One recipient.

    Attributes:
        name: Of the person, or empty: a group, or somebody who is erased.
        town: Its name.
        state: What became of the message, in German.
        sent: Whether it arrived.
        reason: Why not, in German.
        at: When that was known.
        read_at: When they pressed „Gelesen“.
        answer: What they answered.
        twice: Whether it may have arrived twice.
    """

    name: str
    town: str
    state: str
    sent: bool
    reason: str
    at: dt.datetime | None
    read_at: dt.datetime | None
    answer: str
    twice: bool


@dataclass
class Undone:
    """What became of taking it back.

    Attributes:
        deleted: Messages that were removed.
        replaced: Those that were too old: a hint stands there now.
        failed: Those that could not be removed.
        waiting: Those whose turn has not come.
        copies: Recipients where another copy may stand that nobody knows the number of.
    """

    deleted: int = 0
    replaced: int = 0
    failed: int = 0
    waiting: int = 0
    copies: int = 0


@dataclass
class Report:
    """An announcement in numbers.

    Attributes:
        item: The announcement.
        progress: Its messages by state; None: none is queued yet.
        meant: Persons and groups that were meant.
        skipped: Those of them to whom nothing was sent, by why.
        reasons: Why messages did not arrive, in German, and how many.
        read: How many persons read it.
        answers: How many gave which answer, in the question's order.
        towns: By town: how many of its messages arrived, and how many were meant.
        without_contact: Towns that were meant and that it did not reach.
        changed: How far the last correction is; None: there was none.
        corrections: Corrections that were sent as messages of their own.
        waiting_corrections: Those that wait for their readers' hours.
        uncorrected: Corrections that could not be sent, so that somebody has the old words or none.
        undone: What became of taking it back; None: that was not wanted.
    """

    item: Item
    progress: Progress | None = None
    meant: int = 0
    skipped: Counter[Skip] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    read: int = 0
    answers: list[int] = field(default_factory=list)
    towns: dict[str, tuple[int, int]] = field(default_factory=dict)
    without_contact: list[str] = field(default_factory=list)
    changed: Progress | None = None
    corrections: int = 0
    waiting_corrections: int = 0
    uncorrected: int = 0
    undone: Undone | None = None

    def count(self, state: Sent) -> int:
        """How many messages are in a state."""
        return self.progress.counts[state] if self.progress else 0

    @property
    def why_not(self) -> list[str]:
        """Why messages did not arrive, each as a German phrase with its number."""
        return [_phrase(count, words) for words, count in sorted(self.reasons.items())]

    @property
    def sent(self) -> int:
        """Messages that arrived."""
        return self.count(Sent.SENT)

    @property
    def waiting(self) -> int:
        """Messages that are still to be sent."""
        return self.count(Sent.QUEUED) + self.count(Sent.SENDING)

    @property
    def reached(self) -> int:
        """Towns that it reached."""
        return sum(arrived > 0 for arrived, _ in self.towns.values())

    @property
    def all_towns(self) -> int:
        """Towns that were meant."""
        return self.reached + len(self.without_contact)


class Reporting:
    """Reads what became of announcements; changes nothing."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def report(self, actor_id: int | None, announcement_id: int) -> Report:
        """An announcement in numbers, for the office.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
        """
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        return await self.of(item)

    async def of(self, item: Item) -> Report:
        """Likewise, without asking who wants to know."""
        report = Report(item, answers=[0] * len(item.body.question.answers) if item.body.question else [])
        report.progress = await self._progress(what(item.id))
        async with self._ground.database.reading() as session:
            names = await town_names(session)
        towns: dict[int, list[int]] = {town: [0, 0] for town in item.row.meant_towns or ()}
        async for to, row, _ in self._rows(item):
            state = _state(to, row)
            report.meant += 1
            report.read += to.read_at is not None
            if to.answer is not None and to.answer < len(report.answers):
                report.answers[to.answer] += 1
            if to.skipped:
                report.skipped[Skip(to.skipped)] += 1
            if row is not None and row.state in (Sent.BLOCKED, Sent.FAILED):
                report.reasons[reason(row.reason)] += 1
            if to.town_id is not None and not (state is None and to.chat_id is None):
                counts = towns.setdefault(to.town_id, [0, 0])
                counts[0] += state is Sent.SENT
                counts[1] += 1
        named = sorted((names[town], counts) for town, counts in towns.items() if town in names)
        report.towns = {name: (counts[0], counts[1]) for name, counts in named}
        report.without_contact = [name for name, (arrived, _) in report.towns.items() if not arrived]
        await self._add_changes(report)
        return report

    async def csv(self, actor_id: int | None, announcement_id: int) -> bytes:
        """Every recipient with what became of it, as a table for spreadsheets.

        Raises:
            NotAllowedError: The actor is not of the office.
            AnnouncementGoneError: There is no such announcement.
        """
        async with self._ground.database.reading() as session:
            item = await self._ground.item(session, actor_id, announcement_id)
        columns = ("Name", "Stadt", "Stand", "Grund", "Zeitpunkt", "Gelesen", "Antwort", "Möglicherweise doppelt")
        zone = self._ground.audiences.zone
        rows = [
            (
                line.name,
                line.town,
                line.state,
                line.reason,
                _local(line.at, zone),
                _local(line.read_at, zone),
                line.answer,
                "ja" if line.twice else "",
            )
            async for line in self.lines(item)
        ]
        return write_csv(columns, rows)

    async def lines(self, item: Item) -> AsyncIterator[Line]:
        """Every recipient, in the order of queueing."""
        answers = item.body.question.answers if item.body.question else ()
        chats = {(chat.chat_id, chat.thread_id): chat.title for chat in await self._ground.audiences.chats()}
        async with self._ground.database.reading() as session:
            names = await town_names(session)
        async for to, row, name in self._rows(item):
            state = _state(to, row)
            bad = state in (Sent.BLOCKED, Sent.FAILED)
            if to.skipped:
                said = _SKIPPED[Skip(to.skipped)]
            elif state is not None:
                said = _STATES[state]
            else:
                said = "wartet" if to.chat_id else ""
            yield Line(
                name=name or chats.get((to.chat_id, to.thread_id), "") if to.chat_id else NAMELESS,
                town=names.get(to.town_id or 0, ""),
                state=said,
                sent=state is Sent.SENT,
                reason=reason(row.reason) if bad and row else "",
                at=row.settled_at if row else None,
                read_at=to.read_at,
                answer=answers[to.answer] if to.answer is not None and to.answer < len(answers) else "",
                twice=bool(row and row.possibly_twice),
            )

    # Within ----------------------------------------------------------------------------------------------------------

    async def _rows(self, item: Item) -> AsyncIterator[tuple[Addressee, Delivery | None, str | None]]:
        """Recipients with their messages and names, page by page."""
        mine = and_(
            Delivery.what == what(item.id), Delivery.recipient == Addressee.chat_id, Delivery.occasion == "sent"
        )
        after, more = 0, True
        while more:
            wanted = (
                select(Addressee, Delivery, Person.name)
                .join(Delivery, mine, isouter=True)
                .join(Person, Person.id == Addressee.chat_id, isouter=True)
                .where(Addressee.announcement_id == item.id, Addressee.id > after)
                .order_by(Addressee.id)
                .limit(PAGE)
            )
            async with self._ground.database.reading() as session:
                page = (await session.execute(wanted)).all()
            for to, row, name in page:
                yield to, row, name
            more = len(page) == PAGE
            after = page[-1][0].id if page else after

    async def _add_changes(self, report: Report) -> None:
        item = report.item
        if item.state is State.WITHDRAWN:
            report.undone = await self._undone(item, report.progress.possibly_twice if report.progress else 0)
            return
        if item.row.spread_version > 1 and item.row.started_at is not None:
            report.changed = await self._progress(change_key(item.id, item.row.spread_version))
            counts = await self._corrections(item)
            report.corrections = counts[Sent.SENT]
            report.waiting_corrections = counts[Sent.QUEUED] + counts[Sent.SENDING]
            report.uncorrected = counts[Sent.FAILED] + counts[Sent.BLOCKED] + counts[Sent.EXPIRED]

    async def _corrections(self, item: Item) -> Counter[Sent]:
        """Corrections that bring the newest words, by state: also earlier ones that waited and were sent only then."""
        wanted = (
            select(Delivery.state, func.count())
            .where(
                Delivery.what == what(item.id),
                Delivery.occasion.startswith("correction:"),
                or_(
                    Delivery.occasion == f"correction:{item.row.spread_version}",
                    Delivery.settled_at.is_(None),
                    Delivery.settled_at > item.row.updated_at,
                ),
            )
            .group_by(Delivery.state)
        )
        async with self._ground.database.reading() as session:
            return Counter({Sent(state): count for state, count in (await session.execute(wanted)).all()})

    async def _undone(self, item: Item, copies: int) -> Undone:
        """How many were removed, and how many not; those that were too old got a hint instead."""
        undone = Undone(copies=copies)
        arrived, tried = Delivery.__table__.alias("arrived"), Delivery.__table__.alias("tried")
        wanted = (
            select(arrived.c.settled_at, tried.c.state)
            .join(
                tried,
                and_(
                    tried.c.what == arrived.c.what,
                    tried.c.chat_id == arrived.c.chat_id,
                    tried.c.occasion == f"change:{item.row.version}",
                ),
                isouter=True,
            )
            .where(arrived.c.what == what(item.id), arrived.c.occasion == "sent", arrived.c.state == Sent.SENT)
        )
        corrections = await self._progress(taken_back_key(item.id, item.row.version))
        if corrections is not None:
            undone.waiting += corrections.counts[Sent.QUEUED] + corrections.counts[Sent.SENDING]
            undone.failed += corrections.counts[Sent.FAILED]
        async with self._ground.database.reading() as session:
            rows = (await session.execute(wanted)).all()
        for settled_at, state in rows:
            young = item.row.withdrawn_at is None or settled_at >= item.row.withdrawn_at - DELETABLE
            if state == Sent.SENT:
                undone.deleted += young
                undone.replaced += not young
            elif state in (Sent.QUEUED, Sent.SENDING) or item.row.spread_version < item.row.version:
                undone.waiting += 1
            else:
                undone.failed += 1
        return undone

    async def _progress(self, key: str) -> Progress | None:
        batch = await self._ground.reports.find_batch(key)
        return None if batch is None else await self._ground.reports.progress(batch)


def _phrase(count: int, words: str) -> str:
    if words.startswith("hat "):
        return f"{german_number(count)} {words if count == 1 else words.replace('hat ', 'haben ', 1)}"
    return f"{german_number(count)} nicht zugestellt ({words})"


def _state(to: Addressee, row: Delivery | None) -> Sent | None:
    """What became of a message, also where its recipient is erased; None: nobody knows (yet)."""
    return Sent(row.state) if row is not None else Sent(to.outcome) if to.outcome else None


async def keep_outcomes(session: AsyncSession, announcement_id: int) -> None:
    """Keep with each recipient what became of the message: who is erased later is still counted rightly."""
    became = (
        select(Delivery.state)
        .where(
            Delivery.what == what(announcement_id),
            Delivery.recipient == Addressee.chat_id,
            Delivery.occasion == "sent",
        )
        .scalar_subquery()
    )
    mine = (Addressee.announcement_id == announcement_id, Addressee.chat_id.is_not(None))
    await session.execute(update(Addressee).where(*mine).values(outcome=became))


def reason(said: str | None) -> str:
    """Why a message did not arrive, in German where it is known what Telegram's words mean."""
    folded = (said or "").casefold()
    return next(
        (german for words, german in _REASONS.items() if words in folded), f"Telegram: {said}" if said else "unbekannt"
    )


def _local(moment: dt.datetime | None, zone: dt.tzinfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M") if moment else ""
