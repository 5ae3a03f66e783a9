"""`/einladen`: an invitation is put together on one screen, and comes as a link and as a QR code."""

import datetime as dt

from telegram import InlineKeyboardButton, Update
from telegram.constants import ParseMode
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.callbacks import OddButtonError
from bot.members.callbacks import Verb, button
from bot.members.errors import MembersError
from bot.members.gate import INVITED
from bot.members.models import Invitation
from bot.members.qr import qr_png
from bot.members.roles import INVITED_ROLES, ROLE_NAMES, Role, may_give
from bot.members.screens import Desk, OnPress, person_id
from bot.members.town_chat import Picked, Purpose, ask_town
from bot.telegram import Context, Keyboard, Press, is_private, markup, replace, reply

USES = (1, 5, 25, 100, 0)
"""How many people; 0: any number."""
DAYS = (14, 30, 90, 1, 7)
SHOWN = 8
"""Open invitations on one screen."""
FIRST = (0, 0, USES[0], DAYS[0])
"""Town (0: who joins picks), index of the role, uses, days."""

Draft = tuple[int, int, int, int]


class InviteChat:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """The command."""
        return [CommandHandler("einladen", self.begin, filters=filters.UpdateType.MESSAGE)]

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {
            Verb.DRAFT: self._draft,
            Verb.DRAFT_TOWN: self._ask_town,
            Verb.INVITE: self._invite,
            Verb.INVITATIONS: self._list,
            Verb.SHOW_INVITATION: self._show,
            Verb.REVOKE: self._revoke,
        }

    def picked(self) -> dict[Purpose, Picked]:
        """Who takes a picked town."""
        return {Purpose.INVITATION: self._picked_town}

    async def begin(self, update: Update, context: Context) -> None:
        """`/einladen`."""
        del context
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        try:
            html, keyboard = await self._screen(update, FIRST)
        except MembersError as error:
            await reply(update, self._desk.refusal(error))
            return
        await reply(update, html, keyboard)

    async def _draft(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        await replace(press, *await self._screen(press.update, _read(numbers)))
        return None

    async def _ask_town(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        await self._desk.rooms.members.actor(person_id(press.update), Role.COORDINATOR)
        _, role, uses, days = _read(numbers)
        await ask_town(self._desk, press.update, Purpose.INVITATION, role, uses, days)
        return None

    async def _picked_town(self, press: Press, town_id: int, more: tuple[int, ...]) -> str | None:
        await replace(press, *await self._screen(press.update, _read((town_id, *more))))
        return None

    async def _invite(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        town, role, uses, days = _read(numbers)
        if days > 366:
            raise OddButtonError
        invitation, fresh = await self._desk.rooms.joining.invite(
            person_id(press.update),
            role=INVITED_ROLES[role],
            town_id=town or None,
            most_uses=uses or None,
            valid=dt.timedelta(days=days),
            occasion=f"{press.chat_id}:{press.message_id}:{'.'.join(map(str, numbers))}",
        )
        if fresh:
            await self._send(press, invitation)
        return None

    async def _list(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        found = await self._desk.rooms.joining.invitations(person_id(press.update))
        page = min(numbers[0] if numbers else 0, max(len(found) - 1, 0) // SHOWN)
        start = page * SHOWN
        shown = found[start : start + SHOWN]
        lines = [await self._line(invitation) for invitation in shown]
        rows = [
            [
                button(f"{number} zeigen", Verb.SHOW_INVITATION, invitation.id),
                button(f"{number} zurückziehen", Verb.REVOKE, invitation.id, 1),
            ]
            for number, invitation in enumerate(shown, start=start + 1)
        ]
        turning = []
        if page:
            turning.append(button("‹ Neuere", Verb.INVITATIONS, page - 1))
        if start + SHOWN < len(found):
            turning.append(button("Ältere ›", Verb.INVITATIONS, page + 1))
        rows += [turning, [button("‹ Neue Einladung", Verb.DRAFT, *FIRST)]]
        html = self._desk.messages.render("invitations", lines=lines, total=len(found), start=start)
        await replace(press, html, rows)
        return None

    async def _show(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        found = await self._desk.rooms.joining.invitations(person_id(press.update))
        invitation = next((each for each in found if each.id == numbers[0]), None)
        if invitation is None:
            return self._desk.messages.render("invitation_gone")
        await self._send(press, invitation)
        return None

    async def _revoke(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        invitation_id, *listed = numbers
        await self._desk.rooms.joining.revoke(person_id(press.update), invitation_id)
        if listed:
            return await self._list(press, (), text)
        await press.bot.edit_message_caption(
            press.chat_id,
            press.message_id,
            caption=self._desk.messages.render("invitation_revoked"),
            parse_mode=ParseMode.HTML,
        )
        return None

    async def _screen(self, update: Update, draft: Draft) -> tuple[str, Keyboard]:
        actor = await self._desk.rooms.members.actor(person_id(update), Role.COORDINATOR)
        town, role, uses, days = draft
        name = (await self._desk.rooms.towns.get(town)).name if town else None
        html = self._desk.messages.render(
            "invite", town=name, role=ROLE_NAMES[INVITED_ROLES[role]], uses=uses, days=days
        )
        towns = [button("Stadt wählen", Verb.DRAFT_TOWN, *draft)]
        if town:
            towns.append(button("Stadt offen lassen", Verb.DRAFT, 0, role, uses, days))
        roles = [index for index, each in enumerate(INVITED_ROLES) if may_give(actor.role, each)]
        rows = [towns]
        if len(roles) > 1:
            rows.append([_role_button(index, role, draft) for index in roles])
        more, longer = _next(USES, uses), _next(DAYS, days)
        rows += [
            [
                button(_uses_label(more), Verb.DRAFT, town, role, more, days),
                button(_days_label(longer), Verb.DRAFT, town, role, uses, longer),
            ],
            [button("Link und QR-Code erstellen", Verb.INVITE, *draft)],
            [button("Offene Einladungen", Verb.INVITATIONS)],
        ]
        return html, rows

    async def _send(self, press: Press, invitation: Invitation) -> None:
        link = f"https://t.me/{press.bot.username}?start={INVITED}{invitation.token}"
        line = await self._line(invitation)
        await press.bot.send_photo(
            press.chat_id,
            qr_png(link),
            caption=self._desk.messages.render("invitation", link=link, line=line),
            filename="einladung.png",
            parse_mode=ParseMode.HTML,
            reply_markup=markup([[button("Zurückziehen", Verb.REVOKE, invitation.id)]]),
        )

    async def _line(self, invitation: Invitation) -> dict[str, object]:
        town = await self._desk.rooms.towns.get(invitation.town_id) if invitation.town_id else None
        left = None if invitation.most_uses is None else invitation.most_uses - invitation.uses
        return {
            "role": ROLE_NAMES[Role(invitation.role)],
            "town": town.name if town else None,
            "left": left,
            "uses": invitation.uses,
            "until": invitation.expires_at,
        }


def _read(numbers: tuple[int, ...]) -> Draft:
    """A draft from a button; what cannot be one is replaced, the service checks the rest."""
    town, role, uses, days = numbers
    return town, role if role < len(INVITED_ROLES) else 0, uses, days


def _next(values: tuple[int, ...], value: int) -> int:
    return values[(values.index(value) + 1) % len(values)] if value in values else values[0]


def _uses_label(uses: int) -> str:
    return "Für 1 Person" if uses == 1 else f"Für {uses} Personen" if uses else "Für beliebig viele"


def _days_label(days: int) -> str:
    return "1 Tag gültig" if days == 1 else f"{days} Tage gültig"


def _role_button(index: int, chosen: int, draft: Draft) -> InlineKeyboardButton:
    town, _, uses, days = draft
    name = ROLE_NAMES[INVITED_ROLES[index]]
    return button(f"{name} ✓" if index == chosen else name, Verb.DRAFT, town, index, uses, days)
