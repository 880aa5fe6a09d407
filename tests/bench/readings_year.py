"""Readings as a building gives them, by the day and as many as wanted: the same for every engine that is measured.

Each device has ten points: three counters in steps of 0.01, three powers with a load curve and 1 % of noise in steps of
0.01, three temperatures in steps of 0.1, one state; or, to ask for the use of many meters, ten counters. A device
answers all its points at one time, on its poll interval give or take a few milliseconds. Everything follows from the
seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.readings import Batch
from facility.series import Times, Values
from facility.store.embedded import EmbeddedStore

DAY_US: Final = 86_400_000_000
FIRST_DAY: Final = 20_454
"""2026-01-01 UTC, in days since 1970."""

KINDS: Final = (
    "energy", "energy_reactive", "water", "power", "power_l1", "power_l2", "supply", "return", "room", "running",
)  # fmt: skip
COUNTERS: Final = frozenset({"energy", "energy_reactive", "water"})
_STEPS_AT_ONCE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much: `series` points (whole devices of ten), each read every `interval_s`, for `days` days. `meters`: all of
    them count.
    """

    series: int = 500
    interval_s: int = 60
    days: int = 30
    seed: int = 2026
    meters: bool = False

    @property
    def devices(self) -> int:
        """Devices that the points belong to."""
        return self.series // len(KINDS)

    @property
    def readings(self) -> int:
        """Readings in all."""
        return self.series * self.days * (86_400 // self.interval_s)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the ten points of each device are."""
        return tuple(f"energy_{number}" for number in range(len(KINDS))) if self.meters else KINDS

    @property
    def points(self) -> list[str]:
        """Names of all points, device by device."""
        return [f"device-{device:04d}.{kind}" for device in range(self.devices) for kind in self.kinds]

    @property
    def counters(self) -> list[str]:
        """Names of those that count."""
        return [point for point in self.points if self.meters or point.rsplit(".", 1)[1] in COUNTERS]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Day:
    """One UTC day: `times_us` by device and step, `values` by point (in the order of `Plan.points`) and step."""

    times_us: Times
    values: Values


def days(plan: Plan) -> Iterator[Day]:
    """The days in order; counters go on from one to the next."""
    rng = np.random.default_rng(plan.seed)
    steps = 86_400 // plan.interval_s
    size_kw = rng.uniform(2.0, 60.0, (plan.devices, 1))
    share = np.linspace(1.0, 0.1, len(KINDS)) if plan.meters else np.array([1.0, 0.3, 0.05])
    counted = rng.uniform(0.0, 1e5, (plan.devices, len(share), 1))
    grid_us = np.arange(steps) * plan.interval_s * 1_000_000
    offset_us = rng.integers(10_000, plan.interval_s * 1_000_000 - 100_000, (plan.devices, 1))
    hour = (grid_us / 3.6e9 + 8.0) % 24.0  # local time of Shanghai
    busy = 0.15 + 0.85 / (1.0 + np.exp(-4 * (hour - 8))) / (1.0 + np.exp(4 * (hour - 18)))
    for number in range(plan.days):
        jitter_us = np.abs(rng.normal(0.0, 2_500.0, (plan.devices, steps))).astype(np.int64)
        times_us = (FIRST_DAY + number) * DAY_US + grid_us + offset_us + jitter_us
        values = np.empty((plan.devices, len(KINDS), steps))
        power_kw = size_kw * busy * (1.0 + rng.normal(0.0, 0.01, (plan.devices, steps)))
        rises = power_kw[:, None, :] * share[:, None] * plan.interval_s / 3600.0
        grown = counted + np.cumsum(rises, axis=2)
        counted = grown[:, :, -1:]
        values[:, : len(share)] = np.floor(grown * 100.0) / 100.0
        if not plan.meters:
            parts = power_kw[:, None, :] * rng.normal(1 / 3, 0.003, (plan.devices, 2, steps))
            values[:, 3] = np.rint(power_kw * 100.0) / 100.0
            values[:, 4:6] = np.rint(parts * 100.0) / 100.0
            values[:, 6:9] = _temperatures(rng, plan, hour)
            values[:, 9] = (busy > 0.3).astype(np.float64)
        yield Day(times_us=times_us, values=values.reshape(plan.series, steps))


def _temperatures(rng: np.random.Generator, plan: Plan, hour: npt.NDArray[np.float64]) -> Values:
    """A daily swing and a slow wandering, read to a tenth of a degree."""
    wandering = np.cumsum(rng.normal(0.0, 0.01, (plan.devices, 3, len(hour))), axis=2)
    swing = np.array([7.0, 12.0, 25.0])[:, None] + 1.5 * np.sin((hour - 9.0) * np.pi / 12.0)
    whole: Values = np.rint((swing + wandering) * 10.0)
    return whole / 10.0


def batches(plan: Plan, day: Day) -> Iterator[list[Batch]]:
    """A day's readings as answers of devices, in groups of many polls."""
    points = plan.points
    names = [points[first : first + len(KINDS)] for first in range(0, plan.series, len(KINDS))]
    steps = day.times_us.shape[1]
    for first in range(0, steps, _STEPS_AT_ONCE):
        last = min(first + _STEPS_AT_ONCE, steps)
        values = day.values[:, first:last].T.tolist()
        times_us = day.times_us[:, first:last].T.tolist()
        yield [
            Batch(
                time_us=time_us,
                points=names[device],
                values=row[device * len(KINDS) : (device + 1) * len(KINDS)],
            )
            for row, row_us in zip(values, times_us, strict=True)
            for device, time_us in enumerate(row_us)
        ]


def fill(store: EmbeddedStore, plan: Plan) -> None:
    """Appends all of it, in big groups, and seals each day."""
    for day in days(plan):
        for group in batches(plan, day):
            store.append(group)
        store.seal()
