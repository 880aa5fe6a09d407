"""Moves what is frozen in the tail from the log to sealed blocks, in slices so short that writing is never held up.

Between two slices the file is whole: a reading is in a block, in the log, or in both, and read once. So the work may
end after any slice, by an error or a power cut, and is begun again by whoever opens the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from sqlite3 import Connection
from typing import Final

import numpy as np

from facility.errors import StoreDamaged
from facility.series import Series, merged
from facility.store.embedded.codec import LogRow, pack_log
from facility.store.embedded.container import Container
from facility.store.embedded.days import block_key, cut, day_text, days_of, stretch_key
from facility.store.embedded.packing import (
    PackedDay,
    PackedTimes,
    forget_unused_times,
    packed_day,
    write_days,
    write_summaries,
)
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.summaries import Summaries, with_summary
from facility.store.embedded.tail import Tail

DAYS_AT_ONCE: Final = 8
"""Blocks written in one transaction."""

READINGS_AT_ONCE: Final = 16_384
"""Readings written back to the log in one row."""

_ROWS_AT_ONCE: Final = 64
_BYTES_AT_ONCE: Final = 500_000
"""Log rows removed in one transaction: so many, and about so large."""

_BLOCK_WORTH: Final = 640
"""A block takes about as long as so many readings."""
_CHECKPOINT_EVERY: Final = 4
"""Slices: some hundred pages, well below those after which SQLite would do it within a commit."""

_log = logging.getLogger(__name__)

Turn = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction when it is this one's turn to write."""


def left_rows(count: int) -> int:
    """Log rows that `count` readings may need when they are written back."""
    return count // READINGS_AT_ONCE + 2


class Sealing:
    """One round of sealing: the frozen readings before `before_us`. The others go back to the log.

    Attributes:
        done: work done, in readings or what takes as long.

    Args:
        numbers: points with frozen readings, by number.
        names: the name of each point, by number.
        last_id: the log rows up to this one hold what is frozen; after it are `left_rows` free ids.
        turn: opens a transaction.
    """

    def __init__(
        self,
        container: Container,
        tail: Tail,
        numbers: list[int],
        names: dict[int, str],
        *,
        before_us: int,
        last_id: int,
        turn: Turn,
    ) -> None:
        self._container = container
        self._tail = tail
        self._numbers = numbers
        self._names = names
        self._before_us = before_us
        self._last_id = last_id
        self._turn = turn
        self._left: list[tuple[int, Series]] = []
        self._touched: set[int] = set()
        self._times = PackedTimes()
        self._slices = self._work()
        self._steps = 0
        self.done = 0

    def step(self) -> bool:
        """Does one slice of the work; False when there was none left.

        Raises:
            StoreUnavailable: the file cannot be written now; what is frozen must be thawed, all of it.
        """
        self._steps += 1
        if self._steps % _CHECKPOINT_EVERY == 0:
            self._container.checkpoint()
        return next(self._slices, False)

    def _work(self) -> Iterator[bool]:
        yield from self._write_blocks()
        left = _log_row(self._left)
        yield from self._write_back(left)
        yield from self._empty_log()
        self._tail.thaw(left)
        for day in sorted(self._touched):
            with self._turn() as connection:
                forget_unused_times(connection, day)
            self.done += DAYS_AT_ONCE * _BLOCK_WORTH
            yield True

    def _write_blocks(self) -> Iterator[bool]:
        waiting: list[tuple[int, int, Series]] = []
        for number in self._numbers:
            series = self._tail.frozen(number, self._names[number])
            end = int(np.searchsorted(series.times_us, self._before_us))
            if end < len(series):
                self._left.append((number, cut(series, end, len(series))))
            if end:
                waiting += [(number, day, part) for day, part in days_of(cut(series, 0, end))]
            while len(waiting) >= DAYS_AT_ONCE:
                yield self._write(waiting[:DAYS_AT_ONCE])
                del waiting[:DAYS_AT_ONCE]
        if waiting:
            yield self._write(waiting)

    def _write(self, parts: list[tuple[int, int, Series]]) -> bool:
        """Packs, then writes some days. Nobody else changes what is sealed, so it may be read before it is our turn."""
        packed: list[PackedDay] = []
        unreadable: list[tuple[str, bytes]] = []
        with self._container.reader() as connection:
            shelf = Shelf(connection, self._container.path)
            for number, day, fresh in parts:
                whole = self._with_sealed(shelf, number, day, fresh, unreadable)
                if whole is not None:
                    packed.append(packed_day(number, day, whole, self._times))
            summaries = [
                (number, day, self._summarised(shelf, number, day, packed))
                for number, day in {stretch_key(day.number, day.day): (day.number, day.day) for day in packed}.values()
            ]
        with self._turn() as connection:
            connection.executemany("INSERT INTO set_aside (part, data) VALUES (?, ?)", unreadable)
            write_days(connection, packed)
            for number, day, records in summaries:
                write_summaries(connection, number, day, records)
        self.done += sum(len(fresh) + _BLOCK_WORTH for _, _, fresh in parts)
        self._touched.update(day.day for day in packed)
        return True

    def _with_sealed(
        self, shelf: Shelf, number: int, day: int, fresh: Series, unreadable: list[tuple[str, bytes]]
    ) -> Series | None:
        """The day with what was sealed of it before, None when its readings were dropped already.

        A block that cannot be read any more is set aside, not lost, and named in the log; its skeleton stands in.
        """
        records = shelf.stretch(number, fresh.point, day)
        record = records[records["day"] == day]
        if not len(record):
            return fresh
        if record["dropped"][0]:
            _log.warning("%d readings of %s on %s came too late: that day was dropped but for its quarter hours",
                         len(fresh), fresh.point, day_text(day))  # fmt: skip
            return None
        try:
            return merged(shelf.day(number, fresh.point, day), fresh)
        except StoreDamaged as error:
            key = block_key(day, number)
            unreadable.append((f"block {key}: {fresh.point}, {day_text(day)}", shelf.bytes_of(number, day)))
            _log.error("%s; set aside, its quarter hours and what came since are kept", error)
        try:
            skeleton = shelf.skeleton(number, fresh.point, day)
        except StoreDamaged:
            return fresh
        return fresh if skeleton is None else merged(skeleton.series, fresh)

    def _summarised(self, shelf: Shelf, number: int, day: int, packed: list[PackedDay]) -> Summaries:
        records = shelf.stretch(number, self._names[number], day)
        for fresh in packed:
            if stretch_key(fresh.number, fresh.day) == stretch_key(number, day):
                records = with_summary(records, fresh.summary)
        return records

    def _write_back(self, left: LogRow) -> Iterator[bool]:
        """What is too young to be sealed goes into rows of its own: those it lies in now are removed next."""
        for index, first in enumerate(range(0, len(left), READINGS_AT_ONCE)):
            some = slice(first, first + READINGS_AT_ONCE)
            row = LogRow(
                numbers=left.numbers[some],
                times_us=left.times_us[some],
                values=left.values[some],
                statuses=left.statuses[some],
            )
            data = pack_log(row)
            with self._turn() as connection:
                connection.execute("INSERT OR REPLACE INTO log VALUES (?, ?)", (self._last_id + 1 + index, data))
            self.done += len(row)
            yield True

    def _empty_log(self) -> Iterator[bool]:
        """Removes the rows of what is sealed, oldest first: of what stays the later writes stay later."""
        going_on = True
        while going_on:
            with self._turn() as connection:
                last, going_on = _oldest_rows(connection, self._last_id)
                connection.execute("DELETE FROM log WHERE id <= ?", (last,))
                connection.execute("INSERT OR REPLACE INTO state VALUES ('last_log_id', ?)", (last,))
            self.done += DAYS_AT_ONCE * _BLOCK_WORTH
            yield True


def _oldest_rows(connection: Connection, last_id: int) -> tuple[int, bool]:
    """Up to which log row to remove now, not above `last_id`, and whether there will be more to remove."""
    rows = connection.execute(
        "SELECT id, length(data) FROM log WHERE id <= ? ORDER BY id LIMIT ?", (last_id, _ROWS_AT_ONCE + 1)
    ).fetchall()
    sizes = np.cumsum([size for _, size in rows])
    count = max(1, min(int(np.searchsorted(sizes, _BYTES_AT_ONCE)), _ROWS_AT_ONCE))
    return (rows[count - 1][0], True) if count < len(rows) else (last_id, False)


def _log_row(parts: list[tuple[int, Series]]) -> LogRow:
    return LogRow(
        numbers=np.concatenate([np.empty(0, np.int32), *(np.full(len(s), n, np.int32) for n, s in parts)]),
        times_us=np.concatenate([np.empty(0, np.int64), *(series.times_us for _, series in parts)]),
        values=np.concatenate([np.empty(0, np.float64), *(series.values for _, series in parts)]),
        statuses=np.concatenate([np.empty(0, np.uint8), *(series.statuses for _, series in parts)]),
    )
