"""One point's registers to its value and back: vectors by hand, then what holds for every value."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.errors import NotRepresentable
from facility.profiles.schema import ModbusPoint, Table
from facility.readings import Status
from gateway.block import BlockDecoder, Field
from gateway.codec import decode, ratio_of
from gateway.encoding import encode


def point(**facts: Any) -> ModbusPoint:
    """A point; an unbounded count unless said otherwise."""
    base: dict[str, Any] = {"id": "p", "name": {"zh": "点"}, "quantity": "count", "table": "holding", "address": 0}
    return ModbusPoint.model_validate(base | facts)


POWER = {"quantity": "active_power", "unit": "W"}
TEMPERATURE = {"quantity": "temperature", "unit": "Cel", "type": "int16", "scale": 0.1}
ENERGY = {"quantity": "active_energy", "low": 0}
MODE = {"quantity": "state", "enumeration": "hvac_mode", "codes": {0: "cool", 1: "heat", 2: "auto", 3: "dry", 5: "fan"}}

VALUES = [
    # 1234.5 as float32 in all four orders
    ({"type": "float32"}, "44 9A 50 00", 1234.5),
    ({"type": "float32", "order": "CDAB"}, "50 00 44 9A", 1234.5),
    ({"type": "float32", "order": "BADC"}, "9A 44 00 50", 1234.5),
    ({"type": "float32", "order": "DCBA"}, "00 50 9A 44", 1234.5),
    # 0x0123456789ABCDEF in all four orders
    ({"type": "uint64"}, "01 23 45 67 89 AB CD EF", 81985529216486895.0),
    ({"type": "uint64", "order": "CDAB"}, "CD EF 89 AB 45 67 01 23", 81985529216486895.0),
    ({"type": "uint64", "order": "BADC"}, "23 01 67 45 AB 89 EF CD", 81985529216486895.0),
    ({"type": "uint64", "order": "DCBA"}, "EF CD AB 89 67 45 23 01", 81985529216486895.0),
    ({"type": "float64"}, "40 93 4A 00 00 00 00 00", 1234.5),
    ({"type": "int64"}, "FF FF FF FF FF FF FF FE", -2.0),
    ({"type": "int32"}, "FF FF FF FE", -2.0),
    ({"type": "uint32"}, "FF FF FF FE", 4294967294.0),
    ({"type": "int16"}, "80 00", -32768.0),
    ({"type": "uint16", "order": "BADC"}, "34 12", 0x1234),
    # tenths stay tenths: 285 * 0.1 is 28.500000000000004 in floating point, and 3 * 0.1 is not 0.3
    (TEMPERATURE, "01 1D", 28.5),
    (TEMPERATURE, "00 03", 0.3),
    (TEMPERATURE, "FF CE", -5.0),
    (TEMPERATURE, "00 00", 0.0),
    ({**TEMPERATURE, "offset": -40, "scale": 0.01}, "1A 2C", 27.0),
    # more digits than a float holds are rounded once, in the canonical unit
    ({"type": "uint64", "scale": 3}, "00 20 00 00 00 00 00 01", 27021597764222979.0),
    ({"quantity": "active_energy", "unit": "Wh", "type": "uint64"}, "00 00 00 E8 D4 A5 0F FF", 999999999.999),
    ({**ENERGY, "type": "uint32", "scale": 0.01}, "FF FF FF FF", 42949672.95),
    ({**POWER, "type": "float32", "scale": 0.1}, "44 9A 50 00", 0.12345),
    ({**POWER, "type": "float32"}, "80 00 00 00", 0.0),
    ({"type": "uint16", "bit": 3}, "00 08", 1.0),
    ({"type": "uint16", "bit": 3}, "FF F7", 0.0),
    ({"type": "uint16", "bits": (8, 10)}, "05 FF", 5.0),
    (MODE, "00 05", 3.0),
    (MODE, "00 00", 0.0),
    ({"quantity": "state", "enumeration": "off_on"}, "00 01", 1.0),
    ({**MODE, "type": "uint16", "bits": (8, 11)}, "21 00", 1.0),
    ({"quantity": "state", "enumeration": "off_on", "table": "coil", "type": "bit"}, "01", 1.0),
    ({"quantity": "state", "enumeration": "ok_fault", "table": "discrete", "type": "bit"}, "00", 0.0),
    ({"quantity": "state", "enumeration": "pipe", "codes": {"0x55": "empty", "0xAA": "full"}}, "00 AA", 1.0),
]


@pytest.mark.parametrize(("facts", "raw", "value"), VALUES)
def test_registers_become_exact_values(facts: dict[str, Any], raw: str, value: float) -> None:
    assert decode(point(**facts), bytes.fromhex(raw)) == (value, Status.GOOD)
    found, _ = decode(point(**facts), bytes.fromhex(raw))
    assert math.copysign(1, found or 0.0) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("facts", "raw", "status"),
    [
        ({"type": "float32"}, "7F C0 00 00", Status.NOT_A_NUMBER),
        ({"type": "float32"}, "7F 80 00 00", Status.NOT_A_NUMBER),
        ({"type": "float32"}, "FF 80 00 00", Status.NOT_A_NUMBER),
        ({"type": "float64"}, "FF F0 00 00 00 00 00 00", Status.NOT_A_NUMBER),
        ({**POWER, "type": "float32"}, "FF C0 00 00", Status.NOT_A_NUMBER),
        ({"type": "int16", "invalid": [0x8000]}, "80 00", Status.NOT_AVAILABLE),
        ({"type": "int16", "invalid": [-32768]}, "80 00", Status.NOT_AVAILABLE),
        ({"type": "uint32", "invalid": [0xFFFFFFFF]}, "FF FF FF FF", Status.NOT_AVAILABLE),
        ({"type": "float32", "invalid": [0x7F7FFFFF]}, "7F 7F FF FF", Status.NOT_AVAILABLE),
        ({**TEMPERATURE, "invalid": [255]}, "00 FF", Status.NOT_AVAILABLE),
        ({**TEMPERATURE, "low": -20, "high": 60}, "03 E7", Status.OUT_OF_RANGE),
        ({"quantity": "frequency"}, "00 00", Status.OUT_OF_RANGE),
        ({"type": "int16", **ENERGY}, "FF FF", Status.OUT_OF_RANGE),
        (MODE, "00 04", Status.UNKNOWN_CODE),
        ({"quantity": "state", "enumeration": "off_on"}, "00 02", Status.UNKNOWN_CODE),
    ],
)
def test_what_is_no_value_says_why(facts: dict[str, Any], raw: str, status: Status) -> None:
    assert decode(point(**facts), bytes.fromhex(raw)) == (None, status)


def test_transformer_ratios_multiply_exactly() -> None:
    meter = point(**ENERGY, type="uint32", scale=0.01, ratio="ct_pt")
    ratio = ratio_of(meter, 40.0, 1.1)
    assert ratio == 44.0
    assert decode(meter, bytes.fromhex("00 00 00 07"), ratio) == (3.08, Status.GOOD)
    assert [ratio_of(point(ratio=name), 40.0, 1.1) for name in ("ct", "pt", None)] == [40.0, 1.1, 1.0]


WRITE = {"function": 6, "minimum": 16, "maximum": 30, "step": 0.5}


@pytest.mark.parametrize(
    ("facts", "value", "registers"),
    [
        ({**TEMPERATURE, "write": WRITE}, 28.0, [0x0118]),
        ({**TEMPERATURE, "write": WRITE}, 28.5, [0x011D]),
        ({**TEMPERATURE, "write": {"function": 6}}, -5.0, [0xFFCE]),
        ({**TEMPERATURE, "write": {"function": 6}}, 0.0, [0]),
        ({"quantity": "temperature", "unit": "Cel", "type": "float32", "order": "CDAB"}, 1.5, [0x0000, 0x3FC0]),
        ({"type": "uint32", "order": "DCBA"}, 0x01020304, [0x0403, 0x0201]),
        (MODE, 3.0, [5]),
        (MODE, 4.0, [2]),
        ({"quantity": "state", "enumeration": "off_on", "table": "coil", "type": "bit"}, 1.0, [1]),
        ({"quantity": "state", "enumeration": "off_on", "codes": {3: "off", 7: "on", 9: "on"}}, 1.0, [7]),
    ],
)
def test_wanted_values_become_registers(facts: dict[str, Any], value: float, registers: list[int]) -> None:
    assert encode(point(**facts), value) == registers


def test_a_bit_field_leaves_its_neighbours_alone() -> None:
    field = point(quantity="state", enumeration="hvac_mode", codes={2: "cool", 1: "heat"}, bits=(8, 10))
    assert encode(field, 0.0, current=b"\xf9\xff") == [0xFAFF]
    assert encode(point(quantity="state", enumeration="off_on", bit=0), 0.0, current=b"\xff\xff") == [0xFFFE]


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({**TEMPERATURE, "write": WRITE}, 15.5),
        ({**TEMPERATURE, "write": WRITE}, 30.5),
        ({**TEMPERATURE, "write": WRITE}, 26.3),
        ({**TEMPERATURE, "write": {"function": 6}}, 26.25),
        ({"quantity": "temperature", "unit": "Cel", "type": "int16", "write": {"function": 6}}, 26.5),
        ({**TEMPERATURE, "write": WRITE}, math.nan),
        ({"type": "uint16"}, 65536.0),
        ({"type": "uint16"}, -1.0),
        (MODE, 7.0),
        ({"quantity": "state", "enumeration": "hvac_mode", "codes": {0: "cool"}}, 4.0),
    ],
)
def test_what_the_register_cannot_hold_is_refused_in_both_languages(facts: dict[str, Any], value: float) -> None:
    with pytest.raises(NotRepresentable) as caught:
        encode(point(**facts), value)
    assert caught.value.text.zh
    assert caught.value.text.en


NUMBERS = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q"}


@given(
    st.sampled_from(sorted(NUMBERS)),
    st.sampled_from(["ABCD", "CDAB", "BADC", "DCBA"]),
    st.sampled_from(["1", "0.1", "0.01", "0.001", "10", "0.0002"]),
    st.data(),
)
def test_integers_are_scaled_exactly_and_rounded_once(kind: str, order: str, scale: str, data: st.DataObject) -> None:
    size = struct.calcsize(NUMBERS[kind])
    raw = data.draw(st.binary(min_size=size, max_size=size))
    words = [raw[place : place + 2] for place in range(0, size, 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    plain = b"".join(word[::-1] if order in ("BADC", "DCBA") else word for word in words)
    number = int.from_bytes(plain, "big", signed=kind.startswith("i"))
    value, status = decode(point(type=kind, order=order, scale=float(scale)), raw)
    assert (value, status) == (float(number * Fraction(scale)), Status.GOOD)


@given(st.integers(160, 300), st.sampled_from(["ABCD", "BADC"]))
def test_a_setpoint_written_reads_back_the_same(tenths: int, order: str) -> None:
    spec = point(**TEMPERATURE, order=order, write={"function": 6})
    registers = encode(spec, tenths / 10)
    assert decode(spec, b"".join(register.to_bytes(2, "big") for register in registers)) == (tenths / 10, Status.GOOD)


KINDS = st.builds(
    lambda kind, order, address: point(type=kind, order=order, address=address),
    st.sampled_from([*NUMBERS, "float32", "float64"]),
    st.sampled_from(["ABCD", "CDAB", "BADC", "DCBA"]),
    st.integers(0, 12),
)


@given(st.lists(KINDS, min_size=1, max_size=12), st.binary(min_size=40, max_size=40), st.booleans())
def test_a_whole_answer_decodes_as_its_points_do_one_by_one(
    points: list[ModbusPoint], answer: bytes, in_order: bool
) -> None:
    if in_order:
        points.sort(key=lambda spec: spec.address)
    block = BlockDecoder([Field(spec=spec, offset=spec.address) for spec in points], 20)
    values, statuses = block.decode(answer)
    single = [decode(spec, answer[2 * spec.address : 2 * (spec.address + spec.registers)]) for spec in points]
    assert values == [value for value, _ in single]
    assert (statuses or [Status.GOOD] * len(points)) == [status for _, status in single]


def test_a_whole_answer_of_bits_decodes_lowest_first() -> None:
    facts = {"quantity": "state", "enumeration": "off_on", "table": "coil", "type": "bit"}
    block = BlockDecoder([Field(spec=point(**facts), offset=offset) for offset in (0, 2, 9)], 10)
    assert block.decode(bytes.fromhex("04 02")) == ([0.0, 1.0, 1.0], None)


def test_bounds_of_the_site_replace_those_of_the_profile() -> None:
    spec = point(**TEMPERATURE, table=Table.INPUT)
    block = BlockDecoder([Field(spec=spec, offset=0, low=-20.0, high=60.0), Field(spec=spec, offset=1)], 2)
    assert block.decode(bytes.fromhex("02 EE 02 EE")) == ([None, 75.0], [Status.OUT_OF_RANGE, Status.GOOD])
