"""HTML read as Telegram reads it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import formatted, to_html, units
from bot.sandbox.errors import ApiError


def parsed(source):
    return formatted(source, "HTML", None)


def entity(kind, offset, length, **more):
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b><strong>b</strong>", "ab", [entity("bold", 0, 1), entity("bold", 1, 1)]),
        ("<i>a</i> <em>b</em>", "a b", [entity("italic", 0, 1), entity("italic", 2, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
        ("<s>a</s><del>b</del>", "ab", [entity("strikethrough", 0, 1), entity("strikethrough", 1, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [entity("spoiler", 0, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [entity("spoiler", 0, 1)]),
        ("<blockquote>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
        ("<code>a</code>", "a", [entity("code", 0, 1)]),
        ("<pre>a</pre>", "a", [entity("pre", 0, 1)]),
        ('<pre><code class="language-python">a</code></pre>', "a", [entity("pre", 0, 1, language="python")]),
        ('<a href="https://a.de/?b=1&amp;c=2">x</a>', "x", [entity("text_link", 0, 1, url="https://a.de/?b=1&c=2")]),
        ("<b>a<i>b</i></b>", "ab", [entity("bold", 0, 2), entity("italic", 1, 1)]),
        ("1 &lt; 2 &amp; 3 &gt; 2 &#8222;x&#x201C; &quot;", '1 < 2 & 3 > 2 „x“ "', []),
        ("a & b &uuml; &nbsp;c", "a & b &uuml; &nbsp;c", []),
        ("😀<b>ä</b>", "😀ä", [entity("bold", 2, 1)]),
        ("<b>👩‍👩‍👧</b>!", "👩‍👩‍👧!", [entity("bold", 0, 8)]),
        ("<b></b>a", "a", []),
        ("  <b> a </b>\n", "a", [entity("bold", 0, 1)]),
        ('<a href="javascript:alert(1)">x</a>', "x", []),
        ("<B>a</B>", "a", [entity("bold", 0, 1)]),
    ],
)
def test_it_parses(source, text, entities):
    assert parsed(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ä<div>a</div>", 'Unsupported start tag "div" at byte offset 2'),
        ("a<br>b", 'Unsupported start tag "br" at byte offset 1'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=x_y>a</a>", "Unexpected end of name token at byte offset 8"),
        ('<a ="x">a</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
    ],
)
def test_it_refuses_wrong_markup_with_telegrams_words(source, reason):
    with pytest.raises(ApiError) as caught:
        parsed(source)
    assert caught.value.code == 400
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


def test_it_refuses_an_unknown_parse_mode():
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        formatted("a", "BBCode", None)


def test_it_says_that_it_cannot_do_markdown():
    with pytest.raises(ApiError) as caught:
        formatted("*a*", "MarkdownV2", None)
    assert caught.value.code == 501


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("/hilfe bitte", "bot_command", "/hilfe"),
        ("nimm /termine@lotse_demo_bot", "bot_command", "/termine@lotse_demo_bot"),
        ("frag @lotse_demo_bot dazu", "mention", "@lotse_demo_bot"),
        ("siehe https://a.de/b?c=d.", "url", "https://a.de/b?c=d"),
        ("siehe www.tmil.info!", "url", "www.tmil.info"),
        ("an buero@stadt.de schreiben", "email", "buero@stadt.de"),
        ("zu #Leerstand", "hashtag", "#Leerstand"),
    ],
)
def test_it_finds_entities_in_plain_text(text, kind, found):
    shown, entities = formatted(text, None, None)
    assert [(e["type"], shown[e["offset"] : e["offset"] + e["length"]]) for e in entities] == [(kind, found)]


@pytest.mark.parametrize("text", ["am 3/4 oder und/oder", "a//b", "10 % von 5 €", "z.B. so", "Uhr 10:00/11:00"])
def test_it_finds_no_entities_where_there_are_none(text):
    assert formatted(text, None, None)[1] == []


def test_it_finds_nothing_inside_code():
    assert parsed("<code>/hilfe</code>")[1] == [entity("code", 0, 6)]


def test_it_refuses_entities_beyond_the_text():
    with pytest.raises(ApiError, match="ENTITY_BOUNDS_INVALID"):
        formatted("ab", None, [entity("bold", 1, 2)])


def test_it_counts_utf16_code_units():
    assert units("aä€") == 3
    assert units("😀") == 2


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<b>a &lt; b</b>", "<b>a &lt; b</b>"),
        ("<b>a<i>😀</i></b>c", "<b>a<i>😀</i></b>c"),
        ("<i><b>a</b></i>", "<b><i>a</i></b>"),
        ("<script>", None),
        ("/hilfe", '<span class="command" data-command="/hilfe">/hilfe</span>'),
        (
            '<a href="https://a.de/&quot;x">y</a>',
            '<a href="https://a.de/&quot;x" target="_blank" rel="noopener noreferrer">y</a>',
        ),
    ],
)
def test_it_shows_safe_html(source, html):
    if html is None:
        assert to_html(source, []) == "&lt;script&gt;"
    else:
        assert to_html(*parsed(source)) == html


def test_crossing_entities_are_closed_and_opened_anew():
    assert to_html("abc", [entity("bold", 0, 2), entity("italic", 1, 2)]) == "<b>a<i>b</i></b><i>c</i>"


PIECES = st.sampled_from(
    [*"<>/&;=\"' ab😀", "<b>", "</b>", "<i>", "</i>", '<a href="https://a.de">', "</a>", "&lt;", "/x"]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_either_refused_or_shown_with_entities_inside_it(source):
    try:
        text, entities = parsed(source)
    except ApiError as error:
        text, entities = error.description.removeprefix("Bad Request: can't parse entities: "), []
        assert text != error.description  # noqa: PT017 - both outcomes are right
    for found in entities:
        assert 0 <= found["offset"] < found["offset"] + found["length"] <= units(text)
    html = to_html(text, entities)
    assert len(re.findall(r"<(?!/)", html)) == html.count("</")
