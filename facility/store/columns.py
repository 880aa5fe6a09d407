"""Batches of device answers laid out as columns, the way every engine takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facility.readings import Batch
from facility.series import Statuses, Times, Values, made_honest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Readings in the order they were written; columns of equal length, missing values NaN with a bad status."""

    points: list[str]
    times_us: Times
    values: Values
    statuses: Statuses

    def __len__(self) -> int:
        return len(self.points)


def columns_of(batches: Sequence[Batch]) -> Columns:
    """All readings of `batches`.

    Raises:
        ValueError: a batch whose columns differ in length.
    """
    points: list[str] = []
    values: list[float | None] = []
    marked: list[tuple[int, Sequence[int]]] = []
    for batch in batches:
        count = len(batch.points)
        if len(batch.values) != count or (batch.statuses is not None and len(batch.statuses) != count):
            raise ValueError(f"a batch of {count} points with {len(batch.values)} values: columns differ in length")
        if batch.statuses is not None:
            marked.append((len(points), batch.statuses))
        points.extend(batch.points)
        values.extend(batch.values)
    statuses = np.zeros(len(points), np.uint8)
    for start, marks in marked:
        statuses[start : start + len(marks)] = marks
    numbers = np.array(values, np.float64)
    made_honest(numbers, statuses)
    counts = [len(batch.points) for batch in batches]
    times_us = np.repeat(np.array([batch.time_us for batch in batches], np.int64), counts)
    return Columns(points=points, times_us=times_us, values=numbers, statuses=statuses)
