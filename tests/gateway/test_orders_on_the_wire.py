"""Orders over real connections to pymodbus' own servers, in both framings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from facility.bus import OutcomeReported, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock, SystemClock
from facility.commands import Confirmed, Mode, NotEffective, Unreachable, Wish
from facility.readings import Status
from gateway.gateway import Gateway
from tests.gateway.scene import NOON, Scene, only_modbus, site_with
from tests.servers import free_port

pytestmark = pytest.mark.asyncio
FRAMINGS = pytest.mark.parametrize("framer", [FramerType.SOCKET, FramerType.RTU])
COOL_28 = Wish(on=True, mode=Mode.COOL, setpoint_c=28.0)
SLOT = [0, 3, 260, 0, 0, 0, 291, 0, 0, 0, 0, 0, 0, 0, 0, 0]


@contextlib.asynccontextmanager
async def ac_gateway(port: int, framer: FramerType, *, deaf: bool = False) -> AsyncIterator[list[int]]:
    """A CoolMasterNet with three units that are off, at 26 C. `deaf`: it acknowledges writes and does nothing. Yields
    its holding registers from 16.
    """
    held = SLOT * 4

    async def act(  # noqa: PLR0917
        function: int, start: int, address: int, count: int, registers: list[int], values: list[int] | list[bool] | None
    ) -> None:
        if function in (6, 16) and not deaf:
            fresh = registers[address - start : address - start + count] if values is None else values
            held[address - 16 : address - 16 + len(fresh)] = [int(value) for value in fresh]
        if function == 3:
            registers[16 - start : 16 - start + len(held)] = held

    data = [SimData(address=0, count=100, values=0, datatype=DataType.REGISTERS)]
    device = SimDevice(1, simdata=data, action=act)
    server = ModbusTcpServer([device], framer=framer, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield held
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


def stage_on(port: int, framer: FramerType, *, real_time: bool = False) -> Scene:
    """A gateway on a real connection."""
    link: dict[str, Any] = {"type": "modbus_tcp", "host": "127.0.0.1", "port": port, "timeout_ms": 1000}
    if framer is FramerType.RTU:
        link |= {"type": "modbus_rtu_over_tcp", "baudrate": 115200}

    def change(data: dict[str, Any]) -> None:
        only_modbus(data)
        data["links"] = {"plant": link}
        data["polls"] = {"fast_s": 0.2, "normal_s": 0.5, "slow_s": 1.0}
        data["devices"] = data["devices"][:1]
        data["equipment"] = [
            item for item in data["equipment"] if item["kind"] in ("indoor_unit", "outdoor_unit")
        ]  # fmt: skip

    site, bus = site_with(change), InProcessBus()
    clock: Any = SystemClock() if real_time else ManualClock(NOON)
    gateway = Gateway(site, bus, clock, read_back_after_s=(0.01, 0.05, 0.1))
    stage = Scene(site=site, clock=clock, bus=bus, banks={}, gateway=gateway)
    for kind in (ReadingsTaken, OutcomeReported):
        bus.listen(kind, stage.said.append)
    return stage


@FRAMINGS
async def test_an_order_is_written_and_read_back(framer: FramerType) -> None:
    port = free_port()
    async with ac_gateway(port, framer) as held:
        stage = stage_on(port, framer)
        stage.permit("ac-402")
        outcome = await stage.order("ac-402", COOL_28)
        assert isinstance(outcome, Confirmed)
        assert outcome.read.setpoint_c == 28.0
        assert held[16:20] == [0, 3, 280, 1]
        assert held[:16] == SLOT
        await stage.gateway.close()


@FRAMINGS
async def test_a_gateway_that_acknowledges_and_does_nothing_is_found_out(framer: FramerType) -> None:
    port = free_port()
    async with ac_gateway(port, framer, deaf=True) as held:
        stage = stage_on(port, framer, real_time=True)
        stage.permit("ac-401", may_run_until=None)
        outcome = await stage.order("ac-401", COOL_28)
        assert isinstance(outcome, NotEffective)
        assert outcome.read.on is False
        assert held[:16] == SLOT
        await stage.gateway.close()


async def test_a_server_that_is_gone_makes_the_unit_unreachable() -> None:
    stage = stage_on(free_port(), FramerType.SOCKET)
    stage.permit("ac-401")
    outcome = await stage.order("ac-401", COOL_28)
    assert isinstance(outcome, Unreachable)
    assert "cannot connect" in outcome.error
    await stage.gateway.close()


async def until(condition: Callable[[], bool], what: str) -> None:
    """Lets the loop run until `condition` holds."""
    try:
        async with asyncio.timeout(15):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"{what} did not happen")


@FRAMINGS
async def test_a_running_gateway_survives_its_server_and_stops_when_told(framer: FramerType) -> None:
    port = free_port()
    stage = stage_on(port, framer, real_time=True)

    def statuses() -> list[Status]:
        return [reading.status for reading in stage.readings("ac-401.setpoint")]

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(stage.gateway.run())
        await until(lambda: bool(statuses()), "a first reading")
        assert statuses() == [Status.LINK_DOWN]
        async with ac_gateway(port, framer) as held:
            await until(lambda: statuses()[-1] is Status.GOOD, "a good reading")
            stage.permit("ac-401", may_run_until=None)
            stage.issue("ac-401", COOL_28)
            await until(lambda: bool(stage.heard(OutcomeReported)), "an outcome")
            assert isinstance(stage.heard(OutcomeReported)[0].outcome, Confirmed)
            assert held[:4] == [0, 3, 280, 1]
        await until(lambda: statuses()[-1] is Status.LINK_DOWN, "the end of the line")
        async with ac_gateway(port, framer) as held:
            await until(lambda: statuses()[-1] is Status.GOOD, "a good reading again")
            assert held[:4] == [0, 3, 260, 0]
        running.cancel()
    assert statuses().count(Status.LINK_DOWN) == 2
