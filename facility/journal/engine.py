"""Connections to the two databases a journal may live in, set up so that both behave alike."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from facility.errors import StoreRefused
from facility.journal.documents import json_text, json_value

LOCK_WAIT_S: Final = 10
"""How long a writer waits for another one."""

_CONNECT_S: Final = 5
_STATEMENT_S: Final = 60
_IDLE_S: Final = 60
_LOST_AFTER_S: Final = 20
_WRITING: Final = int.from_bytes(b"houqin")
"""The advisory lock that whoever writes to a journal on PostgreSQL holds until the end of the transaction."""

_POSTGRESQL: Final = "postgresql+psycopg"


def address_of(url: str) -> URL:
    """The address, understood. `postgresql://` and `postgres://` mean the driver that Houqin brings.

    Raises:
        StoreRefused: it is none of a SQLite file or a PostgreSQL database; the message does not repeat it, for it may
            hold a password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise _not_understood() from error
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername=_POSTGRESQL)
    if address.drivername not in ("sqlite", _POSTGRESQL):
        raise _not_understood()
    if address.drivername == _POSTGRESQL and not address.database:
        raise _not_understood()
    return address


def _not_understood() -> StoreRefused:
    return StoreRefused(
        "the journal's address is not understood: expected postgresql+psycopg://user:password@host:port/database "
        "(in the password write @ as %40, : as %3A, / as %2F) or sqlite:///path"
        " / 记录库地址无法识别,应为 postgresql+psycopg://用户:密码@主机:端口/库名(密码中的 @ 写作 %40,: 写作 %3A,"
        "/ 写作 %2F)或 sqlite:///路径"
    )


def file_of(address: URL) -> Path | None:
    """The SQLite file, None for a server or a database in memory."""
    if address.drivername != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def shown(address: URL) -> str:
    """The address without anything secret."""
    return address.set(query={}).render_as_string(hide_password=True)


def engine_of(address: URL) -> Engine:
    """Connections for writing: one writer at a time, whatever process it is in, and all or nothing."""
    is_server = address.drivername == _POSTGRESQL
    engine = create_engine(
        address,
        json_serializer=json_text,
        json_deserializer=json_value,
        hide_parameters=True,
        pool_pre_ping=is_server,
        connect_args=_server_settings(address) if is_server else {},
    )
    if is_server:
        event.listen(engine, "begin", _begin_on_server)
    else:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_in_file)
    return engine


def reader_of(engine: Engine) -> Engine:
    """The same connections for reading only: what one block reads is of one moment, and never waits for a writer."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(reading=True)
    return engine.execution_options(reading=True, isolation_level="REPEATABLE READ", postgresql_readonly=True)


def unqueued_of(engine: Engine) -> Engine:
    """The same connections for single statements that take no turn among the writers."""
    return engine.execution_options(unqueued=True)


def _server_settings(address: URL) -> dict[str, Any]:
    """What the address does not say itself: a server that went silent is found out, and nothing waits for ever."""
    settings = {
        "application_name": "houqin",
        "connect_timeout": _CONNECT_S,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": _LOST_AFTER_S * 1000,
        "options": f"-c statement_timeout={_STATEMENT_S}s -c lock_timeout={LOCK_WAIT_S}s"
        f" -c idle_in_transaction_session_timeout={_IDLE_S}s",
    }
    return {name: value for name, value in settings.items() if name not in address.query}


def _begin_on_server(connection: Connection) -> None:
    if not _is_reading(connection) and not connection.get_execution_options().get("unqueued", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITING})")


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin below, as they should
    connection.execute(f"PRAGMA busy_timeout={LOCK_WAIT_S * 1000}")
    _keep_log(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _keep_log(connection: Any) -> None:
    """Write-ahead logging. Where another process opens the new file at the same moment SQLite refuses the change of
    mode at once, whatever its busy timeout.
    """
    end = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.02)


def _begin_in_file(connection: Connection) -> None:
    """A transaction that reads first and writes later would be refused where another one wrote between."""
    connection.exec_driver_sql("BEGIN" if _is_reading(connection) else "BEGIN IMMEDIATE")


def _is_reading(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("reading", False))
