"""The one SQLite file of the embedded store: its tables, and connections to it.

`points` number the names. `log` holds what is not sealed yet, a row per call of `append`, ids ascending in the order of
writing. `blocks` hold the readings of one point and one UTC day, `times` the columns of times that points of a device
share. `rollups` hold of each sealed day its quarter hours and its skeleton, `summaries` its ends: both stay when the
day's readings are dropped. `state` holds single numbers, `set_aside` bytes that could not be read.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from facility.errors import StoreDamaged, StoreUnavailable

FORMAT: Final = 2
PAGE_BYTES: Final = 2048
"""Small pages waste little behind each block, and little of each commit."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS times (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (key INTEGER PRIMARY KEY, times INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS rollups (
    key INTEGER PRIMARY KEY, times INTEGER NOT NULL, skeleton BLOB NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS summaries (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS set_aside (id INTEGER PRIMARY KEY, part TEXT NOT NULL, data BLOB NOT NULL);
"""
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Connections:
    """As many connections for reading as are needed at one time."""

    def __init__(self, path: Path, *, read_only: bool = True) -> None:
        self.path = path
        self._read_only = read_only
        self._reading: list[sqlite3.Connection] = []
        self._reading_lock = threading.Lock()
        self._closed = False

    def _connected(self) -> sqlite3.Connection:
        mode = "ro" if self._read_only else "rwc"
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=10.0)
        connection.execute("PRAGMA cache_size=-4000")
        return connection

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; sees what was committed when it first reads, and nothing that comes later."""
        with self.named_errors():
            connection = self._taken()
            try:
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    if connection.in_transaction:
                        connection.execute("COMMIT")
            finally:
                self._put_back(connection)

    def _taken(self) -> sqlite3.Connection:
        with self._reading_lock:
            self._refuse_when_closed()
            if self._reading:
                return self._reading.pop()
        return self._connected()

    def _put_back(self, connection: sqlite3.Connection) -> None:
        with self._reading_lock:
            if self._closed:
                connection.close()
            else:
                self._reading.append(connection)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"the store {self.path} is closed")

    @contextlib.contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turns SQLite's errors into ours, with the file's name."""
        try:
            yield
        except sqlite3.Error as error:
            if is_damage(error):
                raise StoreDamaged(
                    f"{self.path} is damaged ({error}); stop the service and restore the last backup, "
                    "or start it again to go on with an empty store beside the damaged one"
                ) from error
            raise StoreUnavailable(f"{self.path}: {error}; check free space and rights of its folder") from error

    def close(self) -> None:
        """Closes all connections. Safe to call twice."""
        with self._reading_lock:
            self._closed = True
            connections, self._reading = self._reading, []
        for connection in connections:
            connection.close()


class Container(Connections):
    """Connections to the file in `folder`, held for this process alone, one of them for writing.

    Raises:
        StoreUnavailable: another process (or another store of this one) has the folder open, or it cannot be written.
        StoreDamaged: the file is of a newer version.
        sqlite3.DatabaseError: the file is no store, or one that is damaged; see `is_damage`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, read_only=False)
        with self._only_damage_unnamed():
            self.writing = self._connected()
            try:
                self._prepare()
            except BaseException:
                self.writing.close()
                raise

    def _prepare(self) -> None:
        found = format_of(self.writing)
        refuse_newer(self.path, found)
        if found != FORMAT:
            self.writing.execute(f"PRAGMA page_size={PAGE_BYTES}")
            self.writing.execute("PRAGMA auto_vacuum=INCREMENTAL")
        self.writing.execute("PRAGMA journal_mode=WAL")
        self.writing.execute("PRAGMA synchronous=FULL")
        if found != FORMAT:
            self._make_tables()

    def _make_tables(self) -> None:
        self.writing.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";\n"):
            self.writing.execute(statement)
        self.writing.execute(f"PRAGMA user_version={FORMAT}")
        self.writing.execute("COMMIT")

    @contextlib.contextmanager
    def _only_damage_unnamed(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise
            raise StoreUnavailable(f"{self.path}: {error}; check free space and rights of its folder") from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable at the end. Only one thread at a time may be in here."""
        with self.named_errors():
            self._refuse_when_closed()
            self.writing.execute("BEGIN IMMEDIATE")
            try:
                yield self.writing
                self.writing.execute("COMMIT")
            except BaseException:
                if self.writing.in_transaction:  # a full disk rolls back by itself
                    self.writing.execute("ROLLBACK")
                raise

    def checkpoint(self) -> None:
        """Moves what was committed from the write-ahead log into the file, while others may read and write: whoever
        commits next need not do it.
        """
        with self.named_errors():
            connection = self._taken()
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                self._put_back(connection)

    def close(self) -> None:
        """Closes all connections. Safe to call twice."""
        if not self._closed:
            super().close()
            self.writing.close()


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is no SQLite file, or a broken one."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


def format_of(connection: sqlite3.Connection) -> int:
    """The file's format: 0 when it is new."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def refuse_newer(path: Path, found: int) -> None:
    """Leaves files of a newer version alone.

    Raises:
        StoreDamaged: the format is not known to this version.
    """
    if found > FORMAT:
        raise StoreDamaged(
            f"{path} was written by a newer version (format {found}, this one knows {FORMAT}); "
            "start the newer version, or restore a backup of this one's"
        )
