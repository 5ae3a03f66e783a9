"""Becoming a member in chat: an invitation's link, a request, and the office's answer to it."""

from telegram import InlineKeyboardButton, Update
from telegram.ext import ApplicationHandlerStop, BaseHandler, CommandHandler, filters

from bot.members.callbacks import Verb, button
from bot.members.errors import MembersError
from bot.members.gate import ASKS_IN, INVITED
from bot.members.joining import Request
from bot.members.notices import Notices
from bot.members.screens import Desk, OnPress, newcomer, person_id
from bot.members.town_chat import Picked, Purpose, Typed, ask_town
from bot.rendering import shorten
from bot.telegram import Context, Press, replace, reply


class JoiningChat:
    """The handlers."""

    def __init__(self, desk: Desk, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices

    def handlers(self) -> list[BaseHandler[Update, Context, None]]:
        """To be added in a handler group before other rooms' `/start`."""
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        return [CommandHandler("start", self.start, filters=private, has_args=1)]

    def presses(self) -> dict[Verb, OnPress]:
        """The buttons of this part."""
        return {
            Verb.ASK_IN: self._ask_in,
            Verb.OWN_TOWN: self._ask_own_town,
            Verb.ADMIT: self._admit,
            Verb.DECLINE: self._decline,
            Verb.REQUESTS: self._list,
        }

    def picked(self) -> dict[Purpose, Picked]:
        """Who takes a picked town."""
        return {Purpose.OWN: self._own_town, Purpose.REQUEST: self._request_from}

    def typed(self) -> dict[Purpose, Typed]:
        """Who takes a town that the list lacks."""
        return {Purpose.REQUEST: self._request_from_typed}

    async def start(self, update: Update, context: Context) -> None:
        """`/start i_<token>`: an invitation; `/start beitritt`: a wish to become a member. All else is others'.

        Raises:
            ApplicationHandlerStop: It was one of these.
        """
        payload = (context.args or [""])[0]
        if payload == ASKS_IN:
            await self._begin_request(update)
        elif payload.startswith(INVITED):
            await self._accept(update, context, payload.removeprefix(INVITED))
        else:
            return
        raise ApplicationHandlerStop

    async def _accept(self, update: Update, context: Context, token: str) -> None:
        try:
            joined = await self._desk.rooms.joining.accept(token, newcomer(update))
        except MembersError as error:
            await reply(update, self._desk.refusal(error), [[button("Mitgliedschaft anfragen", Verb.ASK_IN)]])
            return
        await self._desk.say(update, "joined", person=joined.profile, fresh=joined.fresh)
        if joined.fresh:
            await self._desk.show_commands(context.bot, joined.profile)
        if joined.profile.town_id is None:
            await ask_town(self._desk, update, Purpose.OWN)
        else:
            await self._desk.greet(update, context)

    async def _ask_in(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await self._begin_request(press.update)
        return None

    async def _ask_own_town(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        await self._desk.rooms.members.actor(person_id(press.update))
        await ask_town(self._desk, press.update, Purpose.OWN)
        return None

    async def _begin_request(self, update: Update) -> None:
        profile = await self._desk.rooms.members.profile(newcomer(update).id)
        if profile.suspended:
            await self._desk.say(update, "suspended", contact=self._desk.contact)
        elif profile.is_member:
            await self._desk.say(update, "member_already")
        elif (waiting := await self._desk.rooms.joining.waiting(profile.id)) is not None:
            await self._desk.say(update, "requested", request=waiting)
        else:
            await ask_town(self._desk, update, Purpose.REQUEST)

    async def _own_town(self, press: Press, town_id: int, more: tuple[int, ...]) -> str | None:
        del more
        actor = person_id(press.update)
        profile = await self._desk.rooms.members.set_town(actor, actor or 0, town_id)
        await replace(press, self._desk.messages.render("own_town", person=profile), self._desk.next_rows)
        return None

    async def _request_from(self, press: Press, town_id: int, more: tuple[int, ...]) -> str | None:
        del more
        request, fresh = await self._desk.rooms.joining.request(newcomer(press.update), town_id)
        await replace(press, self._desk.messages.render("requested", request=request))
        if fresh:
            await self._notices.requested(request)
        return None

    async def _request_from_typed(self, update: Update, typed: str) -> None:
        request, fresh = await self._desk.rooms.joining.request(newcomer(update), town_text=typed)
        await self._desk.say(update, "requested", request=request)
        if fresh:
            await self._notices.requested(request)

    # The office ------------------------------------------------------------------------------------------------------

    async def _list(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del numbers, text
        requests = await self._desk.rooms.joining.requests(person_id(press.update))
        if not requests:
            await replace(press, self._desk.messages.render("no_requests"), [_back()])
            return None
        await self._show(press, requests[0], len(requests))
        return None

    async def _show(self, press: Press, request: Request, total: int) -> None:
        html = self._desk.messages.render("request", request=request, total=total)
        decide = [button("Aufnehmen", Verb.ADMIT, request.id, 1), button("Ablehnen", Verb.DECLINE, request.id, 1)]
        await replace(press, html, [decide, _back()])

    async def _admit(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        return await self._decide(press, numbers, admit=True)

    async def _decline(self, press: Press, numbers: tuple[int, ...], text: str) -> str | None:
        del text
        return await self._decide(press, numbers, admit=False)

    async def _decide(self, press: Press, numbers: tuple[int, ...], *, admit: bool) -> str | None:
        request_id, *listed = numbers
        request, fresh = await self._desk.rooms.joining.decide(person_id(press.update), request_id, admit=admit)
        keyboard = [[button("Nächste Anfrage", Verb.REQUESTS)]] if listed else []
        if request.state == "admitted" and request.typed and request.person.town_id is None:
            label = shorten(f"„{request.town}“ anlegen und zuordnen", 60)
            keyboard.insert(0, [button(label, Verb.TOWN_NEW, request.id)])
        html = self._desk.messages.render("request_settled", request=request, fresh=fresh)
        await replace(press, html, keyboard)
        if fresh:
            await self._notices.decided(request)
        return None


def _back() -> list[InlineKeyboardButton]:
    return [button("‹ Mitglieder", Verb.LIST, 0, 0)]
