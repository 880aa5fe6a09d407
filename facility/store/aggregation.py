"""How readings become one value per interval: pure, and the same for every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Series, Times, Values
from facility.store.protocol import Aggregate, Bucket

_Reduce = Callable[[Values, npt.NDArray[np.intp]], Values]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """Columns: each reading holds its value from `starts_us` for `lengths_us` (0: it is not good)."""

    starts_us: Times
    lengths_us: Values
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amounts:
    """What was reckoned before, columns in time order: each lies wholly in one bucket, the one that holds `starts_us`.

    Integrals are over held time, in microseconds; `good` counts the good readings, the columns after it speak of those
    and mean nothing where it is 0.
    """

    starts_us: Times
    covered_us: Values
    integrals: Values
    durations_us: Values
    good: Values
    lows: Values
    highs: Values
    lasts: Values
    totals: Values


def held_lengths_us(series: Series, *, hold_us: int, until_us: int | None = None) -> Values:
    """How long each good reading holds: until the next one of any quality, at most `hold_us`; others 0.

    Args:
        until_us: when the reading comes that ends the hold of the last one; None: none is known.
    """
    if not len(series):
        return np.empty(0)
    last_us = hold_us if until_us is None else until_us - int(series.times_us[-1])
    lengths = np.append(np.diff(series.times_us), last_us)
    held: Values = np.where(series.good, np.minimum(lengths, hold_us), 0).astype(np.float64)
    return held


def spans_of(series: Series, lengths_us: Values) -> Spans:
    """Readings with how long each holds."""
    return Spans(starts_us=series.times_us, lengths_us=lengths_us, values=np.where(series.good, series.values, 0.0))


def amounts_of(series: Series) -> Amounts:
    """Each good reading as an amount of its own, without held time."""
    good = series.good
    values, nothing = series.values[good], np.zeros(int(good.sum()))
    return Amounts(
        starts_us=series.times_us[good],
        covered_us=nothing,
        integrals=nothing,
        durations_us=nothing,
        good=np.ones(len(values)),
        lows=values,
        highs=values,
        lasts=values,
        totals=values,
    )


def aggregated(series: Series, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
    """One bucket for each pair of neighbouring edges.

    `series` reaches back at least `hold_us` before the first edge, so that what was read before it still holds there.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend.
    """
    spans = spans_of(series, held_lengths_us(series, hold_us=hold_us))
    return aggregated_parts(spans, amounts_of(series), checked(edges_us), how)


def checked(edges_us: Sequence[int] | Times) -> Times:
    """The edges as a column.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend.
    """
    edges = np.asarray(edges_us, np.int64)
    if len(edges) < 2 or bool(np.any(edges[1:] <= edges[:-1])):
        raise ValueError("an aggregate needs at least two edges, each later than the one before")
    return edges


def aggregated_parts(spans: Spans, amounts: Amounts, edges: Times, how: Aggregate) -> list[Bucket]:
    """One bucket for each pair of neighbouring edges, from what readings hold and what was reckoned before."""
    values, completeness = aggregated_columns(spans, amounts, edges, how)
    bounds_us = edges.tolist()
    return [
        Bucket(start_us=start, end_us=end, value=None if value != value else value, completeness=share)  # noqa: PLR0124
        for start, end, value, share in zip(
            bounds_us[:-1], bounds_us[1:], values.tolist(), completeness.tolist(), strict=True
        )
    ]


def aggregated_columns(spans: Spans, amounts: Amounts, edges: Times, how: Aggregate) -> tuple[Values, Values]:
    """The same as columns: values, NaN where there is none, and completeness."""
    buckets = _Buckets(spans, amounts, edges)
    covered_us = buckets.integral(np.ones(len(spans.starts_us)), amounts.covered_us)
    return _VALUES[how](buckets, covered_us), np.minimum(covered_us / np.diff(edges), 1.0)


def held_columns(spans: Spans, edges: Times) -> tuple[Values, Values, Values]:
    """Per bucket, over held time in microseconds: the integral of the value, the time itself, the time it was not 0."""
    lasted = (spans.values != 0.0).astype(np.float64)
    return _held(spans, spans.values, edges), _held(spans, np.ones(len(lasted)), edges), _held(spans, lasted, edges)


def _held(spans: Spans, weights: Values, edges: Times) -> Values:
    """Per bucket, the integral of `weights` (one per span) over held time."""
    starts_us, lengths = spans.starts_us, spans.lengths_us
    if not len(starts_us):
        return np.zeros(len(edges) - 1)
    with np.errstate(over="ignore"):
        sums = np.concatenate(([0.0], np.cumsum(lengths * weights)))
    at = np.searchsorted(starts_us, edges, side="right") - 1
    index = np.maximum(at, 0)
    into = np.clip(edges - starts_us[index], 0, lengths[index])
    with np.errstate(over="ignore", invalid="ignore"):
        integrals: Values = np.diff(np.where(at < 0, 0.0, sums[index] + into * weights[index]))
    return integrals


class _Buckets:
    """Shares spans and amounts out to the intervals between neighbouring edges."""

    def __init__(self, spans: Spans, amounts: Amounts, edges: Times) -> None:
        self.spans = spans
        self._edges = edges
        low, high = np.searchsorted(amounts.starts_us, (edges[0], edges[-1]))
        self._inside = slice(int(low), int(high))
        self.amounts = amounts

    def integral(self, weights: Values, reckoned: Values) -> Values:
        """Per bucket, the integral of `weights` (one per span) over held time, and the sum of `reckoned`."""
        return _held(self.spans, weights, self._edges) + np.nan_to_num(self.each(np.add.reduceat, reckoned), nan=0.0)

    def each(self, reduce: _Reduce, column: Values, *, where_good: bool = False) -> Values:
        """`reduce` over the amounts of each bucket (those with good readings, if asked); NaN where there is none."""
        starts_us, column = self.amounts.starts_us[self._inside], column[self._inside]
        if where_good:
            chosen = self.amounts.good[self._inside] > 0
            starts_us, column = starts_us[chosen], column[chosen]
        firsts = np.searchsorted(starts_us, self._edges)
        filled = firsts[1:] > firsts[:-1]
        result = np.full(len(self._edges) - 1, np.nan)
        if filled.any():
            result[filled] = reduce(column, firsts[:-1][filled])
        return result


def _mean(buckets: _Buckets, covered_us: Values) -> Values:
    integrals = buckets.integral(buckets.spans.values, buckets.amounts.integrals)
    known = covered_us > 0
    return np.where(known, integrals / np.where(known, covered_us, 1.0), np.nan)


def _duration_s(buckets: _Buckets, covered_us: Values) -> Values:
    lasted_us = buckets.integral((buckets.spans.values != 0.0).astype(np.float64), buckets.amounts.durations_us)
    return np.where(covered_us > 0, lasted_us / 1e6, np.nan)


def _last(values: Values, starts: npt.NDArray[np.intp]) -> Values:
    last: Values = values[np.append(starts[1:], len(values)) - 1]
    return last


_VALUES: Final[dict[Aggregate, Callable[[_Buckets, Values], Values]]] = {
    Aggregate.MEAN: _mean,
    Aggregate.DURATION: _duration_s,
    Aggregate.MIN: lambda b, _: b.each(np.minimum.reduceat, b.amounts.lows, where_good=True),
    Aggregate.MAX: lambda b, _: b.each(np.maximum.reduceat, b.amounts.highs, where_good=True),
    Aggregate.SUM: lambda b, _: b.each(np.add.reduceat, b.amounts.totals, where_good=True),
    Aggregate.LAST: lambda b, _: b.each(_last, b.amounts.lasts, where_good=True),
    Aggregate.COUNT: lambda b, _: np.nan_to_num(b.each(np.add.reduceat, b.amounts.good), nan=0.0),
}
