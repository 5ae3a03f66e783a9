import ast
from pathlib import Path

import pytest

import bench
from bench.week import play
from bench.week_story import MEETINGS


async def test_a_week_with_moves_an_outage_and_summer_time_reaches_everybody_as_reckoned(database_url):
    played = await play(42, 20, database_url)
    assert played.differences() == []
    kinds = {kind for got in played.got.values() for _, kind, _, _ in got}
    assert kinds == {"invitation", "reminder", "moved", "changed", "cancelled"}
    assert {name for got in played.got.values() for _, _, name, _ in got} == set(MEETINGS)
    assert played.messages == sum(got.total() for got in played.reckoned.values()) > 42 * 4


@pytest.mark.parametrize("name", ["week_story", "week_reckoning"])
def test_what_is_reckoned_knows_nothing_of_the_bot(name):
    tree = ast.parse((Path(bench.__path__[0]) / f"{name}.py").read_text())
    used = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    used |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    allowed = {"datetime", "random", "collections", "collections.abc", "dataclasses", "zoneinfo", "bench.week_story"}
    assert used <= allowed
