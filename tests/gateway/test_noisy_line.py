"""A line on which any answer may be flipped, cut, lost, late, echoed, repeated or buried in noise, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerAscii, FramerRTU
from pymodbus.pdu import DecodePDU

from facility.errors import HouqinError
from facility.profiles.schema import Table
from facility.wire_log import FrameRing
from gateway.modbus.framing import ASCII, RTU, Framing
from gateway.modbus.serial_line import SerialLineTransport
from gateway.modbus.wire import Receiver, Wire
from tests.gateway.virtual_time import run_at_once

TIMEOUT_S = 0.1
_ASCII = FramerAscii(DecodePDU(True))


@dataclass(frozen=True)
class Fault:
    """What happens to one answer. `flipped`: a bit of it, counted from its first; `kept`: bytes that are left of it;
    None for no such harm.
    """

    flipped: int | None = None
    kept: int | None = None
    late_s: float = 0.001
    before: bytes = b""
    behind: bytes = b""
    echoed: bool = False
    said: int = 1


FAULTS = st.builds(
    Fault,
    flipped=st.none() | st.integers(0, 400),
    kept=st.none() | st.integers(0, 20),
    late_s=st.just(0.001) | st.floats(0.001, 2.9 * TIMEOUT_S),
    before=st.binary(max_size=6),
    behind=st.binary(max_size=6),
    echoed=st.booleans(),
    said=st.integers(0, 2),
)


@dataclass
class NoisyLine:
    """A device whose registers hold their own addresses, behind faults; after the last all is well."""

    framing: Framing
    faults: Sequence[Fault]
    address: str = "noisy"
    asked: int = 0
    free_s: float = field(default=0.0)

    async def open(self, receiver: Receiver) -> Wire:
        return _NoisyWire(receiver, self)

    def message(self, frame: bytes) -> bytes:
        if self.framing is RTU:
            return frame[:-2]
        return bytes.fromhex(frame[1:-2].decode("ascii"))[:-1]

    def wrapped(self, message: bytes) -> bytes:
        if self.framing is RTU:
            return message + FramerRTU.compute_CRC(message).to_bytes(2, "big")
        return _ASCII.encode(message[1:], message[0], 0)


class _NoisyWire(Wire):
    usable = True

    def __init__(self, receiver: Receiver, line: NoisyLine) -> None:
        super().__init__(receiver)
        self._line = line

    def send(self, frame: bytes) -> None:
        line, loop = self._line, asyncio.get_running_loop()
        fault = line.faults[line.asked] if line.asked < len(line.faults) else Fault()
        line.asked += 1
        if fault.echoed:
            loop.call_soon(self.arrived, frame)
        message = line.message(frame)
        first, count = int.from_bytes(message[2:4], "big"), int.from_bytes(message[4:6], "big")
        registers = b"".join(place.to_bytes(2, "big") for place in range(first, first + count))
        answer = bytearray(line.wrapped(message[:2] + bytes((len(registers),)) + registers))
        if fault.flipped is not None:
            place = fault.flipped % (8 * len(answer))
            answer[place // 8] ^= 1 << place % 8
        whole = bytes(answer if fault.kept is None else answer[: fault.kept]) * fault.said
        line.free_s = max(line.free_s, loop.time() + fault.late_s)
        loop.call_at(line.free_s, self.arrived, fault.before + whole + fault.behind)

    def abort(self) -> None:
        self.gone.set()


async def asked_through(line: NoisyLine) -> None:
    """Twenty questions, most of them alike: right values or errors, and right ones when all is well again."""
    transport = SerialLineTransport("meters", line, FrameRing(), framing=line.framing, baudrate=115200)
    got = True
    for address in range(10, 50, 2):
        count = 3 if address % 10 == 0 else 2
        try:
            raw = await transport.read(1, Table.HOLDING, address, count, TIMEOUT_S)
        except HouqinError:
            got = False
            continue
        values = [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]
        assert values == list(range(address, address + count))
        got = True
    assert got
    await transport.close()


@pytest.mark.parametrize("framing", [RTU, ASCII], ids=["rtu", "ascii"])
@settings(max_examples=40, deadline=None)
@given(faults=st.lists(FAULTS, max_size=10))
def test_on_the_worst_of_lines_a_value_is_right_or_there_is_none(framing: Framing, faults: list[Fault]) -> None:
    run_at_once(asked_through(NoisyLine(framing, faults)))
