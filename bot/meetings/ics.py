"""Calendar files (RFC 5545) as Outlook, Google and Apple take them: invitations, updates, cancellations, feeds."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from icalendar import Calendar, Event, Timezone, vCalAddress, vDuration, vText, vUri

from bot.meetings.recurrence.series import rule_parts

PRODUCT = "-//Lotse//Innenstaedte mit Zukunft//DE"
NO_ADDRESS = "noreply@lotse.invalid"
"""Calendar programs want an organizer's address; this one cannot receive anything."""
REFRESH = dt.timedelta(hours=1)
"""How often a feed asks to be fetched."""
TITLE_LIMIT = 200


class Method(StrEnum):
    """What a calendar program shall do with a file."""

    PUBLISH = "PUBLISH"
    """Keep the event, or replace its older version."""
    REQUEST = "REQUEST"
    """Ask the attendee, who has an e-mail address, for a reply."""
    CANCEL = "CANCEL"
    """Take the event out."""


@dataclass(frozen=True)
class Person:
    """An organizer or attendee; `address` is an e-mail address where one is known."""

    name: str
    address: str | None = None


@dataclass(frozen=True)
class CalendarEvent:
    """A meeting as a calendar sees it.

    Attributes:
        uid: Stays the same for the life of the meeting.
        sequence: Raised with each change that matters to a calendar.
        title: One line.
        start: Aware, in the people's zone.
        end: Likewise.
        changed_at: When it was last changed; makes files of the same state the same.
        place: Where, one line.
        text: Agenda and notes.
        link: Of the video meeting or the page.
        organizer: Who invites.
        attendee: Who is invited, if one person is.
        cancelled: It does not take place.
        tentative: Not certain yet, for example „Vielleicht“.
        rule: Of a series that is sent as one event; `UNTIL` in local time.
        left_out: Local days on which the series does not take place.
        instead_of: Of a changed occurrence: when the rule would have had it.
        categories: Such as the working group.
    """

    uid: str
    sequence: int
    title: str
    start: dt.datetime
    end: dt.datetime
    changed_at: dt.datetime
    place: str = ""
    text: str = ""
    link: str = ""
    organizer: Person = Person("Lotse")
    attendee: Person | None = None
    cancelled: bool = False
    tentative: bool = False
    rule: str | None = None
    left_out: frozenset[dt.date] = frozenset()
    instead_of: dt.datetime | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """A calendar of many events; equal content has an equal `etag` (with its quotes, ready for the header)."""

    body: bytes
    etag: str


def invitation(event: CalendarEvent) -> bytes:
    """The file for one meeting: new, changed or cancelled as the event says."""
    if event.cancelled:
        method = Method.CANCEL
    else:
        method = Method.REQUEST if event.attendee and event.attendee.address else Method.PUBLISH
    calendar = _calendar([event])
    calendar.add("method", method)
    return bytes(calendar.to_ical())


def feed(events: Iterable[CalendarEvent], name: str) -> Feed:
    """A calendar to subscribe to; the order of the events does not matter."""
    ordered = sorted(
        events, key=lambda event: (event.start.astimezone(dt.UTC), event.uid, event.instead_of is not None)
    )
    calendar = _calendar(ordered)
    calendar.add("method", Method.PUBLISH)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    body = bytes(calendar.to_ical())
    return Feed(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _calendar(events: Sequence[CalendarEvent]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for zone in sorted({_zone_name(event.start) for event in events}):
        calendar.add_component(_timezone(zone))
    for event in events:
        calendar.add_component(_event(event))
    return calendar


def _event(event: CalendarEvent) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    made.add("dtstamp", event.changed_at.astimezone(dt.UTC).replace(microsecond=0))
    made.add("last-modified", event.changed_at.astimezone(dt.UTC).replace(microsecond=0))
    start, end = _span(event)
    made.add("dtstart", start)
    made.add("dtend", end)
    made.add("summary", _clean(event.title)[:TITLE_LIMIT])
    made.add("status", "CANCELLED" if event.cancelled else "TENTATIVE" if event.tentative else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    made.add("organizer", _address(event.organizer))
    for name, value in (("location", event.place), ("description", event.text)):
        if value:
            made.add(name, vText(_clean(value)))
    if event.link:
        made.add("url", vUri(event.link))
    if event.categories:
        made.add("categories", list(event.categories))
    if event.attendee:
        attendee = _address(event.attendee)
        attendee.params["PARTSTAT"] = "TENTATIVE" if event.tentative else "NEEDS-ACTION"
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        made.add("attendee", attendee)
    _add_recurrence(made, event)
    return made


def _span(event: CalendarEvent) -> tuple[dt.datetime, dt.datetime]:
    """Start and end as written: local, or in UTC where the local time comes twice and the second one is meant."""
    second = (each for each in (event.start, event.end) if each.replace(fold=0).utcoffset() != each.utcoffset())
    if event.rule is None and any(second):
        return event.start.astimezone(dt.UTC), event.end.astimezone(dt.UTC)
    return event.start, event.end


def _add_recurrence(made: Event, event: CalendarEvent) -> None:
    if event.instead_of is not None:
        made.add("recurrence-id", event.instead_of)
    if event.rule is None:
        return
    parts: dict[str, object] = {name: value.split(",") for name, value in rule_parts(event.rule).items()}
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(rule_parts(event.rule)["UNTIL"], event.start)
    made.add("rrule", parts)
    if event.left_out:
        made.add("exdate", [dt.datetime.combine(day, event.start.timetz()) for day in sorted(event.left_out)])


def _until(text: str, start: dt.datetime) -> dt.datetime:
    """The last moment of a rule in UTC, as the standard wants it beside a start with a zone."""
    day = dt.datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day
    return dt.datetime.combine(day, dt.time(23, 59, 59), start.tzinfo).astimezone(dt.UTC)


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.address or NO_ADDRESS}")
    # A quote cannot stand in a parameter, in whatever way it is written.
    address.params["CN"] = _clean(person.name).replace('"', "'").replace("\n", " ")
    return address


def _clean(text: str) -> str:
    """The text without characters that a calendar file must not hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in text if each == "\n" or (each.isprintable() or each in " \t")).strip()


def _zone_name(moment: dt.datetime) -> str:
    return str(moment.tzinfo)


def _timezone(name: str) -> Timezone:
    """The zone's definition; for ours the two rules that hold since 1996, which every program understands."""
    if name != "Europe/Berlin":
        return Timezone.from_tzid(name)
    return Timezone.from_ical(_BERLIN)  # type: ignore[return-value]


_BERLIN = "\r\n".join(
    [
        "BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "X-LIC-LOCATION:Europe/Berlin",
        "BEGIN:DAYLIGHT", "DTSTART:19810329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZNAME:CEST", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CET", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD",
        "END:VTIMEZONE", "",
    ]
)  # fmt: skip
