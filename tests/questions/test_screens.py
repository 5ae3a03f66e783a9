"""Any entry and any text a person typed becomes HTML that parses, within what Telegram takes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.questions.callbacks import Answered, Browse, Open, View
from bot.questions.cards import list_line
from bot.questions.lists import FilterButton, ListScreens
from bot.questions.screens import Asked, EntryScreens
from bot.rendering import TEXT_LIMIT, Messages, html_length, split_html
from bot.telegram import markup
from knowledge.describe import facets_of
from knowledge.entries import (
    Article,
    CaseStudy,
    Confidence,
    Deadline,
    DeadlineKind,
    EntryKind,
    Facet,
    FundingProgramme,
    Level,
    Source,
    Status,
    Term,
    Theme,
    YearlyDate,
)
from knowledge.filters import TownSize
from knowledge.library import Knowledge, entry_code
from tests.test_rendering import assert_parses

MESSAGES = Messages("bot.questions", ZoneInfo("Europe/Berlin"))
TODAY = dt.date(2026, 11, 22)

nasty = st.sampled_from(
    ["<b>", "&amp;", "</a>", "{{ 7 }}", "😀" * 40, "**fett", "[x](http://y)", "\u202e", "a" * 900, "'\""]
)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80)
sentences = st.builds("{}{}{}".format, anything, nasty, anything).map(str.strip).filter(bool)
several = st.lists(sentences, min_size=1, max_size=8).map(tuple)
themes = st.lists(st.sampled_from(Theme), min_size=1, max_size=5, unique=True).map(tuple)
common = {
    "title": sentences,
    "confidence": st.sampled_from(Confidence),
    "as_of": st.none() | st.sampled_from(["2025", "2025-11", "2025-11-30"]),
    "sources": st.lists(
        st.builds(Source, url=st.sampled_from(['https://x.de/?a=1&b="2"', "http://ä.de/<b>"]), what=sentences),
        max_size=4,
    ).map(tuple),
    "unverified": several,
    "body": st.lists(st.builds("{}{}".format, anything, nasty), max_size=12).map("\n\n".join),
}
yearly_dates = st.builds(YearlyDate, day=st.sampled_from(["02-29", "11-01"]), what=st.none() | sentences)
deadlines = st.builds(
    Deadline,
    kind=st.sampled_from(DeadlineKind),
    date=st.none() | st.dates(),
    yearly=st.lists(yearly_dates, max_size=2).map(tuple),
    note=st.none() | sentences,
)  # fmt: skip
programmes = st.builds(
    FundingProgramme, id=st.just("a"), level=st.sampled_from(Level), funder=sentences, contact=sentences,
    status=st.sampled_from(Status), applicants=several, themes=themes, funds=several, excludes=several,
    rate=st.none() | sentences, amount=st.none() | sentences, deadline=deadlines, requirements=several,
    combinable=st.none() | sentences, how_to_apply=several, instead=st.just(("b", "c", "gone")), **common,
)  # fmt: skip
cases = st.builds(
    CaseStudy, id=st.just("b"), town=sentences, state=sentences, population=st.none() | st.integers(1, 4_000_000),
    themes=themes, started=st.none() | st.just(2020), ended=st.none() | st.just(2024), problem=sentences,
    measures=several, results=several, costs=st.none() | sentences, funding=several, lessons=several,
    partners=several, contact=sentences, **common,
)  # fmt: skip
articles = st.builds(
    Article,
    id=st.just("c"),
    themes=themes,
    contact=st.none() | sentences,
    how_to_apply=several,
    results=several,
    **common,
)
terms = st.builds(Term, id=st.just("term-d"), definition=sentences, **common)
collections = st.tuples(programmes, cases, articles, terms).map(Knowledge.of)
origins = st.sampled_from(
    [None, Answered(2**40, 2**15 + 3, 7), Browse(EntryKind.FUNDING, Theme.BETEILIGUNG, Status.OPEN)]
)


def assert_telegram_takes(screen):
    assert_parses(screen.html)
    assert 0 < html_length(screen.html) <= TEXT_LIMIT
    for row in screen.keyboard:
        assert len(row) <= 8
        for button in row:
            assert button.text
            assert len(button.callback_data.encode()) <= 64
    if shown := markup(screen.keyboard):
        assert sum(map(len, shown.inline_keyboard)) <= 100


@settings(deadline=None, max_examples=30)
@given(collections, st.sampled_from(View), origins, st.booleans(), st.integers(0, 9))
def test_any_entry_renders_on_any_screen(knowledge, view, origin, direct, page):
    screens = EntryScreens(MESSAGES, knowledge)
    for entry in knowledge.entries.values():
        where = Open(entry_code(entry.id), view, page, origin, parent=(entry_code("z"), View.RELATED))
        asked = Asked(tuple(facets_of(entry))[:3], 1, direct=direct, others=True)
        assert_telegram_takes(screens.show(entry, where, asked, TODAY))


@settings(deadline=None, max_examples=20)
@given(collections, sentences, st.none() | st.sampled_from(Facet))
def test_any_list_renders(knowledge, label, facet):
    lists = ListScreens(MESSAGES, knowledge)
    entries = list(knowledge.entries.values()) * 3
    where = Answered(5, 1, 1)
    lines = [list_line(entry, TODAY, facet) for entry in entries]
    filters = [FilterButton(label[:40], 1 << bit, on=bool(bit % 2)) for bit in range(12)]
    assert_telegram_takes(lists.found(entries, lines, filters, where, -1, Answered(5)))
    assert_telegram_takes(lists.found([], [], filters, where, None, None))
    assert_telegram_takes(lists.choice(entries[:4], lines[:4], label, where))
    assert_telegram_takes(lists.nothing(entries, where))
    for kind in (EntryKind.FUNDING, EntryKind.CASE):
        for choosing in (True, False):
            assert_telegram_takes(lists.browse(Browse(kind, size=None, page=9, choosing=choosing), TODAY))


@given(sentences)
def test_any_typed_text_comes_back_escaped(text):
    html = MESSAGES.render("handed_over", text=text, contact=text)
    assert_parses(html)
    for piece in split_html(html):
        assert html_length(piece) <= TEXT_LIMIT


@pytest.mark.parametrize("view", View)
def test_every_shipped_entry_renders_on_every_screen(shipped_knowledge, view):
    screens = EntryScreens(MESSAGES, shipped_knowledge)
    for entry in shipped_knowledge.entries.values():
        for facet in facets_of(entry) if view is View.CARD else (None,):  # only cards know what was asked
            asked = Asked((facet,) if facet else (), direct=True)
            where = Open(entry_code(entry.id), view, origin=Answered(1))
            assert_telegram_takes(screens.show(entry, where, asked, TODAY))


def test_a_card_that_says_its_sources_says_them_once(shipped_knowledge):
    entry = shipped_knowledge.get("eisenach-goldschmiede")
    html = EntryScreens(MESSAGES, shipped_knowledge).card_html(entry, TODAY, (Facet.SOURCE,))
    assert "<b>Quelle:</b>\n• Stand 09/2025\n• Projektsteckbrief" in html
    assert html.count("Stand 09/2025") == 1


def test_a_card_of_the_alliance_leads_to_its_dates_and_groups_in_chat_only(shipped_knowledge):
    screens = EntryScreens(MESSAGES, shipped_knowledge)
    entry = shipped_knowledge.get("ag-klima")
    where = Open(entry_code(entry.id), View.CARD, origin=Answered(1))
    assert "/gruppen" in screens.show(entry, where, Asked((Facet.CONTACT,), direct=True), TODAY).html
    assert "/gruppen" not in screens.card_html(entry, TODAY)
    funding = shipped_knowledge.get("leader-thueringen")
    assert "/gruppen" not in screens.card_html(funding, TODAY, instead=True)


def test_every_theme_and_size_can_be_browsed(shipped_knowledge):
    lists = ListScreens(MESSAGES, shipped_knowledge)
    for theme in Theme:
        for size in (None, *TownSize):
            assert_telegram_takes(lists.browse(Browse(EntryKind.CASE, theme, size=size), TODAY))
        for status in (None, *Status):
            assert_telegram_takes(lists.browse(Browse(EntryKind.FUNDING, theme, status), TODAY))
