"""How long is waited before what failed is tried again."""

from __future__ import annotations

import logging

import pytest

from facility.errors import StoreDamaged, StoreUnavailable
from facility.patience import PAUSES_WALL_S, flushed, pause_s


@pytest.mark.parametrize(
    ("error", "failures", "expected_s"),
    [
        (StoreUnavailable("down"), 0, PAUSES_WALL_S[0]),
        (StoreUnavailable("down"), 99, PAUSES_WALL_S[-1]),
        (StoreDamaged("torn"), 1, PAUSES_WALL_S[1]),
        (StoreUnavailable("busy", retry_after_s=0.0), 0, PAUSES_WALL_S[0]),
        (StoreUnavailable("busy", retry_after_s=120.0), 0, 120.0),
        (StoreUnavailable("busy", retry_after_s=3.0), 4, PAUSES_WALL_S[-1]),
    ],
)
def test_pauses_grow_and_a_server_gets_the_time_it_asks_for(
    error: StoreUnavailable | StoreDamaged, failures: int, expected_s: float
) -> None:
    assert pause_s(error, failures) == expected_s


@pytest.mark.asyncio
async def test_trouble_is_told_once_at_its_start_and_once_at_its_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facility.patience.PAUSES_WALL_S", (0.0,))
    left = [4]

    async def flush() -> None:
        left[0] -= 1
        if left[0]:
            raise StoreUnavailable("pulled out")

    caplog.set_level(logging.INFO)
    await flushed(flush, lambda: left[0] > 0, logging.getLogger("test"), "the store")
    assert [record.message for record in caplog.records] == [
        "the store takes nothing for now: pulled out",
        "the store takes entries again after 4 tries",
    ]
