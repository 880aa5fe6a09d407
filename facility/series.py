"""Readings of one point in time order, as columns: what stores give and accounting reckons with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from facility.readings import Status

Times = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
Statuses = npt.NDArray[np.uint8]

FIRST_UNCERTAIN = 64
"""Statuses below are good (see `facility.readings.Status`)."""

FIRST_BAD = 128
"""Statuses from here on go without a value."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """Readings of one point in time order, columns of equal length.

    `times_us` int64; `values` float64, NaN exactly where there is no value; `statuses` uint8 as
    `facility.readings.Status`.
    """

    point: str
    times_us: Times
    values: Values
    statuses: Statuses

    def __len__(self) -> int:
        return len(self.times_us)

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """True for readings fit to decide and to account by: good, and with a value."""
        return (self.statuses < FIRST_UNCERTAIN) & ~np.isnan(self.values)

    def between(self, start_us: int, end_us: int) -> Series:
        """The readings in [start, end)."""
        low, high = np.searchsorted(self.times_us, (start_us, end_us))
        return Series(
            point=self.point,
            times_us=self.times_us[low:high],
            values=self.values[low:high],
            statuses=self.statuses[low:high],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thinned:
    """Readings of a counter from which such were left out as change nothing in what it counted.

    `plain` has one entry for each pair of neighbours in `series`, True where readings between the two were left out.
    All of those, and the two, are good, never fall, lie no further apart than the pause asked for and never rise faster
    than the rate asked for. Elsewhere nothing was left out.
    """

    series: Series
    plain: npt.NDArray[np.bool_]


def unthinned(series: Series) -> Thinned:
    """All readings, nothing left out."""
    return Thinned(series=series, plain=np.zeros(max(len(series) - 1, 0), np.bool_))


def empty_series(point: str) -> Series:
    """No readings at all."""
    return Series(
        point=point,
        times_us=np.empty(0, np.int64),
        values=np.empty(0, np.float64),
        statuses=np.empty(0, np.uint8),
    )


def ordered(series: Series) -> Series:
    """Readings in the order they were written, put in time order; of two at one time the later write stays."""
    times_us = series.times_us
    if len(times_us) < 2 or bool(np.all(times_us[1:] > times_us[:-1])):
        return series
    order = np.argsort(times_us, kind="stable")
    sorted_us = times_us[order]
    keep = order[np.append(sorted_us[1:] != sorted_us[:-1], True)]
    return Series(
        point=series.point, times_us=times_us[keep], values=series.values[keep], statuses=series.statuses[keep]
    )


def merged(earlier: Series, later: Series) -> Series:
    """Both in time order; where both have a reading at one time, that of `later` stays."""
    if not len(earlier):
        return ordered(later)
    if not len(later):
        return earlier
    return ordered(
        Series(
            point=earlier.point,
            times_us=np.concatenate((earlier.times_us, later.times_us)),
            values=np.concatenate((earlier.values, later.values)),
            statuses=np.concatenate((earlier.statuses, later.statuses)),
        )
    )


def made_honest(values: Values, statuses: Statuses) -> None:
    """Makes columns keep, in place, what every reader relies on: a value is missing exactly where the status is bad.

    A number that is none (NaN, infinite) or a missing one without a bad status becomes NOT_A_NUMBER.
    """
    missing = ~np.isfinite(values)
    bad = statuses >= FIRST_BAD
    values[missing | bad] = np.nan
    statuses[missing & ~bad] = Status.NOT_A_NUMBER
