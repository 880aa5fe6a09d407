"""Side-by-side measurement: contestants take short slices in shuffled order on one pinned core; ratios are per round.

Absolute CPU figures drift from machine to machine and from minute to minute; the ratio of two contestants inside one
round does not. Each round also measures the first contestant twice (A/A): far from 1.00 says that the machine was not
fit to measure on.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 7
CONTROL: Final = "A/A"

Slice = Callable[[], tuple[float, float]]
"""Does some work; returns (units of work done, CPU seconds it took)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median, minimum and maximum over the rounds."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g} to {self.high:.3g})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Cost per unit of work (CPU seconds) of each contestant, and each contestant's cost relative to the first's.

    `relative` holds, for each name, cost(name) / cost(first), round by round; `control` the same for the first
    contestant against itself.
    """

    cost_s: Mapping[str, Spread]
    relative: Mapping[str, Spread]
    control: Spread


def cpu_s() -> float:
    """CPU seconds, user and system, of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def children_cpu_s() -> float:
    """CPU seconds of the child processes that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def pin_to_one_core() -> None:
    """Keeps this process on one core, where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})


def compare(contestants: Mapping[str, Slice], *, rounds: int = ROUNDS, seed: int = 1) -> Comparison:
    """Runs every contestant once a round, after one warm-up round that is thrown away."""
    order = random.Random(seed)
    first = next(iter(contestants))
    runs = {**contestants, CONTROL: contestants[first]}
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        names = list(runs)
        order.shuffle(names)
        for name in names:
            units, seconds = runs[name]()
            if number:
                costs[name].append(seconds / units)
    ratios = {name: [cost / base for cost, base in zip(costs[name], costs[first], strict=True)] for name in runs}
    return Comparison(
        cost_s={name: _spread(values) for name, values in costs.items() if name != CONTROL},
        relative={name: _spread(values) for name, values in ratios.items() if name != CONTROL},
        control=_spread(ratios[CONTROL]),
    )


def _spread(values: list[float]) -> Spread:
    return Spread(median=statistics.median(values), low=min(values), high=max(values))
