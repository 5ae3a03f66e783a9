"""From what is stored to calls of the Bot API, and the wire that makes them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from telegram.request import BaseRequest

from bot.delivery.payloads import (
    Album,
    Buttons,
    Copy,
    Delete,
    Document,
    Edit,
    FileRef,
    Media,
    Payload,
    Photo,
    Text,
)
from bot.delivery.request import File, Form
from bot.rendering import CAPTION_LIMIT, html_length, split_html

NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True)
class Call:
    """One call of the Bot API.

    Attributes:
        method: Its name.
        fields: Its parameters; the chat is added when it is made.
        count: How many messages it puts into the chat; 0: none, flood limits do not count it.
        uploads: Stored files that it sends along, by the name of their parameter.
    """

    method: str
    fields: dict[str, Any]
    count: int = 1
    uploads: dict[str, int] = field(default_factory=dict)

    @cached_property
    def json_parameters(self) -> dict[str, str]:
        """The parameters as the Bot API takes them; what is no text as JSON."""
        fields = self.fields.items()
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields}

    @cached_property
    def encoded(self) -> str:
        """The same as a web form sends it; made once for a message to many."""
        return urlencode(self.json_parameters)


@dataclass(frozen=True)
class KnownFile:
    """A stored file: Telegram's id of it once it was uploaded, before that its content."""

    file_id: str | None
    upload: File | None = None


Files = dict[int, KnownFile]


class Wire:
    """Makes calls without the library's objects, which would cost more than the call.

    Args:
        request: Carries them.
        base_url: Root of the Bot API with the token: `telegram.Bot.base_url`.
    """

    def __init__(self, request: BaseRequest, base_url: str) -> None:
        self._request = request
        self._base_url = base_url

    async def make(self, call: Call, chat_id: int, thread_id: int | None, files: Files) -> Any:
        """Make a call.

        Args:
            call: What to do.
            chat_id: Where.
            thread_id: The topic of a forum.
            files: The stored files that it names.

        Returns:
            Telegram's result.

        Raises:
            telegram.error.TelegramError: As the library's own methods.
        """
        where = {"chat_id": str(chat_id)}
        if thread_id is not None and call.count and not call.method.startswith("edit"):
            where["message_thread_id"] = str(thread_id)
        uploads = {name: _upload(files[stored]) for name, stored in call.uploads.items()}
        form = Form(where, call.json_parameters, call.encoded, uploads)
        return await self._request.post(f"{self._base_url}/{call.method}", form.as_request_data())


def calls_for(payload: Payload, files: Files) -> list[Call]:
    """The calls that send a payload, in order.

    Args:
        payload: What is sent.
        files: The stored files that it names.
    """
    match payload:
        case Text():
            return _texts(payload.html, payload.silent, payload.buttons, payload.link_preview)
        case Photo() | Document() | Media():
            return _file(payload, files)
        case Album():
            return [_album(payload, files), *(calls_for(payload.foot, files) if payload.foot else ())]
        case Copy():
            return [_copy(payload)]
        case Edit():
            return [_edit(payload)]
        case Delete():
            return [Call("deleteMessages", {"message_ids": payload.message_ids}, count=0)]


def stored_files(payload: Payload) -> list[int]:
    """The stored files that a payload names."""
    match payload:
        case Photo() | Document() | Media():
            refs = [payload.file]
        case Album():
            refs = [item.file for item in payload.items]
        case _:
            refs = []
    return [ref.stored for ref in refs if ref.stored is not None]


def message_ids(result: Any) -> list[int]:
    """The numbers of the messages that a call made."""
    results = result if isinstance(result, list) else [result]
    return [each["message_id"] for each in results if isinstance(each, dict) and "message_id" in each]


def learned_file_ids(call: Call, result: Any) -> dict[int, str]:
    """Telegram's ids of the stored files that a call uploaded."""
    if not call.uploads:
        return {}
    if isinstance(result, list):
        kinds = [
            (f"file{index}", entry["type"], each)
            for index, (entry, each) in enumerate(zip(call.fields["media"], result, strict=False))
        ]
    else:
        kinds = [(name, name, result) for name in call.uploads]
    found = {call.uploads[name]: _file_id(message.get(kind)) for name, kind, message in kinds if name in call.uploads}
    return {stored: file_id for stored, file_id in found.items() if file_id}


def _file_id(content: Any) -> str | None:
    if isinstance(content, list):  # a picture in several sizes, the largest last
        content = content[-1] if content else None
    return content.get("file_id") if isinstance(content, dict) else None


def _texts(html: str, silent: bool, buttons: Buttons, link_preview: bool) -> list[Call]:
    pieces = split_html(html)
    calls = []
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        fields = {"text": piece, "parse_mode": "HTML", **_common(silent, buttons if last else ())}
        if not link_preview:
            fields["link_preview_options"] = NO_PREVIEW
        calls.append(Call("sendMessage", fields))
    return calls


def _file(payload: Photo | Document | Media, files: Files) -> list[Call]:
    fits = html_length(payload.caption) <= CAPTION_LIMIT
    fields = _common(payload.silent, payload.buttons if fits else ())
    if payload.caption and fits:
        fields |= {"caption": payload.caption, "parse_mode": "HTML"}
    kind = payload.type if isinstance(payload, Media) else payload.kind
    named, uploads = _name_file(payload.file, kind, files, lambda name: name)
    if named is not None and not uploads:
        fields[kind] = named
    first = Call(f"send{kind.capitalize()}", fields, uploads=uploads)
    return [first] if fits else [first, *_texts(payload.caption, True, payload.buttons, False)]


def _album(payload: Album, files: Files) -> Call:
    media: list[dict[str, Any]] = []
    uploads: dict[str, int] = {}
    for index, item in enumerate(payload.items):
        named, upload = _name_file(item.file, f"file{index}", files, lambda name: f"attach://{name}")
        uploads |= upload
        entry: dict[str, Any] = {"type": item.type, "media": named}
        if item.caption:
            entry |= {"caption": item.caption, "parse_mode": "HTML"}
        media.append(entry)
    return Call("sendMediaGroup", {"media": media, **_common(payload.silent, ())}, len(media), uploads)


def _copy(payload: Copy) -> Call:
    fields = {"from_chat_id": payload.from_chat_id, **_common(payload.silent, payload.buttons)}
    if len(payload.message_ids) == 1:
        return Call("copyMessage", fields | {"message_id": payload.message_ids[0]})
    return Call("copyMessages", fields | {"message_ids": payload.message_ids}, len(payload.message_ids))


def _edit(payload: Edit) -> Call:
    fields: dict[str, Any] = {"message_id": payload.message_id, "parse_mode": "HTML", **_common(False, payload.buttons)}
    if payload.caption:
        return Call("editMessageCaption", fields | {"caption": payload.html})
    if not payload.link_preview:
        fields["link_preview_options"] = NO_PREVIEW
    return Call("editMessageText", fields | {"text": payload.html})


def _name_file(
    ref: FileRef, name: str, files: Files, attach: Callable[[str], str]
) -> tuple[str | None, dict[str, int]]:
    """How a call names a file, and the stored file that it uploads under `name`, if it does."""
    if ref.stored is None:
        return ref.file_id, {}
    known = files[ref.stored]
    return (known.file_id, {}) if known.file_id else (attach(name), {name: ref.stored})


def _upload(file: KnownFile) -> File:
    if file.upload is None:
        raise ValueError("the file's content was not loaded")
    return file.upload


def _common(silent: bool, buttons: Buttons) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if silent:
        fields["disable_notification"] = True
    if buttons:
        rows = [[button.model_dump(exclude_none=True) for button in row] for row in buttons]
        fields["reply_markup"] = {"inline_keyboard": rows}
    return fields
