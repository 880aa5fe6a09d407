"""What a day of readings is thinned out to: enough to know what a counter counted, without opening the day.

Kept are the first and the last reading of every quarter hour, the first two and the last two of the day, and the two
readings on either side of every odd step, as long as there are not too many. A step between two neighbouring readings
is odd when it falls, when it takes longer than a quarter of an hour, or when either reading is not good. With all odd
steps kept the skeleton is complete: everything left out is good, rises or stays, and comes in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Series, Times

QUARTER_US: Final = 900_000_000
ODD_LIMIT: Final = 48
"""A day with more odd steps belongs to no counter, or to one that needs all its readings."""

RATE_WINDOW_US: Final = 60_000_000
"""A rise is judged over at least this long, as `facility.accounting.counters` does: a counter moves in steps."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """Columns, one entry for each pair of neighbouring readings: length, unit per second, and whether it is odd."""

    lengths_us: Times
    rates: npt.NDArray[np.float64]
    odd: Flags


def steps_of(series: Series) -> Steps:
    """The steps of a series; an odd one's rate is 0."""
    good = series.good
    lengths = np.diff(series.times_us)
    with np.errstate(over="ignore"):
        rises = np.diff(np.where(good, series.values, 0.0))
    odd = ~(good[1:] & good[:-1]) | (rises < 0) | (lengths > QUARTER_US)
    rates = np.where(odd, 0.0, rises / (np.maximum(lengths, RATE_WINDOW_US) / 1e6))
    return Steps(lengths_us=lengths, rates=rates, odd=odd)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skeleton:
    """`left_out` has one entry for each pair of neighbours in `series`: readings between the two were left out."""

    series: Series
    left_out: Flags


def skeleton_of(series: Series, steps: Steps) -> Skeleton:
    """The skeleton of one day's readings, at least one."""
    quarters = series.times_us // QUARTER_US
    changes = quarters[1:] != quarters[:-1]
    keep = np.append(True, changes) | np.append(changes, True)
    keep[1:2] = keep[-2:] = True
    odd = np.flatnonzero(steps.odd)
    if len(odd) <= ODD_LIMIT:
        near = (odd[:, None] + np.arange(-1, 3)).ravel()
        keep[np.clip(near, 0, len(series) - 1)] = True
    kept = np.flatnonzero(keep)
    return Skeleton(
        series=Series(
            point=series.point,
            times_us=series.times_us[kept],
            values=series.values[kept],
            statuses=series.statuses[kept],
        ),
        left_out=np.diff(kept) > 1,
    )
