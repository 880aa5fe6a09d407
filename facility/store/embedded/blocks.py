"""Sealed blocks: the readings of one point and one UTC day, compressed, each with a summary beside it."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Iterator
from typing import Final

import numpy as np

from facility.errors import StoreDamaged
from facility.readings import from_us
from facility.series import Series, empty_series, merged
from facility.store.embedded.codec import LogRow, Unreadable, pack_block, unpack_block

DAY_US: Final = 86_400_000_000
_DAY_BITS: Final = 20
_DAY_OFFSET: Final = 1 << (_DAY_BITS - 1)
"""Days count from 1970-01-01; the offset keeps days before that positive in a key."""

_log = logging.getLogger(__name__)


def block_key(number: int, day: int) -> int:
    """Key of a block: all days of a point lie side by side, in order; days beyond them (year 534 to 3405) are cut."""
    return (number << _DAY_BITS) | min(max(day + _DAY_OFFSET, 0), 2 * _DAY_OFFSET - 1)


def point_number(key: int) -> int:
    """Number of the point that a block belongs to."""
    return key >> _DAY_BITS


def day_of(time_us: int) -> int:
    """UTC day number of a time."""
    return time_us // DAY_US


def opened(path: object, point: str, key: int, data: bytes) -> Series:
    """A block's readings.

    Raises:
        StoreDamaged: it fails its checksum; names file, point and day.
    """
    try:
        return unpack_block(point, data)
    except Unreadable as error:
        raise StoreDamaged(
            f"{path}: the readings of {point} on {_day_text(key)} (block {key}) cannot be read: {error}; "
            "all others can; restore that day from a backup"
        ) from error


def _day_text(key: int) -> str:
    day = (key & ((1 << _DAY_BITS) - 1)) - _DAY_OFFSET
    return f"{from_us(day * DAY_US):%Y-%m-%d} (UTC)"


def days_of(series: Series) -> Iterator[tuple[int, Series]]:
    """The series cut at UTC midnights."""
    days = series.times_us // DAY_US
    cuts = np.flatnonzero(days[1:] != days[:-1]) + 1
    for start, end in zip((0, *cuts.tolist()), (*cuts.tolist(), len(series)), strict=True):
        yield (
            int(days[start]),
            Series(
                point=series.point,
                times_us=series.times_us[start:end],
                values=series.values[start:end],
                statuses=series.statuses[start:end],
            ),
        )


def seal_day(connection: sqlite3.Connection, path: object, number: int, day: int, fresh: Series) -> None:
    """Adds readings to the block of their point and day; where it has one of the same time, the fresh one stays.

    A block that cannot be read any more is set aside, not lost, and named in the log.
    """
    key = block_key(number, day)
    held = connection.execute("SELECT data FROM blocks WHERE key = ?", (key,)).fetchone()
    if held is not None:
        try:
            fresh = merged(opened(path, fresh.point, key, held[0]), fresh)
        except StoreDamaged as error:
            set_aside(connection, f"block {key}: {fresh.point}, {_day_text(key)}", held[0])
            _log.error("%s; set aside, what came since is kept", error)
    connection.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?)", (key, pack_block(fresh)))
    connection.execute(
        "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (key, *_summary(fresh))
    )


def set_aside(connection: sqlite3.Connection, part: str, data: bytes) -> None:
    """Keeps bytes that cannot be read, for whoever repairs the file."""
    connection.execute("INSERT INTO set_aside (part, data) VALUES (?, ?)", (part, data))


def _summary(series: Series) -> tuple[object, ...]:
    good = series.values[series.good]
    low, high, total = (float(good.min()), float(good.max()), float(good.sum())) if len(good) else (None,) * 3
    ends = (
        (int(series.times_us[at]), _value(series.values[at]), int(series.statuses[at])) for at in (0, -1)
    )  # fmt: skip
    valued = len(series) - int(np.isnan(series.values).sum())
    return (*next(ends), *next(ends), low, high, total, len(series), valued, len(good))


def _value(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


class Blocks:
    """Reads the sealed readings of one point over one connection."""

    def __init__(self, connection: sqlite3.Connection, path: object, number: int, point: str) -> None:
        self._connection = connection
        self._path = path
        self._number = number
        self._point = point

    def between(self, start_us: int, end_us: int) -> Series:
        """Sealed readings of every day that [start, end) touches."""
        keys = (block_key(self._number, day_of(start_us)), block_key(self._number, day_of(end_us - 1)))
        rows = self._connection.execute("SELECT key, data FROM blocks WHERE key BETWEEN ? AND ? ORDER BY key", keys)
        parts = [opened(self._path, self._point, key, data) for key, data in rows.fetchall()]
        if not parts:
            return empty_series(self._point)
        return Series(
            point=self._point,
            times_us=np.concatenate([part.times_us for part in parts]),
            values=np.concatenate([part.values for part in parts]),
            statuses=np.concatenate([part.statuses for part in parts]),
        )

    def last_before(self, time_us: int, tail: Series) -> Series:
        """The last reading with a value before `time_us`, sealed or in `tail`: one reading, or none."""
        unsealed = _last(_valued(tail.between(_FIRST_US, time_us)))
        for sealed in self._days("key <= ?", day_of(time_us), "DESC", tail):
            found = _last(_valued(sealed.between(_FIRST_US, time_us)))
            if len(found):
                return found if not len(unsealed) or found.times_us[0] >= unsealed.times_us[0] else unsealed
        return unsealed

    def first_from(self, time_us: int, tail: Series) -> Series:
        """The first reading with a value at or after `time_us`, sealed or in `tail`: one reading, or none."""
        unsealed = _first(_valued(tail.between(time_us, _LAST_US)))
        for sealed in self._days("key >= ?", day_of(time_us), "ASC", tail):
            found = _first(_valued(sealed.between(time_us, _LAST_US)))
            if len(found):
                return found if not len(unsealed) or found.times_us[0] <= unsealed.times_us[0] else unsealed
        return unsealed

    def _days(self, bound: str, day: int, direction: str, tail: Series) -> Iterator[Series]:
        """Days that hold a value, from `day` on in one direction, each with what `tail` has written over it."""
        first, last = self._number << _DAY_BITS, (self._number + 1) << _DAY_BITS
        rows = self._connection.execute(
            "SELECT s.key, b.data FROM summaries s JOIN blocks b ON b.key = s.key "
            f"WHERE s.{bound} AND s.key >= ? AND s.key < ? AND s.valued > 0 ORDER BY s.key {direction}",
            (block_key(self._number, day), first, last),
        )
        for key, data in rows:
            at = ((key & ((1 << _DAY_BITS) - 1)) - _DAY_OFFSET) * DAY_US
            yield merged(opened(self._path, self._point, key, data), tail.between(at, at + DAY_US))


_FIRST_US: Final = int(np.iinfo(np.int64).min)
_LAST_US: Final = int(np.iinfo(np.int64).max)


def _valued(series: Series) -> Series:
    kept = ~np.isnan(series.values)
    return Series(
        point=series.point,
        times_us=series.times_us[kept],
        values=series.values[kept],
        statuses=series.statuses[kept],
    )


def _last(series: Series) -> Series:
    return series if not len(series) else series.between(int(series.times_us[-1]), _LAST_US)


def _first(series: Series) -> Series:
    return series if not len(series) else series.between(_FIRST_US, int(series.times_us[0]) + 1)


def newest_sealed(connection: sqlite3.Connection, numbers: list[int]) -> LogRow:
    """The newest sealed reading of each point, from the summaries alone."""
    rows = []
    for number in numbers:
        found = connection.execute(
            "SELECT last_us, last_value, last_status FROM summaries"
            " WHERE key < ? AND key >= ? ORDER BY key DESC LIMIT 1",
            ((number + 1) << _DAY_BITS, number << _DAY_BITS),
        ).fetchone()
        if found is not None:
            rows.append((number, *found))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return LogRow(
        numbers=np.array(columns[0], np.int32),
        times_us=np.array(columns[1], np.int64),
        values=np.array(columns[2], np.float64),
        statuses=np.array(columns[3], np.uint8),
    )
