from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.entries import EntryKind, Facet, Source, Theme, YearlyDate
from tests.knowledge.made import article, case, days, programme, term


@pytest.mark.parametrize("entry", [programme(), case(), article(), term()])
def test_an_entry_cannot_be_changed(entry):
    with pytest.raises(ValidationError, match="frozen"):
        entry.title = "Anders"


@pytest.mark.parametrize("entry", [programme(), case(), article(), term()])
def test_an_entry_comes_back_from_its_json_with_the_same_kind(entry):
    assert type(entry).model_validate_json(entry.model_dump_json()) == entry


@pytest.mark.parametrize("make", [programme, case, article, term])
def test_a_key_that_is_not_known_is_refused(make):
    with pytest.raises(ValidationError, match="farbe"):
        make(farbe="blau")


@pytest.mark.parametrize(
    "bad",
    ["", "Laden", "laden_hilfe", "laden--hilfe", "-laden", "laden-", "läden", "laden hilfe", "a" * 63, "laden\n-"],
)
def test_an_id_that_no_link_could_hold_is_refused(bad):
    with pytest.raises(ValidationError, match="id"):
        programme(id=bad)


def test_the_longest_id_still_fits_a_deep_link():
    assert len("e_" + programme(id="a" * 62).id) == 64


@pytest.mark.parametrize("good", ["2025", "2025-11", "2025-11-30", "2028-02-29"])
def test_a_state_is_as_exact_as_it_is_known(good):
    assert programme(as_of=good).as_of == good


def test_a_bare_year_of_yaml_is_taken_for_the_text_that_was_meant():
    assert programme(as_of=2025).as_of == "2025"


@given(days)
def test_every_day_of_the_calendar_is_a_state(day):
    assert programme(as_of=day).as_of == day.isoformat()


@pytest.mark.parametrize(
    "bad",
    [
        "25",
        "2025-13",
        "2025-00",
        "2025-02-29",
        "2025-2",
        "2025-11-31",
        "11/2025",
        "٢٠٢٥",
        "2025-11-",
        True,
    ],
)
def test_a_state_that_the_calendar_does_not_have_is_refused(bad):
    with pytest.raises(ValidationError, match="as_of"):
        programme(as_of=bad)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_any_text_is_a_state_only_if_it_is_a_date(text):
    with suppress(ValidationError):
        assert programme(as_of=text).as_of[:4].isdecimal()


def test_a_yearly_date_may_be_the_29th_of_february_but_not_the_30th():
    rule = YearlyDate(day="02-29")
    assert (rule.month, rule.day_of_month) == (2, 29)
    with pytest.raises(ValidationError):
        YearlyDate(day="02-30")


@pytest.mark.parametrize("bad", ["kfw.de", "ftp://kfw.de", "https://", "https://kfw.de/a b", "javascript:alert(1)"])
def test_a_source_that_cannot_be_opened_is_refused(bad):
    with pytest.raises(ValidationError, match="url"):
        Source(url=bad, what="alles")


def test_half_a_character_is_refused():
    with pytest.raises(ValidationError):
        programme(title="\ud83c")


def test_line_ends_of_a_form_become_those_of_a_file():
    assert programme(body=" Erstens.\r\n\r\nZweitens.\rDrittens.\n").body == "Erstens.\n\nZweitens.\nDrittens."


@pytest.mark.parametrize(("make", "changes"), [
    (programme, {"themes": ()}), (programme, {"applicants": ()}), (case, {"themes": ()}), (case, {"population": 0}),
    (programme, {"title": " \n "}), (term, {"definition": ""}), (programme, {"asks": ("",)}),
])  # fmt: skip
def test_what_must_not_be_empty_is_not(make, changes):
    with pytest.raises(ValidationError, match=next(iter(changes))):
        make(**changes)


def test_the_names_that_others_rely_on_are_these():
    assert [kind.value for kind in EntryKind] == ["funding", "case", "article", "term"]
    assert " ".join(facet.value for facet in Facet) == (
        "rate amount deadline applicants funds excludes requirements combinable how_to_apply contact status costs "
        "results lessons partners funding_used definition source"
    )
    assert len(Theme) == 15


def test_every_shipped_text_is_free_of_characters_that_do_not_show(shipped):
    for entry in shipped.entries.values():
        hidden = {c for c in entry.model_dump_json() if c < " " or c in "\u200b\ufeff\u00ad\u2028\ufffd"}
        assert not hidden, entry.id
