"""What this capability gives to the whole. It stands before all others: it opens the door and keeps the dialogues."""

import datetime as dt
from collections.abc import Sequence

from bot.bell import Ring
from bot.delivery.dispatcher import Hooks
from bot.delivery.kinds import Unreachable
from bot.delivery.own_data import KEEP_CONTENTS, KEEP_RECIPIENTS, DeliveryData
from bot.house import House, Room
from bot.members.callbacks import Verb, button
from bot.members.chat import MembersChat
from bot.members.demo import seed
from bot.members.following import Following
from bot.members.notices import Notices
from bot.members.own_data import KEEP_CHANGES, KEEP_DECIDED, OwnData
from bot.members.privacy import Privacy
from bot.members.screens import Desk, Greeting, GroupNames
from bot.telegram import Keyboard

FORGET_AT = dt.time(3, 30)
"""When what was kept long enough is forgotten, on the people's clock."""


def own_town_rows() -> Keyboard:
    """Below `/einstellungen`: where somebody comes from."""
    return [[button("Meine Stadt", Verb.OWN_TOWN)]]


class MembersRoom:
    """Who somebody is, how they come in, and what is kept about them.

    Args:
        house: What it is built with.
        others: All other rooms.
        groups: The working groups.
        following: Who follows them.
        greet: What `/start` says to members.
        contact: How to reach the office.
        next_rows: Where somebody goes on who has just joined.
    """

    def __init__(
        self,
        house: House,
        others: Sequence[Room],
        *,
        groups: GroupNames,
        following: Following,
        greet: Greeting,
        contact: str,
        next_rows: Keyboard,
    ) -> None:
        messages = house.messages("bot.members")
        statement = messages.render("statement", days=KEEP_DECIDED.days, changes_years=KEEP_CHANGES.days // 365)
        own = OwnData(house.members.profiles, house.members.members, house.outbox, statement)
        sent = DeliveryData(
            house.outbox,
            messages.render("statement_delivery", days=KEEP_CONTENTS.days, recipient_days=KEEP_RECIPIENTS.days),
        )
        self.privacy = Privacy(
            house.database, house.clock, [own, *(part for room in others for part in room.personal), sent]
        )
        desk = Desk(
            rooms=house.members,
            messages=messages,
            outbox=house.outbox,
            privacy=self.privacy,
            groups=groups,
            following=following,
            greet=greet,
            contact=contact,
            show_commands=house.commands.show,
            next_rows=next_rows,
        )
        notices = Notices(house.members, messages, house.outbox, house.clock, next_rows)
        chat = MembersChat(desk, notices, house.members.exchange)
        self._house, self._members = house, house.members
        self.room = Room(
            "members",
            handlers=chat.handlers(),
            first=chat.first({kind: answer for room in others for kind, answer in room.answers.items()}),
            commands=chat.COMMANDS,
            personal=[own],
            hooks=Hooks(unreachable=self._mark_unreachable),
            rings=[Ring("members.forget", self.privacy.forget, daily=FORGET_AT)],
            prepare=self._prepare,
        )

    async def _prepare(self) -> None:
        await self._members.towns.ship()
        if self._house.settings.demo_members is not None:
            await seed(self._house.database, self._house.clock, self._house.settings.demo_members)

    async def _mark_unreachable(self, chat_id: int, why: Unreachable) -> None:
        await self._members.members.mark_unreachable(chat_id, why)
