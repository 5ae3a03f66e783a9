import datetime as dt

import pytest

from knowledge.answers import AnswerKind
from knowledge.entries import EntryKind, Facet, Status, Theme
from knowledge.filters import Applicant, applicants_of
from knowledge.lists import next_day

RANK = {Status.OPEN: 0, Status.UNKNOWN: 1, Status.CLOSED: 2}


@pytest.mark.parametrize(
    "question",
    ["Welche Programme gibt es für Vereine?", "Beispiele aus Hessen", "Alle Programme für Kommunen",
     "Welche Städte in Ostdeutschland haben etwas gegen Leerstand gemacht?", "Welche Programme sind noch offen?",
     "Welche Fristen laufen in den nächsten sechs Monaten ab?", "Beispiele aus Städten unter 20.000 Einwohnern"],
)  # fmt: skip
def test_a_question_for_several_gets_a_list(answerer, question):
    answer = answerer.answer(question)
    assert answer.kind == AnswerKind.LIST
    assert len(answer.hits) > 1
    assert answer.text.startswith(f"{len(answer.hits)} Treffer")


@pytest.mark.parametrize(
    "question",
    ["Was ist ein ISEK?", "kfw 432 wieviel prozent", "Bis wann kann man den KfW 432 beantragen?",
     "Was hat die Goldschmiede Eisenach gekostet?"],
)  # fmt: skip
def test_a_question_for_one_gets_one(answerer, question):
    assert answerer.answer(question).kind == AnswerKind.FACT


def entries(answerer, question):
    return [answerer.knowledge.get(hit.id) for hit in answerer.answer(question).hits]


def test_a_list_keeps_to_its_constraints(answerer):
    found = entries(answerer, "Welche Programme gibt es für Vereine?")
    assert found
    assert all(Applicant.ASSOCIATION in applicants_of(entry) for entry in found)
    found = entries(answerer, "Beispiele aus Hessen")
    assert {entry.state for entry in found} == {"Hessen"}
    found = entries(answerer, "Beispiele aus Städten unter 20.000 Einwohnern")
    assert all(entry.population <= 20_000 for entry in found)


def test_a_list_is_whole(answerer):
    cases = answerer.knowledge.of_kind(EntryKind.CASE)
    assert {entry.id for entry in entries(answerer, "Beispiele aus Hessen")} == {
        entry.id for entry in cases if entry.state == "Hessen"
    }


def test_what_is_open_comes_before_what_is_closed(answerer):
    ranks = [RANK[entry.status] for entry in entries(answerer, "Welche Programme gibt es für Vereine?")]
    assert ranks == sorted(ranks)


def test_a_theme_and_a_group_narrow_together(answerer):
    found = entries(answerer, "Förderung für Vereine Kultur")
    assert len(found) > 2
    for entry in found:
        assert Theme.KULTUR in entry.themes
        assert Applicant.ASSOCIATION in applicants_of(entry)


def test_each_line_of_a_list_names_its_entry(answerer):
    answer = answerer.answer("Welche Programme gibt es für Vereine?")
    lines = answer.text.splitlines()[1:]
    assert len(lines) == len(answer.hits)
    for line, hit in zip(lines, answer.hits, strict=True):
        assert line.split(" ", 1)[1][:8] in {hit.title[:8], answerer.knowledge.get(hit.id).short_names[0][:8]}


@pytest.mark.parametrize(
    "question",
    ["welche fristen laufen bald ab", "fristen", "Welche Programme haben bald Frist?", "was endet demnächst",
     "was läuft dieses jahr noch aus", "welche fristen gibts für denkmal", "was muss ich bis ende märz einreichen"],
)  # fmt: skip
def test_a_list_that_is_asked_for_deadlines_says_them_soonest_first(answerer, day, question):
    answer = answerer.answer(question)
    assert (answer.kind, answer.facet) == (AnswerKind.LIST, Facet.DEADLINE)
    found = entries(answerer, question)
    assert {entry.kind for entry in found} == {EntryKind.FUNDING}
    days = [next_day(entry, day) for entry in found]
    assert days == sorted(days)
    assert days[0] < days[1]


@pytest.mark.parametrize("question", ["fristen steuererklärung", "Welche Fristen gibt es im Mietrecht", "bis wann"])
def test_deadlines_of_something_else_are_not_known(answerer, question):
    assert answerer.answer(question).kind == AnswerKind.NONE


def test_only_deadlines_that_come_are_listed_where_no_topic_is_named(answerer, day):
    assert all(next_day(entry, day) < dt.date.max for entry in entries(answerer, "Welche Fristen laufen bald ab?"))
