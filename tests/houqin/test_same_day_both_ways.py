"""One day made over real Modbus and MQTT is the same day as the one made in process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facility.bus import DecisionMade, OutcomeReported, ReadingsTaken
from facility.clock import ManualClock
from facility.commands import Confirmed
from facility.model import Link, Site
from facility.model.entries import ModbusRtuOverTcpLink, ModbusTcpLink, MqttLink
from gateway.gateway import Gateway
from gateway.modbus import Transport, connect_modbus
from gateway.mqtt.client import MqttLine
from gateway.weather.fetch import http_fetch
from houqin.past import DayOrder, MadeDay, PastDay
from simulators.servers.forecast_service import ForecastService
from simulators.servers.modbus import LineServer
from simulators.servers.mqtt import Publisher
from simulators.world import World
from tests.servers import free_port, mosquitto
from tests.sites import small_site_on

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 10)
UNTIL = datetime(2026, 7, 10, 18, 0, tzinfo=ZONE)


class RealWire:
    """Modbus/TCP, RTU over TCP, MQTT through Mosquitto and HTTP, on loopback."""

    def __init__(self, site: Site, world: World, clock: ManualClock) -> None:
        self.site, self.world, self.clock = site, world, clock
        self.connect_to = connect_modbus
        self._publishers: dict[str, Publisher] = {}
        self._arrived = 0

    def connect(self, link: str, entry: Link) -> Transport:
        return connect_modbus(link, entry)

    async def fetch(self, url: str) -> bytes:
        return await http_fetch(url)

    async def bring(self, gateway: Gateway) -> None:
        """Publishes what the sensors have to say and waits until each message has become a batch."""
        del gateway
        wanted = self._arrived
        for link, topic, payload in self.world.messages():
            self._publishers[link].send(topic, payload)
            wanted += 1
        async with asyncio.timeout(20):
            while self._arrived < wanted:
                await asyncio.sleep(0.002)

    def count(self, message: ReadingsTaken) -> None:
        """Counts batches that came from MQTT devices, and says that they are safe."""
        if message.on_durable is not None:
            message.on_durable()
        point = self.site.points[message.batch.points[0]]
        if isinstance(self.site.links[self.site.devices[point.device].link], MqttLink):
            self._arrived += 1

    @asynccontextmanager
    async def served(self, day: PastDay) -> AsyncIterator[None]:
        """Starts the servers and the gateway's lines to the brokers, and waits until these are up."""
        async with AsyncExitStack() as stack:
            for name, entry in self.site.links.items():
                if isinstance(entry, ModbusTcpLink | ModbusRtuOverTcpLink):
                    server = LineServer(self.world, name, entry, lambda: None)
                    await server.start()
                    stack.push_async_callback(server.stop)
                else:
                    self._publishers[name] = Publisher(name, entry)
                    self._publishers[name].start()
                    stack.push_async_callback(asyncio.to_thread, self._publishers[name].stop)
            port = int(str(self.site.file.weather.forecast[0].url).rsplit(":", 1)[1])
            forecast = ForecastService("127.0.0.1", port, lambda days: self.world.forecast(self.clock.now(), days))
            await forecast.start()
            stack.push_async_callback(forecast.stop)
            day.bus.listen(ReadingsTaken, self.count)
            brokers = list(day.gateway._brokers.values())
            tasks = [asyncio.create_task(broker.run()) for broker in brokers]
            stack.push_async_callback(_end, tasks)
            await _until_up(brokers)
            try:
                yield
            finally:
                await day.gateway.close()


async def _until_up(brokers: list[MqttLine]) -> None:
    async with asyncio.timeout(20):
        while not all(broker.up for broker in brokers):
            await asyncio.sleep(0.01)


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def told(made: MadeDay) -> list[tuple[str, str, datetime]]:
    """Every decision's sentence, with its equipment and time."""
    decisions = [message.decision for message in made.messages if isinstance(message, DecisionMade)]
    return [(decision.equipment, decision.sentence.zh, decision.time) for decision in decisions]


def read(made: MadeDay) -> dict[tuple[str, int], float | None]:
    """Every value, by point and time."""
    return {
        (point, batch.time_us): value
        for batch in made.batches
        for point, value in zip(batch.points, batch.values, strict=True)
    }


@pytest.mark.asyncio
@pytest.mark.timeout(180)
async def test_a_day_over_the_wire_is_the_day_made_in_process(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        site = small_site_on(broker_port=broker.port, forecast_port=free_port())
        order = DayOrder(file=site.file, profiles=dict(site.profiles), day=DAY, until=UNTIL, seed=3)
        in_process = await PastDay(site, order).live_through()
        wire: RealWire | None = None

        def real(world: World, clock: ManualClock) -> RealWire:
            nonlocal wire
            wire = RealWire(site, world, clock)
            return wire

        day = PastDay(site, order, real)
        assert wire is not None
        async with wire.served(day):
            over_wire = await day.live_through()

    here, there = read(in_process), read(over_wire)
    assert here.keys() == there.keys()
    assert len(here) > 10_000
    assert [key for key in here if here[key] != there[key]] == []
    assert told(in_process) == told(over_wire)
    outcomes = [message.outcome for message in over_wire.messages if isinstance(message, OutcomeReported)]
    assert any(isinstance(outcome, Confirmed) for outcome in outcomes), "something was switched that day"
    assert over_wire.last_counters == in_process.last_counters
    assert over_wire.first_counters != over_wire.last_counters
    assert UNTIL - datetime(2026, 7, 10, tzinfo=ZONE) == timedelta(hours=18)
