"""Lighting, lifts, kettles, archives and other presets, over real Modbus and MQTT: one scenario named after each."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from facility.commands import Refused, Wish
from facility.filings import FilingKind, Relaxation
from tests.scenarios.house import SATURDAY, WEDNESDAY, House, at, filing, living
from tests.servers import Server

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120), pytest.mark.server]

CENTRAL = {
    "preset": "central_organs_2008",
    "parameters": {
        "window": "08:00-17:00", "cooling_season": "06-01..09-30", "heating_season": "11-15..03-15",
        "kettle_window": "07:30-08:30", "lux_threshold": 300, "lights_out": "22:00",
        "landscape_holidays": ["国庆节"], "lifts_off_hours": ["lift-2"], "lifts_off_peak": ["lift-2"],
        "lift_peaks": [{"time": {"from": "08:00", "until": "09:00"}}],
    },
}  # fmt: skip
COUNTY = {
    "preset": "county_bureau_corrected",
    "parameters": {
        "window": "08:00-17:00", "cooling_season": "06-01..09-30", "heating_season": "11-15..03-15",
        "heater_power_kw": 1.5, "lux_threshold": 300,
    },
}  # fmt: skip
ENTERPRISE = {"preset": "office_enterprise", "parameters": {"window": "08:00-17:00"}}

HALL: dict[str, list[dict[str, Any]]] = {
    "spaces": [{"id": "hall", "floor": "f4", "class": "public", "responsible_office": "general", "area_m2": 80.0}],
    "devices": [
        {"id": "relay", "profile": "waveshare_relay", "link": "plant", "unit": 5},
        {"id": "relay-lifts", "profile": "waveshare_relay_lift", "link": "plant", "unit": 6},
        {"id": "lx", "profile": "mqtt_illuminance", "link": "sensors", "topic": "site/hall/light"},
        {"id": "occ-hall", "profile": "mqtt_occupancy", "link": "sensors", "topic": "site/hall/presence"},
        {"id": "m-kettle", "profile": "chint_dtsu666", "link": "meters", "unit": 20},
        {"id": "th-archive", "profile": "mqtt_climate", "link": "sensors", "topic": "site/archive/climate"},
    ],
    "equipment": [
        {"id": "lights-hall", "kind": "lighting", "device": "relay", "slot": 0, "serves": ["hall"]},
        {"id": "lights-402", "kind": "lighting", "device": "relay", "slot": 5, "serves": ["r402"]},
        {"id": "lights-landscape", "kind": "landscape_lighting", "device": "relay", "slot": 1},
        {"id": "dehumidifier", "kind": "dehumidifier", "device": "relay", "slot": 2, "serves": ["archive"]},
        {"id": "kettle", "kind": "kettle", "device": "relay", "slot": 3, "meter": "meter-kettle",
         "valve": "valve-kettle", "serves": ["hall"]},
        {"id": "valve-kettle", "kind": "valve", "device": "relay", "slot": 4, "serves": ["hall"]},
        *({"id": f"lift-{n}", "kind": "lift", "device": "relay-lifts", "slot": n - 1, "inverted": True,
           "operation": [f"lift-{n}.fire", f"lift-{n}.inspection"]} for n in (1, 2)),
        {"id": "lux", "kind": "illuminance_sensor", "device": "lx", "serves": ["hall"]},
        {"id": "presence-hall", "kind": "occupancy_sensor", "device": "occ-hall", "serves": ["hall"]},
        {"id": "climate-archive", "kind": "climate_sensor", "device": "th-archive", "serves": ["archive"]},
        {"id": "meter-kettle", "kind": "electricity_meter", "device": "m-kettle", "feeds": {"equipment": "kettle"},
         "parent": "main-meter"},
    ],
}  # fmt: skip
"""A hall with lights, two lifts, a kettle and the archive's dehumidifier."""


def switch(house: House, name: str, *, on: bool) -> None:
    """Somebody works the switch by hand."""
    house.world.building.switches.on[list(house.site.switches).index(name)] = float(on)


async def check(house: House, name: str, *steps: tuple[str, bool, str]) -> None:
    """Lives through (time of day, whether the equipment is then on, a clause in its chain)."""
    for clock, on, clause in steps:
        await house.until(clock)
        said = house.decision(name)
        assert (clock, house.is_on(name)) == (clock, on), said.sentence.zh
        assert clause in house.clauses(name), (clock, said.sentence.zh)


async def test_ac_15_no_air_conditioning_beside_a_heater(broker: Server) -> None:
    async with living(broker, policy=COUNTY) as house:
        await house.until("08:10")
        assert house.is_on()
        house.force("meter-401.power", 2.0)
        await check(house, "ac-401", ("08:20", False, "AC-15"))
        house.force("meter-401.power", 0.0)
        await house.until("08:40")
        assert house.is_on()


async def test_ac_15_no_lamps_in_good_light(broker: Server) -> None:
    async with living(broker, policy=COUNTY, extra=HALL) as house:
        house.force("lux.illuminance", 800.0)
        switch(house, "lights-hall", on=True)
        await check(house, "lights-hall", ("08:10", False, "AC-15"))


async def test_ac_15_nothing_runs_with_the_door_open_or_nobody_in(broker: Server) -> None:
    door = {
        "devices": [{"id": "dc", "profile": "mqtt_window", "link": "sensors", "topic": "site/r401/door"}],
        "equipment": [{"id": "door-401", "kind": "door_contact", "device": "dc", "serves": ["r401"]}],
    }
    async with living(broker, policy=COUNTY, extra=door) as house:
        house.force("door-401.open", 0.0)
        await house.until("08:10")
        assert house.is_on()
        house.force("door-401.open", 1.0)
        await check(house, "ac-401", ("08:14", False, "AC-15"))
        house.force("door-401.open", 0.0)
        house.force("presence-401.present", 0.0)
        await check(house, "ac-401", ("08:50", False, "AC-15"))


async def test_ac_16_not_below_26_as_it_was_meant(broker: Server) -> None:
    async with living(broker, policy=COUNTY) as house:
        await house.until("08:10")
        house.at_wall("ac-401", setpoint_c=24.0)
        await check(house, "ac-401", ("08:15", True, "AC-16"))
        assert house.setpoint_c() == 26.0


async def test_ac_17_the_central_organs_cool_to_26_and_heat_to_20(broker: Server) -> None:
    async with living(broker, policy=CENTRAL) as house:
        house.max_c = 27.0
        house.force("weather.temperature", 26.0)
        await check(house, "ac-401", ("08:10", True, "AC-17"))
        assert house.setpoint_c() == 26.0
        order = house.order(Wish(setpoint_c=25.0))
        await house.until("08:13")
        assert isinstance(house.outcome(order), Refused)
        assert house.outcome(order).clause == "AC-17"


async def test_ac_18_an_hour_later_and_earlier_is_advised_and_not_enforced(broker: Server) -> None:
    async with living(broker, policy=CENTRAL) as house:
        await check(house, "ac-401", ("08:20", True, "AC-18"))


async def test_ac_21_lights_and_air_conditioning_are_off_outside_working_hours(broker: Server) -> None:
    async with living(broker, policy=ENTERPRISE, extra=HALL, start="16:20") as house:
        switch(house, "lights-402", on=True)
        await house.until("16:40")
        assert house.is_on("lights-402")
        await check(house, "ac-401", ("17:02", False, "AC-21"))
        await check(house, "lights-402", ("17:20", False, "AC-21"))


async def test_lt_01_public_lights_are_off_by_daylight_and_when_nobody_is_there(broker: Server) -> None:
    async with living(broker, policy=CENTRAL, extra=HALL) as house:
        house.force("lux.illuminance", 100.0)
        house.force("presence-hall.present", 1.0)
        switch(house, "lights-hall", on=True)
        await house.until("08:00")
        assert house.is_on("lights-hall")
        house.force("lux.illuminance", 600.0)
        await check(house, "lights-hall", ("08:20", False, "LT-01"))


async def test_lt_02_landscape_lights_are_off_but_for_listed_dates(broker: Server) -> None:
    async with living(broker, policy=CENTRAL, extra=HALL, start="19:30") as house:
        switch(house, "lights-landscape", on=True)
        await check(house, "lights-landscape", ("19:45", False, "LT-02"))
    festival = date(2026, 10, 1)
    async with living(broker, policy=CENTRAL, extra=HALL, start="19:30", day=festival) as house:
        switch(house, "lights-landscape", on=True)
        await house.until("19:50")
        assert house.is_on("lights-landscape")


async def test_lt_02_an_event_that_is_filed_may_light_the_building(broker: Server) -> None:
    async with living(broker, policy=CENTRAL, extra=HALL, start="19:30") as house:
        house.file(filing("19:00", "22:00", kind=FilingKind.NOTICE, relaxes=Relaxation(hours=True), reason="重大活动"))
        switch(house, "lights-landscape", on=True)
        await house.until("19:50")
        assert house.is_on("lights-landscape")


async def test_el_01_one_lift_rests_outside_working_hours(broker: Server) -> None:
    async with living(broker, policy=CENTRAL, extra=HALL, start="16:20") as house:
        for name in ("lift-1", "lift-2"):
            switch(house, name, on=True)
        await check(house, "lift-2", ("17:30", False, "EL-01"))
        assert house.is_on("lift-1")


@pytest.mark.parametrize("mode", ["fire", "inspection"])
async def test_el_01_a_lift_in_fire_or_inspection_mode_is_never_touched(broker: Server, mode: str) -> None:
    async with living(broker, policy=CENTRAL, extra=HALL, start="16:20") as house:
        for name in ("lift-1", "lift-2"):
            switch(house, name, on=True)
        await house.until("16:30")
        was_on = house.is_on("lift-2")
        house.force(f"lift-2.{mode}", 1.0 if mode == "fire" else 2.0)
        await house.until("17:45")
        assert house.is_on("lift-2") is was_on
        order = house.order(Wish(on=not was_on), "lift-2")
        await house.until("17:48")
        assert isinstance(house.outcome(order), Refused)
        assert house.is_on("lift-2") is was_on


async def test_wh_01_the_kettle_is_on_from_8_to_9_on_every_day(broker: Server) -> None:
    async with living(broker, extra=HALL, day=SATURDAY, start="07:50") as house:
        await check(house, "kettle", ("07:58", False, "WH-01"), ("08:02", True, "WH-01"))
        house.force("meter-kettle.power", 3.0)
        await check(house, "kettle", ("08:50", True, "WH-01"), ("09:02", False, "WH-01"))


async def test_wh_02_a_kettle_that_has_boiled_is_off_and_its_valve_closed(broker: Server) -> None:
    async with living(broker, extra=HALL, start="07:50") as house:
        house.force("meter-kettle.power", 3.0)
        await check(house, "kettle", ("08:10", True, "WH-01"))
        assert house.is_on("valve-kettle")
        house.force("meter-kettle.power", 0.1)
        await check(house, "kettle", ("08:20", False, "WH-02"))
        await house.until("08:30")
        assert not house.is_on("valve-kettle")


async def test_wh_03_the_boiler_follows_its_own_times(broker: Server) -> None:
    async with living(broker, policy=CENTRAL, extra=HALL, start="07:20") as house:
        house.force("meter-kettle.power", 3.0)
        await check(house, "kettle", ("07:35", True, "WH-03"), ("08:32", False, "WH-03"))


async def test_arc_01_the_archive_is_kept_cool_and_dry_round_the_clock(broker: Server) -> None:
    async with living(broker, extra=HALL, day=SATURDAY, start="03:00") as house:
        house.force("climate-archive.temperature", 22.0)
        house.force("climate-archive.humidity", 55.0)
        await check(house, "ac-archive", ("03:15", True, "ARC-01"))
        assert not house.is_on("dehumidifier")
        house.force("climate-archive.humidity", 63.0)
        await check(house, "dehumidifier", ("03:40", True, "ARC-01"))
        house.force("climate-archive.humidity", 50.0)
        await check(house, "dehumidifier", ("04:15", False, "ARC-01"))


async def test_arc_01_a_warm_archive_is_an_alarm_and_not_a_stop(broker: Server) -> None:
    async with living(broker, extra=HALL, start="03:00", day=WEDNESDAY) as house:
        house.force("climate-archive.temperature", 26.0)
        house.force("climate-archive.humidity", 55.0)
        await house.until("04:00")
        assert house.is_on("ac-archive")
        assert any(key.startswith("climate") for key in house.alarms())
        assert house.now == at("04:00", WEDNESDAY)
