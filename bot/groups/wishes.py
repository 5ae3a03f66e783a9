"""Reads how somebody wants to be written to, in their own words: „werktags 8–17 Uhr, täglich gebündelt“."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from bot.dates.outcome import DateQuestion, Doubt
from bot.dates.reader import DateReader
from bot.delivery.quiet import Mode

_DAYS = {
    "montag": 0, "mo": 0, "dienstag": 1, "di": 1, "mittwoch": 2, "mi": 2, "donnerstag": 3, "do": 3, "freitag": 4,
    "fr": 4, "samstag": 5, "sonnabend": 5, "sa": 5, "sonntag": 6, "so": 6,
}  # fmt: skip
_NAMES = "|".join(sorted(_DAYS, key=len, reverse=True))
_DAY = rf"\b({_NAMES})(?:s|en)?\b\.?"
_TO = r"\s*(?:-|–|—|bis)\s*"
_RANGE = re.compile(_DAY + _TO + _DAY)
_SINGLE = re.compile(_DAY)
_ANY_DAY = rf"\b(?:(?:{_NAMES})(?:s|en)?|wochenenden?|werktagen?|werktags)\b\.?"
_DAY_LIST = rf"{_ANY_DAY}(?:(?!\s*,\s*werktag)\s*(?:-|–|—|bis|,|und|oder|&|\s)\s*(?:am\s+|an\s+)?{_ANY_DAY})*"
_EVERY_DAY = re.compile(r"jeden tag|alle tage|an allen tagen|mo\s*-\s*so|24/7")
_WORKDAYS = re.compile(r"\b(?:werktags?|werktagen|wochentags?|unter der woche|arbeitstags?)\b")
_AT_DAYS = r"(?:(?:am|an|immer|bitte|den|jeden)\s+)*"
_NO = r"(?:nichts?|nie|frei|kein\w*(?:\s+nachrichten)?)"
_NOT_ON = re.compile(rf"\b(?:{_NO}|au(?:ß|ss)er|ohne)\s+{_AT_DAYS}({_DAY_LIST})")
_ON_NOT = re.compile(
    rf"({_DAY_LIST})\s+(?:(?:bitte|ist|sind|habe?|ich|will|möchte|gar)\s+)*{_NO}\b(?!\s+(?:nach|vor|an)\b)"
)
_NOTHING_BUT = re.compile(rf"\b{_NO}\s+(?:als\s+|au(?:ß|ss)er\s+)")
_NOTHING_ELSE = re.compile(rf"\b(?:sonst|ansonsten|danach|davor|vorher)\s+(?:bitte\s+|gar\s+)*{_NO}(?=\s*(?:$|[,.;!]))")
_NEGATION = re.compile(rf"\b(?:{_NO}|ohne|au(?:ß|ss)er)\b")
_ALSO_ON = re.compile(rf"\bauch\s+{_AT_DAYS}({_DAY_LIST})|({_DAY_LIST})\s+auch\b")
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr|h)?"
_HOURS = re.compile(r"(?<![\d.:])(?:von\s+)?" + _CLOCK + _TO + _CLOCK + r"(?![\d.:])")
_QUIET = re.compile(
    r"\b(?:ruhe\w*|nichts?|nie|kein\w*(?:\s+nachrichten)?|stumm)\b[\s:]*(?:ist\s+)?(?:von\s+|zwischen\s+)?"
    + _CLOCK
    + r"\s*(?:-|–|—|bis|und)\s*"
    + _CLOCK
    + r"(?![\d.:])"
)
_FROM = re.compile(r"\b(?:ab|nichts? vor|erst ab)\s+" + _CLOCK + r"(?![\d.:])")
_UNTIL = re.compile(r"\b(?:bis|nichts? nach|nur bis)\s+" + _CLOCK + r"(?![\d.:])")
_ALL_DAY = re.compile(r"rund um die uhr|jederzeit|zu jeder zeit|ganztags|24/7")
_NO_EVENING = re.compile(r"\bnichts? (?:mehr )?(?:abends|am abend|nach feierabend)\b|\babends nichts?\b")
_MORNINGS = re.compile(r"\bnur (?:am )?vormittags?\b")
_AFTERNOONS = re.compile(r"\bnur (?:am )?nachmittags?\b")
_LIMIT = (
    r"(?:nur|erst|nichts?|nie|kein\w*(?:\s+nachrichten)?)\s+(?:mehr\s+)?"
    r"(?:(?:bis|ab|vor|nach|von|zwischen)\s+\d{1,2}(?:[:.]\d{2})?(?:\s*uhr)?"
    r"|abends|vormittags?|nachmittags?|(?:am|nach)\s+(?:vormittag|nachmittag|abend|feierabend))"
)
_FREE_DAY = rf"\b(?:(?:{_NAMES})(?:s|en)?|wochenenden?)\b\.?"
_DAY_APART = re.compile(rf"{_FREE_DAY}\s+(?:bitte\s+)?{_LIMIT}|{_LIMIT}\s+(?:am\s+|an\s+)?{_FREE_DAY}")
"""Hours that seem meant for one day alone: „freitags nur bis 12 Uhr“."""
_MOMENT = re.compile(r"(?<![\d.:])(?:(?:um|gegen)\s+" + _CLOCK + r"|(\d{1,2})(?:[:.](\d{2}))?\s*uhr)(?![\d.:])")
_AT_ONCE = re.compile(r"\b(?:sofort|gleich|einzeln|direkt|(?:schnell|bald) wie möglich)\b")
_DAILY = re.compile(r"\b(?:täglich|taeglich|tagesübersicht|einmal (?:am|pro) tag)\b")
_WEEKLY = re.compile(r"\b(?:wöchentlich|woechentlich|wochenübersicht|einmal (?:die|pro|in der) woche)\b")
_BUNDLED = re.compile(r"\b(?:gebündelt|gebuendelt|gesammelt|zusammengefasst|übersicht)\b")
_NO_HOLIDAYS = re.compile(
    r"\b(?:nichts? an feiertagen|(?:feiertags|an feiertagen) (?:nichts?|frei)"
    r"|(?:keine|ohne) feiertage|au(?:ß|ss)er (?:an )?feiertag\w*)\b"
)
_HOLIDAYS = re.compile(r"\b(?:auch (?:an )?feiertag\w*|feiertags auch|mit feiertagen)\b")
_NO_PAUSE = re.compile(r"\b(?:keine pause|pause (?:beenden|aus|vorbei)|weiter schreiben)\b")
_PAUSE = re.compile(
    r"\b(?:(?<!keine )pause|urlaub|abwesend)\b.*?\bbis\b(.*)"
    r"|\bnichts\b(?:\s+(?:mehr|bitte|schicken|senden|schreiben))*\s+(?:(?:vo[nm]|ab)\s.*?)?bis\b(.*)",
    re.DOTALL,
)
_PAUSE_WORD = re.compile(r"\b(?:pause|urlaub|abwesend)\b")
_NUMBERS = {"eine": 1, "ein": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6}
_SPAN = r"(\d{1,2}|" + "|".join(_NUMBERS) + r")\s+(tage?|wochen?|monate?)\b"
_PAUSE_FOR = re.compile(
    rf"\b(?:pause|urlaub|abwesend|nichts)\b(?:\s+(?:für|von|machen))?\s+{_SPAN}|{_SPAN}\s+(?:pause|urlaub)\b"
)
_BEGIN = re.compile(r"\b(?:vom|von|ab)\s+(.+?)(?=\s(?:bis|pause|urlaub|abwesend)\b|$)")
_BEFORE_LAST = re.compile(r"\b(?:pause|urlaub|abwesend|nichts)\b(.*?)\bbis\b", re.DOTALL)
_DASH = re.compile(r"(?:(?<=\.)|(?<=\.\d{4}))\s*[-–—]\s*(?=\d)")

LONGEST_PAUSE = 400
"""Days. Who wants to hear nothing for longer leaves the groups."""
_BEFORE_SUNDAY = re.compile(rf"(?:^|[,\-–—&/]|\b(?:und|oder|bis|auch|nicht|am|nur|ausser)|{_DAY})$")
_AFTER_SUNDAY = re.compile(rf"$|[,.\-–—&/\d]|(?:und|oder|bis|nicht|auch|ab|von)\b|{_DAY}")
_EVENING, _NOON = dt.time(18), dt.time(12)
_DOUBT_PAUSE = "Bis wann die Pause dauert, habe ich nicht verstanden."
_DOUBT_LONG = f"Eine Pause dauert höchstens {LONGEST_PAUSE} Tage; für länger bestellen Sie unter /gruppen ab."
_DOUBT_BEGIN = "Eine Pause beginnt sofort; schreiben Sie das am ersten Tag."
_DOUBT_HOURS = "Diese Uhrzeiten gibt es nicht."
_DOUBT_ORDER = "Das Ende liegt nicht nach dem Beginn. Gemeint ist, wann ich schreiben darf; sonst: „Ruhezeit 18–7 Uhr“."
_DOUBT_NOON = "Eine Ruhezeit mitten am Tag kann ich mir nicht merken, nur einen Beginn und ein Ende."
_DOUBT_SEVERAL = "Verschiedene Uhrzeiten für verschiedene Tage kann ich mir nicht merken."
_DOUBT_DAYS = "Ob an diesen Tagen etwas kommen soll oder gerade nicht, habe ich nicht verstanden."


@dataclass
class Wishes:
    """What was understood.

    Attributes:
        times: Changes of the push times, as `PushTimes.change` takes them.
        also_on: Weekdays that are to be added to those that are kept.
        not_on: Weekdays that are to be taken from them.
        mode: How often all groups write; None: nothing was said.
        doubt: What was not understood, in German; empty: nothing.
    """

    times: dict[str, Any] = field(default_factory=dict)
    also_on: frozenset[int] = frozenset()
    not_on: frozenset[int] = frozenset()
    mode: Mode | None = None
    doubt: str = ""

    @property
    def anything(self) -> bool:
        """Whether anything was understood."""
        return bool(self.times or self.also_on or self.not_on) or self.mode is not None

    def changes(self, weekdays: frozenset[int]) -> dict[str, Any]:
        """All changes of the push times of somebody who has these weekdays now."""
        if not (self.also_on or self.not_on):
            return self.times
        return self.times | {"weekdays": (self.times.get("weekdays", weekdays) | self.also_on) - self.not_on}


def read_wishes(text: str, dates: DateReader) -> Wishes:
    """Read wishes; what is not said stays as it is.

    Args:
        text: As typed.
        dates: Reads the day until which to pause.
    """
    words, wishes = _without_so(" ".join(text.casefold().split())), Wishes()
    words = _read_pause(words, dates, wishes)
    if _NO_HOLIDAYS.search(words):
        wishes.times["holidays_off"] = True
    elif _HOLIDAYS.search(words):
        wishes.times["holidays_off"] = False
    words = _HOLIDAYS.sub(" ", _NO_HOLIDAYS.sub(" ", words))
    if _DAY_APART.search(_RANGE.sub(" ", words)):
        wishes.doubt = wishes.doubt or _DOUBT_SEVERAL
    words = _NOTHING_ELSE.sub(" ", _NOTHING_BUT.sub("nur ", words))
    words = _NO_EVENING.sub(" ", _read_hours(words, wishes))
    for pattern, mode in ((_WEEKLY, Mode.WEEKLY), (_DAILY, Mode.DAILY), (_AT_ONCE, Mode.AT_ONCE)):
        if pattern.search(words):
            wishes.mode = mode
            break
    _read_days(words, wishes)
    if wishes.mode in (Mode.DAILY, Mode.WEEKLY) and (moment := _MOMENT.search(words)):
        at = _time(moment[1] or moment[3], moment[2] or moment[4])
        if at is None:
            wishes.doubt = _DOUBT_HOURS
        else:
            wishes.times["digest_at"] = at
    return wishes


def read_last_day(text: str, dates: DateReader) -> dt.date | None:
    """The day that a text names; None: none, or not for certain."""
    outcome = dates.read(text)
    if not isinstance(outcome, DateQuestion):
        return outcome.start.date()
    return outcome.day if outcome.doubt is Doubt.NO_TIME else None


def pause_doubt(last: dt.date | None, today: dt.date) -> str:
    """What is wrong with the last day of a pause, in German; empty: nothing."""
    if last is None:
        return _DOUBT_PAUSE
    return _DOUBT_LONG if (last - today).days > LONGEST_PAUSE else ""


def read_pause(text: str, dates: DateReader) -> tuple[dt.date | None, str]:
    """The last day of a pause as typed when asked for it, and what is wrong with it, in German; empty: nothing."""
    words = _DASH.sub(" bis ", " ".join(text.casefold().split()))
    before, until, after = words.rpartition("bis ")
    last = read_last_day(after, dates)
    doubt = pause_doubt(last, dates.today())
    if last is not None and not doubt and until and _begins_later(f"{before} ", f"pause {before} bis", dates):
        doubt = _DOUBT_BEGIN
    return last, doubt


def _read_pause(words: str, dates: DateReader, wishes: Wishes) -> str:
    """Read a pause; returns what is left to read."""
    pause = _PAUSE.search(words)
    if pause and pause[0].startswith("nichts") and _QUIET.search(words):
        pause = None
    rest = words
    if pause:
        last = read_last_day(pause[1] or pause[2] or "", dates)
    elif pause := _PAUSE_FOR.search(words):
        count, unit = pause[1] or pause[3], pause[2] or pause[4]
        last = read_last_day(f"in {_NUMBERS.get(count, count)} {unit}", dates)
        rest = f"{words[: pause.start()]} {words[pause.end() :]}"
    else:
        if _NO_PAUSE.search(words):
            wishes.times["paused_until"] = None
        elif _PAUSE_WORD.search(words):
            wishes.doubt = _DOUBT_BEGIN if _begins_later(words, "", dates) else _DOUBT_PAUSE
        return _NO_PAUSE.sub(" ", words)
    wishes.doubt = pause_doubt(last, dates.today())
    if last is not None and not wishes.doubt:
        if _begins_later(rest, words, dates):
            wishes.doubt = _DOUBT_BEGIN
        else:
            wishes.times["paused_until"] = last + dt.timedelta(days=1)
    return words[: pause.start()]


def _begins_later(begins: str, words: str, dates: DateReader) -> bool:
    """Whether a pause until a day is to begin after today: „vom 1.8. bis 15.8.“.

    Args:
        begins: Where „vom“, „von“ or „ab“ may name its beginning.
        words: Where a day between „Pause“ and „bis“ does.
        dates: Reads the days.
    """
    named = _BEGIN.findall(_FROM.sub(" ", _HOURS.sub(" ", begins)))
    if not named and (between := _BEFORE_LAST.search(words)):
        named = [between[1]]
    for each in named:
        outcome = dates.read(each)
        if isinstance(outcome, DateQuestion) and outcome.doubt is Doubt.PAST:
            continue
        begin = read_last_day(each, dates)
        # „Von 1. bis 15. August“: a number that is no day by itself.
        if (begin is None and re.search(r"\d", each)) or (begin is not None and begin > dates.today()):
            return True
    return False


def _read_days(words: str, wishes: Wishes) -> None:
    """Read weekdays: which suit, which do too, which do not, and on which one the weekly digest comes."""
    off, on = set[int](), set[int]()
    for pattern, days in ((_NOT_ON, off), (_ON_NOT, off), (_ALSO_ON, on)):
        for match in pattern.finditer(words):
            days.update(_days_in(match[0]))
        words = pattern.sub(" ", words)
    if _NEGATION.search(words) and _days_in(words):
        wishes.doubt = wishes.doubt or _DOUBT_DAYS
    wishes.not_on, wishes.also_on = frozenset(off), frozenset(on - off)
    bundled = _BUNDLED.search(words) is not None
    if _EVERY_DAY.search(words):
        if bundled and wishes.mode is None:
            wishes.mode = Mode.DAILY
        else:
            wishes.times["weekdays"] = frozenset(range(7))
        return
    singles = {_DAYS[each] for each in _SINGLE.findall(_RANGE.sub(" ", words))}
    if len(singles) == 1 and (wishes.mode is Mode.WEEKLY or (bundled and wishes.mode is None)):
        wishes.mode, (wishes.times["digest_day"],) = Mode.WEEKLY, singles
        words = _SINGLE.sub(lambda found: " " if _DAYS[found[1]] in singles else found[0], words)
    if suiting := _days_in(words):
        wishes.times["weekdays"] = frozenset(suiting)


def _days_in(words: str) -> set[int]:
    found: set[int] = set()
    if _WORKDAYS.search(words):
        found |= set(range(5))
    for first, last in _RANGE.findall(words):
        begin, end = _DAYS[first], _DAYS[last]
        found |= {day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)}
    found |= {_DAYS[each] for each in _SINGLE.findall(_RANGE.sub(" ", words))}
    if re.search(r"\bwochenenden?\b", words):
        found |= {5, 6}
    return found


def _without_so(words: str) -> str:
    """The words without „so“ where it is none of the weekdays: „so schnell wie möglich“."""

    def is_day(match: re.Match[str]) -> bool:
        before, after = words[: match.start()].rstrip(), words[match.end() :].lstrip()
        return bool(_BEFORE_SUNDAY.search(before) and _AFTER_SUNDAY.match(after))

    return re.sub(r"\bso\b", lambda match: match[0] if is_day(match) else " ", words)


def _read_hours(words: str, wishes: Wishes) -> str:
    """Read from when until when; returns what is left to read."""
    if _ALL_DAY.search(words):
        wishes.times |= {"start": dt.time(), "end": dt.time()}
        return words
    if match := _QUIET.search(words):
        quiet_from, quiet_to = _time(match[1], match[2]), _time(match[3], match[4])
        if quiet_from is None or quiet_to is None:
            wishes.doubt = _DOUBT_HOURS
        elif quiet_from < quiet_to and quiet_from != dt.time():
            wishes.doubt = _DOUBT_NOON
        else:
            wishes.times |= {"start": quiet_to, "end": quiet_from}
        return _QUIET.sub(" ", words)
    spans = {match.groups() for match in _HOURS.finditer(words)}
    if len(spans) > 1:
        wishes.doubt = _DOUBT_SEVERAL
    elif spans:
        (first, first_minute, last, last_minute) = spans.pop()
        start, end = _time(first, first_minute), _time(last, last_minute)
        if start is None or end is None:
            wishes.doubt = _DOUBT_HOURS
        elif end != dt.time() and start >= end:
            wishes.doubt = _DOUBT_ORDER
        else:
            wishes.times |= {"start": start, "end": end}
    else:
        _read_bounds(words, wishes)
    return _UNTIL.sub(" ", _FROM.sub(" ", _HOURS.sub(" ", words)))


def _read_bounds(words: str, wishes: Wishes) -> None:
    for name, pattern, plain, otherwise in (
        ("start", _FROM, _AFTERNOONS, _NOON),
        ("end", _UNTIL, _MORNINGS, _NOON),
        ("end", _UNTIL, _NO_EVENING, _EVENING),
    ):
        if match := pattern.search(words):
            if (bound := _time(match[1], match[2])) is None:
                wishes.doubt = _DOUBT_HOURS
            else:
                wishes.times[name] = bound
        elif plain.search(words):
            wishes.times[name] = otherwise


def _time(hour: str, minute: str | None) -> dt.time | None:
    hours, minutes = int(hour), int(minute or 0)
    if hours == 24 and minutes == 0:
        return dt.time()
    return dt.time(hours, minutes) if hours < 24 and minutes < 60 else None
