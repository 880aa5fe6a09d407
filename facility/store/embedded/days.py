"""UTC days, by which sealed readings are kept, and the keys they are kept under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from facility.readings import from_us
from facility.series import Series

DAY_US: Final = 86_400_000_000
STRETCH_DAYS: Final = 32
"""So many days of one point share one row of summaries."""

_OFFSET: Final = 1 << 19
"""Days count from 1970-01-01; the offset keeps days before that positive in a key."""

EARLIEST_US: Final = -_OFFSET * DAY_US
LATEST_US: Final = _OFFSET * DAY_US
"""Readings in [EARLIEST_US, LATEST_US) have a day: from the year 534 into the year 3405."""

_NUMBER_BITS: Final = 32
_HASH_BITS: Final = 43
_STRETCH_BITS: Final = 15


def day_of(time_us: int) -> int:
    """UTC day number of a time, the nearest that there is."""
    return min(max(time_us // DAY_US, -_OFFSET), _OFFSET - 1)


def block_key(day: int, number: int) -> int:
    """Key of what is kept of one day and one point: all points of a day lie side by side, so that days are appended."""
    return ((day + _OFFSET) << _NUMBER_BITS) | number


def block_place(key: int) -> tuple[int, int]:
    """(day, point number) of a key."""
    return (key >> _NUMBER_BITS) - _OFFSET, key & ((1 << _NUMBER_BITS) - 1)


def times_key(day: int, digest: int) -> int:
    """Key of a column of times of one day."""
    return ((day + _OFFSET) << _HASH_BITS) | (digest & ((1 << _HASH_BITS) - 1))


def stretch_key(number: int, day: int) -> int:
    """Key of the summaries that hold a point's day: all stretches of a point lie side by side, in order."""
    return (number << _STRETCH_BITS) | ((day + _OFFSET) // STRETCH_DAYS)


def stretch_bounds(number: int) -> tuple[int, int]:
    """[low, high) of the keys of a point's summaries."""
    return number << _STRETCH_BITS, (number + 1) << _STRETCH_BITS


def stretch_number(key: int) -> int:
    """Point number of a key of summaries."""
    return key >> _STRETCH_BITS


def stretch_days(key: int) -> range:
    """The days of a key of summaries."""
    first = (key & ((1 << _STRETCH_BITS) - 1)) * STRETCH_DAYS - _OFFSET
    return range(first, first + STRETCH_DAYS)


def day_text(day: int) -> str:
    """A day as people write it."""
    try:
        return f"{from_us(day * DAY_US):%Y-%m-%d} (UTC)"
    except OverflowError:
        return f"day {day} since 1970 (UTC)"


def days_of(series: Series) -> Iterator[tuple[int, Series]]:
    """The series cut at UTC midnights."""
    days = series.times_us // DAY_US
    cuts = np.flatnonzero(days[1:] != days[:-1]) + 1
    for start, end in zip((0, *cuts.tolist()), (*cuts.tolist(), len(series)), strict=True):
        yield int(days[start]), cut(series, start, end)


def cut(series: Series, start: int, end: int) -> Series:
    """The readings at the indices [start, end)."""
    return Series(
        point=series.point,
        times_us=series.times_us[start:end],
        values=series.values[start:end],
        statuses=series.statuses[start:end],
    )
