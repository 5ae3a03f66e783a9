"""What is queued: a message for one recipient, or for many."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bot.delivery.kinds import Priority
from bot.delivery.payloads import Payload, to_json

ERROR_LIMIT = 10
"""So many failures pause a batch, where it does not say another number."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: a payload that stands, or what a renderer makes one from when it is sent.

    Attributes:
        payload: Stands; None with a renderer.
        renderer: Name of a renderer that the dispatcher knows.
        context: What the renderer gets; must be JSON.
        merge_key: Rows for one chat with the same key that are due together become one message.
    """

    payload: Payload | None = None
    renderer: str | None = None
    context: dict[str, Any] | None = None
    merge_key: str | None = None

    def __post_init__(self) -> None:
        if (self.payload is None) == (self.renderer is None):
            raise ValueError("content is either a payload or made by a renderer")
        if self.merge_key is not None and self.renderer is None:
            raise ValueError("only a renderer can merge")

    @property
    def stored(self) -> dict[str, Any] | None:
        """As the table keeps it."""
        return self.context if self.payload is None else to_json(self.payload)


@dataclass(frozen=True, slots=True)
class Push:
    """One message for one recipient.

    Attributes:
        what: What it is about, such as `meeting:17`.
        occasion: Which time, such as `reminder`. What, recipient and occasion together are sent once.
        chat_id: Where it goes: a person's or a group's Telegram id.
        content: What it says.
        priority: What goes first.
        not_before: Aware; now if not given.
        not_after: Aware; from then on it is not sent any more.
        thread_id: The topic of a forum.
    """

    what: str
    occasion: str
    chat_id: int
    content: Content
    priority: Priority = Priority.NEWS
    not_before: dt.datetime | None = None
    not_after: dt.datetime | None = None
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of many that get a batch.

    Attributes:
        chat_id: Where it goes.
        not_before: When it suits them; now if not given.
        content: What they get; that of the batch if not given.
        thread_id: The topic of a forum.
        priority: What goes first; that of the mailing if not given.
    """

    chat_id: int
    not_before: dt.datetime | None = None
    content: Content | None = None
    thread_id: int | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """A message for many.

    Attributes:
        key: Names the batch; queueing it again adds only who is missing.
        what: As in `Push`.
        occasion: As in `Push`.
        payload: What everybody gets whose `Recipient` says nothing else.
        priority: What goes first.
        not_after: Aware; from then on it is not sent any more.
        error_limit: At so many failed messages it pauses.
    """

    key: str
    what: str
    occasion: str
    payload: Payload | None
    priority: Priority = Priority.NEWS
    not_after: dt.datetime | None = None
    error_limit: int = ERROR_LIMIT


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for its time or turn.

    Attributes:
        what: As it was queued.
        renderer: Who makes it; None: it stands.
        priority: What goes first.
        not_before: When it was to come.
        not_after: From when on it is not sent any more.
    """

    what: str
    renderer: str | None
    priority: Priority
    not_before: dt.datetime
    not_after: dt.datetime | None
