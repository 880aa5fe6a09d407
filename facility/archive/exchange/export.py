"""Takes readings out of a store into a table, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from facility.archive.exchange.writing import TableWriter
from facility.archive.progress import Progress, unseen
from facility.archive.tally import slices
from facility.local_days import date_at, midnight_us
from facility.store import Aggregate, Store
from facility.text import Text

_EDGES_AT_ONCE: Final = 5_000
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Aggregated instead of raw: one row for every `every`, counted from local midnight; a day is a local day."""

    every: timedelta
    how: Aggregate
    hold_us: int
    zone: ZoneInfo


@dataclass(slots=True, kw_only=True)
class Exported:
    """How much was written: rows, points that had any, rows without a value."""

    rows: int = 0
    points: int = 0
    missing: int = 0


def export(
    store: Store,
    units: Mapping[str, str],
    start_us: int,
    end_us: int,
    writer: TableWriter,
    *,
    steps: Steps | None = None,
    progress: Progress = unseen,
) -> Exported:
    """Writes what `store` has of [start, end), point by point, each in time order.

    Args:
        units: the points, each with its unit (empty: not known).
        steps: None: the readings as they are.
    """
    work, what = _Export(store, writer), Text("导出测点", "exporting points")
    for number, (point, unit) in enumerate(units.items()):
        progress(what, number, len(units))
        extent = store.extent(point)
        if extent is None:
            continue
        if steps is None:
            work.readings(point, unit, max(start_us, extent[0]), min(end_us, extent[1] + 1))
        else:
            work.buckets(point, unit, edges_of(start_us, end_us, steps), steps)
    return work.done


class _Export:
    """Carries pieces from the store to the writer, and counts them."""

    def __init__(self, store: Store, writer: TableWriter) -> None:
        self._store = store
        self._writer = writer
        self.done = Exported()

    def readings(self, point: str, unit: str, start_us: int, end_us: int) -> None:
        before = self.done.rows
        for _, _, series in slices(self._store, point, start_us, end_us):
            if len(series):
                self._writer.readings(series, unit)
                self.done.rows += len(series)
                self.done.missing += int(np.isnan(series.values).sum())
        self.done.points += self.done.rows > before

    def buckets(self, point: str, unit: str, edges: Iterator[int], steps: Steps) -> None:
        first = next(edges)
        while more := list(islice(edges, _EDGES_AT_ONCE)):
            buckets = self._store.aggregate(point, [first, *more], steps.how, hold_us=steps.hold_us)
            self._writer.buckets(point, unit, buckets)
            self.done.rows += len(buckets)
            self.done.missing += sum(bucket.value is None for bucket in buckets)
            first = more[-1]
        self.done.points += 1


def edges_of(start_us: int, end_us: int, steps: Steps) -> Iterator[int]:
    """`start`, the boundaries between, `end`; the first and the last interval may be shorter."""
    yield start_us
    day = date_at(start_us, steps.zone)
    if steps.every == DAY:
        while (edge_us := midnight_us(day := day + DAY, steps.zone)) < end_us:
            yield edge_us
    else:
        step_us = steps.every // timedelta(microseconds=1)
        begin_us = midnight_us(day, steps.zone)
        yield from range(begin_us + ((start_us - begin_us) // step_us + 1) * step_us, end_us, step_us)
    yield end_us


def chosen(points: Sequence[str], globs: Sequence[str]) -> list[str]:
    """The points that one of the patterns (`*`, `?`, `[..]`) names, in order; all where there is no pattern."""
    from fnmatch import fnmatchcase

    return [point for point in points if not globs or any(fnmatchcase(point, glob) for glob in globs)]
