"""CSV in chat: files out, and a file in after a look at what it would do."""

from io import BytesIO

from telegram import Update

from bot.members.callbacks import Verb, button
from bot.members.csv_files import SIZE_LIMIT, UnreadableError, write_csv
from bot.members.dialogues import Open
from bot.members.errors import MembersError
from bot.members.exchange import Exchange, plan_from_json, plan_to_json
from bot.members.gate import INVITED
from bot.members.notices import Notices
from bot.members.roles import Role
from bot.members.screens import Answer, Desk, OnPress, person_id
from bot.rendering import plain_text
from bot.telegram import Context, Press, replace, reply

KIND = "members.csv"


class ExchangeChat:
    """The handlers."""

    def __init__(self, desk: Desk, exchange: Exchange, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices
        self._exchange = exchange

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {Verb.EXPORT: self._export, Verb.IMPORT: self._ask, Verb.IMPORT_DO: self._do, Verb.GIVE_UP: self._leave}

    def answers(self) -> dict[str, Answer]:
        """The file that is waited for."""
        return {KIND: self._read}

    async def _export(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        actor = person_id(press.update)
        if numbers[0]:
            content, name = await self._exchange.towns_csv(actor), "staedte.csv"
        else:
            content, name = await self._exchange.members_csv(actor, self._desk.following), "mitglieder.csv"
        await press.bot.send_document(press.chat_id, BytesIO(content), filename=name)
        return None

    async def _ask(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await self._desk.rooms.members.actor(person_id(press.update), Role.COORDINATOR)
        await self._desk.rooms.dialogues.begin(press.chat_id, KIND)
        await self._desk.say(press.update, "ask_csv")
        return None

    async def _read(self, update: Update, context: Context, waits: Open) -> None:
        del context, waits
        message = update.message
        if message is None or update.effective_chat is None:
            return
        if message.document is None:
            await self._desk.say(update, "csv_unreadable", why="no_file")
            return
        if (message.document.file_size or 0) > SIZE_LIMIT:
            await self._desk.say(update, "csv_unreadable", why="size")
            return
        file = await message.document.get_file()
        content = bytes(await file.download_as_bytearray())
        try:
            groups = await self._desk.groups()
            plan = await self._exchange.plan(person_id(update), content, groups, self._desk.following)
        except UnreadableError as error:
            await self._desk.say(update, "csv_unreadable", why=error.why)
            return
        except MembersError as error:  # they lost the role meanwhile: what they send is a question again
            await self._desk.rooms.dialogues.end(update.effective_chat.id)
            await reply(update, self._desk.refusal(error))
            return
        html = self._desk.messages.render(
            "csv_preview",
            kind=plan.kind,
            rows=plan.rows,
            problems=plan.problems,
            changes=len(plan.members) - plan.invitations,
            invitations=plan.invitations,
        )
        rows = []
        if not plan.problems:
            await self._desk.rooms.dialogues.begin(update.effective_chat.id, KIND, {"plan": plan_to_json(plan)})
            rows = [[button("Übernehmen", Verb.IMPORT_DO), button("Verwerfen", Verb.GIVE_UP)]]
        await reply(update, html, rows)

    async def _do(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        waits = await self._desk.rooms.dialogues.current(press.chat_id)
        if waits is None or waits.kind != KIND or "plan" not in waits.data:
            await replace(press, self._desk.messages.render("csv_unreadable", why="gone"))
            return None
        plan = plan_from_json(waits.data["plan"])
        done = await self._exchange.carry_out(person_id(press.update), plan, self._desk.following)
        await self._desk.rooms.dialogues.end(press.chat_id)
        html = self._desk.messages.render(
            "csv_done",
            kind=plan.kind,
            added=done.added,
            changed=done.changed,
            failed=[(line, plain_text(self._desk.refusal(error))) for line, error in done.failed],
        )
        await replace(press, html)
        groups = await self._desk.groups()
        for before, person in done.touched:
            await self._desk.show_commands(press.bot, person)
            if person.id != person_id(press.update):
                await self._notices.changed(before, person, groups)
        if done.links:
            root = f"https://t.me/{press.bot.username}?start={INVITED}"
            rows = [(name, town, role, f"{root}{token}") for name, town, role, token in done.links]
            content = write_csv(("Name", "Stadt", "Rolle", "Link"), rows)
            caption = self._desk.messages.render("csv_links")
            await press.bot.send_document(press.chat_id, BytesIO(content), filename="einladungen.csv", caption=caption)
        return None

    async def _leave(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await self._desk.rooms.dialogues.end(press.chat_id)
        await replace(press, self._desk.messages.render("kept"))
        return None
