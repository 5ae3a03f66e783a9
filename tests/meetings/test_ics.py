import datetime as dt
from contextlib import suppress
from dataclasses import replace
from itertools import islice

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st

from bot.meetings.calendars import UnreadableCalendarError, read_between, read_events
from bot.meetings.ics import CalendarEvent, Person, feed, invitation
from bot.meetings.recurrence.series import Series
from tests.meetings.test_dates import BERLIN
from tests.meetings.test_recurrence import RULES, STARTS

EVENT = CalendarEvent(
    uid="7f3a@lotse",
    sequence=0,
    title="AG Leerstandsbewältigung: „Zwischenerwerb“; erster Teil, mit Kaffee",
    start=dt.datetime(2027, 3, 11, 10, 0, tzinfo=BERLIN),
    end=dt.datetime(2027, 3, 11, 12, 30, tzinfo=BERLIN),
    changed_at=dt.datetime(2026, 11, 23, 9, 0, 0, 500, tzinfo=dt.UTC),
    place="LEG, Mainzerhofstraße 12, Erfurt",
    text="1 Erfahrungen aus Pößneck\n2 Leitfaden; 3 Verschiedenes\\Rest",
    link="https://example.org/treffen?raum=1&x=ä",
    organizer=Person("AG Leerstand"),
)


def parsed(data):
    calendar = icalendar.Calendar.from_ical(data)
    return calendar, calendar.walk("VEVENT")


def test_an_invitation_says_what_calendar_programs_need():
    data = invitation(EVENT)
    calendar, (event,) = parsed(data)
    assert calendar["method"] == "PUBLISH"
    assert calendar["version"] == "2.0"
    assert (event["uid"], event["sequence"], event["status"]) == ("7f3a@lotse", 0, "CONFIRMED")
    assert event["summary"] == EVENT.title
    assert event["description"] == EVENT.text
    assert (event.start, event.end) == (EVENT.start, EVENT.end)
    assert "organizer" in event
    assert "attendee" not in event
    assert b"DTSTART;TZID=Europe/Berlin:20270311T100000\r\n" in data
    assert event["dtstamp"].dt == dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def test_every_line_is_short_enough_and_ends_right():
    data = invitation(EVENT)
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)


def test_the_zone_is_defined_with_both_switches():
    calendar, _ = parsed(invitation(EVENT))
    (zone,) = calendar.timezones
    assert zone["tzid"] == "Europe/Berlin"
    rules = {part.name: part["rrule"].to_ical().decode() for part in zone.subcomponents}
    assert rules == {
        "DAYLIGHT": "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "STANDARD": "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    }
    shown = zone.to_tz()
    for moment in (EVENT.start, dt.datetime(2027, 7, 1, 10, tzinfo=BERLIN)):
        assert moment.replace(tzinfo=shown).utcoffset() == moment.utcoffset()


def test_a_change_keeps_the_uid_and_a_cancellation_takes_it_out():
    moved = replace(EVENT, sequence=1, start=EVENT.start + dt.timedelta(days=1), end=EVENT.end + dt.timedelta(days=1))
    _, (event,) = parsed(invitation(moved))
    assert (event["uid"], event["sequence"]) == ("7f3a@lotse", 1)
    calendar, (event,) = parsed(invitation(replace(moved, sequence=2, cancelled=True)))
    assert calendar["method"] == "CANCEL"
    assert (event["uid"], event["sequence"], event["status"]) == ("7f3a@lotse", 2, "CANCELLED")
    assert "organizer" in event


def test_who_has_an_address_is_asked_for_a_reply():
    office = Person("Geschäftsstelle", "office@example.org")
    data = invitation(replace(EVENT, organizer=office, attendee=Person('Anna "Nia" Ö.', "anna@example.org")))
    calendar, (event,) = parsed(data)
    assert calendar["method"] == "REQUEST"
    assert event["organizer"] == "mailto:office@example.org"
    assert event["attendee"] == "mailto:anna@example.org"
    assert event["attendee"].params["CN"] == "Anna 'Nia' Ö."


def test_what_a_person_typed_cannot_forge_a_line():
    forged = replace(EVENT, title="Treffen\r\nATTENDEE:mailto:x@y", place="A\nB", organizer=Person("A\r\nX-EVIL:1"))
    _, (event,) = parsed(invitation(forged))
    assert "attendee" not in event
    assert "x-evil" not in event


def test_a_series_comes_back_occurrence_by_occurrence():
    series = Series("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=20271231T235959",
                    dt.datetime(2027, 3, 14, 10, 0, tzinfo=BERLIN), 90, frozenset({dt.date(2027, 4, 11)}))  # fmt: skip
    event = replace(EVENT, start=series.start, end=series.start + dt.timedelta(minutes=90), rule=series.rule,
                    left_out=series.left_out)  # fmt: skip
    moved = replace(event, rule=None, left_out=frozenset(), sequence=1,
                    instead_of=dt.datetime(2027, 3, 28, 10, tzinfo=BERLIN),
                    start=dt.datetime(2027, 3, 29, 14, tzinfo=BERLIN),
                    end=dt.datetime(2027, 3, 29, 15, tzinfo=BERLIN))  # fmt: skip
    body = feed([moved, event], "AG").body
    span = (dt.datetime(2027, 1, 1, tzinfo=BERLIN), dt.datetime(2029, 1, 1, tzinfo=BERLIN))
    shown = [each.start for each in read_between(body, BERLIN, *span)]
    expected = [each.start for each in series.between(*span)]
    expected[expected.index(moved.instead_of)] = moved.start
    assert shown == expected


def test_a_feed_changes_its_tag_only_with_its_content():
    others = [replace(EVENT, uid=f"{n}@lotse", start=EVENT.start + dt.timedelta(days=n)) for n in range(3)]
    others = [replace(each, end=each.start + dt.timedelta(hours=1)) for each in others]
    first = feed(others, "Meine Termine")
    assert feed(reversed(others), "Meine Termine") == first
    assert feed(others[:2], "Meine Termine").etag != first.etag
    assert feed([replace(others[0], sequence=1), *others[1:]], "Meine Termine").etag != first.etag
    assert first.etag.startswith('"')
    calendar, events = parsed(first.body)
    assert calendar["x-wr-calname"] == "Meine Termine"
    assert len(events) == 3
    assert len(calendar.timezones) == 1


def test_an_empty_feed_is_a_calendar():
    calendar, events = parsed(feed([], "Leer").body)
    assert calendar["version"] == "2.0"
    assert events == []


# Reading -------------------------------------------------------------------------------------------------------------


def file(*lines, method="REQUEST"):
    event = ["BEGIN:VEVENT", *lines, "END:VEVENT"]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", f"METHOD:{method}", *event, "END:VCALENDAR", ""]
    ).encode()


def test_it_reads_an_invitation_from_outlook():
    zone = ["BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T030000",
            "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
            "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"]  # fmt: skip
    data = file("UID:040000008200E", "DTSTAMP:20261101T080000Z", "SEQUENCE:3",
                "SUMMARY;LANGUAGE=de-de:AG Klima\\, Sitzung", "LOCATION:Gera\\, Rathaus",
                "DTSTART;TZID=W. Europe Standard Time:20270712T140000",
                "DTEND;TZID=W. Europe Standard Time:20270712T153000")  # fmt: skip
    data = data.replace(b"BEGIN:VEVENT", "\r\n".join([*zone, "BEGIN:VEVENT"]).encode())
    (event,) = read_events(data, BERLIN)
    assert (event.uid, event.sequence, event.title, event.place) == (
        "040000008200E",
        3,
        "AG Klima, Sitzung",
        "Gera, Rathaus",
    )
    assert event.start == dt.datetime(2027, 7, 12, 14, 0, tzinfo=BERLIN)
    assert event.end - event.start == dt.timedelta(minutes=90)
    assert str(event.start.tzinfo) == "Europe/Berlin"
    assert not event.cancelled


@pytest.mark.parametrize(
    ("lines", "start", "length"),
    [
        (["DTSTART:20270312T090000Z", "DTEND:20270312T103000Z"], "2027-03-12T10:00+01:00", 90),
        (["DTSTART:20270312T100000", "DURATION:PT45M"], "2027-03-12T10:00+01:00", 45),
        (["DTSTART;TZID=Europe/London:20270712T100000", "DTEND;TZID=Europe/London:20270712T110000"],
         "2027-07-12T11:00+02:00", 60),
        (["DTSTART:20270312T100000"], "2027-03-12T10:00+01:00", 60),
        (["DTSTART:20270312T100000", "DTEND:20270312T090000"], "2027-03-12T10:00+01:00", 60),
    ],
)  # fmt: skip
def test_it_reads_times_of_all_kinds(lines, start, length):
    (event,) = read_events(file("UID:1", "SUMMARY:x", *lines), BERLIN)
    assert event.start.isoformat(timespec="minutes") == start
    assert event.end - event.start == dt.timedelta(minutes=length)


def test_it_reads_whole_days_cancellations_and_series():
    (day,) = read_events(file("UID:1", "DTSTART;VALUE=DATE:20270312", method="CANCEL"), BERLIN)
    assert day.all_day
    assert day.cancelled
    (series,) = read_events(
        file("UID:2", "DTSTART;TZID=Europe/Berlin:20270302T100000", "RRULE:FREQ=WEEKLY;UNTIL=20270601T215959Z",
             "EXDATE;TZID=Europe/Berlin:20270309T100000"), BERLIN)  # fmt: skip
    assert series.rule == "FREQ=WEEKLY;UNTIL=20270601T235959"
    assert series.left_out == {dt.date(2027, 3, 9)}
    (own,) = read_events(file("UID:3", "DTSTART:20270302T100000", "RRULE:FREQ=HOURLY"), BERLIN)
    assert own.own_rule
    assert own.rule is None


def test_broken_events_are_left_out_and_the_rest_is_read():
    data = file("UID:1", "SUMMARY:kaputt").replace(
        b"END:VCALENDAR", b"BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20270302T100000\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    assert [event.uid for event in read_events(data, BERLIN)] == ["2"]


def test_a_file_in_an_old_encoding_is_read():
    (event,) = read_events(file("UID:1", "SUMMARY:Müller", "DTSTART:20270302T100000").decode().encode("cp1252"), BERLIN)
    assert event.title == "Müller"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"BEGIN:VCALENDAR",
                                  b"BEGIN:VCALENDAR" + b"x" * 2_000_001], ids=str)  # fmt: skip
def test_what_is_no_calendar_is_refused(data):
    with pytest.raises(UnreadableCalendarError):
        read_events(data, BERLIN)


# Properties ----------------------------------------------------------------------------------------------------------


def utc(*moments):
    return [moment.astimezone(dt.UTC) for moment in moments]


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80).map(str.strip)


@given(WORDS, WORDS, st.text(max_size=200), STARTS, st.integers(1, 2000), st.integers(0, 99), st.booleans())
def test_what_is_written_is_read_back(title, place, text, start, minutes, sequence, cancelled):
    start = start.replace(second=0, microsecond=0, tzinfo=BERLIN).astimezone(dt.UTC).astimezone(BERLIN)
    end = (start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(BERLIN)
    event = replace(EVENT, title=title, place=place, text=text, start=start, end=end, sequence=sequence,
                    cancelled=cancelled)  # fmt: skip
    (read,) = read_events(invitation(event), BERLIN)
    assert utc(read.start, read.end) == utc(start, end)
    assert (read.uid, read.sequence, read.cancelled) == (event.uid, sequence, cancelled)
    assert read.title.split() == "".join(c for c in title if c.isprintable() or c in " \t").split()


@given(RULES, STARTS)
def test_a_series_in_a_file_means_what_we_mean(rule, start):
    start = start.replace(second=0, microsecond=0, hour=10)
    series = Series(rule, start, 60)
    first = next(series.occurrences(), None)
    if first is None:
        return
    series = Series(rule, first.start, 60)
    event = replace(EVENT, start=first.start, end=first.end, rule=rule)
    until = first.start + dt.timedelta(days=800)
    calendar = icalendar.Calendar.from_ical(invitation(event))
    shown = sorted(each.start for each in recurring_ical_events.of(calendar).between(first.start, until))
    ours = [each.start for each in islice(series.occurrences(), 900) if each.start < until]
    assert shown == ours


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270302T100000\r\n"])
)
def test_no_file_makes_it_stumble(data, before):
    with suppress(UnreadableCalendarError):
        read_events(before + data, BERLIN)
