"""The embedded store: SQLite holding an append log and sealed blocks, with what is recent in memory."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facility.errors import StoreDamaged, StoreUnavailable
from facility.readings import Batch, Reading
from facility.series import Series, Thinned, empty_series, merged, unthinned
from facility.store.aggregation import aggregated
from facility.store.columns import Columns, columns_of
from facility.store.embedded.blocks import (
    Blocks,
    days_of,
    newest_sealed,
    opened,
    point_number,
    seal_day,
    set_aside,
)
from facility.store.embedded.codec import LogRow, Unreadable, pack_log, unpack_log
from facility.store.embedded.container import Container
from facility.store.embedded.tail import Newest, Tail
from facility.store.protocol import Aggregate, Bucket

TAIL_LIMIT: Final = 1_000_000
"""Unsealed readings after which `append` seals by itself: about 20 MB in memory and 10 MB in the log."""

_EARLIEST_US: Final = -(2**62)
_LATEST_US: Final = 2**62

_log = logging.getLogger(__name__)


class EmbeddedStore:
    """A time-series engine in this process, its file in `folder`; fulfils `facility.store.Store`.

    Any thread may read while any other appends; appends and sealing take turns. The folder belongs to one store at a
    time. `tail_limit` bounds what is unsealed, in readings.

    Raises:
        StoreUnavailable: the folder is open elsewhere, or cannot be used.
        StoreDamaged: the file is no store.
    """

    def __init__(self, folder: Path, *, tail_limit: int = TAIL_LIMIT) -> None:
        self._container = Container(folder)
        self._writing = threading.Lock()
        self._tail_limit = tail_limit
        self._seal_at = tail_limit
        self._tail = Tail()
        self._newest = Newest()
        self._numbers: dict[str, int] = {}
        try:
            self._remember()
        except BaseException:
            self._container.close()
            raise

    def _remember(self) -> None:
        """Rebuilds what lives in memory from the file."""
        with self._container.transaction() as connection:
            self._numbers = dict(connection.execute("SELECT name, number FROM points"))
            self._newest.take(newest_sealed(connection, list(self._numbers.values())))
            for identity, data in connection.execute("SELECT id, data FROM log ORDER BY id").fetchall():
                try:
                    row = unpack_log(data)
                except Unreadable as error:
                    set_aside(connection, f"log row {identity}", data)
                    connection.execute("DELETE FROM log WHERE id = ?", (identity,))
                    _log.error("%s: log row %d: %s; set aside", self._container.path, identity, error)
                    continue
                self._tail.add(row)
                self._newest.take(row)

    def append(self, batches: Sequence[Batch]) -> None:
        """Writes all batches; durable on return. All or nothing.

        Raises:
            StoreUnavailable: nothing of it was kept.
            ValueError: a batch whose columns differ in length.
        """
        columns = columns_of(batches)
        if not len(columns):
            return
        with self._writing:
            self._refuse_when_swollen()
            row = self._logged(columns)
            self._newest.take(row)  # first: nobody may find a reading that "latest" does not know of
            self._tail.add(row)
            if self._tail.count >= self._seal_at:
                self._seal_by_itself()

    def _logged(self, columns: Columns) -> LogRow:
        fresh = sorted(set(columns.points).difference(self._numbers))
        known = self._numbers
        if fresh:
            known = known | {point: number for number, point in enumerate(fresh, start=len(known) + 1)}
        row = LogRow(
            numbers=np.array([known[point] for point in columns.points], np.int32),
            times_us=columns.times_us,
            values=columns.values,
            statuses=columns.statuses,
        )
        data = pack_log(row)
        with self._container.transaction() as connection:
            for point in fresh:
                connection.execute("INSERT INTO points (name, number) VALUES (?, ?)", (point, known[point]))
            connection.execute("INSERT INTO log (data) VALUES (?)", (data,))
        self._numbers = known
        return row

    def _refuse_when_swollen(self) -> None:
        if self._tail.count >= 4 * self._tail_limit:
            self._seal(None)

    def _seal_by_itself(self) -> None:
        """What was appended is safe already, so a failure to seal is told and tried again later."""
        try:
            self._seal(None)
        except StoreUnavailable as error:
            self._seal_at = self._tail.count + self._tail_limit // 8
            _log.warning("%s cannot be sealed now: %s", self._container.path, error)

    def seal(self, before_us: int | None = None) -> None:
        """Moves readings before `before_us` (None: all) from the log to compressed blocks. Loses nothing when it fails.

        Raises:
            StoreUnavailable: the file cannot be written now.
        """
        with self._writing:
            self._seal(before_us)

    def _seal(self, before_us: int | None) -> None:
        limit_us = int(np.iinfo(np.int64).max) if before_us is None else before_us
        names = {number: name for name, number in self._numbers.items()}
        left: list[tuple[int, Series]] = []
        with self._container.transaction() as connection:
            for number in self._tail.numbers():
                series = self._tail.series(number, names[number])
                cut = int(np.searchsorted(series.times_us, limit_us)) if before_us is not None else len(series)
                if cut:
                    for day, part in days_of(_cut(series, 0, cut)):
                        seal_day(connection, self._container.path, number, day, part)
                if cut < len(series):
                    left.append((number, _cut(series, cut, len(series))))
            row = _log_row(left)
            connection.execute("DELETE FROM log")
            if len(row):
                connection.execute("INSERT INTO log (data) VALUES (?)", (pack_log(row),))
        self._tail.replace(row)
        self._seal_at = self._tail_limit

    def latest(self, points: Sequence[str]) -> dict[str, Reading]:
        """Newest reading of each point that has one."""
        known = [point for point in points if point in self._numbers]
        numbers = np.fromiter((self._numbers[point] for point in known), np.int32, len(known))
        return self._newest.readings(numbers, known)

    def raw(self, point: str, start_us: int, end_us: int) -> Series:
        """Every reading of `point` in [start, end), in time order; an unknown point gives an empty series."""
        number = self._numbers.get(point)
        if number is None or end_us <= start_us:
            return empty_series(point)
        unsealed = self._tail.series(number, point)
        with self._container.reader() as connection:
            sealed = Blocks(connection, self._container.path, number, point).between(start_us, end_us)
        return merged(sealed.between(start_us, end_us), unsealed.between(start_us, end_us))

    def around(self, point: str, start_us: int, end_us: int) -> Series:
        """As `raw`, with the last reading with a value before and the first one at or after the end."""
        number = self._numbers.get(point)
        if number is None:
            return empty_series(point)
        unsealed = self._tail.series(number, point)
        with self._container.reader() as connection:
            blocks = Blocks(connection, self._container.path, number, point)
            before = blocks.last_before(start_us, unsealed)
            after = blocks.first_from(end_us, unsealed)
        return merged(merged(before, self.raw(point, start_us, end_us)), after)

    def thinned(self, point: str, edges_us: Sequence[int], *, pause_us: int, rate_per_s: float | None) -> Thinned:
        """All readings."""
        return unthinned(self.around(point, edges_us[0], edges_us[-1]))

    def extent(self, point: str) -> tuple[int, int] | None:
        """Times of the first and the last reading, None when there is none."""
        series = self.raw(point, _EARLIEST_US, _LATEST_US)
        return (int(series.times_us[0]), int(series.times_us[-1])) if len(series) else None

    def aggregate(self, point: str, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
        """One bucket for each pair of neighbouring `edges_us`."""
        return aggregated(self.raw(point, edges_us[0] - hold_us, edges_us[-1]), edges_us, how, hold_us=hold_us)

    def points(self) -> list[str]:
        """Every point that was ever written, sorted."""
        return sorted(self._numbers)

    def damage(self) -> list[str]:
        """Reads everything and names each part that fails its checks, in words; empty when all is well."""
        names = {number: name for name, number in self._numbers.items()}
        with self._container.reader() as connection:
            found = [f"{part} (set aside)" for (part,) in connection.execute("SELECT part FROM set_aside ORDER BY id")]
            return found + list(
                _damaged_blocks(
                    connection.execute("SELECT key, data FROM blocks ORDER BY key"), self._container.path, names
                )
            )

    def close(self) -> None:
        """Releases the file. Safe to call twice."""
        with self._writing:
            self._container.close()


def _damaged_blocks(rows: Iterable[tuple[int, bytes]], path: Path, names: Mapping[int, str]) -> Iterator[str]:
    for key, data in rows:
        try:
            opened(path, names[point_number(key)], key, data)
        except StoreDamaged as error:
            yield error.message


def _cut(series: Series, start: int, end: int) -> Series:
    return Series(
        point=series.point,
        times_us=series.times_us[start:end],
        values=series.values[start:end],
        statuses=series.statuses[start:end],
    )


def _log_row(parts: list[tuple[int, Series]]) -> LogRow:
    return LogRow(
        numbers=np.concatenate([np.empty(0, np.int32), *(np.full(len(s), n, np.int32) for n, s in parts)]),
        times_us=np.concatenate([np.empty(0, np.int64), *(series.times_us for _, series in parts)]),
        values=np.concatenate([np.empty(0, np.float64), *(series.values for _, series in parts)]),
        statuses=np.concatenate([np.empty(0, np.uint8), *(series.statuses for _, series in parts)]),
    )
