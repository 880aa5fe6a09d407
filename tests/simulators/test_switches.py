"""Switched equipment behaves: lamps, lifts, a dehumidifier, sockets, a kettle's valve, a plant of chilled water."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from facility.model import Device, Meter, Site, build_site
from facility.model.loader import load_site
from facility.profiles import ProfileLibrary, Table
from facility.profiles.schema import Profile
from facility.quantities import state_value
from simulators.physics.chilled_water import COLD_C, WARM_C
from simulators.physics.habits import Habits
from simulators.physics.layout import Layout
from simulators.physics.switches import LANDSCAPE_KW, LIFT_PARKED_KW
from simulators.world import World
from tests.simulators.buildings import office, settle

ANNEX = Path(__file__).parents[2] / "deploy" / "sites" / "chilled-water.yaml"
LIGHTS, LIFTS, ARCHIVE, SOCKETS = 1, 2, 3, 4
"""Unit ids of the example's relay modules."""

HOT = date(2026, 7, 14)
COLD = date(2026, 1, 13)


@lru_cache(maxsize=1)
def annex() -> Site:
    loaded = load_site(ANNEX)
    assert loaded.site is not None
    return loaded.site


def world_at(site: Site, day: date, hour: float, *, seed: int = 1) -> World:
    return World(site, seed=seed, start=datetime.combine(day, time(), site.zone) + timedelta(hours=hour))


def switch(world: World, unit: int, coil: int, *, on: bool, link: str = "relays") -> None:
    world.write(link, unit, 5, coil, [int(on)])


def coils(world: World, unit: int, count: int = 8, table: Table = Table.COIL, link: str = "relays") -> list[int]:
    packed = world.read(link, unit, table, 0, count)
    return [packed[bit // 8] >> bit % 8 & 1 for bit in range(count)]


def test_corridor_lamps_take_their_power_while_their_relay_is_on_and_emergency_lamps_always() -> None:
    world = world_at(office(), HOT, 10.0)
    assert coils(world, LIGHTS) == [1] * 8
    before_kw = world.value("meter-public-lighting.power")
    for coil in range(5):
        switch(world, LIGHTS, coil, on=False)
    settle(world, 2 / 60, step_min=1)
    assert before_kw - world.value("meter-public-lighting.power") == pytest.approx(5 * 0.24, rel=0.05)
    assert world.value("meter-public-lighting.power") > 0.25
    assert world.value("lights-f1.on") == 0.0


def test_a_hall_with_its_lamps_off_is_as_bright_as_daylight_makes_it() -> None:
    world = world_at(office(), HOT, 10.0)
    before_lx = world.value("lux-hall-4.illuminance")
    switch(world, LIGHTS, 5, on=False)
    settle(world, 1 / 60, step_min=1)
    assert before_lx - world.value("lux-hall-4.illuminance") == pytest.approx(300.0, abs=20.0)
    assert world.value("lux-hall-4.illuminance") == pytest.approx(
        0.01 * world.value("lux-outdoor.illuminance"), abs=1.0
    )


def test_at_night_it_is_dark_and_lamps_forgotten_burn_until_they_are_switched_off() -> None:
    site = office()
    nights = [world_at(site, HOT, 23.0, seed=seed) for seed in range(1, 6)]
    assert all(world.value("lux-outdoor.illuminance") == 0.0 for world in nights)
    bright = [world for world in nights if world.value("lux-hall-4.illuminance") > 0]
    assert 0 < len(bright) < len(nights)
    switch(bright[0], LIGHTS, 5, on=False)
    settle(bright[0], 1 / 60, step_min=1)
    assert bright[0].value("lux-hall-4.illuminance") == 0.0


def test_landscape_lamps_burn_in_the_evening_and_are_on_their_own_meter() -> None:
    world = world_at(office(), HOT, 12.0)
    assert world.value("meter-landscape.power") == 0.0
    world = world_at(office(), HOT, 21.0)
    assert world.value("meter-landscape.power") == pytest.approx(LANDSCAPE_KW)
    switch(world, LIGHTS, 7, on=False)
    settle(world, 1 / 60, step_min=1)
    assert world.value("meter-landscape.power") == 0.0


def test_a_parked_lift_leaves_the_traffic_to_the_other_and_its_relay_is_energised_for_that() -> None:
    world = world_at(office(), HOT, 11.0)
    assert coils(world, LIFTS, 3)[::2] == [0, 0]
    switch(world, LIFTS, 0, on=True)
    assert world.value("lift-1.on") == 0.0
    assert world.value("lift-2.on") == 1.0
    settle(world, 1 / 60, step_min=1)
    switches = world.building.switches
    first, second = (
        switches.power_kw[[item.id for item in switches.items].index(name)] for name in ("lift-1", "lift-2")
    )
    assert first == LIFT_PARKED_KW
    assert second > 0.3
    assert world.value("meter-lifts.power") > first + second


def test_the_contacts_of_a_lift_say_fire_and_inspection_when_they_are_told_to() -> None:
    world = world_at(office(), HOT, 11.0)
    assert coils(world, LIFTS, 4, Table.DISCRETE) == [0, 0, 0, 0]
    world.faults.force("lift-1.fire", state_value("lift_operation", "fire"))
    world.faults.force("lift-2.inspection", state_value("lift_operation", "inspection"))
    settle(world, 1 / 60, step_min=1)
    assert coils(world, LIFTS, 4, Table.DISCRETE) == [1, 0, 0, 1]
    world.faults.heal()
    settle(world, 1 / 60, step_min=1)
    assert coils(world, LIFTS, 4, Table.DISCRETE) == [0, 0, 0, 0]


def test_a_dehumidifier_dries_its_room_to_its_own_limit_and_says_that_it_runs() -> None:
    dry, wet = world_at(office(), HOT, 9.0), world_at(office(), HOT, 9.0)
    switch(dry, ARCHIVE, 0, on=True)
    settle(dry, 3.0)
    settle(wet, 3.0)
    assert coils(dry, ARCHIVE, 1, Table.DISCRETE) == [1]
    assert dry.value("climate-archive-room.humidity") < wet.value("climate-archive-room.humidity") - 4.0
    assert dry.value("climate-archive-room.humidity") > 40.0
    assert dry.value("climate-archive-room.temperature") >= wet.value("climate-archive-room.temperature")


def test_a_socket_circuit_takes_nothing_when_it_is_off() -> None:
    world = world_at(office(), HOT, 10.0)
    switches = world.building.switches
    row = [item.id for item in switches.items].index("sockets-f4")
    settle(world, 1 / 60, step_min=1)
    assert switches.power_kw[row] > 0.0
    switch(world, SOCKETS, 0, on=False)
    settle(world, 1 / 60, step_min=1)
    assert switches.power_kw[row] == 0.0


def test_a_kettle_behind_a_closed_valve_is_drunk_down_and_filled_when_it_opens() -> None:
    world = world_at(office(), HOT, 8.5)
    kettles = world.building.kettles
    switch(world, 1, 0, on=True, link="field-bus")
    switch(world, 1, 1, on=False, link="field-bus")
    settle(world, 1.5)
    low = float(kettles.litres[0])
    assert low < 15.0
    assert kettles.water_c[0] > 85.0
    switch(world, 1, 1, on=True, link="field-bus")
    settle(world, 1 / 60, step_min=1)
    assert kettles.litres[0] == 25.0
    assert kettles.water_c[0] < 85.0


def test_heaters_are_brought_on_cold_workdays_only_and_stand_on_the_offices_circuit() -> None:
    site = office()
    layout = Layout(site)
    habits = Habits(layout, 1, lambda day: day.weekday() < 5)
    heads = np.ones(len(layout.spaces))
    cold, warm = (datetime.combine(day, time(10), site.zone) for day in (COLD, HOT))
    assert 1.2 <= habits.heaters_kw(cold, heads, 5.0).max() <= 2.0
    assert habits.heaters_kw(cold, heads, 12.0).max() == 0.0
    assert habits.heaters_kw(warm, heads, 33.0).max() == 0.0
    assert habits.heaters_kw(cold, np.zeros(len(heads)), 5.0).max() == 0.0
    assert habits.heaters_kw(cold.replace(day=17), heads, 5.0).max() == 0.0
    room = int(np.argmax(habits.heaters_kw(cold, heads, 5.0)))
    world = world_at(site, COLD, 10.0)
    meter = f"meter-{layout.spaces[room].id.removeprefix('r')}-sockets"
    assert world.building.outdoor.temperature_c < 12.0
    assert world.value(f"{meter}.power") > 1.2


def test_people_going_in_and_out_open_the_door_for_a_moment() -> None:
    world = world_at(office(), HOT, 8.0)
    opened = 0.0
    for _ in range(3 * 60):
        world.advance(world.now + timedelta(minutes=1))
        opened += world.value("door-meeting-video.open")
    assert 2.0 <= opened <= 20.0


# A plant of chilled water

VALVE, PUMP = 1, 0


def plant(world: World, what: str, *, on: bool) -> None:
    unit, coil = {"chiller": (1, 0), "pump": (2, PUMP), "valve": (2, VALVE)}[what]
    switch(world, unit, coil, on=on, link="plant-room")
    settle(world, 1 / 60, step_min=1)


def cooling_annex() -> World:
    """The annex on a hot day with its fan coils on at 26 C and the plant still off."""
    world = world_at(annex(), HOT, 11.0)
    for unit in range(1, 7):
        world.write("coils", unit, 16, 28301, [1])
        world.write("coils", unit, 16, 28310, [260])
    return world


def test_fan_coils_cool_only_with_cold_water_and_the_plant_makes_it() -> None:
    world = cooling_annex()
    settle(world, 0.5)
    assert world.value("ac-101.room_temperature") > 31.0
    for what in ("valve", "pump", "chiller"):
        plant(world, what, on=True)
    assert coils(world, 2, 2, Table.DISCRETE, "plant-room") == [1, 1]
    assert world.value("chiller-1.running") == 1.0
    settle(world, 1.5)
    assert world.building.chilled_water.water_c[0] == pytest.approx(COLD_C, abs=0.5)
    assert world.value("ac-101.room_temperature") < 29.0
    assert world.value("meter-plant.power") > 2.0
    assert world.value("meter-pump.power") == pytest.approx(0.9, rel=0.02)


def test_the_water_warms_after_the_host_and_no_coil_cools_without_flow() -> None:
    world = cooling_annex()
    for what in ("valve", "pump", "chiller"):
        plant(world, what, on=True)
    settle(world, 0.5)
    plant(world, "chiller", on=False)
    cold_c = float(world.building.chilled_water.water_c[0])
    settle(world, 1.0)
    assert cold_c < world.building.chilled_water.water_c[0] <= WARM_C
    plant(world, "pump", on=False)
    assert world.building.chilled_water.delivers[0] == 0.0


@pytest.mark.parametrize("missing", ["valve", "pump"])
def test_a_chiller_without_flow_stops_by_itself_and_says_so_until_it_is_switched_off(missing: str) -> None:
    world = cooling_annex()
    for what in {"valve", "pump", "chiller"} - {missing}:
        plant(world, what, on=True)
    assert (world.value("chiller-1.running"), world.value("chiller-1.low_flow")) == (0.0, 1.0)
    plant(world, missing, on=True)
    assert world.value("chiller-1.running") == 0.0
    plant(world, "chiller", on=False)
    plant(world, "chiller", on=True)
    assert (world.value("chiller-1.running"), world.value("chiller-1.low_flow")) == (1.0, 0.0)


def test_a_valve_takes_its_time_both_ways() -> None:
    world = cooling_annex()
    switch(world, 2, VALVE, on=True, link="plant-room")
    seen = []
    for _ in range(2):
        world.advance(world.now + timedelta(seconds=25))
        seen.append(world.value("main-valve.feedback"))
    switch(world, 2, VALVE, on=False, link="plant-room")
    for _ in range(2):
        world.advance(world.now + timedelta(seconds=25))
        seen.append(world.value("main-valve.feedback"))
    assert seen == [0.0, 1.0, 1.0, 0.0]


# Gas and heat


def counting(name: str, point: str, quantity: str, unit: str) -> Profile:
    """A meter with one counter."""
    spec = {"id": point, "name": {"zh": "读数"}, "quantity": quantity, "unit": unit, "counter": True,
            "table": "holding", "address": 0, "type": "float32"}  # fmt: skip
    source = {"document": "made for the tests of the simulated building", "grade": "community"}
    return Profile.model_validate(
        {"profile": name, "name": {"zh": name}, "kind": name, "protocol": "modbus", "source": source, "modbus": [spec]}
    )


def with_meters() -> Site:
    """The annex with a gas meter, a heat meter for the whole plant and one behind it for the fan coil of room 101."""
    file = annex().file
    profiles = {
        "gas_meter": counting("gas_meter", "volume", "gas_volume", "m3"),
        "heat_meter": counting("heat_meter", "heat", "heat_energy", "GJ"),
    }
    wanted = (("gas", "gas_meter", 31, None), ("heat", "heat_meter", 32, None), ("heat-101", "heat_meter", 33, "heat"))
    devices = [Device(id=f"d-{name}", profile=kind, link="meters", unit=unit) for name, kind, unit, _ in wanted]
    meters = [
        Meter.model_validate({"id": name, "kind": kind, "device": f"d-{name}", "parent": parent})
        for name, kind, _, parent in wanted
    ]
    equipment = [
        item.model_copy(update={"heat_meter": "heat-101"}) if item.id == "ac-101" else item for item in file.equipment
    ]
    changed = file.model_copy(update={"devices": (*file.devices, *devices), "equipment": (*equipment, *meters)})
    return build_site(changed, {**ProfileLibrary(), **profiles})


def test_gas_burns_before_noon_and_heat_meters_count_what_the_coils_take() -> None:
    world = world_at(with_meters(), HOT, 9.0)
    for unit in range(1, 7):
        world.write("coils", unit, 16, 28301, [1])
    for what in ("valve", "pump", "chiller"):
        plant(world, what, on=True)
    before = world.counters()
    settle(world, 0.75)
    early = {point: value - before[point] for point, value in world.counters().items()}
    assert early["gas.volume"] == 0.0
    settle(world, 2.0)
    used = {point: value - before[point] for point, value in world.counters().items()}
    assert 0.3 < used["gas.volume"] < 3.0
    assert 0.0 < used["heat-101.heat"] < used["heat.heat"]
    electric_gj = used["meter-plant.energy_import"] * 0.0036
    assert 2.0 < used["heat.heat"] / electric_gj < 7.0
