"""Reads German words for a series: „jeden zweiten Dienstag 10 Uhr bis 30.6.2027, außer am 6.4.“."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.dates.days import DayPhrase, read_day
from bot.dates.outcome import DateQuestion, Doubt, Reading
from bot.dates.reader import DateReader
from bot.dates.times import TimePhrase, read_times
from bot.dates.words import Kind, Token, month_of, number_of, ordinal_of, scan, short_weekday_of, weekday_of
from bot.meetings.recurrence.found import FoundSeries, PendingSeries
from bot.meetings.recurrence.series import DAY_CODES, Series, until_text

_EVERY = frozenset({"jeden", "jede", "jedes", "jeder", "jedem", "alle", "immer"})
_ADVERBS = {
    "wochentlich": ("WEEKLY", 1), "zweiwochentlich": ("WEEKLY", 2), "monatlich": ("MONTHLY", 1),
    "vierteljahrlich": ("MONTHLY", 3), "quartalsweise": ("MONTHLY", 3), "halbjahrlich": ("MONTHLY", 6),
    "jahrlich": ("YEARLY", 1), "taglich": ("DAILY", 1), "vierzehntagig": ("WEEKLY", 2), "zweimonatlich": ("MONTHLY", 2),
}  # fmt: skip
_UNITS = {
    "tag": ("DAILY", 1), "tage": ("DAILY", 1), "woche": ("WEEKLY", 1), "wochen": ("WEEKLY", 1),
    "monat": ("MONTHLY", 1), "monate": ("MONTHLY", 1), "quartal": ("MONTHLY", 3), "jahr": ("YEARLY", 1),
    "jahre": ("YEARLY", 1), "halbjahr": ("MONTHLY", 6),
}  # fmt: skip
_MONTHLY_WORDS = frozenset({"monat", "monats", "monate"})
_WORKDAYS = ",".join(DAY_CODES[:5])


@dataclass(frozen=True)
class Rhythm:
    """How often, as typed: the rule's parts, and the tokens that said it."""

    frequency: str
    interval: int = 1
    days: tuple[str, ...] = ()
    month_day: int | None = None
    begin: int = 0
    stop: int = 0


@dataclass
class _Rest:
    """The tokens that are not read yet, and where those were that are."""

    tokens: list[Token]
    spans: list[tuple[int, int]] = field(default_factory=list)

    def take(self, begin: int, stop: int) -> None:
        self.spans.append((self.tokens[begin].start, self.tokens[stop - 1].end))
        del self.tokens[begin:stop]


def find_series(text: str, reader: DateReader, today: dt.date) -> FoundSeries | None:
    """The series that a text says; None where it says none.

    Args:
        text: As typed.
        reader: Reads the first day and the time.
        today: The local day.
    """
    rest = _Rest(scan(text))
    rhythm = _find_rhythm(rest.tokens)
    if rhythm is None:
        return None
    rest.take(rhythm.begin, rhythm.stop)
    at = rhythm.begin
    left_out = _take_exceptions(rest, today)
    ends = _take_end(rest, today)
    day = _take_first_day(rest, today)
    times = _take_times(rest, min(at, len(rest.tokens)))
    before, after = _around(text, rest.spans)
    outcome, first = _build(rhythm, ends, left_out, day, times, reader, today)
    pending = None
    if isinstance(outcome, DateQuestion) and (outcome.day or outcome.candidates):
        pending = PendingSeries(_rule(rhythm, ends), _length(times), left_out)
    return FoundSeries(outcome, first, before, after, pending)


def _build(
    rhythm: Rhythm,
    ends: str,
    left_out: frozenset[dt.date],
    day: DayPhrase | None,
    times: TimePhrase | None,
    reader: DateReader,
    today: dt.date,
) -> tuple[Series | DateQuestion, Reading | None]:
    if day is not None and (day.doubt or not day.days):
        return DateQuestion(day.doubt or Doubt.UNCLEAR, day.what), None
    if day is None and not rhythm.days and rhythm.month_day is None and rhythm.frequency != "DAILY":
        return DateQuestion(Doubt.NO_DAY), None
    from_day = day.days[0] if day else today
    first_of_rule = _first_day(rhythm, from_day)
    if times is None:
        if first_of_rule == today and day is None:
            first_of_rule = _first_day(rhythm, today + dt.timedelta(1))  # perhaps its time is over today
        return DateQuestion(Doubt.NO_TIME, day=first_of_rule), None
    answer = reader.on_day(first_of_rule, times)
    if isinstance(answer, DateQuestion) and answer.doubt is Doubt.PAST:
        first_of_rule = _first_day(rhythm, first_of_rule + dt.timedelta(1))
        answer = reader.on_day(first_of_rule, times)
    if isinstance(answer, DateQuestion):
        return answer, None
    begin, finish = times.spans[0]
    if answer.start.hour * 60 + answer.start.minute != begin:
        begin, finish = next(((b, f) for b, f in times.spans if b % 1440 == _minute(answer.start)), (begin, finish))
    series = Series(_rule(rhythm, ends), answer.start, (finish - begin) if finish is not None else 120, left_out)
    real = next(series.occurrences(), None)
    if real is None:
        return DateQuestion(Doubt.END, "Ende der Reihe"), None
    return series, reader.make(real.start, real.end)


def _length(times: TimePhrase | None) -> int | None:
    spans = times.spans if times else ()
    return next((finish - begin for begin, finish in spans if finish is not None), None)


def _minute(moment: dt.datetime) -> int:
    return moment.hour * 60 + moment.minute


def _rule(rhythm: Rhythm, ends: str) -> str:
    parts = [f"FREQ={rhythm.frequency}"]
    if rhythm.interval > 1:
        parts.append(f"INTERVAL={rhythm.interval}")
    if rhythm.days:
        parts.append(f"BYDAY={','.join(rhythm.days)}")
    if rhythm.month_day is not None:
        parts.append(f"BYMONTHDAY={rhythm.month_day}")
    return ";".join(parts) + (f";{ends}" if ends else "")


def _first_day(rhythm: Rhythm, start: dt.date) -> dt.date:
    """The first day on or after `start` that the rule names."""
    parts = Rhythm(rhythm.frequency, 1, rhythm.days, rhythm.month_day)
    midnight = dt.datetime.combine(start, dt.time(), dt.UTC)
    found = next(Series(_rule(parts, ""), midnight, 1).occurrences(), None)
    return found.day if found else start


# How often -----------------------------------------------------------------------------------------------------------


def _find_rhythm(tokens: Sequence[Token]) -> Rhythm | None:
    for index, token in enumerate(tokens):
        found = _adverb(tokens, index)
        if found is None and token.text in _EVERY:
            found = _every(tokens, index)
        found = found or _of_the_month(tokens, index)
        if found:
            return found
    return None


def _adverb(tokens: Sequence[Token], at: int) -> Rhythm | None:
    """„wöchentlich“, „14-tägig“, „dienstags“, „werktags“."""
    word = tokens[at].text
    if word in _ADVERBS:
        return _with_day(tokens, *_ADVERBS[word], begin=at, stop=at + 1)
    if word == "tagig" and at >= 2 and tokens[at - 1].kind is Kind.DASH and number_of(tokens[at - 2]) == 14:
        return _with_day(tokens, "WEEKLY", 2, begin=at - 2, stop=at + 1)
    if word == "werktags":
        return Rhythm("WEEKLY", 1, tuple(DAY_CODES[:5]), None, at, at + 1)
    weekday = weekday_of(word) if word.endswith("tags") or word in {"mittwochs", "sonnabends"} else None
    return Rhythm("WEEKLY", 1, *_weekdays(tokens, at)) if weekday is not None else None


def _every(tokens: Sequence[Token], at: int) -> Rhythm | None:
    stop = at + 1
    if stop >= len(tokens):
        return None
    if tokens[stop].text == "werktag":
        return Rhythm("WEEKLY", 1, tuple(DAY_CODES[:5]), None, at, stop + 1)
    if tokens[stop].text == "am":
        stop += 1
    places = _places(tokens, stop)
    if places and (found := _every_nth(tokens, at, *places)):
        return found
    count = number_of(tokens[stop])
    unit_at = stop + (count is not None)
    unit = _UNITS.get(tokens[unit_at].text) if unit_at < len(tokens) else None
    if unit and (count is None or 0 < count <= 60):
        return _with_day(tokens, unit[0], unit[1] * (count or 1), begin=at, stop=unit_at + 1)
    if _weekday_at(tokens, stop) is not None:
        days = _weekdays(tokens, stop)
        return Rhythm("WEEKLY", 1, days[0], None, at, days[3])
    return None


def _every_nth(tokens: Sequence[Token], at: int, places: list[int], stop: int) -> Rhythm | None:
    """„jeden zweiten Dienstag“, „jeden 1. und 3. Mittwoch im Monat“, „jede zweite Woche“, „jeden 15. im Monat“."""
    unit = _UNITS.get(tokens[stop].text) if stop < len(tokens) else None
    if unit and len(places) == 1 and places[0] > 0:
        return _with_day(tokens, unit[0], unit[1] * places[0], begin=at, stop=stop + 1)
    end = _month_follows(tokens, stop)
    if end and len(places) == 1 and 1 <= places[0] <= 31:
        return Rhythm("MONTHLY", 1, (), places[0], at, end)
    weekday = _weekday_at(tokens, stop)
    if weekday is None:
        return None
    code, end = DAY_CODES[weekday], _month_follows(tokens, stop + 1)
    if end is None and len(places) == 1 and 2 <= places[0] <= 6:
        return Rhythm("WEEKLY", places[0], (code,), None, at, stop + 1)
    if any(not -2 <= place <= 5 for place in places):
        return None
    return Rhythm("MONTHLY", 1, tuple(f"{place}{code}" for place in places), None, at, end or stop + 1)


def _of_the_month(tokens: Sequence[Token], at: int) -> Rhythm | None:
    """„am ersten Mittwoch im Monat“, „am 15. jedes Monats“."""
    begin = at
    if tokens[at].text == "am" and at + 1 < len(tokens):
        at += 1
    places = _places(tokens, at)
    if not places:
        return None
    numbers, stop = places
    weekday = _weekday_at(tokens, stop)
    end = _month_follows(tokens, stop + (weekday is not None))
    if end is None:
        return None
    if weekday is not None and all(-2 <= number <= 5 for number in numbers):
        return Rhythm("MONTHLY", 1, tuple(f"{number}{DAY_CODES[weekday]}" for number in numbers), None, begin, end)
    if weekday is None and len(numbers) == 1 and 1 <= numbers[0] <= 31:
        return Rhythm("MONTHLY", 1, (), numbers[0], begin, end)
    return None


def _with_day(tokens: Sequence[Token], frequency: str, interval: int, *, begin: int, stop: int) -> Rhythm:
    """The day that follows „alle zwei Wochen“ or „monatlich“, if one does."""
    if frequency == "DAILY" and interval % 7 == 0:
        frequency, interval = "WEEKLY", interval // 7
    at = stop
    while at < len(tokens) and tokens[at].text in {"am", "immer", ",", "jeweils", "den"}:
        at += 1
    if frequency == "WEEKLY" and _weekday_at(tokens, at) is not None:
        days, _, _, end = _weekdays(tokens, at)
        return Rhythm(frequency, interval, days, None, begin, end)
    if frequency == "MONTHLY" and at < len(tokens) and (places := _places(tokens, at)):
        numbers, end = places
        weekday = _weekday_at(tokens, end)
        if weekday is not None and all(-2 <= number <= 5 for number in numbers):
            codes = tuple(f"{number}{DAY_CODES[weekday]}" for number in numbers)
            return Rhythm(frequency, interval, codes, None, begin, end + 1)
        if len(numbers) == 1 and 1 <= numbers[0] <= 31 and not (end < len(tokens) and month_of(tokens[end].text)):
            return Rhythm(frequency, interval, (), numbers[0], begin, end)
    return Rhythm(frequency, interval, (), None, begin, stop)


def _places(tokens: Sequence[Token], at: int) -> tuple[list[int], int] | None:
    """`1.`, „ersten und dritten“: the numbers, and the index after them."""
    numbers: list[int] = []
    while at < len(tokens):
        number = ordinal_of(tokens[at])
        if number is None:
            break
        numbers.append(number)
        at += 1
        if at + 1 < len(tokens) and tokens[at].text in {"und", ","} and ordinal_of(tokens[at + 1]) is not None:
            at += 1
    return (numbers, at) if numbers else None


def _month_follows(tokens: Sequence[Token], at: int) -> int | None:
    """The index after „im Monat“, „des Monats“, „jedes Monats“; None where none follows."""
    if at < len(tokens) and tokens[at].text in {"im", "des", "jedes", "jeden", "eines", "pro", "in"}:
        at += 1
        if at < len(tokens) and tokens[at].text in {"jedem", "jeden"}:
            at += 1
        if at < len(tokens) and tokens[at].text in _MONTHLY_WORDS:
            return at + 1
    return None


def _weekday_at(tokens: Sequence[Token], at: int) -> int | None:
    if at >= len(tokens) or tokens[at].kind is not Kind.WORD:
        return None
    number = weekday_of(tokens[at].text)
    return short_weekday_of(tokens[at].text) if number is None and tokens[at].text != "die" else number


def _weekdays(tokens: Sequence[Token], at: int) -> tuple[tuple[str, ...], None, int, int]:
    """„dienstags und donnerstags“: the codes, and where they begin and end."""
    begin, codes = at, []
    while (weekday := _weekday_at(tokens, at)) is not None:
        codes.append(DAY_CODES[weekday])
        at += 1
        if at + 1 < len(tokens) and tokens[at].text in {"und", ","} and _weekday_at(tokens, at + 1) is not None:
            at += 1
    return tuple(codes), None, begin, at


# What else a series says ---------------------------------------------------------------------------------------------


def _take_exceptions(rest: _Rest, today: dt.date) -> frozenset[dt.date]:
    """The days of „außer am 6.4. und 20.4.“."""
    days: set[dt.date] = set()
    for index, token in enumerate(rest.tokens):
        if token.text not in {"auser", "ausser", "ohne", "nicht"}:
            continue
        at = index + 1
        while at < len(rest.tokens):
            phrase = read_day(rest.tokens, at, today)
            if phrase is None or not phrase.days or phrase.doubt:
                break
            days.add(phrase.days[0])
            at = phrase.stop
            if at + 1 < len(rest.tokens) and rest.tokens[at].text in {"und", ","}:
                if read_day(rest.tokens, at + 1, today) is None:
                    break
                at += 1
        if days:
            rest.take(index, at)
            break
    return frozenset(days)


def _take_end(rest: _Rest, today: dt.date) -> str:
    """„bis 30.6.2027“, „bis Ende Juni“, „10 Mal“ as part of a rule; empty where the series has no end."""
    tokens = rest.tokens
    for index, token in enumerate(tokens):
        if token.text in {"mal", "x", "termine", "treffen"} and index:
            count = number_of(tokens[index - 1])
            if count and count <= 500:
                rest.take(index - 1, index + 1)
                return f"COUNT={count}"
        if token.kind is Kind.DASH and token.text in {"bis", "to"} and index + 1 < len(tokens):
            found = _end_day(tokens, index + 1, today)
            if found:
                rest.take(index, found[1])
                return f"UNTIL={until_text(found[0])}"
    return ""


def _end_day(tokens: Sequence[Token], at: int, today: dt.date) -> tuple[dt.date, int] | None:
    while at < len(tokens) and tokens[at].text in {"ende", "zum", "einschlieslich"}:
        at += 1
    if at >= len(tokens):
        return None
    phrase = read_day(tokens, at, today)
    if phrase and phrase.days and not phrase.doubt:
        return phrase.days[0], phrase.stop
    if tokens[at].kind is not Kind.WORD or (month := month_of(tokens[at].text)) is None:
        return None
    year, stop = today.year + (month < today.month), at + 1
    if stop < len(tokens) and tokens[stop].kind is Kind.NUMBER and 1900 < tokens[stop].numbers[0] < 2200:
        year, stop = tokens[stop].numbers[0], stop + 1
    return dt.date(year, month, calendar.monthrange(year, month)[1]), stop


def _take_first_day(rest: _Rest, today: dt.date) -> DayPhrase | None:
    """„ab 2.2.2027“, or any day that is left."""
    for index in range(len(rest.tokens)):
        if phrase := read_day(rest.tokens, index, today):
            rest.take(index, phrase.stop)
            return phrase
    return None


def _take_times(rest: _Rest, at: int) -> TimePhrase | None:
    places = [(at, True), *((index, False) for index in range(len(rest.tokens)))]
    for index, after_day in places:
        if index < len(rest.tokens) and (found := read_times(rest.tokens, index, after_day=after_day)):
            rest.take(index, found.stop)
            return found
    return None


def _around(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, str]:
    ordered = sorted(spans)
    pieces, at = [], 0
    for begin, end in ordered:
        pieces.append(text[at:begin])
        at = max(at, end)
    pieces.append(text[at:])
    clean = [piece.strip(" \t\n,;:–—-()") for piece in pieces]
    return clean[0], " ".join(piece for piece in clean[1:] if piece)
