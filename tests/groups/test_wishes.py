import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.reader import DateReader
from bot.delivery.quiet import Mode
from bot.groups import callbacks
from bot.groups.callbacks import OddButtonError, Verb
from bot.groups.settings_chat import day_words, hour_words
from bot.groups.wishes import read_wishes
from tests.members.conftest import SetClock

DATES = DateReader(SetClock(), ZoneInfo("Europe/Berlin"))
WORKDAYS = frozenset(range(5))


def hours(start, end):
    return {"start": dt.time(start), "end": dt.time(end % 24)}


@pytest.mark.parametrize(
    ("text", "times", "mode"),
    [
        ("werktags 8–17 Uhr, täglich gebündelt", {"weekdays": WORKDAYS, **hours(8, 17)}, Mode.DAILY),
        ("Mo-Fr 8 bis 17 Uhr sofort", {"weekdays": WORKDAYS, **hours(8, 17)}, Mode.AT_ONCE),
        ("montags und mittwochs", {"weekdays": frozenset({0, 2})}, None),
        ("Mo, Mi, Fr ab 9 Uhr", {"weekdays": frozenset({0, 2, 4}), "start": dt.time(9)}, None),
        ("nicht nach 16:30 Uhr", {"end": dt.time(16, 30)}, None),
        ("jeden Tag rund um die Uhr", {"weekdays": frozenset(range(7)), **hours(0, 0)}, None),
        ("Fr bis So", {"weekdays": frozenset({4, 5, 6})}, None),
        ("einmal die Woche", {}, Mode.WEEKLY),
        ("auch an Feiertagen", {"holidays_off": False}, None),
        ("nicht an Feiertagen", {"holidays_off": True}, None),
        ("Pause bis 3.8.", {"paused_until": dt.date(2027, 8, 4)}, None),
        ("bin im Urlaub bis in zwei Wochen", {"paused_until": dt.date(2027, 3, 16)}, None),
        ("keine Pause", {"paused_until": None}, None),
        ("von 7:30 bis 24 Uhr", {"start": dt.time(7, 30), "end": dt.time()}, None),
    ],
)
def test_it_reads_what_people_type(text, times, mode):
    wishes = read_wishes(text, DATES)
    assert (wishes.times, wishes.mode, wishes.doubt) == (times, mode, "")


@pytest.mark.parametrize("text", ["8–27 Uhr", "17–8 Uhr", "Pause bis irgendwann"])
def test_what_cannot_be_is_asked_about(text):
    assert read_wishes(text, DATES).doubt


@pytest.mark.parametrize("text", ["", "blau", "Gibt es Geld für leere Läden?"])
def test_what_says_nothing_changes_nothing(text):
    assert not read_wishes(text, DATES).anything


@given(st.text(max_size=80))
def test_anything_typed_gets_an_answer(text):
    read_wishes(text, DATES)


def test_times_are_said_as_people_write_them():
    assert day_words(WORKDAYS) == "Mo–Fr"
    assert day_words(frozenset({0, 2})) == "Mo, Mi"
    assert day_words(frozenset(range(7))) == "an allen Tagen"
    assert hour_words(dt.time(8, 5), dt.time()) == "8:05–24:00 Uhr"
    assert hour_words(dt.time(), dt.time()) == "rund um die Uhr"


@given(st.text(max_size=70))
def test_odd_button_data_is_refused(data):
    for text in (data, callbacks.PREFIX + data):
        try:
            callbacks.decode(text)
        except OddButtonError:
            continue


@given(st.sampled_from(list(Verb)), st.lists(st.integers(0, 10**15), max_size=3))
def test_button_data_fits_and_comes_back(verb, numbers):
    data = callbacks.encode(verb, *numbers)
    assert len(data.encode()) <= 64
    try:
        assert callbacks.decode(data) == callbacks.Wish(verb, tuple(numbers))
    except OddButtonError:
        assert len(numbers) not in callbacks._COUNTS.get(verb, range(1, 2))
