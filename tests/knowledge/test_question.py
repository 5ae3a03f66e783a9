import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.entries import EntryKind, Facet, Level, Status, Theme
from knowledge.filters import Applicant, TownSize
from knowledge.question import Question


@pytest.fixture(scope="session")
def read(answerer, day):
    return lambda text: answerer.reader.read(text, day)


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("Wie hoch ist der Fördersatz?", Facet.RATE), ("wieviel przent gibts", Facet.RATE),
        ("Wie viel Geld gibt es höchstens?", Facet.AMOUNT), ("Bis wann muss der Antrag da sein?", Facet.DEADLINE),
        ("Wer darf das beantragen?", Facet.APPLICANTS), ("Was wird gefördert?", Facet.FUNDS),
        ("Was ist nicht förderfähig?", Facet.EXCLUDES), ("Welche Voraussetzungen gelten?", Facet.REQUIREMENTS),
        ("Kann man das mit EU-Mitteln kombinieren?", Facet.COMBINABLE), ("Wie beantrage ich das?", Facet.HOW_TO_APPLY),
        ("Wen kann ich anrufen?", Facet.CONTACT), ("Ist das noch offen?", Facet.STATUS),
        ("Was hat das gekostet?", Facet.COSTS), ("Was kam dabei heraus?", Facet.RESULTS),
        ("Was habt ihr daraus gelernt?", Facet.LESSONS), ("Wer war alles beteiligt?", Facet.PARTNERS),
        ("Womit wurde das bezahlt?", Facet.FUNDING_USED), ("Was heißt ISEK?", Facet.DEFINITION),
        ("Woher stammt das?", Facet.SOURCE),
    ],
)  # fmt: skip
def test_a_question_asks_for_a_detail(read, text, facet):
    assert read(text).facet is facet


def test_each_detail_is_asked_for_above():
    tried = {row[1] for mark in test_a_question_asks_for_a_detail.pytestmark for row in mark.args[1]}
    assert tried == set(Facet)


@pytest.mark.parametrize("text", ["Leerstand", "Wächterhäuser in Leipzig retten", "", "Guten Tag", "asdf"])
def test_a_question_may_hold_no_pattern_of_a_detail(read, text):
    assert read(text).facets == ()


def test_a_mistyped_word_is_read_as_it_was_meant(read):
    assert read("bis wann ist die First").text == "bis wann ist die First"
    assert read("Stichtg der Dorferneuerung").facet is Facet.DEADLINE
    assert read("Vorraussetzungen").facet is Facet.REQUIREMENTS


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("Welche Programme gibt es für Vereine?", {"applicant": Applicant.ASSOCIATION}),
        ("Förderung vom Land", {"level": Level.LAND}),
        ("EU-Programme", {"level": Level.EU}),
        ("welche Programme sind noch offen", {"status": Status.OPEN}),
        ("Beispiele aus Hessen", {"state": "Hessen"}),
        ("Beispiele zum Thema Klima", {"theme": Theme.KLIMA}),
        ("Beispiele außerhalb Thüringens", {"not_state": "Thüringen"}),
        ("Beispiele aus kleinen Städten", {"size": TownSize.SMALL}),
        ("Beispiele aus Städten unter 20.000 Einwohnern", {"max_population": 20_000}),
        ("Beispiele in Ostdeutschland", {"state": "Ostdeutschland"}),
    ],
)
def test_a_question_is_narrowed(read, text, constraints):
    filters = read(text).filters
    assert {name: getattr(filters, name) for name in filters.active()} == constraints


def test_somebody_is_named_as_funder_or_as_what_cases_were_paid_from(read):
    assert read("Welche Programme hat die KfW?").filters.funder.label == "KfW"
    assert read("Welche Beispiele wurden mit ZIZ-Mitteln bezahlt?").filters.funded_by.label == "ZIZ"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Welche Förderprogramme gibt es?", EntryKind.FUNDING), ("Wer hat das schon gemacht?", EntryKind.CASE),
     ("Was versteht man unter Leerstand?", EntryKind.TERM), ("Wann trifft sich die AG?", EntryKind.ARTICLE)],
)  # fmt: skip
def test_a_question_votes_for_a_kind_of_entry(read, text, kind):
    kinds = read(text).kinds
    assert max(kinds, key=kinds.get) is kind


def test_constraints_are_taken_off_by_name_and_their_words_stay_no_topic(read):
    question = read("Beispiele aus Hessen zum Thema Klima")
    off = question.without({"state"})
    assert off.filters.active() == ["theme"]
    assert off.constrained == question.constrained
    assert question.without(()) == question
    assert question.without({"gibt-es-nicht"}) == question


def test_words_of_a_constraint_are_named_by_their_place(read):
    question = read("Beispiele aus Hessen")
    assert [question.words[place] for place in question.constrained["state"]] == ["hessen"]


def test_a_pointer_back_is_read(read):
    assert "2" in read("das zweite").again
    assert "last" in read("das letzte bitte").again
    assert "related_case" in read("gibt es dazu Beispiele?").again
    assert "2" not in read("Was ist ein ISEK?").again


def test_details_come_most_asked_for_first(read):
    question = read("Wie hoch ist der Fördersatz und bis wann ist die Frist?")
    assert set(question.asked(set(Facet))[:2]) == {Facet.RATE, Facet.DEADLINE}
    assert question.asked([]) == []
    assert Question("", ()).asked(set(Facet)) == []


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_is_read(read, text):
    question = read(text)
    assert question.text == text
    places = set(range(len(question.words)))
    for said in (question.facet_words, question.kind_words, question.list_words, *question.constrained.values()):
        assert said <= places
    assert all(question.filters.label(name) for name in question.filters.active())
    assert sum(question.leaning.values()) <= 1.0001
