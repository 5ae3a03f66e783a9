"""The messages that followers get: news alone, several as one digest, and what stands where news was withdrawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.delivery.payloads import Payload
from bot.groups.content import Content, payload_of
from bot.groups.models import WorkingGroup
from bot.rendering import Messages

NEWS_LINK, GROUP_LINK = "n_", "g_"
"""What `/start` carries before an item's number, and before a working group's key."""


@dataclass(frozen=True)
class Entry:
    """An item as a digest shows it."""

    news_id: int
    group: WorkingGroup
    content: Content


class Wording:
    """Renders what goes out.

    Args:
        messages: The German templates.
        bot_name: The bot's user name, known once it runs.
    """

    def __init__(self, messages: Messages, bot_name: Callable[[], str]) -> None:
        self._messages = messages
        self._bot_name = bot_name

    def head(self, group: WorkingGroup) -> str:
        """What stands above an item: whose it is."""
        return self._messages.render("news_head", group=group)

    def single(self, group: WorkingGroup, content: Content) -> Payload:
        """The message of one item."""
        return payload_of(content, self.head(group))

    def digest(self, entries: Sequence[Entry]) -> str:
        """Several items as one text, parted by empty lines; pictures and documents are a link away."""
        return self._messages.render("digest", entries=entries, link=self.link)

    def withdrawn(self, group: WorkingGroup) -> str:
        """What stands where an item was that can no more be removed."""
        return self._messages.render("withdrawn", group=group)

    def link(self, news_id: int) -> str:
        """Opens an item in the chat with the bot."""
        return self.deep_link(f"{NEWS_LINK}{news_id}")

    def group_link(self, group: WorkingGroup) -> str:
        """Opens a working group in the chat with the bot."""
        return self.deep_link(f"{GROUP_LINK}{group.key}")

    def deep_link(self, payload: str) -> str:
        """A link that starts the bot with a payload."""
        return f"https://t.me/{self._bot_name()}?start={payload}"
