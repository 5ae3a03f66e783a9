"""`/mitglieder`: who is in, found by filter and search, and one member's card with what can be changed."""

import hashlib
from collections.abc import Collection

from telegram import InlineKeyboardButton, Update
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.callbacks import OddButtonError
from bot.members.callbacks import Verb, button, fit_text
from bot.members.dialogues import Open
from bot.members.errors import MembersError, UnknownGroupError
from bot.members.listing import PAGE, Which
from bot.members.logbook import action_name, details_of
from bot.members.notices import Notices
from bot.members.profiles import Profile
from bot.members.roles import KEPT_ROLES, ROLE_NAMES, Role, may_give, may_manage
from bot.members.screens import Answer, Desk, OnPress, after_command, message_text, person_id, role_name
from bot.members.town_chat import Picked, Purpose, ask_town
from bot.rendering import shorten
from bot.telegram import Context, Keyboard, Press, is_private, replace, reply

KIND = "members.search"
WHICH = list(Which)
FILTER_NAMES = {
    Which.ALL: "Alle",
    Which.LEADS: "AG-Leitung",
    Which.OFFICE: "Koordination",
    Which.WITHOUT_TOWN: "Ohne Stadt",
    Which.UNREACHABLE: "Nicht erreichbar",
    Which.SUSPENDED: "Gesperrt",
}
ROLES = list(KEPT_ROLES)


class ListChat:
    """The handlers."""

    def __init__(self, desk: Desk, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """The command."""
        return [CommandHandler("mitglieder", self.show, filters=filters.UpdateType.MESSAGE)]

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {
            Verb.LIST: self._turn,
            Verb.SEARCH: self._ask_search,
            Verb.CARD: self._card,
            Verb.CARD_TOWN: self._ask_town,
            Verb.CARD_ROLE: self._choose_role,
            Verb.SET_ROLE: self._set_role,
            Verb.CARD_LEADS: self._choose_groups,
            Verb.SET_LEAD: self._set_lead,
            Verb.CARD_GROUPS: self._choose_followed,
            Verb.SET_GROUP: self._set_followed,
            Verb.SUSPEND: self._suspend,
        }

    def picked(self) -> dict[Purpose, Picked]:
        """Who takes a picked town."""
        return {Purpose.CARD: self._picked_town}

    def answers(self) -> dict[str, Answer]:
        """What is searched for."""
        return {KIND: self._search}

    # The list --------------------------------------------------------------------------------------------------------

    async def show(self, update: Update, context: Context) -> None:
        """`/mitglieder`, or `/mitglieder <search>`."""
        del context
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        await self._show_list(update, after_command(update))

    async def _search(self, update: Update, context: Context, waits: Open) -> None:
        del context, waits
        if update.effective_chat is not None:
            await self._desk.rooms.dialogues.end(update.effective_chat.id)
        await self._show_list(update, message_text(update))

    async def _show_list(self, update: Update, query: str) -> None:
        try:
            html, keyboard = await self._list_screen(update, Which.ALL, 0, fit_text(query))
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        await reply(update, html, keyboard)

    async def _turn(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        which, page = numbers
        if which >= len(WHICH):
            raise OddButtonError
        await replace(press, *await self._list_screen(press.update, WHICH[which], page, text))
        return None

    async def _ask_search(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await self._desk.rooms.members.actor(person_id(press.update), Role.COORDINATOR)
        await self._desk.rooms.dialogues.begin(press.chat_id, KIND)
        await self._desk.say(press.update, "ask_search")
        return None

    async def _list_screen(self, update: Update, which: Which, number: int, query: str) -> tuple[str, Keyboard]:
        actor = person_id(update)
        groups = await self._desk.groups()
        page = await self._desk.rooms.listing.people(
            actor, which, query, number, following=self._desk.following, groups=groups
        )
        waiting = len(await self._desk.rooms.joining.requests(actor))
        html = self._desk.messages.render(
            "members", page=page, which=FILTER_NAMES[which], query=query, start=page.number * PAGE, roles=ROLE_NAMES
        )
        at = WHICH.index(which)
        rows = [[button(_label(person), Verb.CARD, person.id, at, page.number, text=query)] for person in page.people]
        turning = []
        if page.number:
            turning.append(button("‹ Zurück", Verb.LIST, at, page.number - 1, text=query))
        if (page.number + 1) * PAGE < page.total:
            turning.append(button("Weiter ›", Verb.LIST, at, page.number + 1, text=query))
        chips = [
            button(f"{name} ✓" if each is which else name, Verb.LIST, index, 0, text=query)
            for index, (each, name) in enumerate(FILTER_NAMES.items())
        ]
        rows += [turning, chips[:3], chips[3:]]
        looking = [button("Suchen", Verb.SEARCH)]
        if query:
            looking.append(button("Suche aufheben", Verb.LIST, at, 0))
        rows.append(looking)
        if waiting:
            rows.append([button(f"Anfragen: {waiting}", Verb.REQUESTS)])
        rows.append([button("Städte", Verb.TOWNS), button("Protokoll", Verb.LOG, 0)])
        rows.append([button("Liste als CSV", Verb.EXPORT, 0), button("Städte als CSV", Verb.EXPORT, 1)])
        rows.append([button("CSV einlesen", Verb.IMPORT)])
        return html, rows

    # One member ------------------------------------------------------------------------------------------------------

    async def _card(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        subject, *back = numbers
        await self._show_card(
            press, subject, button("‹ Zurück", Verb.LIST, *(back if len(back) == 2 else [0, 0]), text=fit_text(text))
        )
        return None

    async def _show_card(self, press: Press, subject: int, back: InlineKeyboardButton | None = None) -> None:
        actor = await self._desk.rooms.members.actor(person_id(press.update), Role.COORDINATOR)
        person, changes = await self._desk.rooms.listing.card(actor.id, subject)
        titles = await self._desk.groups()
        follows = (await self._desk.following.of_many([subject])).get(subject, {})
        html = self._desk.messages.render(
            "member",
            person=person,
            role=role_name(person),
            leads=[titles.get(key, key) for key in sorted(person.leads)],
            follows=[(titles.get(key, key), how_often) for key, how_often in follows.items()],
            changes=[(change.at, action_name(change.action), details_of(change, titles)) for change in changes[:5]],
        )
        rows: Keyboard = [[button("Stadt ändern", Verb.CARD_TOWN, subject)]]
        if may_manage(actor.role, person.role) and not person.configured:
            rows[0].append(button("Rolle ändern", Verb.CARD_ROLE, subject))
            label = "Sperre aufheben" if person.suspended else "Sperren"
            rows.append([button(label, Verb.SUSPEND, subject, int(not person.suspended))])
        if person.is_member and titles:
            groups = button("Arbeitsgruppen", Verb.CARD_GROUPS, subject)
            rows.append([groups, button("AG-Leitung", Verb.CARD_LEADS, subject)])
        if changes:
            rows.append([button("Alle Änderungen", Verb.LOG, 0, subject)])
        rows.append([back or button("‹ Mitglieder", Verb.LIST, 0, 0)])
        await replace(press, html, rows)

    async def _ask_town(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        await self._desk.rooms.members.actor(person_id(press.update), Role.COORDINATOR)
        await ask_town(self._desk, press.update, Purpose.CARD, numbers[0])
        return None

    async def _picked_town(self, press: Press, town_id: int, more: tuple[int, ...]) -> str | None:
        await self._desk.rooms.members.set_town(person_id(press.update), more[0], town_id)
        await self._show_card(press, more[0])
        return None

    async def _choose_role(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        actor = await self._desk.rooms.members.actor(person_id(press.update), Role.COORDINATOR)
        person, _ = await self._desk.rooms.listing.card(actor.id, numbers[0])
        rows = [
            [button(_role_label(role, person), Verb.SET_ROLE, person.id, index)]
            for index, role in enumerate(ROLES)
            if may_give(actor.role, role)
        ]
        rows.append([button("‹ Zurück", Verb.CARD, person.id)])
        await replace(press, self._desk.messages.render("choose_role", person=person, role=role_name(person)), rows)
        return None

    async def _set_role(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        subject, role = numbers
        if role >= len(ROLES):
            raise OddButtonError
        before = await self._desk.rooms.members.profile(subject)
        person = await self._desk.rooms.members.set_role(person_id(press.update), subject, ROLES[role])
        await self._desk.show_commands(press.bot, person)
        if person_id(press.update) != subject:
            await self._notices.changed(before, person, await self._desk.groups())
        if person_id(press.update) == subject and not person.is_office:
            await replace(press, self._desk.messages.render("role_given_up"))
            return None
        await self._show_card(press, subject)
        return None

    async def _choose_followed(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        person, _ = await self._desk.rooms.listing.card(person_id(press.update), numbers[0])
        follows = (await self._desk.following.of_many([person.id])).get(person.id, {})
        rows = await self._group_rows(person, Verb.SET_GROUP, follows)
        await replace(press, self._desk.messages.render("choose_groups", person=person), rows)
        return None

    async def _set_followed(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        subject, follows = numbers
        key = await self._group_key(text)
        await self._desk.following.change(person_id(press.update), subject, key, follows=bool(follows))
        return await self._choose_followed(press, (subject,), "")

    async def _choose_groups(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        person, _ = await self._desk.rooms.listing.card(person_id(press.update), numbers[0])
        rows = await self._group_rows(person, Verb.SET_LEAD, person.leads)
        await replace(press, self._desk.messages.render("choose_leads", person=person), rows)
        return None

    async def _set_lead(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        subject, leads = numbers
        key = await self._group_key(text)
        before = await self._desk.rooms.members.profile(subject)
        person = await self._desk.rooms.members.set_lead(person_id(press.update), subject, key, leads=bool(leads))
        await self._desk.show_commands(press.bot, person)
        if person_id(press.update) != subject:
            await self._notices.changed(before, person, await self._desk.groups())
        return await self._choose_groups(press, (subject,), "")

    async def _suspend(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        subject, suspended = numbers
        person = await self._desk.rooms.members.suspend(person_id(press.update), subject, suspended=bool(suspended))
        await self._desk.show_commands(press.bot, person)
        await self._show_card(press, subject)
        return None

    async def _group_rows(self, person: Profile, verb: Verb, chosen: Collection[str]) -> Keyboard:
        """All working groups, to be ticked and unticked."""
        rows = [
            [button(f"{title} ✓" if key in chosen else title, verb, person.id, int(key not in chosen), text=_code(key))]
            for key, title in (await self._desk.groups()).items()
        ]
        return [*rows, [button("‹ Zurück", Verb.CARD, person.id)]]

    async def _group_key(self, code: str) -> str:
        """The working group that a button names.

        Raises:
            UnknownGroupError: It is not there any more.
        """
        key = next((each for each in await self._desk.groups() if _code(each) == code), None)
        if key is None:
            raise UnknownGroupError(code)
        return key


def _code(group_key: str) -> str:
    """A short name for a working group's key, which may be too long for a button."""
    return hashlib.sha256(group_key.encode()).hexdigest()[:8]


def _label(person: Profile) -> str:
    marks = "🚫 " if person.suspended else "⚠️ " if person.unreachable_at else ""
    return shorten(f"{marks}{person.name}{' · ' + person.town if person.town else ''}", 60)


def _role_label(role: Role, person: Profile) -> str:
    name = "Mitgliedschaft beenden" if role is Role.NEWCOMER else ROLE_NAMES[role]
    return f"{name} ✓" if role is person.kept_role else name
