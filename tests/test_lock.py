"""The lock files are what everybody installs: they must still work when newer releases are out."""

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?==", re.M)


def pins(lock):
    """The pinned packages and the extras that each pin names."""
    return {name: set(filter(None, (extras or "").split(","))) for name, extras in PIN.findall(lock)}


def missing_extras(pinned):
    """Extras that an installed package asks of another one, which the other's pin does not name."""
    for name in pinned:
        try:
            wanted = requires(name) or []
        except PackageNotFoundError:  # pinned for another system
            continue
        for requirement in map(Requirement, wanted):
            needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if needed and requirement.extras and not requirement.extras <= pinned.get(requirement.name, set()):
                yield f"{name} wants {requirement}"


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_pins_name_the_extras_that_others_ask_for(file):
    """pip 23 takes the newest release for `coverage[toml]` where only `coverage` is pinned, and then refuses it."""
    assert list(missing_extras(pins((ROOT / file).read_text()))) == []


def test_a_pin_without_its_extra_is_found():
    assert list(missing_extras({"pytest-cov": set(), "coverage": set()}))


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_hold_hashes_and_no_addresses(file):
    lock = (ROOT / file).read_text()
    assert pins(lock)
    assert "://" not in lock
    assert lock.count("==") <= lock.count("--hash=sha256:")
