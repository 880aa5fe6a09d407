"""What was read before the clock was set back does not hide what is read after it (FT-32)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facility.bus import ReadingsTaken
from facility.clock import ManualClock
from facility.readings import Batch, to_us
from facility.store.embedded import EmbeddedStore
from houqin.house import memory_of
from tests.facility.accounting.test_counters import counted, use
from tests.sites import small_site

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


@pytest.mark.asyncio
@pytest.mark.parametrize(("set_back_h", "shown"), [(0.0, 20.0), (2.0, None), (72.0, None)])
async def test_after_the_clock_was_set_back_the_live_image_goes_on_with_what_is_read_now(
    tmp_path: Path, set_back_h: float, shown: float | None
) -> None:
    site = small_site()
    point = next(iter(site.points))
    store = EmbeddedStore(tmp_path / "data" / "store")
    store.append([Batch(time_us=to_us(NOON), points=[point], values=[20.0])])
    store.close()
    now = NOON - timedelta(hours=set_back_h)
    async with memory_of(site, tmp_path / "data", ManualClock(now)) as memory:
        held = memory.live.get(point)
        assert (None if held is None else held.value) == shown
        fresh = Batch(time_us=to_us(now) + 1, points=[point], values=[0.0])
        memory.bus.publish(ReadingsTaken(batch=fresh))
        held = memory.live.get(point)
        assert held is not None
        assert (held.value, held.time) == (0.0, now + timedelta(microseconds=1))
        await memory.writer.flush()
        series = await memory.reader.call(memory.store.raw, point, 0, 2 * to_us(NOON))
        assert sorted(series.values.tolist()) == [0.0, 20.0], "nothing that was read is taken back"
        memory.writer._executor.shutdown()


@pytest.mark.parametrize("every_min", [1, 5])
def test_a_counter_read_under_a_clock_two_hours_ahead_counts_nothing_twice_when_it_is_set_back(every_min: int) -> None:
    """From 8:00 to 10:00 the clock shows 10:00 to 12:00; then it is set back, and 10:00 comes again."""
    series = {minute + 120: 1000.0 + minute / 10 for minute in range(480, 600, every_min)}
    series |= {minute + 1: 1000.0 + minute / 10 for minute in range(600, 900, every_min)}
    before = {minute: 1000.0 + minute / 10 for minute in range(0, 480, every_min)}
    rows = sorted((before | series).items())
    points = counted(*((float(minute), value) for minute, value in rows))
    (day,) = use(points, [0, 840], max_rate_per_s=0.01)
    assert day.value is not None
    assert day.value + day.held == pytest.approx(84.0, abs=1.0), "the jump between both clocks waits for a person"
    assert day.resets == 0
