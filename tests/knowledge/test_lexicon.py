import re
from collections import Counter

import pytest
import yaml

from knowledge.entries import EntryKind, Facet, Level, Status, Theme
from knowledge.filters import REGIONS, Applicant
from knowledge.german import stem, words
from knowledge.lexicon import LEXICON, Lexicon, LexiconError, _rows
from knowledge.patterns import Matcher
from knowledge.question import spelled


def spoiled(tmp_path, change):
    data = yaml.load(LEXICON.read_text("utf-8"), Loader=yaml.CSafeLoader)
    change(data)
    file = tmp_path / "lexicon.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.pop("facets"), "facets are missing"),
        (lambda d: d["facets"].update(rate=["(prozent"]), "of facets cannot be read ('(prozent'"),
        (lambda d: d["facets"].update(rate=[""]), "names no word"),
        (lambda d: d["facets"].update(farbe=["blau"]), "'farbe' is not a valid Facet"),
        (lambda d: d["facets"].update(rate=[{"prozent": "viel"}]), "of facets"),
        (lambda d: d["facets"].update(rate=[{"prozent": None}]), "of facets"),
        (lambda d: d["facets"].update(rate=None), "of facets"),
        (lambda d: d.update(facets=[1]), "of facets"),
        (lambda d: d["kinds"].update(laden=["x"]), "of kinds"),
        (lambda d: d["themes"].update(raumfahrt=["rakete"]), "of constraints"),
        (lambda d: d["funders"].update(KfW={"cues": ["kfw"]}), "of constraints"),
        (lambda d: d.update(paid=["(x"]), "of paid"),
        (lambda d: d.update(synonyms=[5]), "of synonyms"),
        (lambda d: d.update(fillers=7), "of fillers"),
        (lambda d: d["spellings"].update({"!": "x"}), "of spellings"),
        (lambda d: d["spellings"].update({"e-mail": "mail"}), "'e-mail' is not one word"),
    ],
)  # fmt: skip
def test_a_fault_of_the_lexicon_says_where(tmp_path, change, named):
    with pytest.raises(LexiconError, match=re.escape(named)) as raised:
        Lexicon.load(spoiled(tmp_path, change))
    assert str(raised.value).startswith("lexicon.yaml: ")


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"facets: [", b"\xff\xfe", b"text"])
def test_a_file_that_is_no_lexicon_is_refused(tmp_path, content):
    file = tmp_path / "lexicon.yaml"
    file.write_bytes(content)
    with pytest.raises(LexiconError, match=r"lexicon\.yaml"):
        Lexicon.load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LexiconError, match="weg"):
        Lexicon.load(tmp_path / "weg.yaml")


def shipped_patterns(lexicon):
    data = lexicon.data
    for section in ("facets", "kinds", "again", "status", "levels", "applicants", "themes", "states"):
        for name, rows in data[section].items():
            yield from ((f"{section}.{name}", pattern, weight) for pattern, weight in _rows(rows))
    for section in ("lists", "paid"):
        yield from ((section, pattern, weight) for pattern, weight in _rows(data[section]))
    for section in ("funders", "paid_from"):
        for name, group in data[section].items():
            yield from ((f"{section}.{name}", pattern, weight) for pattern, weight in _rows(group["cues"]))


def simplest(pattern):
    """A text that a pattern should find: of each bracket the first."""
    while match := re.search(r"\(([^()]*)\)[?*]?", pattern):
        pattern = pattern[: match.start()] + match[1].split("|")[0] + pattern[match.end() :]
    return re.sub(r"\.\.\.|[=*]", " ", pattern.replace("* ", " ").replace(" *", " "))


def test_every_shipped_pattern_finds_what_it_says(lexicon):
    for where, pattern, weight in shipped_patterns(lexicon):
        assert 0 < weight <= 5, (where, pattern)
        text = spelled(words(simplest(pattern)), lexicon.spellings)
        assert list(Matcher([(pattern, weight, where)]).find(text)), (where, pattern, text)


def test_every_name_of_the_lexicon_is_known(lexicon):
    data = lexicon.data
    assert set(data["facets"]) == {facet.value for facet in Facet}
    assert set(data["kinds"]) == {kind.value for kind in EntryKind}
    assert set(data["themes"]) == {theme.value for theme in Theme}
    assert set(data["levels"]) == {level.value for level in Level}
    assert set(data["status"]) == {status.value for status in Status}
    assert set(data["applicants"]) <= {group.value for group in Applicant}


def test_every_state_of_the_cases_can_be_asked_for(lexicon, shipped):
    states = {entry.state for entry in shipped.of_kind(EntryKind.CASE)}
    assert states - set(lexicon.data["states"]) == set()
    assert set(lexicon.data["states"]) <= frozenset().union(*REGIONS.values())


def test_no_word_stands_in_two_groups_of_synonyms(lexicon):
    counts = Counter(word for group in lexicon.data["synonyms"] for word in {" ".join(words(each)) for each in group})
    assert [word for word, count in counts.items() if count > 1] == []


def test_synonyms_point_both_ways_and_broader_words_less(lexicon):
    related = lexicon.synonyms.related
    assert related(stem("laden"))[stem("geschaft")] == 1.0
    assert related(stem("geschaft"))[stem("laden")] == 1.0
    assert all(0 < near <= 1 for near in related(stem("isek")).values())
    assert related("gibtesnicht") == {}


def test_small_words_are_written_as_usual(lexicon):
    assert spelled(words("wieviel gibts"), lexicon.spellings) == ["wie", "viel", "gibt", "es"]
    assert all(long for long in lexicon.spellings.values())


def test_the_shipped_lexicon_is_read_once():
    assert Lexicon.shipped() is Lexicon.shipped()
