"""Readings from one store to another, piece by piece, nothing lost and nothing made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

import numpy as np

from facility.archive.tally import slices
from facility.readings import Batch, Status
from facility.series import Series
from facility.store import Store

APPENDED_READINGS: Final = 50_000
"""Readings in one call of `append`."""


def batches_of(series: Series) -> list[Batch]:
    """The readings of one point as batches of one reading each."""
    values = series.values.astype(object)
    values[np.isnan(series.values)] = None
    points = (series.point,)
    marks = cast(Sequence[Status], series.statuses.tolist())  # numbers that this version has no name for stay
    return [
        Batch(time_us=time_us, points=points, values=(value,), statuses=(mark,))
        for time_us, value, mark in zip(series.times_us.tolist(), values.tolist(), marks, strict=True)
    ]


def append_series(target: Store, series: Series) -> None:
    """Writes the readings of one point; durable on return."""
    for first in range(0, len(series), APPENDED_READINGS):
        last = min(first + APPENDED_READINGS, len(series))
        target.append(
            batches_of(
                Series(
                    point=series.point,
                    times_us=series.times_us[first:last],
                    values=series.values[first:last],
                    statuses=series.statuses[first:last],
                )
            )
        )


def copy_point(source: Store, target: Store, point: str, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
    """Copies the readings of [start, end); after each piece that is safe in `target`, gives the time up to which all
    is, and how many readings the piece had.
    """
    for _, until_us, series in slices(source, point, start_us, end_us):
        append_series(target, series)
        yield until_us, len(series)
