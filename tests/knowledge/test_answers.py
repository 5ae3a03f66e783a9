import datetime as dt
import re

import pytest

from bench.golden import aside, load, right, share, tuned
from knowledge.answers import MOST_HITS, Answerer, AnswerKind, held_facets
from knowledge.describe import fact
from knowledge.entries import EntryKind, Facet, FundingProgramme, Status
from knowledge.followups import Talk
from knowledge.library import Knowledge
from tests.knowledge.made import case, programme, term


def ids(answer):
    return [hit.id for hit in answer.hits]


# -- the kinds -----------------------------------------------------------------------------------------


def test_a_fact_says_the_detail_before_everything_else(answerer):
    answer = answerer.answer("kfw 432 wieviel prozent")
    lines = answer.text.splitlines()
    assert (answer.kind, answer.facet) == (AnswerKind.FACT, Facet.RATE)
    assert lines[0] == "Energetische Stadtsanierung – Zuschuss (KfW 432)"
    assert lines[1].startswith("Fördersatz: Zuschuss 75 %")
    assert lines[2].startswith("Wer: ")
    assert re.fullmatch(r"Stand \d\d/\d{4} · Quelle: \S+", lines[-1])
    assert [each.facet for each in answer.asked] == [Facet.RATE]
    assert Facet.RATE not in [each.facet for each in answer.facts]


def test_an_entry_says_what_it_is_good_for(answerer):
    answer = answerer.answer("URBACT")
    assert answer.kind == AnswerKind.ENTRY
    assert answer.text.splitlines()[:2] == [
        "URBACT IV – Aktionsplanungs- und Transfernetzwerke",
        "URBACT hilft einer Stadt, mit europäischen Partnerstädten an einem gemeinsamen Problem zu arbeiten und daraus "
        "einen eigenen Aktionsplan zu machen. Bezahlt werden Austausch, Begleitung durch Fachleute und die Arbeit mit "
        "einer lokalen Gruppe; größere Bauten nicht.",
    ]


def test_a_doubt_is_said(answerer):
    assert "Ob das Programm zurzeit offen ist, ist seit 01/2026 nicht bestätigt." in answerer.answer("URBACT").text


def test_a_term_says_what_it_means(answerer):
    answer = answerer.answer("Was ist ein ISEK?")
    assert (answer.kind, answer.facet) == (AnswerKind.FACT, Facet.DEFINITION)
    assert answer.text.startswith("ISEK\nBedeutung: Fachübergreifendes, informelles Konzept")
    assert answer.text.endswith("Glossar des Bündnisses")


def test_a_list_counts_its_hits_and_names_its_constraints(answerer):
    answer = answerer.answer("Beispiele aus Hessen")
    head, *lines = answer.text.splitlines()
    assert answer.kind == AnswerKind.LIST
    assert head == f"{len(answer.hits)} Treffer · Beispiele · Hessen"
    assert [chip.name for chip in answer.chips] == ["kind", "state"]
    assert [line.split()[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]
    assert all(answerer.knowledge.get(each).state == "Hessen" for each in ids(answer))
    assert answer.talk.listed
    assert answer.talk.shown == tuple(ids(answer))


@pytest.mark.parametrize(
    ("question", "name"),
    [("Förderung für Vereine Kultur", "theme"), ("Beispiele aus Hessen gegen Leerstand", "state"),
     ("Beispiele aus Hessen gegen Leerstand", "theme"), ("Programme vom Land für Vereine", "level")],
)  # fmt: skip
def test_a_constraint_that_is_taken_off_leaves_a_longer_list_of_the_rest(answerer, question, name):
    narrow, wide = answerer.answer(question), answerer.answer(question, without={name})
    assert {chip.name for chip in narrow.chips} - {chip.name for chip in wide.chips} == {name}
    assert set(ids(narrow)) < set(ids(wide))


def test_a_choice_names_both_sides(answerer):
    answer = answerer.answer("Leipzig oder Görlitz?")
    assert answer.kind == AnswerKind.CHOOSE
    assert answer.text.startswith("Was meinen Sie?\n")
    assert {"leipzig-waechterhaeuser", "goerlitz-probewohnen"} <= set(ids(answer)[:4])


def test_only_the_first_things_that_a_question_offers_are_looked_up(answerer, monkeypatch):
    read = []
    monkeypatch.setattr(answerer, "reader", _Counting(answerer.reader, read))
    assert answerer.answer("Leipzig oder Görlitz oder " * 150).kind == AnswerKind.CHOOSE
    assert len(read) < 8


class _Counting:
    def __init__(self, reader, read):
        self._reader, self._read = reader, read

    def read(self, text, today):
        self._read.append(text)
        return self._reader.read(text, today)


@pytest.mark.parametrize(
    "question",
    ["Wer mäht die Wiese am Bahnhof?", "Pizza bestellen", "Wie wird das Wetter morgen?", "", "🏚", "asdf ghjk"],
)
def test_what_is_not_known_is_said(answerer, question):
    answer = answerer.answer(question)
    assert answer.kind == AnswerKind.NONE
    assert answer.text == (
        "Dazu weiß ich nichts. Ich kenne Förderprogramme, Praxisbeispiele, Begriffe und das Bündnis. "
        "Soll ich Ihre Frage an die Geschäftsstelle geben?"
    )
    assert answer.talk is None
    assert len(answer.hits) <= 2


def test_a_detail_that_is_not_known_names_the_contact(answerer, day):
    for entry in answerer.knowledge.of_kind(EntryKind.FUNDING):
        if entry.combinable is None:
            answer = answerer.answer(f"{entry.short_names[0] if entry.short_names else entry.title}: kombinierbar?")
            if answer.facet is Facet.COMBINABLE and answer.hits[0].id == entry.id:
                assert f"Kombinierbar: Das steht nicht in meinen Quellen. Auskunft: {entry.contact}" in answer.text
                return
    pytest.fail("no programme lacks this detail")


# -- closed programmes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["klima invest noch offen", "klima invest prozent", "klima invest", "klima invest wer darf"]
)
def test_that_a_programme_is_closed_comes_first_with_what_serves_instead(answerer, question):
    answer = answerer.answer(question)
    assert answer.hits[0].id == "klima-invest-thueringen"
    assert answer.text.splitlines()[1] == (
        "Beendet, keine neuen Anträge (Stand 10/2025). Stattdessen: "
        "Thüringer Klimapakt – pauschale Klimaschutzmittel für Kommunen; "
        "Kommunalrichtlinie der Nationalen Klimaschutzinitiative (Bundesförderung kommunaler Klimaschutz); "
        "Natürlicher Klimaschutz in Kommunen – Zuschuss (KfW 444)"
    )
    assert answer.notes[0] == answer.text.splitlines()[1]


def test_every_closed_programme_says_so_first(answerer, day):
    closed = [entry for entry in answerer.knowledge.of_kind(EntryKind.FUNDING) if entry.status is Status.CLOSED]
    assert closed
    for entry in closed:
        answer = answerer.answer(f"{entry.title} Fördersatz")
        if answer.hits[0].id == entry.id and answer.kind == AnswerKind.FACT:
            assert answer.text.splitlines()[1].startswith("Beendet, keine neuen Anträge")
            assert "Stattdessen: " in answer.text


def test_an_open_programme_does_not(answerer):
    assert "Beendet" not in answerer.answer("kfw 432 wieviel prozent").text


# -- how answers read ---------------------------------------------------------------------------------------


QUESTIONS = tuned(load("sample"))


def test_answers_read_well(answerer):
    for question in QUESTIONS:
        answer = answerer.answer(question.question, question.after)
        assert answer.text == answer.text.strip()
        for trace in ("None", "()", "  ", "\n\n", " ;", ";;", "..", "<", "**", "](", "StrEnum", "{", "}"):
            assert trace not in answer.text.replace("...", "…"), (question.id, trace)
        assert answer.question == question.question
        for line in answer.text.splitlines():
            assert line[0].isalnum() or line[0] in "„(§", (question.id, line)


def test_a_fact_is_the_fact_of_the_entry(answerer, day):
    for question in QUESTIONS:
        answer = answerer.answer(question.question, question.after)
        if answer.kind == AnswerKind.FACT:
            entry = answerer.knowledge.get(answer.hits[0].id)
            assert answer.asked[0] == fact(entry, answer.facet, day)
            assert answer.asked[0].text in answer.text


def test_answers_keep_their_form(answerer):
    for question in QUESTIONS:
        answer = answerer.answer(question.question, question.after)
        assert all(0 <= hit.confidence <= 1 for hit in answer.hits)
        assert len(set(ids(answer))) == len(answer.hits)
        if answer.kind != AnswerKind.LIST:
            assert len(answer.hits) <= MOST_HITS
        if answer.kind in (AnswerKind.FACT, AnswerKind.ENTRY):
            assert answer.talk.shown == (ids(answer)[0],)
            assert (answer.kind == AnswerKind.FACT) == bool(answer.asked)
        for hit in answer.hits:
            entry = answerer.knowledge.get(hit.id)
            assert (hit.kind, hit.title) == (entry.kind, entry.title)


def test_the_same_question_gets_the_same_answer(answerer):
    for question in QUESTIONS[:10]:
        assert answerer.answer(question.question) == answerer.answer(question.question)


def test_the_reader_s_day_is_asked_for_at_each_question(shipped, lexicon):
    days = iter([dt.date(2026, 12, 30), dt.date(2026, 12, 30), dt.date(2027, 1, 1), dt.date(2027, 1, 1)])
    answerer = Answerer(shipped, lambda: next(days), lexicon)
    assert "noch 1 Tag" in answerer.answer("kfw 432 frist").text
    next(days)
    assert "ausgelaufen; Fortführung nicht bestätigt" in answerer.answer("kfw 432 frist").text


# -- other states of knowledge ------------------------------------------------------------------------------


def answers_from(*entries):
    return Answerer(Knowledge.of(entries), lambda: dt.date(2026, 11, 22))


def test_without_entries_nothing_is_known():
    empty = answers_from()
    assert [empty.answer(text).kind for text in ("Leerstand", "Programme für Vereine", "A oder B", "")] == ["none"] * 4


def test_what_serves_instead_but_is_gone_is_not_named():
    closed = programme(status=Status.CLOSED, instead=("weg",))
    assert answers_from(closed, case(), term()).answer("Ladenhilfe Thüringen").notes == (
        "Beendet, keine neuen Anträge (Stand 05/2026).",
    )


def test_a_term_is_always_asked_for_its_meaning(answerer, day):
    question = answerer.reader.read("Leerstand Fördersatz", day)
    assert held_facets(question, term()) == (Facet.DEFINITION,)
    assert Facet.DEFINITION not in held_facets(question, case())


# -- golden questions ---------------------------------------------------------------------------------------


def judged(answerer, question):
    answer = answerer.answer(question.question, question.after)
    return right(question, answer.kind, ids(answer), answer.facet.value if answer.facet else None)


def test_golden_questions_are_answered_right(answerer):
    missed = [question.id for question in QUESTIONS if not judged(answerer, question)]
    assert len(missed) <= 0.15 * len(QUESTIONS), missed


def test_golden_questions_kept_aside_are_answered_right(answerer):
    questions = aside(load("sample"))  # only their share is told, never which were missed
    reached = share(questions, lambda question: judged(answerer, question))
    assert reached >= 0.85


def test_golden_questions_name_entries_that_exist(shipped):
    for question in load("sample") + load("own"):
        assert question.relevant | question.acceptable <= set(shipped.entries), question.id
        assert bool(question.relevant) == (question.kind != "none"), question.id
        assert question.after is None or question.after.shown[0] in shipped.entries
        assert question.facet is None or Facet(question.facet)
    assert any(isinstance(shipped.get(each), FundingProgramme) for q in QUESTIONS for each in q.relevant)


@pytest.mark.parametrize(
    ("question", "searches"),
    [("kfw 432 oder 264", 3), ("Zuschuss oder so für die Innenstadt", 2), ("gilt das jetzt oder nie", 1)],
)
def test_a_side_that_cannot_make_a_choice_costs_no_search(answerer, monkeypatch, question, searches):
    ranked = []
    rank = answerer.ranker.rank
    monkeypatch.setattr(answerer.ranker, "rank", lambda *args, **kw: ranked.append(args) or rank(*args, **kw))
    answerer.answer(question)
    assert len(ranked) == searches


@pytest.mark.parametrize("question", ["fasadenprogram", "fassadenprogramm"])
def test_a_mistyped_compound_finds_what_its_parts_mean(answerer, question):
    assert answerer.answer(question).hits[0].id == "bad-salzungen-leerstandsmanagement"


@pytest.mark.parametrize(
    "question", ["wer leitet die AG klima", "Leitung der AG Klima", "wer koordiniert die AG Klima?"]
)
def test_who_leads_a_group_is_said_as_far_as_it_is_known(answerer, question):
    answer = answerer.answer(question)
    assert (answer.kind, answer.facet, ids(answer)[0]) == (AnswerKind.FACT, Facet.CONTACT, "ag-klima")
    assert "Geschäftsstelle" in answer.asked[0].text
    assert "nicht bestätigt: wer die Arbeitsgruppe leitet" in answer.asked[0].text


@pytest.mark.parametrize("question", ["wie komme ich ins bündnis", "wie kommt man ins aktionsbündnis rein"])
def test_how_to_join_is_said_by_the_article_about_joining(answerer, question):
    answer = answerer.answer(question)
    assert (answer.kind, answer.facet, ids(answer)[0]) == (AnswerKind.FACT, Facet.HOW_TO_APPLY, "buendnis-beitritt")


@pytest.mark.parametrize(
    "question",
    ["fördermittel für bäume in der fussgängerzone", "cityfest zuschuss", "zuschuss bid", "förderung pop-up store",
     "können wir fürs stadtfest geld kriegen", "Gibt es Geld für leere Läden?", "gibt es förderung für pop-up stores"],
)  # fmt: skip
def test_where_money_is_asked_for_programmes_are_shown(answerer, question):
    assert {hit.kind for hit in answerer.answer(question).hits} == {EntryKind.FUNDING}


def test_a_detail_that_no_term_has_is_not_answered_by_its_meaning(answerer):
    answer = answerer.answer("smart city geld noch da?")
    assert (answer.facet, ids(answer)[0]) == (Facet.STATUS, "smart-cities-modellprojekte-mpsc")


def test_words_that_begin_with_e_are_no_mail(answerer):
    answer = answerer.answer("e-ladesäulen zuschuss kommune")
    assert (answer.kind, answer.facet) == (AnswerKind.LIST, None)


@pytest.mark.parametrize("question", ["kfw 261 zinsen", "KfW 999: wieviel Prozent?", "kfw999"])
@pytest.mark.parametrize("after", [None, Talk(("energetische-stadtsanierung-kfw-432",))])
def test_of_a_programme_whose_number_no_name_holds_nothing_is_said(answerer, question, after):
    answer = answerer.answer(question, after)
    assert (answer.kind, answer.hits) == (AnswerKind.NONE, ())
    assert re.fullmatch(r"Ein Programm mit der Nummer \d{3} kenne ich nicht\.", answer.text)


@pytest.mark.parametrize("question", ["kfw zuschuss 455b noch da", "KfW 455-B", "kfw 455", "kfw159"])
def test_a_number_finds_its_programme_however_it_is_written(answerer, question):
    assert ids(answerer.answer(question))[0] == "kfw-159-altersgerecht-umbauen"
