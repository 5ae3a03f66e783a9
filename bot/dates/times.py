"""Which time is meant: „10–12 Uhr“, „halb zehn“, „viertel nach 9“, „14:30 für 90 Minuten“, „um 3 nachmittags“."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.dates.words import Kind, Token, day_part_of, number_of

NOON, MIDNIGHT = 12 * 60, 24 * 60
_CONNECTING = frozenset(
    ["um", "ab", "von", "gegen", "ca", "circa", "etwa", "zirka", "jeweils", "uhrzeit", "beginn", "start", "zeit"]
)
_CLOCK_WORDS = frozenset({"uhr", "h"})
_HOURS = frozenset(["stunde", "stunden", "std", "h"])
_MINUTES = frozenset(["minute", "minuten", "min"])


@dataclass(frozen=True)
class ClockPhrase:
    """A clock time as typed.

    Attributes:
        minutes: Since midnight, the likeliest first; none where there is no such time.
        stop: The index of the first token after it.
        explicit: Whether nothing else than a time can be meant: `14:30`, „10 Uhr“, „halb zehn“.
        what: As typed, in German.
    """

    minutes: tuple[int, ...]
    stop: int
    explicit: bool
    what: str


@dataclass(frozen=True)
class TimePhrase:
    """A start, and perhaps an end, as typed.

    Attributes:
        spans: Start and end in minutes since the midnight of the first day; an end of None was not typed.
        begin: The index of its first token.
        stop: The index of the first token after it.
        what: What cannot be, in German; the spans are then empty.
        end_fits: False where the end is not after the start.
    """

    spans: tuple[tuple[int, int | None], ...]
    begin: int
    stop: int
    what: str = ""
    end_fits: bool = True


def read_times(
    tokens: Sequence[Token], index: int, *, after_day: bool, day_part: str | None = None
) -> TimePhrase | None:
    """The time phrase that begins at a token, or None.

    Args:
        tokens: Of the text.
        index: Where.
        after_day: Right after a day even „9-11:30“ or „um 9“ is a time.
        day_part: What was said with the day.
    """
    at, introduced = index, False
    while at < len(tokens) and (
        tokens[at].text in _CONNECTING
        or (after_day and (tokens[at].kind in {Kind.COMMA, Kind.DASH} or tokens[at].text in {":", ".", "am"}))
        or day_part_of(tokens[at].text)
    ):
        introduced = introduced or tokens[at].text in {"um", "ab", "von", "gegen"}
        part = day_part_of(tokens[at].text)
        if part and not _clock(tokens, at + 1, part) and not _introduces(tokens, at + 1):
            break
        day_part = part or day_part
        at += 1
    start = _clock(tokens, at, day_part)
    if start is None:
        return None
    end, stop = _end(tokens, start, day_part)
    explicit = start.explicit or (end is not None and (end.explicit or after_day))
    alone = after_day and (stop >= len(tokens) or tokens[stop].kind is Kind.COMMA)
    if not explicit and not ((introduced and after_day) or alone):
        return None
    for phrase in (start, end):
        if phrase is not None and not phrase.minutes:
            return TimePhrase((), index, stop, phrase.what)
    if end is None and (length := _length(tokens, stop)):
        return TimePhrase(tuple((each, each + length[0]) for each in start.minutes), index, length[1])
    return _spans(start, end, index, stop)


def _introduces(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at].text in _CONNECTING and _clock(tokens, at + 1, None) is not None


def _spans(start: ClockPhrase, end: ClockPhrase | None, at: int, stop: int) -> TimePhrase:
    if end is None:
        return TimePhrase(tuple((each, None) for each in start.minutes), at, stop)
    spans = []
    for begin in start.minutes:
        later = [each for each in end.minutes if each > begin]
        if later:
            spans.append((begin, min(later)))
    if spans:
        shortest = min(finish - begin for begin, finish in spans)
        plausible = [span for span in spans if span[1] - span[0] == shortest]
        return TimePhrase(tuple(plausible), at, stop)
    begin, finish = start.minutes[0], min(end.minutes)
    return TimePhrase(((begin, finish + MIDNIGHT),), at, stop, what=f"{start.what}–{end.what}", end_fits=False)


def _end(tokens: Sequence[Token], start: ClockPhrase, day_part: str | None) -> tuple[ClockPhrase | None, int]:
    at = start.stop
    if at < len(tokens) and tokens[at].kind is Kind.DASH:
        at += 1
        while at < len(tokens) and tokens[at].text in {"um", "ca", "gegen", "etwa", "."}:
            at += 1
        end = _clock(tokens, at, day_part, end=True)
        if end is not None and not (at < len(tokens) and tokens[at].kind is Kind.DATE):
            return end, end.stop
    return None, start.stop


def _length(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """„für 90 Minuten“, „2 Stunden“, „1,5 h“: minutes, and the index after it."""
    if at < len(tokens) and (tokens[at].text in {"fur", "dauer", "uber"} or tokens[at].kind is Kind.COMMA):
        at += 1
    if at < len(tokens) and tokens[at].text in {"ca", "etwa", ":"}:
        at += 1
    if at + 1 >= len(tokens):
        return None
    words = {"anderthalb": 1.5, "eineinhalb": 1.5, "zweieinhalb": 2.5, "halbe": 0.5, "halben": 0.5}
    count: float | None = words.get(tokens[at].text, number_of(tokens[at]))
    stop = at + 1
    if tokens[at].text in {"eine", "einer", "ne"} and tokens[stop].text in {"halbe", "halben"}:
        count, stop = 0.5, stop + 1
    if (
        count is not None
        and stop + 2 < len(tokens)
        and tokens[stop].text in {",", "."}
        and tokens[stop + 1].kind is Kind.NUMBER
    ):
        count, stop = float(f"{count:g}.{tokens[stop + 1].text}"), stop + 2
    if count is None or stop >= len(tokens):
        return None
    unit = 60 if tokens[stop].text in _HOURS else 1 if tokens[stop].text in _MINUTES else 0
    minutes = round(count * unit)
    return (minutes, stop + 1) if 0 < minutes <= MIDNIGHT else None


# One clock time ------------------------------------------------------------------------------------------------------


def _clock(tokens: Sequence[Token], at: int, day_part: str | None, *, end: bool = False) -> ClockPhrase | None:
    if at >= len(tokens):
        return None
    found = _spoken(tokens, at) or _written(tokens, at)
    if found is None:
        return None
    hour, minute, stop, explicit, colloquial, what = found
    if stop < len(tokens) and tokens[stop].text in _CLOCK_WORDS:
        stop, explicit = stop + 1, True
    said = day_part_of(tokens[stop].text) if stop < len(tokens) else None
    if said:
        day_part, stop, explicit = said, stop + 1, True
    if hour > 24 or minute > 59 or (hour == 24 and (minute or not end)):
        return ClockPhrase((), stop, explicit, what)
    return ClockPhrase(_candidates(hour, minute, day_part, colloquial=colloquial), stop, explicit, what)


_Raw = tuple[int, int, int, bool, bool, str]
"""Hour, minute, the index after it, whether explicit, whether of a twelve-hour clock, and as typed."""


def _written(tokens: Sequence[Token], at: int) -> _Raw | None:
    token = tokens[at]
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if token.kind is Kind.COLON:
        hour, minute = token.numbers
        return hour, minute, at + 1, True, False, token.text
    if token.kind is Kind.DOTTED and len(token.text.partition(".")[2]) == 2:
        hour, minute = token.numbers
        return hour, minute, at + 1, after in _CLOCK_WORDS, False, f"{hour}:{minute:02d}"
    if token.text in {"mittag", "mittags"}:
        return 12, 0, at + 1, True, False, "12:00"
    if token.text == "mitternacht":
        return 24, 0, at + 1, True, False, "24:00"
    number = number_of(token)
    if number is None or (token.kind is Kind.WORD and after not in _CLOCK_WORDS and not _introduced(tokens, at)):
        return None
    if len(token.text) == 4 and token.kind is Kind.NUMBER and after in _CLOCK_WORDS:
        return number // 100, number % 100, at + 1, True, False, f"{number // 100}:{number % 100:02d}"
    if len(token.text) > 2 and token.kind is Kind.NUMBER:
        return None
    if after in _CLOCK_WORDS and (past := _minutes_after(tokens, at + 2)) is not None:
        return number, past, at + 3, True, False, f"{number}:{past:02d}"
    return number, 0, at + 1, after in _CLOCK_WORDS, True, f"{number} Uhr"


def _introduced(tokens: Sequence[Token], at: int) -> bool:
    return bool(at) and (tokens[at - 1].text in {"um", "ab", "von", "gegen"} or tokens[at - 1].kind is Kind.DASH)


def _minutes_after(tokens: Sequence[Token], at: int) -> int | None:
    """The „30“ of „10 Uhr 30“, not that of „10 Uhr 30 Personen“."""
    if at >= len(tokens):
        return None
    number = number_of(tokens[at])
    two_digits = tokens[at].kind is Kind.WORD or len(tokens[at].text) == 2
    follows = tokens[at + 1] if at + 1 < len(tokens) else None
    clear = follows is None or follows.kind in {Kind.COMMA, Kind.DASH} or day_part_of(follows.text) is not None
    return number if number is not None and 0 <= number < 60 and two_digits and clear else None


def _spoken(tokens: Sequence[Token], at: int) -> _Raw | None:
    """„halb zehn“, „dreiviertel zehn“, „viertel zehn“, „zehn nach neun“, „fünf vor halb zehn“."""
    shift, stop = 0, at
    lead = number_of(tokens[at])
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if following in _MINUTES:
        following = tokens[at + 2].text if at + 2 < len(tokens) else ""
    quarter = tokens[at].text == "viertel"
    if (lead is not None or quarter) and following in {"vor", "nach"}:
        shift = (15 if quarter else lead or 0) * (1 if following == "nach" else -1)
        stop = at + (3 if tokens[at + 1].text in _MINUTES else 2)
        if abs(shift) >= 60:
            return None
    if stop >= len(tokens):
        return None
    fraction = {"halb": -30, "dreiviertel": -15, "viertel": -45}.get(tokens[stop].text)
    if fraction is None and stop == at:
        return None
    hour_at = stop + (fraction is not None)
    hour = number_of(tokens[hour_at]) if hour_at < len(tokens) else None
    if hour is None or not 0 < hour <= 24:
        return None
    minutes = (hour * 60 + (fraction or 0) + shift) % MIDNIGHT
    what = " ".join(token.text for token in tokens[at : hour_at + 1])
    return minutes // 60, minutes % 60, hour_at + 1, True, hour <= 12, what


def _candidates(hour: int, minute: int, day_part: str | None, *, colloquial: bool) -> tuple[int, ...]:
    """What a clock time can be: on a twelve-hour clock the afternoon comes into question."""
    minutes = hour * 60 + minute
    later = minutes + NOON
    if day_part == "night":
        return (later,) if 8 <= hour < 12 else (minutes,)
    if day_part in {"pm", "noon"} and hour < 12:
        return (later,) if day_part == "pm" or hour < 4 else (minutes,)
    if day_part == "am" or not colloquial or hour >= 12:
        return (minutes,)
    if hour < 6:
        return (later, minutes) if not minute else (later,)
    if hour == 6:
        return later, minutes
    return (minutes,)


def at_minutes(day: dt.date, minutes: int, zone: dt.tzinfo) -> dt.datetime:
    """The local time so many minutes of the wall clock after a day's midnight."""
    days, rest = divmod(minutes, MIDNIGHT)
    clock = dt.time(rest // 60, rest % 60)
    return dt.datetime.combine(day + dt.timedelta(days), clock, zone)
