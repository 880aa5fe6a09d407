"""Looks at an embedded store from another process, while its owner goes on writing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch
from facility.store.embedded.codec import unpack_log
from facility.store.embedded.container import FORMAT, Connections, format_of, refuse_newer
from facility.store.embedded.folder import FILE_NAME
from facility.store.embedded.frames import Unreadable
from facility.store.embedded.reads import Memory, Reads
from facility.store.embedded.recall import last_log_id, newest_sealed
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.tail import Newest, Tail


class EmbeddedReader(Reads):
    """The reading half of `EmbeddedStore` on a folder that another process may hold; writes nothing.

    Each question sees everything that was acknowledged before it was asked. What is unsealed is followed in memory.

    Raises:
        StoreUnavailable: there is no store in the folder, it cannot be read, or its owner must upgrade it first.
        StoreDamaged: the file is damaged, or of a newer version.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / FILE_NAME
        if not path.exists():
            raise StoreUnavailable(f"there is no store in {folder}; it is made when Houqin first runs")
        self._connections = Connections(path)
        self._lock = threading.Lock()
        self._log_begins: tuple[int | None, int] | None = None
        self._newest_id = 0
        self._held = Memory(tail=Tail(), newest=Newest(), numbers={})
        try:
            self._check_format()
            self._memory()
        except BaseException:
            self.close()
            raise

    def _check_format(self) -> None:
        with self._connections.reader() as connection:
            found = format_of(connection)
        refuse_newer(self._connections.path, found)
        if found < FORMAT:
            raise StoreUnavailable(
                f"{self._connections.path} is of format {found}, this version reads {FORMAT}: "
                "start Houqin on it once, which upgrades it"
            )

    def append(self, batches: Sequence[Batch]) -> None:  # noqa: ARG002
        """Takes nothing.

        Raises:
            StoreRefused: always.
        """
        raise StoreRefused(
            f"{self._connections.path} is open for reading only; readings are written by the process that runs Houqin"
        )

    def _memory(self) -> Memory:
        with self._lock, self._connections.reader() as connection:
            oldest, newest = connection.execute(
                "SELECT (SELECT min(id) FROM log), (SELECT max(id) FROM log)"
            ).fetchone()
            log_begins = (oldest, last_log_id(connection))
            if log_begins != self._log_begins:
                self._begin_anew(connection)
                self._log_begins = log_begins
            if newest is not None and newest > self._newest_id:
                self._follow(connection)
                self._newest_id = newest
            return self._held

    def _begin_anew(self, connection: sqlite3.Connection) -> None:
        """Rows have left the log: they are sealed, and may have been so before they were seen here."""
        held = Memory(tail=Tail(), newest=Newest(), numbers=_numbers(connection))
        held.newest.take(newest_sealed(Shelf(connection, self._connections.path), held.numbers.items()))
        self._held, self._newest_id = held, 0

    def _follow(self, connection: sqlite3.Connection) -> None:
        """Takes the rows that came to the log since the last question; damaged ones are the owner's to set aside."""
        known = len(self._held.numbers)
        if connection.execute("SELECT 1 FROM points WHERE number > ?", (known,)).fetchone() is not None:
            self._held = Memory(tail=self._held.tail, newest=self._held.newest, numbers=_numbers(connection))
        rows = connection.execute("SELECT data FROM log WHERE id > ? ORDER BY id", (self._newest_id,))
        for (data,) in rows.fetchall():
            try:
                row = unpack_log(data)
            except Unreadable:
                continue
            self._held.tail.add(row)
            self._held.newest.take(row)

    def close(self) -> None:
        """Closes all connections. Safe to call twice."""
        self._connections.close()


def _numbers(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT name, number FROM points"))
