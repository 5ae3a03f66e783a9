import dataclasses

import pytest

from knowledge.filters import Filters
from knowledge.fit import Profile, fit_words, misfits, towns_alike
from knowledge.followups import Talk

ALTENBURG = Profile("Altenburg", 31_200)
SMALL = Profile("Bad Köstritz", 0, 5_000, classed=True)
MEDIUM = Profile("Apolda", 20_000, 100_000, classed=True)


def test_a_programme_for_families_is_not_for_towns(shipped):
    assert misfits(shipped.get("jung-kauft-alt-kfw-308"), ALTENBURG)[0].startswith(
        "Städte und Gemeinden sind nicht antragsberechtigt, sondern: Familien"
    )


@pytest.mark.parametrize(("profile", "fits"), [(ALTENBURG, False), (MEDIUM, False), (SMALL, True)])
def test_a_prize_for_small_places_says_who_is_too_large(shipped, profile, fits):
    said = [each for each in misfits(shipped.get("wuestenrot-land-und-leute"), profile) if "richtet sich" in each]
    assert (said == []) is fits


def test_a_class_of_towns_is_said_as_a_class(shipped):
    said = misfits(shipped.get("wuestenrot-land-und-leute"), MEDIUM)
    assert "Es richtet sich an Orte bis 10.000 Einwohner; Apolda hat 20.000 bis 100.000." in said


def test_where_nothing_is_against_it_what_is_left_to_check_is_said(shipped):
    first, then = fit_words(shipped.get("energetische-stadtsanierung-kfw-432"), ALTENBURG)
    assert "spricht nichts dagegen" in first
    assert then.startswith("Bitte prüfen: ")


@pytest.mark.parametrize(
    ("profile", "words"), [(Profile("Gera", 95_000), "deutlich kleiner als Gera"), (SMALL, "deutlich größer als Bad")]
)
def test_a_case_is_held_against_the_readers_town(shipped, profile, words):
    assert words in fit_words(shipped.get("zeulenroda-marktplatz"), profile)[0]


def test_towns_alike_are_of_the_same_class_or_half_to_twice_as_large():
    assert towns_alike(ALTENBURG) == Filters(min_population=16_000, max_population=62_000)
    assert towns_alike(MEDIUM) == Filters(min_population=20_000, max_population=99_999)
    assert towns_alike(dataclasses.replace(ALTENBURG, population=None)) is None


def test_does_that_fit_us_is_answered_for_the_programme_shown(answerer):
    answer = answerer.answer("Passt das zu uns?", Talk(("wuestenrot-land-und-leute",)), profile=ALTENBURG)
    assert answer.hits[0].id == "wuestenrot-land-und-leute"
    assert any("Altenburg hat rund 31.200" in each for each in answer.fit)


def test_examples_from_towns_like_ours_keep_to_their_size(answerer, shipped):
    answer = answerer.answer("Beispiele zu Leerstand aus Städten wie unserer", profile=ALTENBURG)
    populations = [shipped.get(hit.id).population for hit in answer.hits]
    assert populations
    assert all(16_000 <= people <= 62_000 for people in populations)


def test_an_answer_says_why_a_programme_cannot_fit_the_readers_town(answerer):
    answer = answerer.answer("wie hoch ist der kredit bei jung kauft alt", profile=ALTENBURG)
    assert answer.against
    assert answer.against[0] in answer.text
