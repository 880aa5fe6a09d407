"""Reads everything that the embedded store holds and names what fails its checks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from facility.errors import StoreDamaged
from facility.store.embedded.codec import unpack_log
from facility.store.embedded.days import block_place, day_text, stretch_days, stretch_number
from facility.store.embedded.frames import Unreadable
from facility.store.embedded.rollups import unpack_rollups
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.summaries import checked_summaries
from facility.store.protocol import Aggregate


def damage_in(connection: sqlite3.Connection, path: object, names: Mapping[int, str]) -> list[str]:
    """Each damaged part, in words."""
    found = [f"{part} (set aside)" for (part,) in connection.execute("SELECT part FROM set_aside ORDER BY id")]
    return [*found, *_log_rows(connection), *_summaries(connection, names), *_days(connection, path, names)]


def _log_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for identity, data in connection.execute("SELECT id, data FROM log ORDER BY id"):
        try:
            unpack_log(data)
        except Unreadable as error:
            yield f"log row {identity}: {error}"


def _summaries(connection: sqlite3.Connection, names: Mapping[int, str]) -> Iterator[str]:
    for key, data in connection.execute("SELECT key, data FROM summaries ORDER BY key"):
        try:
            checked_summaries(data)
        except Unreadable as error:
            days = stretch_days(key)
            point = _named(names, stretch_number(key))
            yield f"the summaries of {point} from {day_text(days[0])} to {day_text(days[-1])}: {error}"


def _days(connection: sqlite3.Connection, path: object, names: Mapping[int, str]) -> Iterator[str]:
    shelf, shelf_day = Shelf(connection, path), None
    rows = connection.execute(
        "SELECT r.key, r.data, b.key IS NOT NULL FROM rollups r LEFT JOIN blocks b ON b.key = r.key ORDER BY r.key"
    )
    for key, data, has_block in rows:
        day, number = block_place(key)
        if day != shelf_day:
            shelf, shelf_day = Shelf(connection, path), day
        point = _named(names, number)
        try:
            unpack_rollups([day], [data], Aggregate.COUNT)
        except Unreadable as error:
            yield f"the rollup of {point} on {day_text(day)}: {error}"
        yield from _unreadable(shelf, number, point, day, has_block=bool(has_block))


def _unreadable(shelf: Shelf, number: int, point: str, day: int, *, has_block: bool) -> Iterator[str]:
    for read in (shelf.block, shelf.skeleton) if has_block else (shelf.skeleton,):
        try:
            read(number, point, day)
        except StoreDamaged as error:
            yield error.message


def _named(names: Mapping[int, str], number: int) -> str:
    return names.get(number, f"point number {number}")
