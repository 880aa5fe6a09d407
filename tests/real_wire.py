"""The way between gateway and simulated building over real servers on loopback, moved step by step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from facility.bus import ReadingsTaken
from facility.clock import ManualClock
from facility.model import Link, Site
from facility.model.entries import ModbusRtuOverTcpLink, ModbusTcpLink, MqttLink
from gateway.gateway import Gateway
from gateway.modbus import Transport, connect_modbus
from gateway.mqtt.client import MqttLine
from gateway.weather.fetch import http_fetch
from houqin.past import PastDay
from simulators.servers.forecast_service import ForecastService
from simulators.servers.modbus import LineServer
from simulators.servers.mqtt import Publisher
from simulators.world import World

Document = dict[str, Any]


class RealWire:
    """Modbus/TCP, RTU over TCP, MQTT through Mosquitto and HTTP, on loopback."""

    def __init__(self, site: Site, world: World, clock: ManualClock) -> None:
        self.site, self.world, self.clock = site, world, clock
        self.said: Callable[[Document], Document] = lambda document: document
        self._publishers: dict[str, Publisher] = {}
        self._arrived = 0

    def connect(self, link: str, entry: Link) -> Transport:
        return connect_modbus(link, entry)

    async def fetch(self, url: str, headers: Mapping[str, str]) -> bytes:
        return await http_fetch(url, headers)

    def _document(self, days: int) -> Document:
        return self.said(self.world.forecast(self.clock.now(), days))

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
                elif isinstance(entry, MqttLink):
                    self._publishers[name] = Publisher(name, entry)
                    self._publishers[name].start()
                    stack.push_async_callback(asyncio.to_thread, self._publishers[name].stop)
            port = int(str(self.site.file.weather.forecast[0].url).rsplit(":", 1)[1])
            forecast = ForecastService("127.0.0.1", port, self._document)
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
