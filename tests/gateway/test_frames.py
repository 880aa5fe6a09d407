"""Frames against the worked examples of the Modbus specification and of device makers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, Where
from facility.profiles.schema import Table
from gateway.modbus.frames import Request, checksum_holds, opened, read_request, write_request

HERE = Where(link="meters")

READS = [
    # Modbus Application Protocol V1.1b3, examples of sections 6.1 to 6.4: table, address, count, request, answer
    (Table.COIL, 0x13, 0x13, "01 0013 0013", "01 03 CD 6B 05"),
    (Table.DISCRETE, 0xC4, 0x16, "02 00C4 0016", "02 03 AC DB 35"),
    (Table.HOLDING, 0x6B, 3, "03 006B 0003", "03 06 022B 0000 0064"),
    (Table.INPUT, 0x08, 1, "04 0008 0001", "04 02 000A"),
]
WRITES = [
    # the same, sections 6.5, 6.6, 6.11, 6.12: function, address, values, request, answer
    (5, 0xAC, [1], "05 00AC FF00", "05 00AC FF00"),
    (5, 0xAC, [0], "05 00AC 0000", "05 00AC 0000"),
    (6, 0x01, [3], "06 0001 0003", "06 0001 0003"),
    (15, 0x13, [1, 0, 1, 1, 0, 0, 1, 1, 1, 0], "0F 0013 000A 02 CD 01", "0F 0013 000A"),
    (16, 0x01, [0x000A, 0x0102], "10 0001 0002 04 000A 0102", "10 0001 0002"),
]


@pytest.mark.parametrize(("table", "address", "count", "request_hex", "answer"), READS)
def test_reads_follow_the_specification(table: Table, address: int, count: int, request_hex: str, answer: str) -> None:
    request = read_request(17, table, address, count)
    assert request.tcp == bytes.fromhex(f"0000 0006 11 {request_hex}")
    assert opened(request, 17, bytes.fromhex(answer), HERE) == bytes.fromhex(answer)[2:]


@pytest.mark.parametrize(("function", "address", "values", "request_hex", "answer"), WRITES)
def test_writes_follow_the_specification(
    function: int, address: int, values: Sequence[int], request_hex: str, answer: str
) -> None:
    request = write_request(17, function, address, values)
    pdu = bytes.fromhex(request_hex)
    assert request.tcp == b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + b"\x11" + pdu
    assert opened(request, 17, bytes.fromhex(answer), HERE) == b""


@pytest.mark.parametrize(
    ("request_", "frame"),
    [
        # Waveshare wiki, Protocol Manual of Modbus RTU Relay: channel 1 on and off
        (write_request(1, 5, 0, [1]), "01 05 00 00 FF 00 8C 3A"),
        (write_request(1, 5, 0, [0]), "01 05 00 00 00 00 CD CA"),
        # reckoned by hand from the register maps: DTSU666 and SDM630 imported energy, XY-MD02 both values
        (read_request(1, Table.HOLDING, 0x101E, 2), "01 03 10 1E 00 02 A0 CD"),
        (read_request(1, Table.INPUT, 0x0048, 2), "01 04 00 48 00 02 F1 DD"),
        (read_request(1, Table.INPUT, 0x0001, 2), "01 04 00 01 00 02 20 0B"),
    ],
)
def test_serial_frames_carry_the_right_checksum(request_: Request, frame: str) -> None:
    assert request_.rtu == bytes.fromhex(frame)
    assert checksum_holds(request_.rtu)
    assert not checksum_holds(request_.rtu[:-1] + b"\0\0")


ASKED = read_request(17, Table.HOLDING, 0x6B, 2)


@pytest.mark.parametrize(
    ("unit", "answer", "kind"),
    [
        (18, "03 04 0001 0002", BadAnswer),
        (17, "04 04 0001 0002", BadAnswer),
        (17, "03 02 0001", BadAnswer),
        (17, "03 06 0001 0002 0003", BadAnswer),
        (17, "03 00", BadAnswer),
        (17, "03 04 0001", BadAnswer),
        (17, "", BadAnswer),
        *((17, f"83 {code:02x}", DeviceRefused) for code in (1, 2, 3)),
        *((17, f"83 {code:02x}", DeviceBusy) for code in (4, 5, 6, 7, 8, 10, 11, 0x99)),
        (17, "84 02", BadAnswer),
    ],
)
def test_what_does_not_answer_the_question_is_never_taken(unit: int, answer: str, kind: type[HouqinError]) -> None:
    with pytest.raises(kind) as caught:
        opened(ASKED, unit, bytes.fromhex(answer), HERE)
    assert caught.value.where == Where(link="meters", unit=17)
    if kind is BadAnswer:
        assert caught.value.raw == bytes.fromhex(answer)


def test_the_exception_code_travels_with_the_error() -> None:
    with pytest.raises(DeviceRefused, match="illegal address") as caught:
        opened(ASKED, 17, b"\x83\x02", HERE)
    assert caught.value.code == 2


@pytest.mark.parametrize("answer", ["05 00AD FF00", "05 00AC 0000", "06 00AC FF00"])
def test_a_write_that_is_acknowledged_differently_is_not_acknowledged(answer: str) -> None:
    with pytest.raises(BadAnswer):
        opened(write_request(17, 5, 0xAC, [1]), 17, bytes.fromhex(answer), HERE)


def test_only_writes_write() -> None:
    with pytest.raises(ValueError, match="function 3"):
        write_request(1, 3, 0, [1])
