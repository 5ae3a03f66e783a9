"""What can be sent: stored as JSON in the outbox, checked when it is queued, so that nothing odd fails at night."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from bot.rendering import CAPTION_LIMIT, TEXT_LIMIT, html_length

ALBUM_SIZE = 10
"""Most pictures or documents in one album."""
DELETABLE = dt.timedelta(hours=47)
"""Telegram lets messages be removed for 48 hours; on the way one may pass."""
MANY = 100
"""Most messages that one call copies or deletes."""


class Button(BaseModel):
    """A button below a message: it either calls back or opens an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(min_length=1)]
    callback_data: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> "Button":
        if (self.callback_data is None) == (self.url is None):
            raise ValueError("a button needs either callback_data or a url")
        if self.callback_data is not None and not 1 <= len(self.callback_data.encode()) <= 64:
            raise ValueError("callback_data takes 1 to 64 bytes")
        return self


Buttons = tuple[tuple[Button, ...], ...]


class FileRef(BaseModel):
    """A file: one that Telegram knows by its id, or one that `Outbox.store_file` keeps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_id: str | None = None
    stored: int | None = None

    @model_validator(mode="after")
    def _is_one_file(self) -> "FileRef":
        if (self.file_id is None) == (self.stored is None):
            raise ValueError("a file is named either by file_id or by stored")
        return self


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    silent: bool = False
    """Without a sound."""
    buttons: Buttons = ()
    """Below the last message."""


class Text(_Payload):
    """Telegram HTML; a long one goes out in several messages."""

    kind: Literal["text"] = "text"
    html: str
    link_preview: bool = False

    @field_validator("html")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not html_length(value.strip()):
            raise ValueError("a text must not be empty")
        return value


class Photo(_Payload):
    """A picture; a caption that is too long follows as a text."""

    kind: Literal["photo"] = "photo"
    file: FileRef
    caption: str = ""


class Document(_Payload):
    """A file; a caption that is too long follows as a text."""

    kind: Literal["document"] = "document"
    file: FileRef
    caption: str = ""


class Media(_Payload):
    """A film or a recording; a caption that is too long follows as a text."""

    kind: Literal["media"] = "media"
    type: Literal["video", "animation", "audio", "voice"]
    file: FileRef
    caption: str = ""


class AlbumItem(BaseModel):
    """One picture, film or document of an album."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["photo", "video", "document"]
    file: FileRef
    caption: str = ""


class Album(_Payload):
    """Two to ten pictures and films, or as many documents; Telegram allows no buttons below.

    `foot` follows it as a message of its own, which can have buttons.
    """

    kind: Literal["album"] = "album"
    items: Annotated[tuple[AlbumItem, ...], Field(min_length=2, max_length=ALBUM_SIZE)]
    foot: Text | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> "Album":
        if self.buttons:
            raise ValueError("an album has no buttons")
        if any(html_length(item.caption) > CAPTION_LIMIT for item in self.items):
            raise ValueError(f"a caption in an album takes at most {CAPTION_LIMIT} characters")
        if len({item.type == "document" for item in self.items}) > 1:
            raise ValueError("documents cannot be in one album with pictures")
        return self


class Copy(_Payload):
    """Messages as somebody wrote them to the bot, albums kept; without naming the author."""

    kind: Literal["copy"] = "copy"
    from_chat_id: int
    message_ids: Annotated[tuple[int, ...], Field(min_length=1, max_length=MANY)]

    @model_validator(mode="after")
    def _can_be_copied(self) -> "Copy":
        if list(self.message_ids) != sorted(set(self.message_ids)):
            raise ValueError("messages to copy are named once each, in growing order")
        if self.buttons and len(self.message_ids) > 1:
            raise ValueError("only a single copied message can have buttons")
        return self


class Edit(_Payload):
    """Other words for a message that was sent: its text, or its caption where it is a picture or a document."""

    kind: Literal["edit"] = "edit"
    message_id: int
    html: str
    caption: bool = False
    link_preview: bool = False

    @model_validator(mode="after")
    def _fits(self) -> "Edit":
        limit = CAPTION_LIMIT if self.caption else TEXT_LIMIT
        if html_length(self.html) > limit:
            raise ValueError(f"an edited {'caption' if self.caption else 'text'} takes at most {limit} characters")
        return self


class Delete(_Payload):
    """Takes messages back."""

    kind: Literal["delete"] = "delete"
    message_ids: Annotated[tuple[int, ...], Field(min_length=1, max_length=MANY)]


Payload = Text | Photo | Document | Media | Album | Copy | Edit | Delete
_any_payload: TypeAdapter[Payload] = TypeAdapter(Annotated[Payload, Field(discriminator="kind")])


def to_json(payload: Payload) -> dict[str, Any]:
    """The payload as it is stored."""
    return payload.model_dump(mode="json", exclude_defaults=True) | {"kind": payload.kind}


def from_json(stored: dict[str, Any]) -> Payload:
    """The payload that was stored.

    Raises:
        pydantic.ValidationError: It is none.
    """
    return _any_payload.validate_python(stored, strict=False)
