"""What this room pushes, by the one way out: requests to the office, decisions to those who asked."""

import datetime as dt
from collections.abc import Mapping

from bot.clock import Clock
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Button, Text
from bot.delivery.pushes import Content, Push
from bot.delivery.quiet import next_allowed
from bot.delivery.service import Outbox
from bot.members.callbacks import Verb, encode
from bot.members.joining import Request, about_request
from bot.members.profiles import Profile
from bot.members.roles import ROLE_NAMES
from bot.members.rooms import MembersRooms
from bot.rendering import Messages
from bot.telegram import Keyboard

ROLE = "role"
"""What the outbox calls messages about somebody's role."""
KEEP_TRYING = dt.timedelta(days=14)
"""A notice that could not be sent for so long is of no use any more."""


class Notices:
    """Queues this room's messages."""

    def __init__(
        self, rooms: MembersRooms, messages: Messages, outbox: Outbox, clock: Clock, next_rows: Keyboard
    ) -> None:
        self._rooms = rooms
        self._messages = messages
        self._outbox = outbox
        self._clock = clock
        self._next = tuple(
            tuple(Button(text=key.text, callback_data=str(key.callback_data)) for key in row) for row in next_rows
        )

    async def requested(self, request: Request) -> None:
        """Tell the office, when it suits each of them, that somebody asks to become a member."""
        now = self._clock.now()
        buttons = (
            (
                Button(text="Aufnehmen", callback_data=encode(Verb.ADMIT, request.id)),
                Button(text="Ablehnen", callback_data=encode(Verb.DECLINE, request.id)),
            ),
        )
        payload = Text(html=self._messages.render("request", request=request), buttons=buttons)
        office = await self._rooms.members.office()
        times = await self._rooms.push_times.of_many(office)
        for person_id in office:
            push = Push(
                what=about_request(request.id),
                occasion="asked",
                chat_id=person_id,
                content=Content(payload),
                priority=Priority.NEWS,
                not_before=next_allowed(times[person_id], now),
                not_after=now + KEEP_TRYING,
            )
            await self._outbox.enqueue(push)

    async def decided(self, request: Request) -> None:
        """Tell who asked: they wait for it, so at once. What the office was asked and has not got is taken back."""
        html = self._messages.render("decided", request=request)
        push = Push(
            what=about_request(request.id),
            occasion=request.state,
            chat_id=request.person.id,
            content=Content(Text(html=html, buttons=self._next if request.state == "admitted" else ())),
            priority=Priority.URGENT,
            not_after=self._clock.now() + KEEP_TRYING,
        )
        await self._outbox.cancel(about_request(request.id), "asked")
        await self._outbox.enqueue(push)

    async def changed(self, before: Profile, after: Profile, groups: Mapping[str, str]) -> None:
        """Tell somebody what the office has changed about their role and about the working groups that they lead.

        Args:
            before: Who they were.
            after: Who they are now.
            groups: Titles of the working groups, by key.
        """
        if after.kept_role is not before.kept_role:
            await self.role_changed(after)
        for key in sorted(before.leads ^ after.leads):
            await self.lead_changed(after, key, groups.get(key, key), leads=key in after.leads)

    async def role_changed(self, person: Profile) -> None:
        """Tell somebody, when it suits them, what the office made them."""
        html = self._messages.render("role_changed", role=person.role, name=ROLE_NAMES[person.role])
        await self._outbox.cancel(ROLE, recipient=person.id)
        await self._tell(person, ROLE, person.role, html)

    async def lead_changed(self, person: Profile, key: str, group: str, *, leads: bool) -> None:
        """Likewise that they lead a working group, or no more; a notice that is not sent yet is enough to take back."""
        about = f"lead:{key}"
        if not await self._outbox.cancel(about, recipient=person.id):
            html = self._messages.render("lead_changed", group=group, leads=leads)
            await self._tell(person, about, "on" if leads else "off", html)

    async def _tell(self, person: Profile, about: str, occasion: str, html: str) -> None:
        if person.suspended or person.unreachable_at is not None:
            return
        now = self._clock.now()
        push = Push(
            what=about,
            occasion=f"{occasion}:{now:%Y%m%dT%H%M%S}",
            chat_id=person.id,
            content=Content(Text(html=html)),
            priority=Priority.NEWS,
            not_before=next_allowed(await self._rooms.push_times.of(person.id), now),
            not_after=now + KEEP_TRYING,
        )
        await self._outbox.enqueue(push)
