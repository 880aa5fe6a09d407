"""What waited for a server goes to the built-in store when that is chosen instead."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facility.bus import ReadingsTaken
from facility.clock import ManualClock
from facility.readings import Batch, to_us
from facility.store.spooled import opened_spool
from houqin.house import memory_of
from tests.sites import small_site

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


@pytest.mark.asyncio
async def test_what_waited_for_a_server_goes_to_the_built_in_store_that_takes_its_place(tmp_path: Path) -> None:
    site, clock = small_site(), ManualClock(NOON)
    point = next(iter(site.points))
    folder = tmp_path / "spool" / "store"
    left = opened_spool(folder, site, clock)
    left.append([Batch(time_us=to_us(NOON) + number, points=[point], values=[0.5]) for number in range(100)])
    left.spool.close()
    async with memory_of(site, tmp_path, clock) as memory:
        task = asyncio.create_task(memory.writer.run())
        memory.bus.publish(ReadingsTaken(batch=Batch(time_us=to_us(NOON) - 1, points=[point], values=[0.0])))
        async with asyncio.timeout(10):
            while any(folder.glob("*.spool")):
                await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        series = await memory.reader.call(memory.store.raw, point, 0, 2 * to_us(NOON))
        assert series.values.tolist() == [0.0] + [0.5] * 100
    async with memory_of(site, tmp_path, clock) as memory:
        assert memory.spool is None
        memory.writer._executor.shutdown()
