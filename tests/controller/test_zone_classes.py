"""Duty rooms, archives, server rooms, kettles: each by its own rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from facility.commands import Mode, Refused, Wish
from facility.envelope import OnLoss
from tests.controller.building import WEDNESDAY, Building, local

SATURDAY = date(2026, 7, 18)


def test_the_duty_room_needs_neither_calendar_nor_window_nor_forecast() -> None:
    building = Building(local("18:00", SATURDAY), classes={"r401": "duty_room"}, forecast_c=None, outdoor_c=31.0)
    building.run_until("18:30", SATURDAY)
    assert building.is_on()
    assert building.envelopes["ac-401"].on_loss is OnLoss.KEEP
    assert building.envelopes["ac-401"].may_run_until is None
    building.outdoor_c = 29.0
    building.run_until("19:00", SATURDAY)
    assert not building.is_on()
    assert building.controller_reasons()[0].clause == "AC-06"


def test_the_duty_room_is_not_bound_by_rain_but_by_its_window() -> None:
    building = Building(local("18:00", SATURDAY), classes={"r401": "duty_room"}, outdoor_c=31.0)
    building.rain_mm = 3.0
    building.run_until("19:00", SATURDAY)
    assert building.is_on()
    building.contacts["window-401.open"] = 1.0
    building.run_until("19:05", SATURDAY)
    assert not building.is_on()


@pytest.mark.parametrize(("zone", "low_c", "high_c"), [("archive", 14.0, 24.0), ("server_room", 18.0, 27.0)])
def test_climate_rooms_run_round_the_clock_inside_their_own_limits(zone: str, low_c: float, high_c: float) -> None:
    building = Building(local("18:00", SATURDAY), classes={"archive": zone}, outdoor_c=10.0, forecast_c=None)
    building.rooms["ac-archive"] = 22.0
    building.run_until("23:30", SATURDAY)
    unit, envelope = building.units["ac-archive"], building.envelopes["ac-archive"]
    assert (unit.on, unit.mode) == (True, Mode.COOL)
    assert unit.setpoint_c is not None
    assert low_c <= unit.setpoint_c <= high_c
    bounds = envelope.modes[Mode.COOL]
    assert (bounds.low_c, bounds.high_c, envelope.on_loss) == (low_c, high_c, OnLoss.KEEP)


CLIMATE = {"id": "th-arc", "profile": "mqtt_climate", "link": "sensors", "topic": "site/archive/climate"}
SENSOR = {"id": "climate-arc", "kind": "climate_sensor", "device": "th-arc", "serves": ["archive"]}


@pytest.mark.parametrize(
    ("room_c", "humidity", "mode", "alarm"),
    [
        (20.0, 50.0, Mode.COOL, False),
        (20.0, 70.0, Mode.DRY, True),
        (13.0, 50.0, Mode.HEAT, True),
        (26.0, 70.0, Mode.COOL, True),
        (0.0, 50.0, Mode.HEAT, True),
    ],
)
def test_an_archive_is_brought_back_inside_its_limits(room_c: float, humidity: float, mode: Mode, alarm: bool) -> None:
    building = Building(local("12:00"), extra={"devices": [CLIMATE], "equipment": [SENSOR]})
    building.others = {"climate-arc.temperature": room_c, "climate-arc.humidity": humidity}
    building.run_until("13:30")
    assert building.units["ac-archive"].mode is mode
    assert ("climate:ac-archive" in building.standing_alarms()) is alarm
    assert building.controller_reasons("ac-archive")[0].clause == "ARC-01"


KETTLE: dict[str, list[dict[str, Any]]] = {
    "links": [],
    "devices": [
        {"id": "relay", "profile": "waveshare_relay", "link": "meters", "unit": 40},
        {"id": "m-kettle", "profile": "chint_dtsu666", "link": "meters", "unit": 41},
    ],
    "equipment": [
        {"id": "kettle-meter", "kind": "electricity_meter", "device": "m-kettle", "parent": "main-meter",
         "feeds": {"equipment": "kettle"}, "item": "special"},
        {"id": "kettle", "kind": "kettle", "device": "relay", "slot": 0, "meter": "kettle-meter",
         "level": "window-401.open"},
    ],
}  # fmt: skip
del KETTLE["links"]


def kettle(start: str = "07:30", day: date = WEDNESDAY, **inputs: Any) -> Building:
    """The small site with a kettle; the window contact stands in for the water level (open: low)."""
    building = Building(local(start, day), extra=KETTLE, **inputs)
    building.others["kettle-meter.power"] = 0.0
    return building


@pytest.mark.parametrize("day", [WEDNESDAY, SATURDAY])
def test_the_kettle_is_on_from_eight_to_nine_every_day(day: date) -> None:
    building = kettle(day=day)
    building.others["kettle-meter.power"] = 3.0
    building.run_until("09:30", day)
    switched = [(when, on) for when, unit, on in building.switched if unit == "kettle"]
    assert switched == [(local("08:00", day), True), (local("09:00", day), False)]
    assert building.controller_reasons("kettle")[0].clause == "WH-01"


def test_on_workdays_only_where_the_site_says_so() -> None:
    building = kettle(day=SATURDAY, policy={"parameters": {"kettle_workdays_only": True}})
    building.run_until("09:30", SATURDAY)
    assert not [entry for entry in building.switched if entry[1] == "kettle"]


def test_it_is_switched_off_when_the_water_has_boiled_and_stays_off() -> None:
    building = kettle()
    building.others["kettle-meter.power"] = 3.0
    building.run_until("08:20")
    assert building.is_on("kettle")
    building.others["kettle-meter.power"] = 0.05
    building.run_until("08:25")
    assert not building.is_on("kettle")
    assert building.controller_reasons("kettle")[0].rule == "kettle-boiled"
    building.run_until("08:59")
    assert not building.is_on("kettle")
    building.run_until("08:10", WEDNESDAY + timedelta(days=1))
    assert building.is_on("kettle")


def test_a_kettle_that_never_drew_power_has_not_boiled() -> None:
    building = kettle()
    building.run_until("08:30")
    assert building.is_on("kettle")


def test_it_is_never_on_with_the_level_low_whoever_asks() -> None:
    building = kettle()
    building.contacts["window-401.open"] = 1.0
    building.run_until("08:30")
    assert not building.is_on("kettle")
    assert "kettle_level:kettle" in building.standing_alarms()
    building.order(Wish(on=True), unit="kettle")
    building.run_until("08:31")
    assert isinstance(building.outcome("order-1"), Refused)
    building.contacts["window-401.open"] = 0.0
    building.run_until("08:33")
    assert building.is_on("kettle")


def test_a_relay_that_lost_its_state_is_set_again() -> None:
    building = kettle()
    building.others["kettle-meter.power"] = 3.0
    building.run_until("08:10")
    building.set_unit("kettle", Wish(on=False))
    building.run_until("08:12")
    assert building.is_on("kettle")
    building.run_until("09:10")
    building.set_unit("kettle", Wish(on=True))
    building.run_until("09:12")
    assert not building.is_on("kettle")
