"""Every shipped profile against what its device puts on the wire."""

from __future__ import annotations

import struct

import pytest

from facility.errors import NotRepresentable
from facility.model.entries import Device as DeviceEntry
from facility.model.entries import IndoorUnit, Kettle, Meter, Sensor, Switch
from facility.model.site import BIT_TABLES, Point, points_of_equipment
from facility.profiles import ProfileLibrary
from facility.profiles.schema import Kind, ModbusPoint, Profile, Table, WireProtocol
from facility.quantities import ENUMERATIONS, state_value
from facility.readings import Status
from gateway.codec import decode, ratio_of
from gateway.compound import Source, Use, compound_reader
from gateway.encoding import encode
from tests.gateway.profiles.collected import ANSWERS, ORDERS
from tests.gateway.profiles.possible import can_be_bad, can_be_negative
from tests.gateway.profiles.vectors import (
    FAN_CODES,
    MODE_CODES,
    MODES_WRITTEN,
    NOT_TAKEN,
    Answer,
    Meaning,
    Order,
)

LIBRARY = ProfileLibrary()
MODBUS = [name for name, profile in LIBRARY.items() if profile.protocol is WireProtocol.MODBUS]
AC_GATEWAYS = [name for name, profile in LIBRARY.items() if profile.kind is Kind.AC_GATEWAY]
CODES = (*range(0x200), 0x0500, 0x7FFF, 0x8000, 0xFF00, 0xFFFE, 0xFFFF)
ACCUMULATING = ("active_energy", "reactive_energy", "water_volume", "gas_volume", "heat_energy")
READ_FUNCTIONS = {1: Table.COIL, 2: Table.DISCRETE, 3: Table.HOLDING, 4: Table.INPUT}


def points_of(profile: str, slot: int | None) -> dict[str, Point]:
    """The points of one equipment on such a device, by their profile id."""
    device = DeviceEntry(id="d", profile=profile, link="l", unit=1)
    item: IndoorUnit | Kettle | Meter | Sensor | Switch
    match LIBRARY[profile].kind:
        case Kind.AC_GATEWAY:
            item = IndoorUnit(
                id="e", kind="indoor_unit", device="d", slot=slot, outdoor_unit="o", capacity_kw=5.6, serves=("r",)
            )
        case Kind.RELAY:
            item = Kettle(id="e", kind="kettle", device="d", slot=slot)
        case Kind.CHILLER:
            item = Switch(id="e", kind="chiller", device="d")
        case Kind.SENSOR:
            item = Sensor(id="e", kind="climate_sensor", device="d")
        case _:
            item = Meter(id="e", kind="electricity_meter", device="d", slot=slot)
    return {point.spec.id: point for point in points_of_equipment(item, device, LIBRARY[profile])}


def bytes_of(point: Point, start: int, data: bytes) -> bytes:
    """A point's own bytes in an answer to a read that began at `start`."""
    spec = point.spec
    assert isinstance(spec, ModbusPoint)
    assert point.address is not None
    offset = point.address - start
    assert offset >= 0
    if spec.table in BIT_TABLES:
        return bytes([data[offset // 8] >> offset % 8 & 1])
    return data[2 * offset : 2 * (offset + spec.registers)]


def sources_of(vector: Answer, spec: ModbusPoint, start: int) -> tuple[Source, ...]:
    """What a point's value hangs on, in the same answer."""
    specs = {other.id: other for other in LIBRARY[vector.profile].modbus}
    uses: list[tuple[str, Use]] = [(scale.point, scale.use) for scale in spec.scale_from]
    if spec.plus is not None:
        uses.append((spec.plus, "plus"))
    slots = LIBRARY[vector.profile].slots
    places = {
        other.id: other.address + (0 if slots is None else slots.origin(other.table, vector.slot, other.stride))
        for other in specs.values()
    }
    return tuple(Source(specs[name], use, places[name] - start) for name, use in uses)


def decoded_of(vector: Answer, point: Point, start: int, data: bytes) -> tuple[float | None, Status]:
    """A point's value in an answer to a read that began at `start`."""
    spec = point.spec
    assert isinstance(spec, ModbusPoint)
    assert point.address is not None
    ratio = ratio_of(spec, vector.ct_ratio, vector.pt_ratio)
    sources = sources_of(vector, spec, start)
    if not sources:
        return decode(spec, bytes_of(point, start, data), ratio)
    return compound_reader(spec, point.address - start, sources, ratio=ratio, low=None, high=None)(data)


def meaning(point: Point, decoded: tuple[float | None, Status]) -> Meaning:
    """What was decoded, as a vector says it."""
    value, status = decoded
    if value is None:
        return status
    return value if point.spec.enumeration is None else ENUMERATIONS[point.spec.enumeration][int(value)]


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda v: f"{v.profile}-{v.request}-{v.answer[-9:]}")
def test_an_answer_means_what_the_maker_says(vector: Answer) -> None:
    function, start, count = struct.unpack(">BHH", bytes.fromhex(vector.request))
    answer = bytes.fromhex(vector.answer)
    assert answer[:2] == bytes([function, len(answer) - 2])
    expected_bytes = (count + 7) // 8 if function < 3 else 2 * count
    assert answer[1] == expected_bytes
    points = points_of(vector.profile, vector.slot)
    for name, meant in vector.means.items():
        point = points[name]
        assert isinstance(point.spec, ModbusPoint)
        assert point.spec.table is READ_FUNCTIONS[function]
        decoded = decoded_of(vector, point, start, answer[2:])
        assert meaning(point, decoded) == meant, name
        assert (decoded[0] is None) == (decoded[1] is not Status.GOOD)


@pytest.mark.parametrize("order", ORDERS, ids=lambda o: f"{o.profile}-{o.point}-{o.value}")
def test_an_order_is_written_as_the_maker_says(order: Order) -> None:
    point = points_of(order.profile, order.slot)[order.point]
    spec = point.spec
    assert isinstance(spec, ModbusPoint)
    assert spec.write is not None
    value = state_value(spec.enumeration or "", order.value) if isinstance(order.value, str) else order.value
    (word,) = encode(spec, value)
    sent = (0xFF00 if word else 0) if spec.write.function == 5 else word
    assert point.write_address is not None
    single = struct.pack(">BHH", spec.write.function, point.write_address, sent)
    several = struct.pack(">BHHBH", spec.write.function, point.write_address, 1, 2, sent)
    request = several if spec.write.function == 16 else single
    assert request.hex() == order.request.replace(" ", "").lower()


@pytest.mark.parametrize(("profile", "name", "value"), NOT_TAKEN)
def test_what_a_device_does_not_take_is_refused_before_it_is_sent(profile: str, name: str, value: float) -> None:
    spec = points_of(profile, 0)[name].spec
    assert isinstance(spec, ModbusPoint)
    with pytest.raises(NotRepresentable):
        encode(spec, value)


@pytest.mark.parametrize("profile", MODBUS)
def test_every_point_of_a_shipped_profile_has_a_vector(profile: str) -> None:
    seen = {name for vector in ANSWERS if vector.profile == profile for name in vector.means}
    assert seen == {point.id for point in LIBRARY[profile].points}


@pytest.mark.parametrize("profile", MODBUS)
def test_every_writable_point_has_an_order(profile: str) -> None:
    writable = {point.id for point in LIBRARY[profile].modbus if point.write is not None}
    assert {order.point for order in ORDERS if order.profile == profile} == writable


@pytest.mark.parametrize("profile", MODBUS)
def test_the_vectors_of_a_profile_hold_a_zero_a_negative_and_a_sentinel(profile: str) -> None:
    means = [meant for vector in ANSWERS if vector.profile == profile for meant in vector.means.values()]
    points = [point for point in LIBRARY[profile].modbus if not point.internal]
    assert 0.0 in means or "off" in means
    assert any(isinstance(meant, float) and meant < 0 for meant in means) or not any(map(can_be_negative, points))
    assert any(isinstance(meant, Status) for meant in means) or not any(map(can_be_bad, points))


def code_point(profile: str, name: str) -> tuple[Point, ModbusPoint]:
    """A coded point of a gateway's first unit."""
    point = points_of(profile, 0)[name]
    assert isinstance(point.spec, ModbusPoint)
    return point, point.spec


@pytest.mark.parametrize("profile", AC_GATEWAYS)
@pytest.mark.parametrize(("name", "table"), [("mode", MODE_CODES), ("fan", FAN_CODES)])
def test_every_code_is_its_state_and_any_other_is_unknown_never_off(
    profile: str, name: str, table: dict[str, dict[int, str]]
) -> None:
    point, spec = code_point(profile, name)
    for code in CODES:
        expected = table[profile].get(code, Status.UNKNOWN_CODE)
        assert meaning(point, decode(spec, code.to_bytes(2, "big"))) == expected


@pytest.mark.parametrize("profile", AC_GATEWAYS)
def test_all_five_modes_can_be_ordered(profile: str) -> None:
    _, spec = code_point(profile, "mode")
    written = {mode: encode(spec, state_value("hvac_mode", mode))[0] for mode in ENUMERATIONS["hvac_mode"]}
    assert written == MODES_WRITTEN[profile]


@pytest.mark.parametrize("profile", [*AC_GATEWAYS, "waveshare_relay", "waveshare_relay_d", "thermal_care_accuchiller"])
def test_on_and_off_are_exactly_one_and_zero(profile: str) -> None:
    point, spec = code_point(profile, "on")
    size = 1 if spec.type == "bit" else 2
    known = {0: "off", 1: "on"}
    for code in range(2) if spec.type == "bit" else CODES:
        assert meaning(point, decode(spec, code.to_bytes(size, "big"))) == known.get(code, Status.UNKNOWN_CODE)


@pytest.mark.parametrize("profile", AC_GATEWAYS)
def test_an_ac_gateway_tells_and_takes_what_control_needs(profile: str) -> None:
    points = {point.id: point for point in LIBRARY[profile].modbus}
    assert {"on", "mode", "setpoint", "fan", "room_temperature", "fault"} <= points.keys()
    for name in ("on", "mode", "setpoint", "fan"):
        assert points[name].write is not None
        assert points[name].poll == "fast"


@pytest.mark.parametrize("profile", list(LIBRARY))
def test_a_profile_says_where_its_facts_come_from_and_is_named_in_both_languages(profile: str) -> None:
    entry: Profile = LIBRARY[profile]
    assert len(entry.source.document) > 20
    assert entry.name.en
    for point in entry.points:
        assert point.name.en, point.id
        assert point.unit is not None or point.quantity == "state", point.id


@pytest.mark.parametrize("profile", [name for name in LIBRARY if "meter" in LIBRARY[name].kind])
def test_counters_of_meters_only_count_up(profile: str) -> None:
    points = LIBRARY[profile].points
    counters = {point.id for point in points if point.counter or point.counter_max}
    accumulating = {point.id for point in points if point.quantity in ACCUMULATING}
    may_count = {point.id for point in points if point.quantity in ("count", "operating_time")}
    assert accumulating <= counters <= accumulating | may_count
    assert counters
