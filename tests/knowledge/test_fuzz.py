"""Whatever somebody types gets an answer or a kind word, never an error."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.answers import AnswerKind
from knowledge.entries import Facet
from knowledge.fit import Profile
from knowledge.followups import Talk

_TYPED = (
    "förderung leerstand frist bis wann wer hat wie viel prozent kfw 432 isek beispiele aus hessen programme vereine "
    "oder und das zweite noch dafür unter 20.000 einwohnern 5 millionen euro zwischen 2020 seit vor gestartet in den "
    "nächsten wochen ende märz noch dieses jahr nicht außerhalb thüringen welche alle liste passt das zu uns städte "
    "wie unsere für ? ! . … 🏚 👩‍👩‍👧‍👦 🇩🇪 \u202e مدينة שלום "
    "Ωμέγα 城市 <b> </b> <script>alert(1)</script> **fett** [x](javascript:1) "
    "' \" ; -- DROP TABLE %s {0} {{x}} ${y} \\ \n /start \x00 \x07 \x1b[31m "
    "\ud83c \udfda \ufeff \u200b ﬁ ＫｆＷ ٣ ² ½ 1e9 0x7f -1 NaN"
)
PIECES = _TYPED.split(" ")
texts = st.one_of(
    st.text(max_size=100),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "So", "Mn", "Lo", "Nd", "Zs"]), max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)


def assert_answered(answerer, answer, text):
    assert answer.question == text
    assert isinstance(answer.kind, AnswerKind)
    assert answer.text
    assert (answer.kind == AnswerKind.NONE) == (answer.talk is None)
    for hit in answer.hits:
        assert hit.id in answerer.knowledge.entries
        assert 0 <= hit.confidence <= 1
    json.dumps([vars(hit) for hit in answer.hits])


@settings(max_examples=250)
@given(texts)
def test_any_text_gets_an_answer(answerer, text):
    assert_answered(answerer, answerer.answer(text), text)


TOWNS = ("Jena", "", "\ud83c")
SHOWN = ("leader-thueringen", "jena-stadtlab", "term-isek", "ag-klima", "klima-invest-thueringen", "weg", "", "\ud83c")
talks = st.builds(
    Talk,
    st.lists(st.sampled_from(SHOWN), max_size=4).map(tuple),
    st.none() | st.sampled_from(Facet),
    st.booleans(),
)
profiles = st.builds(Profile, st.sampled_from(TOWNS), st.none() | st.integers(1, 10**7), st.text(max_size=9))


@settings(max_examples=150)
@given(texts, st.none() | talks, st.none() | profiles)
@example("passt das zu uns?", Talk(()), Profile("Jena", 110_000))
@example("was haben städte wie unsere gemacht", None, Profile("Jena", None))
def test_any_text_gets_an_answer_after_anything_for_anybody(answerer, text, after, profile):
    assert_answered(answerer, answerer.answer(text, after, profile=profile), text)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=5), st.integers(2, 1000))
def test_the_longest_message_gets_an_answer(answerer, pieces, times):
    text = (" ".join(pieces) + " ") * times
    assert_answered(answerer, answerer.answer(text[:4000]), text[:4000])


@pytest.mark.parametrize(
    "text",
    ["x" * 4000, "leerstand" * 444, "9" * 4096, "9" * 5000, "unter " + "9" * 5000 + " Einwohnern", "a " * 2000,
     "oder " * 800, "Leerstand oder " * 260, "🏚" * 4000, "\ud83c" * 4000, "(" * 4000, "2020 und 2021 " * 280,
     "zwischen " * 400, "' OR 1=1; DROP TABLE entries; --", "<script>alert('x')</script>", "\x00" * 4000,
     "\u202egnuredröF", "{{ 7*7 }}", "%s%s%n", "/frage", "null", "None", "-1", "\n\n\n"],
)  # fmt: skip
def test_what_somebody_will_try_gets_an_answer(answerer, text):
    assert_answered(answerer, answerer.answer(text), text)


@settings(max_examples=100)
@given(st.sampled_from(["Was ist ein ISEK?", "kfw 432 wieviel prozent", "Beispiele aus Hessen"]), st.data())
def test_signs_around_a_question_change_nothing(answerer, question, data):
    signs = st.text(st.sampled_from("?!…  \t\n„“»«—🏚*_~`"), max_size=6)
    around = f"{data.draw(signs)} {question} {data.draw(signs)}"
    assert [hit.id for hit in answerer.answer(around).hits] == [hit.id for hit in answerer.answer(question).hits]
