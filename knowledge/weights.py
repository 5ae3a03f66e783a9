"""How much each kind of evidence counts: the one place for the numbers of the ranking.

They were fitted by `python -m bench.fit weights` on questions that the entries were not written from.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """Numbers of the ranking, without units.

    Attributes:
        k1: BM25: how fast further mentions stop counting.
        b: BM25: how much long documents are held back, 0 to 1.
        title_field: BM25: a word in a title or name, in words of the text.
        ask_field: BM25: a word in a wording, in words of the text.
        bm25: Share of the whole document's score.
        name: Share of the nearest name.
        ask: Share of the nearest wording.
        text: Share of the nearest sentence.
        full_name: Share of a name that the question holds in full.
        passage_length: How much long passages are held back, 0 to 1 (1: the cosine).
        indexed_part: A part of a compound in a document, 0 to 1 of the whole word.
        query_part: A part of a known compound in the question.
        query_part_of_unknown: A part of a compound that no document holds.
        part_rarity: How fast parts of a compound lose that say less than its rarest one.
        synonym: A related word, at most.
        corrected: A corrected word, at most.
        correction_power: How fast less similar corrections lose.
        unknown_word: A word that nothing explains, in weights of the rarest known word.
    """

    k1: float = 1.2
    b: float = 0.6
    title_field: float = 3.4
    ask_field: float = 1.56
    bm25: float = 2.0
    name: float = 0.55
    ask: float = 1.32
    text: float = 0.4
    full_name: float = 0.59
    passage_length: float = 0.8
    indexed_part: float = 0.62
    query_part: float = 0.3
    query_part_of_unknown: float = 0.48
    part_rarity: float = 0.5
    synonym: float = 0.6
    corrected: float = 0.51
    correction_power: float = 3.6
    unknown_word: float = 0.6


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True)
class AnswerWeights:
    """Numbers of what stands on top of the index.

    Attributes:
        facet_word: What a word that names a detail still counts as a topic, 0 to 1.
        kind_word: The same for a word that names a kind of entry.
        list_word: The same for a word that asks for several.
        kind_unsaid: Factor on entries of other kinds where the question names just one plainly.
        kind_vote: Factor on an entry's score for each vote that its kind is behind the first.
        unasked_term: Factor on a glossary term where no definition is asked for.
        closed: Factor on a closed programme.
        facet_not_held: Factor on an entry that cannot hold the detail asked for.
        known: Confidence below which Lotse says that it does not know.
        worth_offering: Coverage from which an entry is offered all the same.
        list_cut: Share of the best score below which an entry does not belong to a list.
        residual: Weight of topic words from which a list is ordered by them.
        exact_name: Factor on an entry whose name is the whole question.
        constraint_unmet: Factor on a programme for each of level, funder and applicant that it does not meet.
        constraint_met: Factor on an entry for each constraint of the question that it meets.
        known_list: Confidence below which a list is not given either.
        longest_list: Entries in a list that is ordered by topic, at most.
    """

    facet_word: float = 0.25
    kind_word: float = 0.24
    list_word: float = 0.3
    kind_unsaid: float = 0.85
    kind_vote: float = 0.935
    unasked_term: float = 0.85
    closed: float = 0.72
    facet_not_held: float = 0.83
    known: float = 0.45
    worth_offering: float = 0.5
    list_cut: float = 0.45
    residual: float = 1.2
    exact_name: float = 1.5
    constraint_unmet: float = 0.85
    constraint_met: float = 1.125
    known_list: float = 0.2
    longest_list: int = 10


DEFAULT_ANSWER_WEIGHTS = AnswerWeights()
