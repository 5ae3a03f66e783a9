import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.constraints import numeric_constraints
from knowledge.filters import Filters, TownSize
from knowledge.german import words
from knowledge.question import spelled

TODAY = dt.date(2026, 11, 22)


def read(text):
    return {name: value for name, value, _ in numeric_constraints(spelled(words(text), {}), TODAY)}


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("Beispiele aus Städten unter 20.000 Einwohnern", {"max_population": 20_000}),
        ("Orte ab 50000 Einwohnern", {"min_population": 50_000}),
        ("zwischen 5000 und 20.000 Einwohner", {"min_population": 5000, "max_population": 20_000}),
        ("was haben kleine Städte gemacht", {"size": TownSize.SMALL}),
        ("Beispiele aus Mittelstädten", {"size": TownSize.MEDIUM}),
        ("in einer Großstadt", {"size": TownSize.LARGE}),
        ("was hat unter 5 Millionen Euro gekostet", {"max_cost": 5_000_000}),
        ("unter einer Million Euro", {"max_cost": 1_000_000}),
        ("für weniger als einer Mio Euro", {"max_cost": 1_000_000}),
        ("Projekte unter fünfzig Euro", {"max_cost": 50}),
        ("mehr als hundert Euro", {"min_cost": 100}),
        ("bis zu zwanzig tausend Euro", {"max_cost": 20_000}),
        ("bis tausend Euro", {"max_cost": 1000}),
        ("unter 300 tausend Euro", {"max_cost": 300_000}),
        ("unter 20 tausend Einwohnern", {"max_population": 20_000}),
        ("über 300.000 Euro", {"min_cost": 300_000}),
        ("zwischen 1 und 2 Millionen Euro", {"min_cost": 1_000_000, "max_cost": 2_000_000}),
        ("was läuft seit 2020", {"since": 2020}),
        ("vor 2020 gestartet", {"until": 2019}),
        ("2023 begonnen", {"since": 2023, "until": 2023}),
        ("zwischen 2019 und 2022 gestartet", {"since": 2019, "until": 2022}),
        ("2021 beendet", {"ended": 2021}),
        ("in den letzten fünf Jahren", {"since": 2021}),
        ("in den letzten 99999 Jahren", {}),
        ("Fristen in den nächsten drei Wochen", {"due_within": 21}),
        ("Frist in 30 Tagen", {"due_within": 30}),
        ("Fristen noch dieses Jahr", {"due_within": 39}),
        ("Antrag bis Ende März", {"due_within": 129}),
        ("Antrag bis Oktober 2027", {"due_within": 343}),
        ("Antrag bis Oktober 2025", {}),
        ("bis Ende März", {}),
        ("Beispiele außerhalb Thüringens", {"not_state": "Thüringen"}),
        ("ostdeutsche Städte", {"state": "Ostdeutschland"}),
        ("jederzeit zu beantragen", {"rolling": True}),
        ("Was ist ein ISEK?", {}),
    ],
)
def test_numbers_become_constraints(text, constraints):
    assert read(text) == constraints


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_number_of_inhabitants_is_read(least, most):
    assert read(f"zwischen {least} und {most} Einwohnern") == {"min_population": least, "max_population": most}
    assert read(f"unter {most} Einwohnern") == {"max_population": most}


@pytest.mark.parametrize("text", ["in den letzten {} Jahren", "Frist in den nächsten {} Tagen", "unter {} Euro",
                                  "unter {} Einwohnern", "seit {}"])  # fmt: skip
def test_a_number_of_thousands_of_digits_does_no_harm(text):
    read(text.format("9" * 5000))


_CUES = (
    "unter bis mehr als zwischen und 1 20 2020 2021 eine einer zwanzig hundert tausend mio millionen million euro "
    "einwohner frist antrag ende märz oktober 2027 in den letzten nächsten jahren wochen tagen seit vor gestartet "
    "beendet kleine städte bis zu dieses jahr"
)


@given(
    st.lists(st.sampled_from(_CUES.split()), max_size=12).map(" ".join),
    st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
)
def test_whatever_is_read_is_a_constraint_and_names_its_words(text, today):
    cues = spelled(words(text), {})
    for name, value, positions in numeric_constraints(cues, today):
        assert Filters(**{name: value}).active() == [name]
        assert Filters(**{name: value}).label(name)
        assert positions <= set(range(len(cues)))
