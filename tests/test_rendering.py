import datetime as dt
import html
import re
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.rendering import (
    TEXT_LIMIT,
    german_day,
    german_moment,
    german_number,
    html_length,
    markdown_to_html,
    plain_text,
    shorten,
    split_html,
    utf16_length,
)

BERLIN = ZoneInfo("Europe/Berlin")
ALLOWED = {"b", "i", "a", "u", "s", "code", "blockquote"}


class StrictReader(HTMLParser):
    """Takes what Telegram takes: known tags, closed in order; no stray `<`, `>` or `&`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED, tag
        assert tag != "a" or [name for name, _ in attrs] == ["href"]
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        assert "<" not in data
        assert "&" not in data

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_parses(text: str) -> None:
    reader = StrictReader()
    reader.feed(text)
    reader.close()
    assert reader.open == []


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
leaves = words.map(lambda text: html.escape(text, quote=False))
markup = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6).map("".join),
        st.lists(inner, max_size=6).map("\n\n".join),
        inner.map("<b>{}</b>".format),
        inner.map("<i>{}</i>".format),
        inner.map('<a href="https://example.org/?a=1&amp;b=2">{}</a>'.format),
    ),
    max_leaves=25,
)


@given(markup, st.integers(2, 80))
@example("<b>" + "😀" * 50 + "</b>", 3)
@example("a &amp; b &lt;c&gt; " * 30, 7)
def test_every_piece_parses_and_fits_and_no_word_is_lost(text, limit):
    pieces = split_html(text, limit)
    for piece in pieces:
        assert_parses(piece)
        assert html_length(piece) <= limit
        assert plain_text(piece).strip()
    assert squeezed("".join(map(plain_text, pieces))) == squeezed(plain_text(text))


def test_a_short_text_stays_as_it_is():
    assert split_html("<b>kurz</b> &amp; gut") == ["<b>kurz</b> &amp; gut"]


def test_a_blank_text_gives_no_piece():
    assert split_html(" \n <b> </b>") == []


def test_cuts_fall_between_paragraphs_first():
    text = "\n\n".join(["eins zwei drei", "vier fünf sechs", "sieben acht neun"])
    assert split_html(text, 32) == ["eins zwei drei\n\nvier fünf sechs", "sieben acht neun"]


def test_then_between_lines_then_between_words():
    assert split_html("eins zwei\ndrei vier", 12) == ["eins zwei", "drei vier"]
    assert split_html("eins zwei drei", 10) == ["eins zwei", "drei"]


def test_a_heading_is_not_left_alone():
    text = "<b>Titel</b>\n\n" + "wort " * 40
    assert len(plain_text(split_html(text, 100)[0])) > 50


def test_a_tag_that_is_open_at_a_cut_is_opened_again():
    assert split_html('<a href="https://x.de/?a&amp;b"><b>eins zwei</b></a>', 5) == [
        '<a href="https://x.de/?a&amp;b"><b>eins</b></a>',
        '<a href="https://x.de/?a&amp;b"><b>zwei</b></a>',
    ]


def test_lengths_count_utf16_units_after_parsing():
    assert html_length("<b>ä&amp;😀</b>") == 4
    assert utf16_length("😀") == 2


@given(st.text(max_size=400))
@example("<script>alert(1)</script>")
@example('[x](javascript:alert(1)) ![bild](http://x/y.png) [ok](https://x.de?a=1&b="2")')
@example("**fett *und* kursiv** <b>offen")
@example("# Titel **fett**\n\n> Zitat\n\n```\nx < y\n```\n\n1. a\n   - b\n   - c\n2. d")
def test_any_markdown_becomes_html_that_parses(text):
    rendered = markdown_to_html(text)
    assert_parses(rendered)
    for piece in split_html(rendered):
        assert html_length(piece) <= TEXT_LIMIT


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Ein **Satz** mit *Ton*.", "Ein <b>Satz</b> mit <i>Ton</i>."),
        ("eins\nzwei", "eins zwei"),
        ("eins\n\nzwei", "eins\n\nzwei"),
        ("- a\n- b\n\nc", "• a\n• b\n\nc"),
        ("1. a\n2. b\n   - c", "1. a\n2. b\n   • c"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("Text:\n\n- a\n- b", "Text:\n\n• a\n• b"),
        ("[KfW](https://kfw.de/?a=1&b=2)", '<a href="https://kfw.de/?a=1&amp;b=2">KfW</a>'),
        ("[KfW](tg://resolve?domain=x)", "KfW"),
        ("## Titel", "<b>Titel</b>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<i>kein HTML</i>", "&lt;i&gt;kein HTML&lt;/i&gt;"),
    ],
)
def test_markdown(markdown, expected):
    assert markdown_to_html(markdown) == expected


def test_dates_and_numbers_are_german():
    moment = dt.datetime(2027, 3, 12, 9, 5, tzinfo=dt.UTC)
    assert german_moment(moment, BERLIN) == "Fr, 12. März 2027, 10:05"
    assert german_moment(dt.datetime(2027, 7, 1, 8, 0, tzinfo=dt.UTC), BERLIN) == "Do, 1. Juli 2027, 10:00"
    assert german_day(dt.date(2026, 12, 31)) == "Do, 31. Dezember 2026"
    assert german_day(dt.date(2026, 12, 31), weekday=False) == "31. Dezember 2026"
    assert german_number(1234567) == "1.234.567"
    assert german_number(1234.5, 2) == "1.234,50"


@given(st.text(max_size=200), st.integers(2, 60))
def test_a_shortened_text_fits_and_is_one_line(text, limit):
    short = shorten(text, limit)
    assert utf16_length(short) <= limit
    assert "\n" not in short


def test_a_text_is_shortened_at_a_word():
    assert shorten("Lebendige Zentren in Thüringen", 20) == "Lebendige Zentren…"
    assert shorten("kurz", 20) == "kurz"
