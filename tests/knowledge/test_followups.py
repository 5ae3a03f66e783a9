import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.entries import EntryKind, Facet, Status
from knowledge.followups import Talk

LEADER = Talk(("leader-thueringen",), Facet.RATE)
JENA = Talk(("jena-stadtlab",), Facet.RESULTS)
LIST = Talk(("leader-thueringen", "urbact-iv", "eu-life-programm"), None, listed=True)


def first(answer):
    return answer.hits[0].id if answer.hits else None


@pytest.mark.parametrize(
    ("text", "after", "facet"),
    [
        ("und bis wann?", LEADER, Facet.DEADLINE),
        ("Bis wann?", LEADER, Facet.DEADLINE),
        ("und bis wann?", Talk(("leader-thueringen",)), Facet.DEADLINE),
        ("und wer darf das beantragen?", LEADER, Facet.APPLICANTS),
        ("Was hat das gekostet?", JENA, Facet.COSTS),
        ("und wer hat es bezahlt?", JENA, Facet.FUNDING_USED),
    ],
)
def test_a_question_for_a_detail_is_about_what_was_shown(answerer, text, after, facet):
    answer = answerer.answer(text, after)
    assert (first(answer), answer.facet) == (after.shown[0], facet)
    assert answer.talk == Talk(after.shown[:1], facet)


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [("das zweite", "urbact-iv"), ("das dritte bitte", "eu-life-programm"), ("Nummer 1", "leader-thueringen"),
     ("das letzte", "eu-life-programm"), ("Das Zweite, bitte!", "urbact-iv"), ("nr. 3", "eu-life-programm")],
)  # fmt: skip
def test_an_ordinal_points_into_the_list(answerer, text, entry_id):
    assert first(answerer.answer(text, LIST)) == entry_id


def test_an_ordinal_may_ask_for_a_detail(answerer):
    answer = answerer.answer("das zweite, bis wann?", LIST)
    assert (first(answer), answer.facet) == ("urbact-iv", Facet.DEADLINE)


def test_an_ordinal_keeps_the_detail_that_the_list_was_asked_for(answerer):
    listed = Talk(LIST.shown, Facet.RATE, listed=True)
    assert first(answerer.answer("das dritte bitte", listed)) == "eu-life-programm"
    assert answerer.answer("das dritte bitte", listed).facet is Facet.RATE


@pytest.mark.parametrize(
    ("text", "entry_id"), [("und in Eisenach?", "eisenach-goldschmiede"), ("und in Görlitz?", "goerlitz-probewohnen")]
)
def test_another_town_is_asked_for_the_same_detail(answerer, text, entry_id):
    answer = answerer.answer(text, JENA)
    assert (first(answer), answer.facet) == (entry_id, Facet.RESULTS)


def test_another_programme_is_asked_for_the_same_detail(answerer):
    answer = answerer.answer("und beim Fonds Soziokultur?", LEADER)
    assert (first(answer), answer.facet) == ("fonds-soziokultur", Facet.RATE)


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [("Was ist ein ISEK?", "term-isek"), ("kfw 432 wieviel prozent", "energetische-stadtsanierung-kfw-432"),
     ("Wie haben sie das Probewohnen in Eisenhüttenstadt gemacht?", "eisenhuettenstadt-probewohnen")],
)  # fmt: skip
def test_a_new_topic_begins_anew(answerer, text, entry_id):
    assert first(answerer.answer(text, LEADER)) == entry_id


def test_what_is_not_known_stays_so_after_an_answer(answerer):
    assert answerer.answer("Pizza bestellen", JENA).kind == "none"


@pytest.mark.parametrize(
    ("text", "after", "kind"),
    [("gibt es dafür Beispiele?", LEADER, EntryKind.CASE), ("gibt es dafür Geld?", JENA, EntryKind.FUNDING)],
)
def test_the_other_kind_of_entry_is_found_for_the_same_matter(answerer, text, after, kind):
    answer = answerer.answer(text, after)
    assert answer.hits[0].kind is kind
    assert answer.talk.shown == (first(answer),)


def test_a_detail_goes_by_the_name_that_the_other_kind_has_for_it(answerer):
    answer = answerer.answer("und in Eisenach?", Talk(("jena-stadtlab",), Facet.AMOUNT))
    assert (first(answer), answer.facet) == ("eisenach-goldschmiede", Facet.COSTS)


@pytest.mark.parametrize("shown", [(), ("gibt-es-nicht",), ("gibt-es-nicht", "auch-nicht")])
def test_what_was_shown_may_be_gone(answerer, shown):
    assert first(answerer.answer("Was ist ein ISEK?", Talk(shown))) == "term-isek"
    assert answerer.answer("und bis wann?", Talk(shown)).talk != Talk(shown)


def test_of_a_list_what_is_gone_is_left_out(answerer):
    talk = Talk(("gibt-es-nicht", "leader-thueringen", "urbact-iv"), None, listed=True)
    assert answerer.answer("Was ist ein ISEK?", talk).hits
    assert first(answerer.answer("das letzte", talk)) == "urbact-iv"


@settings(max_examples=60)
@given(st.data())
def test_any_entry_can_be_asked_for_its_deadline_or_meaning_after_it_was_shown(answerer, data):
    entry_id = data.draw(st.sampled_from(sorted(answerer.knowledge.entries)))
    facet = data.draw(st.none() | st.sampled_from(Facet))
    answer = answerer.answer("und bis wann?", Talk((entry_id,), facet))
    if answerer.knowledge.get(entry_id).kind is EntryKind.FUNDING:
        assert (first(answer), answer.facet) == (entry_id, Facet.DEADLINE)
    assert answer.text


@pytest.mark.parametrize(
    "text", ["quelle?", "woher stammt das", "und wie aktuell ist das", "wo kann ich das nachlesen"]
)
@pytest.mark.parametrize("shown", ["energetische-stadtsanierung-kfw-432", "eisenach-goldschmiede", "ag-klima"])
def test_where_an_answer_comes_from_can_be_asked(answerer, text, shown):
    answer = answerer.answer(text, Talk((shown,)))
    assert (first(answer), answer.facet) == (shown, Facet.SOURCE)
    assert answer.asked[0].items[0].startswith("Stand ")
    assert answer.text.count("Stand ") == 1


def test_a_term_comes_from_the_glossary(answerer):
    answer = answerer.answer("quelle", Talk(("term-isek",), Facet.DEFINITION))
    assert (first(answer), answer.facet, answer.asked[0].text) == ("term-isek", Facet.SOURCE, "Glossar des Bündnisses")


def test_where_money_came_from_is_no_question_for_sources(answerer):
    assert answerer.answer("woher kam das geld", Talk(("eisenach-goldschmiede",))).facet is Facet.FUNDING_USED


def test_behind_the_only_one_there_is_nothing(answerer):
    answer = answerer.answer("das zweite", Talk(("goerlitz-probewohnen",), listed=True))
    assert answer.text == "Die Liste hat nur einen Eintrag."


def test_behind_the_last_of_a_list_there_is_nothing(answerer):
    talk = Talk(("goerlitz-probewohnen", "eisenhuettenstadt-probewohnen", "homberg-efze-wandelpfad"), listed=True)
    answer = answerer.answer("das fünfte", talk)
    assert (answer.kind, answer.text) == ("none", "Die Liste hat nur 3 Einträge.")


@pytest.mark.parametrize(
    ("text", "facet"),
    [("habt ihr nen link", Facet.SOURCE), ("lief das gut", Facet.RESULTS),
     ("wer hat dran mit gearbeitet", Facet.PARTNERS),
     ("Und wie ist es ausgegangen?", Facet.RESULTS), ("was hat der ganze spaß gekostet", Facet.COSTS)],
)  # fmt: skip
def test_what_asks_for_a_detail_and_names_nothing_is_about_what_was_shown(answerer, text, facet):
    answer = answerer.answer(text, Talk(("hanau-stadthof-kaufhof",)))
    assert (first(answer), answer.facet) == ("hanau-stadthof-kaufhof", facet)


def test_the_programme_that_paid_for_a_case_can_be_asked_for(answerer):
    answer = answerer.answer("gibt es das programm noch", Talk(("eisenach-goldschmiede",)))
    assert (first(answer), answer.facet) == ("ziz-zukunftsfaehige-innenstaedte", Facet.STATUS)


def test_money_for_the_same_matter_is_money_that_can_be_had(answerer):
    found = answerer.knowledge.get(first(answerer.answer("gibts dafür geld", JENA)))
    assert (found.kind, found.status) == (EntryKind.FUNDING, Status.OPEN)


@pytest.mark.parametrize("text", ["beispiel", "Beispiele?", "macht das schon wer"])
def test_one_word_is_enough_for_an_example(answerer, text):
    answer = answerer.answer(text, Talk(("natuerlicher-klimaschutz-kommunen-kfw-444",)))
    assert (answer.kind, answer.hits[0].kind) == ("entry", EntryKind.CASE)


def test_a_detail_goes_by_the_name_that_this_kind_has_for_it(answerer):
    assert answerer.answer("was hat das gekostet", LEADER).facet is Facet.AMOUNT


@pytest.mark.parametrize(
    "text",
    ["wie heisst die hauptstadt von australien", "wann sind in diesem jahr die sommerferien",
     "kirchenaustritt wo und was kostet das"],
)  # fmt: skip
@pytest.mark.parametrize("after", [LEADER, JENA])
def test_what_belongs_elsewhere_is_not_about_what_was_shown(answerer, text, after):
    assert answerer.answer(text, after).kind == "none"


@pytest.mark.parametrize(
    "text", ["wo noch", "welche städte haben das noch", "gibts das auch woanders", "andere städte"]
)
def test_other_cases_of_the_kind_are_listed(answerer, text):
    answer = answerer.answer(text, Talk(("goerlitz-probewohnen",)))
    assert (answer.kind, answer.hits[0].id) == ("list", "eisenhuettenstadt-probewohnen")
    assert {hit.kind for hit in answer.hits} == {EntryKind.CASE}
    assert "goerlitz-probewohnen" not in {hit.id for hit in answer.hits}
    assert answerer.answer("das zweite", answer.talk).hits[0].id == answer.hits[1].id


def test_other_cases_may_have_to_be_somewhere(answerer):
    found = answerer.answer("und in thüringen?", Talk(("coburg-zwischenzeit-steinweg",)))
    assert found.kind == "list"
    assert {answerer.knowledge.get(hit.id).state for hit in found.hits} == {"Thüringen"}
    none = answerer.answer("und in bremen?", Talk(("goerlitz-probewohnen",)))
    assert none.kind != "list"


@pytest.mark.parametrize(
    "text", ["wieviel prozent", "bis wann", "woher stammt das", "wer darf das beantragen", "kontakt"]
)
def test_a_bare_detail_with_nothing_before_it_is_asked_back(answerer, text):
    answer = answerer.answer(text)
    assert (answer.kind, answer.hits) == ("none", ())
    assert answer.text.startswith("Zu welchem Programm oder Beispiel")


def test_who_pays_for_what_a_term_means_is_a_programme(answerer):
    assert answerer.answer("wer bezahlt das", Talk(("term-isek",))).hits[0].kind is EntryKind.FUNDING
