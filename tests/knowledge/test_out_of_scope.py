from collections import Counter

from knowledge.documents import OUTSIDE, documents
from knowledge.german import words


def test_each_kind_of_foreign_question_has_an_id_a_label_and_wordings(lexicon):
    assert len(lexicon.outside) > 20
    ids = [name for name, _, _ in lexicon.outside]
    assert len(set(ids)) == len(ids)
    for name, label, asks in lexicon.outside:
        assert name.replace("-", "").isalnum()
        assert label.strip()
        assert len(asks) >= 5, name
        assert sum(bool(words(ask)) for ask in asks) >= 5, name


def test_no_wording_stands_twice(lexicon):
    counts = Counter(ask.casefold() for _, _, asks in lexicon.outside for ask in asks)
    assert [ask for ask, count in counts.items() if count > 1] == []


def test_no_foreign_wording_is_one_of_an_entry(lexicon, shipped):
    own = {ask.casefold() for entry in shipped.entries.values() for ask in entry.asks}
    assert [ask for _, _, asks in lexicon.outside for ask in asks if ask.casefold() in own] == []


def test_foreign_words_name_no_entry(lexicon, shipped):
    for entry in shipped.entries.values():
        assert lexicon.foreign.isdisjoint(words(entry.title)), entry.id


def test_foreign_kinds_are_searched_but_are_no_entries(lexicon, shipped, answerer):
    ids = [document.id for document in documents(shipped, lexicon)]
    assert sum(each.startswith(OUTSIDE) for each in ids) == len(lexicon.outside)
    for question in ("Wo beantrage ich einen neuen Personalausweis?", "Wann kommt die Müllabfuhr?"):
        answer = answerer.answer(question)
        assert answer.kind == "none"
        assert not any(hit.id.startswith(OUTSIDE) for hit in answer.hits)


def test_most_foreign_wordings_are_known_to_be_foreign(lexicon, answerer):
    asks = [ask for _, _, listed in lexicon.outside for ask in listed[::5]]
    answered = [ask for ask in asks if answerer.answer(ask).kind != "none"]
    assert len(answered) <= 0.05 * len(asks), answered
