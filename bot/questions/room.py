"""What this capability gives to the whole."""

from collections.abc import Sequence

from telegram import BotCommand

from bot.house import House, Room
from bot.members.commands import RoomCommands
from bot.questions.chat import QuestionsChat
from bot.questions.own_data import QuestionsData
from bot.questions.service import Questions
from bot.questions.town import town_reader


class QuestionsRoom:
    """Answering questions; its handlers take every text and every button, so they come last."""

    def __init__(self, house: House) -> None:
        messages = house.messages("bot.questions")
        self.service = Questions(
            house.database,
            house.clock,
            house.knowledge,
            zone=house.zone,
            admins=house.settings.admins,
            office=house.members.is_office,
            town=town_reader(house.knowledge, house.members.members.town_of),
        )

        async def commands_of(person_id: int | None) -> Sequence[BotCommand]:
            if person_id is None:
                return house.commands.in_groups()
            return house.commands.of(await house.members.members.profile(person_id))

        self.chat = QuestionsChat(self.service, messages, commands_of)
        self.room = Room(
            "questions",
            handlers=self.chat.handlers(),
            commands=RoomCommands(
                everyone=self.chat.COMMANDS, groups=self.chat.GROUP_COMMANDS, office=self.chat.OFFICE_COMMANDS
            ),
            personal=[QuestionsData(self.chat.statement(messages))],
        )
