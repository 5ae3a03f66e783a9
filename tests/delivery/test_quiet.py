import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.quiet import Mode, Preferences, at_wall_time, is_day_off, next_allowed

BERLIN = ZoneInfo("Europe/Berlin")
DEFAULT = Preferences()
QUARTER = dt.timedelta(minutes=15)


def berlin(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("preferences", "instant", "expected"),
    [
        (DEFAULT, "2027-03-10 09:15", "2027-03-10 09:15"),
        (DEFAULT, "2027-03-10 06:59", "2027-03-10 07:00"),
        (DEFAULT, "2027-03-10 18:00", "2027-03-11 07:00"),
        (DEFAULT, "2027-03-12 20:00", "2027-03-15 07:00"),
        # Good Friday and Easter Monday, in the week in which summer time begins
        (DEFAULT, "2027-03-25 19:00", "2027-03-30 07:00"),
        (Preferences(holidays_off=False), "2027-03-25 19:00", "2027-03-26 07:00"),
        # Children's Day is a holiday in Thuringia only
        (DEFAULT, "2027-09-20 08:00", "2027-09-21 07:00"),
        (Preferences(subdivision="BY"), "2027-09-20 08:00", "2027-09-20 08:00"),
        (Preferences(paused_until=dt.date(2027, 4, 1)), "2027-03-10 09:00", "2027-04-01 07:00"),
        (Preferences(paused_until=dt.date(2027, 3, 1)), "2027-03-10 09:00", "2027-03-10 09:00"),
        (Preferences(paused_until=dt.date(2032, 1, 2)), "2027-03-10 09:00", "2032-01-02 07:00"),
        (Preferences(mode=Mode.DAILY), "2027-03-10 07:00", "2027-03-10 07:00"),
        (Preferences(mode=Mode.DAILY), "2027-03-10 07:01", "2027-03-11 07:00"),
        (Preferences(mode=Mode.DAILY, digest_at=dt.time(16)), "2027-03-10 07:01", "2027-03-10 16:00"),
        (Preferences(mode=Mode.DAILY, digest_at=dt.time(20)), "2027-03-10 07:01", "2027-03-11 07:00"),
        (Preferences(mode=Mode.WEEKLY, digest_day=2), "2027-03-10 06:00", "2027-03-10 07:00"),
        (Preferences(mode=Mode.WEEKLY, digest_day=2), "2027-03-10 08:00", "2027-03-17 07:00"),
        # Easter Monday puts the digest off until Tuesday
        (Preferences(mode=Mode.WEEKLY, digest_day=0), "2027-03-23 08:00", "2027-03-30 07:00"),
        (Preferences(mode=Mode.WEEKLY, digest_day=0), "2027-03-29 12:00", "2027-03-30 07:00"),
        (Preferences(mode=Mode.WEEKLY, digest_day=6), "2027-03-10 08:00", "2027-03-15 07:00"),
        (Preferences(weekdays=frozenset(range(7)), end=dt.time()), "2027-03-10 23:59", "2027-03-10 23:59"),
    ],
)
def test_when_it_suits(preferences, instant, expected):
    assert next_allowed(preferences, berlin(instant)).astimezone(BERLIN) == berlin(expected)


def test_seven_in_the_morning_is_seven_on_the_wall_on_both_sides_of_summer_time():
    for day, hour in (("2027-03-26", 6), ("2027-03-28", 5), ("2027-10-30", 5), ("2027-10-31", 6)):
        preferences = Preferences(weekdays=frozenset(range(7)), holidays_off=False)
        moment = next_allowed(preferences, berlin(f"{day} 00:30"))
        assert moment == dt.datetime.fromisoformat(f"{day}T{hour:02}:00+00:00")


def test_a_time_that_is_left_out_counts_as_the_moment_of_the_change():
    moment = at_wall_time(dt.date(2027, 3, 28), dt.time(2, 30), BERLIN)
    assert moment == dt.datetime(2027, 3, 28, 1, 0, tzinfo=dt.UTC)


def test_an_hour_that_comes_twice_counts_when_it_comes_first():
    moment = at_wall_time(dt.date(2027, 10, 31), dt.time(2, 30), BERLIN)
    assert moment == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "odd",
    [
        {"weekdays": frozenset()},
        {"weekdays": frozenset({7})},
        {"start": dt.time(9), "end": dt.time(8)},
        {"digest_day": 7},
    ],
)
def test_odd_preferences_are_refused(odd):
    with pytest.raises(ValueError, match=r"weekday|hours"):
        Preferences(**odd)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        next_allowed(DEFAULT, dt.datetime(2027, 3, 10))  # noqa: DTZ001


times = st.builds(dt.time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))


def between(first, last):
    naive = dt.datetime.fromisoformat
    return st.datetimes(naive(first), naive(last), timezones=st.just(dt.UTC))


moments = st.one_of(
    between("2025-01-01", "2030-12-31"), between("2027-03-27", "2027-03-29"), between("2027-10-30", "2027-11-02")
)


@st.composite
def preferences(draw):
    start, end = draw(times), draw(times)
    if end != dt.time() and start >= end:
        start, end = (end, start) if end < start else (start, dt.time())
    return Preferences(
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        start=start,
        end=end,
        holidays_off=draw(st.booleans()),
        paused_until=draw(st.none() | st.dates(dt.date(2025, 1, 1), dt.date(2031, 1, 1))),
        mode=draw(st.sampled_from(Mode)),
        digest_at=draw(st.none() | times),
        digest_day=draw(st.integers(0, 6)),
    )


@given(preferences(), moments)
def test_the_moment_is_never_before_the_instant_and_never_at_an_unwelcome_time(wanted, instant):
    moment = next_allowed(wanted, instant)
    assert moment >= instant
    day = moment.astimezone(BERLIN).date()
    assert not is_day_off(wanted, day)
    midnight = wanted.end == dt.time()
    opens = at_wall_time(day, wanted.start, BERLIN)
    closes = at_wall_time(day + dt.timedelta(days=midnight), wanted.end, BERLIN)
    assert opens <= moment
    assert moment < closes or (wanted.mode != Mode.AT_ONCE and opens >= closes)


@given(preferences(), moments)
def test_a_moment_that_suits_is_kept(wanted, instant):
    moment = next_allowed(wanted, instant)
    assert next_allowed(wanted, moment) == moment


@given(preferences(), moments)
def test_a_welcome_moment_is_not_put_off(wanted, instant):
    local = instant.astimezone(BERLIN)
    welcome = wanted.start <= local.time() and (local.time() < wanted.end or wanted.end == dt.time())
    in_a_changing_hour = local.hour in (1, 2, 3)
    if wanted.mode == Mode.AT_ONCE and welcome and not in_a_changing_hour and not is_day_off(wanted, local.date()):
        assert next_allowed(wanted, instant) == instant


@given(preferences(), moments, st.integers(0, 40 * 24 * 60))
def test_no_earlier_moment_would_have_suited(wanted, instant, minutes):
    moment = next_allowed(wanted, instant)
    later = instant + dt.timedelta(minutes=minutes)
    if later <= moment:
        assert next_allowed(wanted, later) == moment


switches = st.sampled_from((dt.date(2027, 3, 28), dt.date(2027, 10, 31)))


@given(preferences(), switches, st.integers(-8 * 96, 96))
@settings(max_examples=40, deadline=None)
def test_it_is_the_first_quarter_on_the_wall_that_suits_around_both_switches(wanted, day, quarters):
    """Told by the clock on the wall alone, quarter by quarter, on both sides of summer time."""
    wanted = replace(wanted, mode=Mode.AT_ONCE, paused_until=None)
    instant = dt.datetime.combine(day, dt.time(0, 45), BERLIN).astimezone(dt.UTC) + quarters * QUARTER

    def suits(moment):
        local = moment.astimezone(BERLIN)
        if local.fold or is_day_off(wanted, local.date()):
            return False  # an hour that comes twice counts when it comes first
        return wanted.start <= local.time() and (wanted.end == dt.time() or local.time() < wanted.end)

    found = next(instant + count * QUARTER for count in range(40 * 96) if suits(instant + count * QUARTER))
    got = next_allowed(wanted, instant)
    if wanted.start < dt.time(4) and got.astimezone(BERLIN).date() == day:
        assert got <= found  # in the night of the switch an hour is there twice or not at all
    else:
        assert got == found


def test_a_pause_over_the_switch_ends_at_the_usual_time_on_the_wall():
    for first, hour in ((dt.date(2027, 3, 30), 5), (dt.date(2027, 11, 2), 6)):
        paused = Preferences(paused_until=first)
        moment = next_allowed(paused, dt.datetime.combine(first, dt.time(), BERLIN) - dt.timedelta(days=10))
        assert moment == dt.datetime.combine(first, dt.time(hour), dt.UTC)


def test_a_holiday_on_the_only_day_that_suits_puts_it_off_a_week():
    for mode in (Mode.AT_ONCE, Mode.DAILY, Mode.WEEKLY):
        mondays = Preferences(weekdays=frozenset({0}), mode=mode)
        assert next_allowed(mondays, berlin("2027-03-23 08:00")) == berlin("2027-04-05 07:00")  # not Easter Monday
