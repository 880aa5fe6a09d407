"""The gateway as a whole: every line of the site, the orders that come in, weather, and the watchdog."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from facility.bus import Bus, CommandIssued, LinesMeasured, OutcomeReported
from facility.clock import Clock
from facility.commands import Command, Refused
from facility.model import Site
from facility.model.entries import IndoorUnit, Kettle, Link, MqttLink, Switch
from facility.text import Text
from facility.wire_log import WireLog
from gateway.alarms import LinkAlarms
from gateway.changes import is_same_line, is_same_weather
from gateway.executor import READ_BACK_AFTER_S, Executor
from gateway.guard import Guard
from gateway.lifts import LiftContacts
from gateway.line import Line, LineState
from gateway.locks import WallLocks
from gateway.modbus import Transport, connect_modbus
from gateway.mqtt.client import MqttLine
from gateway.mqtt.ingest import MqttIngest
from gateway.mqtt.out.publishing import is_same_publishing, publishing_of
from gateway.poller import DevicePoller
from gateway.rates import Rates
from gateway.unit import Unit
from gateway.watchdog import Watchdog
from gateway.weather.fetch import Fetch, http_fetch
from gateway.weather.service import WeatherService

log = logging.getLogger(__name__)

MOST_ORDERS_WAITING: Final = 1000
ORDERS_END_WITHIN_S: Final = 10.0
"""How long orders that are under way are waited for when the site changes, wall seconds."""
HEALTH_EVERY_WALL_S: Final = 10.0
HEALTH: Final = "health"
WEATHER: Final = "weather"
WATCHDOG: Final = "watchdog"
LOCKS: Final = "wall locks"
PUBLISH: Final = "publish"


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
        publish_folder: where what is published for other systems waits for their broker; None: nothing is published.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        *,
        installation: str = "",
        publish_folder: Path | None = None,
        connect: Callable[[str, Link], Transport] | None = None,
        fetch: Fetch = http_fetch,
        wire_log: WireLog | None = None,
        read_back_after_s: tuple[float, ...] = READ_BACK_AFTER_S,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._installation = installation
        self._publish_folder = publish_folder
        self._wire_log = WireLog() if wire_log is None else wire_log
        self._connect = connect or partial(connect_modbus, wire_log=self._wire_log)
        self._fetch = fetch
        self._read_back_after_s = read_back_after_s
        self._guard = Guard(bus, Rates(site.file.control, site.zone), shadow=site.file.control.mode == "shadow")
        self._alarms = LinkAlarms(site, bus, clock)
        self._lines: dict[str, Line] = {}
        self._ingests: dict[str, MqttIngest] = {}
        self._brokers: dict[str, MqttLine] = {}
        self._units: dict[str, Unit] = {}
        self._waiting: deque[Command] = deque()
        self._arrived = asyncio.Event()
        self._orders: set[asyncio.Task[None]] = set()
        self._changing = False
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._site = site
        self._open(site, tuple(site.links))
        self._weather = WeatherService(site, bus, clock, fetch)
        self._publishing = publishing_of(site, bus, clock, publish_folder, installation=installation)
        self._take_charge(site, same=set())
        self._leave = bus.listen(CommandIssued, self._take)

    def _open(self, site: Site, links: Iterable[str]) -> None:
        """Makes these lines; none of them is used yet."""
        for name in links:
            link = site.links[name]
            if not isinstance(link, MqttLink):
                self._lines[name] = Line(site, name, self._connect(name, link), self._bus, self._clock)
                continue
            ingest = self._ingests[name] = MqttIngest(site, name, self._bus, self._clock)
            self._brokers[name] = MqttLine(
                site, name, self._bus, self._clock, ingest, installation=self._installation
            )  # fmt: skip

    def _take_charge(self, site: Site, *, same: set[str]) -> None:
        """Whatever operates equipment, for the lines as they are now. `same`: lines that were there before as well."""
        self._units = dict(_units(site, self._lines, {name: u for name, u in self._units.items() if u.link in same}))
        self._executor = Executor(self._units, self._guard, self._clock, read_back_after_s=self._read_back_after_s)
        self._watchdog = Watchdog(self._units, self._guard, self._bus, self._clock)
        self._locks = WallLocks(site, _pollers(self._lines), self._guard, self._clock)

    async def run(self) -> None:
        """Runs everything until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._group:
                self._start(*self._lines, *self._brokers, WEATHER, WATCHDOG, LOCKS, HEALTH, PUBLISH)
                try:
                    while True:
                        while self._waiting and not self._changing:
                            self._carry_out(self._waiting.popleft())
                        self._arrived.clear()
                        await self._arrived.wait()
                finally:
                    await self._locks.release()  # while the lines still run
        finally:
            self._group = None
            self._tasks.clear()

    def _start(self, *names: str) -> None:
        """Begins work on lines and of the parts that stand beside them; nothing before `run`."""
        if self._group is None:
            return
        beside = {
            WEATHER: self._weather.run,
            WATCHDOG: self._watchdog.run,
            LOCKS: self._locks.run,
            HEALTH: self._tell_health,
        }
        for name in names:
            part = self._publishing if name == PUBLISH else self._lines.get(name) or self._brokers.get(name)
            if part is None and name == PUBLISH:
                continue
            work = beside[name] if part is None else part.run
            self._tasks[name] = self._group.create_task(work(), name=name)

    async def _end(self, *names: str) -> None:
        tasks = [task for name in names if (task := self._tasks.pop(name, None)) is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _carry_out(self, command: Command) -> None:
        assert self._group is not None
        task = self._group.create_task(self._execute(command), name=f"order {command.id}")
        self._orders.add(task)
        task.add_done_callback(self._orders.discard)

    async def adopt(self, site: Site) -> tuple[str, ...]:
        """Goes on with a changed site: lines that are the same in it stay as they are, with their connections; the
        others are closed and made anew. Orders that are under way end first; those that come meanwhile wait.

        Returns:
            The lines that were closed, opened or made anew.
        """
        before, self._changing = self._site, True
        same = {name for name in site.links if is_same_line(before, site, name)}
        try:
            if self._orders:
                await asyncio.wait(self._orders, timeout=ORDERS_END_WITHIN_S)
            await self._change(site, same)
        finally:
            self._changing = False
            self._arrived.set()
        return tuple(name for name in {**before.links, **site.links} if name not in same)

    async def _change(self, site: Site, same: set[str]) -> None:
        before, self._site = self._site, site
        await self._locks.release()
        await self._end(WATCHDOG, LOCKS)
        self._watchdog.close()
        await self._close_lines([name for name in before.links if name not in same], site)
        self._guard.shadow = site.file.control.mode == "shadow"
        self._guard.rates.set_limits(site.file.control, site.zone)
        self._alarms.adopt(site, same)
        opened = [name for name in site.links if name not in same]
        self._open(site, opened)
        self._take_charge(site, same=same)
        self._start(*opened, WATCHDOG, LOCKS)
        if not is_same_weather(before, site):
            await self._end(WEATHER)
            self._weather.close()
            self._weather = WeatherService(site, self._bus, self._clock, self._fetch)
            self._start(WEATHER)
        if not is_same_publishing(before, site):
            await self._end(PUBLISH)
            if self._publishing is not None:
                self._publishing.close()
            self._publishing = publishing_of(
                site, self._bus, self._clock, self._publish_folder, installation=self._installation
            )  # fmt: skip
            self._start(PUBLISH)

    async def _close_lines(self, names: Sequence[str], site: Site) -> None:
        await self._end(*names)
        for name in names:
            line = self._lines.pop(name, None)
            if line is not None:
                await line.transport.close()
            self._brokers.pop(name, None)
            self._ingests.pop(name, None)
            if name not in site.links:
                self._wire_log.drop(name)

    async def _tell_health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_EVERY_WALL_S)
            lines = tuple(line.health() for line in self._lines.values())
            brokers = tuple(broker.health() for broker in self._brokers.values())
            published = None if self._publishing is None else self._publishing.health()
            self._bus.publish(LinesMeasured(lines=lines, brokers=brokers, published=published))

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
        if self._publishing is not None:
            self._publishing.close()
        for line in self._lines.values():
            await line.transport.close()

    def status(self) -> GatewayState:
        """How everything does."""
        return GatewayState(
            lines=tuple(line.state() for line in self._lines.values()),
            brokers=tuple(MqttState(link=name, up=broker.up) for name, broker in self._brokers.items()),
            orders=len(self._waiting) + len(self._orders),
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
        outcome = await self._executor.execute(command)
        self._bus.publish(OutcomeReported(outcome=outcome))


def _pollers(lines: dict[str, Line]) -> dict[str, DevicePoller]:
    return {device: poller for line in lines.values() for device, poller in line.pollers.items()}


def _units(site: Site, lines: dict[str, Line], before: Mapping[str, Unit]) -> Iterator[tuple[str, Unit]]:
    """Everything that can be switched over a Modbus line. Those of `before` go on being what they are."""
    pollers = _pollers(lines)
    for item in site.equipment.values():
        if not isinstance(item, IndoorUnit | Kettle | Switch) or site.point_of(item.id, "on") is None:
            continue
        poller = pollers.get(item.device)
        if poller is not None:
            contacts = _contacts(site, item, pollers)  # which may be on a line that was made anew
            same = before.get(item.id) if contacts is None else None
            yield item.id, same or Unit(site, item.id, poller, contacts)


def _contacts(
    site: Site, item: IndoorUnit | Kettle | Switch, pollers: Mapping[str, DevicePoller]
) -> LiftContacts | None:  # fmt: skip
    if isinstance(item, Switch) and item.kind == "lift":
        return LiftContacts(site, item.operation, pollers)
    return None
