"""What news look like to those who write them: the message itself, how it stands, and what can be done with it."""

from telegram import InlineKeyboardButton, Update

from bot.content.kept import Content
from bot.content.reading import show_payload
from bot.delivery.kinds import State
from bot.groups.callbacks import Verb, button
from bot.groups.desk import Desk, Screen, person_id
from bot.groups.news import Item
from bot.members.errors import MembersError
from bot.members.personal import looks_personal
from bot.rendering import shorten
from bot.telegram import Context, Press, reply

CORRECT = "groups.correct"
"""The dialogue in which other words for what went out are typed and looked at."""
TITLE = 40
_NOTHING = "(ohne Text)"
_KINDS = {
    "photo": "Bild",
    "video": "Film",
    "animation": "Film",
    "document": "Dokument",
    "audio": "Tonaufnahme",
    "voice": "Tonaufnahme",
}


class NewsScreens:
    """Shows an item of news."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def preview(self, update: Update, with_bot: Context | Press, item: Item) -> None:
        """The message exactly as the followers will see it, and below it what can be done."""
        if update.effective_chat is None:
            return
        if item.content is not None:
            payload = self._desk.rooms.wording.single(item.group, item.content)
            await show_payload(with_bot.bot, update.effective_chat.id, payload)
        await self._desk.show(update, await self.control(item, below=True))

    async def correction(self, update: Update, with_bot: Context | Press, news_id: int, content: Content) -> None:
        """Other words for what went out, as they would be everywhere, and the question whether they shall."""
        chat = update.effective_chat
        if chat is None:
            return
        try:
            item = await self._desk.rooms.news.corrected(person_id(update), news_id, content)
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        new = item.content or content
        data = {"news": item.id, "html": new.html, "link_preview": new.link_preview}
        await self._desk.members.dialogues.begin(chat.id, CORRECT, data)
        await show_payload(with_bot.bot, chat.id, self._desk.rooms.wording.single(item.group, new))
        rows = [[button("Überall so ändern", Verb.APPLY, item.id), button("Doch nicht", Verb.NEWS, item.id)]]
        await self._desk.say(update, "correct_preview", rows, personal=looks_personal(new.plain))

    async def control(self, item: Item, *, below: bool = False) -> Screen:
        """How an item stands, and what can be done with it.

        Args:
            item: The item.
            below: Whether the message itself is right above.
        """
        audience = progress = changes = None
        later = 0
        if item.news.state in ("draft", "scheduled"):
            audience = await self._desk.rooms.news.audience(item)
        else:
            progress = await self._desk.rooms.outgoing.progress(item.id)
            changes = await self._desk.rooms.outgoing.changes(item)
            later = await self._desk.rooms.outgoing.later(item.id)
        html = self._desk.render(
            "control",
            item=item,
            title=title(item),
            below=below,
            audience=audience,
            progress=progress,
            later=later,
            changes=changes,
            State=State,
        )
        rows = _rows(item)
        if not below and item.news.state in ("draft", "scheduled"):
            rows.insert(0, [button("Vorschau", Verb.PREVIEW, item.id)])
        if progress is not None and progress.paused_at is not None:
            rows.insert(0, [button("Weiter senden", Verb.RESUME, item.id)])
        elif progress is not None and progress.counts[State.FAILED] and item.news.state == "sent":
            rows.insert(0, [button("Nur Fehlgeschlagene erneut", Verb.RETRY, item.id)])
        return Screen(html, rows)


def mark(item: Item) -> str:
    """How an item stands, in a list."""
    return {"draft": "✏️", "scheduled": "🕐"}.get(item.news.state, "✓")


def title(item: Item) -> str:
    """How an item is called: how it begins, or what it is."""
    if item.content is None:
        return _NOTHING
    if item.content.plain:
        return shorten(item.content.plain, TITLE)
    return "Album" if len(item.content.items) > 1 else _KINDS.get(item.content.items[0].type, _NOTHING)


def _rows(item: Item) -> list[list[InlineKeyboardButton]]:
    news, version = item.id, item.news.version
    although = (1,) if item.personal else ()
    match item.news.state:
        case "draft":
            return [
                [
                    button("Trotzdem senden" if although else "Jetzt senden", Verb.SEND, news, version, *although),
                    button("Zeitpunkt wählen", Verb.WHEN, news, version, *although),
                ],
                [button("Ändern", Verb.EDIT, news), button("Verwerfen", Verb.DISCARD, news)],
            ]
        case "scheduled":
            return [
                [
                    button("Zeitpunkt ändern", Verb.WHEN, news, version, *although),
                    button("Noch nicht senden", Verb.HOLD, news),
                ],
                [button("Ändern", Verb.EDIT, news), button("Verwerfen", Verb.DISCARD, news)],
            ]
        case "sent":
            return [
                [button("Ändern", Verb.EDIT, news), button("Zurückziehen", Verb.WITHDRAW, news)],
                [button("Stand", Verb.NEWS, news), button("Meine Nachrichten", Verb.OWN)],
            ]
        case _:
            return [[button("Stand", Verb.NEWS, news), button("Meine Nachrichten", Verb.OWN)]]
