import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import OddButtonError
from bot.members.callbacks import COUNTS, Verb, decode, encode, fit_text


@given(st.sampled_from(Verb), st.data(), st.text(max_size=60))
def test_what_is_encoded_comes_back(verb, data, text):
    taken = COUNTS.get(verb, range(1))
    least, most = taken[0], taken[-1]
    numbers = data.draw(st.lists(st.integers(0, 10**6), min_size=least, max_size=min(most, 3) if least < 4 else most))
    text = fit_text(text, 20)
    wish = decode(encode(verb, *numbers, text=text))
    assert (wish.verb, wish.numbers, wish.text) == (verb, tuple(numbers), text)


@given(st.text(max_size=64))
def test_whatever_comes_is_refused_or_understood(data):
    for each in (data, f"m:{data}", f"m:ca:{data}"):
        try:
            decode(each)
        except OddButtonError:
            continue


@pytest.mark.parametrize(
    "data", ["", "m:", "m:ca::", "m:ca:-1:", "m:ca:1.2.3.4:", "m:zz:1:", "x:ca:1:", "m:ca:²:", "m:ca"]
)
def test_forged_data_is_refused(data):
    with pytest.raises(OddButtonError):
        decode(data)


def test_too_long_data_is_refused_when_it_is_made():
    with pytest.raises(ValueError, match="bytes"):
        encode(Verb.LIST, 0, 0, text="x" * 60)
