import datetime as dt

import pytest

from bot.clock import FileClock, SystemClock, make_clock


def test_the_system_clock_is_aware_and_in_utc():
    assert make_clock(None).now().tzinfo is dt.UTC


def test_the_file_moves_the_clock_at_once(tmp_path):
    path = tmp_path / "offset"
    clock = make_clock(path)
    path.write_text("86400.5\n")
    ahead = clock.now() - SystemClock().now()
    assert dt.timedelta(days=1) - dt.timedelta(minutes=1) < ahead <= dt.timedelta(days=1, seconds=0.5)


@pytest.mark.parametrize("content", [None, "", "soon"])
def test_a_missing_or_odd_file_leaves_the_time_as_it_is(tmp_path, content):
    path = tmp_path / "offset"
    if content is not None:
        path.write_text(content)
    assert FileClock(path).now() - SystemClock().now() <= dt.timedelta(0)
