import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import EntryKind
from knowledge.library import CODE_LENGTH, Knowledge, entry_code
from tests.knowledge.made import case, ids, programme, term


def test_an_entry_is_found_by_its_id_and_by_its_code():
    library = Knowledge.of([programme(), case()])
    assert library.get("jena-laden") == case()
    assert library.by_code(entry_code("jena-laden")) == case()


def test_what_is_not_there_is_none():
    library = Knowledge.of([programme()])
    assert library.get("weg") is None
    assert library.by_code(entry_code("weg")) is None
    assert library.by_code("") is None


@given(ids)
def test_a_code_fits_callback_data_and_links(entry_id):
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{{CODE_LENGTH}}}", entry_code(entry_id))


def test_a_code_stays_for_ever_as_old_buttons_hold_it():
    assert entry_code("leader-thueringen") == "pzlMfLBy"


def test_codes_of_the_shipped_entries_differ(shipped):
    assert len({entry_code(entry_id) for entry_id in shipped.entries}) == len(shipped.entries)


def test_two_entries_with_one_id_are_refused():
    with pytest.raises(ValueError, match="laden-hilfe: two entries"):
        Knowledge.of([programme(), case(id="laden-hilfe")])


def test_two_ids_with_one_code_are_refused(monkeypatch):
    monkeypatch.setattr("knowledge.library.entry_code", lambda _: "AAAAAAAA")
    with pytest.raises(ValueError, match="jena-laden: its short code is that of laden-hilfe"):
        Knowledge.of([programme(), case()])


def test_the_entries_cannot_be_changed():
    with pytest.raises(TypeError):
        Knowledge.of([programme()]).entries["x"] = case()


def test_the_revision_stays_while_the_content_does():
    assert Knowledge.of([programme(), case()]).revision == Knowledge.of([programme(), case()]).revision


@given(st.text(st.characters(exclude_categories=["Cs"])).map(str.strip).filter(bool))
def test_the_revision_changes_with_any_text(title):
    before, after = (Knowledge.of([programme(title=text), case()]) for text in ("Vorher", title))
    assert (before.revision == after.revision) == (title == "Vorher")


def test_the_revision_changes_when_an_entry_goes():
    assert Knowledge.of([programme()]).revision != Knowledge.of([programme(), case()]).revision
    assert Knowledge.of([]).revision == Knowledge.of([]).revision


def test_entries_of_a_kind_come_in_reading_order():
    library = Knowledge.of([term("B"), programme(), term("A")])
    assert [entry.title for entry in library.of_kind(EntryKind.TERM)] == ["B", "A"]
    assert library.of_kind(EntryKind.ARTICLE) == []
