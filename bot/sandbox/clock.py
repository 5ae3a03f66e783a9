"""The sandbox's clock: system time plus an offset that the page moves."""

import os
import time
from datetime import datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

BERLIN = ZoneInfo("Europe/Berlin")
OPENING = day_time(8, 0)


class Clock:
    """System time plus an offset, shared with the bot process through a file.

    Args:
        path: File that holds the offset in decimal seconds; None keeps it in this process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._offset = 0.0
        self._write()

    def time(self) -> float:
        """Return seconds since 1970, as the bot sees them."""
        return time.time() + self._offset

    def now(self) -> datetime:
        """Return the time of day in Thuringia."""
        return datetime.fromtimestamp(self.time(), BERLIN)

    def advance(self, seconds: float) -> datetime:
        """Move forward by `seconds`; raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self._offset += seconds
        self._write()
        return self.now()

    def to_next_workday(self) -> datetime:
        """Move to 8:00 of the next working day in Thuringia, always a later day than today."""
        now = self.now()
        free = holidays.country_holidays("DE", subdiv="TH", years=[now.year, now.year + 1])
        day = now.date() + timedelta(days=1)
        while day.weekday() >= 5 or day in free:
            day += timedelta(days=1)
        opening = datetime.combine(day, OPENING, BERLIN)
        return self.advance(opening.timestamp() - now.timestamp())

    def _write(self) -> None:
        if self._path is None:
            return
        aside = self._path.with_name(self._path.name + ".new")
        aside.write_text(f"{self._offset:.6f}\n", encoding="ascii")
        os.replace(aside, self._path)
