import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions.callbacks import (
    LIMIT,
    Answered,
    Browse,
    Example,
    HandOver,
    Open,
    OpenQuestions,
    Rate,
    Settle,
    UnknownCallbackError,
    View,
    decode,
    encode,
)
from knowledge.entries import EntryKind, Status, Theme
from knowledge.filters import TownSize
from knowledge.library import entry_code

rows = st.integers(1, 2**53)
pages = st.integers(0, 999)
answers = st.builds(Answered, rows, st.integers(0, 2**14 - 1), pages)
browsing = st.builds(
    Browse,
    st.sampled_from(EntryKind),
    st.none() | st.sampled_from(Theme),
    st.none() | st.sampled_from(Status),
    st.none() | st.sampled_from(TownSize),
    pages,
    st.booleans(),
)
codes = st.text().map(entry_code)
callbacks = st.one_of(
    answers,
    browsing,
    st.builds(
        Open,
        codes,
        st.sampled_from(View),
        pages,
        st.none() | answers | browsing,
        st.none() | st.tuples(codes, st.sampled_from(View)),
    ),
    st.builds(Rate, rows, st.booleans()),
    st.builds(HandOver, rows),
    st.builds(Settle, rows, pages),
    st.builds(OpenQuestions, pages),
    st.builds(Example, st.integers(0, 2)),
)


@given(callbacks)
def test_what_a_button_carries_comes_back_and_fits(callback):
    data = encode(callback)
    assert len(data.encode()) <= LIMIT
    assert decode(data) == callback


@given(st.text(max_size=64))
def test_anything_else_is_refused_in_one_way(data):
    with contextlib.suppress(UnknownCallbackError):
        assert encode(decode(data))


@pytest.mark.parametrize(
    "data",
    ["", "e", "e:", "e:short:c0::", "e:12345678:z0::", "e:12345678:c0:x:", "q:1", "q:-1.0.0", "b:l.funding", "r:1"],
)
def test_odd_data_is_refused(data):
    with pytest.raises(UnknownCallbackError):
        decode(data)
