"""Calendar files as Outlook, Google and Apple write them, read for the one meeting that is to be planned."""

import datetime as dt

import pytest

from bot.meetings.files import read_file
from tests.meetings.test_dates import BERLIN

NOW = dt.datetime(2027, 2, 1, 9, 0, tzinfo=BERLIN)
OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*events, head=""):
    bodies = "".join(f"BEGIN:VEVENT\nUID:1\nSUMMARY:Bäume\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{bodies}END:VCALENDAR\n".replace("\n", "\r\n")


def at_ten(zone):
    return f"DTSTART;TZID={zone}:20270401T100000\nDTEND;TZID={zone}:20270401T120000"


@pytest.mark.parametrize(
    "text",
    [
        calendar(at_ten("W. Europe Standard Time"), head=OUTLOOK_ZONE.format(name="W. Europe Standard Time")),
        calendar(at_ten("W. Europe Standard Time")),
        calendar(at_ten("Customized Time Zone"), head=OUTLOOK_ZONE.format(name="Customized Time Zone")),
        calendar(at_ten('"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"')),
        calendar(at_ten("Europe/Berlin")),
        calendar("DTSTART:20270401T080000Z\nDTEND:20270401T100000Z"),
        calendar("DTSTART:20270401T100000\nDURATION:PT2H"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_time_is_that_of_the_wall_clock_whatever_the_zone_is_called(text, encoding):
    found = read_file(text.encode(encoding), BERLIN, NOW)
    assert (found.data["start"], found.data["end"]) == ("2027-04-01T10:00:00+02:00", "2027-04-01T12:00:00+02:00")
    assert found.data["title"] == "Bäume"
    assert found.notes == ()


def test_a_series_under_way_begins_with_its_next_meeting_without_what_was_cancelled():
    times = "DTSTART;TZID=Europe/Berlin:20270105T100000\nDTEND;TZID=Europe/Berlin:20270105T113000"
    rule = "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20270630T215959Z;INTERVAL=2;BYDAY=TU"
    gone = "RECURRENCE-ID;TZID=Europe/Berlin:20270202T100000\nSTATUS:CANCELLED\n" + times.replace("0105", "0202")
    other = "RECURRENCE-ID;TZID=Europe/Berlin:20270302T100000\n" + times.replace("20270105", "20270303")
    text = calendar(f"{times}\n{rule}\nEXDATE;TZID=Europe/Berlin:20270406T100000", gone, other)
    found = read_file(text.encode(), BERLIN, NOW)
    assert found.data["start"] == "2027-02-16T10:00:00+01:00"
    assert found.data["series"]["left_out"] == ["2027-02-02", "2027-04-06"]
    assert found.data["series"]["start"] == "2027-01-05T10:00:00+01:00"
    assert found.notes == ("changed",)


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:20270401T080000Z\nDTEND:20270401T090000Z\nRRULE:FREQ=HOURLY",
        "DTSTART:20270401T223000Z\nDTEND:20270401T230000Z\nRRULE:FREQ=WEEKLY;BYDAY=TH",  # a Friday in Berlin
    ],
)
def test_a_rule_that_cannot_be_followed_is_said(event):
    found = read_file(calendar(event).encode(), BERLIN, NOW)
    assert "series" not in found.data
    assert found.notes == ("own_rule",)


def test_whole_days_leave_the_time_open_and_keep_their_last_day_and_their_series():
    found = read_file(calendar("DTSTART;VALUE=DATE:20270401\nDTEND;VALUE=DATE:20270403").encode(), BERLIN, NOW)
    assert (found.data["day"], found.data["last_day"]) == ("2027-04-01", "2027-04-02")
    found = read_file(calendar("DTSTART;VALUE=DATE:20270401\nRRULE:FREQ=WEEKLY").encode(), BERLIN, NOW)
    assert (found.data["day"], found.data["pending"][0]) == ("2027-04-01", "FREQ=WEEKLY")


def test_of_several_the_next_one_is_taken_and_of_what_was_none():
    later, sooner = (f"DTSTART:2027{day}T080000Z\nDTEND:2027{day}T090000Z" for day in ("0501", "0401"))
    text = calendar(later).replace("END:VCALENDAR\r\n", "") + calendar(sooner).split("PRODID:x\r\n")[1]
    found = read_file(text.encode(), BERLIN, NOW)
    assert found.data["start"].startswith("2027-04-01")
    assert found.notes == ("more",)
    assert read_file(calendar("DTSTART:20270101T080000Z").encode(), BERLIN, NOW) is None
    assert read_file(b"kein Kalender", BERLIN, NOW) is None
