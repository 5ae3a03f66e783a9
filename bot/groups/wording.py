"""The messages that followers get: news alone, several as one digest, and what stands where news was withdrawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.content.kept import Content, payload_of
from bot.delivery.payloads import Payload
from bot.groups.models import WorkingGroup
from bot.rendering import Messages, split_html

NEWS_LINK, GROUP_LINK = "n_", "g_"
"""What `/start` carries before an item's number, and before a working group's key."""

_LENGTHS = (1500, 700, 300, 100, 40)
"""Of an item in a digest that must not grow any more, from long to short, in UTF-16 code units."""


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

    def digest(self, entries: Sequence[Entry], most: int) -> list[str]:
        """Several items as one text, in at most so many messages; pictures and documents are a link away."""
        return split_html(self.digest_text(entries, self.fitting(entries, most)))[:most]

    def fitting(self, entries: Sequence[Entry], most: int) -> int | None:
        """At how many characters the items must be cut to fit into so many messages; None: they fit as they are."""
        lengths = (None, *_LENGTHS)
        fits = (each for each in lengths if len(split_html(self.digest_text(entries, each))) <= most)
        return next(fits, _LENGTHS[-1])

    def digest_text(self, entries: Sequence[Entry], longest: int | None = None) -> str:
        """Several items as one text, however long; each cut at so many characters, if given."""
        shown = [(entry, *_cut(entry.content.html, longest)) for entry in entries]
        return self._messages.render("digest", shown=shown, link=self.link)

    def withdrawn(self, group: WorkingGroup | None) -> str:
        """What stands where an item, or several of several groups, cannot be removed any more."""
        return self._messages.render("withdrawn", group=group)

    def part_gone(self) -> str:
        """What stands in a message of a digest that has got too short for it."""
        return self._messages.render("part_gone")

    def link(self, news_id: int) -> str:
        """Opens an item in the chat with the bot."""
        return self.deep_link(f"{NEWS_LINK}{news_id}")

    def group_link(self, group: WorkingGroup) -> str:
        """Opens a working group in the chat with the bot."""
        return self.deep_link(f"{GROUP_LINK}{group.key}")

    def deep_link(self, payload: str) -> str:
        """A link that starts the bot with a payload."""
        return f"https://t.me/{self._bot_name()}?start={payload}"


def _cut(html: str, longest: int | None) -> tuple[str, bool]:
    """The beginning of a text, and whether it is all of it."""
    pieces = [html] if longest is None else split_html(html, longest)
    return (pieces[0], len(pieces) == 1) if pieces else ("", True)
