"""What a question asks for, apart from its topic: facets, kinds of entry, constraints, pointers back."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.constraints import numeric_constraints
from knowledge.entries import EntryKind, Facet
from knowledge.facet_model import FacetModel
from knowledge.filters import Filters, Named
from knowledge.german import acronyms, words
from knowledge.lexicon import Lexicon
from knowledge.numbers import number_of
from knowledge.patterns import Found

LEAST_LEANING = 0.01
PATTERN_SHARE = 0.6
"""What a pattern's weight counts beside the logarithm of the model's probability."""
SURE_LEANING = 0.25
"""Probability, among the details that the entry holds, from which the model alone says that one is asked for."""
ALSO_ASKED = 2.5
"""Weight of a pattern from which a second detail is answered too."""
ALSO_BEHIND = 2.0
"""How far behind the first a second detail may be."""
FACET_THRESHOLD = 1.9
"""Weight from which a facet counts as asked for; single vague words stay below."""
MOST_WORDS = 80
"""Words of a text that are read: what a question asks for stands in its beginning, and a pasted letter stays quick."""
SHORTEST_CUE = 5
SHORTEST_COMPOUND = 8
MOST_KEPT = 50_000
FACET_VOTE = 1.5
"""Votes that a detail brings to the kinds of entry that hold it, if it is surely asked for."""
SURE_OF_CASE = 2.0
"""Votes ahead from which a funder is what cases were paid from."""
PLAIN_KIND = 1.6
"""Weight of a pattern that names a kind of entry plainly: „Zuschuss“, „Beispiele“."""
CONSTRAINT_VOTE = 0.8
"""Votes that a constraint brings to the kind of entry that alone can meet it."""
KIND_OF_FILTER = {
    **dict.fromkeys(("status", "level", "applicant", "funder", "due_within", "rolling"), EntryKind.FUNDING),
    **dict.fromkeys(
        ("state", "not_state", "size", "min_population", "max_population", "since", "until", "ended", "min_cost",
         "max_cost", "funded_by"),
        EntryKind.CASE,
    ),
}  # fmt: skip
_FUNDING_FACETS = {
    Facet.RATE, Facet.AMOUNT, Facet.APPLICANTS, Facet.EXCLUDES, Facet.REQUIREMENTS, Facet.COMBINABLE,
    Facet.HOW_TO_APPLY, Facet.DEADLINE, Facet.STATUS, Facet.FUNDS,
}  # fmt: skip
_CASE_FACETS = {Facet.COSTS, Facet.RESULTS, Facet.LESSONS, Facet.PARTNERS, Facet.FUNDING_USED}


@dataclass(frozen=True)
class Question:
    """A question, read.

    Attributes:
        text: As typed.
        words: Folded, small words as they are usually spelled.
        facets: Details that the lexicon's patterns find, with their weights, strongest first.
        leaning: The probability of each detail by the facet model.
        kinds: Votes for each kind of entry.
        said: Kinds of entry that the question names plainly.
        listing: How strongly several entries are wanted.
        filters: What a list is narrowed to.
        constrained: For each filter that the text sets, the positions of the words that say so.
        again: Pointers back to what was shown.
        said_by_cues: Positions of words that name a facet, a kind or a list rather than a topic.
        acronyms: Words typed in capitals; they are topics even where they look like small words.
    """

    text: str
    words: tuple[str, ...]
    facets: tuple[tuple[Facet, float], ...] = ()
    leaning: Mapping[Facet, float] = field(default_factory=dict)
    kinds: Mapping[EntryKind, float] = field(default_factory=dict)
    said: frozenset[EntryKind] = frozenset()
    listing: float = 0.0
    filters: Filters = field(default_factory=Filters)
    constrained: Mapping[str, frozenset[int]] = field(default_factory=dict)
    again: Mapping[str, frozenset[int]] = field(default_factory=dict)
    facet_words: frozenset[int] = frozenset()
    kind_words: frozenset[int] = frozenset()
    list_words: frozenset[int] = frozenset()
    acronyms: frozenset[str] = frozenset()

    @property
    def facet(self) -> Facet | None:
        """The detail most asked for, or None."""
        asked = self.asked(frozenset(Facet))
        return asked[0] if asked else None

    def asked(self, held: Collection[Facet]) -> list[Facet]:
        """The details asked for among those that an entry holds, most asked for first."""
        patterns = dict(self.facets)
        scores = {
            facet: math.log(self.leaning.get(facet, 0.0) + LEAST_LEANING) + PATTERN_SHARE * patterns.get(facet, 0.0)
            for facet in held
        }
        none = 1 - sum(self.leaning.values())
        among = none + sum(self.leaning.get(facet, 0.0) for facet in held)
        surely = {f for f in held if self.leaning.get(f, 0.0) >= SURE_LEANING * among} - {Facet.SOURCE}
        sure = surely | (patterns.keys() & set(held))  # a source is asked for in so many words, or not at all
        if not sure:
            return []
        ranked = sorted(scores, key=lambda facet: -scores[facet])
        first = next(facet for facet in ranked if facet in sure)
        also = [
            f
            for f in ranked
            if f is not first and patterns.get(f, 0.0) >= ALSO_ASKED and scores[f] > scores[first] - ALSO_BEHIND
        ]
        return [first, *also]

    def without(self, names: Container[str]) -> "Question":
        """The same with some constraints taken off; their words become no topic by that."""
        taken = [name for name in self.filters.active() if name in names]
        kinds = {} if "kind" in names else self.kinds
        return replace(self, filters=self.filters.without(*taken), kinds=kinds)


def _typed(positions: Iterable[int], spans: Sequence[int]) -> frozenset[int]:
    """Positions of cues as positions of the words that were typed."""
    return frozenset(word for cue in positions for word in range(spans[cue], spans[cue + 1]))


def _by_shape(cues: Iterable[str]) -> dict[tuple[str, int], list[str]]:
    """Cues by their first letter and length, so that few are compared with a mistyped word."""
    shapes: dict[tuple[str, int], list[str]] = defaultdict(list)
    for cue in sorted(cues):
        if len(cue) >= SHORTEST_CUE:
            shapes[cue[0], len(cue)].append(cue)
    return dict(shapes)


def spelled(typed: Sequence[str], spellings: Mapping[str, Sequence[str]]) -> list[str]:
    """Folded words as they are usually spelled: `wieviel` is `wie viel`, `zwanzigtausend` is `20000`."""
    usual = (word for found in typed for word in spellings.get(found, (found,)))
    return [word if (number := number_of(word)) is None else str(number) for word in usual]


class Reader:
    """Reads questions by the lexicon's patterns; words that entries hold, `known`, need no mending."""

    def __init__(self, lexicon: Lexicon, known: Container[str]) -> None:
        self._lexicon = lexicon
        self._known = known
        self._whole, self._beginnings = lexicon.cue_words
        self._cues = _by_shape(self._whole)
        self._starts = _by_shape(self._beginnings)
        self._mended: dict[str, str] = {}
        self._model = FacetModel.load()

    def read(self, text: str, today: dt.date, about: EntryKind | None = None) -> Question:
        """What a text asks for.

        Args:
            text: As typed.
            today: The reader's day.
            about: The kind of entry that is talked of, where the text carries a list on and need not name it again.
        """
        typed = spelled(words(text)[:MOST_WORDS], self._lexicon.spellings)
        cues, spans = self._rejoined([self._mend(word) for word in typed])
        leaning = self._model.leaning(cues)
        facets, facet_words = self._facets(cues)
        kinds, kind_words, said = self._kinds(cues, leaning)
        listing = list(self._lexicon.lists.find(cues))
        spoken_of = {**kinds, about: kinds.get(about, 0.0) + SURE_OF_CASE} if about else kinds
        filters, constrained = self._constraints(cues, spoken_of, today)
        for name in filters.active():
            if (kind := KIND_OF_FILTER.get(name)) is not None:
                kinds[kind] = kinds.get(kind, 0.0) + CONSTRAINT_VOTE
        return Question(
            text=text,
            words=tuple(typed),
            leaning=leaning,
            facets=facets,
            kinds=kinds,
            said=said,
            listing=sum({found.words: found.weight for found in listing}.values()),
            filters=filters,
            constrained={name: _typed(where, spans) for name, where in constrained.items()},
            again={found.value: _typed(found.words, spans) for found in self._lexicon.again.find(cues)},
            facet_words=_typed(facet_words, spans),
            kind_words=_typed(kind_words, spans),
            list_words=_typed(frozenset().union(*(found.words for found in listing)), spans),
            acronyms=acronyms(text),
        )

    def _mend(self, word: str) -> str:
        """The cue that a mistyped word was probably meant to be; other words stay."""
        if (known := self._mended.get(word)) is not None:
            return known
        mended = word if self._is_cue(word) or word in self._known or len(word) < SHORTEST_CUE else self._nearest(word)
        if len(self._mended) > MOST_KEPT:
            self._mended.clear()
        self._mended[word] = mended
        return mended

    def _rejoined(self, cues: Sequence[str]) -> tuple[list[str], list[int]]:
        """Cues with compounds that were typed in parts put together, and where each began: `an sprech partner`."""
        joined: list[str] = []
        spans: list[int] = []
        position = 0
        while position < len(cues):
            taken = 1
            for count in (3, 2):
                word = "".join(cues[position : position + count])
                if position + count <= len(cues) and self._is_compound(word, cues[position : position + count]):
                    taken = count
                    break
            joined.append("".join(cues[position : position + taken]))
            spans.append(position)
            position += taken
        return joined, [*spans, len(cues)]

    def _is_compound(self, word: str, parts: Sequence[str]) -> bool:
        if len(word) < SHORTEST_COMPOUND or all(part in self._lexicon.fillers for part in parts):
            return False
        return (word in self._whole or word in self._known) and word not in self._lexicon.fillers

    def _is_cue(self, word: str) -> bool:
        return word in self._whole or word in self._lexicon.fillers or word.startswith(self._beginnings)

    def _nearest(self, word: str) -> str:
        for length in (len(word), len(word) - 1, len(word) + 1):
            candidates = self._cues.get((word[0], length), ())
            if match := process.extractOne(word, candidates, scorer=OSA.distance, score_cutoff=1):
                return str(match[0])
        for length in range(SHORTEST_CUE, len(word) + 2):  # a letter may be missing
            candidates = self._starts.get((word[0], length), ())
            for end in (length, length - 1, length + 1) if candidates else ():
                if match := process.extractOne(word[:end], candidates, scorer=OSA.distance, score_cutoff=1):
                    return str(match[0]) + word[end:]
        return word

    def _facets(self, cues: Sequence[str]) -> tuple[tuple[tuple[Facet, float], ...], frozenset[int]]:
        weights: dict[Facet, float] = defaultdict(float)
        positions: set[int] = set()
        strongest: dict[tuple[Facet, frozenset[int]], float] = {}
        for found in self._lexicon.facets.find(cues):
            key = found.value, found.words
            strongest[key] = max(strongest.get(key, 0.0), found.weight)
            positions |= found.words
        for (facet, _), weight in strongest.items():
            # Several ways to say one thing support each other a little, they do not add up.
            weights[facet] = max(weights[facet], weight) + 0.35 * min(weights[facet], weight)
        ranked = sorted(weights.items(), key=lambda item: -item[1])
        return tuple(item for item in ranked if item[1] >= FACET_THRESHOLD), frozenset(positions)

    def _kinds(
        self, cues: Sequence[str], leaning: Mapping[Facet, float]
    ) -> tuple[dict[EntryKind, float], frozenset[int], frozenset[EntryKind]]:
        votes: dict[EntryKind, float] = defaultdict(float)
        positions: set[int] = set()
        said: set[EntryKind] = set()
        for found in self._lexicon.kinds.find(cues):
            votes[found.value] = max(votes[found.value], found.weight) + 0.3 * min(votes[found.value], found.weight)
            if found.weight >= PLAIN_KIND:
                said.add(found.value)
            if found.value is not EntryKind.ARTICLE:  # the alliance's own words are its topics
                positions |= found.words
        votes[EntryKind.FUNDING] += FACET_VOTE * sum(leaning[facet] for facet in _FUNDING_FACETS)
        votes[EntryKind.CASE] += FACET_VOTE * sum(leaning[facet] for facet in _CASE_FACETS)
        votes[EntryKind.TERM] += FACET_VOTE * leaning[Facet.DEFINITION]
        return dict(votes), frozenset(positions), frozenset(said)

    def _constraints(
        self, cues: Sequence[str], kinds: Mapping[EntryKind, float], today: dt.date
    ) -> tuple[Filters, dict[str, frozenset[int]]]:
        best: dict[str, Found[tuple[str, object]]] = {}
        for found in self._lexicon.constraints.find(cues):
            name = found.value[0]
            if name not in best or found.weight > best[name].weight:
                best[name] = found
        paid = any(self._lexicon.paid.find(cues))
        ahead = kinds.get(EntryKind.CASE, 0.0) - kinds.get(EntryKind.FUNDING, 0.0)
        case_like = paid or ahead > (SURE_OF_CASE if "funder" in best else 0.0)
        drop = {"status", "level", "applicant", "funder"} if case_like else {"state", "funded_by"}
        chosen = {name: found for name, found in best.items() if name not in drop}
        if case_like and "funded_by" not in chosen and "funder" in best:
            named = best["funder"].value[1]
            if isinstance(named, Named):
                chosen["funded_by"] = replace(best["funder"], value=("funded_by", named))
        values = {name: found.value[1] for name, found in chosen.items()}
        positions = {name: found.words for name, found in chosen.items()}
        for name, value, where in numeric_constraints(cues, today):
            values[name], positions[name] = value, where
        if "not_state" in values and values.get("state") == values["not_state"]:
            del values["state"], positions["state"]
        return Filters(**values), positions  # type: ignore[arg-type]
