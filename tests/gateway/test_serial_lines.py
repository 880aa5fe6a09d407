"""RTU and ASCII on serial ports that misbehave: never a wrong value, and the next question is answered right."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from facility.errors import BadAnswer, HouqinError, LinkDown, NoAnswer
from facility.model.entries import ModbusAsciiLink, ModbusRtuLink
from facility.profiles.schema import Table
from facility.wire_log import Direction, WireLog
from gateway.modbus import RawRequest, Transport, connect_modbus
from gateway.modbus import notes as said
from gateway.modbus.connect import port_settings
from gateway.modbus.serial_port import PortSettings
from tests.gateway.test_transports import (
    SHORT_S,
    answer_for_another_unit,
    answer_late,
    answer_right,
    answer_too_little,
    answer_too_much,
    break_off,
    first_time,
    flip_a_bit,
    flood,
    read,
    speak_http,
    stay_silent,
)
from tests.gateway.wire import Asked, Kind, Script, scripted

PORTS = pytest.mark.parametrize("kind", ["modbus_rtu", "modbus_ascii"])
FAULTS: list[tuple[Script, type[HouqinError]]] = [
    (stay_silent, NoAnswer),
    (answer_late, NoAnswer),
    (answer_for_another_unit, BadAnswer),
    (answer_too_much, BadAnswer),
    (answer_too_little, BadAnswer),
    (break_off, BadAnswer),
    (flip_a_bit, BadAnswer),
    (speak_http, BadAnswer),
    (flood, BadAnswer),
]


@PORTS
@pytest.mark.asyncio
async def test_each_fault_on_a_port_gives_its_error_and_the_next_value_is_right(kind: Kind) -> None:
    async def provoked(fault: Script, error: type[HouqinError]) -> None:
        async with scripted(first_time(fault), kind) as server:
            line = connect_modbus("meters", server.link)
            with pytest.raises(error):
                await read(line, 10)
            assert await read(line, 30, count=1) == [30], fault
            assert await read(line, 20) == [20, 21], fault
            await line.close()

    async with asyncio.TaskGroup() as group:
        for fault, error in FAULTS:
            group.create_task(provoked(fault, error))


@PORTS
@pytest.mark.asyncio
async def test_noise_echoes_repeats_and_pieces_around_an_answer_are_passed_over(kind: Kind) -> None:
    async def noisy(asked: Asked) -> None:
        frame = asked.frame(asked.good)
        asked.send(b"\x00\xff:\x1b")
        asked.send(asked.raw)
        asked.send(frame[:3])
        await asyncio.sleep(0.005)
        asked.send(frame[3:] + frame + b"\xff\x00")

    async with scripted(noisy, kind) as server:
        line = connect_modbus("meters", server.link)
        for address in (10, 20, 30):
            assert await read(line, address) == [address, address + 1]
            await asyncio.sleep(0.03)
        assert line.dropped_answers >= 3
        await line.close()


@PORTS
@pytest.mark.asyncio
async def test_on_a_line_that_hears_itself_an_echo_is_no_acknowledgement(kind: Kind) -> None:
    async def only_unit_one_is_there(asked: Asked) -> None:
        asked.send(asked.raw)
        if asked.unit == 1:
            await asyncio.sleep(0.005)
            asked.answer(asked.good)

    async with scripted(only_unit_one_is_there, kind) as server:
        line = connect_modbus("plant", server.link)
        with pytest.raises(NoAnswer, match="echo"):
            await line.write(2, 6, 8, [285], SHORT_S)
        await line.write(1, 6, 8, [285], SHORT_S)
        with pytest.raises(NoAnswer, match="echo"):
            await line.write(2, 6, 8, [285], SHORT_S)
        assert await read(line, 20) == [20, 21]
        await line.close()


@PORTS
@pytest.mark.asyncio
async def test_an_adapter_that_is_pulled_out_is_found_again_at_its_path(kind: Kind) -> None:
    async with scripted(answer_right, kind) as server:
        assert server.adapter is not None
        line = connect_modbus("meters", server.link)
        assert await read(line, 10) == [10, 11]
        server.adapter.pull_out()
        with pytest.raises(LinkDown):
            await read(line, 10)
        with pytest.raises(LinkDown, match="there is no such port") as gone:
            await read(line, 10)
        assert gone.value.text is not None
        assert "串口不存在" in gone.value.text.zh
        server.adapter.plug_in()
        assert await read(line, 20) == [20, 21]
        asking = asyncio.create_task(line.read(1, Table.HOLDING, 20, 2, 5.0))
        while len(server.asked) < 3:
            await asyncio.sleep(0.001)
        server.adapter.pull_out()
        with pytest.raises(LinkDown):
            await asking
        await line.close()


def watched() -> int:
    """How many descriptors the event loop looks at."""
    loop: Any = asyncio.get_running_loop()
    return len(loop._selector.get_map())


@pytest.mark.asyncio
async def test_a_port_that_is_pulled_out_while_nobody_asks_is_not_looked_at_any_more() -> None:
    async with scripted(answer_right, "modbus_rtu") as server:
        assert server.adapter is not None
        with_adapter = watched()
        line = connect_modbus("meters", server.link)
        assert await read(line, 10) == [10, 11]
        assert watched() == with_adapter + 1
        server.adapter.pull_out()
        await asyncio.sleep(0.01)
        assert watched() == with_adapter - 1
        server.adapter.plug_in()
        assert await read(line, 20) == [20, 21]
        await line.close()


@PORTS
@pytest.mark.asyncio
async def test_a_port_that_another_process_holds_is_refused_in_both_languages(kind: Kind) -> None:
    async with scripted(answer_right, kind) as server:
        hold = "import sys, serial; p = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
        assert server.adapter is not None
        holder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", hold, str(server.adapter.path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        line = connect_modbus("meters", server.link)
        with pytest.raises(LinkDown, match="another program holds the port") as held:
            await read(line, 10)
        assert held.value.text is not None
        assert "串口正被另一个程序占用" in held.value.text.zh
        holder.kill()
        await holder.wait()
        assert await read(line, 10) == [10, 11]
        second = connect_modbus("twice", server.link)
        with pytest.raises(LinkDown, match="another program holds the port"):
            await read(second, 10)
        await line.close()
        assert await read(second, 10) == [10, 11]
        await second.close()


@pytest.mark.asyncio
async def test_what_is_no_port_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    line = connect_modbus("meters", ModbusRtuLink(type="modbus_rtu", path=str(path)))
    with pytest.raises(LinkDown, match="no serial port") as caught:
        await read(line, 10)
    assert str(path) in str(caught.value)
    assert caught.value.text is not None
    assert "不是串口" in caught.value.text.zh
    await line.close()


def test_a_port_is_set_as_the_site_file_says() -> None:
    rtu = ModbusRtuLink(type="modbus_rtu", path="/dev/a", baudrate=2400, parity="E", stop_bits=2, rs485=True)
    assert port_settings(rtu) == PortSettings(
        path="/dev/a", baudrate=2400, parity="E", stop_bits=2, data_bits=8, rs485=True
    )
    text = ModbusAsciiLink(type="modbus_ascii", path="/dev/a")
    assert port_settings(text) == PortSettings(
        path="/dev/a", baudrate=9600, parity="N", stop_bits=1, data_bits=7, rs485=False
    )
    assert port_settings(text.model_copy(update={"data_bits": 8})).data_bits == 8


@pytest.mark.asyncio
async def test_what_is_not_modbus_is_asked_on_the_same_port_between_modbus_questions() -> None:
    async def script(asked: Asked) -> None:
        asked.answer(asked.good)

    def found(data: bytes) -> bytes | None:
        return data[:9] if len(data) >= 9 else None

    async with scripted(script, "modbus_rtu") as server:
        line = connect_modbus("meters", server.link)
        assert await read(line, 10) == [10, 11]
        frame = server.asked[0].raw
        request = RawRequest(what="energy", frame=frame, found=found, expected_bytes=9)
        assert await line.exchange(request, SHORT_S) == server.asked[0].frame(server.asked[0].good)
        assert await read(line, 20) == [20, 21]
        await line.close()


@pytest.mark.asyncio
async def test_a_line_of_modbus_tcp_carries_nothing_else() -> None:
    async with scripted(answer_right, "modbus_tcp") as server:
        line = connect_modbus("plant", server.link)
        request = RawRequest(what="energy", frame=b"\x68", found=lambda data: data, expected_bytes=1)
        with pytest.raises(ValueError, match="energy"):
            await line.exchange(request, SHORT_S)
        await line.close()


async def kept(line: Transport, log: WireLog) -> list[tuple[Direction, bytes, str | None]]:
    await line.close()
    ring = log.of("meters")
    assert ring is not None
    return [(frame.direction, frame.data, frame.note) for frame in ring.after()]


SENT, RECEIVED = Direction.SENT, Direction.RECEIVED


@pytest.mark.parametrize("kind", ["modbus_tcp", "modbus_rtu_over_tcp", "modbus_rtu", "modbus_ascii"])
@pytest.mark.asyncio
async def test_every_frame_is_kept_and_bad_ones_with_a_note(kind: Kind) -> None:
    log = WireLog()
    async with scripted(first_time(answer_for_another_unit), kind) as server:
        line = connect_modbus("meters", server.link, log)
        with pytest.raises(BadAnswer):
            await read(line, 10)
        assert await read(line, 20, count=1) == [20]
        first, second = server.asked
        misfit = said.MISFIT if kind == "modbus_tcp" else said.BROKEN
        assert await kept(line, log) == [
            (SENT, first.raw, None),
            (RECEIVED, first.frame(first.good, unit=2), misfit),
            (SENT, second.raw, None),
            (RECEIVED, second.frame(second.good), None),
        ]


@pytest.mark.parametrize("kind", ["modbus_tcp", "modbus_rtu"])
@pytest.mark.asyncio
async def test_a_late_answer_is_kept_and_counted(kind: Kind) -> None:
    log = WireLog()
    async with scripted(first_time(answer_late), kind) as server:
        line = connect_modbus("meters", server.link, log)
        with pytest.raises(NoAnswer):
            await read(line, 10)
        while line.dropped_answers == 0:
            await asyncio.sleep(0.005)
        frames = await kept(line, log)
        assert [(direction, note) for direction, _, note in frames] == [(SENT, None), (RECEIVED, said.LATE)]
