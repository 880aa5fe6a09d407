"""Reads what is sealed, over one connection and within one transaction."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from facility.errors import StoreDamaged
from facility.series import Series, Times, empty_series
from facility.store.aggregation import Amounts
from facility.store.embedded.codec import unpack_times, unpack_values
from facility.store.embedded.days import (
    block_key,
    day_text,
    stretch_bounds,
    stretch_days,
    stretch_key,
    stretch_number,
)
from facility.store.embedded.frames import Unreadable
from facility.store.embedded.rollups import unpack_rollups
from facility.store.embedded.skeletons import Flags, Skeleton, steps_of
from facility.store.embedded.summaries import SUMMARY, Summaries, checked_summaries, joined_summaries, summary_of
from facility.store.protocol import Aggregate

_AT_ONCE: Final = 500

_log = logging.getLogger(__name__)


class Shelf:
    """What is sealed. Columns of times that were read are kept as long as this lives: points of a device share them.

    Every call raises StoreDamaged where something fails its checksum and nothing can stand in for it; the error names
    file, point and day.
    """

    def __init__(self, connection: sqlite3.Connection, path: object) -> None:
        self._connection = connection
        self._path = path
        self._times: dict[int, Times] = {}

    def summaries(self, number: int, point: str, first_day: int, last_day: int) -> Summaries:
        """Summaries of one point, from `first_day` to `last_day` (inclusive), by day."""
        keys = (stretch_key(number, first_day), stretch_key(number, last_day))
        rows = self._connection.execute("SELECT key, data FROM summaries WHERE key BETWEEN ? AND ? ORDER BY key", keys)
        found = joined_summaries(self._summary_bytes(key, point, data) for key, data in rows.fetchall())
        low, high = np.searchsorted(found["day"], (first_day, last_day + 1))
        return found[low:high]

    def stretch(self, number: int, point: str, day: int) -> Summaries:
        """All summaries that share a row with that of `day`."""
        row = self._connection.execute(
            "SELECT data FROM summaries WHERE key = ?", (stretch_key(number, day),)
        ).fetchone()
        return joined_summaries([] if row is None else [self._summary_bytes(stretch_key(number, day), point, row[0])])

    def summaries_of_many(
        self, points: Sequence[tuple[int, str]], first_day: int, last_day: int
    ) -> tuple[Summaries, list[int]]:
        """Summaries of the points (number, name) from `first_day` to `last_day` at least, point after point and by day;
        and how many each point has.
        """
        keys = [range(stretch_key(number, first_day), stretch_key(number, last_day) + 1) for number, _ in points]
        rows = self._summary_rows([key for some in keys for key in some])
        parts = [
            b"".join(self._summary_bytes(key, point, rows[key]) for key in some if key in rows)
            for (_, point), some in zip(points, keys, strict=True)
        ]
        return joined_summaries(parts), [len(part) // SUMMARY.itemsize for part in parts]

    def _summary_rows(self, keys: Sequence[int]) -> dict[int, bytes]:
        rows: dict[int, bytes] = {}
        for first in range(0, len(keys), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows.update(self._connection.execute(f"SELECT key, data FROM summaries WHERE key IN ({marks})", some))
        return rows

    def walked(self, number: int, point: str, day: int, *, back: bool) -> Iterator[Summaries]:
        """Summaries of one point from `day` on, record by record, back in time or forward."""
        low, high = stretch_bounds(number)
        if back:
            rows = self._connection.execute(
                "SELECT key, data FROM summaries WHERE key BETWEEN ? AND ? ORDER BY key DESC",
                (low, stretch_key(number, day)),
            )
        else:
            rows = self._connection.execute(
                "SELECT key, data FROM summaries WHERE key >= ? AND key < ? ORDER BY key",
                (stretch_key(number, day), high),
            )
        for key, data in rows:
            records = joined_summaries([self._summary_bytes(key, point, data)])
            chosen = records[records["day"] <= day][::-1] if back else records[records["day"] >= day]
            yield from (chosen[index : index + 1] for index in range(len(chosen)))

    def _summary_bytes(self, key: int, point: str, data: bytes) -> bytes | memoryview:
        try:
            return checked_summaries(data)
        except Unreadable as error:
            _log.error("%s: summaries %d of %s: %s; made anew from its blocks", self._path, key, point, error)
            return self._resummarised(key, point)

    def _resummarised(self, key: int, point: str) -> bytes:
        """Summaries made anew from what they are about."""
        number, records = stretch_number(key), []
        for day in stretch_days(key):
            try:
                series, skeleton = self.block(number, point, day), self.skeleton(number, point, day)
            except StoreDamaged as error:
                _log.error("%s", error)
                continue
            if skeleton is not None:
                whole = skeleton.series if series is None else series
                record = summary_of(day, whole, steps_of(whole))
                record["dropped"] = series is None
                records.append(record.tobytes())
        return b"".join(records)

    def block(self, number: int, point: str, day: int) -> Series | None:
        """All readings of one day, None when there are none, or when they were dropped."""
        row = self._connection.execute(
            "SELECT times, data FROM blocks WHERE key = ?", (block_key(day, number),)
        ).fetchone()
        return None if row is None else self._series(point, day, row[0], row[1])[0]

    def bytes_of(self, number: int, day: int) -> bytes:
        """A block as it is in the file, for whoever repairs it."""
        row = self._connection.execute("SELECT data FROM blocks WHERE key = ?", (block_key(day, number),)).fetchone()
        return bytes(row[0]) if row is not None else b""

    def skeleton(self, number: int, point: str, day: int) -> Skeleton | None:
        """The skeleton of one day, None when there are no readings."""
        row = self._connection.execute(
            "SELECT times, skeleton FROM rollups WHERE key = ?", (block_key(day, number),)
        ).fetchone()
        if row is None:
            return None
        series, marks = self._series(point, day, row[0], row[1])
        left_out: Flags = np.unpackbits(np.frombuffer(marks, np.uint8), count=len(series) - 1).astype(np.bool_)
        return Skeleton(series=series, left_out=left_out)

    def day(self, number: int, point: str, day: int) -> Series:
        """The readings of one day, or what is left of them."""
        series = self.block(number, point, day)
        if series is not None:
            return series
        skeleton = self.skeleton(number, point, day)
        return empty_series(point) if skeleton is None else skeleton.series

    def rollups(self, number: int, point: str, days: Sequence[int], how: Aggregate) -> tuple[Amounts | None, list[int]]:
        """Quarter hours of the `days` whose rollup can be read, None when there are none, and the other days."""
        rows = self._rollup_rows(number, days)
        try:
            return (unpack_rollups(days, rows, how) if days else None), []
        except Unreadable:
            bad = [day for day, data in zip(days, rows, strict=True) if not _can_be_read(data)]
            _log.error("%s: rollups of %s on %s cannot be read", self._path, point, ", ".join(map(day_text, bad)))
            amounts, _ = self.rollups(number, point, [day for day in days if day not in bad], how)
            return amounts, bad

    def _rollup_rows(self, number: int, days: Sequence[int]) -> list[bytes]:
        found: dict[int, bytes] = {}
        keys = [block_key(day, number) for day in days]
        for first in range(0, len(keys), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(self._connection.execute(f"SELECT key, data FROM rollups WHERE key IN ({marks})", some))
        return [found.get(key, b"") for key in keys]

    def _series(self, point: str, day: int, times: int, data: bytes) -> tuple[Series, bytes]:
        try:
            times_us = self._times_of(times)
            values, statuses, extra = unpack_values(data, len(times_us))
        except Unreadable as error:
            raise StoreDamaged(
                f"{self._path}: the readings of {point} on {day_text(day)} cannot be read: {error}; "
                "all others can; restore that day from a backup"
            ) from error
        return Series(point=point, times_us=times_us, values=values, statuses=statuses), extra

    def _times_of(self, key: int) -> Times:
        times_us = self._times.get(key)
        if times_us is None:
            row = self._connection.execute("SELECT data FROM times WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise Unreadable(f"its times {key} are missing")
            times_us = self._times[key] = unpack_times(row[0])
            times_us.flags.writeable = False
        return times_us


def _can_be_read(data: bytes) -> bool:
    try:
        unpack_rollups([0], [data], Aggregate.COUNT)
    except Unreadable:
        return False
    return True
