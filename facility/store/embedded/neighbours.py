"""The last reading with a value before a time, and the first from a time on, of one point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facility.series import Series, empty_series
from facility.store.embedded.days import DAY_US, EARLIEST_US, LATEST_US, cut, day_of
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.skeletons import ODD_LIMIT, QUARTER_US
from facility.store.embedded.summaries import FIRST, LAST, Summaries

OpenDay = Callable[[int], Series]


class Neighbours:
    """Looks past readings without a value, and opens a day only when its summary does not tell.

    Args:
        unsealed: readings not sealed yet.
        touched: the days of those.
        day: gives all that there is of a day, unsealed readings included.
    """

    def __init__(self, shelf: Shelf, number: int, unsealed: Series, touched: set[int], day: OpenDay) -> None:
        self._shelf = shelf
        self._number = number
        self._unsealed = unsealed
        self._touched = touched
        self._day = day

    def last_before(self, time_us: int) -> Series:
        """One reading, or none."""
        fresh = _last(self._unsealed.between(EARLIEST_US, time_us))
        for record in self._shelf.walked(self._number, self._unsealed.point, day_of(time_us), back=True):
            if not record["valued"][0] and int(record["day"][0]) not in self._touched:
                continue
            if len(fresh) and fresh.times_us[0] >= (int(record["day"][0]) + 1) * DAY_US:
                return fresh
            found = self._within(record, LAST, EARLIEST_US, time_us)
            if len(found):
                return found
        return fresh

    def first_from(self, time_us: int) -> Series:
        """One reading, or none."""
        fresh = _first(self._unsealed.between(time_us, LATEST_US))
        for record in self._shelf.walked(self._number, self._unsealed.point, day_of(time_us), back=False):
            if not record["valued"][0] and int(record["day"][0]) not in self._touched:
                continue
            if len(fresh) and fresh.times_us[0] < int(record["day"][0]) * DAY_US:
                return fresh
            found = self._within(record, FIRST, time_us, LATEST_US)
            if len(found):
                return found
        return fresh

    def _within(self, record: Summaries, end: int, start_us: int, end_us: int) -> Series:
        """The valued reading of a day in [start_us, end_us) that lies nearest to its `end`."""
        day = int(record["day"][0])
        choose = _last if end == LAST else _first
        if day in self._touched:
            return choose(self._day(day).between(start_us, end_us))
        time_us = int(record["times_us"][0, end])
        if start_us <= time_us < end_us and not np.isnan(record["values"][0, end]):
            return Series(
                point=self._unsealed.point,
                times_us=record["times_us"][0, end : end + 1].astype(np.int64),
                values=record["values"][0, end : end + 1].astype(np.float64),
                statuses=record["statuses"][0, end : end + 1],
            )
        return choose(self._opened(record, start_us, end_us).between(start_us, end_us))

    def _opened(self, record: Summaries, start_us: int, end_us: int) -> Series:
        """A day, or its skeleton where that has the readings on both sides of the cut."""
        day = int(record["day"][0])
        cut_us = end_us if start_us == EARLIEST_US else start_us
        if cut_us % QUARTER_US == 0 and record["odd"][0] <= ODD_LIMIT:
            skeleton = self._shelf.skeleton(self._number, self._unsealed.point, day)
            if skeleton is not None:
                return skeleton.series
        return self._day(day)


def _last(series: Series) -> Series:
    kept = np.flatnonzero(~np.isnan(series.values))
    return cut(series, int(kept[-1]), int(kept[-1]) + 1) if len(kept) else empty_series(series.point)


def _first(series: Series) -> Series:
    kept = np.flatnonzero(~np.isnan(series.values))
    return cut(series, int(kept[0]), int(kept[0]) + 1) if len(kept) else empty_series(series.point)
