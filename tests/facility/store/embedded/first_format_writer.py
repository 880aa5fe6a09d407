"""Writes a store file as format 1 had it: log rows, a block per point and day, summaries that nobody needs any more."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from pathlib import Path

import numpy as np
import zstandard

from facility.series import Series
from facility.store.embedded.codec import LogRow, pack_log

DAY_US = 86_400_000_000

SCHEMA = """
CREATE TABLE points (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE log (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE blocks (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE summaries (
    key INTEGER PRIMARY KEY,
    first_us INTEGER NOT NULL, first_value REAL, first_status INTEGER NOT NULL,
    last_us INTEGER NOT NULL, last_value REAL, last_status INTEGER NOT NULL,
    low REAL, high REAL, total REAL,
    count INTEGER NOT NULL, valued INTEGER NOT NULL, good INTEGER NOT NULL
);
CREATE TABLE set_aside (id INTEGER PRIMARY KEY, part TEXT NOT NULL, data BLOB NOT NULL);
PRAGMA user_version=1;
"""


def write_first_format(path: Path, sealed: list[Series], log: list[LogRow], points: list[str]) -> None:
    """A file of format 1. `points` have the numbers 1, 2 and so on; each of `sealed` is one day of one of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO points VALUES (?, ?)", list(enumerate(points, start=1)))
        for series in sealed:
            key = ((points.index(series.point) + 1) << 20) | (int(series.times_us[0]) // DAY_US + (1 << 19))
            connection.execute("INSERT INTO blocks VALUES (?, ?)", (key, pack_block(series)))
        connection.executemany("INSERT INTO log (data) VALUES (?)", [(pack_log(row),) for row in log])
    connection.close()


def pack_block(series: Series) -> bytes:
    """A block: whole-number differences with one or no decimal place, otherwise the floats by significance."""
    missing = np.isnan(series.values)
    filled = np.where(missing, 0.0, series.values)
    mask = np.packbits(missing).tobytes() if missing.any() else b""
    whole = np.rint(filled * 10.0).astype(np.int64)
    exact = bool(np.array_equal(whole / 10.0, filled))
    values = _by_significance(filled)
    if exact:
        values = struct.pack("<q", int(whole[0])) + _by_significance(np.diff(whole))
    head = struct.pack("<BIqBBB", 1, len(series), int(series.times_us[0]), 3, 1 if exact else 255, 3)
    statuses = series.statuses.tobytes() if series.statuses.any() else b""
    steps = _by_significance(np.diff(series.times_us))
    frame = zstandard.ZstdCompressor(level=3).compress(
        b"".join((head, steps, struct.pack("<B", bool(mask)), mask, values, statuses))
    )
    return struct.pack("<I", zlib.crc32(frame)) + frame


def _by_significance(column: np.ndarray) -> bytes:
    return column.view(np.uint8).reshape(len(column), 8).T.tobytes()
