"""What this room pushes, by the one way out: requests to the office, decisions to those who asked."""

import datetime as dt

from bot.clock import Clock
from bot.delivery.kinds import Priority
from bot.delivery.payloads import Button, Text
from bot.delivery.pushes import Content, Push
from bot.delivery.quiet import next_allowed
from bot.delivery.service import Outbox
from bot.members.callbacks import Verb, encode
from bot.members.joining import Request, about_request
from bot.members.rooms import MembersRooms
from bot.rendering import Messages

KEEP_TRYING = dt.timedelta(days=14)
"""A notice that could not be sent for so long is of no use any more."""


class Notices:
    """Queues this room's messages."""

    def __init__(self, rooms: MembersRooms, messages: Messages, outbox: Outbox, clock: Clock) -> None:
        self._rooms = rooms
        self._messages = messages
        self._outbox = outbox
        self._clock = clock

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
            content=Content(Text(html=html)),
            priority=Priority.URGENT,
            not_after=self._clock.now() + KEEP_TRYING,
        )
        await self._outbox.cancel(about_request(request.id), "asked")
        await self._outbox.enqueue(push)
