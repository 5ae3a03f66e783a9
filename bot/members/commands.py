"""Which commands Telegram shows to whom: everybody's as the default, the office's in each of its own chats."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from bot.logs import get_logger
from bot.members.profiles import Profile
from bot.members.roles import Role, is_office

_log = get_logger("lotse.members")


@dataclass(frozen=True)
class RoomCommands:
    """The commands of one room.

    Attributes:
        everyone: In private chats.
        groups: In groups.
        leads: Also for those who lead a working group, and for the office.
        office: Also for coordinators and administrators.
    """

    everyone: Sequence[BotCommand] = ()
    groups: Sequence[BotCommand] = ()
    leads: Sequence[BotCommand] = ()
    office: Sequence[BotCommand] = ()


@dataclass
class Commands:
    """All rooms' commands, in the order in which people read them."""

    rooms: Sequence[RoomCommands] = field(default_factory=list)

    def of(self, profile: Profile) -> list[BotCommand]:
        """What somebody's private chat shows."""
        shown = [command for room in self.rooms for command in room.everyone]
        if profile.suspended:
            return shown
        if profile.role.rank >= Role.LEAD.rank:
            shown += [command for room in self.rooms for command in room.leads]
        if is_office(profile.role):
            shown += [command for room in self.rooms for command in room.office]
        return shown

    def in_groups(self) -> list[BotCommand]:
        """What a group shows to everybody."""
        return [command for room in self.rooms for command in room.groups]

    async def publish(self, bot: Bot, special: Sequence[Profile]) -> None:
        """Tell Telegram, at the start: the defaults, and the chats of those who have more."""
        everyone = [command for room in self.rooms for command in room.everyone]
        for commands, scope in (
            (everyone, BotCommandScopeDefault()),
            (everyone, BotCommandScopeAllPrivateChats()),
            (self.in_groups(), BotCommandScopeAllGroupChats()),
        ):
            try:
                await bot.set_my_commands(commands, scope=scope)
            except TelegramError as error:
                _log.info("commands not shown", scope=scope.type, reason=str(error))
        for profile in special:
            await self.show(bot, profile)

    async def show(self, bot: Bot, profile: Profile) -> None:
        """Tell Telegram about one person, after their role has changed; a chat that it does not know is left out."""
        scope = BotCommandScopeChat(profile.id)
        try:
            if profile.role.rank >= Role.LEAD.rank and not profile.suspended:
                await bot.set_my_commands(self.of(profile), scope=scope)
            else:
                await bot.delete_my_commands(scope=scope)
        except TelegramError as error:
            _log.info("commands not shown", scope=scope.type, reason=str(error))
