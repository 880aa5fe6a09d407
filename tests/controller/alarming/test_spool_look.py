"""What fills, gives up or is damaged on the way to the store is an alarm before and while it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.alarming.program import Memories, MemoryLook
from facility.spool import Figures

T0 = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


@dataclass
class Writer:
    """One whose memory is empty."""

    away: bool = False
    waiting: int = 0
    capacity: int = 100


def figures(used: int, *, dropped: int = 0, damaged: tuple[Path, ...] = ()) -> Figures:
    return Figures(
        bytes=used, limit_bytes=100, waiting={"measurement": 5}, dropped={"measurement": dropped, "counter": 0},
        damaged=damaged,
    )  # fmt: skip


async def keys(spool: Figures | None, *, away: bool = False, percent: float | None = 80) -> list[str]:
    look = MemoryLook(Memories(store=Writer(away=away), spool=lambda: spool), percent=percent)
    return [finding.key for finding in await look.look(T0)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("spool", "expected"),
    [
        (None, []),
        (figures(0), []),
        (figures(79), []),
        (figures(80), ["spool:fills"]),
        (figures(100, dropped=3), ["spool:drops"]),
        (figures(10, dropped=3), []),
        (figures(0, damaged=(Path("all-1.spool.corrupt.x"),)), ["spool:damaged"]),
    ],
)
async def test_a_spool_is_told_from_its_limit_on(spool: Figures | None, expected: list[str]) -> None:
    assert await keys(spool) == expected


@pytest.mark.asyncio
async def test_a_site_may_switch_the_limit_off_and_not_the_damage() -> None:
    damaged = figures(100, dropped=3, damaged=(Path("all-1.spool.corrupt.x"),))
    assert await keys(damaged, percent=None) == ["spool:damaged"]


@pytest.mark.asyncio
async def test_a_store_that_is_away_says_where_readings_wait() -> None:
    look = MemoryLook(Memories(store=Writer(away=True), spool=lambda: figures(10)), percent=80)
    (finding,) = await look.look(T0)
    assert finding.key == "store_away"
    assert "5 entries wait on disk, 10 % of the room" in finding.text.en
    assert "5 条在磁盘缓存中等待" in finding.text.zh


@pytest.mark.asyncio
async def test_what_was_given_up_is_told_by_class() -> None:
    look = MemoryLook(Memories(spool=lambda: figures(100, dropped=7)), percent=80)
    (finding,) = await look.look(T0)
    assert "7 readings were given up (measurement 7)" in finding.text.en


@pytest.mark.asyncio
async def test_a_store_that_refuses_is_an_alarm_until_ten_minutes_after_the_last_refusal() -> None:
    refused = 0
    look = MemoryLook(Memories(refused=lambda: refused), percent=80)
    ledger = []
    for minute, refused in ((0, 0), (1, 4), (5, 4), (10, 5), (19, 5), (20, 5)):  # noqa: B007
        found = await look.look(T0 + timedelta(minutes=minute))
        ledger.append([finding.key for finding in found])
    assert ledger == [[], ["store_refuses"], ["store_refuses"], ["store_refuses"], ["store_refuses"], []]
