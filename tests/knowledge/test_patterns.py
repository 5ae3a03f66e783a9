import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.german import words
from knowledge.patterns import Matcher, PatternError, anchors, literal_words, to_regex


def holds(pattern, text):
    return bool(list(Matcher([(pattern, 1.0, "x")]).find(words(text))))


@pytest.mark.parametrize(
    ("pattern", "held_by", "not_held_by"),
    [
        ("frist", "Wann ist die Frist?", "Welche Fristen?"),
        ("frist*", "Welche Fristen?", "Antragsfrist"),
        ("*frist", "Antragsfrist", "Fristen"),
        ("bis wann", "Und bis wann?", "wann bis"),
        ("(geld|mittel) da", "sind Mittel da", "Geld weg"),
        ("noch (offen)? da", "noch da", "noch zu da"),
        ("noch (offen)? da", "noch offen da", "offen da"),
        ("wer ... zahlt", "wer hat das alles bezahlt, wer zahlt", "zahlt wer"),
        ("wer ... zahlt", "wer a b c d zahlt", "wer a b c d e zahlt"),
        ("=eu", "von der EU", "Europa"),
        ("förder*", "FOERDERUNG", "Beförderung"),
        ("förder*", "forderung", "ford"),
        ("straße", "Strasse", "Straßen"),
        ("(nur)? (offene|laufende) programme", "laufende Programme", "nur Programme"),
        ("(die|das)* geld", "die das die geld", "die mittel"),
        ("(antrag* stellen|beantragen)", "einen Antrag online stellen, Anträge stellen", "stellen"),
    ],
)
def test_a_pattern_is_held_or_not(pattern, held_by, not_held_by):
    assert holds(pattern, held_by)
    assert not holds(pattern, not_held_by)


def test_a_pattern_names_the_words_that_it_matched():
    (found,) = Matcher([("bis ... frist*", 2.0, "deadline")]).find(words("Und bis zu welcher Frist bitte"))
    assert (found.value, found.weight, found.pattern) == ("deadline", 2.0, "bis ... frist*")
    assert found.words == {1, 2, 3, 4}


def test_each_pattern_is_found_once():
    assert len(list(Matcher([("frist*", 1.0, "a"), ("frist", 2.0, "b")]).find(["frist", "frist"]))) == 2


@pytest.mark.parametrize(
    "pattern", ["(a", "a)", "(a|b", "(", "?", "a (b|(c)", "", "...", "(a|)", "()", "*", "(a)?", "="]
)
def test_a_pattern_that_cannot_be_read_or_names_no_word_is_refused(pattern):
    with pytest.raises(PatternError, match=re.escape(repr(pattern))):
        Matcher([(pattern, 1.0, "x")])


def test_the_first_letters_of_a_pattern_are_known():
    assert anchors("förder*") == {"for"}
    assert anchors("(geld|eu) da") == {"gel", "eu"}
    assert anchors("(nur)? offen") == {"nur", "off"}
    assert anchors("*verein") is None
    assert anchors("((a|b) c|d)") is None


def test_literal_words_are_named_with_whether_longer_ones_count():
    assert list(literal_words("(förder*|geld) ... straße")) == [("forder", True), ("geld", False), ("strasse", False)]


_TOKENS = st.lists(
    st.sampled_from(["geld", "förder*", "*frist", "...", "(", ")", "|", "?", "*", "=", " ", "eu"]), max_size=8
)


@given(_TOKENS.map(" ".join) | _TOKENS.map("".join), st.lists(st.sampled_from(["geld", "forderung", "eu", "x"])))
def test_any_pattern_is_read_or_refused_and_finds_what_the_slow_way_finds(pattern, question):
    try:
        matcher = Matcher([(pattern, 1.0, "x")])
    except PatternError:
        return
    found = list(matcher.find(question))
    slow = re.search(r"(?<!\S)" + to_regex(pattern), "".join(f"{word} " for word in question))
    assert bool(found) == bool(slow)
    assert all(each.words <= set(range(len(question))) for each in found)
