"""A disk that is nearly full is told before it is full (FT-44)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.alarming.disk import DiskLook, free_percent

T0 = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("free", "percent", "expected"),
    [(10.0, 10, []), (9.9, 10, ["disk_low:data"]), (0.0, 10, ["disk_low:data"]), (0.0, None, [])],
)
async def test_from_a_tenth_on_it_is_an_alarm(free: float, percent: float | None, expected: list[str]) -> None:
    look = DiskLook([Path("/srv/data")], percent=percent, free=lambda _: free)
    assert [finding.key for finding in await look.look(T0) or ()] == expected


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_asked_changes_nothing(tmp_path: Path) -> None:
    assert await DiskLook([tmp_path / "gone"], percent=10).look(T0) is None
    assert 0.0 <= free_percent(tmp_path) <= 100.0
