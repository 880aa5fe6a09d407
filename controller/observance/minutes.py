"""A local day as a row of minutes, and what is known of each: true, false, or not known. Pure.

Truth follows Kleene: what is false whatever the unknown part may be is false.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.observance import Span
from facility.readings import from_us, to_us
from facility.series import Series

Mask = npt.NDArray[np.bool_]
Truth = npt.NDArray[np.int8]
Column = npt.NDArray[np.float64]

MINUTE_US: Final = 60_000_000
YES: Final = 1
NO: Final = 0
UNKNOWN: Final = -1

SURE_US: Final = 90_000_000
"""Two readings no further apart than this leave no doubt about the minute in which a state changed."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of [start, end), each looked at in its first moment; both whole minutes, aware UTC."""

    start: datetime
    end: datetime

    def __len__(self) -> int:
        return max(0, int((self.end - self.start).total_seconds() // 60))

    @property
    def times_us(self) -> npt.NDArray[np.int64]:
        """The first moment of each minute."""
        return to_us(self.start) + MINUTE_US * np.arange(len(self), dtype=np.int64)

    def within(self, start: datetime, end: datetime) -> Mask:
        """The minutes that begin in [start, end)."""
        times_us = self.times_us
        return (times_us >= to_us(start)) & (times_us < to_us(end))

    def none(self) -> Mask:
        """No minute."""
        return np.zeros(len(self), np.bool_)

    def unknown(self) -> Truth:
        """Nothing is known of any minute."""
        return np.full(len(self), UNKNOWN, np.int8)

    def nothing(self) -> Column:
        """No value in any minute."""
        return np.full(len(self), np.nan)


def told_values(minutes: Minutes, series: Series, *, hold_us: int, changes_at_once: bool = False) -> Column:
    """The value in each minute: the last good reading, for as long as it holds; NaN where nothing is known.

    A state that was polled and found changed, changed somewhere between two readings: the minutes between are not
    known, unless the readings are close. A sensor that tells changes `changes_at_once` leaves no such doubt.
    """
    good = series.good
    times_us, values = series.times_us[good], series.values[good]
    if not len(times_us):
        return minutes.nothing()
    at_us = minutes.times_us
    last = np.searchsorted(times_us, at_us, side="right") - 1
    place = np.maximum(last, 0)
    age_us = at_us - times_us[place]
    known = (last >= 0) & (age_us <= hold_us)
    if not changes_at_once:
        after = np.minimum(place + 1, len(times_us) - 1)
        moved = (values[after] != values[place]) & (times_us[after] - times_us[place] > SURE_US)
        known &= ~(moved & (age_us > 0))
    return np.where(known, values[place], np.nan)


def mean_values(minutes: Minutes, series: Series, *, over_us: int, stale_us: int) -> Column:
    """The mean of the good readings in (minute - `over_us`, minute]; NaN where there is none, or the newest known is
    older than `stale_us`.
    """
    good = series.good
    times_us, values = series.times_us[good], series.values[good]
    if not len(times_us):
        return minutes.nothing()
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at_us = minutes.times_us
    last = np.searchsorted(times_us, at_us, side="right")
    first = np.minimum(np.searchsorted(times_us, at_us - over_us, side="right"), np.maximum(last - 1, 0))
    newest_us = times_us[np.maximum(last - 1, 0)]
    known = (last > 0) & (at_us - newest_us <= stale_us)
    return np.where(known, (sums[last] - sums[first]) / np.maximum(last - first, 1), np.nan)


def is_true(values: Column, found: Mask) -> Truth:
    """`found` where the value is known."""
    return np.where(np.isnan(values), UNKNOWN, found.astype(np.int8)).astype(np.int8)


def all_of(*truths: Truth) -> Truth:
    """True where all are, false where any is false."""
    table = np.stack(truths)
    result = np.where((table == NO).any(axis=0), NO, np.where((table == UNKNOWN).any(axis=0), UNKNOWN, YES))
    return result.astype(np.int8)


def any_of(*truths: Truth) -> Truth:
    """True where any is, false where all are false."""
    table = np.stack(truths)
    result = np.where((table == YES).any(axis=0), YES, np.where((table == UNKNOWN).any(axis=0), UNKNOWN, NO))
    return result.astype(np.int8)


def lasting(truth: Truth, minutes: int) -> Truth:
    """True only from the minute on in which it has been true for `minutes`; the first ones of a run are not."""
    found = truth.copy()
    for begin, end in runs(truth == YES):
        found[begin : min(begin + minutes, end)] = NO
    return found


def runs(mask: Mask) -> Iterator[tuple[int, int]]:
    """The stretches of neighbouring true minutes, as [first, after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def spans_of(minutes: Minutes, mask: Mask) -> tuple[Span, ...]:
    """The stretches of `mask` as times."""
    start = from_us(to_us(minutes.start))
    return tuple(
        Span(start=start + timedelta(minutes=begin), end=start + timedelta(minutes=end)) for begin, end in runs(mask)
    )
