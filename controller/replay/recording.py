"""What was recorded, as the controller's taps take it: columns of the store, thinned to what says something new."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.accounting.entries import MeterHistory
from facility.almanac import NOTHING_OWN, Almanac
from facility.bus.messages import ForecastReceived
from facility.filings import Filing
from facility.series import Series
from facility.store import Store

MINUTE_US: Final = 60_000_000
HOUR_US: Final = 3_600_000_000
LEAD_US: Final = 13 * HOUR_US
"""So much before a stretch is read with it: a sensor that stood still for twelve hours is told by nothing less."""
KEPT_US: Final = 1800 * 1_000_000
"""A state that does not change is told again after half an hour, so that its age is known well enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the records hold beside readings: forecasts, filings, what people entered about meters and the calendar."""

    forecasts: Sequence[ForecastReceived] = ()
    filings: Sequence[Filing] = ()
    histories: Mapping[str, MeterHistory] = field(default_factory=dict)
    almanac: Almanac = NOTHING_OWN


Event = tuple[int, str, float]
"""Time, point, value: one reading that is good."""


@dataclass(slots=True, kw_only=True)
class Line:
    """Good readings of one point in time order, read from the front."""

    times_us: list[int]
    values: list[float]

    def newest(self, now_us: int) -> int:
        """How many readings there are up to and including `now_us`."""
        return bisect_right(self.times_us, now_us)

    def unchanged_since(self, place: int) -> int:
        """The first reading of the run of equal values that ends at `place`."""
        value = self.values[place]
        while place > 0 and self.values[place - 1] == value:
            place -= 1
        return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some days of the record: `events` in time order, to be taken one by one; `lines` to be looked at when needed."""

    start_us: int
    end_us: int
    events: Sequence[Event]
    lines: Mapping[str, Line]


class Recording:
    """Reads a store stretch by stretch.

    Args:
        store: the readings.
        told: points whose every reading is an event (outdoor temperature, rain, cloud).
        switched: points of which only changes are events, with now and then one that says it still is so.
        looked: points that are looked at only while supply is possible.
    """

    def __init__(self, store: Store, *, told: Iterable[str], switched: Iterable[str], looked: Iterable[str]) -> None:
        self._store = store
        self._told, self._switched, self._looked = sorted(told), sorted(switched), sorted(looked)

    def stretch(self, start_us: int, end_us: int) -> Stretch:
        """What was recorded in [start, end), the lines with what led up to it.

        Raises:
            StoreUnavailable, StoreDamaged: it cannot be read now.
        """
        told = (_events(self._good(point, start_us, end_us)) for point in self._told)
        switched = (_events(_changes(self._good(point, start_us, end_us))) for point in self._switched)
        lines = {point: _line(self._good(point, start_us - LEAD_US, end_us)) for point in self._looked}
        return Stretch(start_us=start_us, end_us=end_us, events=list(merge(*told, *switched)), lines=lines)

    def cadence_s(self, points: Iterable[str], start_us: int, end_us: int) -> float | None:
        """The usual time between two readings of `points`, None when there are none."""
        gaps = [np.diff(self._store.raw(point, start_us, end_us).times_us) for point in points]
        known = [gap for gap in gaps if len(gap)]
        return float(np.median(np.concatenate(known))) / 1e6 if known else None

    def _good(self, point: str, start_us: int, end_us: int) -> Series:
        series = self._store.raw(point, start_us, end_us)
        good = series.good
        if bool(good.all()):
            return series
        return Series(
            point=point, times_us=series.times_us[good], values=series.values[good], statuses=series.statuses[good]
        )


def _changes(series: Series) -> Series:
    """Without readings that say what the one before said, but for the last before a change or a silence, and one in
    half an hour.
    """
    if len(series) < 2:
        return series
    times, values = series.times_us, series.values
    changed = values[1:] != values[:-1]
    silent = np.diff(times) > KEPT_US
    another = np.diff(times // KEPT_US) > 0
    one: npt.NDArray[np.bool_] = np.ones(1, np.bool_)
    kept = np.concatenate((one, changed | another)) | np.concatenate((changed | silent, one))
    return Series(point=series.point, times_us=times[kept], values=values[kept], statuses=series.statuses[kept])


def _events(series: Series) -> list[Event]:
    point = series.point
    return [(time, point, value) for time, value in zip(series.times_us.tolist(), series.values.tolist(), strict=True)]


def _line(series: Series) -> Line:
    return Line(times_us=series.times_us.tolist(), values=series.values.tolist())
