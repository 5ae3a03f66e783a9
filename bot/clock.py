"""What time it is: asked in one place, so that the demo and tests can move it."""

import datetime as dt
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> dt.datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """The present moment, aware, in UTC."""
        return dt.datetime.now(dt.UTC)


class FileClock:
    """The machine's clock plus the decimal seconds that a file holds; the file is read each time.

    A file that is missing, empty or not a number counts as 0 s: a demo must not stop over a half-written file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> dt.datetime:
        """The moved moment, aware, in UTC."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._offset())

    def _offset(self) -> float:
        try:
            return float(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0


def make_clock(path: Path | None) -> Clock:
    """The clock that the settings ask for: moved by a file where one is named, else the machine's."""
    return SystemClock() if path is None else FileClock(path)
