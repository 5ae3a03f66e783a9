"""Releasing in chat: a test to colleagues, now or at a time, a second person, and the way back."""

import datetime as dt
from collections.abc import Mapping

from telegram import Update

from bot.announcements.callbacks import Verb
from bot.announcements.compose_chat import ComposeChat
from bot.announcements.desk import Desk, OnPress, Screen, button, person_id, typed
from bot.announcements.errors import ChangedError, DoubtError
from bot.announcements.kinds import OPEN, Doubt, State
from bot.announcements.releasing import Released
from bot.announcements.screens import BACK, LAST_MINUTE, Doubts, Screens, moment_of
from bot.announcements.shared import what
from bot.announcements.wording import Reader
from bot.callbacks import OddButtonError
from bot.dates.outcome import DateQuestion
from bot.dates.outcome import Doubt as Unclear
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Text
from bot.delivery.pushes import Content as Says
from bot.delivery.pushes import Push
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.screens import Answer
from bot.telegram import Context, Press

TEST_KEPT = dt.timedelta(days=1)
"""A test that could not be sent for so long is of no use any more."""
WHEN, UNTIL = "announcements.when", "announcements.until"
ON_ITS_WAY, ASKED, TESTED = "Geht hinaus.", "Zur Freigabe gegeben.", "Test ist unterwegs."
MEANWHILE = "Das hat sich inzwischen geändert; so steht es jetzt."


class ReleaseChat:
    """Handlers about letting announcements go out."""

    def __init__(self, desk: Desk, screens: Screens, compose: ComposeChat) -> None:
        self._desk = desk
        self._screens = screens
        self._compose = compose
        self.presses: dict[Verb, OnPress] = {
            Verb.TEST: self._test,
            Verb.TEST_TO: self._test_to,
            Verb.WHEN: self._when,
            Verb.UNTIL: self._until,
            Verb.SEND: self._send,
            Verb.HOLD: self._hold,
        }
        self.answers: Mapping[str, Answer] = {WHEN: self.timed, UNTIL: self.limited}

    # What people send ------------------------------------------------------------------------------------------------

    async def timed(self, update: Update, context: Context, waits: Open) -> None:
        """When it is to go out."""
        number, version = int(waits.data["announcement"]), int(waits.data["version"])
        outcome = self._desk.dates.read(typed(update))
        if isinstance(outcome, DateQuestion):
            missing = outcome.doubt is Unclear.NO_TIME
            await self._desk.say(update, "when_unclear", question=outcome, missing=missing)
            return
        actor = person_id(update)
        try:
            released = await self._desk.rooms.releasing.release(actor, number, version, outcome.start)
        except DoubtError as error:
            await self._desk.end_dialogue(update)
            item = await self._desk.rooms.drafts.item(actor, number)
            doubts = Doubts(error.doubts, error.personal, error.again, outcome.start)
            await self._desk.show(update, await self._screens.control(actor, item, doubts))
            return
        except MembersError as error:
            await self._desk.refuse(update, error)
            if isinstance(error, ChangedError):
                await self._compose.show_preview(update, context, await self._desk.rooms.drafts.item(actor, number))
            return
        await self._desk.end_dialogue(update)
        await self._tell(update, released)
        shown = await self._desk.show(update, await self._screens.stand(actor, released.item))
        if shown is not None and update.effective_chat is not None and not released.asked:
            await self._desk.rooms.releasing.follow(number, update.effective_chat.id, shown.message_id)

    async def limited(self, update: Update, context: Context, waits: Open) -> None:
        """Until when it may arrive."""
        outcome = self._desk.dates.read(typed(update))
        if isinstance(outcome, DateQuestion):
            await self._desk.say(update, "when_unclear", question=outcome, missing=outcome.doubt is Unclear.NO_TIME)
            return
        try:
            item = await self._desk.rooms.drafts.set_not_after(
                person_id(update), int(waits.data["announcement"]), outcome.start
            )
        except MembersError as error:
            await self._desk.refuse(update, error)
            return
        await self._desk.end_dialogue(update)
        await self._compose.show_preview(update, context, item)

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _test(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.item(person_id(press.update), *numbers)
        office = await self._desk.members.members.office()
        profiles = await self._desk.members.members.profiles(office)
        rows = [
            [button(profile.name, Verb.TEST_TO, item.id, profile.id)]
            for profile in sorted(profiles.values(), key=lambda each: each.name)
        ]
        rows.append([button(BACK, Verb.SHOW, item.id)])
        await self._desk.turn(press, Screen(self._desk.render("test"), rows))
        return None

    async def _test_to(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, to = numbers
        actor = await self._desk.members.members.actor(person_id(press.update))
        item = await self._desk.rooms.drafts.item(actor.id, number)
        self._desk.rooms.ground.wording.check(item.body)
        profile = await self._desk.members.members.profile(to)
        if not profile.is_office:
            return self._desk.render("no_colleague")
        reader = Reader(profile.name, profile.town or "")
        payload = self._desk.rooms.ground.wording.payload(item.body, item.id, reader)
        about = Text(html=self._desk.render("tested", by=actor.name), silent=True)
        now = self._desk.clock.now()
        for place, says in enumerate((payload, about)):
            push = Push(
                what=f"{what(number)}:test",
                occasion=f"{item.row.version}:{press.message_id}:{place}",
                chat_id=to,
                content=Says(says),
                priority=Priority.URGENT,
                not_after=now.replace(microsecond=0) + TEST_KEPT,
            )
            await self._desk.rooms.ground.outbox.enqueue(push)
        return TESTED

    async def _when(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.open_item(person_id(press.update), *numbers)
        await self._desk.ask(press.update, WHEN, item.id, "when", version=item.row.version)
        return None

    async def _until(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.drafts.open_item(person_id(press.update), *numbers)
        await self._desk.ask(press.update, UNTIL, item.id, "until")
        return None

    async def _send(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        number, version, answered, shown, *minute = numbers
        if shown >= len(OPEN) or any(each > LAST_MINUTE for each in minute):
            raise OddButtonError(press.query.data)
        at = moment_of(minute[0]) if minute else None
        actor = person_id(press.update)
        try:
            released = await self._desk.rooms.releasing.release(
                actor,
                number,
                version,
                at,
                answered=Doubt(answered & int(Doubt.PERSONAL | Doubt.AGAIN)),
                seen=OPEN[shown],
                live=(press.chat_id, press.message_id),
            )
        except DoubtError as error:
            item = await self._desk.rooms.drafts.item(actor, number)
            doubts = Doubts(error.doubts, error.personal, error.again, at)
            await self._desk.turn(press, await self._screens.control(actor, item, doubts))
            return None
        await self._tell(press.update, released)
        if released.item.state is State.SCHEDULED and released.fresh:
            await self._desk.rooms.outgoing.work()
        item = await self._screens.turn(press, number)
        if not released.fresh:
            return None if item.state is OPEN[shown] else MEANWHILE
        return ASKED if released.asked else ON_ITS_WAY if item.state is not State.SCHEDULED else None

    async def _hold(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        actor = person_id(press.update)
        item = await self._desk.rooms.releasing.hold(actor, *numbers)
        await self._desk.turn(press, await self._screens.stand(actor, item))
        return None

    async def _tell(self, update: Update, released: Released) -> None:
        if released.asked and released.fresh:
            actor = await self._desk.members.members.profile(person_id(update) or 0)
            await self._desk.rooms.notices.asked(released, actor.name)
        elif released.fresh:
            await self._desk.rooms.notices.released(released.item, person_id(update))
