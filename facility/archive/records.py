"""The records as they are carried from one database to another: every table, row by row, whatever the engines."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from facility.archive.progress import Progress, unseen
from facility.errors import ArchiveRefused, StoreDamaged, StoreUnavailable
from facility.journal.documents import json_text, json_value
from facility.journal.engine import address_of, shown
from facility.text import Text

REVISION: Final = "alembic_version"
_ROWS: Final = 1000
"""Rows in memory at once."""

_SEEDED: Final = frozenset({"revisions"})
"""Tables that are made with rows in them, which say nothing of a building yet."""

_MIGRATIONS: Final = "facility:journal/migrations"


def sqlite_url(path: Path) -> str:
    """SQLAlchemy's address of a SQLite file."""
    return f"sqlite:///{path}"


@contextlib.contextmanager
def database(url: str) -> Iterator[Engine]:
    """The database at `url`, closed at the end.

    Raises:
        StoreRefused: the address is not understood.
        StoreUnavailable: it does not take or give what is asked; the address is told without its password.
    """
    address = address_of(url)
    engine = create_engine(address, json_serializer=json_text, json_deserializer=json_value, hide_parameters=True)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise StoreUnavailable(
            f"{shown(address)}: {getattr(error, 'orig', error)}; check its server and rights"
        ) from error
    finally:
        engine.dispose()


def known_tables(connection: Connection) -> list[Table]:
    """The journal's tables as this database has them, those first that others refer to."""
    from facility.journal.tables import metadata

    there = set(inspect(connection).get_table_names())
    reflected = MetaData()
    reflected.reflect(connection, only=[name for name in metadata.tables if name in there])
    for column in (column for table in reflected.tables.values() for column in table.columns):
        if isinstance(column.type, JSON):
            column.type.none_as_null = bool(column.nullable)  # where NULL may stand, no value is NULL, not 'null'
    return list(reflected.sorted_tables)


def revision_of(connection: Connection) -> str | None:
    """The migration that the tables are at, None where there are none."""
    if not inspect(connection).has_table(REVISION):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {REVISION}")).scalar()
    return found


def revision_of_file(path: Path) -> str | None:
    """The migration of a SQLite file's tables."""
    with database(sqlite_url(path)) as engine, engine.connect() as connection:
        return revision_of(connection)


def write_lines(url: str, folder: Path, progress: Progress = unseen) -> tuple[str | None, dict[str, int]]:
    """Every table of a database as JSON lines, `<table>.jsonl` in `folder`, all of one moment.

    Returns: the migration the tables are at, and the number of rows of each.
    """
    folder.mkdir(parents=True)
    with database(url) as engine, engine.connect() as plain:
        connection = plain.execution_options(yield_per=_ROWS)
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        tables = known_tables(connection)
        counts: dict[str, int] = {}
        for number, table in enumerate(tables):
            progress(Text(f"记录表 {table.name}", f"table {table.name}"), number, len(tables))
            counts[str(table.name)] = 0
            with (folder / f"{table.name}.jsonl").open("wb") as file:
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
                    file.write(orjson.dumps(_as_json(table, row._mapping)) + b"\n")
                    counts[table.name] += 1
        return revision_of(connection), counts


def _as_json(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    values = {}
    for column in table.columns:
        value = row[column]
        if isinstance(column.type, LargeBinary) and value is not None:
            value = base64.b64encode(value).decode("ascii")
        values[str(column.name)] = value
    return values


def file_of_lines(folder: Path, revision: str | None, path: Path) -> None:
    """Makes the SQLite file `path` from tables as `write_lines` wrote them, at the migration they were of.

    Raises:
        ArchiveRefused: a line is none, or the migration is of a newer version.
    """
    with database(sqlite_url(path)) as engine:
        with engine.begin() as connection:
            _migrate(connection, revision)
        with engine.begin() as connection:
            for table in known_tables(connection):
                _enter(connection, table, _rows_of(folder / f"{table.name}.jsonl", table))


def _migrate(connection: Connection, revision: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    configuration = Config()
    configuration.set_main_option("script_location", _MIGRATIONS)
    configuration.attributes["connection"] = connection
    try:
        command.upgrade(configuration, revision or "head")
    except CommandError as error:
        raise ArchiveRefused(
            Text(
                f"备份的记录属于较新版本(迁移 {revision});请用该版本恢复",
                f"the records in the backup are of a newer version (migration {revision}); restore with that version",
            )
        ) from error


def _rows_of(path: Path, table: Table) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = orjson.loads(line)
                yield {column.name: _stored(column, row[column.name]) for column in table.columns}
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
                raise ArchiveRefused(
                    Text(
                        f"记录表 {table.name} 第 {number} 行无法读取:{error}",
                        f"table {table.name}, line {number} cannot be read: {error}",
                    )
                ) from error


def _stored(column: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def copy_records(source: Path, url: str, progress: Progress = unseen) -> dict[str, int]:
    """Copies every table of a SQLite file into the database at `url`, whose tables are of the same migration and
    empty: all or nothing. Returns the number of rows of each.
    """
    counts: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        read = stack.enter_context(stack.enter_context(database(sqlite_url(source))).connect())
        write = stack.enter_context(stack.enter_context(database(url)).begin())
        targets = known_tables(write)
        origins = {table.name: table for table in known_tables(read)}
        for number, table in enumerate(targets):
            progress(Text(f"记录表 {table.name}", f"table {table.name}"), number, len(targets))
            counts[table.name] = _enter(write, table, _rows_from(read, origins[table.name], table))
            _go_on_counting(write, table)
    return counts


def _rows_from(read: Connection, origin: Table, target: Table) -> Iterator[dict[str, Any]]:
    found = read.execution_options(yield_per=_ROWS).execute(select(origin).order_by(*origin.primary_key.columns))
    for row in found:
        yield {column.name: row._mapping[column.name] for column in target.columns}


def _enter(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    """Enters rows, a thousand at a time; how many there were."""
    if table.name in _SEEDED:
        connection.execute(table.delete())
    count, waiting = 0, iter(rows)
    while group := list(islice(waiting, _ROWS)):
        connection.execute(table.insert(), group)
        count += len(group)
    return count


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a sequence, which does not see rows that brought their number."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        quoted = connection.dialect.identifier_preparer.format_table(table)
        sequence = connection.execute(select(func.pg_get_serial_sequence(quoted, column.name))).scalar()
        if sequence is not None:
            highest = connection.execute(select(func.max(column))).scalar()
            if highest is not None:
                connection.execute(select(func.setval(sequence, highest)))


def is_empty(url: str) -> bool:
    """Whether no record was ever entered in the journal's tables, or they are not there yet."""
    with database(url) as engine, engine.connect() as connection:
        tables = [table for table in known_tables(connection) if table.name not in _SEEDED]
        return all(connection.execute(select(table).limit(1)).first() is None for table in tables)


def opened_by_journal(path: Path) -> None:
    """Lets the journal itself open a restored file, which brings its tables up to this version, and read from it.

    Raises:
        StoreDamaged: it is no journal, or one of a newer version.
    """
    from facility.journal import Journal

    journal = Journal(sqlite_url(path))
    try:
        journal.latest_decisions()
        journal.alarms()
        journal.audits(limit=10)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{path}: a record cannot be read: {error}") from error
    finally:
        journal.close()
