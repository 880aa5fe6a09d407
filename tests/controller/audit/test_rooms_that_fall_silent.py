"""A room that was too cold and says nothing any more: nothing starts, and the controller lives."""

from __future__ import annotations

import pytest

from tests.controller.building import Building, local


@pytest.mark.parametrize("room_c", [27.0, 0.0])
def test_a_room_too_cold_that_falls_silent_starts_nothing_until_it_speaks_again(room_c: float) -> None:
    building = Building(local("08:30"))
    building.run_until("09:30")
    assert building.is_on("ac-402")
    for step in range(1, 31):
        building.rooms["ac-402"] = max(room_c, 30.0 - step)
        building.run_until(f"09:{30 + step // 2:02d}:{30 * (step % 2):02d}")
    building.run_until("10:00")
    assert not building.is_on("ac-402")
    building.rooms["ac-402"] = None  # type: ignore[assignment]
    building.run_until("11:00")
    assert not building.is_on("ac-402")
    assert building.controller_reasons("ac-402")[0].rule == "room-unknown"
    building.rooms["ac-402"] = 29.0
    building.run_until("11:02")
    assert building.is_on("ac-402")
