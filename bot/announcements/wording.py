"""The message that recipients get: placeholders filled, what is urgent said first, buttons below."""

import html as entities
import re
from dataclasses import dataclass

from bot.announcements.callbacks import Verb, encode
from bot.announcements.spec import PLACEHOLDER, Body
from bot.content.kept import Content, check_fits, payload_of
from bot.delivery.payloads import Button, Buttons, Edit, Payload
from bot.rendering import Messages, shorten

LONGEST_NAME, LONGEST_TOWN = 60, 60
"""UTF-16 code units that are kept free for a placeholder; longer names are cut."""


@dataclass(frozen=True)
class Reader:
    """Who sees it.

    Attributes:
        name: Their name; empty: a group.
        town: Their town; empty: not known.
        read: Whether they pressed „Gelesen“.
        answer: What they answered.
        person: Whether it is a person, whose buttons count.
    """

    name: str = ""
    town: str = ""
    read: bool = False
    answer: int | None = None
    person: bool = True


LONGEST = Reader("x" * LONGEST_NAME, "x" * LONGEST_TOWN)


class Wording:
    """Renders what goes out.

    Args:
        messages: The German templates.
    """

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def check(self, body: Body, *, correction: bool = False) -> None:
        """Make sure that it becomes one message, whoever gets it.

        Args:
            body: What it says.
            correction: Whether it must fit below the head of a correction, too.

        Raises:
            EmptyContentError: It says nothing.
            TooLongError: It does not fit.
        """
        check_fits(self.filled(body, LONGEST, correction=correction))

    def filled(self, body: Body, reader: Reader, *, correction: bool = False) -> Content:
        """The words for somebody, with what stands above and below them."""
        known = {
            "name": shorten(reader.name, LONGEST_NAME) or "zusammen",
            "stadt": shorten(reader.town, LONGEST_TOWN) or "Ihre Stadt",
        }

        def fill(match: re.Match[str]) -> str:
            found = known.get(match[1].lower())
            return match[0] if found is None else entities.escape(found)

        words = PLACEHOLDER.sub(fill, body.content.html)
        html = self._messages.render("announcement", body=body, correction=correction, words=_Html(words))
        return body.content.model_copy(update={"html": html})

    def payload(self, body: Body, announcement_id: int, reader: Reader, *, correction: bool = False) -> Payload:
        """The message for somebody."""
        content = self.filled(body, reader, correction=correction)
        below = self._messages.render("below_album", question=body.question)
        return payload_of(content, buttons=buttons(body, announcement_id, reader), below_album=below)

    def edit(self, body: Body, announcement_id: int, reader: Reader, message_id: int) -> Edit:
        """The change that makes a delivered message say what it should say now."""
        content = self.filled(body, reader)
        return Edit(
            message_id=message_id,
            html=content.html,
            caption=bool(content.items),
            link_preview=content.link_preview,
            buttons=() if len(content.items) > 1 else buttons(body, announcement_id, reader),
        )

    def withdrawn(self, body: Body, message_id: int) -> Edit:
        """What stands where it cannot be removed any more."""
        return Edit(message_id=message_id, html=self._messages.render("withdrawn"), caption=bool(body.content.items))


def buttons(body: Body, announcement_id: int, reader: Reader) -> Buttons:
    """What can be pressed; in a group only links, since „Gelesen“ and answers are a person's."""
    rows: list[tuple[Button, ...]] = [(Button(text=link.text, url=link.url),) for link in body.links]
    if reader.person and body.question is not None:
        for number, answer in enumerate(body.question.answers):
            text = f"✓ {answer}" if number == reader.answer else answer
            rows.append((Button(text=text, callback_data=encode(Verb.ANSWER, announcement_id, number)),))
    if reader.person and body.read_button:
        text = "Gelesen ✓" if reader.read else "Gelesen"
        rows.append((Button(text=text, callback_data=encode(Verb.READ, announcement_id)),))
    return tuple(rows)


class _Html(str):
    """Words that are Telegram HTML already."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)
