"""Modbus, DL/T 645 and CJ/T 188 meters on one serial line behind a TCP port, with the real gateway and real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from facility.bus import LinkStatus, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import BadAnswer, NoAnswer
from facility.model import Site, SiteFile, build_site
from facility.model.entries import ModbusRtuLink, ModbusRtuOverTcpLink
from facility.profiles import ProfileLibrary
from facility.readings import Reading, Status
from facility.wire_log import WireLog
from gateway.line import Line
from gateway.modbus import Transport, connect_modbus
from gateway.national import national_questions
from simulators.national.dlt645 import ElectricityMeter
from simulators.servers.modbus import LineServer
from simulators.servers.serial_line import SerialLineServer
from simulators.world import World
from tests.gateway.national.bench import START, national_site_data, national_world

pytestmark = pytest.mark.asyncio
TIMEOUT_MS = 150
LATE_S = 0.36
"""Behind the drain that follows a question without an answer, so that the next question is under way."""
SLOW_S = 0.1


def site_of() -> Site:
    data = national_site_data()
    data["links"]["meters"] |= {"timeout_ms": TIMEOUT_MS}
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@dataclass
class Bus485:
    """The line `meters` of the national site at work."""

    site: Site
    world: World
    line: Line
    log: WireLog
    readings: dict[str, Reading] = field(default_factory=dict)
    links: list[tuple[str | None, bool]] = field(default_factory=list)

    def take(self, message: ReadingsTaken) -> None:
        self.readings |= {reading.point: reading for reading in message.batch.readings()}

    def good(self, device: str) -> bool:
        """Whether all points of a device read good."""
        points = self.site.points_of_device(device)
        return all(self.readings[point.id].status is Status.GOOD for point in points)


@asynccontextmanager
async def line_to(site: Site, connect: Callable[[World], Transport] | None = None) -> AsyncIterator[Bus485]:
    """The gateway's side of the line, whoever answers on it; by the site file where `connect` does not say how."""
    bus, log, world = InProcessBus(), WireLog(), national_world(site)
    transport = connect_modbus("meters", site.links["meters"], log) if connect is None else connect(world)
    line = Line(site, "meters", transport, bus, ManualClock(START))
    rig = Bus485(site, world, line, log)
    bus.listen(ReadingsTaken, rig.take)
    bus.listen(LinkStatus, lambda status: rig.links.append((status.device, status.up)))
    try:
        yield rig
    finally:
        await line.transport.close()


@asynccontextmanager
async def shared_line() -> AsyncIterator[Bus485]:
    """The line with the simulated building behind it."""
    async with line_to(site_of()) as rig:
        entry = rig.site.links["meters"]
        assert isinstance(entry, ModbusRtuOverTcpLink)
        server = LineServer(rig.world, "meters", entry, lambda: None)
        await server.start()
        try:
            yield rig
        finally:
            await rig.line.transport.close()
            await server.stop()


@asynccontextmanager
async def shared_port(path: Path) -> AsyncIterator[Bus485]:
    """The same on a serial port of this machine, with dead meters on it."""
    data = national_site_data()
    data["links"]["meters"] = {
        "type": "modbus_rtu", "path": str(path), "baudrate": 115200, "parity": "E", "timeout_ms": TIMEOUT_MS,
    }  # fmt: skip
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    async with line_to(site) as rig:
        entry = site.links["meters"]
        assert isinstance(entry, ModbusRtuLink)
        server = SerialLineServer(rig.world, "meters", entry, lambda: None)
        await server.start()
        try:
            yield rig
        finally:
            await rig.line.transport.close()
            await server.stop()


async def test_all_meters_of_a_serial_port_are_read_but_the_dead_ones(tmp_path: Path) -> None:
    async with shared_port(tmp_path / "meters") as rig:
        rig.world.faults.silence("meters", 12)
        rig.world.faults.silence("meters", "000102030425")
        rig.world.faults.silence("meters", "78330011223345")
        await rig.line.poll_once()
        devices = [device.id for device in rig.site.devices.values() if device.link == "meters"]
        dead = {"m-402", "e3", "w2"}
        assert {device: rig.good(device) for device in devices} == {device: device not in dead for device in devices}


async def test_all_meters_of_a_shared_line_are_read() -> None:
    async with shared_line() as rig:
        await rig.line.poll_once()
        devices = [device.id for device in rig.site.devices.values() if device.link == "meters"]
        assert len(devices) == 11
        assert {device: rig.good(device) for device in devices} == dict.fromkeys(devices, True)
        assert rig.readings["w1-meter.volume"].value == pytest.approx(rig.world.value("w1-meter.volume"), abs=0.011)
        frames = rig.log.of("meters")
        assert frames is not None
        assert any(frame.data.startswith(b"\xfe\xfe\xfe\xfe\x68") for frame in frames.after())


async def test_a_dead_meter_of_each_kind_leaves_the_others_alone() -> None:
    async with shared_line() as rig:
        dead: dict[str, int | str] = {"m-401": 11, "e1": "12345678", "w1": "78330011223344"}
        for unit in dead.values():
            rig.world.faults.silence("meters", unit)
        await rig.line.poll_once()
        alive = ["m-main", "m-402", "e3", "w2", "g1", "h1", "h2", "h3"]
        assert {device: rig.good(device) for device in alive} == dict.fromkeys(alive, True)
        for device in dead:
            points = rig.site.points_of_device(device)
            assert {rig.readings[point.id].status for point in points} == {Status.TIMEOUT}
            assert (device, False) in rig.links
        rig.world.faults.heal()
        await rig.line.poll_once()
        for device in dead:
            assert rig.good(device)
            assert rig.links[-3:].count((device, True)) <= 1


async def test_a_refused_block_is_read_value_by_value() -> None:
    async with shared_line() as rig:
        for meter in rig.world.meters_of_line("meters"):
            if isinstance(meter.speaker, ElectricityMeter):
                meter.speaker.knows_blocks = False
        await rig.line.poll_once()
        assert rig.good("e3")


@pytest.mark.parametrize(("device", "number", "point"), [
    ("e1", "12345678", "e1-meter.energy_import"), ("w1", "78330011223344", "w1-meter.volume"),
])  # fmt: skip
async def test_a_late_answer_does_not_satisfy_the_next_question(device: str, number: str, point: str) -> None:
    async with shared_line() as rig:
        points = rig.site.points_of_device(device)
        question = next(item for item in national_questions(rig.site, device, points) if point in item.points)
        place = question.points.index(point)

        async def read() -> float | None:
            raw = await question.ask(rig.line.carrier, timeout_s=TIMEOUT_MS / 1e3, pause_s=0.0, urgent=False)
            return question.decoder.decode(raw)[0][place]

        first = await read()
        rig.world.faults.delay("meters", number, delay_s=LATE_S)
        with pytest.raises((NoAnswer, BadAnswer)):
            await read()
        assert first is not None
        rig.world.set_counters({point: first + 7.0})
        rig.world.faults.delay("meters", number, delay_s=SLOW_S)
        assert await read() == pytest.approx(first + 7.0, abs=0.02)
