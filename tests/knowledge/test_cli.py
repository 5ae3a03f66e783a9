import json
import re

import pytest
from typer.testing import CliRunner

from knowledge import cli
from knowledge.files import CONTENT, load_knowledge, save_knowledge
from knowledge.lexicon import LexiconError
from knowledge.library import Knowledge
from tests.knowledge.made import ASKS, article, case, programme, put, put_spoiled, term, write

OTHER_ASKS = tuple(f"Ganz anders {number}" for number in range(8))


@pytest.fixture(autouse=True)
def _standing_day(monkeypatch, day, shipped, answerer):
    """The day stands still, and the shipped content, which the answerer's fixture prepared, is not read each time."""
    monkeypatch.setattr(cli, "_today", lambda: day)
    monkeypatch.setattr(cli, "load_knowledge", lambda path: shipped if path == CONTENT else load_knowledge(path))


def run(*arguments, given=None, code=0):
    result = CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, [str(each) for each in arguments], input=given)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


# -- ask ---------------------------------------------------------------------------------------------


def assert_shape(row):
    assert list(row) == ["question", "kind", "facet", "hits", "text", "ms"]
    assert isinstance(row["question"], str)
    assert row["kind"] in {"fact", "entry", "list", "choose", "none"}
    assert row["facet"] is None or isinstance(row["facet"], str)
    assert len(row["hits"]) <= 10
    for hit in row["hits"]:
        assert list(hit) == ["id", "kind", "title", "confidence"]
        assert hit["kind"] in {"funding", "case", "article", "term"}
        assert 0 <= hit["confidence"] <= 1
    assert isinstance(row["text"], str)
    assert row["ms"] > 0


def test_a_question_is_answered_as_one_json_object():
    (row,) = rows(run("ask", "--json", "kfw 432 wieviel prozent"))
    assert_shape(row)
    assert row["question"] == "kfw 432 wieviel prozent"
    assert (row["kind"], row["facet"]) == ("fact", "rate")
    assert row["hits"][0]["id"] == "energetische-stadtsanierung-kfw-432"
    assert "75 %" in row["text"]


def test_each_line_of_standard_input_is_a_question_and_empty_ones_are_none():
    questions = ["Was ist ein ISEK?", "", "   ", "Pizza bestellen", "Beispiele aus Hessen", "Programme"]
    found = rows(run("ask", "--json", given="\n".join(questions) + "\n"))
    assert [row["question"] for row in found] == [question for question in questions if question.strip()]
    for row in found:
        assert_shape(row)
    assert [row["kind"] for row in found[:3]] == ["fact", "none", "list"]


def test_a_list_shows_at_most_ten_hits():
    (row,) = rows(run("ask", "--json", "Alle Programme für Kommunen"))
    assert row["kind"] == "list"
    assert len(row["hits"]) == 10


def test_a_line_may_be_a_follow_up():
    lines = [
        {"question": "und bis wann?", "after": ["leader-thueringen", "rate"]},
        {"question": "und bis wann?", "after": ["leader-thueringen", None]},
        {"question": "Was ist ein ISEK?", "after": None},
        {"question": "Was ist ein ISEK?"},
        {"question": "Was ist ein ISEK?", "after": ["gibt-es-nicht", "rate"]},
    ]
    found = rows(run("ask", "--json", given="\n".join(map(json.dumps, lines))))
    assert [row["hits"][0]["id"] for row in found] == ["leader-thueringen"] * 2 + ["term-isek"] * 3
    assert [row["facet"] for row in found] == ["deadline"] * 2 + ["definition"] * 3


@pytest.mark.parametrize(
    "line",
    ['{"frage": "x"}', '{"question": "x", "after": ["id"]}', '{"question": "x", "after": ["id", "farbe"]}',
     '{"question": "x", "after": 5}', '{"question": "x", "after": {"id": "a", "facet": "rate"}}'],
)  # fmt: skip
def test_an_object_of_another_form_is_refused_with_the_form(line):
    result = run("ask", "--json", given=line, code=1)
    assert '{"question": "…", "after": ["entry-id", "facet" or null]}' in result.stderr.replace("\n", " ")


@pytest.mark.parametrize("line", ["{", "{förderung}", '{"a":' * 5000])
def test_a_question_may_begin_with_a_brace(line):
    (row,) = rows(run("ask", "--json", given=line))
    assert row["question"] == line


@pytest.mark.parametrize(
    "line",
    ['{"question": "leer\\ud83cstand"}', b"leer\xff\xfestand", "leer\x00stand", "leer\x1b[31mstand", "\ufeffleer"],
)
def test_broken_characters_are_answered(line):
    (row,) = rows(run("ask", "--json", given=line))
    assert_shape(row)


def test_a_person_reads_the_answer_and_the_hits():
    shown = run("ask", "kfw 432 wieviel prozent").stdout
    assert shown.startswith("fact · rate\nEnergetische Stadtsanierung")
    assert "Fördersatz: Zuschuss 75 %" in shown
    assert "energetische-stadtsanierung-kfw-432" in shown
    assert re.search(r"\d ms", shown)


def test_explaining_shows_words_constraints_and_evidence():
    shown = run("ask", "--explain", "Beispiele aus Hessen gegen Leerstand").stdout
    for heading in ("How the question was understood", "Constraints: ", "Why each hit came"):
        assert heading in shown
    assert "leerstand" in shown


def test_marks_in_titles_are_shown_as_they_are(tmp_path):
    write(tmp_path, programme(title="Ladenhilfe [/red] [alt]"))
    assert "Ladenhilfe [/red] [alt]" in run("ask", "--content", tmp_path, "Ladenhilfe").stdout
    write(tmp_path, programme(title="Ladenhilfe [/red]", review_by="2026-01-01"))
    assert "Ladenhilfe [/red]" in run("stale", "--content", tmp_path).stdout


def test_an_empty_folder_answers_that_it_knows_nothing(tmp_path):
    (row,) = rows(run("ask", "--json", "--content", tmp_path, "Leerstand"))
    assert (row["kind"], row["hits"]) == ("none", [])


# -- check -------------------------------------------------------------------------------------------


def test_the_shipped_content_is_checked_without_faults(shipped):
    assert run("check").stdout == f"{len(shipped.entries)} entries, no faults.\n"


def test_faults_are_named_one_a_line_and_end_with_an_error(tmp_path):
    put_spoiled(tmp_path, programme(), lambda data: data.update(themes=["raumfahrt"]))
    put_spoiled(tmp_path, case(asks=OTHER_ASKS), lambda data: data.update(sources=[]))
    result = run("check", "--content", tmp_path, code=1)
    first, second = result.stdout.splitlines()
    assert first.startswith("cases/jena-laden.md: sources: there is none. Name ")
    assert second.startswith("funding/laden-hilfe.md: themes.0: 'raumfahrt' is not known. Use one of: ")
    assert "2 faults." in result.stderr


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert "there is no such folder" in run("check", "--content", tmp_path / "weg", code=1).stdout
    assert "there is no such folder" in run("ask", "x", "--content", tmp_path / "weg", code=1).stderr.replace("\n", " ")


def test_a_fault_of_the_lexicon_is_named(monkeypatch):
    def load():
        raise LexiconError("lexicon.yaml: the sections facets are missing")

    monkeypatch.setattr(cli.Lexicon, "load", load)
    assert "lexicon.yaml: the sections facets are missing" in run("check", code=1).stdout


def test_a_facet_model_that_is_behind_its_wordings_is_named(monkeypatch):
    monkeypatch.setattr("knowledge.checking.load_wordings", lambda: {"rate": ["wie hoch"]})
    assert "facet_wordings.yaml: file: it has changed since the facet model was fitted" in run("check", code=1).stdout


# -- stale -------------------------------------------------------------------------------------------


def test_what_is_due_for_review_is_listed_longest_overdue_first(tmp_path):
    write(tmp_path, programme(review_by="2026-11-22"), case(review_by="2026-01-01"), article(review_by="2026-12-01"))
    shown = run("stale", "--content", tmp_path).stdout
    assert shown.index("jena-laden") < shown.index("laden-hilfe")
    assert "ag-laden" not in shown
    assert "ag-laden" in run("stale", "--content", tmp_path, "--within", 9).stdout


def test_where_nothing_is_due_that_is_said(tmp_path):
    assert run("stale", "--content", write(tmp_path, programme())).stdout == "Nothing is due for review.\n"


# -- export and import -------------------------------------------------------------------------------


def test_what_is_exported_is_imported_again(tmp_path, shipped):
    assert run("export", tmp_path / "out").stdout.startswith(f"{len(shipped.entries)} entries written")
    save_knowledge(Knowledge.of([programme(asks=OTHER_ASKS)]), tmp_path / "in")
    result = run("import", tmp_path / "out", "--content", tmp_path / "in")
    assert result.stdout == f"{len(shipped.entries)} entries imported, {len(shipped.entries) + 1} in all.\n"
    again = load_knowledge(tmp_path / "in")
    assert {entry_id: again.get(entry_id) for entry_id in shipped.entries} == dict(shipped.entries)


def here(tmp_path, *entries):
    """A content folder with these entries, and an empty one to import from."""
    save_knowledge(Knowledge.of(entries), tmp_path / "here")
    (tmp_path / "new").mkdir()
    return tmp_path / "here", tmp_path / "new"


def imports(new, content, code=0):
    result = run("import", new, "--content", content, code=code)
    return (result.stdout + result.stderr).replace("\n", " ")


def test_an_imported_entry_replaces_the_one_with_its_id(tmp_path):
    content, new = here(tmp_path, programme(), term(asks=OTHER_ASKS))
    write(new, programme(rate="60 %"))
    assert imports(new, content) == "1 entries imported, 2 in all. "
    assert load_knowledge(content).get("laden-hilfe").rate == "60 %"
    assert load_knowledge(content).get("term-leerstand")


def test_an_imported_entry_may_refer_to_one_that_is_there(tmp_path):
    content, new = here(tmp_path, programme())
    write(new, programme(id="alt", status="closed", instead=("laden-hilfe",), asks=OTHER_ASKS))
    imports(new, content)
    assert len(load_knowledge(content).entries) == 2


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (case(), "also stands in laden-hilfe"),
        (case(id="laden-hilfe", asks=OTHER_ASKS), "laden-hilfe is the id of a funding already"),
        (case(asks=OTHER_ASKS, sources=()), "sources: there is none"),
        (programme(id="neu", asks=OTHER_ASKS, instead=("weg",)), "there is no entry weg"),
    ],
)
def test_what_would_spoil_the_content_is_not_imported(tmp_path, entry, problem):
    content, new = here(tmp_path, programme(asks=ASKS))
    write(new, entry)
    said = imports(new, content, code=1)
    assert "Nothing was imported:" in said
    assert problem in said
    assert dict(load_knowledge(content).entries) == {"laden-hilfe": programme()}


def test_an_unreadable_file_keeps_all_others_out(tmp_path):
    content, new = here(tmp_path, programme())
    write(new, case(asks=OTHER_ASKS))
    put(new, "articles/ag-laden.md", "Nur Text.")
    assert "articles/ag-laden.md" in imports(new, content, code=1)
    assert len(load_knowledge(content).entries) == 1


def test_a_folder_without_entries_imports_nothing(tmp_path):
    content, new = here(tmp_path, programme())
    assert "holds no entries" in imports(new, content, code=1)


def test_faults_that_were_there_before_do_not_hinder_an_import(tmp_path):
    content, new = here(tmp_path, programme(sources=()))
    write(new, case(asks=OTHER_ASKS))
    imports(new, content)
    assert len(load_knowledge(content).entries) == 2
