"""Puts a world behind all servers that its site names, and lets it live with the clock."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from facility.clock import Clock, stretched_s
from facility.errors import LinkDown, Where
from facility.model.entries import MqttLink
from facility.model.lines import SerialLink
from simulators.faults import Faults
from simulators.servers.broker import embedded_broker
from simulators.servers.forecast_service import ForecastService
from simulators.servers.modbus import LineServer
from simulators.servers.mqtt import Publisher
from simulators.servers.serial_line import SerialLineServer
from simulators.world import World

BEAT_S: Final = 0.25
"""Wall seconds between two looks at the clock."""

LAG_S: Final = 0.5
"""Clock seconds by which the world may be behind before a request moves it on."""

LAG_WALL_S: Final = 0.05
MESSAGE_PERIOD_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A building that is being served. `lines`: the Modbus server of each line."""

    world: World
    clock: Clock
    lines: Mapping[str, LineServer]
    publishers: Mapping[str, Publisher]

    @property
    def faults(self) -> Faults:
        """The building's faults, to be provoked and healed."""
        return self.world.faults


@asynccontextmanager
async def serve(
    world: World, clock: Clock, *, embedded: bool = True, message_period_s: float = MESSAGE_PERIOD_S
) -> AsyncIterator[Serving]:
    """Serves `world` while the body runs: Modbus lines, MQTT sensors, forecast.

    Args:
        world: moved on with the clock, by everybody's requests and by itself.
        clock: any pace.
        embedded: start brokers for links that say `embedded: true`.
        message_period_s: how often MQTT sensors repeat themselves, clock seconds (more at a high pace).

    Raises:
        LinkDown: an address of the site is taken, or is not this machine's.
    """
    async with AsyncExitStack() as stack:
        lines = await _start_lines(world, clock, stack)
        publishers = await _start_publishers(world, stack, embedded=embedded)
        await _start_forecasts(world, clock, stack)
        life = asyncio.create_task(_live(world, clock, publishers, message_period_s), name="simulated building")
        stack.push_async_callback(_end, life)
        yield Serving(world=world, clock=clock, lines=lines, publishers=publishers)


async def _start_lines(world: World, clock: Clock, stack: AsyncExitStack) -> dict[str, LineServer]:
    lines: dict[str, LineServer] = {}
    for link, entry in world.site.links.items():
        if isinstance(entry, MqttLink):
            continue
        if isinstance(entry, SerialLink):
            lines[link] = SerialLineServer(world, link, entry, lambda: _catch_up(world, clock))
        else:
            _check_free(entry.host, entry.port, link)
            lines[link] = LineServer(world, link, entry, lambda: _catch_up(world, clock))
        await lines[link].start()
        stack.push_async_callback(lines[link].stop)
    return lines


async def _start_publishers(world: World, stack: AsyncExitStack, *, embedded: bool) -> dict[str, Publisher]:
    publishers = {}
    for link, entry in world.site.links.items():
        if isinstance(entry, MqttLink):
            if entry.embedded and embedded:
                _check_free(entry.host, entry.port, link)
                await stack.enter_async_context(embedded_broker(entry))
            publishers[link] = Publisher(link, entry)
            publishers[link].start()
            stack.push_async_callback(asyncio.to_thread, publishers[link].stop)
    return publishers


async def _start_forecasts(world: World, clock: Clock, stack: AsyncExitStack) -> None:
    for entry in world.site.file.weather.forecast:
        url = urlsplit(entry.url or "")
        if entry.provider == "open_meteo" and url.hostname in ("127.0.0.1", "localhost") and url.port is not None:
            _check_free(url.hostname, url.port, None)
            service = ForecastService(url.hostname, url.port, lambda days: world.forecast(clock.now(), days))
            await service.start()
            stack.push_async_callback(service.stop)


def _check_free(host: str, port: int, link: str | None) -> None:
    """Says where it is that nothing can listen, before a server of another maker says less.

    Raises:
        LinkDown: `link` (None: the forecast service) cannot be served.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            what = "the forecast service" if link is None else "the devices of a line"
            raise LinkDown(
                f"cannot stand in for {what}: {error.strerror}; end the other program or change the address in the"
                " site file / 该地址无法监听,请结束占用它的程序或修改站点文件中的地址",
                where=Where(link=link, address=f"{host}:{port}"),
            ) from error


async def _live(world: World, clock: Clock, publishers: Mapping[str, Publisher], message_period_s: float) -> None:
    """Moves the world on and hands its messages to the brokers, a few times a second."""
    world.send_every(stretched_s(message_period_s, clock.pace))
    while True:
        world.advance(clock.now())
        for link, topic, payload in world.messages():
            publishers[link].send(topic, payload)
        await asyncio.sleep(BEAT_S)


def _catch_up(world: World, clock: Clock) -> None:
    """Who asks at a moment gets the building of that moment."""
    now = clock.now()
    if (now - world.now).total_seconds() >= max(LAG_S, LAG_WALL_S * clock.pace):
        world.advance(now)


async def _end(task: asyncio.Task[None]) -> None:
    """Ends the life task; an error in it comes out here."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
