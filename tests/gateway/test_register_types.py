"""Every register type in every byte order: vectors by hand, then that the simulators' own encoder agrees."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.errors import NotRepresentable
from facility.profiles.schema import WIDTHS, ModbusPoint, Order
from facility.readings import Status
from gateway.block import BlockDecoder, Field
from gateway.codec import decode
from gateway.encoding import encode
from gateway.raw import text_of
from simulators.registers.wire import bytes_on_wire, number_on, packed, words_on_wire
from tests.gateway.test_codec import point

ORDERS = get_args(Order)
NAN, GONE, CODE = Status.NOT_A_NUMBER, Status.NOT_AVAILABLE, Status.UNKNOWN_CODE

VECTORS: list[tuple[str, str, str, float]] = [
    # type, order, wire, value. Floats: IEEE 754; 1234.5 as printed by makers for the four orders
    ("float32", "ABCD", "44 9A 50 00", 1234.5),
    ("float32", "CDAB", "50 00 44 9A", 1234.5),
    ("float32", "BADC", "9A 44 00 50", 1234.5),
    ("float32", "DCBA", "00 50 9A 44", 1234.5),
    ("float32", "ABCD", "C4 9A 50 00", -1234.5),
    ("float32", "DCBA", "00 00 00 80", 0.0),
    ("float16", "ABCD", "3C 00", 1.0),
    ("float16", "BADC", "00 3C", 1.0),
    ("float16", "ABCD", "C0 00", -2.0),
    ("float16", "ABCD", "7B FF", 65504.0),
    ("float16", "ABCD", "80 00", 0.0),
    ("float64", "ABCD", "40 93 4A 00 00 00 00 00", 1234.5),
    ("float64", "CDAB", "00 00 00 00 4A 00 40 93", 1234.5),
    ("float64", "BADC", "93 40 00 4A 00 00 00 00", 1234.5),
    ("float64", "DCBA", "00 00 00 00 00 4A 93 40", 1234.5),
    ("int16", "ABCD", "FF FE", -2.0),
    ("int16", "BADC", "FE FF", -2.0),
    ("uint16", "BADC", "34 12", float(0x1234)),
    ("int32", "CDAB", "FF FE FF FF", -2.0),
    ("uint32", "BADC", "02 01 04 03", float(0x01020304)),
    ("uint32", "ABCD", "00 00 00 00", 0.0),
    # 24 bits: the lower three bytes of two registers, whatever the fourth holds
    ("uint24", "ABCD", "00 12 34 56", float(0x123456)),
    ("uint24", "ABCD", "A5 12 34 56", float(0x123456)),
    ("uint24", "CDAB", "34 56 00 12", float(0x123456)),
    ("uint24", "BADC", "12 00 56 34", float(0x123456)),
    ("uint24", "DCBA", "56 34 12 00", float(0x123456)),
    ("int24", "ABCD", "00 FF FF FE", -2.0),
    ("int24", "CDAB", "FF FE FF FF", -2.0),
    ("int24", "ABCD", "FF 00 00 00", 0.0),
    ("uint48", "ABCD", "00 01 02 03 04 05", float(0x0102030405)),
    ("uint48", "CDAB", "04 05 02 03 00 01", float(0x0102030405)),
    ("uint48", "BADC", "01 00 03 02 05 04", float(0x0102030405)),
    ("uint48", "DCBA", "05 04 03 02 01 00", float(0x0102030405)),
    ("int48", "ABCD", "FF FF FF FF FF FE", -2.0),
    ("int48", "DCBA", "FE FF FF FF FF FF", -2.0),
    ("int64", "CDAB", "FF FE FF FF FF FF FF FF", -2.0),
    ("uint64", "DCBA", "EF CD AB 89 67 45 23 01", float(0x0123456789ABCDEF)),
    # packed decimals
    ("bcd8", "ABCD", "FF 42", 42.0),
    ("bcd16", "ABCD", "12 34", 1234.0),
    ("bcd16", "BADC", "34 12", 1234.0),
    ("bcd24", "ABCD", "00 12 34 56", 123456.0),
    ("bcd24", "DCBA", "56 34 12 00", 123456.0),
    ("bcd32", "CDAB", "56 78 12 34", 12345678.0),
    ("bcd32", "ABCD", "00 00 00 00", 0.0),
    ("bcd48", "ABCD", "12 34 56 78 90 12", 123456789012.0),
    ("bcd48", "CDAB", "90 12 56 78 12 34", 123456789012.0),
    ("bcd64", "ABCD", "00 01 23 45 67 89 01 23", 12345678_9_0123.0),
]


@pytest.mark.parametrize(("kind", "order", "wire", "value"), VECTORS)
def test_a_vector_means_its_value_to_the_gateway_and_to_the_simulators(
    kind: str, order: str, wire: str, value: float
) -> None:
    spec = point(type=kind, order=order)
    raw = bytes.fromhex(wire)
    found, status = decode(spec, raw)
    assert (found, status) == (value, Status.GOOD)
    assert math.copysign(1, found or 0.0) == math.copysign(1, value)
    assert float(number_on(spec, raw)) == value


@pytest.mark.parametrize(
    ("facts", "wire", "status"),
    [
        ({"type": "bcd16"}, "12 3A", NAN),
        ({"type": "bcd32"}, "FF FF FF FF", NAN),
        ({"type": "bcd32", "invalid": [0xFFFFFFFF]}, "FF FF FF FF", GONE),
        ({"type": "bcd48", "invalid": [0x999999999999]}, "99 99 99 99 99 99", GONE),
        ({"type": "bcd8", "byte": "high"}, "A0 00", NAN),
        ({"type": "int24", "invalid": [0x800000]}, "00 80 00 00", GONE),
        ({"type": "int24", "invalid": [-1]}, "00 FF FF FF", GONE),
        ({"type": "int48", "invalid": [0x800000000000]}, "80 00 00 00 00 00", GONE),
        ({"type": "uint48", "invalid": [0xFFFFFFFFFFFF]}, "FF FF FF FF FF FF", GONE),
        ({"type": "uint64", "invalid": [0xFFFFFFFFFFFFFFFF]}, "FF FF FF FF FF FF FF FF", GONE),
        ({"type": "int64", "invalid": [0x7FFFFFFFFFFFFFFF]}, "7F FF FF FF FF FF FF FF", GONE),
        ({"type": "int8", "invalid": [0x80]}, "00 80", GONE),
        ({"type": "float16"}, "7E 00", NAN),
        ({"type": "float16"}, "FC 00", NAN),
        ({"type": "float32"}, "FF C0 00 00", NAN),
        ({"type": "float64", "invalid": [0x40934A0000000000]}, "40 93 4A 00 00 00 00 00", GONE),
        ({"type": "string", "length": 2, "quantity": "state", "enumeration": "off_on", "codes": {"RUN": "on"}},
         "53 54 4F 50", CODE),
    ],
)  # fmt: skip
def test_what_is_no_value_is_bad_and_says_why(facts: dict[str, Any], wire: str, status: Status) -> None:
    raw = bytes.fromhex(wire)
    assert decode(point(**facts), raw) == (None, status)
    values, statuses = BlockDecoder([Field(spec=point(**facts), offset=0)], len(raw) // 2).decode(raw)
    assert (list(values), list(statuses or ())) == ([None], [status])


def test_a_counter_of_more_than_53_bits_is_exact_until_it_is_in_the_canonical_unit() -> None:
    """163971058432973793 Wh; through a float first it would be ...792, and another number after scaling."""
    raw = (163971058432973793).to_bytes(8, "big")
    energy = point(quantity="active_energy", unit="Wh", type="uint64", high=1e18)
    found, _ = decode(energy, raw)
    assert found == 163971058432973.793
    tripled = point(type="uint64", scale=3)
    assert decode(tripled, raw) == (float(3 * 163971058432973793), Status.GOOD)
    assert decode(point(type="uint64", offset=-163971058432973792), raw) == (1.0, Status.GOOD)
    values, _ = BlockDecoder([Field(spec=point(type="uint64", offset=-163971058432973792), offset=0)], 4).decode(raw)
    assert list(values) == [1.0]


def test_each_byte_of_a_register_is_a_value_of_its_own() -> None:
    high, low = point(type="int8", byte="high"), point(type="uint8", byte="low")
    raw = bytes.fromhex("FE 00")
    assert decode(high, raw) == (-2.0, Status.GOOD)
    assert decode(low, raw) == (0.0, Status.GOOD)
    values, statuses = BlockDecoder([Field(spec=high, offset=0), Field(spec=low, offset=0)], 1).decode(raw)
    assert (list(values), statuses) == ([-2.0, 0.0], None)
    assert encode(high, -3.0, current=b"\xfe\x07") == [0xFD07]
    assert encode(low, 9.0, current=b"\xfe\x07") == [0xFE09]


@pytest.mark.parametrize(
    ("facts", "wire", "value"),
    [
        ({"type": "uint32", "bits": (12, 19)}, "00 0A B0 00", float(0xAB)),
        ({"type": "uint32", "order": "CDAB", "bit": 31}, "00 00 80 00", 1.0),
        ({"type": "uint32", "order": "CDAB", "bit": 31}, "80 00 7F FF", 0.0),
        ({"type": "uint64", "bit": 63}, "80 00 00 00 00 00 00 00", 1.0),
        ({"type": "uint16", "bits": (8, 10)}, "05 FF", 5.0),
    ],
)
def test_bits_are_taken_from_any_whole_number(facts: dict[str, Any], wire: str, value: float) -> None:
    assert decode(point(**facts), bytes.fromhex(wire)) == (value, Status.GOOD)


WORDS: dict[str, Any] = {
    "type": "string", "length": 3, "quantity": "state", "enumeration": "off_on",
    "codes": {"RUN": "on", "STOP": "off", "运行": "on"}, "charset": "gbk",
}  # fmt: skip


@pytest.mark.parametrize(
    ("order", "wire", "state"),
    [
        ("ABCD", "52 55 4E 20 20 20", 1.0),
        ("ABCD", "53 54 4F 50 00 00", 0.0),
        ("BADC", "54 53 50 4F 00 00", 0.0),
        ("ABCD", "20 20 52 55 4E 00", 1.0),
        ("ABCD", "52 55 4E 00 7F 41", 1.0),
        ("ABCD", "D4 CB D0 D0 00 00", 1.0),
    ],
)
def test_a_word_is_a_state_however_it_is_padded(order: str, wire: str, state: float) -> None:
    assert decode(point(**WORDS, order=order), bytes.fromhex(wire)) == (state, Status.GOOD)


def test_words_stand_beside_numbers_in_one_answer() -> None:
    fields = [Field(spec=point(), offset=0), Field(spec=point(**WORDS), offset=1), Field(spec=point(), offset=4)]
    values, statuses = BlockDecoder(fields, 5).decode(bytes.fromhex("0007 5354 4F50 0000 0000"))
    assert (list(values), statuses) == ([7.0, 0.0, 0.0], None)


def test_what_is_no_text_is_none() -> None:
    assert text_of(point(**WORDS | {"charset": "ascii", "codes": {"RUN": "on"}}), bytes.fromhex("FFFFFFFFFFFF")) is None
    assert text_of(point(**WORDS), bytes(6)) == ""


@pytest.mark.parametrize(
    ("facts", "value", "registers"),
    [
        ({"type": "uint24"}, 0x123456, [0x0012, 0x3456]),
        ({"type": "int24", "order": "CDAB"}, -2, [0xFFFE, 0x00FF]),
        ({"type": "int48", "order": "DCBA"}, -2, [0xFEFF, 0xFFFF, 0xFFFF]),
        ({"type": "bcd16", "scale": 0.1}, 26.5, [0x0265]),
        ({"type": "bcd32", "order": "CDAB"}, 12345678, [0x5678, 0x1234]),
        ({"type": "bcd16"}, 0, [0]),
        ({"type": "float16"}, -2.0, [0xC000]),
        ({**WORDS, "codes": {"RUN": "on", "STOP": "off"}}, 0.0, [0x5354, 0x4F50, 0]),
    ],
)
def test_values_are_written_in_every_type(facts: dict[str, Any], value: float, registers: list[int]) -> None:
    assert encode(point(**facts), value) == registers


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"type": "bcd16"}, 10000.0), ({"type": "bcd16"}, -1.0), ({"type": "uint24"}, 2.0**24),
        ({"type": "int8"}, 128.0),
        ({"type": "uint16", "bits": (0, 3)}, 16.0), ({"type": "float16"}, 1e6),
    ],
)  # fmt: skip
def test_what_a_type_cannot_hold_is_not_written(facts: dict[str, Any], value: float) -> None:
    with pytest.raises(NotRepresentable):
        encode(point(**facts), value)


WHOLE = sorted(kind for kind in WIDTHS if not kind.startswith("float") and kind != "bit")
SPECS = st.builds(
    lambda kind, order, byte, address: point(
        type=kind, order=order, byte=byte if WIDTHS[kind] == 8 else "low", address=address
    ),
    st.sampled_from([*WHOLE, "float16", "float32", "float64"]),
    st.sampled_from(ORDERS),
    st.sampled_from(["high", "low"]),
    st.integers(0, 12),
)


@given(SPECS, st.binary(min_size=8, max_size=8))
def test_the_gateway_reads_what_the_simulators_read(spec: ModbusPoint, data: bytes) -> None:
    raw = data[: 2 * spec.registers]
    theirs = number_on(spec, raw)
    found, status = decode(spec, raw)
    if theirs is None or not math.isfinite(theirs):
        assert (found, status) == (None, NAN)
    else:
        assert (found, status) == (float(theirs), Status.GOOD)


@given(SPECS, st.integers(-(2**52), 2**52))
def test_what_the_simulators_send_is_what_the_gateway_reads_and_would_write(spec: ModbusPoint, number: int) -> None:
    own = packed(spec.type, np.array([float(number)]))[0]
    raw = bytes(0 if place < 0 else int(own[place]) for place in bytes_on_wire(spec))
    found, status = decode(spec, raw)
    if status is Status.NOT_A_NUMBER:
        assert spec.type == "float16"
        return
    assert found is not None
    registers = encode(spec, found)
    assert b"".join(register.to_bytes(2, "big") for register in registers) == raw


@given(st.lists(SPECS, min_size=1, max_size=10), st.binary(min_size=40, max_size=40), st.booleans())
def test_a_whole_answer_is_what_its_points_are_one_by_one(specs: list[ModbusPoint], raw: bytes, sort: bool) -> None:
    specs = sorted(specs, key=lambda spec: spec.address) if sort else specs
    values, statuses = BlockDecoder([Field(spec=spec, offset=spec.address) for spec in specs], 20).decode(raw)
    alone = [decode(spec, raw[2 * spec.address : 2 * (spec.address + spec.registers)]) for spec in specs]
    assert [*zip(values, statuses or [Status.GOOD] * len(specs), strict=True)] == alone


@given(st.sampled_from(["RUN", "STOP", "运行"]), st.sampled_from(["ABCD", "BADC"]))
def test_words_of_the_simulators_are_read(word: str, order: str) -> None:
    spec = point(**WORDS, order=order)
    assert text_of(spec, bytes(words_on_wire(spec, [word])[0])) == word
