"""Makes past days: the same building, gateway, decisions and guard as the present, on a clock that is moved.

docs/decisions/0002-past-behind-the-present.md says why it is made this way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from controller.controller import Controller
from controller.policy.site_policy import load_policy
from facility.bus import (
    AlarmChanged,
    CommandIssued,
    DecisionMade,
    ForecastReceived,
    Message,
    OutcomeReported,
    ReadingsTaken,
)
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.live import LiveImage
from facility.model import Site, SiteFile, build_site
from facility.profiles import Profile
from facility.readings import Batch, from_us
from gateway.gateway import Gateway
from houqin.carrier import InProcessWire, Wire
from houqin.days import local_midnight
from simulators.world import World

CADENCE: Final = timedelta(minutes=5)
WARM_UP: Final = timedelta(hours=2)
JOURNALLED: Final = (DecisionMade, CommandIssued, OutcomeReported, AlarmChanged, ForecastReceived)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDay:
    """One finished day.

    `batches` in the order they were taken; `messages` what the journal keeps, in order; `first_counters` and
    `last_counters` map counter points to their values at the day's two ends, in canonical units.
    """

    day: date
    batches: Sequence[Batch]
    messages: Sequence[Message]
    first_counters: dict[str, float]
    last_counters: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOrder:
    """What a day is made from; travels to the process that makes it. `until` is aware and lies in the local `day`."""

    file: SiteFile
    profiles: dict[str, Profile]
    day: date
    until: datetime
    seed: int


def orders_before(site: Site, start: datetime, days: int, seed: int) -> list[DayOrder]:
    """The orders for the `days` whole days before `start`'s day and the part of its own day, most recent first."""
    today = start.astimezone(site.zone).date()
    profiles = {key: site.profiles[key] for key in site.profiles}
    orders = [DayOrder(file=site.file, profiles=profiles, day=today, until=start, seed=seed)]
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        until = local_midnight(site, day + timedelta(days=1))
        orders.append(DayOrder(file=site.file, profiles=profiles, day=day, until=until, seed=seed))
    return [order for order in orders if order.until > local_midnight(site, order.day)]


def make_day(order: DayOrder) -> MadeDay:
    """Lives through one day. Blocking; takes some seconds for the example site."""
    site = build_site(order.file, order.profiles)
    return asyncio.run(PastDay(site, order).live_through())


class PastDay:
    """A building with all its rooms on a clock that is moved from the evening before to the end of the day.

    Args:
        site: the site.
        order: which day.
        wire_to: makes the way from the gateway to the building.
        cadence: how far apart readings and decisions are at most.
    """

    def __init__(
        self,
        site: Site,
        order: DayOrder,
        wire_to: Callable[[World, ManualClock], Wire] = InProcessWire,
        *,
        cadence: timedelta = CADENCE,
    ) -> None:
        self.site = site
        self.order = order
        self.cadence = cadence
        self.begin = local_midnight(site, order.day)
        self.clock = ManualClock(self.begin - WARM_UP)
        self.bus = InProcessBus()
        self.live = LiveImage(self.bus)
        self.world = World(site, seed=order.seed, start=self.clock.now())
        self.wire = wire_to(self.world, self.clock)
        self.gateway = Gateway(site, self.bus, self.clock, connect=self.wire.connect, fetch=self.wire.fetch)
        self.controller = Controller(
            site,
            self.bus,
            self.clock,
            self.live,
            policy=load_policy(site.file),
            calendar=Calendar.of(site.file),
            journal=None,
            period_s=cadence.total_seconds(),
        )
        self.batches: list[Batch] = []
        self.messages: list[Message] = []

    async def live_through(self) -> MadeDay:
        """Moves the clock from reading to reading and from edge to edge until the day's end."""
        self._record()
        poll_at = cycle_at = forecast_at = self.clock.now()
        first_counters: dict[str, float] = {}
        while (now := min(poll_at, cycle_at)) < self.order.until:
            self.clock.move_to(now)
            self.world.advance(now)
            if not first_counters and now >= self.begin:
                first_counters = self.world.counters()
            if now >= forecast_at:
                await self.gateway.fetch_forecast()
                forecast_at += timedelta(minutes=30)
            if now >= poll_at:
                await self._read_everything()
                poll_at += self.cadence
            cycle_at = self.controller.cycle(now)
            await self.gateway.settle()
        self.clock.move_to(self.order.until)
        self.world.advance(self.order.until)
        self._close_alarms()
        return MadeDay(
            day=self.order.day,
            batches=self.batches,
            messages=self.messages,
            first_counters=first_counters,
            last_counters=self.world.counters(),
        )

    async def _read_everything(self) -> None:
        await self.wire.bring(self.gateway)
        await self.gateway.poll_once()

    def _close_alarms(self) -> None:
        """What is still abnormal at the end of a made day ends with it: the next day says it anew if it goes on."""
        standing: dict[str, AlarmChanged] = {}
        for message in self.messages:
            if isinstance(message, AlarmChanged):
                standing[message.key] = message
        for alarm in standing.values():
            if alarm.active:
                self.messages.append(replace(alarm, active=False, at=self.order.until))

    def _record(self) -> None:
        self.bus.listen(ReadingsTaken, self._keep_readings)
        for kind in JOURNALLED:
            self.bus.listen(kind, self._keep_message)

    def _keep_readings(self, message: ReadingsTaken) -> None:
        if from_us(message.batch.time_us) >= self.begin:
            self.batches.append(message.batch)

    def _keep_message(self, message: Any) -> None:
        if self.clock.now() >= self.begin:
            self.messages.append(message)


def shifted(batches: Sequence[Batch], offsets: dict[str, float]) -> list[Batch]:
    """The same batches with each counter moved by its offset; points without one stay as they are."""
    known: dict[int, tuple[float, ...] | None] = {}
    result: list[Batch] = []
    for batch in batches:
        key = id(batch.points)
        if key not in known:
            moves = tuple(offsets.get(point, 0.0) for point in batch.points)
            known[key] = moves if any(moves) else None
        moves_or_none = known[key]
        result.append(batch if moves_or_none is None else _moved(batch, moves_or_none))
    return result


def _moved(batch: Batch, moves: tuple[float, ...]) -> Batch:
    values = tuple(
        value if value is None or not move else value + move for value, move in zip(batch.values, moves, strict=True)
    )
    return Batch(time_us=batch.time_us, points=batch.points, values=values, statuses=batch.statuses)
