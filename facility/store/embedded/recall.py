"""What the embedded store knows again when its file is opened."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facility.store.embedded.codec import LogRow, unpack_log
from facility.store.embedded.days import LATEST_US, day_of
from facility.store.embedded.frames import Unreadable
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.summaries import LAST

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recalled:
    """`numbers` of the points, the `newest` sealed reading of each, the log's `rows`, and the id its next row gets."""

    numbers: dict[str, int]
    newest: LogRow
    rows: list[LogRow]
    next_id: int


def recalled(connection: sqlite3.Connection, path: object) -> Recalled:
    """Reads the file; log rows that cannot be read are set aside, and named in the log. Needs a transaction."""
    numbers: dict[str, int] = dict(connection.execute("SELECT name, number FROM points"))
    rows: list[LogRow] = []
    last_id = last_log_id(connection)
    for identity, data in connection.execute("SELECT id, data FROM log ORDER BY id").fetchall():
        last_id = max(last_id, identity)
        try:
            rows.append(unpack_log(data))
        except Unreadable as error:
            connection.execute("INSERT INTO set_aside (part, data) VALUES (?, ?)", (f"log row {identity}", data))
            connection.execute("DELETE FROM log WHERE id = ?", (identity,))
            _log.error("%s: log row %d: %s; set aside", path, identity, error)
    newest = newest_sealed(Shelf(connection, path), numbers.items())
    return Recalled(numbers=numbers, newest=newest, rows=rows, next_id=last_id + 1)


def last_log_id(connection: sqlite3.Connection) -> int:
    """The highest id that a log row had which is gone; ids are never used again."""
    found = connection.execute("SELECT value FROM state WHERE name = 'last_log_id'").fetchone()
    return 0 if found is None else int(found[0])


def newest_sealed(shelf: Shelf, points: Iterable[tuple[str, int]]) -> LogRow:
    """The newest sealed reading of each point (name, number), from the summaries alone."""
    found: list[tuple[int, int, float, int]] = []
    for name, number in points:
        record = next(shelf.walked(number, name, day_of(LATEST_US), back=True), None)
        if record is not None:
            columns = (record["times_us"], record["values"], record["statuses"])
            time_us, value, status = (column[0, LAST].item() for column in columns)
            found.append((number, time_us, value, status))
    numbers, times_us, values, statuses = list(zip(*found, strict=True)) or [(), (), (), ()]
    return LogRow(
        numbers=np.array(numbers, np.int32),
        times_us=np.array(times_us, np.int64),
        values=np.array(values, np.float64),
        statuses=np.array(statuses, np.uint8),
    )
