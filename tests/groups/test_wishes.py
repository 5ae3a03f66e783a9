import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import OddButtonError, Wish
from bot.dates.reader import DateReader
from bot.delivery.quiet import Mode, Preferences
from bot.groups import callbacks
from bot.groups.callbacks import Verb
from bot.groups.feeds_chat import FeedsChat
from bot.groups.groups_chat import GroupsScreens
from bot.groups.links_chat import LinksChat
from bot.groups.news_chat import NewsChat
from bot.groups.settings_chat import SettingsChat, _what_is_left, day_words, hour_words
from bot.groups.wishes import read_pause, read_wishes
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
        ("Pause für zwei Wochen", {"paused_until": dt.date(2027, 3, 16)}, None),
        ("Bitte nicht abends schreiben", {"end": dt.time(18)}, None),
        ("nur nachmittags", {"start": dt.time(12)}, None),
        ("Ruhezeit 18–7 Uhr", hours(7, 18), None),
        ("keine Nachrichten zwischen 20 und 6 Uhr", hours(6, 20), None),
        ("Ruhezeit 0 bis 7", hours(7, 24), None),
        ("außer an Feiertagen", {"holidays_off": True}, None),
        ("Sa und So", {"weekdays": frozenset({5, 6})}, None),
        ("so schnell wie möglich", {}, Mode.AT_ONCE),
        ("wöchentlich freitags", {"digest_day": 4}, Mode.WEEKLY),
        ("jeden Freitag gebündelt", {"digest_day": 4}, Mode.WEEKLY),
        (
            "werktags 8–17 Uhr, wöchentlich am Mittwoch um 9 Uhr",
            {"weekdays": WORKDAYS, **hours(8, 17), "digest_day": 2, "digest_at": dt.time(9)},
            Mode.WEEKLY,
        ),
        ("jeden Tag gebündelt um 16:30", {"digest_at": dt.time(16, 30)}, Mode.DAILY),
        ("nichts vor 9 Uhr", {"start": dt.time(9)}, None),
        ("nichts nach 16 Uhr", {"end": dt.time(16)}, None),
        ("nichts von 18 bis 7 Uhr", hours(7, 18), None),
        ("an Feiertagen nichts", {"holidays_off": True}, None),
        ("Mo-Fr nur bis 16 Uhr", {"weekdays": WORKDAYS, "end": dt.time(16)}, None),
        ("nur Mo-Fr, sonst nichts", {"weekdays": WORKDAYS}, None),
        ("nichts außer montags", {"weekdays": frozenset({0})}, None),
        ("keine Pause, Mo bis Fr", {"paused_until": None, "weekdays": WORKDAYS}, None),
        ("bitte nichts mehr bis Freitag", {"paused_until": dt.date(2027, 3, 6)}, None),
        ("Pause von heute bis 3.8.", {"paused_until": dt.date(2027, 8, 4)}, None),
        ("Urlaub vom 25.2. bis 15.3.", {"paused_until": dt.date(2027, 3, 16)}, None),
        (
            "Mo-Fr von 8 bis 17 Uhr, Pause bis 3.8.",
            {"weekdays": WORKDAYS, **hours(8, 17), "paused_until": dt.date(2027, 8, 4)},
            None,
        ),
    ],
)
def test_it_reads_what_people_type(text, times, mode):
    wishes = read_wishes(text, DATES)
    assert (wishes.times, wishes.mode, wishes.doubt) == (times, mode, "")


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("nicht am Wochenende", {0, 1, 2, 3, 4}),
        ("montags nicht", {1, 2, 3, 4, 5}),
        ("keine Nachrichten am Freitag", {0, 1, 2, 3, 5}),
        ("außer freitags und samstags", {0, 1, 2, 3}),
        ("auch sonntags", {0, 1, 2, 3, 4, 5, 6}),
        ("Mo-Fr, aber nicht mittwochs", {0, 1, 3, 4}),
        ("nicht vor 9 Uhr", {0, 1, 2, 3, 4, 5}),
        ("nichts am Wochenende", {0, 1, 2, 3, 4}),
        ("Wochenende frei", {0, 1, 2, 3, 4}),
        ("am Wochenende möchte ich nichts", {0, 1, 2, 3, 4}),
        ("samstag und sonntag nichts", {0, 1, 2, 3, 4}),
        ("am Freitag nichts", {0, 1, 2, 3, 5}),
        ("freitags habe ich frei", {0, 1, 2, 3, 5}),
        ("nichts am Wochenende, werktags 8 bis 17 Uhr", {0, 1, 2, 3, 4}),
    ],
)
def test_a_day_that_does_not_suit_is_taken_away_and_one_more_is_added(text, weekdays):
    mine = frozenset(range(6))
    assert read_wishes(text, DATES).changes(mine).get("weekdays", mine) == weekdays


@pytest.mark.parametrize(
    "text",
    [
        *("8–27 Uhr", "17–8 Uhr", "Pause bis irgendwann", "Pause bis 1.1.2099", "Ruhezeit 12–14 Uhr"),
        *("Mo–Do 8–16 Uhr, Fr 8–12 Uhr", "täglich um 25 Uhr", "nicht zwischen 25 und 7"),
    ],
)
def test_what_cannot_be_is_asked_about(text):
    assert read_wishes(text, DATES).doubt


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("freitags nur bis 12 Uhr", "Verschiedene Uhrzeiten"),
        ("am Freitag nichts vor 9 Uhr", "Verschiedene Uhrzeiten"),
        ("nicht nach 12 Uhr freitags", "Verschiedene Uhrzeiten"),
        ("freitags nicht abends", "Verschiedene Uhrzeiten"),
        ("am Samstag kommt besser nichts", "Ob an diesen Tagen"),
        ("bis Freitag Pause", "Bis wann die Pause"),
        ("Pause", "Bis wann die Pause"),
        ("Pause vom 1.8. bis 15.8.", "Eine Pause beginnt sofort"),
        ("Pause von 1. bis 15. August", "Eine Pause beginnt sofort"),
        ("vom 1.8. bis 15.8. Urlaub", "Eine Pause beginnt sofort"),
        ("Urlaub 1.8. bis 15.8.", "Eine Pause beginnt sofort"),
        ("ab morgen zwei Wochen Pause", "Eine Pause beginnt sofort"),
    ],
)
def test_a_wish_that_would_be_read_as_something_else_is_asked_about(text, doubt):
    wishes = read_wishes(text, DATES)
    assert wishes.doubt.startswith(doubt)
    assert wishes.times.get("paused_until") is None


def test_a_pause_that_is_asked_for_its_last_day_begins_at_once_or_not_at_all():
    assert read_pause("3.8.", DATES) == (dt.date(2027, 8, 3), "")
    assert read_pause("bis zum 3. August", DATES) == (dt.date(2027, 8, 3), "")
    assert read_pause("ab heute bis 3.8.", DATES) == (dt.date(2027, 8, 3), "")
    for text in ("vom 1.8. bis 15.8.", "1.8.–15.8.", "1. bis 15. August"):
        assert read_pause(text, DATES)[1].startswith("Eine Pause beginnt sofort")


@pytest.mark.parametrize("text", ["", "blau", "Gibt es Geld für leere Läden?", "mach es so"])
def test_what_says_nothing_changes_nothing(text):
    assert not read_wishes(text, DATES).anything


@given(st.text(max_size=80))
def test_anything_typed_gets_an_answer(text):
    read_wishes(text, DATES)


WORDS = """
mo di fr sa so montags sonntags werktags wochenende und , - bis nicht auch außer nur ab vor nach um uhr ruhezeit 7 8 12
17:30 18 0 24 25 täglich wöchentlich gebündelt sofort feiertagen an am pause urlaub 2 wochen morgen abends 3.8.
"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join))
def test_any_order_of_such_words_gives_times_that_can_be_kept_or_a_reason(text):
    mine = Preferences()
    wishes = read_wishes(text, DATES)
    changes = wishes.changes(mine.weekdays)
    if not (wishes.doubt or _what_is_left(mine, changes)):
        replace(mine, **changes)


def test_times_are_said_as_people_write_them():
    assert day_words(WORKDAYS) == "Mo–Fr"
    assert day_words(frozenset({0, 2})) == "Mo, Mi"
    assert day_words(frozenset(range(7))) == "an allen Tagen"
    assert hour_words(dt.time(8, 5), dt.time()) == "8:05–24:00 Uhr"
    assert hour_words(dt.time(), dt.time()) == "rund um die Uhr"


def test_each_button_there_is_does_something():
    desk = SimpleNamespace()
    rooms = (FeedsChat, GroupsScreens, LinksChat, NewsChat, SettingsChat)
    assert {verb for room in rooms for verb in room(desk).presses} == set(Verb)


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
        assert callbacks.decode(data) == Wish(verb, tuple(numbers))
    except OddButtonError:
        assert len(numbers) not in callbacks.COUNTS.get(verb, range(1, 2))
