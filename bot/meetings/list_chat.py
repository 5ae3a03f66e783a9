"""`/termine`: what is coming and what was, the private calendar; and what comes after a meeting."""

from typing import Any

from telegram import Update
from telegram.constants import ChatType

from bot.delivery.payloads import Buttons
from bot.meetings.callbacks import Verb, Wish, button
from bot.meetings.cards import Card, short_label
from bot.meetings.desk import Desk, OnPress, message_text, person_id, send, show
from bot.meetings.listing import PAGE, Which
from bot.members.dialogues import Open
from bot.telegram import Context, Press, is_private

MINUTES = "meetings.minutes"
ATTENDANCE_PAGE = 8
TABS = ((Which.MINE, "Meine"), (Which.ALL, "Alle"), (Which.MONTH, "Nächste 31 Tage"), (Which.PAST, "Vergangene"))


class ListChat:
    """The handlers for lists, private calendars and minutes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """What its buttons do."""
        return {
            Verb.LIST: self._list,
            Verb.FEED: self._feed,
            Verb.MINUTES: self._minutes,
            Verb.MINUTES_SEND: self._minutes_send,
            Verb.ATTEND: self._attend,
            Verb.ATTEND_SET: self._attend_set,
        }

    async def command(self, update: Update, context: Context) -> None:
        """`/termine`: what is coming; private calendars and replies only in private."""
        del context
        if is_private(update):
            await send(update, await self._card(person_id(update), Which.MINE, 0))
            return
        listed = await self._desk.listing.page(person_id(update), Which.ALL, 0)
        html = self._render("termine", which=Which.ALL.name, listed=listed.meetings, total=listed.total, words=[])
        await send(update, Card(html))

    async def _list(self, press: Press, wish: Wish) -> str | None:
        if wish.number(0) not in set(Which):
            return self._render("outdated")
        if press.update.effective_chat is None or press.update.effective_chat.type != ChatType.PRIVATE:
            return None
        await show(press, await self._card(person_id(press.update), Which(wish.number(0)), wish.number(1)))
        return None

    async def _card(self, actor: int | None, which: Which, page: int) -> Card:
        listed = await self._desk.listing.page(actor, which, page)
        words = [self._desk.cards.answer_words(reply) for _, reply in listed.meetings]
        html = self._render("termine", which=which.name, listed=listed.meetings, total=listed.total, words=words)
        rows = [(button(short_label(meeting), Verb.OPEN, meeting.id),) for meeting, _ in listed.meetings]
        turning = []
        if page:
            turning.append(button("‹ Zurück", Verb.LIST, which, page - 1))
        if (page + 1) * PAGE < listed.total:
            turning.append(button("Weiter ›", Verb.LIST, which, page + 1))
        tabs = [button(label, Verb.LIST, each, 0) for each, label in TABS if each is not which]
        foot = (button("Kalender abonnieren", Verb.FEED, 0), button("Erinnerungen", Verb.REMIND, 0))
        return Card(html, tuple(row for row in (*rows, tuple(turning), tuple(tabs), foot) if row))

    async def _feed(self, press: Press, wish: Wish) -> str | None:
        actor = person_id(press.update)
        if self._desk.public_url is None:
            await show(press, Card(self._render("feed", link=None, gone=False), _BACK))
            return None
        if wish.number(0) == 2:
            await self._desk.listing.revoke_link(actor)
            renew: Buttons = ((button("Neuen Link machen", Verb.FEED, 1),), *_BACK)
            await show(press, Card(self._render("feed", link=None, gone=True), renew))
            return None
        token = await self._desk.listing.link(actor, anew=wish.number(0) == 1)
        link = f"{self._desk.public_url}/kalender/{token}.ics"
        rows = ((button("Link erneuern", Verb.FEED, 1), button("Link zurückziehen", Verb.FEED, 2)), *_BACK)
        await show(press, Card(self._render("feed", link=link, gone=False), rows))
        return None

    # Afterwards ------------------------------------------------------------------------------------------------------

    async def _minutes(self, press: Press, wish: Wish) -> str | None:
        meeting = await self._desk.planning.get(person_id(press.update), wish.number(0))
        await self._desk.dialogues.begin(press.chat_id, MINUTES, {"meeting": meeting.id})
        await send(press.update, Card(self._render("ask_minutes", meeting=meeting)))
        return None

    async def told(self, update: Update, context: Context, waits: Open) -> None:
        """The minutes' text, or a document for them."""
        del context
        actor, meeting_id = person_id(update), int(waits.data["meeting"])
        document = update.message.document if update.message else None
        if document is not None:
            await self._desk.minutes.add_paper(
                actor, meeting_id, document.file_id, document.file_unique_id, document.file_name or "", of_minutes=True
            )
        elif text := message_text(update):
            await self._desk.minutes.write(actor, meeting_id, text)
        else:
            await self._desk.say(update, "only_text")
            return
        meeting = await self._desk.planning.get(actor, meeting_id)
        papers = await self._desk.listing.papers(actor, meeting_id, of_minutes=True)
        rows = (
            (button("An alle, die zugesagt haben", Verb.MINUTES_SEND, meeting_id, 0),),
            (button("An alle Eingeladenen", Verb.MINUTES_SEND, meeting_id, 1),),
        )
        await send(update, Card(self._render("minutes_ready", meeting=meeting, papers=papers), rows))

    async def _minutes_send(self, press: Press, wish: Wish) -> str | None:
        to_all = wish.number(1) == 1
        meeting, fresh = await self._desk.minutes.send(person_id(press.update), wish.number(0), to_all=to_all)
        await self._desk.dialogues.end(press.chat_id)
        if fresh:
            await show(press, Card(self._render("minutes_sent", meeting=meeting)))
        return None

    async def _attend(self, press: Press, wish: Wish) -> str | None:
        await show(press, await self._attendance(person_id(press.update), wish.number(0), wish.number(1)))
        return None

    async def _attend_set(self, press: Press, wish: Wish) -> str | None:
        meeting_id, person, came, page = (wish.number(place) for place in range(4))
        await self._desk.minutes.tick(person_id(press.update), meeting_id, person, attended=came == 1)
        await show(press, await self._attendance(person_id(press.update), meeting_id, page))
        return None

    async def _attendance(self, actor: int | None, meeting_id: int, page: int) -> Card:
        overview = await self._desk.replies.overview(actor, meeting_id)
        lines = overview.lines[page * ATTENDANCE_PAGE : (page + 1) * ATTENDANCE_PAGE]
        rows = [
            (
                button(
                    f"{'✓ ' if line.attended else ''}{line.name}",
                    Verb.ATTEND_SET,
                    meeting_id,
                    line.person_id,
                    0 if line.attended else 1,
                    page,
                ),
            )
            for line in lines
        ]
        turning = []
        if page:
            turning.append(button("‹ Zurück", Verb.ATTEND, meeting_id, page - 1))
        if (page + 1) * ATTENDANCE_PAGE < len(overview.lines):
            turning.append(button("Weiter ›", Verb.ATTEND, meeting_id, page + 1))
        came = sum(1 for line in overview.lines if line.attended)
        html = self._render("attendance", meeting=overview.meeting, came=came)
        foot = (button("Antworten", Verb.REPLIES, meeting_id),)
        return Card(html, tuple(row for row in (*rows, tuple(turning), foot) if row))

    def _render(self, template: str, **values: Any) -> str:
        return self._desk.cards.messages.render(template, **values)


_BACK = ((button("‹ Termine", Verb.LIST, 0, 0),),)
