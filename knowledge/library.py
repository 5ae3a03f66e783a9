"""The whole of what is known, immutable: swapped as one when content changes."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from knowledge.entries import AnyEntry, EntryKind

CODE_LENGTH = 8
"""Characters of an entry's code: 48 bits, so that two of 100,000 entries share one in a case of 50,000."""


def entry_code(entry_id: str) -> str:
    """The short stable name of an entry for places where its id is too long, such as callback data."""
    digest = hashlib.sha256(entry_id.encode()).digest()
    return urlsafe_b64encode(digest)[:CODE_LENGTH].decode()


@dataclass(frozen=True, eq=False)
class Knowledge:
    """All entries by id, in the order in which they were read."""

    entries: Mapping[str, AnyEntry]

    @classmethod
    def of(cls, entries: Iterable[AnyEntry]) -> "Knowledge":
        """Put entries together.

        Raises:
            ValueError: Two entries share an id, or two ids a code.
        """
        by_id: dict[str, AnyEntry] = {}
        codes: dict[str, str] = {}
        for entry in entries:
            if entry.id in by_id:
                raise ValueError(f"{entry.id}: two entries have this id; rename one")
            other = codes.setdefault(entry_code(entry.id), entry.id)
            if other != entry.id:
                raise ValueError(f"{entry.id}: its short code is that of {other}; rename one")
            by_id[entry.id] = entry
        return cls(MappingProxyType(by_id))

    @cached_property
    def revision(self) -> str:
        """Changes exactly when the content does: a digest over all entries."""
        digest = hashlib.sha256()
        for entry in self.entries.values():
            digest.update(entry.model_dump_json().encode())
        return digest.hexdigest()[:16]

    @cached_property
    def _by_code(self) -> Mapping[str, AnyEntry]:
        return {entry_code(entry_id): entry for entry_id, entry in self.entries.items()}

    def get(self, entry_id: str) -> AnyEntry | None:
        """The entry with this id, or None."""
        return self.entries.get(entry_id)

    def by_code(self, code: str) -> AnyEntry | None:
        """The entry with this short code, or None: it may have been removed since the code was handed out."""
        return self._by_code.get(code)

    def of_kind(self, kind: EntryKind) -> list[AnyEntry]:
        """All entries of one kind, in reading order."""
        return [entry for entry in self.entries.values() if entry.kind is kind]
