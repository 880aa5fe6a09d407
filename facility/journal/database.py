"""The journal's database: connections, transactions, and the way to the newest tables."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from facility.errors import StoreDamaged, StoreUnavailable
from facility.journal.documents import json_text
from facility.journal.tables import HEAD

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """A SQLite file or a PostgreSQL database, upgraded to the newest tables when opened. Any thread may use it.

    Raises:
        StoreUnavailable: it cannot be reached.
        StoreDamaged: it is not a journal, or one of a newer version.
    """

    def __init__(self, url: str) -> None:
        self._engine: Engine = create_engine(url, json_serializer=json_text, json_deserializer=orjson.loads)
        self._name = self._engine.url.render_as_string(hide_password=True)
        self._writing = threading.Lock()
        self._reader = self._engine.execution_options(reading=True)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _set_up_sqlite)
            event.listen(self._engine, "begin", _begin)
        try:
            self._upgrade()
        except BaseException:
            self._engine.dispose()
            raise

    def _upgrade(self) -> None:
        with self.transaction() as connection:
            if _version(connection) == HEAD:
                return
            from alembic import command
            from alembic.config import Config
            from alembic.util import CommandError

            configuration = Config()
            configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            configuration.attributes["connection"] = connection
            try:
                command.upgrade(configuration, "head")
            except CommandError as error:
                raise StoreDamaged(
                    f"{self._name} was written by a newer version ({error}); start that version or restore a backup"
                ) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing, durable at the end; one at a time in this process."""
        with self._named_errors(), self._writing, self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """For reading only; sees what was committed, and never waits for a writer."""
        with self._named_errors(), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            code = getattr(error.orig, "sqlite_errorcode", None)
            if code is not None and code & 0xFF in _DAMAGED:
                raise StoreDamaged(
                    f"{self._name} is damaged ({error.orig}); move it aside and restore the last backup"
                ) from error
            raise StoreUnavailable(f"{self._name}: {error.orig}; check its server, free space and rights") from error
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"{self._name}: {error}") from error

    def close(self) -> None:
        """Closes all connections. Safe to call twice."""
        self._engine.dispose()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin below, as they should
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=10000")


def _begin(connection: Connection) -> None:
    """A transaction that reads first and writes later would be refused where another one wrote between."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
