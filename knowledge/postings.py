"""Where each stem stands, as arrays: what the index adds up for a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Passages:
    """The passages of one kind, in the order of the documents that own them."""

    chosen: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    owners: Ints

    @classmethod
    def of(cls, chosen: npt.NDArray[np.intp], owner_of: Ints) -> "Passages":
        """The chosen passages, ascending, of documents told by `owner_of`."""
        owners, starts = np.unique(owner_of[chosen], return_index=True)
        return cls(chosen, starts, owners)

    def best(self, values: Floats, size: int) -> Floats:
        """For each document the largest value of its passages, 0 where it has none of this kind."""
        best = np.zeros(size, np.float32)
        if len(values):
            best[self.owners] = np.maximum.reduceat(values, self.starts)
        return best


@dataclass
class Postings:
    """For each stem, the units that hold it and how much it counts there."""

    size: int
    ids: dict[str, Ints] = field(default_factory=dict)
    values: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Mapping[str, Mapping[int, float]], size: int) -> "Postings":
        """Postings from stem to unit to value, among `size` units."""
        postings = cls(size)
        for word_stem, units in rows.items():
            postings.ids[word_stem] = np.fromiter(units.keys(), np.int32, len(units))
            postings.values[word_stem] = np.fromiter(units.values(), np.float32, len(units))
        return postings

    def strongest(self, stems: Mapping[str, float]) -> tuple[Ints, Floats] | None:
        """Each unit that holds one of the stems, with the largest of weight times value."""
        found = [(self.ids[s], self.values[s] * np.float32(w)) for s, w in stems.items() if s in self.ids]
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        dense = np.zeros(self.size, np.float32)
        for ids, values in found:
            dense[ids] = np.maximum(dense[ids], values)
        units = np.flatnonzero(dense).astype(np.int32)
        return units, dense[units]
