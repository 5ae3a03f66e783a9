"""The shipped knowledge and one answerer for all tests: both are only read."""

import datetime as dt

import pytest
from hypothesis import settings

from bench.golden import today
from knowledge.answers import Answerer
from knowledge.files import load_knowledge
from knowledge.lexicon import Lexicon

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def day():
    """The day on which all questions are asked: Sunday, 22 November 2026."""
    return dt.date(2026, 11, 22)


@pytest.fixture(scope="session")
def shipped():
    """The shipped entries."""
    return load_knowledge()


@pytest.fixture(scope="session")
def lexicon():
    """The shipped lexicon."""
    return Lexicon.shipped()


@pytest.fixture(scope="session")
def answerer(shipped, lexicon):
    """Answers from the shipped entries, on that day."""
    return Answerer(shipped, today, lexicon)
