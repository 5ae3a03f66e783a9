"""Other people's calendar files: what they say, checked and brought to the people's zone."""

import codecs
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import recurring_ical_events
from icalendar import Calendar, Event

from bot.meetings.recurrence.series import UnknownRuleError, check_rule, rule_parts, until_text

LARGEST = 2_000_000
"""Bytes of a file that is read."""
MOST_EVENTS = 2000
TEXT_LIMIT = 4000
"""Characters of a description that are taken over."""


class UnreadableCalendarError(ValueError):
    """The file is no calendar, or too large."""


@dataclass(frozen=True)
class ReadEvent:
    """An event as somebody else's calendar says it.

    Attributes:
        uid: Theirs; empty where they gave none.
        sequence: Theirs, 0 where they gave none.
        title: One line, perhaps empty.
        start: Aware, in the people's zone; midnight for a whole day.
        end: Likewise, after the start.
        all_day: Whole days, without a time.
        place: One line.
        text: Description.
        link: Address, if any.
        cancelled: It does not take place.
        rule: Of a series that meetings can follow; None otherwise.
        own_rule: It comes again in a way that meetings cannot follow.
        left_out: Local days on which it does not take place.
        occurrence: For an occurrence of a series, when the rule has it, as text; empty otherwise.
    """

    uid: str
    sequence: int
    title: str
    start: dt.datetime
    end: dt.datetime
    all_day: bool = False
    place: str = ""
    text: str = ""
    link: str = ""
    cancelled: bool = False
    rule: str | None = None
    own_rule: bool = False
    left_out: frozenset[dt.date] = frozenset()
    occurrence: str = ""


def read_events(data: bytes, zone: dt.tzinfo) -> list[ReadEvent]:
    """All events of a file, a series as one, in the order of their starts; broken ones are left out.

    Args:
        data: The file.
        zone: The people's; times without a zone are taken to be in it.

    Raises:
        UnreadableCalendarError: See there.
    """
    calendars = _parse(data)
    events = [event for calendar in calendars for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    method_cancels = any(str(calendar.get("method", "")).upper() == "CANCEL" for calendar in calendars)
    read = [each for event in events[:MOST_EVENTS] if (each := _read(event, zone, cancelled=method_cancels))]
    return sorted(read, key=lambda each: each.start.astimezone(dt.UTC))


def read_between(data: bytes, zone: dt.tzinfo, start: dt.datetime, end: dt.datetime) -> list[ReadEvent]:
    """Each occurrence within [start, end), series taken apart and their changed occurrences in place.

    Raises:
        UnreadableCalendarError: See there; also for a rule that cannot be followed.
    """
    found: list[ReadEvent] = []
    for calendar in _parse(data):
        try:
            events = list(_expand(calendar, start, end))
        except Exception as error:  # the library raises whatever a broken rule makes it stumble over
            raise UnreadableCalendarError("a rule in the file cannot be followed") from error
        found += [each for event in events[:MOST_EVENTS] if (each := _read(event, zone, expanded=True))]
    return sorted(found, key=lambda each: (each.start.astimezone(dt.UTC), each.uid))


def _expand(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> Iterator[Event]:
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(start, end):
        if isinstance(event, Event):
            yield event


def _parse(data: bytes) -> list[Calendar]:
    if len(data) > LARGEST:
        raise UnreadableCalendarError(f"larger than {LARGEST} bytes")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
    if b"BEGIN:VCALENDAR" not in data.upper():
        raise UnreadableCalendarError("no calendar")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    try:
        found = [each for each in Calendar.from_ical(text, multiple=True) if isinstance(each, Calendar)]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise UnreadableCalendarError("no calendar") from error
    if not found:
        raise UnreadableCalendarError("no calendar")
    return found


def _read(event: Event, zone: dt.tzinfo, *, cancelled: bool = False, expanded: bool = False) -> ReadEvent | None:
    try:
        start, end = event.start, event.end
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError):
        return None  # without a start nobody can come
    all_day = not isinstance(start, dt.datetime)
    first, last = _moment(start, zone), _moment(end, zone)
    if last.astimezone(dt.UTC) <= first.astimezone(dt.UTC):
        last = first + (dt.timedelta(days=1) if all_day else dt.timedelta(hours=1))
    rule, own_rule = (None, False) if expanded else _rule(event, zone)
    return ReadEvent(
        uid=_text(event, "uid"),
        sequence=_number(event, "sequence"),
        title=" ".join(_text(event, "summary").split()),
        start=first,
        end=last,
        all_day=all_day,
        place=" ".join(_text(event, "location").split()),
        text=_text(event, "description")[:TEXT_LIMIT],
        link=_text(event, "url"),
        cancelled=cancelled or _text(event, "status").upper() == "CANCELLED",
        rule=rule,
        own_rule=own_rule,
        left_out=frozenset() if expanded else _left_out(event, zone),
        occurrence=_occurrence(event),
    )


def _moment(value: dt.date | dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), zone)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(dt.UTC).astimezone(zone)


def _rule(event: Event, zone: dt.tzinfo) -> tuple[str | None, bool]:
    """The rule in local time, and whether there is one that meetings cannot follow."""
    given = event.get("rrule")
    if given is None:
        return None, False
    if isinstance(given, list) or event.get("rdate") is not None:
        return None, True
    try:
        if isinstance(event.start, dt.datetime) and _moment(event.start, zone).date() != event.start.date():
            return None, True  # its days are counted in another zone
        parts = rule_parts(given.to_ical().decode())
        if "UNTIL" in parts:
            until = given["UNTIL"][0]
            parts["UNTIL"] = until_text(_moment(until, zone).date() if isinstance(until, dt.datetime) else until)
        rule = ";".join(f"{name}={value}" for name, value in parts.items())
        check_rule(rule)
    except (UnknownRuleError, ValueError, KeyError, IndexError):
        return None, True
    return rule, False


def _left_out(event: Event, zone: dt.tzinfo) -> frozenset[dt.date]:
    try:
        return frozenset(_moment(each, zone).date() for each in event.exdates)
    except (ValueError, KeyError, AttributeError, TypeError):
        return frozenset()


def _occurrence(event: Event) -> str:
    try:
        moment = event.RECURRENCE_ID
    except (ValueError, AttributeError, TypeError):
        return ""
    return moment.isoformat() if moment is not None else ""


def _text(event: Event, name: str) -> str:
    value = event.get(name, "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value).replace("\x00", "").strip()


def _number(event: Event, name: str) -> int:
    text = _text(event, name)
    return int(text) if text.isdecimal() else 0
