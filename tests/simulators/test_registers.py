"""What stands in the registers, and what a write means. Vectors are written by hand."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.errors import DeviceRefused, NoAnswer
from facility.model import Device
from facility.profiles import ModbusPoint, Table
from simulators.registers.encoding import decode
from simulators.registers.wire import byte_places
from simulators.world import World
from tests.simulators.buildings import FAN, MODE, ON, SETPOINT, UNIT_401, hot_noon, office, site_of
from tests.sites import small_site, small_site_data

METER = Device(id="m", profile="p", link="l", unit=1, ct_ratio=40.0)


def small_world() -> World:
    site = small_site()
    return World(site, seed=1, start=hot_noon(site))


@pytest.mark.parametrize(
    ("order", "wire"), [("ABCD", "449A5000"), ("CDAB", "5000449A"), ("BADC", "9A440050"), ("DCBA", "00509A44")]
)
def test_the_four_byte_orders_of_1234_5_as_float32(order: str, wire: str) -> None:
    big_endian = struct.pack(">f", 1234.5)
    assert bytes(big_endian[place] for place in byte_places(order, 4)).hex().upper() == wire
    spec = _spec(type="float32", order=order)
    assert decode(spec, METER, bytes.fromhex(wire)) == 1234.5


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("ABCD", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("CDAB", [6, 7, 4, 5, 2, 3, 0, 1]),
        ("BADC", [1, 0, 3, 2, 5, 4, 7, 6]),
        ("DCBA", [7, 6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_eight_byte_values_follow_the_same_patterns(order: str, places: list[int]) -> None:
    assert byte_places(order, 8) == places


def test_a_secondary_register_times_the_transformer_ratio_is_the_power() -> None:
    data = small_site_data()
    data["devices"][1]["ct_ratio"] = 40
    site = site_of(data)
    world = World(site, seed=1, start=hot_noon(site))
    raw = struct.unpack(">f", world.read("meters", 1, Table.HOLDING, 0x2012, 2))[0]
    assert raw * 0.1 / 1000.0 * 40.0 == pytest.approx(world.value("main-meter.power"), rel=1e-6)


def test_a_unit_shows_tenths_of_a_degree_and_its_own_codes() -> None:
    world = small_world()
    registers = _registers(world, UNIT_401, 8)
    assert registers[MODE] == 0
    assert registers[FAN] == 3
    assert registers[SETPOINT] == 260
    assert registers[ON] == 0
    assert registers[6] == round(world.value("ac-401.room_temperature") * 10)


def test_a_write_is_read_back_at_once_and_changes_the_unit() -> None:
    world = small_world()
    world.write("plant", 1, 6, UNIT_401 + ON, [1])
    world.write("plant", 1, 6, UNIT_401 + SETPOINT, [285])
    world.write("plant", 1, 6, UNIT_401 + MODE, [5])
    world.write("plant", 1, 6, UNIT_401 + FAN, [0])
    assert _registers(world, UNIT_401, 4) == [5, 0, 285, 1]
    assert [world.value(f"ac-401.{name}") for name in ("on", "setpoint", "mode", "fan")] == [1.0, 28.5, 3.0, 1.0]
    assert world.value("ac-402.setpoint") == 26.0, "the neighbour keeps its own"


def test_an_order_written_elsewhere_than_it_is_read_shows_in_both_places() -> None:
    site = office()
    hitachi = next(
        item for item in site.indoor_units.values() if site.devices[item.device].profile == "hitachi_hc_a64mb"
    )
    point = site.points[f"{hitachi.id}.setpoint"]
    device = site.devices[hitachi.device]
    assert point.write_address is not None
    assert point.address is not None
    assert device.unit is not None
    world = World(site, seed=1, start=hot_noon(site))
    world.write(device.link, device.unit, 6, point.write_address, [29])
    for address in (point.address, point.write_address):
        assert world.read(device.link, device.unit, Table.HOLDING, address, 1) == (29).to_bytes(2, "big")


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        pytest.param(lambda w: w.read("plant", 1, Table.HOLDING, 15, 1), 2, id="below the first unit"),
        pytest.param(lambda w: w.read("plant", 1, Table.HOLDING, 16, 100), 2, id="over the last unit"),
        pytest.param(lambda w: w.read("plant", 1, Table.INPUT, 16, 1), 2, id="a table it does not have"),
        pytest.param(lambda w: w.write("plant", 1, 6, 5000, [1]), 2, id="an order to nowhere"),
        pytest.param(lambda w: w.write("plant", 1, 6, UNIT_401 + 6, [1]), 2, id="the room's temperature"),
        pytest.param(lambda w: w.write("plant", 1, 16, UNIT_401 + ON, [1]), 1, id="a function it does not take"),
        pytest.param(lambda w: w.write("plant", 1, 3, UNIT_401 + ON, [1]), 1, id="a function that reads"),
        pytest.param(lambda w: w.write("plant", 1, 6, UNIT_401 + MODE, [9]), 3, id="a mode it does not know"),
    ],
)
def test_what_a_device_does_not_have_it_refuses(attempt: Callable[[World], object], code: int) -> None:
    with pytest.raises(DeviceRefused) as refused:
        attempt(small_world())
    assert refused.value.code == code


def test_a_unit_id_that_nobody_has_stays_silent() -> None:
    with pytest.raises(NoAnswer):
        small_world().read("meters", 99, Table.HOLDING, 0x2012, 2)


def test_a_setpoint_beyond_the_devices_range_is_held_at_its_end() -> None:
    world = small_world()
    world.write("plant", 1, 6, UNIT_401 + SETPOINT, [400])
    assert world.value("ac-401.setpoint") == 30.0


def test_gaps_that_a_master_may_read_across_hold_nothing() -> None:
    assert _registers(small_world(), UNIT_401 + 9, 7) == [0] * 7


def test_every_point_of_the_shipped_site_can_be_read_and_means_what_the_building_is() -> None:
    site = office()
    world = World(site, seed=1, start=datetime(2026, 7, 10, 11, tzinfo=site.zone))
    checked = 0
    for point in site.points.values():
        device = site.devices[point.device]
        if not isinstance(point.spec, ModbusPoint) or point.spec.type == "bit":
            continue
        assert point.address is not None
        wire = world.read(device.link, device.unit or 1, point.spec.table, point.address, point.spec.registers)
        value = decode(point.spec, device, wire)
        assert value is not None, point.id
        truth = world.value(point.id)
        if point.spec.enumeration is None:
            step = float(point.spec.scale) if "int" in point.spec.type else abs(truth) * 1e-6
            assert math.isclose(value, truth, abs_tol=step * device.ct_ratio * device.pt_ratio + 1e-9), point.id
        assert point.low is None or value >= point.low, point.id
        assert point.high is None or value <= point.high, point.id
        checked += 1
    assert checked > 900


@given(raw=st.integers(-32768, 32767), scale=st.sampled_from(["1", "0.1", "0.01"]))
def test_a_written_number_is_the_register_times_its_scale(raw: int, scale: str) -> None:
    spec = _spec(type="int16", order="ABCD", scale=float(scale))
    value = decode(spec, METER, raw.to_bytes(2, "big", signed=True))
    assert value == pytest.approx(raw * float(scale), abs=1e-9)


def _registers(world: World, address: int, count: int) -> list[int]:
    raw = world.read("plant", 1, Table.HOLDING, address, count)
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def _spec(**fields: object) -> ModbusPoint:
    common = {"id": "x", "name": {"zh": "值"}, "quantity": "temperature", "unit": "Cel", "table": "holding"}
    return ModbusPoint.model_validate({**common, "address": 0, **fields})
