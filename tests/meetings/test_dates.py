import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dates.outcome import DateQuestion, Doubt, Notice, Reading, is_real
from bot.dates.reader import DateReader, thuringian_holiday
from bot.rendering import Messages

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)


class At:
    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now.astimezone(dt.UTC)


def reader(now=MONDAY):
    return DateReader(At(now), BERLIN)


def read(text, now=MONDAY):
    return reader(now).read(text)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("12.3. 10–12 Uhr", "Fr, 12. März 2027, 10:00–12:00"),
        ("übermorgen 14:30", "Mi, 25. November 2026, 14:30–16:30"),
        ("uebermorgen um halb drei", "Mi, 25. November 2026, 14:30–16:30"),
        ("12.03.2027 10 Uhr", "Fr, 12. März 2027, 10:00–12:00"),
        ("am 1. Mai um viertel nach 9", "Sa, 1. Mai 2027, 9:15–11:15"),
        ("Do 9-11:30", "Do, 26. November 2026, 9:00–11:30"),
        ("Donerstag 10 Uhr", "Do, 26. November 2026, 10:00–12:00"),
        ("donnerstg, 3. Dezembr 14 uhr bis halb fünf", "Do, 3. Dezember 2026, 14:00–16:30"),
        ("heute in 14 Tagen um 9", "Mo, 7. Dezember 2026, 9:00–11:00"),
        ("in zwei Wochen Dienstag 10-12", "Di, 8. Dezember 2026, 10:00–12:00"),
        ("in einem Monat 10 Uhr", "Mi, 23. Dezember 2026, 10:00–12:00"),
        ("nächste Woche Mi 10 Uhr", "Mi, 2. Dezember 2026, 10:00–12:00"),
        ("Mittwoch nächster Woche 10 Uhr", "Mi, 2. Dezember 2026, 10:00–12:00"),
        ("Mittwoch in zwei Wochen 10 Uhr", "Mi, 9. Dezember 2026, 10:00–12:00"),
        ("KW 10 Do 10 Uhr", "Do, 11. März 2027, 10:00–12:00"),
        ("Do KW 10/2027 10 Uhr", "Do, 11. März 2027, 10:00–12:00"),
        ("12.3.27 9.30-11 Uhr", "Fr, 12. März 2027, 9:30–11:00"),
        ("12.3.10 Uhr", "Fr, 12. März 2027, 10:00–12:00"),
        ("12.3. 1000 Uhr", "Fr, 12. März 2027, 10:00–12:00"),
        ("12.3 10 Uhr", "Fr, 12. März 2027, 10:00–12:00"),
        ("2027-03-12 10:00", "Fr, 12. März 2027, 10:00–12:00"),
        ("12/03/2027 10:00", "Fr, 12. März 2027, 10:00–12:00"),
        ("12.-13.3. 10 Uhr", "Fr, 12. März 2027, 10:00 bis Sa, 13. März 2027, 12:00"),
        ("12.-13.3.2027 10-12 Uhr", "Fr, 12. März 2027, 10:00 bis Sa, 13. März 2027, 12:00"),
        ("12. und 13", None),
        ("12.3. 14 Uhr bis 13.3. 12 Uhr", "Fr, 12. März 2027, 14:00 bis Sa, 13. März 2027, 12:00"),
        ("um 10 Uhr am 12.3.2027", "Fr, 12. März 2027, 10:00–12:00"),
        ("Dienstagabend um 7", "Di, 24. November 2026, 19:00–21:00"),
        ("morgen früh um 8", "Di, 24. November 2026, 8:00–10:00"),
        ("heute nachmittag um 3", "Mo, 23. November 2026, 15:00–17:00"),
        ("dreiviertel zehn morgen", "Di, 24. November 2026, 9:45–11:45"),
        ("morgen viertel zehn", "Di, 24. November 2026, 9:15–11:15"),
        ("morgen fünf vor halb zehn", "Di, 24. November 2026, 9:25–11:25"),
        ("morgen zehn nach neun", "Di, 24. November 2026, 9:10–11:10"),
        ("morgen 20 Minuten vor 9", "Di, 24. November 2026, 8:40–10:40"),
        ("morgen zwölf Uhr dreißig", "Di, 24. November 2026, 12:30–14:30"),
        ("morgen mittag", None),
        ("morgen 12 Uhr mittags", "Di, 24. November 2026, 12:00–14:00"),
        ("morgen 10-2 Uhr", "Di, 24. November 2026, 10:00–14:00"),
        ("12. März 2027, 10 Uhr, 90 Minuten", "Fr, 12. März 2027, 10:00–11:30"),
        ("12. März 10 Uhr für anderthalb Stunden", "Fr, 12. März 2027, 10:00–11:30"),
        ("12. März 10 Uhr, 1,5 h", "Fr, 12. März 2027, 10:00–11:30"),
        ("Fr. 18 Uhr 30", "Fr, 27. November 2026, 18:30–20:30"),
        ("am 5. um 10 Uhr", "Sa, 5. Dezember 2026, 10:00–12:00"),
        ("Montag 9 Uhr", "Mo, 30. November 2026, 9:00–11:00"),
        ("kommenden Freitag 10h", "Fr, 27. November 2026, 10:00–12:00"),
        ("29.2.2028 10 Uhr", "Di, 29. Februar 2028, 10:00–12:00"),
    ],
)
def test_it_reads_what_people_type(text, understood):
    outcome = read(text)
    if understood is None:
        assert isinstance(outcome, DateQuestion | Reading)
    else:
        assert str(outcome) == understood


@pytest.mark.parametrize(
    ("text", "doubt", "what", "candidates"),
    [
        ("31.2. 10 uhr", Doubt.IMPOSSIBLE, "31. Februar", ["So, 28. Februar 2027, 10:00", "Mo, 1. März 2027, 10:00"]),
        ("29.2. 10 Uhr", Doubt.IMPOSSIBLE, "29. Februar 2027", ["So, 28. Februar", "Mo, 1. März"]),
        ("31.4.2027 10 Uhr", Doubt.IMPOSSIBLE, "31. April", ["Fr, 30. April 2027", "Sa, 1. Mai 2027"]),
        ("12.13. 10 Uhr", Doubt.IMPOSSIBLE, "12.13.", []),
        ("12.3. 25 Uhr", Doubt.IMPOSSIBLE, "25 Uhr", []),
        ("20.11. 9 Uhr", Doubt.PAST, "20. November 2026", ["Sa, 20. November 2027, 9:00"]),
        ("12.3.2020 9 Uhr", Doubt.PAST, "12. März 2020", ["Fr, 12. März 2027, 9:00"]),
        ("heute 9 Uhr", Doubt.PAST, "Mo, 23. November 2026, 9:00–11:00", ["Di, 24. November 2026, 9:00"]),
        ("nächsten Dienstag halb zehn", Doubt.AMBIGUOUS, "", ["Di, 24. November", "Di, 1. Dezember"]),
        ("Montag 11 Uhr", Doubt.AMBIGUOUS, "", ["Mo, 23. November", "Mo, 30. November"]),
        ("12.3. um 3", Doubt.AMBIGUOUS, "", ["Fr, 12. März 2027, 15:00", "Fr, 12. März 2027, 3:00"]),
        ("Do, 13.3.2027 10 Uhr", Doubt.WEEKDAY, "13. März 2027", ["Sa, 13. März 2027", "Do, 11. März 2027"]),
        ("28.3.2027 2:30", Doubt.GAP, "2:30", ["So, 28. März 2027, 3:30", "So, 28. März 2027, 1:30"]),
        ("31.10.2027 2:30", Doubt.OVERLAP, "2:30", ["So, 31. Oktober 2027, 2:30 (S", "So, 31. Oktober 2027, 2:30 (W"]),
        ("12.3. 12-10 Uhr", Doubt.END, "12 Uhr–10 Uhr", ["Fr, 12. März 2027, 12:00 bis Sa, 13. März"]),
        ("morgen", Doubt.NO_TIME, "", []),
        ("Raum 2.01", Doubt.UNCLEAR, "", []),
        ("Pizza bestellen", Doubt.UNCLEAR, "", []),
        ("", Doubt.UNCLEAR, "", []),
    ],
)  # fmt: skip
def test_it_asks_where_it_is_not_sure(text, doubt, what, candidates):
    outcome = read(text)
    assert isinstance(outcome, DateQuestion)
    assert (outcome.doubt, outcome.what) == (doubt, what)
    assert len(outcome.candidates) == len(candidates)
    for candidate, begins in zip(outcome.candidates, candidates, strict=True):
        assert str(candidate).startswith(begins)


def test_next_tuesday_is_clear_where_it_lies_in_the_next_week():
    sunday = dt.datetime(2026, 11, 22, 10, 0, tzinfo=BERLIN)
    assert str(read("nächsten Dienstag halb zehn", sunday)) == "Di, 24. November 2026, 9:30–11:30"


def test_both_moments_of_the_hour_that_comes_twice_are_an_hour_apart():
    first, second = read("31.10.2027 2:30").candidates
    assert second.start.astimezone(dt.UTC) - first.start.astimezone(dt.UTC) == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("1.5.2027 10 Uhr", Notice.HOLIDAY),
        ("20.9.2027 10 Uhr", Notice.HOLIDAY),
        ("24.12. 10 Uhr", Notice.HOLIDAY),
        ("28.11. 10 Uhr", Notice.WEEKEND),
        ("26.11. 22:30", Notice.NIGHT),
        ("26.11.2031 10 Uhr", Notice.FAR),
    ],
)
def test_it_points_out_what_is_unusual(text, notice):
    assert read(text).notices == (notice,)


def test_it_knows_the_holidays_of_thuringia():
    assert thuringian_holiday(dt.date(2027, 9, 20)) == "Weltkindertag"
    assert thuringian_holiday(dt.date(2027, 10, 31)) == "Reformationstag"
    assert thuringian_holiday(dt.date(2027, 1, 6)) is None


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("AG Leerstand 12.03.2027 10 Uhr Erfurt, LEG, Raum 2.01", "AG Leerstand", "Erfurt, LEG, Raum 2.01"),
        ("AG Klima, Di 1.12., 10-12 Uhr, Rathaus Gera, Raum 2.01", "AG Klima", "Rathaus Gera, Raum 2.01"),
        ("AG Klima um 10 Uhr am 12.3.2027 in Gera", "AG Klima", "in Gera"),
        ("12.3. Gera, Rathaus, 10 Uhr", "", "Gera, Rathaus"),
        ("Treffen am 12.3. 9 Uhr 30 Personen", "Treffen", "30 Personen"),
    ],
)
def test_it_leaves_the_words_around_a_date(text, before, after):
    found = reader().find(text)
    assert isinstance(found.outcome, Reading)
    assert (found.before, found.after) == (before, after)


def test_a_time_alone_completes_a_day():
    day = read("morgen").day
    assert str(reader().read_clock("halb zehn bis 11", day)) == "Di, 24. November 2026, 9:30–11:00"
    assert reader().read_clock("weiß nicht", day).doubt is Doubt.NO_TIME


@pytest.mark.parametrize("text", ["31.2. 10 Uhr", "28.3.2027 2:30", "31.10.2027 2:30", "20.11. 9 Uhr",
                                  "12.3. um 3", "Do, 13.3.2027 10 Uhr", "12.3. 12-10 Uhr", "morgen", "Pizza",
                                  "12.3. 25 Uhr"])  # fmt: skip
def test_every_question_is_a_german_sentence(text):
    asked = read(text)
    html = Messages("bot.meetings", BERLIN).render(
        "date_question", doubt=asked.doubt, what=asked.what, day=asked.day, choices=asked.candidates
    )
    assert html.endswith((".", "?", "“."))
    assert "\n" not in html
    if text.startswith("31.2."):
        assert html.startswith("Den 31. Februar gibt es nicht. Wann soll das Treffen sein?")


# Properties ----------------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(
    dt.datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    dt.datetime(2032, 12, 31),  # noqa: DTZ001
    timezones=st.just(BERLIN),
)
PIECES = st.sampled_from(
    [
        "am",
        "um",
        "von",
        "bis",
        "–",
        "-",
        ",",
        ".",
        "12.",
        "31.",
        "12.3.",
        "29.2.",
        "31.10.2027",
        "28.3.2027",
        "9",
        "10",
        "25",
        "2:30",
        "14.30",
        "Uhr",
        "h",
        "halb",
        "viertel",
        "dreiviertel",
        "vor",
        "nach",
        "zehn",
        "drei",
        "nächsten",
        "übernächste",
        "Woche",
        "Wochen",
        "in",
        "KW",
        "Dienstag",
        "Mi",
        "So",
        "März",
        "Mai",
        "morgen",
        "heute",
        "abends",
        "früh",
        "Stunden",
        "Minuten",
        "für",
        "2027",
        "24",
        "0",
        "jeden",
        "mittags",
        "Mitternacht",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=9).map(" ".join)), MOMENTS)
@example("31.10.2027 2:30 - 2:45", MONDAY)
@example("28.3.2027 1:00 - 2:30", MONDAY)
def test_whatever_is_typed_what_is_understood_lies_ahead_and_exists(text, now):
    outcome = read(text, now)
    readings = [outcome] if isinstance(outcome, Reading) else outcome.candidates
    for each in readings:
        assert each.start.astimezone(dt.UTC) > now.astimezone(dt.UTC)
        assert each.end.astimezone(dt.UTC) > each.start.astimezone(dt.UTC)
        assert is_real(each.start)
        assert is_real(each.end)
        assert each.zone == "Europe/Berlin"


@given(MOMENTS, MOMENTS, st.integers(1, 600))
def test_what_is_read_back_is_understood_as_the_same(now, start, minutes):
    start = start.replace(second=0, microsecond=0, fold=0)
    if start <= now or not is_real(start):
        return
    end = (start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(BERLIN)
    known = reader(now).make(start, end)
    if "zeit)" in str(known) or (known.start.utcoffset() != known.end.utcoffset() and end.hour < 4):
        return
    again = read(str(known), now)
    assert isinstance(again, Reading)
    assert (again.start, again.end) == (known.start, known.end)
