"""CSV as German spreadsheets write and open it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from bot.members.errors import MembersError

SIZE_LIMIT = 1_000_000
"""Bytes of a file that is read."""
ROW_LIMIT = 5000
K = TypeVar("K", bound=str)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class UnreadableError(MembersError):
    """The file is no table that could be read.

    Attributes:
        why: `size`, `text` or `header`.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as German spreadsheets open it: semicolons, UTF-8 with its mark; no cell becomes a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def read_csv(content: bytes, kinds: Mapping[K, set[str]]) -> tuple[K, list[dict[str, str]]]:
    """The kind of a table and its rows, columns in lower case, empty lines left out.

    Args:
        content: The file.
        kinds: The columns that each kind needs, in lower case.

    Raises:
        UnreadableError: It is too large, no text, or has other columns.
    """
    if len(content) > SIZE_LIMIT:
        raise UnreadableError("size")
    text = _decode(content)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = [cell.strip().casefold() for cell in lines[0]] if lines else []
    kind = next((each for each, needed in kinds.items() if needed <= set(header)), None)
    if kind is None:
        raise UnreadableError("header")
    rows = [
        {name: _bare(cell) for name, cell in zip(header, line + [""] * len(header), strict=False)}
        for line in lines[1:]
        if any(cell.strip() for cell in line)
    ]
    if len(rows) > ROW_LIMIT:
        raise UnreadableError("size")
    return kind, rows


def _decode(content: bytes) -> str:
    """The text of a file as spreadsheets write it: UTF-8, or the old Windows code page."""
    if b"\x00" in content:
        raise UnreadableError("text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _bare(cell: str) -> str:
    cell = " ".join(cell.split())
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
