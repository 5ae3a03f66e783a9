import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.deadlines import (
    RECENTLY_MISSED_DAYS,
    days_left,
    deadline_brief,
    deadline_words,
    german_date,
    german_day,
    last_occurrence,
    next_deadline,
    next_occurrence,
    upcoming,
)
from knowledge.entries import Deadline, DeadlineKind, YearlyDate
from tests.knowledge.made import days, deadlines, yearly_dates

FIRST_OF_NOVEMBER = Deadline(kind=DeadlineKind.ANNUAL, yearly=(YearlyDate(day="11-01"),))


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("today", "words"),
    [
        ("2026-10-09", "jährlich bis 1. November: voraussichtlich So, 1. November 2026, noch 23 Tage"),
        ("2026-10-31", "jährlich bis 1. November: voraussichtlich So, 1. November 2026, noch 1 Tag"),
        ("2026-11-01", "jährlich bis 1. November: voraussichtlich So, 1. November 2026, heute"),
        ("2026-11-02", "jährlich bis 1. November: am 1.11. verstrichen, "
                       "nächster Stichtag voraussichtlich Mo, 1. November 2027"),
        ("2026-12-31", "jährlich bis 1. November: am 1.11. verstrichen, "
                       "nächster Stichtag voraussichtlich Mo, 1. November 2027"),
        ("2027-01-01", "jährlich bis 1. November: voraussichtlich Mo, 1. November 2027, noch 304 Tage"),
    ],
)  # fmt: skip
def test_a_yearly_date_is_counted_down_and_named_as_missed_for_two_months(today, words):
    assert deadline_words(FIRST_OF_NOVEMBER, day(today)) == words


def test_a_date_of_december_is_named_as_missed_in_the_new_year():
    rule = Deadline(kind=DeadlineKind.ANNUAL, yearly=(YearlyDate(day="12-15", what="Konzept"),))
    assert deadline_words(rule, day("2027-01-10")) == (
        "jährlich bis 15. Dezember (Konzept): am 15.12. verstrichen, "
        "nächster Stichtag voraussichtlich Mi, 15. Dezember 2027"
    )  # fmt: skip


def test_several_yearly_dates_are_all_said():
    rule = Deadline(kind=DeadlineKind.ANNUAL, yearly=(YearlyDate(day="05-02"), YearlyDate(day="11-30")))
    assert deadline_words(rule, day("2026-11-22")) == (
        "jährlich bis 2. Mai: voraussichtlich So, 2. Mai 2027, noch 161 Tage; "
        "jährlich bis 30. November: voraussichtlich Mo, 30. November 2026, noch 8 Tage"
    )


@pytest.mark.parametrize(
    ("today", "falls_on"),
    [("2026-02-28", "2026-02-28"), ("2027-03-01", "2028-02-29"), ("2028-02-29", "2028-02-29"),
     ("2028-03-01", "2029-02-28")],
)  # fmt: skip
def test_the_29th_of_february_is_the_last_of_the_month_in_a_common_year(today, falls_on):
    rule = YearlyDate(day="02-29")
    assert next_occurrence(rule, day(today)) == day(falls_on)
    words = deadline_words(Deadline(kind=DeadlineKind.ANNUAL, yearly=(rule,)), day(today))
    assert german_date(day(falls_on)) in words


@pytest.mark.parametrize(
    ("kind", "date", "today", "words"),
    [
        ("rolling", None, "2026-11-22", "laufend, kein fester Stichtag"),
        ("rolling", "2026-12-31", "2026-11-22", "laufend; Richtlinie endet am Do, 31. Dezember 2026, noch 39 Tage"),
        ("rolling", "2026-12-31", "2026-12-31", "laufend; Richtlinie endet am Do, 31. Dezember 2026, heute"),
        ("rolling", "2026-12-31", "2027-01-01",
         "Richtlinie am 31. Dezember 2026 ausgelaufen; Fortführung nicht bestätigt"),
        ("none", None, "2026-11-22", "kein Stichtag"),
        ("call", "2026-12-15", "2026-11-22", "bis Di, 15. Dezember 2026, noch 23 Tage"),
        ("call", "2026-11-21", "2026-11-22",
         "am 21. November 2026 verstrichen; ein neuer Termin ist nicht bekannt"),
        ("call", None, "2026-11-22", "nur in Aufrufen; ein Termin ist zurzeit nicht bekannt"),
        ("annual", None, "2026-11-22", "jährlich; der Tag steht nicht fest"),
        ("annual", "2026-11-23", "2026-11-22", "bis Mo, 23. November 2026, noch 1 Tag"),
    ],
)  # fmt: skip
def test_each_kind_of_deadline_has_its_words(kind, date, today, words):
    deadline = Deadline(kind=kind, date=date)
    assert deadline_words(deadline, day(today)) == words


def test_in_few_words_the_next_of_several_dates_is_said_and_how_many_more_there_are():
    rule = Deadline(kind=DeadlineKind.ANNUAL, yearly=(YearlyDate(day="10-31", what="Antrag"), YearlyDate(day="03-31")))
    today = day("2026-11-22")
    assert deadline_brief(rule, today) == "voraussichtlich Mi, 31. März 2027, noch 129 Tage; 1 weiterer Termin"
    assert next_deadline(rule, today) == "voraussichtlich Mi, 31. März 2027, noch 129 Tage"


def test_in_few_words_a_date_just_missed_is_still_named_but_not_in_the_fewest():
    today = day("2026-11-22")
    missed = "am 1.11. verstrichen, nächster Stichtag voraussichtlich Mo, 1. November 2027"
    assert deadline_brief(FIRST_OF_NOVEMBER, today) == missed
    assert next_deadline(FIRST_OF_NOVEMBER, today) == "voraussichtlich Mo, 1. November 2027, noch 344 Tage"


def test_of_a_closed_programme_only_what_is_past_is_said():
    past = Deadline(kind=DeadlineKind.CALL, date="2025-03-31")
    assert deadline_words(past, day("2026-11-22"), closed=True) == (
        "am 31. März 2025 verstrichen; keine Anträge mehr möglich"
    )
    assert deadline_words(FIRST_OF_NOVEMBER, day("2026-11-22"), closed=True) == "keine Anträge mehr möglich"


def test_days_are_counted_in_german():
    today = day("2026-11-22")
    assert [days_left(today + dt.timedelta(days=n), today) for n in (-1, 0, 1, 2, 23)] == [
        "verstrichen", "heute", "noch 1 Tag", "noch 2 Tage", "noch 23 Tage",
    ]  # fmt: skip
    assert german_day(YearlyDate(day="03-07")) == "7. März"


# -- any rule, any day -----------------------------------------------------------------------------


@given(yearly_dates, days)
def test_a_yearly_date_lies_between_its_last_and_its_next_day(rule, today):
    last, coming = last_occurrence(rule, today), next_occurrence(rule, today)
    assert last < today <= coming
    assert coming.year - last.year == 1
    for fallen in (last, coming):
        assert fallen.month == rule.month
        assert fallen.day == rule.day_of_month or (rule.day == "02-29" and fallen.day == 28)


@given(deadlines, days)
def test_any_deadline_on_any_day_has_true_words(deadline, today):
    words = deadline_words(deadline, today)
    assert words == words.strip()
    given = " ".join(filter(None, (rule.what for rule in deadline.yearly)))
    for wrong in ("noch 0 Tage", "noch 1 Tage", "None"):
        assert wrong not in words or wrong in given
    if deadline.yearly:
        assert words.count("voraussichtlich") >= len(deadline.yearly)
        for rule in deadline.yearly:
            assert german_date(next_occurrence(rule, today)) in words
            missed = (today - last_occurrence(rule, today)).days <= RECENTLY_MISSED_DAYS
            assert not missed or "verstrichen" in words
    elif deadline.date and deadline.kind is not DeadlineKind.NONE:
        assert german_date(deadline.date) in words
        assert (deadline.date < today) == ("verstrichen" in words or "ausgelaufen" in words)


@given(deadlines, days)
def test_what_is_to_come_is_sorted_and_never_past(deadline, today):
    found = upcoming(deadline, today)
    assert [item.day for item in found] == sorted(item.day for item in found)
    assert all(item.day >= today for item in found)
    assert len(found) == len(deadline.yearly) + bool(deadline.date and deadline.date >= today)
    assert [item.certain for item in found].count(True) <= 1


@given(deadlines, days)
def test_a_closed_programme_is_never_counted_down(deadline, today):
    words = deadline_words(deadline, today, closed=True)
    assert "noch" not in words
    assert "keine Anträge mehr möglich" in words


def test_every_shipped_deadline_has_words_on_every_day_of_four_years(shipped):
    every = [entry.deadline for entry in shipped.entries.values() if hasattr(entry, "deadline")]
    for number in range(0, 4 * 366, 7):
        today = day("2026-01-01") + dt.timedelta(days=number)
        assert all(deadline_words(deadline, today) for deadline in every)


@given(st.integers(1, 12), st.integers(1, 28), st.integers(2000, 2100))
def test_a_german_date_is_written_out(month, number, year):
    text = german_date(dt.date(year, month, number))
    assert text.startswith(f"{number}. ")
    assert text.endswith(f" {year}")
