"""The gateway as a whole: every line of the site, the orders that come in, weather, and the watchdog."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from facility.bus import Bus, CommandIssued, OutcomeReported
from facility.clock import Clock
from facility.commands import Command, Refused
from facility.model import Site
from facility.model.entries import IndoorUnit, Kettle, Link, MqttLink, Switch
from facility.text import Text
from facility.wire_log import WireLog
from gateway.alarms import LinkAlarms
from gateway.executor import READ_BACK_AFTER_S, Executor
from gateway.guard import Guard
from gateway.lifts import LiftContacts
from gateway.line import Line, LineState
from gateway.locks import WallLocks
from gateway.modbus import Transport, connect_modbus
from gateway.mqtt.client import MqttLine
from gateway.mqtt.ingest import MqttIngest
from gateway.poller import DevicePoller
from gateway.unit import Unit
from gateway.watchdog import Watchdog
from gateway.weather.fetch import Fetch, http_fetch
from gateway.weather.service import WeatherService

log = logging.getLogger(__name__)

MOST_ORDERS_WAITING: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttState:
    """How a line to a broker does."""

    link: str
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """How the gateway's lines do, and how many orders wait or are being carried out."""

    lines: tuple[LineState, ...]
    brokers: tuple[MqttState, ...]
    orders: int


class Gateway:
    """Reads and writes every device of a site.

    Args:
        site: the site.
        bus: takes readings, outcomes, states and alarms; brings orders and envelopes.
        clock: stamps readings, paces polls, holds deadlines.
        connect: makes the transport of a Modbus line; None as the line's entry says.
        fetch: gets the body of an address for weather providers.
        read_back_after_s: see `gateway.executor.READ_BACK_AFTER_S`.
        wire_log: where the frames of all lines are kept; None keeps them where nobody looks.
        installation: tells this gateway from another one on the same site: brokers know one connection by one name.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        *,
        installation: str = "",
        connect: Callable[[str, Link], Transport] | None = None,
        fetch: Fetch = http_fetch,
        wire_log: WireLog | None = None,
        read_back_after_s: tuple[float, ...] = READ_BACK_AFTER_S,
    ) -> None:
        self._bus = bus
        self._clock = clock
        modbus = {name: link for name, link in site.links.items() if not isinstance(link, MqttLink)}
        self._wire_log = WireLog() if wire_log is None else wire_log
        transport = connect or partial(connect_modbus, wire_log=self._wire_log)
        self._lines = {name: Line(site, name, transport(name, link), bus, clock) for name, link in modbus.items()}
        self._ingests = {
            name: MqttIngest(site, name, bus, clock) for name, link in site.links.items() if isinstance(link, MqttLink)
        }
        self._brokers = {
            name: MqttLine(site, name, bus, clock, ingest, installation=installation)
            for name, ingest in self._ingests.items()
        }
        self._weather = WeatherService(site, bus, clock, fetch)
        self._guard = Guard(bus, shadow=site.file.control.mode == "shadow")
        units = dict(_units(site, self._lines))
        self._executor = Executor(units, self._guard, clock, read_back_after_s=read_back_after_s)
        self._watchdog = Watchdog(units, self._guard, bus, clock)
        self._locks = WallLocks(site, _pollers(self._lines), self._guard, clock)
        self._alarms = LinkAlarms(site, bus)
        self._waiting: deque[Command] = deque()
        self._arrived = asyncio.Event()
        self._under_way = 0
        self._leave = bus.listen(CommandIssued, self._take)

    async def run(self) -> None:
        """Runs everything until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines.values():
                tasks.create_task(line.run(), name=f"line {line.link}")
            for name, broker in self._brokers.items():
                tasks.create_task(broker.run(), name=f"broker {name}")
            tasks.create_task(self._weather.run(), name="weather")
            tasks.create_task(self._watchdog.run(), name="watchdog")
            tasks.create_task(self._locks.run(), name="wall locks")
            try:
                while True:
                    while self._waiting:
                        tasks.create_task(self._execute(self._waiting.popleft()))
                    self._arrived.clear()
                    await self._arrived.wait()
            finally:
                await self._locks.release()  # while the lines still run

    async def poll_once(self) -> None:
        """Reads every Modbus device once, now, all lines at the same time."""
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines.values():
                tasks.create_task(line.poll_once())

    async def settle(self) -> None:
        """Carries out the orders that wait, then looks once after units whose window has ended."""
        await self._carry_out_waiting()
        self._watchdog.look()
        await self._locks.look()
        await self._carry_out_waiting()

    async def _carry_out_waiting(self) -> None:
        while self._waiting:
            await self._execute(self._waiting.popleft())

    def take_message(self, link: str, topic: str, payload: bytes, *, retained: bool = False) -> None:
        """Takes an MQTT message that did not come through a broker.

        Raises:
            KeyError: `link` is no MQTT line of the site.
        """
        self._ingests[link].take(topic, payload, retained=retained)

    async def fetch_forecast(self) -> None:
        """Fetches the forecast now."""
        await self._weather.fetch_once()

    async def close(self) -> None:
        """Lets go of every connection and leaves the bus. For use without `run`."""
        self._leave()
        for part in (self._guard, self._watchdog, self._alarms, self._weather):
            part.close()
        for line in self._lines.values():
            await line.transport.close()

    def status(self) -> GatewayState:
        """How everything does."""
        return GatewayState(
            lines=tuple(line.state() for line in self._lines.values()),
            brokers=tuple(MqttState(link=name, up=broker.up) for name, broker in self._brokers.items()),
            orders=len(self._waiting) + self._under_way,
        )

    def _take(self, message: CommandIssued) -> None:
        """Queues an order; one that was taken before is not taken again."""
        command = message.command
        if not self._guard.takes(command.id):
            log.warning("order %s for %s came again and is not carried out again", command.id, command.equipment)
            return
        if len(self._waiting) >= MOST_ORDERS_WAITING:
            why = Text("等待执行的指令过多", "too many orders are waiting")
            refused = Refused(command_id=command.id, equipment=command.equipment, at=self._clock.now(), why=why)
            self._bus.publish(OutcomeReported(outcome=refused))
            return
        self._waiting.append(command)
        self._arrived.set()

    async def _execute(self, command: Command) -> None:
        self._under_way += 1
        try:
            outcome = await self._executor.execute(command)
        finally:
            self._under_way -= 1
        self._bus.publish(OutcomeReported(outcome=outcome))


def _pollers(lines: dict[str, Line]) -> dict[str, DevicePoller]:
    return {device: poller for line in lines.values() for device, poller in line.pollers.items()}


def _units(site: Site, lines: dict[str, Line]) -> Iterator[tuple[str, Unit]]:
    """Everything that can be switched over a Modbus line."""
    pollers = _pollers(lines)
    for item in site.equipment.values():
        if not isinstance(item, IndoorUnit | Kettle | Switch) or site.point_of(item.id, "on") is None:
            continue
        poller = pollers.get(item.device)
        if poller is not None:
            yield item.id, Unit(site, item.id, poller, _contacts(site, item, pollers))


def _contacts(
    site: Site, item: IndoorUnit | Kettle | Switch, pollers: Mapping[str, DevicePoller]
) -> LiftContacts | None:  # fmt: skip
    if isinstance(item, Switch) and item.kind == "lift":
        return LiftContacts(site, item.operation, pollers)
    return None
