"""The lexicon of the field: what words mean, which details a question can ask for, what a list can be narrowed to.

Its data is lexicon.yaml, which coordinators can read and mend.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from knowledge.entries import EntryKind, Facet, Level, Status, Theme
from knowledge.filters import Applicant, Named
from knowledge.german import stem, words
from knowledge.lookup import Synonyms
from knowledge.patterns import Matcher, PatternError, literal_words

LEXICON = Path(__file__).parent / "lexicon.yaml"
SYNONYM, BROADER, NARROWER, ABBREVIATION = 1.0, 0.6, 0.35, 0.9
"""How near a related word is (0 to 1): meaning the same, more general, more special, written out."""
DEFAULT_WEIGHT = 2.0


class LexiconError(ValueError):
    """The lexicon cannot be used; the message says where and why."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The lexicon as read from its file; everything else is derived from `data` once."""

    data: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path = LEXICON) -> "Lexicon":
        """Read the lexicon.

        Raises:
            LexiconError: The file is no valid YAML, a section is missing or a pattern cannot be read.
        """
        try:
            lexicon = cls(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise LexiconError(f"{path.name}: {error}") from error
        if not isinstance(lexicon.data, dict):
            raise LexiconError(f"{path.name}: it is no mapping of sections")
        missing = [name for name in _SECTIONS if name not in lexicon.data]
        if missing:
            raise LexiconError(f"{path.name}: the sections {', '.join(missing)} are missing")
        for name in _DERIVED:
            try:
                getattr(lexicon, name)
            except (PatternError, ValueError, TypeError, LookupError, AttributeError) as error:
                raise LexiconError(f"{path.name}: what it says of {name} cannot be read ({error})") from error
        return lexicon

    @classmethod
    @cache
    def shipped(cls) -> "Lexicon":
        """The lexicon that comes with the package, read once."""
        return cls.load()

    @cached_property
    def facets(self) -> Matcher[Facet]:
        """What is asked of an entry."""
        return Matcher(
            (pattern, weight, Facet(name))
            for name, rows in self.data["facets"].items()
            for pattern, weight in _rows(rows)
        )

    @cached_property
    def kinds(self) -> Matcher[EntryKind]:
        """Which kind of entry is meant."""
        return Matcher(
            (pattern, weight, EntryKind(name))
            for name, rows in self.data["kinds"].items()
            for pattern, weight in _rows(rows)
        )

    @cached_property
    def lists(self) -> Matcher[str]:
        """Whether several entries are wanted."""
        return Matcher((pattern, weight, "list") for pattern, weight in _rows(self.data["lists"]))

    @cached_property
    def paid(self) -> Matcher[str]:
        """Whether a programme is named as what cases were paid from."""
        return Matcher((pattern, weight, "paid") for pattern, weight in _rows(self.data["paid"]))

    @cached_property
    def again(self) -> Matcher[str]:
        """Words that point back to what was shown: `related`, `more`, `first`, `second`, ..."""
        return Matcher(
            (pattern, weight, str(name)) for name, rows in self.data["again"].items() for pattern, weight in _rows(rows)
        )

    @cached_property
    def constraints(self) -> Matcher[tuple[str, object]]:
        """What a list is narrowed to: pairs of a filter's name and its value."""
        return Matcher(self._constraint_patterns())

    def _constraint_patterns(self) -> Iterator[tuple[str, float, tuple[str, object]]]:
        readers: dict[str, Any] = {
            "status": Status, "levels": Level, "applicants": Applicant, "themes": Theme, "states": str,
        }  # fmt: skip
        names = {"levels": "level", "applicants": "applicant", "themes": "theme", "states": "state"}
        for section, reader in readers.items():
            for value, rows in self.data[section].items():
                for pattern, weight in _rows(rows):
                    yield pattern, weight, (names.get(section, section), reader(value))
        for label, funder in self.data["funders"].items():
            named = Named(label, tuple(funder["words"]))
            for pattern, weight in _rows(funder["cues"]):
                yield pattern, weight, ("funder", named)
        for label, rows in self.data["paid_from"].items():
            for pattern, weight in _rows(rows["cues"]):
                yield pattern, weight, ("funded_by", Named(label, tuple(rows["words"])))

    @cached_property
    def synonyms(self) -> Synonyms:
        """Related words by stem, with how near they are."""
        related: dict[str, dict[str, float]] = defaultdict(dict)
        for group in self.data["synonyms"]:
            _relate(related, group, group, SYNONYM)
        for narrow, broad in self.data["broader"].items():
            _relate(related, [narrow], broad, BROADER)
            _relate(related, broad, [narrow], NARROWER)
        for short, long in self.data["abbreviations"].items():
            _relate(related, [short], [long], ABBREVIATION)
        return Synonyms(related)

    @cached_property
    def fillers(self) -> frozenset[str]:
        """Folded words that carry no topic."""
        return frozenset(word for filler in self.data["fillers"] for word in words(str(filler)))

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Stems of words that signal a question which belongs elsewhere."""
        return frozenset(stem(found[0]) for word in self.data["out_of_scope"] if len(found := words(str(word))) == 1)

    @cached_property
    def spellings(self) -> Mapping[str, tuple[str, ...]]:
        """How people write small words: `wieviel` is `wie viel`."""
        rows = {str(short): words(str(short)) for short in self.data["spellings"]}
        if several := [short for short, found in rows.items() if len(found) != 1]:
            raise ValueError(f"{several[0]!r} is not one word")  # `e-mail` would change every word in `e-`
        return {rows[str(short)][0]: tuple(words(str(long))) for short, long in self.data["spellings"].items()}

    @cached_property
    def cue_words(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """Whole words and beginnings of words that the patterns name."""
        whole: set[str] = set()
        beginnings: set[str] = set()
        sections = [*self.data["facets"].values(), *self.data["kinds"].values(), self.data["lists"]]
        for name in ("status", "levels", "applicants", "themes", "states"):
            sections += self.data[name].values()
        for rows in sections:
            for pattern, _ in _rows(rows):
                for word, open_ended in literal_words(pattern):
                    (beginnings if open_ended else whole).add(word)
        return frozenset(whole), tuple(sorted(beginnings))

    @cached_property
    def outside(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Questions that belong elsewhere: (id, label, wordings) for each kind of them."""
        path = LEXICON.with_name("out_of_scope.yaml")
        if not path.exists():
            return []
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return [(row["id"], row["about"], tuple(row["asks"])) for row in rows]


_SECTIONS = (
    "facets", "kinds", "lists", "again", "status", "levels", "applicants", "themes", "states", "funders", "paid_from",
    "paid", "spellings", "synonyms", "broader", "abbreviations", "fillers", "out_of_scope",
)  # fmt: skip
_DERIVED = (
    "facets", "kinds", "constraints", "lists", "paid", "again", "synonyms", "fillers", "foreign", "spellings",
    "cue_words",
)  # fmt: skip
"""What is made of the sections; made at once, so that a fault is told before the first question."""


def _rows(rows: Iterable[Any]) -> Iterator[tuple[str, float]]:
    for row in rows:
        if isinstance(row, dict):
            ((pattern, weight),) = row.items()
            yield str(pattern), float(weight)
        else:
            yield str(row), DEFAULT_WEIGHT


def _relate(
    related: dict[str, dict[str, float]], sources: Iterable[str], targets: Iterable[str], nearness: float
) -> None:
    """Point each single word among the sources to the words of the targets; of a phrase each word a little less."""
    for source in sources:
        source_words = words(str(source))
        if len(source_words) != 1:
            continue
        row = related[stem(source_words[0])]
        for target in targets:
            target_words = [word for word in words(str(target)) if len(word) > 3 or len(words(str(target))) == 1]
            for word in target_words:
                near = nearness / len(target_words) ** 0.5
                target_stem = stem(word)
                if target_stem != stem(source_words[0]):
                    row[target_stem] = max(row.get(target_stem, 0.0), near)
