"""Formatted text: HTML read as Telegram reads it, entities that it finds by itself, and safe HTML for the page.

Offsets and lengths of entities count UTF-16 code units, as everywhere in the Bot API.
"""

import re
from html import escape
from typing import Any

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.markup import parse_html, units

Entity = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

_TYPES = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ]
)
# Where entities share a place, Telegram lists them in this order.
_RANKS = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_SIGNS = "./@#"
_CLOSED = ("code", "pre", "text_link", "text_mention", "url", "email")
_FOUND = re.compile(
    r"(?P<url>(?:https?|tg)://[^\s<>\"]*[^\s<>\".,;:!?)»“\]]|\b(?:[\w-]+\.)+(?:de|com|org|net|eu|info|me)\b(?:/[^\s<>\"]*"
    r"[^\s<>\".,;:!?)»“\]])?(?!@))"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?)(?![\w/])"
    r"|(?<![\w#])(?P<hashtag>#\w*[^\W\d]\w*)"
)


def formatted(text: str, parse_mode: str | None, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    """Return the text as it is shown, and its entities.

    Raises:
        ApiError: The markup or the entities are wrong, with Telegram's words.
    """
    if parse_mode:
        text, entities = _parsed(text, parse_mode)
    else:
        entities = _checked(text, entities or [])
    text, entities = _trimmed(text, entities)
    return text, _ordered(entities + _found(text, entities))


def typed(text: str) -> tuple[str, list[Entity]]:
    """Return what a person typed, with the commands, mentions and links in it."""
    return formatted(text, None, None)


def _parsed(text: str, parse_mode: str) -> tuple[str, list[Entity]]:
    match parse_mode.lower():
        case "html":
            return parse_html(text)
        case "markdown" | "markdownv2":
            raise ApiError(501, f"Not Implemented: the sandbox does not parse {parse_mode}")
        case "none":
            return text, []
    raise bad_request("unsupported parse_mode")


def _checked(text: str, entities: list[Entity]) -> list[Entity]:
    end = units(text)
    for entity in entities:
        if entity["type"] not in _TYPES:
            raise bad_request("can't parse entities: can't parse message entity: Unsupported type specified")
        start, length = entity["offset"], entity["length"]
        if start < 0 or length < 0 or start + length > end:
            raise bad_request("entity beginning or end lies outside of the text: ENTITY_BOUNDS_INVALID")
        if entity["type"] == "text_link" and not entity.get("url"):
            raise bad_request("can't parse entities: can't parse message entity: Can't find field \"url\"")
    return [dict(entity) for entity in entities if entity["length"]]


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    stripped = text.strip()
    if stripped == text:
        return text, entities
    lead = units(text[: len(text) - len(text.lstrip())])
    end = units(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        stop = min(entity["offset"] + entity["length"] - lead, end)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return stripped, kept


def _found(text: str, entities: list[Entity]) -> list[Entity]:
    if not any(sign in text for sign in _SIGNS):
        return []
    closed = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in _CLOSED]
    found = []
    for match in _FOUND.finditer(text):
        start, length = units(text[: match.start()]), units(match.group())
        if any(start < stop and begin < start + length for begin, stop in closed):
            continue
        found.append({"type": match.lastgroup, "offset": start, "length": length})
    return found


def _ordered(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"], _RANKS.get(entity["type"], 50)))


_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}


def to_html(text: str, entities: list[Entity]) -> str:
    """Return safe HTML of a formatted text; a command is a `span.command` with `data-command`."""
    data = text.encode("utf-16-le")

    def piece(start: int, stop: int) -> str:
        return data[2 * start : 2 * stop].decode("utf-16-le", "replace")

    edges = sorted({0, len(data) // 2, *_edges(entities)})
    html: list[str] = []
    stack: list[tuple[int, Entity, str]] = []
    pending = _ordered(entities)
    for start, stop in zip(edges, [*edges[1:], edges[-1]], strict=True):
        _close(html, stack, start)
        while pending and pending[0]["offset"] == start:
            entity = pending.pop(0)
            opening, closing = _tag(entity, piece(start, start + entity["length"]))
            html.append(opening)
            stack.append((start + entity["length"], entity, closing))
        html.append(escape(piece(start, stop)))
    return "".join(html)


def _edges(entities: list[Entity]) -> set[int]:
    return {edge for e in entities for edge in (e["offset"], e["offset"] + e["length"])}


def _close(html: list[str], stack: list[tuple[int, Entity, str]], here: int) -> None:
    """Close what ends here; what crosses it is closed and opened anew."""
    if not any(end <= here for end, _, _ in stack):
        return
    reopened = []
    while any(end <= here for end, _, _ in stack):
        end, entity, closing = stack.pop()
        html.append(closing)
        if end > here:
            reopened.append((end, entity, closing))
    for end, entity, closing in reversed(reopened):
        html.append(_tag(entity, "")[0])
        stack.append((end, entity, closing))


def _tag(entity: Entity, content: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>", f"</{_TAGS[kind]}>"
    match kind:
        case "text_link":
            return _link(entity["url"])
        case "url":
            return _link(content if "://" in content else f"https://{content}")
        case "email":
            return _link(f"mailto:{content}")
        case "bot_command":
            return f'<span class="command" data-command="{escape(content)}">', "</span>"
        case "spoiler":
            return '<span class="tg-spoiler">', "</span>"
        case "expandable_blockquote":
            return '<blockquote class="expandable">', "</blockquote>"
    return f'<span class="{kind}">', "</span>"


def _link(url: str) -> tuple[str, str]:
    if not re.match(r"(?:https?|tg|mailto):", url):
        return "<span>", "</span>"
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">', "</a>"
