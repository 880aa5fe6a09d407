"""What a store holds of each point, in figures that two copies can be compared by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from facility.archive.progress import Progress, unseen
from facility.errors import StoreDamaged
from facility.series import Series
from facility.store import Store
from facility.text import Text

DAY_US: Final = 86_400_000_000
SLICE_READINGS: Final = 200_000
"""So many readings of one point are in memory at once, roughly."""

_MOST_DAYS: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTally:
    """The readings of one point in figures.

    `missing` counts those without a value. `first_us` and `last_us` are None where there is no reading. `total` is the
    exact sum of the values, rounded once (math.fsum), the same in whatever order they are read; None where no reading
    has a value, or where a float cannot hold the sum. `damage` says what could not be read, None when all could: the
    other figures are then nothing.
    """

    point: str
    count: int
    missing: int
    first_us: int | None
    last_us: int | None
    total: float | None
    damage: str | None = None


def slices(store: Store, point: str, start_us: int, end_us: int) -> Iterator[tuple[int, int, Series]]:
    """The readings of [start, end) in pieces of whole UTC days: start and end of each piece, and what is in it.

    A piece grows while there is little in it and shrinks while there is much, so that memory stays bounded.
    """
    days, at_us = 1, start_us
    while at_us < end_us:
        until_us = min((at_us // DAY_US + days) * DAY_US, end_us)
        series = store.raw(point, at_us, until_us)
        yield at_us, until_us, series
        at_us = until_us
        if len(series) < SLICE_READINGS // 4:
            days = min(days * 2, _MOST_DAYS)
        elif len(series) > SLICE_READINGS:
            days = max(days // 4, 1)


def tally(store: Store, point: str, *, until_us: int | None = None) -> PointTally:
    """The figures of one point; of its readings before `until_us` only where that is given."""
    counted = _Counted()
    try:
        extent = store.extent(point)
        if extent is None:
            return counted.told(point)
        end_us = extent[1] + 1 if until_us is None else min(extent[1] + 1, until_us)
        values = (counted.taken(series) for _, _, series in slices(store, point, extent[0], end_us))
        counted.total = _sum(chain.from_iterable(values))
    except StoreDamaged as error:
        return PointTally(
            point=point, count=0, missing=0, first_us=None, last_us=None, total=None, damage=error.message
        )
    return counted.told(point)


def _sum(values: Iterator[float]) -> float:
    try:
        return math.fsum(values)
    except OverflowError:
        for _ in values:  # what is left still counts
            pass
        return math.nan


class _Counted:
    """Counts what passes by."""

    def __init__(self) -> None:
        self.count = self.valued = 0
        self.first_us: int | None = None
        self.last_us: int | None = None
        self.total = 0.0

    def taken(self, series: Series) -> list[float]:
        """The values of one piece."""
        if not len(series):
            return []
        if self.first_us is None:
            self.first_us = int(series.times_us[0])
        self.last_us = int(series.times_us[-1])
        values: list[float] = series.values[~np.isnan(series.values)].tolist()
        self.count += len(series)
        self.valued += len(values)
        return values

    def told(self, point: str) -> PointTally:
        return PointTally(
            point=point,
            count=self.count,
            missing=self.count - self.valued,
            first_us=self.first_us,
            last_us=self.last_us,
            total=None if self.valued == 0 or math.isnan(self.total) else self.total,
        )


def tallies(store: Store, points: Sequence[str], progress: Progress = unseen) -> Iterator[PointTally]:
    """The figures of every one of `points`, in their order."""
    what = Text("核对测点", "counting points")
    for number, point in enumerate(points):
        progress(what, number, len(points))
        yield tally(store, point)
    progress(what, len(points), len(points))
