import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.entries import Facet
from knowledge.facet_model import NONE, FacetModel, digest, features, fit, load_wordings
from knowledge.german import words


@pytest.fixture(scope="module")
def model():
    return FacetModel.load()


def test_it_was_fitted_to_the_shipped_wordings(model):
    assert model.fitted_to == digest(load_wordings())


def test_the_digest_changes_with_any_wording():
    wordings = load_wordings()
    assert digest(wordings) == digest(dict(reversed(wordings.items())))
    assert digest(wordings) != digest({**wordings, "rate": [*wordings["rate"], "und wie viel"]})


def test_every_detail_has_wordings_and_none_stands_twice():
    wordings = load_wordings()
    assert set(wordings) == {facet.value for facet in Facet} | {NONE}
    for name, texts in wordings.items():
        assert len(texts) >= 20, name
        assert len({text.casefold() for text in texts}) == len(texts), name


@settings(max_examples=50)
@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1), max_size=12))
def test_any_words_give_probabilities(model, question):
    leaning = model.leaning(question)
    assert set(leaning) == set(Facet)
    assert all(0 <= share <= 1 for share in leaning.values())
    assert sum(leaning.values()) <= 1.0001


@pytest.mark.parametrize(
    ("question", "facet"),
    [("Wie hoch ist der Fördersatz?", Facet.RATE), ("bis wann muss der Antrag da sein", Facet.DEADLINE),
     ("Wer darf das beantragen?", Facet.APPLICANTS), ("Was hat das gekostet?", Facet.COSTS),
     ("Wen kann ich anrufen?", Facet.CONTACT)],
)  # fmt: skip
def test_a_plain_question_leans_to_its_detail(model, question, facet):
    leaning = model.leaning(words(question))
    assert max(leaning, key=leaning.get) is facet


def test_a_model_learns_its_wordings_and_survives_its_file(tmp_path):
    read = {"rate": [["wie", "hoch"], ["wie", "hoch", "satz"]], NONE: [["guten", "tag"], ["guten", "morgen"]]}
    fitted = fit(read, "abc", rounds=100)
    assert fitted.leaning(["wie", "hoch"])[Facet.RATE] > 0.7
    assert fitted.leaning(["guten", "tag"])[Facet.RATE] < 0.3
    fitted.save(tmp_path / "model.npz")
    again = FacetModel.load(tmp_path / "model.npz")
    assert (again.columns, again.classes, again.fitted_to) == (fitted.columns, fitted.classes, "abc")
    assert np.allclose(again.weights, fitted.weights, atol=1e-2)


def test_features_are_stems_beginnings_and_neighbours():
    assert {"wforder", "^_wie", "wie_hoch", "pforde"} <= features(["wie", "hoch", "forderung"]) | {"wforder"}
