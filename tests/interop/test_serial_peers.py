"""Serial lines against peers that are not ours, over two pseudo-terminals back to back: libmodbus (C), modbus-tk and
pymodbus as servers, mbpoll as a client of our simulated devices.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from facility.clock import ManualClock
from facility.errors import DeviceBusy, DeviceRefused, NoAnswer
from facility.model.entries import ModbusAsciiLink, ModbusRtuLink, ModbusTcpLink
from facility.profiles.schema import Table
from gateway.modbus import Transport, connect_modbus
from simulators.servers import serve
from simulators.world import World
from tests.gateway.adapter import Adapter
from tests.servers import free_port, require
from tests.simulators.buildings import hot_noon, site_of, wired_site_data

pytestmark = [pytest.mark.server, pytest.mark.asyncio]
HERE = Path(__file__).parent
UNIT = 7
TIMEOUT_S = 2.0

Command = Callable[[Path], list[str]]


def compiled_libmodbus(folder: Path) -> str:
    """The C server, compiled; skips where compiler or library are missing."""
    compiler = require("gcc")
    program = folder / "libmodbus_server"
    source = str(HERE / "libmodbus_server.c")
    command = [compiler, "-I/usr/include/modbus", "-o", str(program), source, "-lmodbus"]
    built = subprocess.run(command, check=False, capture_output=True, text=True)
    if built.returncode:
        pytest.skip(f"libmodbus is not installed; `make packages` installs it from Debian: {built.stderr[-200:]}")
    return str(program)


def libmodbus_rtu(port: Path) -> list[str]:
    return [compiled_libmodbus(port.parent), "rtu", str(port), str(UNIT)]


def modbus_tk_rtu(port: Path) -> list[str]:
    pytest.importorskip("modbus_tk")
    return [sys.executable, str(HERE / "modbus_tk_serial_server.py"), str(port), str(UNIT)]


def pymodbus_rtu(port: Path) -> list[str]:
    return [sys.executable, str(HERE / "pymodbus_serial_server.py"), str(port), "rtu", str(UNIT)]


def pymodbus_ascii(port: Path) -> list[str]:
    return [sys.executable, str(HERE / "pymodbus_serial_server.py"), str(port), "ascii", str(UNIT)]


@asynccontextmanager
async def running(command: list[str]) -> AsyncIterator[None]:
    """A server process that has said that it is ready."""
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"ready\n"
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def line_to(command: Command, folder: Path) -> AsyncIterator[Transport]:
    """Our end of a line that has a foreign server at the other."""
    far = Adapter(folder / "far", lambda data: near.say(data))  # noqa: PLW0108 - near comes after it
    near = Adapter(folder / "near", far.say)
    path = str(near.path)
    link = (
        ModbusAsciiLink(type="modbus_ascii", path=path)
        if command is pymodbus_ascii
        else ModbusRtuLink(type="modbus_rtu", path=path)
    )
    try:
        async with running(command(far.path)):
            line = connect_modbus("meters", link)
            yield line
            await line.close()
    finally:
        far.pull_out()
        near.pull_out()


async def read(line: Transport, address: int, count: int, timeout_s: float = TIMEOUT_S) -> list[int]:
    raw = await line.read(UNIT, Table.HOLDING, address, count, timeout_s)
    return [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]


async def check_registers(line: Transport) -> None:
    """Reads, writes both ways, and asks for what is not there."""
    for address, count in ((0, 120), (17, 1), (130, 60)):
        assert await read(line, address, count) == list(range(address, address + count))
    await line.write(UNIT, 6, 5, [500], TIMEOUT_S)
    await line.write(UNIT, 16, 10, [1, 0xFFFF, 0], TIMEOUT_S)
    assert await read(line, 4, 10) == [4, 500, 6, 7, 8, 9, 1, 0xFFFF, 0, 13]
    with pytest.raises(DeviceRefused) as caught:
        await read(line, 5000, 2)
    assert caught.value.code == 2


@pytest.mark.parametrize("command", [libmodbus_rtu, modbus_tk_rtu, pymodbus_rtu, pymodbus_ascii])
async def test_a_foreign_server_on_a_serial_line_is_read_and_written(command: Command, tmp_path: Path) -> None:
    async with line_to(command, tmp_path) as line:
        await check_registers(line)
        with pytest.raises((NoAnswer, DeviceBusy)):
            await line.read(UNIT + 1, Table.HOLDING, 0, 2, 0.05)
        if command is libmodbus_rtu:  # takes the next question for the other unit's answer
            with pytest.raises(NoAnswer):
                await read(line, 30, 3, timeout_s=0.2)
        assert await read(line, 20, 2) == [20, 21]
        if command is libmodbus_rtu:
            await line.write(UNIT, 5, 1, [1], TIMEOUT_S)
            await line.write(UNIT, 15, 9, [0, 1], TIMEOUT_S)
            assert await line.read(UNIT, Table.COIL, 0, 16, TIMEOUT_S) == bytes((0b01001011, 0b10010100))


async def test_a_libmodbus_server_that_takes_one_connection_is_served_by_one(tmp_path: Path) -> None:
    port = free_port()
    async with running([compiled_libmodbus(tmp_path), "tcp", str(port)]):
        line = connect_modbus("plant", ModbusTcpLink(type="modbus_tcp", host="127.0.0.1", port=port))
        await check_registers(line)
        await asyncio.gather(*(read(line, address, 3) for address in range(20, 40)))
        await line.reset()
        assert await read(line, 30, 2) == [30, 31]
        await line.close()


POWER = 0x2012


@pytest.mark.parametrize("kind", ["modbus_tcp", "modbus_rtu"])
async def test_a_foreign_client_reads_our_simulated_meters(kind: str, tmp_path: Path) -> None:
    mbpoll = require("mbpoll")
    data = wired_site_data()
    port, path = free_port(), str(tmp_path / "meters")
    data["links"]["meters"] = (
        {"type": kind, "host": "127.0.0.1", "port": port} if kind == "modbus_tcp" else {"type": kind, "path": path}
    )
    site = site_of(data)
    clock = ManualClock(hot_noon(site))
    world = World(site, seed=1, start=clock.now())
    place = ["-m", "tcp", "-p", str(port)] if kind == "modbus_tcp" else ["-m", "rtu", "-b", "9600", "-P", "none"]
    where = "127.0.0.1" if kind == "modbus_tcp" else path
    async with serve(world, clock):
        asking = await asyncio.create_subprocess_exec(
            mbpoll, *place, "-a", "11", "-0", "-r", str(POWER), "-c", "2", "-t", "4:hex", "-1", "-o", "2", where,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asking.communicate()
    assert asking.returncode == 0, said
    words = [line.split(b"0x")[1] for line in said.splitlines() if line.startswith(b"[")]
    assert bytes.fromhex(b"".join(words).decode()) == world.read("meters", 11, Table.HOLDING, POWER, 2)
