"""A site whose memory was damaged starts, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.clock import SystemClock
from houqin.damage import damage_alarms
from houqin.house import memory_of
from tests.sites import small_site


@pytest.mark.asyncio
async def test_a_damaged_file_is_moved_aside_and_told(tmp_path: Path) -> None:
    clock = SystemClock()
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "readings.sqlite").write_bytes(b"not a store at all " * 500)
    (tmp_path / "journal.db").write_bytes(b"not a journal at all " * 500)
    async with memory_of(small_site(), tmp_path, clock) as memory:
        alarms = {alarm.key: alarm for alarm in damage_alarms(memory, clock.now())}
    assert set(alarms) == {"memory.readings_damaged", "memory.records_damaged"}
    assert "readings.sqlite.corrupt." in alarms["memory.readings_damaged"].text.zh
    assert "journal.db.corrupt." in alarms["memory.records_damaged"].text.en


@pytest.mark.asyncio
async def test_a_sound_memory_is_not_spoken_of(tmp_path: Path) -> None:
    clock = SystemClock()
    for _ in range(2):
        async with memory_of(small_site(), tmp_path, clock) as memory:
            assert list(damage_alarms(memory, clock.now())) == []
