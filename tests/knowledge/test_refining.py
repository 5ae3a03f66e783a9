import pytest

from bench.golden import load, today
from knowledge.answers import AnswerKind
from knowledge.entries import CaseStudy, EntryKind, Facet, Level, Status
from knowledge.filters import Applicant, applicants_of
from knowledge.followups import Talk
from knowledge.lists import next_day


@pytest.fixture
def after(answerer):
    """The answer to the last of several texts, each asked after the one before."""

    def asked(*texts):
        talk = None
        for text in texts:
            answer = answerer.answer(text, talk)
            talk = answer.talk
        return answer

    return asked


@pytest.fixture
def entries(answerer):
    return lambda answer: [answerer.knowledge.get(hit.id) for hit in answer.hits]


def labels(answer):
    return {chip.label for chip in answer.chips}


@pytest.mark.parametrize("text", ["und für uns als stadt?", "nur für Kommunen", "Und für Gemeinden?"])
def test_a_list_is_narrowed_by_what_follows_it(after, entries, text):
    answer = after("welche programme gibt es für radwege", text)
    assert answer.kind == AnswerKind.LIST
    assert "für Kommunen" in labels(answer)
    assert answer.hits[0].id == "sonderprogramm-stadt-und-land-radverkehr-thueringen"
    assert all(Applicant.MUNICIPALITY in applicants_of(entry) for entry in entries(answer))


def test_a_new_constraint_takes_the_place_of_the_one_that_it_contradicts(after, entries):
    answer = after("Beispiele aus Hessen", "und aus bayern?")
    assert labels(answer) == {"Beispiele", "Bayern"}
    assert {entry.state for entry in entries(answer)} == {"Bayern"}
    assert labels(after("Förderung für Kultur", "und für klima?")) == {"Förderung", "Klima"}


def test_a_list_is_narrowed_step_by_step(after, entries):
    answer = after("Förderung für Vereine", "nur vom land", "welche davon sind noch offen")
    found = entries(answer)
    assert {(entry.level, entry.status) for entry in found} == {(Level.LAND, Status.OPEN)}
    assert all(Applicant.ASSOCIATION in applicants_of(entry) for entry in found)
    assert len(answer.talk.asked) == 3


@pytest.mark.parametrize("text", ["und bis wann?", "fristen?"])
def test_a_detail_is_said_of_all_that_was_listed(after, entries, day, text):
    answer = after("Förderung für Vereine", "nur vom land", text)
    assert (answer.kind, answer.facet) == (AnswerKind.LIST, Facet.DEADLINE)
    days = [next_day(entry, day) for entry in entries(answer)]
    assert days == sorted(days)


def test_a_word_that_points_to_all_of_them_asks_of_all(after):
    answer = after("welche eu programme gibts für uns", "wieviel prozent zahlen die")
    assert (answer.kind, answer.facet, labels(answer)) == (AnswerKind.LIST, Facet.RATE, {"Förderung", "EU"})


def test_what_narrowed_a_list_holds_for_the_next_question(after):
    answer = after("projekte unter 50000 euro", "in thüringen?", "wer hat das bezahlt")
    assert answer.facet is Facet.FUNDING_USED
    assert {"Thüringen", "bis 50.000 €"} <= labels(answer)


def test_what_all_of_a_list_have_in_common_is_not_said_of_each(after):
    assert after("Förderung für Vereine").facet is None
    assert after("Beispiele aus Hessen", "wer ist antragsberechtigt").facet is not Facet.APPLICANTS


def test_the_other_kind_of_entry_is_listed_for_the_same_matter(after, entries):
    answer = after("Beispiele gegen Leerstand", "nur aus thüringen", "gibts dafür förderung")
    assert labels(answer) == {"Förderung", "Leerstand"}
    assert {entry.kind for entry in entries(answer)} == {EntryKind.FUNDING}


def test_where_nothing_is_left_that_is_said_with_what_was_wanted(after):
    answer = after("Beispiele aus Hessen", "nur unter 100 Einwohner")
    assert (answer.kind, answer.hits) == (AnswerKind.NONE, ())
    assert answer.notes == ("Dazu finde ich nichts (Hessen, bis 100 Einw.). Fragen Sie gern mit weniger Bedingungen.",)


def test_an_ordinal_and_a_new_topic_still_win_over_the_list(after, entries):
    assert isinstance(entries(after("Beispiele aus Hessen", "das zweite"))[0], CaseStudy)
    assert after("Beispiele aus Hessen", "Was ist ein ISEK?").hits[0].id == "term-isek"
    answer = after("Beispiele aus Hessen", "Welche Programme gibt es für Vereine?")
    assert labels(answer) == {"Förderung", "für Vereine"}
    assert after("Beispiele aus Hessen", "Pizza bestellen").kind == AnswerKind.NONE


def test_a_constraint_can_be_taken_off_again(answerer):
    talk = answerer.answer("Beispiele aus Hessen").talk
    wide = answerer.answer("und aus bayern?", talk, without=("state",))
    assert labels(wide) == {"Beispiele"}
    assert len(wide.hits) > len(answerer.answer("und aus bayern?", talk).hits)


def test_new_questions_after_a_list_are_hardly_ever_taken_for_more_of_it(answerer):
    fresh = [golden.question for golden in load("own") if golden.after is None]
    talk = answerer.answer("Welche Programme gibt es für Vereine?").talk
    carried = [text for text in fresh if answerer._carrying_on(text, talk, today())]
    assert len(carried) <= 0.01 * len(fresh)


def test_a_list_that_is_gone_narrows_nothing(answerer):
    assert answerer.answer("nur offene", Talk(("gibt-es-nicht",), listed=True, asked=("Förderung",))).talk != Talk(())
