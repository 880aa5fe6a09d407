"""What the data of answers mean, from hand-made bytes; and that any value the simulator shows is read back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.profiles.national import Cjt188Point, Dlt645Point, MeterUnit, meter_number
from facility.readings import Status
from gateway.national.decoding import DataDecoder, WantedValue, decode_value
from gateway.national.digits import Doubt, number_of
from simulators.national.showing import digits, fill

NAME = {"zh": "点", "en": "point"}


def electric(**fields: Any) -> Dlt645Point:
    row = {"id": "p", "name": NAME, "quantity": "active_energy", "unit": "kWh", "di": "00010000", "digits_bytes": 4}
    return Dlt645Point.model_validate(row | {"scale": 0.01} | fields)


def pipe(**fields: Any) -> Cjt188Point:
    row = {"id": "p", "name": NAME, "quantity": "water_volume", "unit": "m3", "offset": 0, "digits_bytes": 4}
    return Cjt188Point.model_validate(row | {"scale": 0.01, "unit_at": 4} | fields)


def wanted(spec: Dlt645Point | Cjt188Point, ratio: float = 1.0) -> WantedValue:
    return WantedValue(point="m.p", spec=spec, low=None, high=None, ratio=ratio)


def power(**fields: Any) -> Dlt645Point:
    return electric(quantity="active_power", unit="kW", di="02030000", digits_bytes=3, scale=0.0001, signed=True) \
        .model_copy(update=fields)  # fmt: skip


MEANINGS: Sequence[tuple[Dlt645Point | Cjt188Point, str, float | None, Status]] = (
    (electric(), "42 06 12 00", 1206.42, Status.GOOD),
    (electric(), "00 00 00 00", 0.0, Status.GOOD),
    (electric(), "99 99 99 99", 999_999.99, Status.GOOD),
    (electric(), "FF FF FF FF", None, Status.NOT_AVAILABLE),
    (electric(), "42 06 1A 00", None, Status.NOT_A_NUMBER),
    (electric(), "FF 06 12 00", None, Status.NOT_A_NUMBER),
    (electric(), "42 06 12", None, Status.NOT_AVAILABLE),
    (electric(index=1, block="0001FF00"), "42 06 12 00 07 00 00 00", 0.07, Status.GOOD),
    (electric(index=2, block="0001FF00"), "42 06 12 00 07 00 00 00", None, Status.NOT_AVAILABLE),
    (power(), "67 45 23", 23.4567, Status.GOOD),
    (power(), "67 45 A3", -23.4567, Status.GOOD),
    (power(), "00 00 00", 0.0, Status.GOOD),
    (power(), "00 00 80", 0.0, Status.GOOD),
    (power(), "FF FF FF", None, Status.NOT_AVAILABLE),
    (power(signed=False), "67 45 A3", None, Status.NOT_A_NUMBER),
    (power(quantity="power_factor", unit="1", digits_bytes=2, scale=0.001), "00 10", 1.0, Status.GOOD),
    (power(quantity="power_factor", unit="1", digits_bytes=2, scale=0.001), "87 89", -0.987, Status.GOOD),
    (power(quantity="power_factor", unit="1", digits_bytes=2, scale=0.001), "01 20", None, Status.OUT_OF_RANGE),
    (pipe(), "00 77 66 55 2C", 556_677.0, Status.GOOD),
    (pipe(), "00 00 00 00 2C", 0.0, Status.GOOD),
    (pipe(), "00 77 66 55 29", 556.677, Status.GOOD),
    (pipe(), "00 77 66 55 05", None, Status.UNKNOWN_CODE),
    (pipe(), "00 77 66 55 2B", None, Status.UNKNOWN_CODE),
    (pipe(units={0x2B: MeterUnit(multiplier="0.1", unit="m3")}), "00 77 66 55 2B", 55_667.7, Status.GOOD),
    (pipe(), "00 77 66 55", None, Status.UNKNOWN_CODE),
    (pipe(), "FF FF FF FF 2C", None, Status.NOT_AVAILABLE),
    (pipe(offset=1, unit_at=0), "2C 34 10 00 00", 10.34, Status.GOOD),
    (pipe(quantity="heat_energy", unit="kWh"), "00 10 00 00 05", 0.036, Status.GOOD),
    (pipe(quantity="heat_energy", unit="kWh"), "00 01 00 00 11", 1.0, Status.GOOD),
    (pipe(quantity="temperature", unit="Cel", unit_at=None, digits_bytes=3), "35 25 00", 25.35, Status.GOOD),
)


def test_bytes_mean() -> None:
    found = [(raw, *decode_value(wanted(spec), bytes.fromhex(raw))) for spec, raw, _, _ in MEANINGS]
    assert found == [(raw, value, status) for _, raw, value, status in MEANINGS]


def test_a_transformer_ratio_multiplies_the_value() -> None:
    assert decode_value(wanted(electric(), ratio=40.0), bytes.fromhex("42 06 12 00")) == (48_256.8, Status.GOOD)


VALVE: dict[str, Any] = {"quantity": "state", "unit": None, "unit_at": None, "digits_bytes": 1, "bits": (0, 1)}


STATES: Sequence[tuple[dict[str, Any], str, float | None, Status]] = (
    ({"enumeration": "valve", "codes": {0: "open", 1: "closed"}}, "00", 1.0, Status.GOOD),
    ({"enumeration": "valve", "codes": {0: "open", 1: "closed"}}, "05", 0.0, Status.GOOD),
    ({"enumeration": "valve", "codes": {0: "open", 1: "closed"}}, "03", None, Status.UNKNOWN_CODE),
    ({"enumeration": "valve", "codes": {"0x00": "open", "0x01": "closed"}}, "01", 0.0, Status.GOOD),
    ({"enumeration": "ok_low", "bits": (2, 2)}, "00", 0.0, Status.GOOD),
    ({"enumeration": "ok_low", "bits": (2, 2)}, "04", 1.0, Status.GOOD),
    ({"enumeration": "ok_low", "bits": (2, 2)}, "", None, Status.NOT_AVAILABLE),
)


def test_status_bits_mean() -> None:
    found = [(raw, *decode_value(wanted(pipe(**(VALVE | fields))), bytes.fromhex(raw))) for fields, raw, _, _ in STATES]
    assert found == [(raw, value, status) for _, raw, value, status in STATES]


def test_statuses_are_none_when_all_values_are_good() -> None:
    two = DataDecoder([wanted(electric(block="0001FF00", index=place)) for place in (0, 1)])
    assert two.decode(bytes.fromhex("42 06 12 00 00 00 00 00")) == ([1206.42, 0.0], None)
    assert two.decode(bytes.fromhex("42 06 12 00")) == ([1206.42, None], [Status.GOOD, Status.NOT_AVAILABLE])


@given(st.binary(min_size=1, max_size=8), st.booleans())
def test_any_bytes_are_a_number_or_a_doubt(raw: bytes, signed: bool) -> None:
    number = number_of(raw, signed=signed)
    assert isinstance(number, Doubt) or abs(number) < 10 ** (2 * len(raw))


@given(st.integers(0, 10**8 - 1))
def test_what_the_simulated_meter_counts_is_read(hundredths: int) -> None:
    spec = electric(counter=True)
    assert decode_value(wanted(spec), digits(spec, hundredths / 100)) == (hundredths / 100, Status.GOOD)


@given(st.integers(-799_999, 799_999))
def test_what_the_simulated_meter_measures_is_read_with_its_sign(number: int) -> None:
    spec = power()
    assert decode_value(wanted(spec), digits(spec, number / 10_000)) == (number / 10_000, Status.GOOD)


@given(st.integers(0, 10**8 - 1), st.sampled_from(["m3", "L"]))
def test_what_the_simulated_water_meter_shows_is_read_in_either_unit(number: int, unit: str) -> None:
    spec = pipe(unit=unit)
    value = number * (0.01 if unit == "m3" else 0.00001)
    answer = bytearray(5)
    fill(spec, value, answer)
    read, status = decode_value(wanted(spec), bytes(answer))
    assert status is Status.GOOD
    assert read is not None
    assert read == pytest.approx(value, abs=0.006 if unit == "m3" else 0.000006)


def test_counters_show_what_is_full_and_start_again_behind_their_last_digit() -> None:
    spec = electric(counter=True)
    assert digits(spec, 0.0199) == bytes.fromhex("01 00 00 00")
    assert digits(spec, 1_000_000.05) == bytes.fromhex("05 00 00 00")
    assert digits(spec, math.nan) == bytes.fromhex("FF FF FF FF")
    assert digits(power(), -500.0) == bytes.fromhex("99 99 F9")


@pytest.mark.parametrize(
    ("protocol", "printed", "number"),
    [("dlt645", "12345678", "000012345678"), ("cjt188", "7833001122334", "07833001122334"), ("dlt645", "0", "0" * 12)],
)
def test_short_numbers_are_filled_with_zeros_in_front(protocol: str, printed: str, number: str) -> None:
    assert meter_number(protocol, printed) == number


@pytest.mark.parametrize(
    ("protocol", "printed"), [("dlt645", "1234567890123"), ("dlt645", "AAAAAAAAAAAA"), ("dlt645", ""), ("cjt188", "")]
)
def test_what_is_no_meter_number_is_refused(protocol: str, printed: str) -> None:
    with pytest.raises(ValueError, match="no meter number"):
        meter_number(protocol, printed)
