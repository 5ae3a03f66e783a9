"""Replying in chat: the buttons of an invitation; and for those who plan, who comes, as list, chart and CSV."""

import csv
import io

from telegram import InputFile

from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import ANSWER_WORDS, Card
from bot.meetings.change_chat import FIELD
from bot.meetings.charts import draw_replies
from bot.meetings.desk import Desk, OnPress, person_id, show
from bot.meetings.errors import MeetingsError
from bot.meetings.ics import invitation
from bot.meetings.kinds import Answer, Before
from bot.meetings.notices import FILE_NAME
from bot.meetings.replies import csv_rows
from bot.meetings.views import calendar_event
from bot.telegram import Press

_LEADS = (
    (Before.TWO_WEEKS, "2 Wochen vorher"),
    (Before.WEEK, "7 Tage vorher"),
    (Before.THREE_DAYS, "3 Tage vorher"),
    (Before.DAY, "1 Tag vorher"),
    (Before.THREE_HOURS, "3 Stunden vorher"),
    (Before.HOUR, "1 Stunde vorher"),
)
_ALL_BITS = sum(int(each) for each in Before)
MOST_DEPUTIES = 12


class ReplyChat:
    """The handlers for replies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.OPEN: self._open,
            Verb.YES: self._answer,
            Verb.NO: self._answer,
            Verb.MAYBE: self._answer,
            Verb.DEPUTIES: self._deputies,
            Verb.DEPUTY: self._deputy,
            Verb.FILE: self._file,
            Verb.REMIND: self._remind,
            Verb.REMIND_SET: self._remind_set,
            Verb.REPLIES: self._replies,
            Verb.CSV: self._csv,
            Verb.CHART: self._chart,
            Verb.NUDGE: self._nudge,
        }

    # Those who are invited -------------------------------------------------------------------------------------------

    async def _open(self, press: Press, wish: Wish) -> str | None:
        meeting, reply = await self._desk.replies.mine(person_id(press.update), wish.number(0))
        card = self._desk.cards.meeting(meeting, reply)
        try:
            await self._desk.planning.get(person_id(press.update), meeting.id)
        except MeetingsError:
            rows = card.rows
        else:
            rows = (*card.rows, (button("Antworten ansehen", Verb.REPLIES, meeting.id),))
        await show(press, Card(card.html, (*rows, (button("‹ Termine", Verb.LIST, 0, 0),))))
        return None

    async def _answer(self, press: Press, wish: Wish) -> str | None:
        answer = {Verb.YES: Answer.YES, Verb.NO: Answer.NO, Verb.MAYBE: Answer.MAYBE}[wish.verb]
        done = await self._desk.replies.answer(person_id(press.update), wish.number(0), answer)
        if not done.fresh:
            return None
        await show(press, self._desk.cards.meeting(done.meeting, done.reply))
        return "Alle Plätze sind vergeben: Sie stehen auf der Warteliste." if done.reply.waiting else "Danke, notiert."

    async def _deputies(self, press: Press, wish: Wish) -> str | None:
        actor, meeting_id = person_id(press.update), wish.number(0)
        found = await self._desk.replies.possible_deputies(actor, meeting_id)
        rows = tuple((button(each.name, Verb.DEPUTY, meeting_id, each.id),) for each in found[:MOST_DEPUTIES])
        back = ((button("‹ Zurück", Verb.OPEN, meeting_id),),)
        html = self._desk.cards.messages.render("deputies", found=len(found))
        await show(press, Card(html, (*rows, *back)))
        return None

    async def _deputy(self, press: Press, wish: Wish) -> str | None:
        done = await self._desk.replies.name_deputy(person_id(press.update), wish.number(0), wish.number(1))
        await show(press, self._desk.cards.meeting(done.meeting, done.reply))
        return "Notiert; die Einladung geht an Ihre Vertretung." if done.fresh else None

    async def _file(self, press: Press, wish: Wish) -> str | None:
        meeting, _ = await self._desk.replies.mine(person_id(press.update), wish.number(0))
        chat = press.update.effective_chat
        if chat is not None:
            content = invitation(calendar_event(meeting))
            await chat.send_document(InputFile(content, filename=FILE_NAME), caption=meeting.title[:200])
        return None

    async def _remind(self, press: Press, wish: Wish) -> str | None:
        chosen = await self._desk.reminders.choice(person_id(press.update) or 0, wish.number(0))
        await show(press, self._remind_card(wish.number(0), chosen))
        return None

    async def _remind_set(self, press: Press, wish: Wish) -> str | None:
        chosen = Before(wish.number(1) & _ALL_BITS)
        await self._desk.reminders.choose(person_id(press.update), chosen, wish.number(0))
        await show(press, self._remind_card(wish.number(0), chosen))
        return None

    def _remind_card(self, meeting_id: int, chosen: Before) -> Card:
        rows = tuple(
            (button(f"{'✓ ' if chosen & each else ''}{label}", Verb.REMIND_SET, meeting_id, int(chosen ^ each)),)
            for each, label in _LEADS
        )
        back = button("‹ Zurück", Verb.OPEN, meeting_id) if meeting_id else button("‹ Termine", Verb.LIST, 0, 0)
        return Card(self._desk.cards.messages.render("remind", general=not meeting_id), (*rows, (back,)))

    # Those who plan --------------------------------------------------------------------------------------------------

    async def _replies(self, press: Press, wish: Wish) -> str | None:
        waits = await self._desk.dialogues.current(press.chat_id)
        asked = waits.data if waits is not None and waits.kind == FIELD else {}
        if asked.get("field") == "cancel" and asked.get("meeting") == wish.number(0):
            await self._desk.dialogues.end(press.chat_id)  # „Doch nicht“: what is typed next is no reason
        overview = await self._desk.replies.overview(person_id(press.update), wish.number(0))
        await show(press, self._desk.cards.replies(overview))
        return None

    async def _csv(self, press: Press, wish: Wish) -> str | None:
        overview = await self._desk.replies.overview(person_id(press.update), wish.number(0))
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(csv_rows(overview, ANSWER_WORDS))
        chat = press.update.effective_chat
        if chat is not None:
            name = f"antworten-{overview.meeting.start:%Y-%m-%d}.csv"
            await chat.send_document(InputFile(text.getvalue().encode("utf-8-sig"), filename=name))
        return None

    async def _chart(self, press: Press, wish: Wish) -> str | None:
        overview = await self._desk.replies.overview(person_id(press.update), wish.number(0))
        picture = await draw_replies(overview)
        name = f"antworten-{overview.meeting.start:%Y-%m-%d}.png"
        await press.bot.send_photo(press.chat_id, InputFile(picture, filename=name))
        return None

    async def _nudge(self, press: Press, wish: Wish) -> str | None:
        count = await self._desk.replies.nudge(person_id(press.update), wish.number(0))
        if not count:
            return "Alle haben schon geantwortet."
        return f"{count} Personen ohne Antwort werden erinnert." if count != 1 else "1 Person wird erinnert."
