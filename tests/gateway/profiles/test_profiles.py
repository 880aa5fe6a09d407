"""Every shipped profile against what its device puts on the wire."""

from __future__ import annotations

import struct
from collections.abc import Coroutine, Iterator
from typing import Any

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
from gateway.writing import Assignment, WriteRequest, group_of, group_write, single_write
from tests.gateway.profiles.collected import ANSWERS, FAN_CODES, MODE_CODES, MODES_WRITTEN, NOT_TAKEN, ORDERS
from tests.gateway.profiles.possible import can_be_bad, can_be_negative
from tests.gateway.profiles.vectors import Answer, Meaning, Order

LIBRARY = ProfileLibrary()
MODBUS = [name for name, profile in LIBRARY.items() if profile.protocol is WireProtocol.MODBUS]
AC_GATEWAYS = [name for name in MODBUS if LIBRARY[name].kind is Kind.AC_GATEWAY]
RELAYS = [name for name in MODBUS if LIBRARY[name].kind is Kind.RELAY]
CODES = (*range(0x200), 0x0500, 0x7FFF, 0x8000, 0xFF00, 0xFFFE, 0xFFFF)
ACCUMULATING = ("active_energy", "reactive_energy", "water_volume", "gas_volume", "heat_energy")
READ_FUNCTIONS = {1: Table.COIL, 2: Table.DISCRETE, 3: Table.HOLDING, 4: Table.INPUT}
NOTHING = {0.0, *(states[0] for states in ENUMERATIONS.values())}
"""Values that are easily taken for missing ones."""
READ_ONLY = {"daikin_dcpa01"}
"""AC gateways that Houqin only looks at."""
NOT_TOLD = {"daikin_dcpa01": {"fault"}, "onokom_aux_vrf": {"fault"}}
"""What AC gateways do not tell, though control would like to know it."""


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
            item = Sensor(id="e", kind="climate_sensor", device="d", slot=slot)
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


def finished(writing: Coroutine[Any, Any, WriteRequest]) -> WriteRequest:
    """What comes of a coroutine that never has to wait."""
    with pytest.raises(StopIteration) as end:
        writing.send(None)
    request = end.value.value
    assert isinstance(request, WriteRequest)
    return request


def request_of(order: Order) -> WriteRequest:
    """What the gateway sends, given what the device answers to the questions before."""
    answers = {bytes.fromhex(asked): bytes.fromhex(said) for asked, said in order.before.items()}
    functions = {table: function for function, table in READ_FUNCTIONS.items()}

    async def ask(table: Table, address: int, count: int) -> bytes:
        return answers.pop(struct.pack(">BHH", functions[table], address, count))[2:]

    profile, point = LIBRARY[order.profile], points_of(order.profile, order.slot)[order.point]
    value = state_value(point.spec.enumeration or "", order.value) if isinstance(order.value, str) else order.value
    item, group = Assignment(point, value, 1.0), group_of(profile, point)
    if group is None:
        request = finished(single_write(item, ask))
    else:
        slots = profile.slots
        origin = (lambda _: 0) if slots is None else (lambda table: slots.origin(table, order.slot))
        request = finished(group_write(group, origin, [item], ask))
    assert not answers, "it must be asked before"
    return request


@pytest.mark.parametrize("order", ORDERS, ids=lambda o: f"{o.profile}-{o.point}-{o.value}")
def test_an_order_is_written_as_the_maker_says(order: Order) -> None:
    function, address, words = request_of(order)
    sent = [0xFF00 if word else 0 for word in words] if function == 5 else words
    registers = struct.pack(f">{len(sent)}H", *sent)
    head = struct.pack(">BH", function, address)
    several = head + struct.pack(">HB", len(sent), len(registers)) + registers
    request = several if function == 16 else head + registers
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
    assert NOTHING.intersection(means)
    assert any(isinstance(meant, float) and meant < 0 for meant in means) or not any(map(can_be_negative, points))
    assert any(isinstance(meant, Status) for meant in means) or not any(map(can_be_bad, points))


def code_point(profile: str, name: str) -> tuple[Point, ModbusPoint]:
    """A coded point of a gateway's first unit."""
    point = points_of(profile, 0)[name]
    assert isinstance(point.spec, ModbusPoint)
    return point, point.spec


def coded(spec: ModbusPoint) -> Iterator[tuple[int, bytes]]:
    """Every code that fits a point, and its register (or bit) where nothing else is set, and where all else is."""
    if spec.type == "bit":
        yield from ((code, bytes([code])) for code in range(2))
        return
    low, high = spec.field or (0, 15)
    mask = (1 << high - low + 1) - 1
    for code in (code for code in CODES if code <= mask):
        yield code, (code << low).to_bytes(2, "big")
        yield code, (code << low | 0xFFFF ^ mask << low).to_bytes(2, "big")


@pytest.mark.parametrize("profile", AC_GATEWAYS)
@pytest.mark.parametrize(("name", "table"), [("mode", MODE_CODES), ("fan", FAN_CODES)])
def test_every_code_is_its_state_and_any_other_is_unknown_never_off(
    profile: str, name: str, table: dict[str, dict[int, str]]
) -> None:
    point, spec = code_point(profile, name)
    for code, register in coded(spec):
        assert meaning(point, decode(spec, register)) == table[profile].get(code, Status.UNKNOWN_CODE)


@pytest.mark.parametrize("profile", [name for name in AC_GATEWAYS if name not in READ_ONLY])
def test_every_mode_a_gateway_has_can_be_ordered_and_any_other_is_refused(profile: str) -> None:
    _, spec = code_point(profile, "mode")
    written = MODES_WRITTEN[profile]
    assert {"cool", "heat", "fan"} <= written.keys()
    for mode in ENUMERATIONS["hvac_mode"]:
        if mode in written:
            assert encode(spec, state_value("hvac_mode", mode)) == [written[mode]]
        else:
            with pytest.raises(NotRepresentable):
                encode(spec, state_value("hvac_mode", mode))


@pytest.mark.parametrize("profile", [*AC_GATEWAYS, *RELAYS, "thermal_care_accuchiller"])
def test_on_and_off_are_exactly_one_and_zero(profile: str) -> None:
    point, spec = code_point(profile, "on")
    for code, register in coded(spec):
        assert meaning(point, decode(spec, register)) == {0: "off", 1: "on"}.get(code, Status.UNKNOWN_CODE)


@pytest.mark.parametrize("profile", AC_GATEWAYS)
def test_an_ac_gateway_tells_and_takes_what_control_needs(profile: str) -> None:
    points = {point.id: point for point in LIBRARY[profile].modbus}
    wanted = {"on", "mode", "setpoint", "fan", "room_temperature", "fault"}
    assert wanted - points.keys() == NOT_TOLD.get(profile, set())
    for name in ("on", "mode", "setpoint", "fan"):
        assert (points[name].write is None) == (profile in READ_ONLY)
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
