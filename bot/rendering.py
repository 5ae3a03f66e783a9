"""From templates and Markdown to the HTML that Telegram takes, and its lengths as Telegram counts them."""

import datetime as dt
import html
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TEXT_LIMIT = 4096
"""UTF-16 code units in one message, after parsing."""
CAPTION_LIMIT = 1024
"""UTF-16 code units in one caption, after parsing."""
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
          "November", "Dezember")  # fmt: skip


class Messages:
    """The German templates of one capability: its folder `messages/`, with everything inserted escaped.

    Args:
        package: The capability, such as `bot.questions`.
        zone: People's time zone, for moments.
    """

    def __init__(self, package: str, zone: dt.tzinfo) -> None:
        self._environment = Environment(
            loader=PackageLoader(package, "messages"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._environment.filters |= {
            "day": german_day,
            "moment": lambda moment: german_moment(moment, zone),
            "number": german_number,
            "markdown": lambda text: Markup(markdown_to_html(text)),  # noqa: S704 - escaped by the renderer
            "shorten": shorten,
        }

    def render(self, template: str, **values: Any) -> str:
        """The template with these values as Telegram HTML, without blank ends and with at most one empty line in a row.

        Raises:
            jinja2.TemplateError: There is no such template, or it names a value that is missing.
        """
        text = self._environment.get_template(f"{template}.j2").render(**values)
        return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()


def german_day(day: dt.date, *, weekday: bool = True) -> str:
    """`Do, 12. März 2027`, or `12. März 2027`."""
    date = f"{day.day}. {MONTHS[day.month - 1]} {day.year}"
    return f"{WEEKDAYS[day.weekday()]}, {date}" if weekday else date


def german_moment(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """`Do, 12. März 2027, 10:00`, in the people's zone."""
    local = moment.astimezone(zone)
    return f"{german_day(local.date())}, {local.hour}:{local.minute:02d}"


def german_number(value: float, digits: int = 0) -> str:
    """`1.234` or, with two digits, `1.234,50`."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def shorten(text: str, limit: int) -> str:
    """The text in one line, cut at a word where possible so that it has at most `limit` UTF-16 code units with `…`."""
    line = " ".join(text.split())
    if utf16_length(line) <= limit:
        return line
    head = line[: _fit(line, limit - 1)]
    words = head.rsplit(" ", 1)[0] if " " in head and utf16_length(head.rsplit(" ", 1)[0]) > limit // 2 else head
    return words.rstrip(" .,;:–-") + "…"


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def html_length(text: str) -> int:
    """The length of Telegram HTML after parsing, in UTF-16 code units."""
    return sum(utf16_length(run.text) for run in _parse(text))


def plain_text(text: str) -> str:
    """Telegram HTML without its tags."""
    return "".join(run.text for run in _parse(text))


# Markdown ------------------------------------------------------------------------------------------------------------


def markdown_to_html(markdown: str) -> str:
    """Markdown to Telegram HTML: paragraphs, lists, bold, italic and links; of all else its words.

    Links go to web, mail and telephone addresses only. Paragraphs are parted by an empty line.
    """
    blocks = _Blocks()
    for token in _markdown().parse(markdown):
        blocks.take(token)
    return blocks.finish()


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline"])


class _Blocks:
    """Collects block tokens as lines of Telegram HTML."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._counters: list[int | None] = []  # a list's next number; None: bullets
        self._mark = ""
        self._tight = False
        self._heading = False

    def take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._counters.append(None)
            case "ordered_list_open":
                self._counters.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._counters.pop()
                self._tight = bool(self._counters)
            case "list_item_open":
                self._begin_item()
            case "list_item_close":
                self._mark = ""
            case "heading_open":
                self._heading = True
            case "heading_close":
                self._heading = False
            case "inline":
                words = "".join(_inline(token.children or [])).strip()
                self._add(f"<b>{words}</b>" if self._heading and "<b>" not in words and words else words)
            case "fence" | "code_block":
                self._add(html.escape(token.content.strip(), quote=False))

    def finish(self) -> str:
        return "".join(self._out).strip()

    def _begin_item(self) -> None:
        number = self._counters[-1]
        indent = "   " * (len(self._counters) - 1)
        if number is None:
            self._mark = f"{indent}• "
        else:
            self._mark = f"{indent}{number}. "
            self._counters[-1] = number + 1

    def _add(self, words: str) -> None:
        if not words:
            return
        if self._out:
            self._out.append("\n" if self._tight and self._mark else "\n\n")
        self._out.append(self._mark + words)
        self._tight, self._mark = bool(self._counters), ""


_MARKS = {"strong": "b", "em": "i"}


def _inline(tokens: list[Token]) -> Iterator[str]:
    links: list[bool] = []
    for token in tokens:
        name, _, side = token.type.rpartition("_")
        match name, side:
            case (("strong" | "em"), _):
                yield f"<{'/' if side == 'close' else ''}{_MARKS[name]}>"
            case "link", "open":
                address = str(token.attrs.get("href", ""))
                links.append(_is_link(address))
                yield f'<a href="{html.escape(address)}">' if links[-1] else ""
            case "link", "close":
                yield "</a>" if links.pop() else ""
            case _:
                yield _inline_text(token)


def _inline_text(token: Token) -> str:
    match token.type:
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case _:  # an image's content is its description
            return html.escape(token.content, quote=False)


def _is_link(address: str) -> bool:
    try:
        return urlsplit(address).scheme in LINK_SCHEMES
    except ValueError:
        return False


# Splitting -----------------------------------------------------------------------------------------------------------

_Tag = tuple[str, str]
"""A tag's name and how it was opened, such as `("a", '<a href="…">')`."""


class _Run:
    """A piece of text and the tags around it, outermost first."""

    __slots__ = ("tags", "text")

    def __init__(self, text: str, tags: tuple[_Tag, ...]) -> None:
        self.text = text
        self.tags = tags


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[_Run] = []
        self._open: list[_Tag] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = "".join(f' {name}="{html.escape(value or "")}"' for name, value in attrs)
        self._open.append((tag, f"<{tag}{written}>"))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.runs.append(_Run(data, tuple(self._open)))


def split_html(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Cut Telegram HTML into pieces of at most `limit` UTF-16 code units after parsing.

    Cuts fall between paragraphs, else between lines, else between words, else between characters; never inside a tag
    or an entity. Tags that are open at a cut are closed and opened again. Blank pieces are left out.

    Args:
        text: Well-formed Telegram HTML.
        limit: At least 2, so that every character fits.
    """
    runs = _parse(text)
    whole = "".join(run.text for run in runs)
    if utf16_length(whole) <= limit:
        return [text] if whole.strip() else []
    pieces = []
    start = 0
    while start < len(whole):
        start += len(whole[start:]) - len(whole[start:].lstrip())
        end = start + _cut(whole[start:], limit)
        stop = start + len(whole[start:end].rstrip())
        if stop > start:
            pieces.append(_write(_slice(runs, start, stop)))
        start = end
    return pieces


def _parse(text: str) -> list[_Run]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.runs


def _fit(text: str, limit: int) -> int:
    """How many leading characters have at most `limit` UTF-16 code units."""
    units = 0
    for index, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > limit:
            return index
    return len(text)


def _cut(text: str, limit: int) -> int:
    """Where to cut: after how many characters."""
    most = _fit(text, limit)
    if most == len(text):
        return most
    # A break just behind the last character that fits is as good as one before it; one far ahead of it would leave
    # a heading alone.
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, most // 4 + 1, most + len(mark))
        if found > 0:
            return found
    return max(most, 1)


def _slice(runs: list[_Run], start: int, stop: int) -> list[_Run]:
    found = []
    position = 0
    for run in runs:
        part = run.text[max(start - position, 0) : max(stop - position, 0)]
        if part:
            found.append(_Run(part, run.tags))
        position += len(run.text)
    return found


def _write(runs: list[_Run]) -> str:
    out: list[str] = []
    tags: tuple[_Tag, ...] = ()
    for run in runs:
        shared = _common(tags, run.tags)
        out.extend(f"</{name}>" for name, _ in reversed(tags[shared:]))
        out.extend(opening for _, opening in run.tags[shared:])
        out.append(html.escape(run.text, quote=False))
        tags = run.tags
    out.extend(f"</{name}>" for name, _ in reversed(tags))
    return "".join(out)


def _common(one: tuple[_Tag, ...], other: tuple[_Tag, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left is not right and left != right:
            break
        count += 1
    return count
