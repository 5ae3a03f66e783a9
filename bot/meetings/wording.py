"""What a line like „AG Leerstand 12.03.2027 10 Uhr Erfurt, LEG, Raum 2.01“ says: whom, what, when, where."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.dates.outcome import DateQuestion, Reading
from bot.dates.reader import DateReader
from bot.meetings.audience import GroupName
from bot.meetings.recurrence.reading import find_series
from bot.meetings.recurrence.series import Series
from knowledge.german import fold

_LINK = re.compile(r"https?://\S+")
_ALL = re.compile(r"^(an )?alle(r|n)?( mitglieder)?\b[:,]?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """What a line says.

    Attributes:
        when: The time, or what to ask back about it.
        group: The working group that is named.
        for_all: „alle“ is named instead.
        title: What else stands before the time, the group's name included.
        place: What stands after it, without a link.
        video_link: A link, if there is one.
        series: When it comes again.
    """

    when: Reading | DateQuestion
    group: GroupName | None = None
    for_all: bool = False
    title: str = ""
    place: str = ""
    video_link: str = ""
    series: Series | None = None


def read_line(text: str, groups: Iterable[GroupName], reader: DateReader, today: dt.date) -> Line:
    """Take a line apart; what is not said is empty."""
    links = _LINK.findall(text)
    bare = _LINK.sub(" ", text)
    found = find_series(bare, reader, today)
    if found is not None:
        series = found.outcome if isinstance(found.outcome, Series) else None
        when: Reading | DateQuestion | None = found.first
        if isinstance(found.outcome, DateQuestion):
            when = found.outcome
        before, after = found.before, found.after
    else:
        single = reader.find(bare)
        series, when, before, after = None, single.outcome, single.before, single.after
    if when is None:
        raise ValueError("a series has a first meeting")
    group = named_group(before, groups)
    for_all = group is None and _ALL.match(before) is not None
    title = _ALL.sub("", before).strip() if for_all else before
    if group is not None and _is_only(title, group):
        title = ""
    return Line(when, group, for_all, title, after, links[0].rstrip(".,;)") if links else "", series)


def named_group(text: str, groups: Iterable[GroupName]) -> GroupName | None:
    """The group whose name stands in a text; the longest name wins."""
    folded = f" {fold(text)} "
    best: tuple[int, GroupName] | None = None
    for group in groups:
        for name in (group.short, group.title, *group.also):
            words = re.escape(fold(name))
            if name and re.search(rf"(?<!\w){words}(?!\w)", folded) and (best is None or len(name) > best[0]):
                best = (len(name), group)
    return best[1] if best else None


def _is_only(title: str, group: GroupName) -> bool:
    names = {fold(name) for name in (group.short, group.title, *group.also)}
    return fold(title).strip(" :,-–") in names
