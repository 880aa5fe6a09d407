"""Serial lines have no transaction ids: whatever is late, lost or said twice, no old answer passes for a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU

from facility.errors import DeviceRefused, HouqinError, NoAnswer
from facility.profiles.schema import Table
from facility.wire_log import FrameRing
from gateway.modbus.framing import RTU
from gateway.modbus.serial_line import SerialLineTransport
from gateway.modbus.transport import RawRequest
from gateway.modbus.wire import Receiver, Wire
from tests.gateway.virtual_time import run_at_once

TIMEOUT_S = 0.1
LOST = None


@dataclass
class Device:
    """Answers in order, each after its own time, by this script; then at once. A register holds its own address.

    `latencies_s`: one per question, None for an answer that is lost. `copies`: how often an answer is said.
    `refuses`: numbers of questions that are answered with exception 2.
    """

    latencies_s: Iterator[float | None]
    copies: int = 1
    pause_s: float = 0.0
    refuses: frozenset[int] = frozenset()
    asked: list[bytes] = field(default_factory=list)
    asked_at_s: list[float] = field(default_factory=list)
    address: str = "device"
    free_s: float = 0.0
    wire: Wire | None = None

    async def open(self, receiver: Receiver) -> Wire:
        self.wire = _DeviceWire(receiver, self)
        return self.wire


class _DeviceWire(Wire):
    usable = True

    def __init__(self, receiver: Receiver, device: Device) -> None:
        super().__init__(receiver)
        self._device = device

    def send(self, frame: bytes) -> None:
        device, loop = self._device, asyncio.get_running_loop()
        number = len(device.asked)
        device.asked.append(frame)
        device.asked_at_s.append(loop.time())
        latency_s = next(device.latencies_s, 0.001)
        if latency_s is LOST:
            return
        device.free_s = max(device.free_s, loop.time() + latency_s)
        for copy in range(device.copies):
            loop.call_at(device.free_s + copy * device.pause_s, self.arrived, _answer(frame, number in device.refuses))

    def abort(self) -> None:
        self.gone.set()


def framed(body: bytes) -> bytes:
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


def _answer(frame: bytes, refuses: bool) -> bytes:
    if refuses:
        return framed(bytes((frame[0], frame[1] | 0x80, 2)))
    first, count = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
    registers = b"".join(place.to_bytes(2, "big") for place in range(first, first + count))
    return framed(bytes((frame[0], frame[1], len(registers))) + registers)


def line_to(device: Device) -> SerialLineTransport:
    return SerialLineTransport("meters", device, FrameRing(), framing=RTU, baudrate=115200)


async def read(line: SerialLineTransport, address: int, count: int = 2) -> list[int]:
    raw = await line.read(1, Table.HOLDING, address, count, TIMEOUT_S)
    return [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]


async def asked_in_a_row(device: Device, addresses: range) -> list[int | None]:
    """The first register of each, None for an error. Fails at a wrong value."""
    line = line_to(device)
    got: list[int | None] = []
    for address in addresses:
        try:
            values = await read(line, address)
        except HouqinError:
            got.append(None)
        else:
            assert values == [address, address + 1], f"asked for {address}, got {values}"
            got.append(values[0])
    await line.close()
    return got


LATENCIES = st.lists(st.one_of(st.just(LOST), st.floats(0.0005, 2.9 * TIMEOUT_S)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(latencies_s=LATENCIES)
@example(latencies_s=[0.26, 0.26, 0.26, 0.26])
@example(latencies_s=[LOST, LOST, 0.05])
@example(latencies_s=[0.29, 0.0005, 0.15])
def test_an_answer_that_is_lost_or_late_by_less_than_three_times_its_limit_never_becomes_another_value(
    latencies_s: list[float | None],
) -> None:
    device = Device(iter(latencies_s))
    got = run_at_once(asked_in_a_row(device, range(10, 60, 2)))
    assert got[-1] is not None


def test_a_device_that_is_always_late_by_the_same_gives_no_values_or_right_ones() -> None:
    for tenths in range(1, 60):
        device = Device(iter([0.01 * tenths] * 400))
        run_at_once(asked_in_a_row(device, range(10, 60, 2)))


@pytest.mark.parametrize("pause_s", [0.0, 0.0008, 0.05])
def test_on_a_line_that_says_everything_twice_all_values_are_right(pause_s: float) -> None:
    async def scenario() -> None:
        line = line_to(device)
        for address in range(10, 60, 2):
            assert await read(line, address) == [address, address + 1]
            await asyncio.sleep(0.2)
        for address in range(60, 110, 2):
            assert await read(line, address) == [address, address + 1]
        assert line.dropped_answers >= 25
        await line.close()

    device = Device(iter([0.03] * 60), copies=2, pause_s=pause_s)
    run_at_once(scenario())


@pytest.mark.parametrize("pause_s", [0.0, 0.003, 0.015])
def test_an_answer_that_is_said_again_at_once_is_not_taken_for_the_next_one_from_the_first_time_on(
    pause_s: float,
) -> None:
    got = run_at_once(asked_in_a_row(Device(iter(()), copies=2, pause_s=pause_s), range(10, 60, 2)))
    assert got == list(range(10, 60, 2))


def test_an_old_exception_is_not_taken_for_one_to_a_later_question() -> None:
    async def scenario() -> None:
        line = line_to(Device(iter([0.25]), refuses=frozenset({0})))
        with pytest.raises(NoAnswer):
            await read(line, 10)
        assert await read(line, 20, count=5) == [20, 21, 22, 23, 24]
        with pytest.raises(DeviceRefused):
            await read(line_to(Device(iter(()), refuses=frozenset({0}))), 10)
        await line.close()

    run_at_once(scenario())


def test_after_a_silence_nobody_is_asked_until_the_line_was_quiet_for_as_long_again() -> None:
    async def scenario() -> None:
        device = Device(iter([LOST]))
        line = line_to(device)
        with pytest.raises(NoAnswer):
            await line.read(1, Table.HOLDING, 10, 2, TIMEOUT_S)
        await line.read(2, Table.HOLDING, 10, 2, TIMEOUT_S)
        await line.read(3, Table.HOLDING, 10, 2, TIMEOUT_S)
        first_s, second_s, third_s = device.asked_at_s
        assert second_s - first_s >= 2 * TIMEOUT_S
        assert 0.00175 <= third_s - second_s < 0.01
        await line.close()

    run_at_once(scenario())


def test_every_byte_on_the_line_begins_the_silence_before_the_next_question_anew() -> None:
    async def scenario() -> None:
        device = Device(iter(()))
        line = line_to(device)
        await read(line, 10)
        loop = asyncio.get_running_loop()
        assert device.wire is not None
        for _ in range(5):
            loop.call_later(0.001, device.wire.arrived, b"\xff")
            await asyncio.sleep(0.001)
        noisy_until_s = loop.time()
        await line.read(2, Table.HOLDING, 10, 2, TIMEOUT_S)
        assert device.asked_at_s[1] >= noisy_until_s + 0.00175
        await line.close()

    run_at_once(scenario())


def raw(number: int, alike: bytes = b"") -> RawRequest:
    """A question for registers that another protocol could ask: any answer of its length satisfies it."""
    frame = framed(bytes((1, 3)) + number.to_bytes(2, "big") + b"\0\2")

    def found(data: bytes) -> bytes | None:
        place = data.find(b"\x01\x03\x04")
        return data[place : place + 9] if 0 <= place <= len(data) - 9 else None

    return RawRequest(what=f"value {number}", frame=frame, found=found, expected_bytes=9, alike=alike)


@pytest.mark.parametrize(("alike", "asked"), [(b"", 3), (b"\x10", 2)])
def test_a_question_that_is_not_modbus_does_not_get_an_old_answer_either(alike: bytes, asked: int) -> None:
    async def scenario() -> None:
        device = Device(iter([LOST]))
        line = line_to(device)
        with pytest.raises(NoAnswer):
            await line.exchange(raw(10, alike and b"\x0f"), TIMEOUT_S)
        answer = await line.exchange(raw(20, alike), TIMEOUT_S)
        assert answer[3:5] == (20).to_bytes(2, "big")
        assert len(device.asked) == asked
        await line.close()

    run_at_once(scenario())


def test_a_late_answer_to_a_question_that_is_not_modbus_is_dropped_and_counted() -> None:
    async def scenario() -> None:
        line = line_to(Device(iter([0.25])))
        with pytest.raises(NoAnswer):
            await line.exchange(raw(10), TIMEOUT_S)
        assert (await line.exchange(raw(20), TIMEOUT_S))[3:5] == (20).to_bytes(2, "big")
        assert line.dropped_answers == 1
        await line.close()

    run_at_once(scenario())
