"""The screens of announcements: the list, how one stands and what can be done with it, its report."""

import datetime as dt

from telegram import InlineKeyboardButton

from bot.announcements.callbacks import Verb
from bot.announcements.desk import Desk, Screen, button, person_id
from bot.announcements.kinds import OPEN, Doubt, Skip, State
from bot.announcements.notices import title
from bot.announcements.pace import Pace, measure
from bot.announcements.reporting import Report
from bot.announcements.service import LISTED
from bot.announcements.shared import Item
from bot.delivery.kinds import State as Sent
from bot.telegram import Keyboard, Press

MARKS = {State.DRAFT: "✏️", State.WAITING: "⏳", State.SCHEDULED: "🕐", State.SENDING: "▶️", State.WITHDRAWN: "↩️"}
BACK = "‹ Zurück"
LAST_MINUTE = 4_000_000_000
"""A button names no later moment."""


class Screens:
    """Makes screens."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def listing(self, actor_id: int | None, page: int = 0) -> Screen:
        """Announcements: what waits for somebody first, then what went out."""
        items = await self._desk.rooms.drafts.all(actor_id, page)
        rows = [[button(f"{MARKS.get(item.state, '✓')} {title(item)}", Verb.SHOW, item.id)] for item in items[:LISTED]]
        turns = [button("‹ Neuere", Verb.LIST, page - 1)] if page else []
        if len(items) > LISTED:
            turns.append(button("Ältere ›", Verb.LIST, page + 1))
        return Screen(self._desk.render("list", items=items, page=page), [*rows, turns])

    async def stand(self, actor_id: int | None, item: Item, doubts: "Doubts | None" = None) -> Screen:
        """How an announcement stands, whatever it is at."""
        if item.state in OPEN:
            return await self.control(actor_id, item, doubts)
        return await self.running(item)

    async def turn(self, press: Press, number: int) -> Item:
        """Show in the pressed message how an announcement stands; returns it.

        A sending may end while that is made: then once more, or what is over would be shown as going on for good.
        """
        actor = person_id(press.update)
        item = await self._desk.rooms.drafts.item(actor, number)
        while True:
            await self._desk.turn(press, await self.stand(actor, item))
            now = await self._desk.rooms.drafts.item(actor, number)
            if (now.state, now.row.finished_at) == (item.state, item.row.finished_at):
                return now
            item = now

    async def control(self, actor_id: int | None, item: Item, doubts: "Doubts | None" = None) -> Screen:
        """What is not out yet: who gets it and what can be done."""
        outlook = await self._desk.rooms.drafts.outlook(actor_id, item)
        html = self._desk.render(
            "control",
            item=item,
            title=title(item),
            State=State,
            outlook=outlook,
            audience=await self._desk.rooms.drafts.describe(item.audience),
            doubts=doubts,
            unknown=item.body.unknown_placeholders,
        )
        number = item.id
        keyboard: Keyboard = []
        if outlook.anybody and not item.body.empty:
            keyboard.append(_send_row(item, doubts, mine=await self._desk.rooms.releasing.waits_for(actor_id, item)))
        keyboard += [
            [
                button("Empfänger ändern" if outlook.anybody else "Empfänger wählen", Verb.AUDIENCE, number, 0),
                *([button("Empfänger ansehen", Verb.TOWNS, number)] if outlook.anybody else []),
            ],
            [button("Ändern", Verb.EDIT, number), button("Schaltflächen, Frage …", Verb.EXTRAS, number)],
            [button("Vorschau", Verb.PREVIEW, number), button("Test an Kolleg:innen", Verb.TEST, number)],
        ]
        if item.state is not State.DRAFT:
            keyboard.append([button("Nicht senden", Verb.HOLD, number)])
        keyboard.append([button("Verwerfen", Verb.DISCARD, number), button("Alle Ankündigungen", Verb.LIST)])
        return Screen(html, keyboard)

    async def running(self, item: Item) -> Screen:
        """How far the sending is, as long as there is something to send; then what became of it."""
        if item.state in (State.SENDING, State.SENT):
            pace = await measure(self._desk.rooms.ground, item)
            if item.state is State.SENDING or (pace is not None and not pace.progress.finished):
                return self._live(item, pace)
        return self.report(await self._desk.rooms.reporting.of(item))

    def _live(self, item: Item, pace: Pace | None) -> Screen:
        html = self._desk.render("live", item=item, title=title(item), pace=pace, Sent=Sent)
        number = item.id
        held = pace is not None and pace.progress.paused_at is not None
        first = [button("Weiter", Verb.RESUME, number)] if held else [button("Anhalten", Verb.PAUSE, number)]
        keyboard: Keyboard = [
            [*first, button("Stopp", Verb.STOP, number)],
            *_proposal_row(item),
            [button("Korrigieren", Verb.CORRECT, number), button("Zurückziehen", Verb.WITHDRAW, number)],
            [button("Bericht", Verb.REPORT, number), button("Aktualisieren", Verb.SHOW, number)],
        ]
        return Screen(html, keyboard)

    def report(self, report: Report) -> Screen:
        """What became of it."""
        item, number = report.item, report.item.id
        html = self.report_words(report)
        keyboard: Keyboard = _proposal_row(item)
        if item.state is State.SENT and report.count(Sent.FAILED):
            keyboard.append([button("Nur Fehlgeschlagene erneut", Verb.RETRY, number)])
        keyboard.append([button("Liste als CSV", Verb.CSV, number), button("Diagramm", Verb.CHART, number)])
        if item.state is not State.WITHDRAWN:
            keyboard.append(
                [button("Korrigieren", Verb.CORRECT, number), button("Zurückziehen", Verb.WITHDRAW, number)]
            )
        last = [button("Kopieren", Verb.COPY, number)]
        if item.state is State.SENT and self._desk.rooms.ground.knows_recipients(item):
            last.append(button("Auch an Neue senden", Verb.LATE, number))
        keyboard += [last, [button("Aktualisieren", Verb.REPORT, number), button("Alle Ankündigungen", Verb.LIST)]]
        return Screen(html, keyboard)

    def report_words(self, report: Report) -> str:
        """The report as a message."""
        return self._desk.render(
            "report", report=report, item=report.item, title=title(report.item), Sent=Sent, Skip=Skip, State=State
        )


class Doubts:
    """What is asked back before a release.

    Args:
        doubts: What is doubtful.
        personal: What personal data the text seems to carry.
        again: How many got the same text within a day.
        at: For which moment it was wanted.
    """

    def __init__(self, doubts: Doubt, personal: tuple[str, ...], again: int, at: dt.datetime | None = None) -> None:
        self.doubts = doubts
        self.personal = personal
        self.again = again
        self.at = at


def moment_of(minute: int) -> dt.datetime:
    """A planned moment, from what a button carries."""
    return dt.datetime.fromtimestamp(minute * 60, dt.UTC)


def _proposal_row(item: Item) -> Keyboard:
    return [[button("Korrektur ansehen", Verb.PROPOSED, item.id)]] if item.row.proposal is not None else []


def _send_row(item: Item, doubts: Doubts | None, *, mine: bool) -> list[InlineKeyboardButton]:
    """What lets it go out; whoever waits for a second person (`mine`) can only name another moment."""
    planned = [int(doubts.at.timestamp()) // 60] if doubts is not None and doubts.at is not None else []
    if doubts is not None:
        does = "planen" if planned else "freigeben" if item.state is State.WAITING else "senden"
        answered, label = int(doubts.doubts), f"Trotzdem {does}"
    else:
        urgent = "Dringend senden" if item.body.urgent is not None else "Jetzt senden"
        answered, label = 0, "Freigeben" if item.state is State.WAITING else urgent
    when = "Anderer Zeitpunkt" if item.row.release_at else "Zeitpunkt wählen"
    shown = OPEN.index(item.state)
    send = (
        []
        if mine and doubts is None
        else [button(label, Verb.SEND, item.id, item.row.version, answered, shown, *planned)]
    )
    return [*send, button(when, Verb.WHEN, item.id)]
