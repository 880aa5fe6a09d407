"""The readings that rules written as data look at: each point they name has a tap, and only those."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from controller.outdoor import SECOND_US, Plausible
from controller.policy.rules.book import RuleBook
from controller.policy.rules.probes import Look, Probe, Source
from controller.policy.schema import Parameters
from controller.rolling import RollingMean
from controller.weather import Tap
from facility.model import Site
from facility.quantities import Quantity
from facility.readings import Quality, Status

MINUTE_US: Final = 60 * SECOND_US
RETURN_AIR: Final = "room_temperature"


@dataclass(slots=True, kw_only=True)
class PointInput:
    """One point as rules read it. `stale`: it was found too old and waits for news; `low` and `high` bound what is
    believed.
    """

    stale_us: int
    low: float | None
    high: float | None
    value: float | None = None
    time_us: int | None = None
    mean: RollingMean | None = None
    believed: Plausible | None = None
    stale: bool = True
    users: set[int] = field(default_factory=set)

    def take(self, time_us: int, value: float) -> bool:
        """Takes a reading; whether rules have to look."""
        if self.time_us is not None and time_us <= self.time_us:
            return False
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return False
        if self.believed is not None and not self.believed.take(time_us, value):
            return False
        if self.mean is not None:
            self.mean.add(time_us, value)
        is_news = self.stale or value != self.value or self.mean is not None
        self.value, self.time_us, self.stale = value, time_us, False
        return is_news

    def at(self, now_us: int) -> float | None:
        """The value (or mean) now, None when nothing is known that is recent enough."""
        if self.time_us is None or now_us - self.time_us > self.stale_us:
            return None
        return self.value if self.mean is None else self.mean.mean(now_us)


Key = tuple[Look, str, float]


class RuleInputs:
    """Keeps what the probes of a book look at, and which of them have news.

    Args:
        site: bounds of points.
        book: the rules.
        p: spans and limits of age.
        stale_s: a limit of age on this clock.
    """

    def __init__(self, site: Site, book: RuleBook, p: Parameters, stale_s: Callable[[float], float]) -> None:
        self._book = book
        self._points: dict[Key, PointInput] = {}
        self._of_probe: dict[int, tuple[tuple[tuple[str, PointInput], ...], ...]] = {}
        self._touched: set[int] = set()
        self._old: list[tuple[int, int, PointInput]] = []
        self._site, self._p, self._stale_s = site, p, stale_s
        for number, probe in enumerate(book.probes):
            self._of_probe[number] = tuple(self._wired(number, source) for source in probe.sources)

    def _wired(self, number: int, source: Source) -> tuple[tuple[str, PointInput], ...]:
        found = []
        for point in source.points:
            key = (source.look, point, source.minutes)
            held = self._points.get(key)
            if held is None:
                held = self._points[key] = self._input(source.look, point, source.minutes)
            held.users.add(number)
            found.append((point, held))
        return tuple(found)

    def _input(self, look: Look, point: str, minutes: float) -> PointInput:
        p, spec = self._p, self._site.points[point]
        limits: dict[Look, float] = {
            "state": p.unit_stale_s, "contact": p.contact_stale_s, "value": p.room_stale_s, "mean": p.room_stale_s,
            "power": p.unit_stale_s, "demand": p.unit_stale_s,
        }  # fmt: skip
        stale_us = round(self._stale_s(limits[look]) * SECOND_US)
        found = PointInput(stale_us=stale_us, low=spec.low, high=spec.high)
        if look == "demand":
            found.mean = RollingMean(round(minutes * MINUTE_US), stale_us)
        elif look == "mean":
            found.mean = RollingMean(round(p.room_mean_s * SECOND_US), stale_us)
        if look == "mean" and spec.quantity is Quantity.TEMPERATURE:
            stands_still = point.endswith(RETURN_AIR)
            frozen_us = None if stands_still else round(p.sensor_frozen_s * SECOND_US)
            found.believed = Plausible(p.sensor_rate_k_per_min, frozen_us)
        return found

    def taps(self) -> dict[str, Tap]:
        """Point -> what takes its readings."""
        by_point: dict[str, list[PointInput]] = {}
        for (_, point, _), held in self._points.items():
            by_point.setdefault(point, []).append(held)
        return {point: self._tap(tuple(inputs)) for point, inputs in by_point.items()}

    def _tap(self, inputs: tuple[PointInput, ...]) -> Tap:
        def tap(time_us: int, value: float | None, status: Status) -> None:
            if value is None or status.quality is not Quality.GOOD:
                return
            for held in inputs:
                is_first = held.stale
                if held.take(time_us, value):
                    self._touched |= held.users
                    if is_first:
                        heapq.heappush(self._old, (time_us + held.stale_us, id(held), held))

        return tap

    def touched(self, now_us: int) -> set[int]:
        """The probes with news since they were last asked for, those whose values have grown too old included."""
        self._age(now_us)
        found, self._touched = self._touched, set()
        return found

    def _age(self, now_us: int) -> None:
        old = self._old
        while old and old[0][0] < now_us:
            _, order, held = heapq.heappop(old)
            assert held.time_us is not None
            if now_us - held.time_us > held.stale_us:
                held.stale = True
                self._touched |= held.users
            else:
                heapq.heappush(old, (held.time_us + held.stale_us, order, held))

    def values(self, number: int, now_us: int) -> tuple[float | None, ...]:
        """What each source of a probe says: the first of its points that is known."""
        return tuple(
            next((value for _, held in source if (value := held.at(now_us)) is not None), None)
            for source in self._of_probe[number]
        )

    def seen(self, number: int, now_us: int) -> Iterator[tuple[str, float | None, int | None]]:
        """Point, value and time of every source of a probe; of an unknown one its first point."""
        for source in self._of_probe[number]:
            known = next(((p, value, held) for p, held in source if (value := held.at(now_us)) is not None), None)
            if known is None:
                yield source[0][0], None, None
            else:
                yield known[0], known[1], known[2].time_us


def latch_key(probe: Probe) -> str:
    """A name of a probe with hysteresis that a restart finds again."""
    points = ",".join("/".join(source.points) for source in probe.sources)
    return f"{probe.leaf.key}:{points}:{'' if probe.test is None else f'{probe.test.operator} {probe.test.limit:g}'}"
