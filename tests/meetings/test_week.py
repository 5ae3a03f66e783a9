from bench.week import play


async def test_a_week_with_moves_an_outage_and_summer_time_reaches_everybody_as_reckoned():
    played = await play(members=42, towns=20)
    assert played.differences() == []
    kinds = {kind for got in played.got.values() for _, kind, _, _ in got}
    assert kinds == {"invitation", "reminder", "moved", "changed", "cancelled"}
    assert played.messages == sum(got.total() for got in played.reckoned.values()) > 42 * 4
