"""Drops the readings of old days and gives their room back; quarter hours, skeletons and summaries stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Final

from facility.store.embedded.container import Container
from facility.store.embedded.days import DAY_US, block_key, block_place, day_of, stretch_key
from facility.store.embedded.packing import forget_unused_times, write_summaries
from facility.store.embedded.shelf import Shelf

DROPPED_AT_ONCE: Final = 256
FREED_AT_ONCE: Final = 512
"""Pages given back to the file system in one transaction."""

SPARE_PAGES: Final = 4_096
"""Free pages that stay in the file for what comes next: 8 MB."""

Turn = Callable[[], AbstractContextManager[sqlite3.Connection]]


class Retention:
    """One round of dropping. `names` of the points by number; `turn` opens a transaction when it is our turn."""

    def __init__(self, container: Container, names: Mapping[int, str], turn: Turn) -> None:
        self._container = container
        self._names = names
        self._turn = turn

    def apply(self, before_us: Mapping[int, int]) -> int:
        """Drops days that lie wholly before the time of their point (by number); returns how many."""
        if not before_us:
            return 0
        dropped = 0
        days: set[int] = set()
        for keys in self._old_blocks({number: time_us // DAY_US for number, time_us in before_us.items()}):
            self._drop(keys)
            dropped += len(keys)
            days.update(block_place(key)[0] for key in keys)
        for day in sorted(days):
            with self._turn() as connection:
                forget_unused_times(connection, day)
        if dropped:
            self._give_back()
        return dropped

    def _old_blocks(self, before_day: Mapping[int, int]) -> Iterator[list[int]]:
        """Keys of blocks to drop, some at a time."""
        after = -1
        end = block_key(day_of(max(before_day.values()) * DAY_US), 0)
        while True:
            with self._container.reader() as connection:
                rows = connection.execute(
                    "SELECT key FROM blocks WHERE key > ? AND key < ? ORDER BY key LIMIT ?",
                    (after, end, DROPPED_AT_ONCE),
                ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            places = [(key, *block_place(key)) for (key,) in rows]
            old = [key for key, day, number in places if day < before_day.get(number, day)]
            if old:
                yield old

    def _drop(self, keys: list[int]) -> None:
        places = sorted((stretch_key(number, day), number, day) for day, number in map(block_place, keys))
        with self._turn() as connection:
            shelf = Shelf(connection, self._container.path)
            for _, group in groupby(places, key=lambda place: place[0]):
                some = list(group)
                number, day = some[0][1:]
                summaries = shelf.stretch(number, self._names[number], day).copy()
                for _, _, dropped in some:
                    summaries["dropped"][summaries["day"] == dropped] = 1
                write_summaries(connection, number, day, summaries)
            connection.executemany("DELETE FROM blocks WHERE key = ?", [(key,) for key in keys])

    def _give_back(self) -> None:
        """Shortens the file by the pages that are free, but for some; in slices, so that writing is not held up."""
        spare = 1
        while spare > 0:
            with self._turn() as connection:
                spare = _free_pages(connection) - SPARE_PAGES
                if spare > 0:
                    connection.execute(f"PRAGMA incremental_vacuum({min(spare, FREED_AT_ONCE)})").fetchall()
                    if _free_pages(connection) - SPARE_PAGES >= spare:
                        return


def _free_pages(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return found
