import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.vocabulary import MOST_CORRECTIONS, Vocabulary

KNOWN = Vocabulary(dict.fromkeys(
    ["leerstand", "management", "forderung", "laden", "wohnung", "bau", "stadt", "radweg", "hessen", "jena", "konzept",
     "hauser", "klima", "schutz", "verein"], 3,
) | {"ladens": 1})  # fmt: skip


def best(word):
    found = KNOWN.corrections(word)
    return found[0][0] if found else None


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("leerstandsmanagement", ("leerstand", "management")),
        ("klimaschutzkonzept", ("klima", "schutz", "konzept")),
        ("wohnungsforderung", ("wohnung", "forderung")),
        ("ladenforderungen", ("laden", "forderungen")),
        ("leerstand", ()),
        ("klima", ()),
        ("unbekanntes", ()),
        ("leerstandsxyz", ()),
        ("", ()),
    ],
)
def test_a_compound_is_made_of_known_words(word, parts):
    assert KNOWN.parts(word) == parts


def test_the_front_of_a_compound_may_be_new():
    assert KNOWN.modifier("wachterhauser") == "wachter"
    assert KNOWN.modifier("gibtsnicht") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("leerstnad", "leerstand"), ("leerstant", "leerstand"), ("managment", "management"), ("lehrstand", "leerstand"),
     ("vorderung", "forderung"), ("ferein", "verein"), ("hesen", "hessen")],
)  # fmt: skip
def test_a_mistyped_word_is_corrected(typed, meant):
    assert best(typed) == meant


@pytest.mark.parametrize("word", ["essen", "jen", "xyz", "432", "kfw432", "", "wasserfall", "stand"])
def test_another_word_is_not(word):
    assert best(word) is None


def test_essen_is_not_hessen_nor_is_it_in_the_shipped_words(answerer):
    assert Vocabulary({"essen": 1}).corrections("hessen") == []
    matches = {match.word: match for match in answerer.ranker.index.understand(["essen"])}
    assert "hess" not in matches["essen"].stems
    assert all(hit.id for hit in answerer.answer("Beispiele aus Essen").hits)
    assert not any(chip.label == "Hessen" for chip in answerer.answer("Beispiele aus Essen").chips)


@given(st.sampled_from(sorted(KNOWN.counts)))
def test_a_known_word_is_in_the_vocabulary_whatever_is_near(word):
    assert word in KNOWN
    assert "nichtda" not in KNOWN


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", max_size=40))
def test_any_word_is_taken_apart_and_corrected_within_bounds(word):
    for part in KNOWN.parts(word):
        assert part in KNOWN
        assert part in word
    found = KNOWN.corrections(word)
    assert len(found) <= MOST_CORRECTIONS
    assert all(0 < similarity <= 0.99 for _, similarity in found)
    assert [similarity for _, similarity in found] == sorted((s for _, s in found), reverse=True)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr("knowledge.vocabulary.MOST_KEPT", 10)
    one = Vocabulary({"leerstand": 1, "management": 1})
    for number in range(100):
        one.parts(f"leerstandsmanagement{number}")
    assert len(one._parts) <= 11
    assert one.parts("leerstandsmanagement") == ("leerstand", "management")


def test_a_word_of_thousands_of_letters_is_looked_at_too():
    assert KNOWN.parts("x" * 4000) == ()
    assert KNOWN.corrections("x" * 4000) == []
    assert KNOWN.near_parts("x" * 4000) == ()


@pytest.mark.parametrize(
    ("word", "parts"),
    [("fasadenprogram", ("fassade", "programm")), ("statgrunprogramm", ("stadtgrun", "programm")),
     ("fassadenprogramm", ("fassade", "programm")), ("importieren", ()), ("rotweinflecken", ()), ("kurz", ())],
)  # fmt: skip
def test_a_mistyped_compound_is_made_of_the_nearest_known_words(word, parts):
    words = ("fassade", "programm", "stadtgrun", "import", "ihren", "flecken")
    vocabulary = Vocabulary(dict.fromkeys(words, 1))
    assert vocabulary.near_parts(word) == parts
    assert vocabulary.near_parts(word) == parts  # also when kept
