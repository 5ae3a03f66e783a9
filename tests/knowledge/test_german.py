import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.german import acronyms, fold, sound, stem, words

ANY = st.text(max_size=60)
"""Any text, halves of characters among it."""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Städte", "Staedte"), ("Städte", "Stadte"), ("Städte", "STÄDTE"), ("Städte", "Sta\u0308dte"),
     ("Straße", "Strasse"),
     ("GROẞ", "gross"),
     ("Förderung", "Foerderung"), ("Förderung", "forderung"), ("Müll", "Muell"), ("Café", "cafe"),
     ("für", "fuer")],
)  # fmt: skip
def test_folding_joins_what_is_typed_in_several_ways(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("word", ["bauen", "neue", "quelle", "steuer", "aktuell"])
def test_ue_stays_where_it_is_no_umlaut(word):
    expected = {"aktuell": "aktull"}.get(word, word)
    assert fold(word) == expected


@given(ANY)
def test_any_text_folds_to_lower_case_without_umlauts(text):
    folded = fold(text)
    assert not set(folded) & set("äöüßÄÖÜABCDEFGHIJKLMNOPQRSTUVWXYZ") or not text.isascii()
    assert fold(text.upper()) == fold(text.upper().lower()) or not text.isascii()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gibt's Geld?", ["gibt", "s", "geld"]),
        ("20.000 Einwohner", ["20000", "einwohner"]),
        ("1.234.567", ["1234567"]),
        ("20 000", ["20000"]),
        ("2.5", ["2", "5"]),
        ("75 %", ["75", "prozent"]),
        ("75%", ["75", "prozent"]),
        ("100€", ["100", "euro"]),
        ("Sport & Spiel", ["sport", "und", "spiel"]),
        ("§ 7h EStG", ["paragraf", "7h", "estg"]),
        ("Pop-up-Store", ["pop", "up", "store"]),
        ("KfW 432", ["kfw", "432"]),
        ("", []),
        ("…?!", []),
        ("🏚🏚", []),
        ("مدينة", []),
    ],
)
def test_a_text_becomes_folded_words(text, expected):
    assert words(text) == expected


@given(ANY)
def test_any_text_becomes_words_of_plain_letters(text):
    for word in words(text):
        assert word.isascii()
        assert word.isalnum()
        assert word == word.lower()
        assert isinstance(stem(word), str)
        assert isinstance(sound(word), str)


@pytest.mark.parametrize(
    ("text", "found"),
    [("Geld aus DAS und LEG", {"das", "leg"}), ("KfW 432", set()), ("WAS IST EIN ISEK", set()), ("ÖPNV hier", {"opnv"}),
     ("Was ist ISEK?", {"isek"}), ("", set()), ("I bin", set())],
)  # fmt: skip
def test_words_in_capitals_are_known_where_not_all_is_in_capitals(text, found):
    assert acronyms(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [("laden", "ladens"), ("forderung", "forderungen"), ("programme", "programm"), ("stadt", "stadten")],
)
def test_forms_of_a_word_share_a_stem(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["kfw", "eu", "432", "7h"])
def test_short_words_and_numbers_stay(word):
    assert stem(word) == word


@pytest.mark.parametrize(
    ("name", "code"),
    [("Müller-Lüdenscheidt", "65752682"), ("Breschnew", "17863"), ("Wikipedia", "3412"), ("Meyer", "67"),
     ("Maier", "67"), ("Philipp", "351"), ("Axel", "0485"), ("Hexe", "048"), ("Xaver", "4837"),
     ("Clown", "4536"), ("Chor", "47"), ("Acht", "042"), ("Rock", "74"), ("Schmidt", "862"), ("Phonetik", "3624")],
)  # fmt: skip
def test_the_koelner_phonetik_codes_published_examples(name, code):
    assert sound("".join(words(name))) == code


@pytest.mark.parametrize(("one", "other"), [("Wielandt", "Wieland"), ("Isek", "Iseck"), ("Leerstand", "Lehrstandt")])
def test_words_that_sound_alike_share_a_code(one, other):
    assert sound(fold(one)) == sound(fold(other))


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=30))
def test_a_code_holds_digits_vowels_only_first_and_none_twice(word):
    code = sound(word)
    assert code == "" or code.isdigit()
    assert "0" not in code[1:]
