"""Which bytes on a mixed line are a national meter's, however they are cut; and whom they are meant for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.national import NationalMeters, frame_bytes
from tests.gateway.national.bench import national_site

ELECTRIC = bytes.fromhex("FE FE 68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16")
PIPE = bytes.fromhex("68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16")
ODD_PIPE = bytes.fromhex("68 10 44 33 22 11 00 68 78 01 03 1F 90 00 B5 16")
MODBUS = bytes.fromhex("01 03 00 00 00 01 84 0A")


@pytest.mark.parametrize("frame", [ELECTRIC, PIPE, ODD_PIPE])
def test_a_frame_is_taken_when_it_is_whole_and_waited_for_until_then(frame: bytes) -> None:
    assert [frame_bytes(frame[:end]) for end in range(1, len(frame))] == [0] * (len(frame) - 1)
    assert frame_bytes(frame) == len(frame)
    assert frame_bytes(frame + MODBUS) == len(frame)


def test_what_modbus_masters_say_is_left_to_modbus() -> None:
    assert frame_bytes(MODBUS) is None
    assert frame_bytes(b"") is None
    assert frame_bytes(bytes.fromhex("68 03 00 00 00 01 8D 33") + bytes(300)) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_waited_for_or_left(data: bytes) -> None:
    taken = frame_bytes(data)
    assert taken is None or 0 <= taken <= len(data)


@pytest.mark.parametrize(
    ("frame", "device"),
    [
        (ELECTRIC, "e3"),
        (PIPE, "w1"),
        (bytes.fromhex("68 AA AA AA AA AA AA 68 13 00 DF 16"), "e1"),
        (bytes.fromhex("68 25 04 AA AA AA AA 68 11 04 33 33 34 33 83 16"), "e3"),
        (bytes.fromhex("68 26 04 03 02 01 00 68 11 04 33 33 34 33 E2 16"), None),
        (PIPE[:-2] + b"\x81\x16", None),
        (MODBUS, None),
    ],
)
def test_a_frame_is_meant_for_the_meter_it_names(frame: bytes, device: str | None) -> None:
    meter = NationalMeters(national_site()).asked("meters", frame)
    assert (None if meter is None else meter.device.id) == device
