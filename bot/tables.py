"""All tables in one place, for migrations: importing this module fills `Base.metadata`."""

import bot.announcements.models
import bot.delivery.models
import bot.groups.models
import bot.meetings.models
import bot.members.models
import bot.questions.models
from bot.database import Base

METADATA = Base.metadata
"""Every capability's tables."""

__all__ = ["METADATA", "bot"]
