import datetime as dt

import pytest

from knowledge.checking import FEWEST_ASKS, MOST_ASKS, MOST_BODY_WORDS, check, check_model, stale
from knowledge.entries import Deadline, DeadlineKind, Status
from knowledge.facet_model import load_wordings
from tests.knowledge.made import ASKS, article, case, programme, put_spoiled, term, write

TODAY = dt.date(2026, 11, 22)


def check_of(folder, *entries):
    return check(write(folder, *entries), TODAY)


def the_fault(folder, *entries):
    (fault,) = check_of(folder, *entries)
    return fault


def asks(word, count=FEWEST_ASKS):
    return tuple(f"{word} {number}" for number in range(count))


def test_the_shipped_content_has_no_faults():
    assert check(today=TODAY) == []


def test_the_shipped_facet_model_was_fitted_to_the_shipped_wordings():
    assert check_model() == []


def test_a_facet_model_that_was_fitted_to_other_wordings_is_a_fault():
    (fault,) = check_model(wordings={**load_wordings(), "none": ["Guten Tag"]})
    assert str(fault).startswith(
        "facet_wordings.yaml: file: it has changed since the facet model was fitted. Run `python"
    )


def test_entries_without_faults_have_none(tmp_path):
    entries = (programme(), case(asks=asks("Fall")), article(asks=asks("AG")), term(asks=asks("Wort")))
    assert check_of(tmp_path, *entries) == []


@pytest.mark.parametrize(
    ("entry", "field", "problem"),
    [
        (programme(sources=()), "sources", "there is none"),
        (case(sources=()), "sources", "there is none"),
        (article(sources=()), "sources", "there is none"),
        (programme(review_by=None), "review_by", "it is missing"),
        (programme(as_of="2026-12"), "as_of", "2026-12 is in the future"),
        (programme(as_of="2027"), "as_of", "2027 is in the future"),
        (programme(as_of="2026-11-23"), "as_of", "2026-11-23 is in the future"),
        (case(started=2024, ended=2022), "ended", "2022 is before the start in 2024"),
        (programme(instead=("weg",)), "instead.0", "there is no entry weg"),
        (programme(instead=("laden-hilfe",)), "instead.0", "cannot serve instead of itself"),
        (programme(status=Status.CLOSED), "instead", "a closed programme names none"),
        (programme(asks=asks("Laden", FEWEST_ASKS - 1)), "asks", "there are 7"),
        (programme(asks=asks("Laden", MOST_ASKS + 1)), "asks", "there are 31"),
        (term(asks=()), "asks", "there are 0"),
        (programme(asks=(*ASKS, "<b>Laden</b>")), "asks.8", "holds a mark of HTML"),
        (programme(asks=(*ASKS, ASKS[0].upper())), "asks.8", "also stands in laden-hilfe"),
        (programme(body=""), "body", "it is empty"),
        (programme(body="Wort " * (MOST_BODY_WORDS + 1)), "body", "it has 261 words"),
        (programme(body="Ein <b>fetter</b> Text").model_copy(update={"body": "Ein <br> Text"}), "body", "HTML is forb"),
        (programme(body="<div>Kasten</div>"), "body", "HTML is forbidden: '<div>Kasten</div>'"),
        (programme(body="<!-- versteckt -->"), "body", "HTML is forbidden"),
        (programme(body="Text <script>alert(1)"), "body", "HTML is forbidden"),
        (programme(body="[hier](javascript:alert(1))"), None, None),
        (programme(body="[hier](/seite)"), "body", "the link '/seite' leads nowhere"),
        (programme(body="[hier](ftp://kfw.de)"), "body", "leads nowhere"),
        (programme(body="Die Frist ist verstrichen."), "body", "„verstrichen“ will be wrong soon"),
        (programme(body="Es sind noch 5 Tage."), "body", "„noch 5 Tage“ will be wrong soon"),
        (programme(body="Noch 1 Tag."), "body", "„Noch 1 Tag“ will be wrong soon"),
        (programme(deadline=Deadline(kind=DeadlineKind.CALL, note="endet morgen")), "deadline.note", "„morgen“"),
        (programme(deadline=Deadline(kind=DeadlineKind.CALL, note="aus dem Jahr abgeleitet")), "deadline.note",
         "„Jahr abgeleitet“"),
    ],
)  # fmt: skip
def test_a_fault_beyond_the_types_is_named_with_its_field(tmp_path, entry, field, problem):
    if field is None:
        assert check_of(tmp_path, entry) == []  # what is no link is a text and shows as one
        return
    fault = the_fault(tmp_path, entry)
    assert fault.file in {"funding/laden-hilfe.md", "cases/jena-laden.md", "articles/ag-laden.md",
                          "glossary.yaml (Leerstand)"}  # fmt: skip
    assert fault.field == field
    assert problem in fault.problem
    assert fault.mend.endswith(".")


@pytest.mark.parametrize("body", ["# Titel", "> Zitat", "`Code`", "| a |\n|---|\n| b |", "![Bild](https://a.de/b.png)",
                                  "---\n\nText"])  # fmt: skip
def test_what_a_chat_cannot_show_is_a_fault(tmp_path, body):
    faults = check_of(tmp_path, programme(body=body))
    assert faults
    assert all(fault.field == "body" and "does not show in a chat" in fault.problem for fault in faults)


def test_what_a_chat_shows_is_none(tmp_path):
    body = "**Fett** und *kursiv*, [KfW](https://www.kfw.de).\n\n- eins\n- zwei\n\n1. erstens\n\n5 < 7 & 7 > 5"
    assert check_of(tmp_path, programme(body=body)) == []


def test_a_wording_that_stands_in_two_entries_is_named_with_the_first(tmp_path):
    fault = the_fault(tmp_path, programme(), case(asks=(*asks("Fall"), ASKS[3].lower())))
    assert (fault.file, fault.field) == ("cases/jena-laden.md", "asks.8")
    assert "also stands in laden-hilfe" in fault.problem


def test_faults_of_the_types_and_beyond_come_together_by_file(tmp_path):
    put_spoiled(tmp_path, programme(sources=()), lambda data: data)
    put_spoiled(tmp_path, case(), lambda data: data.update(status="offen"))
    put_spoiled(tmp_path, article(asks=asks("AG")), lambda data: data.pop("review_by"))
    files = [fault.file for fault in check(tmp_path, TODAY)]
    assert files == sorted(files)
    assert len(set(files)) == 3


def test_a_closed_programme_may_name_one_that_serves_instead(tmp_path):
    closed = programme(id="alt", status=Status.CLOSED, instead=("laden-hilfe",), asks=asks("Alt"))
    assert check_of(tmp_path, programme(), closed) == []


# -- what is due for review --------------------------------------------------------------------------


def test_what_is_due_comes_longest_overdue_first():
    entries = [
        programme(id=name, review_by=day and dt.date.fromisoformat(day))
        for name, day in [("b", "2026-11-22"), ("nie", None), ("a", "2026-11-22"), ("alt", "2025-01-01"),
                          ("neu", "2026-11-23")]
    ]  # fmt: skip
    assert [entry.id for entry in stale(entries, TODAY)] == ["alt", "a", "b"]
    assert [entry.id for entry in stale(entries, TODAY, within_days=1)] == ["alt", "a", "b", "neu"]
    assert stale([], TODAY) == []


def test_every_shipped_entry_but_the_terms_is_due_some_day(shipped):
    due = stale(shipped.entries.values(), dt.date(2100, 1, 1))
    assert {entry.id for entry in shipped.entries.values() if entry.kind != "term"} <= {entry.id for entry in due}
