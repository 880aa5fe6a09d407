"""The building on the wire: real masters against the real servers, and the faults they meet."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusTcpClient

from facility.clock import ManualClock
from facility.errors import LinkDown
from simulators.physics.plant import STANDBY_KW
from simulators.servers import Serving, serve
from simulators.world import World
from tests.servers import free_port, mosquitto, require
from tests.simulators.buildings import ON, SETPOINT, UNIT_401, hot_noon, served_site_data, site_of, wired_site_data
from tests.sites import small_site_data

POWER = 0x2012


@asynccontextmanager
async def served(data: dict[str, Any] | None = None) -> AsyncIterator[tuple[Serving, ManualClock, dict[str, Any]]]:
    """The small site on a hot noon behind its servers, without sensors unless the data have them."""
    data = data or wired_site_data()
    site = site_of(data)
    clock = ManualClock(hot_noon(site))
    world = World(site, seed=1, start=clock.now())
    async with serve(world, clock) as serving:
        yield serving, clock, data


@asynccontextmanager
async def master(
    data: dict[str, Any], link: str, *, rtu: bool = False, timeout_s: float = 2.0
) -> AsyncIterator[AsyncModbusTcpClient]:
    """A pymodbus client on one line."""
    framer = FramerType.RTU if rtu else FramerType.SOCKET
    port = data["links"][link]["port"]
    client = AsyncModbusTcpClient("127.0.0.1", port=port, framer=framer, timeout=timeout_s, retries=0)
    client.comm_params.reconnect_delay = 0
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


async def power_kw(client: AsyncModbusTcpClient, unit: int) -> float:
    answer = await client.read_holding_registers(POWER, count=2, device_id=unit)
    assert not answer.isError(), answer
    raw: float = struct.unpack(">f", b"".join(word.to_bytes(2, "big") for word in answer.registers))[0]
    return raw * 0.1 / 1000.0


@pytest.mark.asyncio
async def test_a_master_reads_meters_over_rtu_on_tcp_and_units_over_tcp() -> None:
    async with served() as (serving, _, data), master(data, "meters", rtu=True) as meters, master(data, "plant") as ac:
        for unit, meter in ((1, "main-meter"), (11, "meter-401"), (12, "meter-402")):
            expected = serving.world.value(f"{meter}.power")
            assert await power_kw(meters, unit) == pytest.approx(expected, rel=1e-6)
        answer = await ac.read_holding_registers(UNIT_401, count=8, device_id=1)
        assert answer.registers[SETPOINT] == 260
        bits = await ac.read_discrete_inputs(UNIT_401, count=2, device_id=1)
        assert bits.bits[:2] == [False, False]


@pytest.mark.asyncio
async def test_what_a_master_writes_the_unit_does_and_the_meter_counts() -> None:
    async with (
        served() as (serving, clock, data),
        master(data, "meters", rtu=True) as meters,
        master(data, "plant") as ac,
    ):
        before_kw = await power_kw(meters, 1)
        written = await ac.write_register(UNIT_401 + ON, 1, device_id=1)
        assert not written.isError()
        assert written.registers == [1]
        clock.advance(300)
        assert await power_kw(meters, 1) > before_kw + 0.5
        assert serving.world.now == clock.now()


@pytest.mark.asyncio
async def test_mbpoll_switches_a_unit_off_below_standby_within_two_minutes_and_the_room_warms() -> None:
    mbpoll = require("mbpoll")
    async with served() as (serving, clock, data):
        world = serving.world
        world.write("plant", 1, 6, UNIT_401 + ON, [1])
        clock.advance(3600)
        world.advance(clock.now())
        assert world.unit_power_kw("ac-401") > 0.3
        cooled_c = world.value("ac-401.room_temperature")

        async def run(*arguments: str) -> str:
            port = str(data["links"]["plant"]["port"])
            command = (mbpoll, "-m", "tcp", "-p", port, "-a", "1", "-0", "-t", "4", "-1", *arguments)
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            async with asyncio.timeout(15):
                output, _ = await process.communicate()
            assert process.returncode == 0, output.decode()
            return output.decode()

        assert "[19]: \t1" in await run("-r", str(UNIT_401 + ON), "127.0.0.1")
        await run("-r", str(UNIT_401 + ON), "127.0.0.1", "0")
        assert "[19]: \t0" in await run("-r", str(UNIT_401 + ON), "127.0.0.1")
        clock.advance(120)
        world.advance(clock.now())
        assert world.unit_power_kw("ac-401") < STANDBY_KW
        clock.advance(1800)
        world.advance(clock.now())
        assert world.value("ac-401.room_temperature") > cooled_c + 1.0


@pytest.mark.asyncio
async def test_an_address_that_a_device_does_not_have_is_refused_with_code_2() -> None:
    async with served() as (_, _, data), master(data, "plant") as ac:
        answer = await ac.read_holding_registers(5000, count=2, device_id=1)
        assert (answer.isError(), answer.exception_code) == (True, 2)
        answer = await ac.write_registers(UNIT_401 + ON, [1], device_id=1)
        assert (answer.isError(), answer.exception_code) == (True, 1)


@pytest.mark.asyncio
async def test_a_unit_id_that_nobody_has_is_not_answered() -> None:
    async with served() as (_, _, data), master(data, "meters", rtu=True, timeout_s=0.2) as meters:
        with pytest.raises(ModbusException):
            await meters.read_holding_registers(POWER, count=2, device_id=77)
        assert await power_kw(meters, 11) > 0.0


@pytest.mark.asyncio
async def test_a_silent_unit_does_not_answer_and_its_neighbours_do() -> None:
    async with served() as (serving, _, data), master(data, "meters", rtu=True, timeout_s=0.2) as meters:
        serving.faults.silence("meters", 11)
        with pytest.raises(ModbusException):
            await power_kw(meters, 11)
        assert await power_kw(meters, 12) > 0.0
        serving.faults.heal("meters", 11)
        assert await power_kw(meters, 11) > 0.0


@pytest.mark.parametrize("code", [4, 6, 0x99])
@pytest.mark.asyncio
async def test_an_exception_code_reaches_the_master_as_it_is(code: int) -> None:
    async with served() as (serving, _, data), master(data, "meters", rtu=True) as meters:
        serving.faults.refuse("meters", 11, code=code)
        answer = await meters.read_holding_registers(POWER, count=2, device_id=11)
        assert (answer.isError(), answer.exception_code) == (True, code)


@pytest.mark.asyncio
async def test_a_late_answer_comes_after_the_master_has_given_up() -> None:
    async with served() as (serving, _, data):
        serving.faults.delay("meters", 11, delay_s=0.3)
        reader, writer = await asyncio.open_connection("127.0.0.1", data["links"]["meters"]["port"])
        try:
            begun = time.monotonic()
            writer.write(bytes.fromhex("0B0320120002 6F64"))
            async with asyncio.timeout(5):
                answer = await reader.readexactly(9)
            assert time.monotonic() - begun > 0.25
            assert answer[:3] == bytes.fromhex("0B0304")
        finally:
            writer.close()
            await writer.wait_closed()


@pytest.mark.asyncio
async def test_a_dropped_connection_is_closed_under_the_master_who_may_come_back() -> None:
    async with served() as (serving, _, data):
        serving.faults.hang_up("plant")
        reader, writer = await asyncio.open_connection("127.0.0.1", data["links"]["plant"]["port"])
        writer.write(bytes.fromhex("000100000006010300100001"))
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            async with asyncio.timeout(5):
                await reader.readexactly(1)
        writer.close()
        serving.faults.heal()
        async with master(data, "plant") as ac:
            assert not (await ac.read_holding_registers(UNIT_401, count=1, device_id=1)).isError()


@pytest.mark.asyncio
async def test_a_value_can_be_made_impossible() -> None:
    async with served() as (serving, _, data), master(data, "plant") as ac:
        serving.faults.force("ac-401.room_temperature", None)
        serving.world.advance(serving.world.now + timedelta(seconds=1))
        answer = await ac.read_holding_registers(UNIT_401 + 6, count=1, device_id=1)
        assert answer.registers == [0x8000]


@pytest.mark.asyncio
async def test_sensors_speak_through_the_embedded_broker_and_the_forecast_is_served() -> None:
    data = served_site_data()
    heard: list[str] = []
    async with served(data) as (serving, clock, _):
        listener = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener")
        listener.on_message = lambda _client, _data, message: heard.append(message.topic)
        subscribed: list[int] = []
        listener.on_subscribe = lambda *_: subscribed.append(1)
        await asyncio.to_thread(listener.connect, "127.0.0.1", data["links"]["sensors"]["port"])
        listener.subscribe("site/#", 1)
        listener.loop_start()
        try:
            await until(lambda: bool(subscribed) and serving.publishers["sensors"].is_connected)
            clock.advance(90)
            await until(lambda: {"site/weather", "site/r401/window"} <= set(heard))
        finally:
            listener.disconnect()
            await asyncio.to_thread(listener.loop_stop)
        url = data["weather"]["forecast"][0]["url"]
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{url}/v1/forecast", params={"latitude": 28.23, "forecast_days": 2})
            assert answer.json() == serving.world.forecast(clock.now(), 2)
            assert (await client.get(f"{url}/v1/forecast", params={"forecast_days": 99})).status_code == 400
            assert (await client.get(f"{url}/other")).status_code == 404
            assert (await client.post(f"{url}/v1/forecast")).status_code == 405


@pytest.mark.server
@pytest.mark.asyncio
async def test_sensors_find_a_real_broker_again_after_it_was_away(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        data = small_site_data(plant_port=free_port(), meters_port=free_port(), broker_port=broker.port)
        async with served(data) as (serving, clock, _):
            publisher = serving.publishers["sensors"]
            await until(lambda: publisher.is_connected)
            await asyncio.to_thread(broker.stop)
            await until(lambda: not publisher.is_connected)
            clock.advance(90)
            await asyncio.to_thread(broker.start)
            await until(lambda: publisher.is_connected, timeout_s=15.0)


@pytest.mark.asyncio
async def test_a_taken_port_is_told() -> None:
    async with served() as (_, clock, data):
        site = site_of(data)
        with pytest.raises(LinkDown, match=f"line plant, at 127.0.0.1:{data['links']['plant']['port']}"):
            async with serve(World(site, seed=1, start=clock.now()), clock):
                pass
