"""What an announcement says and whom it is for, as the tables keep it."""

import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from bot.announcements.errors import OddButtonTextError
from bot.announcements.kinds import By, Part
from bot.content.errors import EmptyContentError
from bot.content.kept import Content
from bot.rendering import utf16_length

MOST_LINKS = 3
MOST_ANSWERS = 10
LABEL_LIMIT, ANSWER_LIMIT, QUESTION_LIMIT, REASON_LIMIT = 40, 60, 300, 200
"""Characters of a link button, an answer, a question, and the reason for urgency."""
PLACEHOLDER = re.compile(r"\{(\w{1,20})\}")
KNOWN = ("stadt", "name")
"""Placeholders."""


class LinkButton(BaseModel):
    """A button that opens an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    url: str


class Question(BaseModel):
    """A question with one answer out of some."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    answers: tuple[str, ...]


class Body(BaseModel):
    """What recipients see.

    Attributes:
        content: The words and files.
        links: Buttons that open addresses.
        read_button: Whether there is a button „Gelesen“.
        question: A question with its answers as buttons.
        urgent: Why it cannot wait for anybody's hours; None: it can.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: Content = Content()
    links: tuple[LinkButton, ...] = ()
    read_button: bool = False
    question: Question | None = None
    urgent: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is said yet."""
        return not (self.content.items or self.content.plain or self.question)

    @property
    def unknown_placeholders(self) -> list[str]:
        """What looks like a placeholder and is none, or is formatted only in part, so that it stays as it is."""
        whole = {name for name in PLACEHOLDER.findall(self.content.html) if name.lower() in KNOWN}
        return [f"{{{name}}}" for name in sorted(set(PLACEHOLDER.findall(self.content.plain)) - whole)]

    @property
    def digest(self) -> str:
        """What makes it the same text as another."""
        said = self.model_dump_json(include={"content": {"html", "items"}, "question": True})
        return hashlib.sha256(said.encode()).hexdigest()


class Criterion(BaseModel):
    """What somebody has to be.

    Attributes:
        by: What is looked at.
        value: Which: a working group's key, a town's number, a district's name, the lower end of a class of
            inhabitants, a role, or `<meeting>:<answer>`.
        ids: The persons of a pasted list.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: By
    value: str = ""
    ids: tuple[int, ...] = ()

    def without_person(self, person_id: int) -> "Criterion":
        """With a list that does not name somebody any more."""
        return self.model_copy(update={"ids": tuple(each for each in self.ids if each != person_id)})


class Audience(BaseModel):
    """Whom it is for: everybody who fits one of the first, of those who fit the second, without the third.

    Attributes:
        any: Who fits one of these is meant.
        only: Of them, who fits one of each kind of these.
        without: Who fits one of these is left out.
        chats: Numbers of linked groups and channels that get it too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    any: tuple[Criterion, ...] = ()
    only: tuple[Criterion, ...] = ()
    without: tuple[Criterion, ...] = ()
    chats: tuple[int, ...] = ()

    def of(self, part: Part) -> tuple[Criterion, ...]:
        """The criteria of one part."""
        return (self.any, self.only, self.without)[part]

    def toggled(self, part: Part, criterion: Criterion) -> "Audience":
        """With a criterion, or without it where it was there."""
        now = self.of(part)
        after = tuple(each for each in now if each != criterion) if criterion in now else (*now, criterion)
        return self.model_copy(update={_NAMES[part]: after})

    def without_lists(self, part: Part) -> "Audience":
        """Without the pasted lists of one part."""
        after = tuple(each for each in self.of(part) if each.by is not By.LIST)
        return self.model_copy(update={_NAMES[part]: after})

    def with_chat(self, chat: int) -> "Audience":
        """With a linked group, or without it where it was there."""
        chats = tuple(each for each in self.chats if each != chat) if chat in self.chats else (*self.chats, chat)
        return self.model_copy(update={"chats": chats})

    def names(self, person_id: int) -> bool:
        """Whether a pasted list names somebody."""
        return any(person_id in each.ids for part in Part for each in self.of(part))

    def without_person(self, person_id: int) -> "Audience":
        """With pasted lists that do not name somebody any more."""
        return self.model_copy(
            update={
                name: tuple(each.without_person(person_id) for each in self.of(part)) for part, name in _NAMES.items()
            }
        )


_NAMES = {Part.ANY: "any", Part.ONLY: "only", Part.WITHOUT: "without"}


def as_json(model: BaseModel) -> dict[str, Any]:
    """As the tables keep it."""
    return model.model_dump(mode="json", exclude_defaults=True)


def read_link_buttons(text: str) -> tuple[LinkButton, ...]:
    """Link buttons as typed: a line each, the label and then the address.

    Raises:
        OddButtonTextError: There are too many, or a line lacks a label or an address.
    """
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        *label, url = line.split()
        words = " ".join(label).rstrip(" :–-|").strip()
        if not words or utf16_length(words) > LABEL_LIMIT or not _is_address(url):
            raise OddButtonTextError
        found.append(LinkButton(text=words, url=url))
    if not 0 < len(found) <= MOST_LINKS:
        raise OddButtonTextError
    return tuple(found)


def read_question(text: str) -> Question:
    """A question as typed: the question in the first line, each answer in a line of its own.

    Raises:
        OddButtonTextError: There are fewer than two or too many answers, the same twice, or one is too long.
    """
    lines = [line.strip(" \t•*-–") for line in text.splitlines()]
    question, *answers = [line for line in lines if line] or [""]
    return make_question(question, answers)


def make_question(question: str, answers: list[str]) -> Question:
    """A question and its answers.

    Raises:
        OddButtonTextError: As `read_question`.
    """
    odd = not 2 <= len(answers) <= MOST_ANSWERS or len(set(answers)) < len(answers)
    if odd or not question or len(question) > QUESTION_LIMIT or any(utf16_length(a) > ANSWER_LIMIT for a in answers):
        raise OddButtonTextError
    return Question(text=question, answers=tuple(answers))


def check_said(body: Body) -> None:
    """Make sure that something is said.

    Raises:
        EmptyContentError: Nothing is.
    """
    if body.empty:
        raise EmptyContentError


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and len(url) <= 500
