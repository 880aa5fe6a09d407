"""One Modbus line: whose turn it is, whether it is up, how it performs, and the round of its devices."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic as _monotonic_s
from typing import Final

from facility.bus import Bus, LinkStatus
from facility.clock import Clock, stretched_s
from facility.errors import HouqinError, LinkDown
from facility.model import Point, Site
from facility.profiles.schema import PollClass, Table
from facility.readings import Status, from_us, to_us
from gateway.modbus.transport import RawRequest, Transport
from gateway.poller import DevicePoller
from gateway.question import Question
from gateway.questions import questions_of
from gateway.rota import Rota
from gateway.turn import Turn

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
LONGEST_SLEEP_S: Final = 5.0
"""Longest sleep in one go, so that a clock that was set back is noticed."""
LATENCIES_KEPT: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """`up` is None until the device was first asked."""

    device: str
    up: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """How a line does. `up` is None until it was first used; `errors` counts by kind; `missed` counts poll cycles that
    were skipped because the line was too slow; latencies are wall milliseconds, None before the first answer.
    """

    link: str
    up: bool | None
    devices: tuple[DeviceState, ...]
    requests: int
    errors: dict[str, int]
    missed: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None


class Line:
    """A Modbus link of the site with all its devices.

    Args:
        site: the site.
        link_id: a Modbus link of it.
        transport: carries the requests.
        bus: takes the readings and the line's state.
        clock: stamps readings and paces the polls.
    """

    def __init__(self, site: Site, link_id: str, transport: Transport, bus: Bus, clock: Clock) -> None:
        self.link = link_id
        self.transport = transport
        self.bus = bus
        self.clock = clock
        self.up: bool | None = None
        self.requests = 0
        self.errors: Counter[str] = Counter()
        self._latencies_s: deque[float] = deque(maxlen=LATENCIES_KEPT)
        self._turn = Turn()
        self._pause_s = FIRST_PAUSE_S
        self._retry_us = 0
        self.pollers = {
            device.id: DevicePoller(site, device, self) for device in site.devices.values() if device.link == link_id
        }
        self._rota = self._make_rota(site)

    def _make_rota(self, site: Site) -> Rota[tuple[DevicePoller, list[Question]]]:
        """One entry per device and poll period. Classes whose periods are equal at this pace are asked together."""
        polls = site.file.polls
        seconds = {PollClass.FAST: polls.fast_s, PollClass.NORMAL: polls.normal_s, PollClass.SLOW: polls.slow_s}
        periods = {name: stretched_s(period_s, self.clock.pace) for name, period_s in seconds.items()}
        rota: Rota[tuple[DevicePoller, list[Question]]] = Rota()
        for place, (device, poller) in enumerate(self.pollers.items()):
            groups: dict[float, list[Point]] = {}
            for point in site.points_of_device(device):
                groups.setdefault(periods[point.spec.poll], []).append(point)
            for period_s, points in groups.items():
                questions = questions_of(site, device, points)
                poller.adopt(questions)
                rota.add((poller, questions), period_s=period_s, phase=place / len(self.pollers))
        return rota

    def now_us(self) -> int:
        """The clock's time."""
        return to_us(self.clock.now())

    def clock_us(self, wall_s: float) -> int:
        """So many wall seconds in microseconds of the clock, whatever its pace."""
        return int(wall_s * max(1.0, self.clock.pace) * 1e6)

    async def run(self) -> None:
        """Polls for ever; comes back by itself after every fault."""
        try:
            while len(self._rota):
                await self._step()
        finally:
            await self.transport.close()

    async def _step(self) -> None:
        now_us = self.now_us()
        if self._rota.was_set_back(now_us):
            log.warning("line %s: the clock was set back; everything is polled again now", self.link)
            self._rota.hurry(now_us)
            self._retry_us = min(self._retry_us, now_us)
        due_us = self._rota.next_us()
        if self.up is False:
            due_us = max(due_us, self._retry_us)
        if due_us > now_us:
            await self._sleep(due_us)
            return
        entry = self._rota.take()
        poller, questions = entry.item
        await poller.poll(questions)
        self._rota.put_back(entry, self.now_us())

    async def _sleep(self, until_us: int) -> None:
        when = from_us(until_us)
        if self.clock.pace == 0:
            await self.clock.sleep_until(when)
            return
        await asyncio.sleep(min(self.clock.wall_delay_s(when), LONGEST_SLEEP_S))

    async def poll_once(self) -> None:
        """Reads everything of every device once, now; of a device that does not answer, one question."""
        for poller in self.pollers.values():
            await poller.poll(poller.everything, now=True)
            if self.up is False:
                return

    async def read(
        self, unit: int, table: Table, address: int, count: int, timeout_s: float, *, pause_s: float = 0.0,
        urgent: bool = False,
    ) -> bytes:  # fmt: skip
        """One checked answer. A connection that broke while idle is opened again before it counts as a fault.

        Raises:
            HouqinError: as `Transport.read`.
        """

        if not self._turn.try_take():
            await self._turn.take(urgent=urgent)
        self.requests += 1
        started_s = _monotonic_s()
        try:
            try:
                answer = await self.transport.read(unit, table, address, count, timeout_s)
            except LinkDown:
                if self.up is not True:
                    raise
                answer = await self.transport.read(unit, table, address, count, timeout_s)
            self._latencies_s.append(_monotonic_s() - started_s)
            if self.up is not True:
                self._came_up()
            if pause_s and self.clock.pace:
                await asyncio.sleep(pause_s / max(1.0, self.clock.pace))
        except HouqinError as error:
            self._failed(error)
            raise
        finally:
            self._turn.pass_on()
        return answer

    async def exchange(
        self,
        unit: str,
        request: RawRequest,
        timeout_s: float,
        *,
        pause_s: float = 0.0,
        urgent: bool = False,  # noqa: ARG002
    ) -> bytes:
        """One checked answer to a question that is not Modbus. `unit` is the address of the device that is asked.

        Raises:
            HouqinError: as `Transport.exchange`.
        """
        await self._turn.take(urgent=urgent)
        self.requests += 1
        started_s = _monotonic_s()
        try:
            answer = await self.transport.exchange(request, timeout_s)
            self._latencies_s.append(_monotonic_s() - started_s)
            if self.up is not True:
                self._came_up()
            if pause_s and self.clock.pace:
                await asyncio.sleep(pause_s / max(1.0, self.clock.pace))
        except HouqinError as error:
            self._failed(error)
            raise
        finally:
            self._turn.pass_on()
        return answer

    async def write(
        self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float, *, pause_s: float = 0.0
    ) -> None:
        """One acknowledged write, before all reads that wait.

        Raises:
            HouqinError: as `Transport.write`.
        """

        await self._turn.take(urgent=True)
        self.requests += 1
        started_s = _monotonic_s()
        try:
            await self.transport.write(unit, function, address, values, timeout_s)
            self._latencies_s.append(_monotonic_s() - started_s)
            if self.up is not True:
                self._came_up()
            if pause_s and self.clock.pace:
                await asyncio.sleep(pause_s / max(1.0, self.clock.pace))
        except HouqinError as error:
            self._failed(error)
            raise
        finally:
            self._turn.pass_on()

    def _failed(self, error: HouqinError) -> None:
        self.errors[type(error).__name__] += 1
        if isinstance(error, LinkDown):
            self._went_down(error)
        elif self.up is not True:
            self._came_up()

    def _went_down(self, error: LinkDown) -> None:
        now_us = self.now_us()
        self._retry_us = now_us + self.clock_us(self._pause_s * random.uniform(0.75, 1.25))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        for poller in self.pollers.values():
            poller.all_failed(Status.LINK_DOWN, now_us)
        if self.up is not False:
            log.warning("line %s is down: %s", self.link, error)
            self._tell(False, str(error))

    def _came_up(self) -> None:
        self._pause_s = FIRST_PAUSE_S
        if self.up is False:
            log.info("line %s is back", self.link)
            self._rota.hurry(self.now_us())
        self._tell(True, "connected")

    def _tell(self, up: bool, detail: str) -> None:
        self.up = up
        self.bus.publish(LinkStatus(link=self.link, device=None, up=up, at=self.clock.now(), detail=detail))

    def hurry(self) -> None:
        """A device is back: everything is read again now."""
        self._rota.hurry(self.now_us())

    def state(self) -> LineState:
        """How the line does."""
        latencies = sorted(self._latencies_s)
        return LineState(
            link=self.link,
            up=self.up,
            devices=tuple(DeviceState(device=name, up=poller.up) for name, poller in self.pollers.items()),
            requests=self.requests,
            errors=dict(self.errors),
            missed=self._rota.missed,
            latency_p50_ms=_share(latencies, 0.50),
            latency_p95_ms=_share(latencies, 0.95),
        )


def _share(ordered_s: Sequence[float], share: float) -> float | None:
    if not ordered_s:
        return None
    return ordered_s[min(len(ordered_s) - 1, int(share * len(ordered_s)))] * 1e3
