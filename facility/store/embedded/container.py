"""The one SQLite file of the embedded store: who may open it, its tables, and its connections."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from facility.errors import StoreDamaged, StoreUnavailable

FORMAT: Final = 1

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS summaries (
    key INTEGER PRIMARY KEY,
    first_us INTEGER NOT NULL, first_value REAL, first_status INTEGER NOT NULL,
    last_us INTEGER NOT NULL, last_value REAL, last_status INTEGER NOT NULL,
    low REAL, high REAL, total REAL,
    count INTEGER NOT NULL, valued INTEGER NOT NULL, good INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS set_aside (id INTEGER PRIMARY KEY, part TEXT NOT NULL, data BLOB NOT NULL);
"""
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Container:
    """Holds the folder for this process alone, one connection for writing and as many as needed for reading.

    Raises:
        StoreUnavailable: another process (or another store of this one) has the folder open, or it cannot be written.
        StoreDamaged: the file is no store, or one of a newer version.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "readings.sqlite"
        self._lock_file = _held(folder)
        self._reading: list[sqlite3.Connection] = []
        self._reading_lock = threading.Lock()
        self._closed = False
        try:
            with self._named_errors():
                self.writing = self._connected()
                self.writing.execute("PRAGMA journal_mode=WAL")
                self.writing.execute("PRAGMA synchronous=FULL")
                self._check_format()
                self.writing.executescript(_SCHEMA)
        except BaseException:
            os.close(self._lock_file)
            raise

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10.0)
        connection.execute("PRAGMA cache_size=-4000")
        return connection

    def _check_format(self) -> None:
        found = self.writing.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise StoreDamaged(
                f"{self.path} was written by a newer version (format {found}, this one knows {FORMAT}); "
                "start the newer version, or restore a backup of this one's"
            )
        self.writing.execute(f"PRAGMA user_version={FORMAT}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable at the end. Only one thread at a time may be in here."""
        with self._named_errors():
            self._refuse_when_closed()
            self.writing.execute("BEGIN IMMEDIATE")
            try:
                yield self.writing
                self.writing.execute("COMMIT")
            except BaseException:
                if self.writing.in_transaction:  # a full disk rolls back by itself
                    self.writing.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; sees what was committed."""
        with self._named_errors():
            with self._reading_lock:
                self._refuse_when_closed()
                connection = self._reading.pop() if self._reading else None
            if connection is None:
                connection = self._connected()
            try:
                yield connection
            finally:
                with self._reading_lock:
                    if self._closed:
                        connection.close()
                    else:
                        self._reading.append(connection)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"the store {self.path} is closed")

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code is not None and code & 0xFF in _DAMAGED:
                raise StoreDamaged(
                    f"{self.path} is damaged ({error}); move it aside and restore the last backup"
                ) from error
            raise StoreUnavailable(f"{self.path}: {error}; check free space and rights of its folder") from error

    def close(self) -> None:
        """Closes all connections and frees the folder. Safe to call twice."""
        with self._reading_lock:
            if self._closed:
                return
            self._closed = True
            connections, self._reading = self._reading, []
        for connection in (*connections, self.writing):
            connection.close()
        os.close(self._lock_file)


def holder_of(folder: Path) -> str | None:
    """The process that holds the store under `folder`, None when it is free or there is none yet."""
    try:
        handle = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
    finally:
        os.close(handle)
    return None


def _held(folder: Path) -> int:
    """Takes the folder's lock; the kernel frees it when the process ends, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreUnavailable(f"the store folder {folder} cannot be used: {error}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise StoreUnavailable(
            f"the store folder {folder} is open for writing in process {owner}; stop that one, or choose another folder"
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle
