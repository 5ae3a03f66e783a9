"""Working groups in chat: the list, a card, following, reading back, QR code, what leads and the office change."""

from telegram import InlineKeyboardButton, InputFile, Update

from bot.content.reading import show_payload
from bot.delivery.quiet import Mode
from bot.groups.callbacks import Verb, button
from bot.groups.desk import Desk, OnPress, Screen, person_id
from bot.groups.errors import GroupExistsError
from bot.groups.founding import ABOUT_LIMIT, NAME_LIMIT
from bot.groups.models import WorkingGroup
from bot.groups.service import Card
from bot.groups.wording import GROUP_LINK, NEWS_LINK
from bot.members.dialogues import Open
from bot.members.errors import MembersError, OddValueError
from bot.members.qr import qr_png
from bot.rendering import plain_text, shorten
from bot.telegram import Context, Press, is_private, reply

MODES = (Mode.AT_ONCE, Mode.DAILY, Mode.WEEKLY)
MODE_NAMES = {Mode.AT_ONCE: "sofort", Mode.DAILY: "täglich", Mode.WEEKLY: "wöchentlich"}
FOUND, FOUND_ABOUT, DESCRIBE = "groups.found", "groups.found_about", "groups.describe"
RENAME = "groups.rename"
FOLLOWED, LEFT = "Abonniert.", "Abbestellt."


class GroupsScreens:
    """Handlers about working groups themselves."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.presses: dict[Verb, OnPress] = {
            Verb.LIST: self._list,
            Verb.CARD: self._card,
            Verb.FOLLOW: self._follow,
            Verb.LEAVE: self._leave,
            Verb.MODE: self._mode,
            Verb.RECENT: self._recent,
            Verb.READ: self._read,
            Verb.QR: self._qr,
            Verb.MANAGE: self._manage,
            Verb.DESCRIBE: self._describe,
            Verb.RENAME: self._rename,
            Verb.FOUND: self._found,
            Verb.END: self._end,
        }
        self.answers = {
            FOUND: self.named,
            FOUND_ABOUT: self.founded,
            DESCRIBE: self.described,
            RENAME: self.renamed,
        }

    # What people send ------------------------------------------------------------------------------------------------

    async def list_groups(self, update: Update, context: Context) -> None:
        """`/gruppen`: which there are, and which one follows."""
        del context
        if is_private(update):
            await self._desk.show(update, await self.list_screen(person_id(update)))
            return
        groups = await self._desk.rooms.groups.all()
        keyboard = [[_link_button(group, self._desk)] for group in groups]
        await self._desk.say(update, "groups", keyboard, groups=groups, modes={}, names=MODE_NAMES)

    async def open_link(self, update: Update, context: Context) -> None:
        """`/start g_<key>` or `/start n_<number>`: a link or QR code."""
        payload = (context.args or [""])[0]
        try:
            if payload.startswith(GROUP_LINK):
                group = await self._desk.rooms.groups.by_key(payload.removeprefix(GROUP_LINK))
                await self._desk.show(update, await self.card_screen(person_id(update), group.id))
            elif update.effective_chat is not None:
                number = payload.removeprefix(NEWS_LINK)
                news_id = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
                item = await self._desk.rooms.news.read(person_id(update), news_id)
                payload_ = self._desk.rooms.wording.single(item.group, item.content) if item.content else None
                if payload_ is not None:
                    await show_payload(context.bot, update.effective_chat.id, payload_)
        except MembersError as error:
            await reply(update, self._desk.refusal(error), [[button("Alle Arbeitsgruppen", Verb.LIST)]])

    async def named(self, update: Update, context: Context, waits: Open) -> None:
        """The name of a new group."""
        del context, waits
        if update.effective_chat is None:
            return
        try:
            name = await self._desk.rooms.founding.check_name(person_id(update), _typed(update))
        except MembersError as error:
            await self._again(update, error, NAME_LIMIT)
            return
        await self._desk.members.dialogues.begin(update.effective_chat.id, FOUND_ABOUT, {"name": name})
        await self._desk.say(update, "found_about", name=name)

    async def founded(self, update: Update, context: Context, waits: Open) -> None:
        """What a new group does."""
        del context
        try:
            group = await self._desk.rooms.founding.add(person_id(update), str(waits.data["name"]), _typed(update))
        except GroupExistsError as error:  # somebody else was faster: another name is needed first
            if update.effective_chat is not None:
                await self._desk.members.dialogues.begin(update.effective_chat.id, FOUND)
            await self._again(update, error, NAME_LIMIT)
            return
        except MembersError as error:
            await self._again(update, error, ABOUT_LIMIT)
            return
        await self._end_dialogue(update)
        await self._desk.show(update, await self.card_screen(person_id(update), group.id))

    async def described(self, update: Update, context: Context, waits: Open) -> None:
        """Another description."""
        del context
        try:
            group = await self._desk.rooms.founding.describe(
                person_id(update), int(waits.data["group"]), about=_typed(update)
            )
        except MembersError as error:
            await self._again(update, error, ABOUT_LIMIT)
            return
        await self._end_dialogue(update)
        await self._desk.show(update, await self.card_screen(person_id(update), group.id))

    async def renamed(self, update: Update, context: Context, waits: Open) -> None:
        """Another name."""
        del context
        try:
            group = await self._desk.rooms.founding.describe(
                person_id(update), int(waits.data["group"]), name=_typed(update)
            )
        except MembersError as error:
            await self._again(update, error, NAME_LIMIT)
            return
        await self._end_dialogue(update)
        await self._desk.show(update, await self.card_screen(person_id(update), group.id))

    async def _again(self, update: Update, error: MembersError, limit: int) -> None:
        """Say what was wrong with what was typed; where another text would do, the dialogue waits for it."""
        if isinstance(error, OddValueError):
            await self._desk.say(update, "type_again", typed=_typed(update), limit=limit)
            return
        if not isinstance(error, GroupExistsError):  # the role or the group is gone: what they type is a question again
            await self._end_dialogue(update)
        await reply(update, self._desk.refusal(error))

    # Screens ---------------------------------------------------------------------------------------------------------

    async def list_screen(self, person: int | None) -> Screen:
        """All groups."""
        groups = await self._desk.rooms.groups.all()
        modes = await self._desk.rooms.groups.followed(person) if person else {}
        profile = await self._desk.members.members.profile(person) if person else None
        rows = [[button(f"{group.short}{' ✓' if group.id in modes else ''}", Verb.CARD, group.id)] for group in groups]
        if modes:
            rows.append([button("Wann ich schreibe", Verb.SETTINGS)])
        if profile is not None and profile.is_office:
            rows.append([button("Arbeitsgruppe gründen", Verb.FOUND)])
        return Screen(self._desk.render("groups", groups=groups, modes=modes, names=MODE_NAMES), rows)

    async def card_screen(self, person: int | None, group_id: int) -> Screen:
        """One group.

        Raises:
            UnknownGroupError: There is none.
        """
        card = await self._desk.rooms.groups.card(person, group_id)
        meeting = await self._desk.find_meeting(card.group.key)
        entry = self._desk.rooms.wording.deep_link(f"e_{card.group.entry_id}") if card.group.entry_id else None
        html = self._desk.render("group", card=card, meeting=meeting, entry=entry, names=MODE_NAMES)
        return Screen(html, self._card_rows(card, meeting.callback_data if meeting and card.is_member else None))

    def _card_rows(self, card: Card, meeting: str | None) -> list[list[InlineKeyboardButton]]:
        number = card.group.id
        rows: list[list[InlineKeyboardButton]] = []
        if card.mode is None:
            rows.append([button("Abonnieren", Verb.FOLLOW, number)])
        else:
            rows.append(
                [
                    button(f"{MODE_NAMES[mode]}{' ✓' if mode is card.mode else ''}", Verb.MODE, number, place, 1)
                    for place, mode in enumerate(MODES)
                ]
            )
        if meeting is not None:
            rows.append([InlineKeyboardButton("Nächstes Treffen", callback_data=meeting)])
        rows.append([button("Neuigkeiten lesen", Verb.RECENT, number), button("QR-Code", Verb.QR, number)])
        if card.may_lead:
            rows.append([button("Nachricht schreiben", Verb.COMPOSE, number), button("Verwalten", Verb.MANAGE, number)])
        if card.mode is not None:
            rows.append([button("Abbestellen", Verb.LEAVE, number)])
        rows.append([button("‹ Alle Arbeitsgruppen", Verb.LIST)])
        return rows

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _list(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        del numbers
        await self._desk.turn(press, await self.list_screen(person_id(press.update)))
        return None

    async def _card(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        await self._desk.turn(press, await self.card_screen(person_id(press.update), *numbers))
        return None

    async def _follow(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        fresh = await self._desk.rooms.groups.follow(person_id(press.update), numbers[0])
        await self._card(press, numbers)
        return FOLLOWED if fresh else None

    async def _leave(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        gone = await self._desk.rooms.groups.leave(person_id(press.update), *numbers)
        await self._card(press, numbers)
        return LEFT if gone else None

    async def _mode(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        group_id, place, _ = numbers
        person = person_id(press.update)
        if await self._desk.rooms.groups.follow(person, group_id, MODES[place]) and person is not None:
            await self._desk.rooms.outgoing.replan(person)
        await self._card(press, (group_id,))
        return None

    async def _recent(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        (group_id,) = numbers
        card = await self._desk.rooms.groups.card(person_id(press.update), group_id)
        found = await self._desk.rooms.news.recent(person_id(press.update), group_id)
        shown = [(item, shorten(item.content.plain, 160) if item.content else "") for item in found]
        rows = [[button(str(place), Verb.READ, item.id) for place, item in enumerate(found, start=1)]]
        rows.append([button("‹ Zurück", Verb.CARD, group_id)])
        await self._desk.turn(press, Screen(self._desk.render("recent", group=card.group, shown=shown), rows))
        return None

    async def _read(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        item = await self._desk.rooms.news.read(person_id(press.update), numbers[0])
        if item.content is not None:
            await show_payload(press.bot, press.chat_id, self._desk.rooms.wording.single(item.group, item.content))
        return None

    async def _qr(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        card = await self._desk.rooms.groups.card(person_id(press.update), *numbers)
        link = self._desk.rooms.wording.group_link(card.group)
        picture = InputFile(qr_png(link), f"{card.group.key}.png")
        caption = self._desk.render("qr", group=card.group, link=link)
        await press.bot.send_photo(press.chat_id, picture, caption=caption, parse_mode="HTML")
        return None

    async def _manage(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        card = await self._desk.rooms.groups.card(person_id(press.update), *numbers)
        if not card.may_lead:
            return plain_text(self._desk.render("refused", code="not_allowed", about="", contact=self._desk.contact))
        number = card.group.id
        rows = [
            [button("Feeds", Verb.FEEDS, number), button("Verknüpfte Chats", Verb.CHATS, number)],
            *map(list, self._desk.more.manage(card.group.key)),
            [button("Beschreibung ändern", Verb.DESCRIBE, number)],
        ]
        if card.is_office:
            rows.append([button("Umbenennen", Verb.RENAME, number), button("Beenden", Verb.END, number)])
        rows.append([button("‹ Zurück", Verb.CARD, number)])
        await self._desk.turn(press, Screen(self._desk.render("manage", card=card), rows))
        return None

    async def _describe(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        card = await self._desk.rooms.groups.card(person_id(press.update), *numbers)
        if not card.may_lead or not is_private(press.update):
            return plain_text(self._desk.render("refused", code="not_allowed", about="", contact=self._desk.contact))
        await self._desk.members.dialogues.begin(press.chat_id, DESCRIBE, {"group": card.group.id})
        await self._desk.say(press.update, "describe", group=card.group)
        return None

    async def _rename(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        card = await self._desk.rooms.groups.card(person_id(press.update), *numbers)
        if not card.is_office or not is_private(press.update):
            return plain_text(self._desk.render("refused", code="not_allowed", about="", contact=self._desk.contact))
        await self._desk.members.dialogues.begin(press.chat_id, RENAME, {"group": card.group.id})
        await self._desk.say(press.update, "rename", group=card.group)
        return None

    async def _found(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        del numbers
        profile = await self._desk.members.members.profile(person_id(press.update) or 0)
        if not profile.is_office or not is_private(press.update):
            return plain_text(self._desk.render("refused", code="not_allowed", about="", contact=self._desk.contact))
        await self._desk.members.dialogues.begin(press.chat_id, FOUND)
        await self._desk.say(press.update, "found")
        return None

    async def _end(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        group_id, *really = numbers
        card = await self._desk.rooms.groups.card(person_id(press.update), group_id)
        if not really:
            rows = [[button("Wirklich beenden", Verb.END, group_id, 1), button("‹ Zurück", Verb.MANAGE, group_id)]]
            await self._desk.turn(press, Screen(self._desk.render("end", card=card), rows))
            return None
        for lead in await self._desk.rooms.founding.end(person_id(press.update), group_id):
            await self._desk.show_commands(press.bot, await self._desk.members.members.profile(lead))
        return await self._list(press, ())

    async def _end_dialogue(self, update: Update) -> None:
        if update.effective_chat is not None:
            await self._desk.members.dialogues.end(update.effective_chat.id)


def _typed(update: Update) -> str:
    return (update.message.text or update.message.caption or "").strip() if update.message else ""


def _link_button(group: WorkingGroup, desk: Desk) -> InlineKeyboardButton:
    return InlineKeyboardButton(group.short, url=desk.rooms.wording.group_link(group))
