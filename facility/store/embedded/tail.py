"""What is not sealed yet, in memory, and the newest reading of every point."""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.readings import Reading, Status, from_us
from facility.series import Series, Statuses, Times, Values, empty_series, ordered
from facility.store.embedded.codec import LogRow

_GATHERED: Final = 65_536
"""So many waiting readings are sorted in at once: some ten milliseconds."""


class _Growing:
    """Readings of one point in the order they were written."""

    __slots__ = ("statuses", "times_us", "values")

    def __init__(self) -> None:
        self.times_us = array("q")
        self.values = array("d")
        self.statuses = bytearray()

    def extend(self, later: _Growing) -> None:
        """Adds what was written later."""
        self.times_us.extend(later.times_us)
        self.values.extend(later.values)
        self.statuses += later.statuses


class Tail:
    """Unsealed readings per point number. Safe to read from any thread while one adds and another seals.

    What was added last waits in rows until somebody reads or enough has gathered: sorting many at once is cheap.
    Sealing freezes what is there; what comes after is kept apart, later in the order of writing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frozen: dict[int, _Growing] = {}
        self._series: dict[int, _Growing] = {}
        self._waiting: list[LogRow] = []
        self._waiting_count = 0
        self._frozen_count = 0
        self._fresh_count = 0

    @property
    def count(self) -> int:
        """Readings in memory."""
        return self._frozen_count + self._fresh_count

    def add(self, row: LogRow) -> None:
        """Takes the readings of one log row."""
        with self._lock:
            self._waiting.append(row)
            self._waiting_count += len(row)
            self._fresh_count += len(row)
            if self._waiting_count >= _GATHERED:
                self._sort_in()

    def _sort_in(self) -> None:
        """Gives what waits to the series it belongs to. Called with the lock held."""
        if not self._waiting:
            return
        _grow(self._series, _joined(self._waiting))
        self._waiting.clear()
        self._waiting_count = 0

    def series(self, number: int, point: str) -> Series:
        """The unsealed readings of one point, in time order."""
        with self._lock:
            self._sort_in()
            parts = [held[number] for held in (self._frozen, self._series) if number in held]
            copied = _copied(point, parts)
        return ordered(copied)

    def spans_us(self, numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Of the points that have unsealed readings, the times of the first and the last."""
        with self._lock:
            self._sort_in()
            found: dict[int, tuple[int, int]] = {}
            for number in numbers:
                times_us = [held[number].times_us for held in (self._frozen, self._series) if number in held]
                if times_us:
                    found[number] = (min(map(min, times_us)), max(map(max, times_us)))
            return found

    def freeze(self) -> list[int]:
        """Keeps what is there apart, to be sealed; the points that have some. Nothing must be frozen yet."""
        with self._lock:
            self._sort_in()
            self._frozen, self._series = self._series, {}
            self._frozen_count, self._fresh_count = self._fresh_count, 0
            return sorted(self._frozen)

    def frozen(self, number: int, point: str) -> Series:
        """The frozen readings of one point, in time order."""
        with self._lock:
            copied = _copied(point, [self._frozen[number]])
        return ordered(copied)

    def thaw(self, left: LogRow | None) -> None:
        """Forgets what is frozen but for `left`; None: all of it stays, unsealed."""
        with self._lock:
            self._sort_in()
            earlier = self._frozen
            if left is not None:
                earlier = {}
                _grow(earlier, left)
                self._frozen_count = len(left)
            for number, fresh in self._series.items():
                earlier.setdefault(number, _Growing()).extend(fresh)
            self._series, self._frozen = earlier, {}
            self._fresh_count, self._frozen_count = self._fresh_count + self._frozen_count, 0


def _copied(point: str, parts: list[_Growing]) -> Series:
    """Readings as they stand now, in the order they were written."""
    if not parts:
        return empty_series(point)
    return Series(
        point=point,
        times_us=np.frombuffer(b"".join(part.times_us.tobytes() for part in parts), np.int64),
        values=np.frombuffer(b"".join(part.values.tobytes() for part in parts), np.float64),
        statuses=np.frombuffer(b"".join(part.statuses for part in parts), np.uint8),
    )


def _joined(rows: list[LogRow]) -> LogRow:
    if len(rows) == 1:
        return rows[0]
    return LogRow(
        numbers=np.concatenate([row.numbers for row in rows]),
        times_us=np.concatenate([row.times_us for row in rows]),
        values=np.concatenate([row.values for row in rows]),
        statuses=np.concatenate([row.statuses for row in rows]),
    )


def _grow(series: dict[int, _Growing], row: LogRow) -> None:
    """Adds a row to the series, each in the order it was written."""
    if not len(row):
        return
    order = np.argsort(row.numbers, kind="stable")
    numbers = row.numbers[order]
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    times_us, values = row.times_us[order].tobytes(), row.values[order].tobytes()
    statuses = row.statuses[order].tobytes()
    ends = np.append(starts[1:], len(row))
    for number, start, end in zip(numbers[starts].tolist(), starts.tolist(), ends.tolist(), strict=True):
        growing = series.get(number)
        if growing is None:
            growing = series[number] = _Growing()
        growing.times_us.frombytes(times_us[8 * start : 8 * end])
        growing.values.frombytes(values[8 * start : 8 * end])
        growing.statuses += statuses[start:end]


class Newest:
    """The newest reading of every point, by number. Safe to read from any thread while one writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times_us: Times = np.full(1024, np.iinfo(np.int64).min, np.int64)
        self._values: Values = np.full(1024, np.nan)
        self._statuses: Statuses = np.zeros(1024, np.uint8)

    def take(self, row: LogRow) -> None:
        """Moves on to the readings of `row` that are not older than those held."""
        if not len(row):
            return
        order = np.argsort(row.times_us, kind="stable")
        numbers, times_us = row.numbers[order], row.times_us[order]
        with self._lock:
            self._make_room(int(numbers.max()) + 1)
            newer = times_us >= self._times_us[numbers]
            chosen = order[newer]
            self._times_us[row.numbers[chosen]] = row.times_us[chosen]
            self._values[row.numbers[chosen]] = row.values[chosen]
            self._statuses[row.numbers[chosen]] = row.statuses[chosen]

    def _make_room(self, size: int) -> None:
        more = max(size, 2 * len(self._times_us)) - len(self._times_us)
        if size <= len(self._times_us):
            return
        self._times_us = np.append(self._times_us, np.full(more, np.iinfo(np.int64).min, np.int64))
        self._values = np.append(self._values, np.full(more, np.nan))
        self._statuses = np.append(self._statuses, np.zeros(more, np.uint8))

    def readings(self, numbers: npt.NDArray[np.int32], points: list[str]) -> dict[str, Reading]:
        """The newest readings of `points`, which have these numbers."""
        with self._lock:
            self._make_room(int(numbers.max(initial=0)) + 1)
            times_us, values = self._times_us[numbers].tolist(), self._values[numbers].tolist()
            statuses = self._statuses[numbers].tolist()
        return {
            point: Reading(
                point=point,
                time=from_us(time_us),
                value=None if math.isnan(value) else value,
                status=Status(status),
            )
            for point, time_us, value, status in zip(points, times_us, values, statuses, strict=True)
            if time_us != _NEVER
        }


_NEVER = int(np.iinfo(np.int64).min)
