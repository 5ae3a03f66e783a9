import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.german import stem, words
from knowledge.index import Document, Index, Synonyms

DOCUMENTS = [
    Document("leer", "Leerstand beleben", "Läden in der Altstadt stehen leer. Die Stadt mietet sie an."),
    Document("rad", "Radwege bauen", "Neue Radwege verbinden die Ortsteile.", keywords=("Mobilität",)),
    Document("probe", "Stadt auf Probe", names=("Probewohnen",), asks=("Kann man bei euch mal zur Probe leben?",)),
    Document("hessen", "Zukunft Innenstadt", "Ein Programm in Hessen."),
    Document("das", "Anpassung an den Klimawandel", "Die DAS hilft Kommunen."),
]
INDEX = Index.build(DOCUMENTS, fillers=["die", "der", "das", "in", "ein", "an", "kann", "man", "bei", "was", "ist"])


def found(query, index=INDEX):
    return [hit.id for hit in index.search(query)]


@pytest.mark.parametrize(
    ("query", "document_id"),
    [("Leerstand", "leer"), ("leerstant", "leer"), ("Laeden", "leer"), ("RADWEG", "rad"), ("Rad Wege", "rad"),
     ("Mobilität", "rad"), ("Probewohnen", "probe"), ("zur Probe leben", "probe"), ("hessisches Hessen", "hessen"),
     ("Leerstandsprogramm", "leer")],
)  # fmt: skip
def test_the_nearest_document_comes_first(query, document_id):
    assert found(query)[0] == document_id


def test_words_in_capitals_are_topics_even_where_they_look_like_small_ones():
    assert found("Was ist DAS?")[0] == "das"
    assert found("was ist das") == []


@pytest.mark.parametrize("query", ["", "   ", "???", "die der das", "🏚", "xyzzy", "\ud83c", "123456"])
def test_what_no_document_knows_finds_nothing(query):
    assert found(query) == []


def test_hits_come_best_first_and_no_more_than_wanted():
    hits = INDEX.search("Stadt Leerstand Innenstadt", 10)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.id for hit in INDEX.search("Stadt Leerstand Innenstadt", 1)] == [hits[0].id]
    assert INDEX.search("Stadt", 0) == []
    for hit in hits:
        assert all(0 <= share <= 1.001 for share in (hit.coverage, hit.ask, hit.name, hit.text, hit.named))


def test_an_exact_word_beats_a_near_one():
    index = Index.build([Document("nah", "Hessen"), Document("genau", "Essen")])
    assert found("Essen", index)[0] == "genau"
    assert found("Hessen", index)[0] == "nah"


def test_two_documents_with_one_id_are_refused():
    with pytest.raises(ValueError, match="share an id"):
        Index.build([Document("a", "Eins"), Document("a", "Zwei")])


@pytest.mark.parametrize("documents", [[], [Document("leer", "")], [Document("x", "…", "???")]])
def test_an_index_without_words_finds_nothing(documents):
    index = Index.build(documents)
    assert index.search("Leerstand") == []
    assert index.search("") == []


def test_documents_may_come_from_a_generator():
    assert found("Leerstand", Index.build(each for each in DOCUMENTS))[0] == "leer"


def test_each_word_says_how_it_was_understood():
    how = {match.word: match.how for match in INDEX.understand(words("die Leerstand leerstant Radwegestadt xyzzy"))}
    assert how == {"die": "filler", "leerstand": "word", "leerstant": "corrected", "radwegestadt": "compound",
                   "xyzzy": "unknown"}  # fmt: skip


def test_a_related_word_is_found_but_counts_less():
    synonyms = Synonyms({stem("butze"): {stem("laden"): 1.0}})
    index = Index.build(DOCUMENTS, synonyms=synonyms)
    assert found("Butze", INDEX) == []
    assert found("Butze", index) == ["leer"]
    assert index.search("Butze")[0].score <= index.search("Laden")[0].score


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.text(max_size=20), st.text(max_size=60)), max_size=8),
    st.text(max_size=40),
    st.integers(0, 12),
)
def test_any_documents_can_be_searched_with_any_text(texts, query, limit):
    documents = [Document(str(number), title, text) for number, (title, text) in enumerate(texts)]
    hits = Index.build(documents).search(query, limit)
    assert len(hits) <= limit
    assert all(hit.score > 0 for hit in hits)


@settings(max_examples=50)
@given(st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=1, max_size=8, unique_by=stem))
def test_a_document_is_found_by_its_own_title(titles):
    index = Index.build(Document(title, title) for title in titles)
    for title in titles:
        assert title in found(title, index)


def test_every_shipped_entry_is_found_first_by_its_title(shipped, answerer):
    missed = [
        entry.id
        for entry in shipped.entries.values()
        if entry.id not in [hit.id for hit in answerer.ranker.index.search(entry.title, 5)]
    ]
    assert missed == []
