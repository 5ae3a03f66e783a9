"""The handbook names what there is: a setting or a command that nobody can look up fails here."""

import re
from pathlib import Path

import pytest
import typer

from bot.cli import app
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
HANDBOOK = ROOT / "docs" / "handbuch" / "betrieb.md"
FOR_DEMO = {"clock_file", "demo_members"}


def commands(group, before="lotse"):
    for name, command in group.commands.items():
        path = f"{before} {name}"
        yield from commands(command, path) if hasattr(command, "commands") else [path]


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_handbook(setting):
    assert f"`{PREFIX}{setting.upper()}`" in HANDBOOK.read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", sorted(set(Settings.model_fields) - FOR_DEMO))
def test_every_setting_is_in_the_readme(setting):
    assert f"`{PREFIX}{setting.upper()}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_setting_is_described_that_there_is_not():
    named = set(re.findall(rf"{PREFIX}([A-Z_]*[A-Z])", HANDBOOK.read_text(encoding="utf-8")))
    assert named <= {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("command", [each for each in commands(typer.main.get_command(app)) if "knowledge" not in each])
def test_every_command_of_operators_is_in_the_handbook(command):
    if command in {"lotse sandbox", "lotse db upgrade"}:  # for developers; `lotse run` upgrades by itself
        return
    assert command in HANDBOOK.read_text(encoding="utf-8")
