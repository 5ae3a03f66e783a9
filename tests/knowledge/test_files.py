import datetime as dt

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.entries import EntryKind, Term
from knowledge.files import (
    CONTENT,
    ContentError,
    load_knowledge,
    parse_document,
    path_of,
    read_entries,
    save_knowledge,
    term_id,
    write_document,
    write_glossary,
)
from knowledge.library import Knowledge
from tests.knowledge.made import article, case, file_entries, programme, put, put_spoiled, term, terms, write


def fault_of(folder):
    (fault,) = read_entries(folder)[1]
    return fault


# -- round trips -----------------------------------------------------------------------------------


def test_every_shipped_entry_comes_back_as_it_was_written(shipped, tmp_path):
    assert save_knowledge(shipped, tmp_path) == len(shipped.entries)
    again = load_knowledge(tmp_path)
    assert again.entries == shipped.entries
    assert again.revision == shipped.revision


def test_every_shipped_file_stands_where_its_entry_belongs(shipped):
    assert all((CONTENT / path_of(entry)).is_file() for entry in shipped.entries.values())
    written = {f"{file.parent.name}/{file.name}" for file in CONTENT.rglob("*.md")}
    assert written == {path_of(entry) for entry in shipped.entries.values() if not isinstance(entry, Term)}


def test_every_shipped_file_is_written_as_the_editor_would_write_it(shipped):
    for entry in shipped.entries.values():
        if not isinstance(entry, Term):
            assert (CONTENT / path_of(entry)).read_text("utf-8") == write_document(entry), entry.id
    assert (CONTENT / "glossary.yaml").read_text("utf-8") == write_glossary(shipped.of_kind(EntryKind.TERM))


@settings(max_examples=60)
@given(file_entries)
@example(programme(body="Erstens.\r\n\r\nZweitens."))
@example(programme(title="---", body="Erstens.\n---\nZweitens.", rate="a\n---\nb: {c}"))
@example(programme(body="\x1cErstens.\rZweitens.\x1f"))
@example(article(title="2027-02-30", contact="null", body="---"))
@example(case(title="\x07 \x85 \u2028 \ufeff 🏚", town="Nein", state="no", costs="1_000"))
def test_any_entry_comes_back_from_its_file(tmp_path_factory, entry):
    folder = write(tmp_path_factory.mktemp("content"), entry)
    ((_, again),), faults = read_entries(folder)
    assert not faults
    assert again == entry


@settings(max_examples=50)
@given(st.lists(terms, unique_by=lambda each: each.id, max_size=4))
def test_any_terms_come_back_from_the_glossary(tmp_path_factory, listed):
    folder = tmp_path_factory.mktemp("content")
    put(folder, "glossary.yaml", write_glossary(listed))
    entries, faults = read_entries(folder)
    assert not faults
    assert [entry for _, entry in entries] == listed


def test_the_order_of_reading_is_funding_cases_articles_terms(tmp_path):
    save_knowledge(Knowledge.of([term(), article(), case(), programme()]), tmp_path)
    assert list(load_knowledge(tmp_path).entries) == ["laden-hilfe", "jena-laden", "ag-laden", "term-leerstand"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [("ISEK", "term-isek"), ("Pop-up-Store", "term-pop-up-store"), ("Größe (m²)", "term-groesse-m"),
     ("Öffentlich-private Partnerschaft", "term-oeffentlich-private-partnerschaft")],
)  # fmt: skip
def test_a_terms_id_follows_from_its_title(title, expected):
    assert term_id(title) == expected


def test_a_mark_of_the_encoding_before_a_file_does_no_harm(tmp_path):
    put(tmp_path, "funding/laden-hilfe.md", "\ufeff" + write_document(programme()))
    put(tmp_path, "glossary.yaml", "\ufeff" + write_glossary([term()]))
    assert read_entries(tmp_path) == (
        [("funding/laden-hilfe.md", programme()), ("glossary.yaml (Leerstand)", term())], []
    )  # fmt: skip


def test_files_of_windows_are_read(tmp_path):
    file = put(tmp_path, "funding/laden-hilfe.md", "")
    file.write_bytes(write_document(programme(body="Erstens.\n\nZweitens.")).replace("\n", "\r\n").encode())
    assert load_knowledge(tmp_path).get("laden-hilfe").body == "Erstens.\n\nZweitens."


# -- faults: each names the file, the field and the mend ---------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "field", "problem", "mend"),
    [
        (lambda d: d.update(themes=["leerstand", "raumfahrt"]), "themes.1", "'raumfahrt' is not known", "'leerstand'"),
        (lambda d: d.update(status="offen"), "status", "'offen' is not known", "Use one of: 'open', 'closed'"),
        (lambda d: d.pop("funder"), "funder", "it is missing", "Add it."),
        (lambda d: d.update(farbe="blau"), "farbe", "there is no such key", "mend its spelling"),
        (lambda d: d.update(review_by="2027-02-30"), "review_by", "'2027-02-30' is not a day", "YYYY-MM-DD"),
        (lambda d: d.update(review_by="bald"), "review_by", "'bald' is not a day", "YYYY-MM-DD"),
        (lambda d: d.update(as_of="2025-13"), "as_of", "'2025-13' is not in the calendar", "Write a date"),
        (lambda d: d.update(as_of="2025-02-31"), "as_of", "'2025-02-31' is not in the calendar", "Write a date"),
        (lambda d: d.update(as_of="Mai 2025"), "as_of", "'Mai 2025'", "Mend the value."),
        (lambda d: d["deadline"].update(date="2026-11-31"), "deadline.date", "'2026-11-31' is not a day", "YYYY-MM-DD"),
        (lambda d: d["deadline"].update(yearly=[{"day": "02-30"}]), "deadline.yearly.0", "not in the calendar", "date"),
        (lambda d: d["deadline"].update(kind="manchmal"), "deadline.kind", "'manchmal' is not known", "'annual'"),
        (lambda d: d.update(applicants=[]), "applicants", "at least 1 item", "Mend the value."),
        (lambda d: d.update(title="  "), "title", "at least 1 character", "Mend the value."),
        (lambda d: d.update(sources=[{"url": "www.kfw.de", "what": "x"}]), "sources.0.url", "www.kfw.de", "Mend"),
        (lambda d: d.update(rate={"a": 1}), "rate", "valid string", "Mend the value."),
        (lambda d: d.update({7: "x"}), "7", "7", "Mend"),
        (lambda d: d.update(id="other"), "id", "it is 'other'", "Name the file other.md"),
    ],
)  # fmt: skip
def test_a_fault_names_file_field_and_mend(tmp_path, spoil, field, problem, mend):
    put_spoiled(tmp_path, programme(), spoil)
    fault = fault_of(tmp_path)
    assert (fault.file, fault.field) == ("funding/laden-hilfe.md", field)
    assert problem in fault.problem
    assert mend in fault.mend
    assert str(fault).startswith(f"funding/laden-hilfe.md: {field}: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "does not begin with front matter"),
        ("Nur Text.", "does not begin with front matter"),
        ("---\nid: x\n", "does not begin with front matter"),
        ("---\n---\n\nText", "does not begin with front matter"),
        ("---\nid: [x\n---\n", "no valid YAML"),
        ("---\n- id\n---\n", "no mapping"),
        ("---\n\n---\n", "no mapping"),
    ],
)
def test_a_file_without_readable_front_matter_is_named(tmp_path, text, problem):
    put(tmp_path, "cases/jena-laden.md", text)
    fault = fault_of(tmp_path)
    assert (fault.file, fault.field) == ("cases/jena-laden.md", "file")
    assert problem in fault.problem


@pytest.mark.parametrize("name", ["funding/laden-hilfe.md", "glossary.yaml"])
def test_a_file_that_is_no_text_is_named(tmp_path, name):
    put(tmp_path, name, "").write_bytes(b"\xff\xfe\x00")
    fault = fault_of(tmp_path)
    assert (fault.file, fault.field) == (name, "file")


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("- term: [a", "file", "no valid YAML"),
        ("5", "file", "no list of terms"),
        ("Leerstand", "file", "no list of terms"),
        ("term: Leerstand", "file", "no list of terms"),
        ("- Leerstand", "[1]", "no key `term`"),
        ("- term: Leerstand", "definition", "it is missing"),
        ("- {term: ' ! ', definition: x}", "id", "term-"),
    ],
)
def test_a_fault_of_the_glossary_is_named(tmp_path, text, field, problem):
    put(tmp_path, "glossary.yaml", text)
    fault = read_entries(tmp_path)[1][0]
    assert fault.file.startswith("glossary.yaml")
    assert fault.field == field
    assert problem in fault.problem


def test_an_empty_glossary_holds_no_terms(tmp_path):
    put(tmp_path, "glossary.yaml", "")
    assert read_entries(tmp_path) == ([], [])


def test_a_second_entry_with_the_same_id_is_named_with_the_first(tmp_path):
    write(tmp_path, programme(), case(id="laden-hilfe"))
    fault = fault_of(tmp_path)
    assert fault.file == "cases/laden-hilfe.md"
    assert "funding/laden-hilfe.md" in fault.problem


def test_a_folder_that_is_not_there_is_named(tmp_path):
    fault = fault_of(tmp_path / "weg")
    assert "no such folder" in fault.problem


def test_loading_tells_all_faults_at_once(tmp_path):
    put_spoiled(tmp_path, programme(), lambda d: d.update(status="offen", level="Mond"))
    put(tmp_path, "cases/jena-laden.md", "Nur Text.")
    with pytest.raises(ContentError) as raised:
        load_knowledge(tmp_path)
    assert len(raised.value.faults) == 3
    assert str(raised.value).count("\n") == 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_read_or_refused_in_words(text):
    for candidate in (text, f"---\n{text}\n---\n", f"---\nid: x\n---\n{text}"):
        try:
            data = parse_document(candidate)
        except ValueError:
            continue
        assert "body" in data


def test_dates_stay_text_until_they_are_checked():
    data = parse_document("---\nreview_by: 2027-02-30\nas_of: 2025\n---\n")
    assert data["review_by"] == "2027-02-30"
    assert yaml.safe_load("2027-02-28") == dt.date(2027, 2, 28)
