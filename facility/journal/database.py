"""The journal's database: transactions, errors by their cause, and the way to the newest tables."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from facility.errors import HouqinError, StoreDamaged, StoreRefused, StoreUnavailable
from facility.journal.damage import DAMAGED, is_damaged, move_aside
from facility.journal.engine import address_of, engine_of, file_of, reader_of, shown, unqueued_of
from facility.journal.tables import HEAD

AT_ONCE_S: Final = 5

_DAMAGED_ON_SERVER: Final = ("XX001", "XX002")
"""PostgreSQL's data_corrupted and index_corrupted (manual, appendix A)."""


class Database:
    """A SQLite file or a PostgreSQL database, upgraded to the newest tables when opened. Any thread may use it, and on
    PostgreSQL any number of processes.

    Attributes:
        is_server: it is a PostgreSQL database.
        file: the SQLite file, None for a server or a database in memory.
        set_aside: where the damaged file went in whose place this one was begun, None when nothing was damaged.

    Raises:
        StoreUnavailable: it cannot be reached.
        StoreDamaged: it is one of a newer version, or damaged and could not be moved aside.
        StoreRefused: the address is not understood, or the database cannot hold every language's text.
    """

    def __init__(self, url: str) -> None:
        address = address_of(url)
        self._name = shown(address)
        file = file_of(address)
        self.set_aside: Path | None = move_aside(file) if file is not None and is_damaged(file) else None
        self._engine = engine_of(address)
        self._reader = reader_of(self._engine)
        self._unqueued = unqueued_of(self._engine)
        self.is_server = self._engine.dialect.name == "postgresql"
        self.file = file
        self._writing = threading.Lock()
        try:
            self._check_encoding()
            self._upgrade()
        except BaseException:
            self._engine.dispose()
            raise

    def _check_encoding(self) -> None:
        if self._engine.dialect.name != "postgresql":
            return
        with self.reading() as connection:
            encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StoreRefused(
                f"{self._name} is encoded in {encoding} and cannot hold Chinese: create it with ENCODING 'UTF8'"
                f" / 数据库编码为 {encoding},无法保存中文,请用 ENCODING 'UTF8' 新建"
            )

    def _upgrade(self) -> None:
        with self.reading() as connection:
            if _version(connection) == HEAD:
                return
        with self.transaction() as connection:
            if _version(connection) == HEAD:  # another process was faster
                return
            self._migrate(connection)

    def _migrate(self, connection: Connection) -> None:
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        configuration = Config()
        configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        configuration.attributes["connection"] = connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        try:
            command.upgrade(configuration, "head")
        except CommandError as error:
            raise StoreDamaged(
                f"{self._name} was written by a newer version ({error}); start that version or restore a backup"
            ) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing, durable at the end; one at a time for the whole database."""
        with self._named_errors(), self._writing, self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """For reading only; sees what was committed when it began, and never waits for a writer."""
        with self._named_errors(), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def at_once(self) -> Iterator[Connection]:
        """For one statement that must not wait for longer entries: on a server it takes no turn among the writers and
        is given up after five seconds. SQLite has one writer at a time whatever is written.
        """
        if not self.is_server:
            with self.transaction() as connection:
                yield connection
            return
        with self._named_errors(), self._unqueued.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{AT_ONCE_S}s'")
            yield connection

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._named(error) from error

    def _named(self, error: SQLAlchemyError) -> HouqinError:
        said = _first_line(getattr(error, "orig", None) or error)
        if _is_damage(error):
            return StoreDamaged(f"{self._name} is damaged ({said}); move it aside and restore the last backup")
        if isinstance(error, DataError | IntegrityError) or not isinstance(error, DBAPIError):
            if isinstance(error, StatementError):
                return StoreRefused(f"{self._name} will never take this: {said}")
            return StoreUnavailable(f"{self._name}: {said}")
        return StoreUnavailable(f"{self._name}: {said}; check its server, free space and rights")

    def close(self) -> None:
        """Closes all connections. Safe to call twice."""
        self._engine.dispose()


def _is_damage(error: SQLAlchemyError) -> bool:
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in DAMAGED
    return getattr(cause, "sqlstate", None) in _DAMAGED_ON_SERVER


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
