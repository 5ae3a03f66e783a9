"""What a line like „AG Leerstand 12.03.2027 10 Uhr Erfurt, LEG, Raum 2.01“ says: whom, what, when, where."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.dates.outcome import DateQuestion, Reading
from bot.dates.reader import DateReader
from bot.meetings.audience import GroupName
from bot.meetings.recurrence.found import PendingSeries
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
        groups: The working groups that are named.
        for_all: „alle“ is named instead.
        title: What else stands before the time, the group's name included.
        place: What stands after it, without a link.
        video_link: A link, if there is one.
        series: When it comes again.
        pending: Likewise, where its time is still asked for.
    """

    when: Reading | DateQuestion
    groups: tuple[GroupName, ...] = ()
    for_all: bool = False
    title: str = ""
    place: str = ""
    video_link: str = ""
    series: Series | None = None
    pending: PendingSeries | None = None


def read_line(text: str, groups: Iterable[GroupName], reader: DateReader, today: dt.date) -> Line:
    """Take a line apart; what is not said is empty."""
    links = _LINK.findall(text)
    bare = _LINK.sub(" ", text)
    found, pending = find_series(bare, reader, today), None
    if found is not None:
        series = found.outcome if isinstance(found.outcome, Series) else None
        when: Reading | DateQuestion | None = found.first
        if isinstance(found.outcome, DateQuestion):
            when, pending = found.outcome, found.pending
        before, after = found.before, found.after
    else:
        single = reader.find(bare)
        series, when, before, after = None, single.outcome, single.before, single.after
    if when is None:
        raise ValueError("a series has a first meeting")
    named = named_groups(before, groups)
    for_all = not named and _ALL.match(before) is not None
    title = _ALL.sub("", before).strip() if for_all else before
    if len(named) == 1 and _is_only(title, named[0]):
        title = ""
    link = links[0].rstrip(".,;)") if links else ""
    return Line(when, tuple(named), for_all, title, after, link, series, pending)


def named_groups(text: str, groups: Iterable[GroupName]) -> list[GroupName]:
    """The groups whose names stand in a text, in its order; a longer name hides one that is a part of it."""
    folded = fold(text)
    names = [(fold(name), group) for group in groups for name in (group.short, group.title, *group.also) if name]
    found = [
        (match.start(), match.end(), group)
        for name, group in names
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", folded)
    ]
    found.sort(key=lambda each: (each[0] - each[1], each[0]))  # the longest first
    taken: list[tuple[int, int, GroupName]] = []
    for begin, end, group in found:
        if all(end <= other or begin >= stop for other, stop, _ in taken):
            taken.append((begin, end, group))
    ordered = [group for _, _, group in sorted(taken, key=lambda each: each[0])]
    return list(dict.fromkeys(ordered))


def _is_only(title: str, group: GroupName) -> bool:
    names = {fold(name) for name in (group.short, group.title, *group.also)}
    return fold(title).strip(" :,-–") in names
