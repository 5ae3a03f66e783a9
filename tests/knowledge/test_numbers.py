import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.numbers import number_of


@pytest.mark.parametrize(
    ("word", "number"),
    [("dreizehn", 13), ("zwanzig", 20), ("einundzwanzig", 21), ("hundert", 100), ("zweihundertfunfzig", 250),
     ("tausendfunfhundert", 1500), ("zehntausend", 10_000), ("zweitausendundfunfundzwanzig", 2025),
     ("neunzehnhundertneunzig", 1990), ("zweihunderttausend", 200_000),
     ("neunhundertneunundneunzigtausendneunhundertneunundneunzig", 999_999)],
)  # fmt: skip
def test_a_written_number_is_read(word, number):
    assert number_of(word) == number


@pytest.mark.parametrize("word", ["", "ein", "drei", "zwolf", "tausend", "undzwanzig", "hundertwasser", "tausendsassa"])
def test_what_is_no_number_stays_a_word(word):
    assert number_of(word) is None


@given(st.text("einszweidretausndhfgvumql", max_size=40))
def test_any_word_is_a_number_in_range_or_none(word):
    number = number_of(word)
    assert number is None or 13 <= number <= 999_999
