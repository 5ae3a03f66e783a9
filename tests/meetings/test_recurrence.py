import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.outcome import DateQuestion, Doubt, is_real
from bot.meetings.recurrence.reading import find_series
from bot.meetings.recurrence.series import DAY_CODES, Series, UnknownRuleError, until_text
from bot.meetings.recurrence.wording import OWN_RULE, rule_in_words, series_in_words
from tests.meetings.test_dates import BERLIN, MONDAY, reader


def find(text, now=MONDAY):
    return find_series(text, reader(now), now.date())


@pytest.mark.parametrize(
    ("text", "words", "first"),
    [
        ("jeden zweiten Dienstag 10 Uhr", "jeden zweiten Dienstag", "Di, 24. November 2026, 10:00–12:00"),
        ("alle 14 Tage dienstags 10 Uhr", "jeden zweiten Dienstag", "Di, 24. November 2026, 10:00–12:00"),
        ("jeden 1. Mittwoch im Monat 14:30", "jeden 1. Mittwoch im Monat", "Mi, 2. Dezember 2026, 14:30–16:30"),
        ("am ersten Mittwoch im Monat 10 Uhr", "jeden 1. Mittwoch im Monat", "Mi, 2. Dezember 2026, 10:00–12:00"),
        ("jeden zweiten Dienstag im Monat 9 Uhr", "jeden 2. Dienstag im Monat", "Di, 8. Dezember 2026, 9:00–11:00"),
        ("jeden letzten Freitag 13-15 Uhr", "jeden letzten Freitag im Monat", "Fr, 27. November 2026, 13:00–15:00"),
        ("dienstags und donnerstags um halb zehn", "jeden Dienstag und Donnerstag",
         "Di, 24. November 2026, 9:30–11:30"),
        ("monatlich am 15. um 10 Uhr", "am 15. jedes Monats", "Di, 15. Dezember 2026, 10:00–12:00"),
        ("vierteljährlich ab 12.3.2027 10 Uhr", "alle drei Monate am 12.", "Fr, 12. März 2027, 10:00–12:00"),
        ("14-tägig montags 11:30", "jeden zweiten Montag", "Mo, 23. November 2026, 11:30–13:30"),
        ("jeden Montag 9 Uhr", "jeden Montag", "Mo, 30. November 2026, 9:00–11:00"),
        ("werktags 8 Uhr", "montags bis freitags", "Di, 24. November 2026, 8:00–10:00"),
        ("jährlich am 8. Juni 10 Uhr", "jedes Jahr am 8. Juni", "Di, 8. Juni 2027, 10:00–12:00"),
        ("jede zweite Woche Do 9 Uhr bis Ende Juni 2027", "jeden zweiten Donnerstag, bis Mi, 30. Juni 2027",
         "Do, 26. November 2026, 9:00–11:00"),
        ("jeden 1. und 3. Montag im Monat 9 Uhr, 6 Mal", "jeden 1. und 3. Montag im Monat, 6 Mal",
         "Mo, 7. Dezember 2026, 9:00–11:00"),
    ],
)  # fmt: skip
def test_it_reads_a_series_and_says_it_back(text, words, first):
    found = find(text)
    assert series_in_words(found.outcome) == words
    assert str(found.first) == first


def test_it_reads_exceptions_and_the_words_around():
    found = find("AG Klima jeden Dienstag 10 bis 12 Uhr bis 30.6.2027, außer am 29.12. und 5.1., Rathaus Gera")
    assert (found.before, found.after) == ("AG Klima", "Rathaus Gera")
    days = [each.day for each in found.outcome.occurrences()]
    assert dt.date(2026, 12, 22) in days
    assert dt.date(2026, 12, 29) not in days
    assert dt.date(2027, 1, 5) not in days
    assert days[-1] == dt.date(2027, 6, 29)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [("wöchentlich 10 Uhr", Doubt.NO_DAY), ("jeden Dienstag", Doubt.NO_TIME), ("jeden Dienstag um 3", Doubt.AMBIGUOUS),
     ("jeden Montag 10 Uhr ab 31.2.", Doubt.IMPOSSIBLE)],
)  # fmt: skip
def test_it_asks_for_what_is_missing(text, doubt):
    outcome = find(text).outcome
    assert isinstance(outcome, DateQuestion)
    assert outcome.doubt is doubt


@pytest.mark.parametrize("text", ["Treffen am 12.3. 10 Uhr", "nächsten Dienstag halb zehn", "Pizza", ""])
def test_one_date_is_no_series(text):
    assert find(text) is None


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=WEEKLY;BYHOUR=3", "Quark", "FREQ=DAILY;UNTIL=20270101T000000Z",
                                  "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;INTERVAL=a"])  # fmt: skip
def test_a_rule_that_meetings_cannot_follow_is_refused(rule):
    with pytest.raises(UnknownRuleError):
        Series(rule, MONDAY, 60)


def test_the_wall_clock_stays_across_both_switches():
    series = Series("FREQ=WEEKLY;BYDAY=SU", dt.datetime(2027, 3, 14, 10, 0, tzinfo=BERLIN), 90)
    spring = series.after(dt.datetime(2027, 3, 20, tzinfo=BERLIN), 2)
    assert [each.start.astimezone(dt.UTC).hour for each in spring] == [9, 8]
    autumn = series.between(dt.datetime(2027, 10, 24, tzinfo=BERLIN), dt.datetime(2027, 11, 1, tzinfo=BERLIN))
    assert [each.start.astimezone(dt.UTC).hour for each in autumn] == [8, 9]
    assert {each.start.hour for each in spring + autumn} == {10}


def test_a_time_that_the_clocks_skip_is_what_they_show_then():
    series = Series("FREQ=DAILY", dt.datetime(2027, 3, 27, 2, 30, tzinfo=BERLIN), 30)
    shown = [f"{each.start:%d. %H:%M}–{each.end:%H:%M}" for each in islice(series.occurrences(), 3)]
    assert shown == ["27. 02:30–03:00", "28. 03:30–04:00", "29. 02:30–03:00"]


def test_a_day_left_out_stays_out():
    series = Series("FREQ=WEEKLY", MONDAY, 60).without(dt.date(2026, 11, 30))
    assert [each.day for each in series.after(MONDAY, 2)] == [dt.date(2026, 12, 7), dt.date(2026, 12, 14)]


def test_a_rule_without_words_says_so():
    assert rule_in_words("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2", MONDAY.date()) == OWN_RULE


# Properties ----------------------------------------------------------------------------------------------------------

STARTS = st.datetimes(
    dt.datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    dt.datetime(2030, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from(
        [BERLIN, ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")]
    ),
)
DAYS = st.lists(st.sampled_from(DAY_CODES), unique=True, min_size=1, max_size=3).map(
    lambda codes: sorted(codes, key=DAY_CODES.index)
)


def every(interval):
    return f";INTERVAL={interval}" if interval > 1 else ""


WEEKLY = st.builds(
    lambda interval, days: (
        "FREQ=WEEKLY" + (f";INTERVAL={interval}" if interval > 1 else "") + f";BYDAY={','.join(days)}"
    ),
    st.integers(1, 12),
    DAYS,
)
MONTHLY = st.builds(
    lambda interval, rest: f"FREQ=MONTHLY{every(interval)}{rest}",
    st.integers(1, 12),
    st.one_of(
        st.builds(
            lambda place, code: f";BYDAY={place}{code}",
            st.sampled_from([1, 2, 3, 4, -1, -2]),
            st.sampled_from(DAY_CODES),
        ),
        st.builds(lambda day: f";BYMONTHDAY={day}", st.integers(1, 31)),
    ),
)
ENDS = st.one_of(
    st.just(""),
    st.builds(lambda count: f";COUNT={count}", st.integers(1, 40)),
    st.builds(lambda day: f";UNTIL={until_text(day)}", st.dates(dt.date(2027, 1, 1), dt.date(2031, 1, 1))),
)
RULES = st.builds(
    lambda rule, end: rule + end, st.one_of(WEEKLY, MONTHLY, st.sampled_from(["FREQ=DAILY", "FREQ=YEARLY"])), ENDS
)


@given(RULES, STARTS, st.integers(1, 600))
def test_every_occurrence_exists_keeps_the_wall_clock_and_comes_once(rule, start, minutes):
    start = start.replace(second=0, microsecond=0, fold=0)
    found = list(islice(Series(rule, start, minutes).occurrences(), 40))
    moments = [each.start.astimezone(dt.UTC) for each in found]
    assert moments == sorted(set(moments))
    for each in found:
        assert is_real(each.start)
        assert each.end.astimezone(dt.UTC) > each.start.astimezone(dt.UTC)
        wall = each.start.replace(tzinfo=None)
        meant = dt.datetime.combine(each.day, start.replace(tzinfo=None).time())
        assert wall == meant or not is_real(meant.replace(tzinfo=start.tzinfo))


@given(st.one_of(WEEKLY, MONTHLY, st.sampled_from(["FREQ=DAILY"])), ENDS)
def test_words_for_a_rule_are_read_back_as_the_same_rule(rule, end):
    words = rule_in_words(rule + end, MONDAY.date())
    found = find(f"{words}, um 10:00 Uhr")
    workdays = rule.replace("FREQ=DAILY", "").endswith("BYDAY=MO,TU,WE,TH,FR")
    if words.startswith(OWN_RULE) or workdays:
        return
    if isinstance(found.outcome, DateQuestion):
        assert found.outcome.doubt is Doubt.END
        assert end
    else:
        assert found.outcome.rule == rule + end


@given(RULES, STARTS, STARTS, st.integers(1, 8))
def test_what_comes_next_is_what_lies_between(rule, start, moment, limit):
    series = Series(rule, start.replace(second=0, microsecond=0), 60)
    later = series.after(moment, limit)
    if later:
        until = later[-1].start + dt.timedelta(seconds=1)
        inside = series.between(moment.astimezone(dt.UTC) + dt.timedelta(microseconds=1), until.astimezone(dt.UTC))
        assert inside == later
