"""Feeds in chat: which ones a group follows, adding and removing, drafts or straight out."""

from telegram import Update

from bot.groups.callbacks import Verb, button
from bot.groups.desk import Desk, OnPress, Screen, person_id
from bot.members.dialogues import Open
from bot.members.errors import MembersError, NotAllowedError
from bot.rendering import shorten
from bot.telegram import Context, Press, is_private, reply

ADD = "groups.feed"


class FeedsChat:
    """Handlers about feeds."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.presses: dict[Verb, OnPress] = {
            Verb.FEEDS: self._list,
            Verb.FEED_ADD: self._add,
            Verb.FEED_DIRECT: self._direct,
            Verb.FEED_REMOVE: self._remove,
        }
        self.answers = {ADD: self.added}

    async def added(self, update: Update, context: Context, waits: Open) -> None:
        """A feed's address."""
        del context
        if update.effective_chat is None or update.message is None:
            return
        group_id = int(waits.data["group"])
        try:
            await self._desk.rooms.feeds.add(person_id(update), group_id, (update.message.text or "").strip())
            screen = await self._screen(person_id(update), group_id)
        except MembersError as error:
            await reply(update, f"{self._desk.refusal(error)}\nDoch nicht: /abbrechen")
            return
        await self._desk.members.dialogues.end(update.effective_chat.id)
        await self._desk.show(update, screen)

    async def _list(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.turn(press, await self._screen(person_id(press.update), *numbers))
        return None

    async def _add(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.rooms.feeds.of(person_id(press.update), *numbers)  # refuses who may not
        if not is_private(press.update):
            return self._desk.note(NotAllowedError())
        await self._desk.members.dialogues.begin(press.chat_id, ADD, {"group": numbers[0]})
        await self._desk.say(press.update, "feed_add")
        return None

    async def _direct(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        feed_id, direct = numbers
        feed = await self._desk.rooms.feeds.set_direct(person_id(press.update), feed_id, direct=bool(direct))
        return await self._list(press, (feed.group_id,))

    async def _remove(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        feed_id, *really = numbers
        if not really:
            feed = await self._desk.rooms.feeds.one(person_id(press.update), feed_id)
            rows = [
                [
                    button("Wirklich entfernen", Verb.FEED_REMOVE, feed_id, 1),
                    button("‹ Zurück", Verb.FEEDS, feed.group_id),
                ]
            ]
            html = self._desk.render("feed_remove", title=shorten(feed.title, 80))
            await self._desk.turn(press, Screen(html, rows))
            return None
        feed = await self._desk.rooms.feeds.remove(person_id(press.update), feed_id)
        return await self._list(press, (feed.group_id,))

    async def _screen(self, person: int | None, group_id: int) -> Screen:
        feeds = await self._desk.rooms.feeds.of(person, group_id)
        card = await self._desk.rooms.groups.card(person, group_id)
        rows = []
        for place, feed in enumerate(feeds, start=1):
            turn = "als Entwurf" if feed.direct else "direkt senden"
            rows.append(
                [
                    button(f"{place}: {turn}", Verb.FEED_DIRECT, feed.id, int(not feed.direct)),
                    button(f"{place} entfernen", Verb.FEED_REMOVE, feed.id),
                ]
            )
        rows.append([button("Feed hinzufügen", Verb.FEED_ADD, group_id)])
        rows.append([button("‹ Zurück", Verb.MANAGE, group_id)])
        shown = [(feed, shorten(feed.title, 80)) for feed in feeds]
        return Screen(self._desk.render("feeds", group=card.group, shown=shown), rows)
