"""Brings a file of format 1 to today's format: a new file is made beside it and takes its place when it is whole."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from facility.errors import StoreUnavailable
from facility.store.embedded.container import Container, format_of, is_damage
from facility.store.embedded.days import STRETCH_DAYS, day_text, stretch_key
from facility.store.embedded.first_format import block_place, unpack_block
from facility.store.embedded.frames import Unreadable
from facility.store.embedded.packing import PackedDay, PackedTimes, packed_day, write_days, write_summaries
from facility.store.embedded.summaries import Summaries, joined_summaries, with_summary

_FIRST: Final = 1
_DAYS_AT_ONCE: Final = 256

_log = logging.getLogger(__name__)


def upgraded(path: Path) -> None:
    """Upgrades the file if it is of format 1; the old one stays as it is until the new one is whole.

    Needs room for both. Blocks that cannot be read are set aside with their bytes, as ever.

    Raises:
        StoreUnavailable: it cannot be done now, for want of room or because another program reads the file.
        sqlite3.DatabaseError: the file is damaged.
    """
    fresh = path.with_name(path.name + ".upgrade")
    for suffix in ("", "-wal", "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=1.0)) as old:
        if format_of(old) != _FIRST:
            return
        _log.info("%s is of format 1: it is brought to the new format, which may take minutes", path)
        try:
            old.execute("PRAGMA journal_mode=DELETE")  # its log must not be taken for the new file's
            _copy(old, fresh)
        except sqlite3.Error as error:
            if is_damage(error):
                raise
            raise StoreUnavailable(
                f"{path} cannot be upgraded: {error}; free some room, close what reads it, and start again"
            ) from error
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copy(old: sqlite3.Connection, fresh: Path) -> None:
    container = Container(fresh)
    try:
        with container.transaction() as new:
            for table in ("points (number, name)", "log (id, data)", "set_aside (id, part, data)"):
                columns = table.split("(", 1)[1].rstrip(")")
                marks = ", ".join("?" * (columns.count(",") + 1))
                rows = old.execute(f"SELECT {columns} FROM {table.split(' ', 1)[0]}")
                new.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        _copy_blocks(old, container)
    finally:
        container.close()


def _copy_blocks(old: sqlite3.Connection, container: Container) -> None:
    names: dict[int, str] = dict(old.execute("SELECT number, name FROM points"))
    places = sorted((*block_place(key), key) for (key,) in old.execute("SELECT key FROM blocks"))
    summaries: dict[int, tuple[int, int, Summaries]] = {}
    for some in _together(places):
        packed, unreadable = _packed(old, names, some)
        if summaries and packed and _stretch_of(packed[0].day) != _stretch_of(next(iter(summaries.values()))[1]):
            _write_summaries(container, summaries)
        for day in packed:
            key = stretch_key(day.number, day.day)
            held = summaries.get(key, (day.number, day.day, joined_summaries([])))[2]
            summaries[key] = (day.number, day.day, with_summary(held, day.summary))
        with container.transaction() as new:
            write_days(new, packed)
            new.executemany("INSERT INTO set_aside (part, data) VALUES (?, ?)", unreadable)
    _write_summaries(container, summaries)


def _together(places: list[tuple[int, int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    """Blocks of a few hundred point days, all of one stretch."""
    some: list[tuple[int, int, int]] = []
    for place in places:
        if some and (len(some) >= _DAYS_AT_ONCE or _stretch_of(place[0]) != _stretch_of(some[0][0])):
            yield some
            some = []
        some.append(place)
    if some:
        yield some


def _stretch_of(day: int) -> int:
    return day // STRETCH_DAYS


def _packed(
    old: sqlite3.Connection, names: dict[int, str], places: list[tuple[int, int, int]]
) -> tuple[list[PackedDay], list[tuple[str, bytes]]]:
    """The blocks in today's format, and those that cannot be read."""
    packed: list[PackedDay] = []
    unreadable: list[tuple[str, bytes]] = []
    times = PackedTimes()
    for day, number, key in places:
        (data,) = old.execute("SELECT data FROM blocks WHERE key = ?", (key,)).fetchone()
        try:
            packed.append(packed_day(number, day, unpack_block(names[number], data), times))
        except Unreadable as error:
            unreadable.append((f"block {key}: {names[number]}, {day_text(day)}", data))
            _log.error("the readings of %s on %s cannot be read: %s; set aside", names[number], day_text(day), error)
    return packed, unreadable


def _write_summaries(container: Container, summaries: dict[int, tuple[int, int, Summaries]]) -> None:
    with container.transaction() as new:
        for number, day, records in summaries.values():
            write_summaries(new, number, day, records)
    summaries.clear()
