"""How readings become one value per interval: pure, and the same for every engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Series, Times, Values
from facility.store.protocol import Aggregate, Bucket

_Reduce = Callable[[Values, npt.NDArray[np.intp]], Values]


def aggregated(series: Series, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
    """One bucket for each pair of neighbouring edges.

    `series` reaches back at least `hold_us` before the first edge, so that what was read before it still holds there.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend.
    """
    edges = np.asarray(edges_us, np.int64)
    if len(edges) < 2 or bool(np.any(edges[1:] <= edges[:-1])):
        raise ValueError("an aggregate needs at least two edges, each later than the one before")
    held = _Held(series, edges, hold_us)
    values = _VALUES[how](series, edges, held)
    lengths = np.diff(edges)
    return [
        Bucket(
            start_us=start,
            end_us=end,
            value=None if math.isnan(value) else value,
            completeness=min(1.0, covered / length),
        )
        for start, end, value, covered, length in zip(
            edges[:-1].tolist(), edges[1:].tolist(), values.tolist(), held.covered_us.tolist(), lengths.tolist(),
            strict=True,
        )
    ]  # fmt: skip


class _Held:
    """How long each good reading holds: until the next reading of any quality, at most `hold_us`."""

    def __init__(self, series: Series, edges: Times, hold_us: int) -> None:
        self._edges = edges
        self._times_us = series.times_us
        until_next = np.append(np.diff(series.times_us), hold_us)
        self._lengths = np.where(series.good, np.minimum(until_next, hold_us), 0).astype(np.float64)
        self._values = np.where(series.good, series.values, 0.0)
        self.covered_us = self.integral(np.ones(len(series)))

    def integral(self, weights: Values) -> Values:
        """Per bucket, the integral of `weights` over the held time, in microseconds."""
        if not len(self._times_us):
            return np.zeros(len(self._edges) - 1)
        sums = np.concatenate(([0.0], np.cumsum(self._lengths * weights)))
        at = np.searchsorted(self._times_us, self._edges, side="right") - 1
        index = np.maximum(at, 0)
        into = np.clip(self._edges - self._times_us[index], 0, self._lengths[index])
        return np.diff(np.where(at < 0, 0.0, sums[index] + into * weights[index]))

    def mean(self) -> Values:
        """Mean weighted by time; NaN where nothing was held."""
        return _ratio(self.integral(self._values), self.covered_us)

    def duration_s(self) -> Values:
        """Seconds for which the value was not 0; NaN where nothing was held."""
        seconds = self.integral((self._values != 0.0).astype(np.float64)) / 1e6
        return np.where(self.covered_us > 0, seconds, np.nan)


def _ratio(upper: Values, lower: Values) -> Values:
    known = lower > 0
    return np.where(known, upper / np.where(known, lower, 1.0), np.nan)


def _per_bucket(series: Series, edges: Times, reduce: _Reduce) -> Values:
    """`reduce` over the good readings of each bucket; NaN where there is none."""
    good = series.good
    low, high = np.searchsorted(series.times_us[good], (edges[0], edges[-1]))
    times_us, values = series.times_us[good][low:high], series.values[good][low:high]
    starts = np.searchsorted(times_us, edges)
    filled = starts[1:] > starts[:-1]
    result = np.full(len(edges) - 1, np.nan)
    if filled.any():
        result[filled] = reduce(values, starts[:-1][filled])
    return result


def _last(values: Values, starts: npt.NDArray[np.intp]) -> Values:
    last: Values = values[np.append(starts[1:], len(values)) - 1]
    return last


def _count(series: Series, edges: Times, _: _Held) -> Values:
    counts = _per_bucket(series, edges, lambda values, starts: np.diff(np.append(starts, len(values))).astype(float))
    return np.nan_to_num(counts, nan=0.0)


_VALUES: Final[dict[Aggregate, Callable[[Series, Times, _Held], Values]]] = {
    Aggregate.MEAN: lambda _series, _edges, held: held.mean(),
    Aggregate.DURATION: lambda _series, _edges, held: held.duration_s(),
    Aggregate.MIN: lambda series, edges, _: _per_bucket(series, edges, np.minimum.reduceat),
    Aggregate.MAX: lambda series, edges, _: _per_bucket(series, edges, np.maximum.reduceat),
    Aggregate.SUM: lambda series, edges, _: _per_bucket(series, edges, np.add.reduceat),
    Aggregate.LAST: lambda series, edges, _: _per_bucket(series, edges, _last),
    Aggregate.COUNT: _count,
}
