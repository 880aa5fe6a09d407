"""Faults around the controller, in one process on a clock moved by hand (FT-53 to FT-59)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from facility.bus import ReadingsTaken
from facility.commands import Mode, Wish
from facility.readings import Batch, to_us
from tests.controller.building import Building, local

UNITS, OUTDOOR_UNITS = 200, 8


def large() -> dict[str, list[dict[str, Any]]]:
    """Two hundred more units on eight outdoor units, behind gateways that host forty each."""
    units = [
        {
            "id": f"u-{number}", "kind": "indoor_unit", "device": f"gw-{number // 40}", "slot": number % 40,
            "outdoor_unit": f"out-{number % OUTDOOR_UNITS}", "capacity_kw": 5.6, "serves": ["r402"],
        }
        for number in range(UNITS)
    ]  # fmt: skip
    outdoor: list[dict[str, Any]] = [
        {"id": f"out-{number}", "kind": "outdoor_unit", "split": "none"} for number in range(OUTDOOR_UNITS)
    ]
    gateways = [
        {"id": f"gw-{number}", "profile": "coolmasternet", "link": "plant", "unit": 2 + number}
        for number in range(UNITS // 40)
    ]  # fmt: skip
    return {"equipment": [*outdoor, *units], "devices": gateways}


def test_after_a_power_failure_two_hundred_units_start_one_by_one_on_each_outdoor_unit() -> None:
    building = Building(local("09:30"), extra=large(), step_s=30.0, period_s=15.0)
    building.run_until("09:31")
    for unit in building.units:
        building.set_unit(unit, Wish(on=False, mode=Mode.COOL, setpoint_c=28.0))
    building.switched.clear()
    building.run_until("09:50")
    starts: dict[str, list[datetime]] = defaultdict(list)
    for when, unit, on in building.switched:
        if on and unit.startswith("u-"):
            starts[building.site.indoor_units[unit].outdoor_unit].append(when)
    assert sum(map(len, starts.values())) == UNITS, "nobody waits for ever"
    for times in starts.values():
        assert all(later - earlier >= timedelta(seconds=15) for earlier, later in pairwise(times))


def test_a_temperature_that_flaps_at_its_threshold_switches_nothing() -> None:
    building = Building(local("07:30"), step_s=30.0, period_s=30.0)
    building.run_until("09:30")
    assert building.is_on()
    building.switched.clear()
    for minute in range(90):
        building.outdoor_c = 29.9 if minute % 2 else 30.1
        building.run_to(local("09:30") + timedelta(minutes=minute + 1))
    assert len([unit for _, unit, _ in building.switched if unit == "ac-401"]) <= 1


def test_a_window_that_flaps_is_held_by_its_two_minutes() -> None:
    building = Building(local("07:30"), step_s=30.0, period_s=30.0)
    building.run_until("09:30")
    building.switched.clear()
    for step in range(60):
        building.contacts["window-401.open"] = float(step % 2)
        building.run_to(local("09:30") + timedelta(seconds=30 * (step + 1)))
    assert not [unit for _, unit, _ in building.switched if unit == "ac-401"]


def aired(building: Building, begin: datetime) -> bool:
    """Opens the window of 401 for ten minutes; whether its unit runs again twenty minutes later."""
    building.run_to(begin)
    building.contacts["window-401.open"] = 1.0
    building.run_to(begin + timedelta(minutes=10))
    assert not building.is_on()
    building.contacts["window-401.open"] = 0.0
    building.run_to(begin + timedelta(minutes=30))
    return building.is_on()


@pytest.mark.parametrize("says", [33.0, 85.0, -127.0, -9999.0, None])
def test_what_is_no_outdoor_temperature_stops_nothing_and_starts_nothing(says: float | None) -> None:
    building = Building(local("07:30"))
    building.run_until("10:00")
    building.outdoor_c = says
    building.run_until("12:00")
    assert building.is_on("ac-402"), "what runs legally goes on"
    assert aired(building, local("12:00")) is (says == 33.0)
    assert building.is_on("ac-402")


@pytest.mark.parametrize("stands_still", [False, True])
def test_an_outdoor_sensor_that_stands_still_for_twelve_hours_starts_nothing(stands_still: bool) -> None:
    building = Building(local("00:05"), step_s=300.0, period_s=300.0, outdoor_c=33.0)
    building.run_until("07:55")
    building.forecast(36.0)
    building.run_until("11:00")
    assert building.is_on(), "eleven hours at the same value may be true"
    if not stands_still:
        building.outdoor_c = 33.4
    assert aired(building, local("12:30")) is not stands_still


def test_a_gateway_that_falls_silent_stops_no_decision_and_is_caught_up_with() -> None:
    building = Building(local("07:30"))
    building.run_until("10:00")
    building.reachable = False
    building.silent |= set(building.units)
    building.set_unit("ac-401", Wish(setpoint_c=22.0))
    building.run_until("10:30")
    assert building.units["ac-401"].setpoint_c == 22.0
    building.reachable = True
    building.silent.clear()
    building.run_until("10:45")
    assert building.units["ac-401"].setpoint_c == 28.0


def test_a_command_of_which_nothing_is_heard_is_taken_for_lost_and_made_anew() -> None:
    building = Building(local("07:30"))
    building.run_until("10:00")
    building.cut_off = True
    building.set_unit("ac-401", Wish(setpoint_c=22.0))
    building.run_until("10:10")
    assert building.units["ac-401"].setpoint_c == 22.0
    building.cut_off = False
    building.run_until("10:30")
    assert building.units["ac-401"].setpoint_c == 28.0


def test_readings_that_come_late_do_not_turn_back_what_is_known() -> None:
    building = Building(local("07:30"))
    building.run_until("10:00")
    before = len(building.commands())
    old = to_us(local("09:00"))
    building.bus.publish(ReadingsTaken(batch=Batch(time_us=old, points=("ac-401.on",), values=(0.0,))))
    building.run_until("10:05")
    assert building.is_on()
    assert len(building.commands()) == before
