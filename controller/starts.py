"""Whose turn it is to start: one after the other on an outdoor unit and on a feeder, within what a feeder may carry, in
the order in which they asked. Stops never wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from controller.feeders import Supply, supply_of
from controller.policy.findings import Finding, Seen
from facility.decisions import Effect
from facility.model import Site
from facility.readings import Quality, Status, from_us, to_us

Tap = Callable[[int, float | None, Status], None]

POWER_STALE_S: Final = 300.0
"""A measured power older than this says nothing any more."""
SETTLING_S: Final = 60.0
"""So long a start may not show in the measured power yet, and its estimate counts."""
LONGEST_HEAD_S: Final = 600.0
"""After so long at the head of those who wait for power one goes to the end of the row."""


class Start(NamedTuple):
    """A start that was sent: which equipment, when, with what estimated power in kW."""

    equipment: str
    at: datetime
    start_kw: float


class Gate:
    """A feeder with a limit: what is measured, who started lately, who waits, the first first.

    Args:
        meter: its meter.
        limit_kw: measured power above which nothing starts on it.
    """

    def __init__(self, meter: str, limit_kw: float) -> None:
        self.meter = meter
        self.limit_kw = limit_kw
        self._power: tuple[float, int] | None = None
        self._started: list[Start] = []
        self._waiting: dict[str, None] = {}
        self._head: tuple[str, datetime] | None = None

    def take(self, time_us: int, value: float | None, status: Status) -> None:
        """A reading of the meter's power."""
        if value is not None and status.quality is Quality.GOOD:
            self._power = (value, time_us)

    def blocks(self, equipment: str, start_kw: float | None, now: datetime) -> Finding | None:
        """Why `equipment` cannot start on this feeder now, None when it can. Where the power is not known nothing is
        held back. An estimate above half the limit counts as half, so that a big one's time comes as well.
        """
        power = self._power
        if power is None or to_us(now) - power[1] > POWER_STALE_S * 1e6:
            self._waiting.clear()
            return None
        self._forget(now)
        drawn_kw = power[0] + sum(start.start_kw for start in self._started)
        own_kw = min(start_kw or 0.0, self.limit_kw / 2)
        is_first = self._first(now) in (None, equipment)
        if is_first and drawn_kw + own_kw <= self.limit_kw:
            return None
        self._waiting.setdefault(equipment)
        seen = Seen(f"{self.meter}.power", power[0], "sensor", from_us(power[1]))
        return Finding("demand", Effect.HOLD, "", (drawn_kw, own_kw, self.limit_kw), (seen,))

    def _forget(self, now: datetime) -> None:
        self._started = [start for start in self._started if now - start.at < timedelta(seconds=SETTLING_S)]

    def _first(self, now: datetime) -> str | None:
        """Who is at the head of those who wait; who was there too long goes to the end."""
        first = next(iter(self._waiting), None)
        if first is None or self._head is None or self._head[0] != first:
            self._head = None if first is None else (first, now)
        elif now - self._head[1] > timedelta(seconds=LONGEST_HEAD_S):
            del self._waiting[first]
            self._waiting[first] = self._head = None
            return self._first(now)
        return first

    def started(self, start: Start) -> None:
        """A start was sent."""
        self.leave(start.equipment)
        self._started.append(start)

    def leave(self, equipment: str) -> None:
        """It no longer wants to start."""
        self._waiting.pop(equipment, None)


class Starts:
    """Gives every start its turn.

    Args:
        supplies: what the start of each equipment hangs on.
        limits_kw: limit by meter, of those that have one.
        gap_s: clock seconds between two starts on one lane.
    """

    def __init__(self, supplies: Mapping[str, Supply], limits_kw: Mapping[str, float], gap_s: float) -> None:
        self._supplies = supplies
        self._gap = timedelta(seconds=gap_s)
        self._gates = {meter: Gate(meter, limit_kw) for meter, limit_kw in limits_kw.items()}
        self._free_at: dict[str, datetime] = {}
        self._turns: dict[str, datetime] = {}
        self._started: dict[str, datetime] = {}

    def taps(self) -> dict[str, Tap]:
        """Point -> what takes its readings, for every meter with a limit."""
        return {f"{gate.meter}.power": gate.take for gate in self._gates.values()}

    def turn(self, equipment: str, now: datetime) -> tuple[datetime, Finding | None] | None:
        """When `equipment` may start and what holds it back, None: now. Who waits keeps its turn, so that nobody asks
        twice and nobody is passed by.
        """
        at = self._slot(equipment, now)
        if at > now:
            return at, None
        supply = self._supplies[equipment]
        for gate in self._gates_of(supply):
            finding = gate.blocks(equipment, supply.start_kw, now)
            if finding is not None:
                return now + self._gap, finding
        return None

    def _slot(self, equipment: str, now: datetime) -> datetime:
        lanes = self._supplies[equipment].lanes
        at = self._turns.get(equipment)
        if at is None or at + self._gap < now:
            at = max((self._free_at[lane] for lane in lanes if lane in self._free_at), default=now)
            at = self._turns[equipment] = max(at, now)
            for lane in lanes:
                self._free_at[lane] = at + self._gap
        return max([at, *(self._started[lane] + self._gap for lane in lanes if lane in self._started)])

    def started(self, equipment: str, now: datetime) -> None:
        """`equipment` took its turn."""
        supply = self._supplies[equipment]
        self._turns.pop(equipment, None)
        for lane in supply.lanes:
            self._started[lane] = now
        for gate in self._gates_of(supply):
            gate.started(Start(equipment, now, supply.start_kw or 0.0))

    def withdrawn(self, equipment: str) -> None:
        """`equipment` no longer wants to start."""
        if self._turns.pop(equipment, None) is not None:
            for gate in self._gates_of(self._supplies[equipment]):
                gate.leave(equipment)

    def _gates_of(self, supply: Supply) -> list[Gate]:
        return [self._gates[meter] for meter in supply.meters if meter in self._gates]


def starts_of(site: Site, equipment: Iterable[str], gap_s: float) -> Starts:
    """The starts of a site's equipment."""
    supplies = {name: supply_of(site, name) for name in equipment}
    limits_kw = {meter.id: meter.start_limit_kw for meter in site.meters.values() if meter.start_limit_kw is not None}
    return Starts(supplies, limits_kw, gap_s)
