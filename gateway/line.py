"""One line with its devices: the round of them, and how it does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from facility.bus import Bus
from facility.clock import Clock, stretched_s
from facility.line_health import LineHealth, UnitHealth
from facility.model import Point, Site
from facility.model.lines import FieldLink, ModbusTcpLink
from facility.profiles.schema import PollClass
from facility.readings import from_us
from gateway.carrier import Carrier
from gateway.modbus.transport import Transport
from gateway.poller import DevicePoller
from gateway.question import Question
from gateway.questions import questions_of
from gateway.response_time import percentile_ms
from gateway.rota import Rota

log = logging.getLogger(__name__)

LONGEST_SLEEP_S: Final = 5.0
"""Longest sleep in one go, so that a clock that was set back is noticed."""

Turns = Rota[tuple[DevicePoller, Sequence[Question]]]


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
    """A line of the site with all its polled devices.

    Args:
        site: the site.
        link_id: a line of it that is polled.
        transport: carries the requests.
        bus: takes the readings and the line's state.
        clock: stamps readings and paces the polls.
        now_s: monotonic wall time, for what is measured.

    Attributes:
        carrier: what its questions go through.
        pollers: its devices, by id.
    """

    def __init__(
        self,
        site: Site,
        link_id: str,
        transport: Transport,
        bus: Bus,
        clock: Clock,
        *,
        now_s: Callable[[], float] = monotonic,
    ) -> None:
        link = site.links[link_id]
        assert isinstance(link, FieldLink)
        self.link = link_id
        self.transport = transport
        self.clock = clock
        self.carrier = Carrier(
            link_id, transport, bus, clock, unit_pause_s=link.unit_pause_ms / 1e3,
            answers_are_numbered=isinstance(link, ModbusTcpLink), when_down=self._went_down, when_up=self._hurry,
            now_s=now_s,
        )  # fmt: skip
        self.pollers = {
            device.id: DevicePoller(site, device.id, self.carrier, self._hurry)
            for device in site.devices.values()
            if device.link == link_id
        }
        self._rota = self._make_rota(site)

    def _make_rota(self, site: Site) -> Turns:
        """One entry per device and poll period. Classes whose periods are equal at this pace are asked together."""
        polls = site.file.polls
        seconds = {PollClass.FAST: polls.fast_s, PollClass.NORMAL: polls.normal_s, PollClass.SLOW: polls.slow_s}
        periods = {name: stretched_s(period_s, self.clock.pace) for name, period_s in seconds.items()}
        rota: Turns = Rota()
        for place, (device, poller) in enumerate(self.pollers.items()):
            groups: dict[float, list[Point]] = {}
            for point in site.points_of_device(device):
                groups.setdefault(periods[point.spec.poll], []).append(point)
            for period_s, points in groups.items():
                questions = questions_of(site, device, points)
                poller.adopt(questions)
                rota.add((poller, questions), period_s=period_s, phase=place / len(self.pollers))
        return rota

    @property
    def up(self) -> bool | None:
        """Whether the line itself works; None until it was first used."""
        return self.carrier.up

    async def run(self) -> None:
        """Polls for ever; comes back by itself after every fault."""
        try:
            while len(self._rota):
                await self._step()
        finally:
            await self.transport.close()

    async def _step(self) -> None:
        now_us = self.carrier.now_us()
        if self._rota.was_set_back(now_us):
            self._go_back(now_us)
        due_us = self._rota.next_us(now_us)
        if self.up is False:
            due_us = max(due_us, self.carrier.retry_us)
        if due_us > now_us:
            await self._sleep(due_us)
            return
        entry = self._rota.take(now_us)
        poller, questions = entry.item
        is_there = await poller.poll(questions)
        self._rota.put_back(entry, self.carrier.now_us())
        if not is_there and all(other.quarantine.is_dead for other in self.pollers.values()):
            await self.carrier.reset_if_due()

    def _go_back(self, now_us: int) -> None:
        log.warning("line %s: the clock was set back; everything is polled again now", self.link)
        self._rota.hurry(now_us)
        self.carrier.clock_was_set_back(now_us)
        for poller in self.pollers.values():
            poller.clock_was_set_back(now_us)

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

    def _went_down(self, now_us: int) -> None:
        for poller in self.pollers.values():
            poller.line_is_down(now_us)

    def _hurry(self) -> None:
        """Line or device are back: everything is read again now."""
        self._rota.hurry(self.carrier.now_us())

    def state(self) -> LineState:
        """How the line does."""
        carrier = self.carrier
        return LineState(
            link=self.link,
            up=self.up,
            devices=tuple(DeviceState(device=name, up=poller.up) for name, poller in self.pollers.items()),
            requests=carrier.requests,
            errors=dict(carrier.errors),
            missed=self._rota.missed,
            latency_p50_ms=percentile_ms(carrier.latencies_s, 0.50),
            latency_p95_ms=percentile_ms(carrier.latencies_s, 0.95),
        )

    def health(self) -> LineHealth:
        """The same with what is known of each unit."""
        carrier = self.carrier
        return LineHealth(
            link=self.link,
            up=self.up,
            at=self.clock.now(),
            requests=carrier.requests,
            errors=dict(carrier.errors),
            missed=self._rota.missed,
            dropped_answers=self.transport.dropped_answers,
            load=carrier.load(),
            latency_p50_ms=percentile_ms(carrier.latencies_s, 0.50),
            latency_p95_ms=percentile_ms(carrier.latencies_s, 0.95),
            units=tuple(self._unit(name, poller) for name, poller in self.pollers.items()),
        )

    def _unit(self, device: str, poller: DevicePoller) -> UnitHealth:
        traffic, quarantine = self.carrier.traffic(poller.unit), poller.quarantine
        since_us, probe_us = quarantine.dead_since_us, quarantine.probe_us
        return UnitHealth(
            device=device,
            up=quarantine.up,
            requests=traffic.requests,
            errors=dict(traffic.errors),
            latency_p50_ms=percentile_ms(traffic.response.recent_s, 0.50),
            latency_p95_ms=percentile_ms(traffic.response.recent_s, 0.95),
            dead_since=None if since_us is None else from_us(since_us),
            probe_at=None if probe_us is None else from_us(probe_us),
        )
