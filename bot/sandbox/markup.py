"""Telegram's HTML: which tags it takes, and its words for what it does not take.

Follows the parser of Telegram's own library, byte offsets in the messages included.
"""

import re
from typing import Any

from bot.sandbox.errors import ApiError, bad_request

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
}
_SUPPORTED = {*_SIMPLE, "a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_PLAIN = re.compile(r"[^<&]+")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and the entities of Telegram's HTML.

    Raises:
        ApiError: "can't parse entities: ...", as Telegram says it.
    """
    return _Parser(source).run()


class _Tag:
    """A tag that is open."""

    __slots__ = ("argument", "begin", "name", "offset")

    def __init__(self, name: str, argument: str, offset: int, begin: int) -> None:
        self.name = name
        self.argument = argument
        self.offset = offset
        self.begin = begin


class _Parser:
    """One pass over the source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._out: list[str] = []
        self._offset = 0
        self._length = 0
        self._open: list[_Tag] = []
        self._entities: list[dict[str, Any]] = []

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        source = self._source
        while self._at < len(source):
            if plain := _PLAIN.match(source, self._at):
                self._emit(plain.group())
                self._at = plain.end()
            elif source[self._at] == "&":
                self._emit(self._reference())
            elif source.startswith("</", self._at):
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            raise _refused(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        return "".join(self._out), self._entities

    def _emit(self, text: str) -> None:
        self._out.append(text)
        self._length += len(text)
        self._offset += units(text)

    def _reference(self) -> str:
        match = _REFERENCE.match(self._source, self._at)
        code = 0
        if match and not match[3]:
            code = int(match[1], 16) if match[1] else int(match[2])
        if match is None or (not match[3] and not _is_character(code)):
            self._at += 1
            return "&"
        self._at = match.end()
        return _NAMED[match[3]] if match[3] else chr(code)

    def _start_tag(self) -> None:
        begin = self._at
        name = self._take(_NAME, begin + 1)
        if self._at >= len(self._source):
            raise self._error("Unclosed start tag", begin)
        name = name.lower()
        if name not in _SUPPORTED:
            raise self._error(f'Unsupported start tag "{name}"', begin)
        argument = self._attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        self._at += 1
        self._open.append(_Tag(name, argument, self._offset, self._length))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._spaces()
            if self._char() == ">":
                return argument
            name = self._take(_ATTRIBUTE, self._at)
            if not name:
                raise self._error(f'Empty attribute name in the tag "{tag}"', begin)
            self._spaces()
            value = None
            if self._char() == "=":
                self._at += 1
                value = self._value(begin)
            elif not self._char():
                raise self._error(f'Unclosed start tag "{tag}"', begin)
            argument = _argument(tag, name.lower(), value) or argument

    def _value(self, begin: int) -> str:
        self._spaces()
        quote = self._char()
        if quote not in ("'", '"') or not quote:
            token_begin = self._at
            token = self._take(_TOKEN, self._at).lower()
            if self._char() and not self._char().isspace() and self._char() != ">":
                raise self._error("Unexpected end of name token", token_begin)
            if not self._char():
                raise self._error("Unclosed start tag", begin)
            return token
        self._at += 1
        value: list[str] = []
        while self._char() and self._char() != quote:
            if self._char() == "&":
                value.append(self._reference())
            else:
                value.append(self._char())
                self._at += 1
        self._at += 1
        if self._at >= len(self._source):
            raise self._error("Unclosed start tag", begin)
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise self._error("Unexpected end tag", begin)
        name = self._take(_NAME, begin + 2).lower()
        self._spaces()
        if self._char() != ">":
            raise self._error("Unclosed end tag", begin)
        tag = self._open.pop()
        if name and name != tag.name:
            raise self._error("Unmatched end tag", begin, f', expected "</{tag.name}>", found "</{name}>"')
        self._at += 1
        if self._offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        place = {"offset": tag.offset, "length": self._offset - tag.offset}
        match tag.name:
            case "a":
                self._close_link(tag, place)
            case "pre" | "code":
                self._close_code(tag, place)
            case "blockquote":
                kind = "expandable_blockquote" if tag.argument else "blockquote"
                self._entities.append({"type": kind, **place})
            case "tg-emoji":
                self._entities.append({"type": "custom_emoji", **place, "custom_emoji_id": tag.argument})
            case "tg-time":
                unix_time = int(tag.argument) if tag.argument.isdigit() else 0
                self._entities.append({"type": "date_time", **place, "unix_time": unix_time})
            case name:
                self._entities.append({"type": _SIMPLE[name], **place})

    def _close_link(self, tag: _Tag, place: dict[str, Any]) -> None:
        url = tag.argument or "".join(self._out)[tag.begin :]
        if checked := checked_link(url):
            self._entities.append({"type": "text_link", **place, "url": checked})

    def _close_code(self, tag: _Tag, place: dict[str, Any]) -> None:
        last = self._entities[-1] if self._entities else {}
        same_place = last.get("offset") == place["offset"] and last.get("length") == place["length"]
        if tag.name == "pre" and same_place and last.get("type") == "code" and last.get("language"):
            last["type"] = "pre"
        elif tag.name == "code" and same_place and last.get("type") == "pre" and tag.argument:
            last["language"] = tag.argument
        elif tag.name == "code" and tag.argument:
            self._entities.append({"type": "code", **place, "language": tag.argument})
        else:
            self._entities.append({"type": tag.name, **place})

    def _take(self, pattern: re.Pattern[str], start: int) -> str:
        match = pattern.match(self._source, start)
        found = match.group() if match else ""
        self._at = start + len(found)
        return found

    def _char(self) -> str:
        return self._source[self._at] if self._at < len(self._source) else ""

    def _spaces(self) -> None:
        while self._char().isspace():
            self._at += 1

    def _error(self, what: str, position: int, rest: str = "") -> ApiError:
        return _refused(f"{what} at byte offset {len(self._source[:position].encode())}{rest}")


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def checked_link(url: str) -> str:
    """Return the address as Telegram keeps it, empty if it takes no link from it."""
    url = url.strip()
    if re.match(r"(?:https?|tg|ton|tonsite|mailto|tel):", url, re.IGNORECASE):
        return url
    if re.fullmatch(r"(?:[\w-]+\.)+[a-zA-Z]{2,}(?::\d+)?(?:[/?#]\S*)?", url):
        return f"http://{url}" if "/" in url else f"http://{url}/"
    return ""


def _argument(tag: str, name: str, value: str | None) -> str:
    match tag, name:
        case "a", "href":
            return value or ""
        case "code", "class" if value and value.startswith("language-"):
            return value.removeprefix("language-")
        case "span", "class" if value and value.startswith("tg-"):
            return value.removeprefix("tg-")
        case "blockquote", "expandable":
            return "expandable"
        case ("tg-emoji", "emoji-id") | ("tg-time", "unix"):
            return value or ""
    return ""


def _is_character(code: int) -> bool:
    return 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF


def _refused(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")
