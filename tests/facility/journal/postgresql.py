"""A real PostgreSQL server for tests, with databases that appear and vanish."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from facility.journal import Journal
from facility.journal.tables import metadata
from tests.servers import Server, free_port, require, wait_for

PASSWORD = "p@ss:w/rd"
_EMPTY = "; ".join(
    [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid != pg_backend_pid()",
        *(f'DELETE FROM "{name}"' for name in metadata.tables if name != "revisions"),
        "SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences",
        "UPDATE revisions SET number = 0",
    ]
)
_ENCODED = "p%40ss%3Aw%2Frd"


class PostgreSQL(Server):
    """A server on a loopback port, whose superuser `houqin` has a password."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        super().__init__(command, port, log)
        self._numbers = itertools.count(1)
        self._has_tables = False

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        super().start()
        wait_for(self._answers, "start of PostgreSQL")

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self.connection():
            return True
        return False

    def stop(self) -> None:
        """Ends it at once, whoever is connected: a plain SIGTERM would wait for them."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)
            self.process = None

    def connection(self, database: str = "postgres") -> psycopg.Connection:
        """A plain connection, to be used as a context."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="houqin", password=PASSWORD, dbname=database, autocommit=True
        )

    def url(self, database: str, *, password: str = _ENCODED) -> str:
        """The journal's address of a database."""
        return f"postgresql+psycopg://houqin:{password}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, *, encoding: str = "UTF8") -> Iterator[str]:
        """The name of a new database without tables, gone at the end."""
        name = f"journal_{next(self._numbers)}"
        with self.connection() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'")
        try:
            yield name
        finally:
            with self.connection() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def emptied(self) -> str:
        """The name of the one database that has the tables of today, with nothing in them: quicker than a new one."""
        if not self._has_tables:
            with self.connection() as connection:
                connection.execute("CREATE DATABASE journal TEMPLATE template0")
            Journal(self.url("journal")).close()
            self._has_tables = True
        with self.connection("journal") as connection:
            connection.execute(_EMPTY)
        return "journal"


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the path."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    return require(name)


def _unprivileged() -> tuple[list[str], int | None]:
    """What to run PostgreSQL with, for it refuses root: a prefix for its commands and the user's number."""
    if os.getuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return [
                require("setpriv"), f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"
            ], user.pw_uid  # fmt: skip
    pytest.skip("PostgreSQL refuses root, and there is no user postgres or nobody to run it as")


@contextlib.contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A server in a folder of its own, gone at the end."""
    initdb, postgres = _program("initdb"), _program("postgres")
    prefix, user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="houqin-postgresql-"))  # not under pytest's folder, which only we may enter
    try:
        words = folder / "password"
        words.write_text(PASSWORD, encoding="utf-8")
        if user is not None:
            for path in (folder, words):
                os.chown(path, user, -1)
        data = folder / "data"
        subprocess.run(
            [
                *prefix, initdb, "-D", str(data), "--no-sync", "-U", "houqin", "--pwfile", str(words),
                "--auth=scram-sha-256", "-E", "UTF8", "--locale=C",
            ],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        port = free_port()
        settings = {
            "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
            "full_page_writes": "off", "max_connections": 60, "shared_buffers": "16MB", "max_wal_senders": 0,
            "autovacuum": "off", "log_min_messages": "fatal",
        }  # fmt: skip
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        server = PostgreSQL([*prefix, postgres, "-D", str(data), *flags], port, folder / "log")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
