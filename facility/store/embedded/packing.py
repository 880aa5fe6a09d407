"""What a day of one point becomes when it is sealed, and how that is put into the file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facility.series import Series, Times
from facility.store.embedded.codec import pack_times, pack_values
from facility.store.embedded.days import block_key, stretch_key, times_key
from facility.store.embedded.rollups import pack_rollup
from facility.store.embedded.skeletons import skeleton_of, steps_of
from facility.store.embedded.summaries import Summaries, pack_summaries, summary_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedDay:
    """One day of one point, ready to be written; `times` and `skeleton_times` are bytes of columns of times."""

    number: int
    day: int
    times: bytes
    block: bytes
    skeleton_times: bytes
    skeleton: bytes
    rollup: bytes
    summary: Summaries


class PackedTimes:
    """Columns of times packed lately: the points of a device ask for the same ones after each other."""

    def __init__(self) -> None:
        self._packed: dict[bytes, bytes] = {}

    def of(self, times_us: Times) -> bytes:
        """The column as bytes."""
        content = times_us.tobytes()
        found = self._packed.get(content)
        if found is None:
            if len(self._packed) >= 8:
                self._packed.clear()
            found = self._packed[content] = pack_times(times_us)
        return found


def packed_day(number: int, day: int, series: Series, packed_times: PackedTimes) -> PackedDay:
    """All readings of one day of a point, at least one, in time order."""
    steps = steps_of(series)
    skeleton = skeleton_of(series, steps)
    marks = np.packbits(skeleton.left_out).tobytes()
    return PackedDay(
        number=number,
        day=day,
        times=packed_times.of(series.times_us),
        block=pack_values(series.values, series.statuses),
        skeleton_times=packed_times.of(skeleton.series.times_us),
        skeleton=pack_values(skeleton.series.values, skeleton.series.statuses, marks),
        rollup=pack_rollup(day, series),
        summary=summary_of(day, series, steps),
    )


def write_days(connection: sqlite3.Connection, days: Sequence[PackedDay]) -> None:
    """Puts days into the file, in the place of what it held of them."""
    connection.executemany(
        "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)",
        [(block_key(day.day, day.number), _kept_times(connection, day.day, day.times), day.block) for day in days],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO rollups VALUES (?, ?, ?, ?)",
        [
            (
                block_key(day.day, day.number),
                _kept_times(connection, day.day, day.skeleton_times),
                day.skeleton,
                day.rollup,
            )
            for day in days
        ],
    )


def write_summaries(connection: sqlite3.Connection, number: int, day: int, summaries: Summaries) -> None:
    """Puts the summaries that share a row with `day` into the file."""
    connection.execute(
        "INSERT OR REPLACE INTO summaries VALUES (?, ?)", (stretch_key(number, day), pack_summaries(summaries))
    )


def _kept_times(connection: sqlite3.Connection, day: int, data: bytes) -> int:
    """Key of a column of times; it is written unless the day has the same already."""
    digest = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    while True:
        key = times_key(day, digest)
        found = connection.execute("SELECT data FROM times WHERE key = ?", (key,)).fetchone()
        if found is None:
            connection.execute("INSERT INTO times VALUES (?, ?)", (key, data))
        if found is None or found[0] == data:
            return key
        digest += 1


def forget_unused_times(connection: sqlite3.Connection, day: int) -> None:
    """Removes the columns of times of one day that nothing refers to any more."""
    days = (block_key(day, 0), block_key(day + 1, 0))
    connection.execute(
        "DELETE FROM times WHERE key >= ? AND key < ? AND key NOT IN ("
        "SELECT times FROM blocks WHERE key >= ? AND key < ? "
        "UNION SELECT times FROM rollups WHERE key >= ? AND key < ?)",
        (times_key(day, 0), times_key(day + 1, 0), *days, *days),
    )
