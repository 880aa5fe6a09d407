"""The embedded store: SQLite holding an append log and sealed blocks, with what is recent in memory."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facility.errors import StoreDamaged, StoreRefused, StoreUnavailable
from facility.readings import Batch
from facility.store.columns import Columns, columns_of
from facility.store.embedded.codec import LogRow, pack_log
from facility.store.embedded.container import Container, is_damage
from facility.store.embedded.days import EARLIEST_US, LATEST_US
from facility.store.embedded.folder import FILE_NAME, Hold, is_foreign, moved_aside
from facility.store.embedded.reader import EmbeddedReader
from facility.store.embedded.reads import Memory, Reads
from facility.store.embedded.recall import recalled
from facility.store.embedded.retention import Retention
from facility.store.embedded.sealing import Sealing, left_rows
from facility.store.embedded.tail import Newest, Tail
from facility.store.embedded.turns import Turns
from facility.store.embedded.upgrade import upgraded

TAIL_LIMIT: Final = 1_000_000
"""Unsealed readings after which `append` seals by itself: about 20 MB in memory and 10 MB in the log."""

_AT_ONCE: Final = 5_000
"""So much is sealed at least in one call of `append`, in readings."""

_CATCH_UP: Final = 4
"""Readings that `append` seals for each one it takes, once sealing has begun."""

_log = logging.getLogger(__name__)


class EmbeddedStore(Reads):
    """A time-series engine in this process, its file in `folder`; fulfils `facility.store.Store`.

    Any thread may read while any other appends; appends and slices of sealing take turns. The folder belongs to one
    store at a time; other processes look at it through `EmbeddedStore.reading`. `tail_limit` bounds what is unsealed,
    in readings: when it is reached, every `append` seals some.

    A file that is damaged when the folder is opened is moved aside and a new one begun.

    Attributes:
        set_aside: where a damaged file was moved to when the folder was opened, None when all was well.

    Raises:
        StoreUnavailable: the folder is open for writing elsewhere, or cannot be used.
        StoreDamaged: the file is of a newer version.
    """

    def __init__(self, folder: Path, *, tail_limit: int = TAIL_LIMIT) -> None:
        self._hold = Hold(folder)
        self._turns = Turns()
        self._sealing_lock = threading.Lock()
        self._sealing: Sealing | None = None
        self._tail_limit = tail_limit
        self._seal_at = tail_limit
        self._tail = Tail()
        self._newest = Newest()
        self._numbers: dict[str, int] = {}
        self._next_id = 1
        self.set_aside: Path | None = None
        try:
            self._open(folder / FILE_NAME)
        except BaseException:
            self._hold.release()
            raise

    def _open(self, path: Path) -> None:
        if is_foreign(path):
            self.set_aside = moved_aside(path, "it does not begin like a SQLite file")
        try:
            self._container = self._opened(path)
        except (sqlite3.DatabaseError, StoreDamaged) as error:
            if isinstance(error, StoreDamaged) and not _is_damage(error):
                raise
            self.set_aside = moved_aside(path, error)
            self._container = self._opened(path)
        self._connections = self._container

    def _opened(self, path: Path) -> Container:
        upgraded(path)
        container = Container(path)
        try:
            with container.transaction() as connection:
                memory = recalled(connection, path)
        except BaseException:
            container.close()
            raise
        self._numbers, self._next_id = memory.numbers, memory.next_id
        for row in memory.rows:
            self._tail.add(row)
        for row in (memory.newest, *memory.rows):
            self._newest.take(row)
        return container

    @staticmethod
    def reading(folder: Path) -> EmbeddedReader:
        """Looks at a store that another process may be writing to; see `EmbeddedReader`."""
        return EmbeddedReader(folder)

    def _memory(self) -> Memory:
        return Memory(tail=self._tail, newest=self._newest, numbers=self._numbers)

    def append(self, batches: Sequence[Batch]) -> None:
        """Writes all batches; durable on return. All or nothing.

        Raises:
            StoreUnavailable: nothing of it was kept.
            StoreRefused: a time before the year 534 or after 3404; nothing of it was kept.
            ValueError: a batch whose columns differ in length.
        """
        columns = columns_of(batches)
        if not len(columns):
            return
        _refuse_impossible_times(columns)
        if self._tail.count >= 4 * self._tail_limit:
            self.seal()
        with self._turns.turn():
            row = self._logged(columns)
            self._newest.take(row)  # first: nobody may find a reading that "latest" does not know of
            self._tail.add(row)
        if self._sealing is not None or self._tail.count >= self._seal_at:
            self._seal_some(_CATCH_UP * len(row))

    def _logged(self, columns: Columns) -> LogRow:
        known = self._numbers
        fresh = sorted(set(columns.points).difference(known))
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
            connection.execute("INSERT INTO log VALUES (?, ?)", (self._next_id, data))
        self._numbers = known
        self._next_id += 1
        return row

    def _seal_some(self, wanted: int) -> None:
        """Seals about `wanted` readings. What was appended is safe already, so a failure is told and
        tried again later. Nothing is done while another thread seals.
        """
        if not self._sealing_lock.acquire(blocking=False):
            return
        try:
            if self._sealing is None:
                self._begin_sealing(LATEST_US)
            wanted = max(wanted, _AT_ONCE)
            sealing = self._sealing
            while sealing is not None and self._step(sealing) and sealing.done < wanted:
                pass
            if sealing is not None:
                sealing.done = 0
        except StoreUnavailable as error:
            self._seal_at = self._tail.count + self._tail_limit // 8
            _log.warning("%s cannot be sealed now: %s", self._container.path, error)
        finally:
            self._sealing_lock.release()

    def seal(self, before_us: int | None = None) -> None:
        """Moves readings before `before_us` (None: all) from the log to compressed blocks, in short slices: others may
        append in between. Loses nothing when it fails.

        Raises:
            StoreUnavailable: the file cannot be written now.
        """
        with self._sealing_lock:
            if self._sealing is not None:
                self._finish_sealing(self._sealing)
            self._finish_sealing(self._begin_sealing(LATEST_US if before_us is None else before_us))

    def _finish_sealing(self, sealing: Sealing) -> None:
        while self._step(sealing):
            pass

    def _begin_sealing(self, before_us: int) -> Sealing:
        with self._turns.turn():
            numbers = self._tail.freeze()
            last_id = self._next_id - 1
            self._next_id += left_rows(self._tail.count)
        self._sealing = Sealing(
            self._container,
            self._tail,
            numbers,
            {number: name for name, number in self._numbers.items()},
            before_us=before_us,
            last_id=last_id,
            turn=self._transaction,
        )
        return self._sealing

    def _step(self, sealing: Sealing) -> bool:
        try:
            going_on = sealing.step()
        except BaseException:
            self._sealing = None
            self._tail.thaw(None)
            raise
        if not going_on:
            self._sealing = None
            self._seal_at = self._tail_limit
        return going_on

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._turns.turn(), self._container.transaction() as connection:
            yield connection

    def retain(self, before_us: Mapping[str, int]) -> int:
        """Drops old readings and gives their room back, in short slices: others may append in between.

        Of each point the days that lie wholly before its time are dropped; points not named keep all. Their quarter
        hours, skeletons and summaries stay for ever, so that `aggregate`, `thinned`, `around` and `extent` go on
        answering (each says how exactly), and `raw` gives the skeleton.

        Returns:
            Days of points that were dropped.

        Raises:
            StoreUnavailable: the file cannot be written now; what was dropped until then stays dropped.
        """
        with self._sealing_lock:
            wanted = {self._numbers[point]: time_us for point, time_us in before_us.items() if point in self._numbers}
            names = {number: name for name, number in self._numbers.items()}
            return Retention(self._container, names, self._transaction).apply(wanted)

    def close(self) -> None:
        """Releases the file. Safe to call twice."""
        with self._turns.turn():
            self._container.close()
            self._hold.release()


def _refuse_impossible_times(columns: Columns) -> None:
    low, high = int(columns.times_us.min()), int(columns.times_us.max())
    if low < EARLIEST_US or high >= LATEST_US:
        raise StoreRefused(
            f"readings of {columns.points[0]} and others between {low} and {high} microseconds since 1970: "
            "a time before the year 534 or after 3404 is a clock's mistake; set the clock"
        )


def _is_damage(error: StoreDamaged) -> bool:
    return isinstance(error.__cause__, sqlite3.Error) and is_damage(error.__cause__)
