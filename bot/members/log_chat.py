"""The audit log in chat: read page by page, all of it or what is about one person, and as CSV."""

from io import BytesIO

from bot.callbacks import OddButtonError
from bot.members.callbacks import Verb, button
from bot.members.logbook import PAGE
from bot.members.screens import Desk, OnPress, person_id
from bot.telegram import Press, replace


class LogChat:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {Verb.LOG: self._show, Verb.LOG_CSV: self._csv}

    async def _show(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        page, *about = numbers
        if page >= 2**31:
            raise OddButtonError
        subject = about[0] if about else None
        groups = await self._desk.groups()
        found = await self._desk.rooms.logbook.read(person_id(press.update), page, subject, groups=groups)
        name = None
        if subject is not None:
            name = (await self._desk.rooms.members.profile(subject)).name or f"Kennung {subject}"
        turning = []
        if found.number:
            turning.append(button("‹ Neuere", Verb.LOG, found.number - 1, *about))
        if (found.number + 1) * PAGE < found.total:
            turning.append(button("Ältere ›", Verb.LOG, found.number + 1, *about))
        rows = [turning]
        if subject is None:
            rows += [[button("Protokoll als CSV", Verb.LOG_CSV)], [button("‹ Mitglieder", Verb.LIST, 0, 0)]]
        else:
            rows.append([button("‹ Zurück", Verb.CARD, subject)])
        await replace(press, self._desk.messages.render("log", page=found, name=name), rows)
        return None

    async def _csv(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        content = await self._desk.rooms.logbook.csv(person_id(press.update), await self._desk.groups())
        await press.bot.send_document(press.chat_id, BytesIO(content), filename="protokoll.csv")
        return None
