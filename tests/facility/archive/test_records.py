"""Records are carried between SQLite and PostgreSQL, and through a backup, without losing a row or a meaning."""

from __future__ import annotations

import contextlib
import itertools
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Float, Integer, insert, select

from facility.accounting.entries import Headcount
from facility.archive.backup import Backup, Source, make_backup
from facility.archive.package import Package
from facility.archive.records import database, file_of_lines, is_empty, known_tables, sqlite_url, write_lines
from facility.archive.restore import Target, restore
from facility.archive.verification import verify
from facility.commands import Actor
from facility.errors import ArchiveRefused, StoreRefused, StoreUnavailable
from facility.journal import Journal
from facility.model import SiteFile
from facility.model.entries import StoreEntry
from facility.store.embedded import EmbeddedStore
from tests.facility.archive.memories import NOON, fill, fill_records, write_site
from tests.facility.journal.ledger import HEADCOUNT, LEDGER, POSTING, closed
from tests.facility.journal.postgresql import PASSWORD, PostgreSQL
from tests.sites import small_site_data

AT = datetime(2026, 7, 15, 4, 5, 6, tzinfo=UTC)
CLERK = Actor(name="统计员")
SERVER = pytest.mark.server
READ_BACK = {"decisions", "commands", "forecasts"}
"""Documents of these are understood when a backup is verified; other tests fill them."""


def fill_everything(url: str) -> None:
    """A row in as many tables as there are."""
    journal = Journal(url)
    fill_records(journal)
    accounts = journal.accounts
    numbers = {entry: accounts.enter(entry, actor=CLERK, at=NOON) for entry in LEDGER if entry is not POSTING}
    accounts.revoke(Headcount, numbers[HEADCOUNT], actor=CLERK, reason="数错了", at=NOON)
    accounts.close_month(closed("2026-07", total=0.0))
    accounts.enter(POSTING, actor=CLERK, at=NOON)
    journal.close()
    fill_what_is_empty(url)


def fill_what_is_empty(url: str) -> None:
    """Two rows in every other table that has none: whatever its columns take, and next to nothing."""
    with database(url) as engine, engine.begin() as connection:
        for table in known_tables(connection):
            if table.name not in READ_BACK and connection.execute(select(table).limit(1)).first() is None:
                for number in (1, 2):
                    values = {column.name: value_for(column, number) for column in table.columns}
                    connection.execute(insert(table).values(values))


def value_for(column: Column[Any], number: int) -> Any:
    """A value that a column holds; None in every second row where it may be."""
    if column.nullable and not column.primary_key and number == 2:
        return None
    match column.type:
        case JSON():
            return {"zh": "第 1 行", "value": 0.0, "none": None}
        case Boolean():
            return number == 1
        case Integer():
            return number
        case Float():
            return 0.1 + 0.2
        case _:
            return f"行 {number}"


def rows(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database(url) as engine, engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in known_tables(connection)
        }


def backup_of(folder: Path, url: str) -> Backup:
    store = EmbeddedStore(folder / "data" / "store")
    fill(store, 20)
    store.close()
    source = Source(
        site_path=write_site(folder / "site" / "site.yaml"),
        site=SiteFile.model_validate(small_site_data()),
        data=folder / "data",
        records_url=url,
        product="0.1.0",
    )
    return make_backup(source, folder / "to", at=AT)


Urls = Callable[[str], str]


@pytest.fixture
def urls(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Urls]:
    """The address of a new database, without tables, of the engine that is named; gone at the end."""
    numbers = itertools.count(1)
    with contextlib.ExitStack() as stack:

        def made(engine: str) -> str:
            name = f"records_{next(numbers)}"
            if engine == "sqlite":
                return f"sqlite:///{tmp_path / name}.db"
            server: PostgreSQL = request.getfixturevalue("server")
            with server.connection() as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
            stack.callback(dropped, server, name)
            return server.url(name)

        yield made


def dropped(server: PostgreSQL, name: str) -> None:
    with server.connection() as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("sqlite", "sqlite"),
        pytest.param("sqlite", "postgresql", marks=SERVER),
        pytest.param("postgresql", "sqlite", marks=SERVER),
        pytest.param("postgresql", "postgresql", marks=SERVER),
    ],
)
def test_records_come_back_from_a_backup_whatever_the_engines(
    tmp_path: Path, urls: Urls, origin: str, target: str
) -> None:
    source_url = urls(origin)
    fill_everything(source_url)
    done = backup_of(tmp_path, source_url)
    assert done.manifest.records == origin
    assert PASSWORD.encode() not in done.path.read_bytes()
    with zipfile.ZipFile(done.path) as package:
        assert not any(b"p%40ss" in package.read(name) for name in package.namelist())
    data = tmp_path / "restored"
    with Package(done.path) as package:
        found = verify(package, scratch=tmp_path)
        assert found.sound, found
        url = None if target == "sqlite" else urls("postgresql")
        restore(package, Target(data=data, store=StoreEntry(), records_url=url), at=AT)
    restored = url or f"sqlite:///{data / 'journal.db'}"
    assert (data / "journal.db").exists() == (url is None)
    before, after = rows(source_url), rows(restored)
    assert after == before
    assert {name for name, held in before.items() if not held} == READ_BACK
    journal = Journal(restored)
    try:
        assert [journal.load_state(state) for state in ("none", "number", "half", "word")] == [None, 7, 0.5, "7"]
        known = {entered.id for entered in journal.accounts.entries(Headcount, revoked=True)}
        fresh = replace(HEADCOUNT, since=date(2026, 8, 1))
        assert journal.accounts.enter(fresh, actor=CLERK, at=NOON) not in known, "numbers go on where they were"
        journal.audit(CLERK, "tested", {}, NOON)
    finally:
        journal.close()


@SERVER
def test_a_database_that_holds_records_is_not_restored_into(tmp_path: Path, urls: Urls) -> None:
    url, empty = urls("postgresql"), urls("postgresql")
    fill_everything(url)
    assert is_empty(empty)
    assert not is_empty(url)
    done = backup_of(tmp_path, url)
    for anyway in (False, True):
        target = Target(data=tmp_path / "new", store=StoreEntry(), records_url=url, replace=anyway)
        with Package(done.path) as package, pytest.raises(ArchiveRefused, match="holds data already"):
            restore(package, target, at=AT)
    assert not (tmp_path / "new").exists()


def test_records_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    with pytest.raises(ArchiveRefused, match="newer version"):
        file_of_lines(tmp_path / "lines", "9999", tmp_path / "journal.db")


def test_records_of_an_older_version_are_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    line = b'{"key": "kept", "document": {"zero": 0.0}}\n'
    (tmp_path / "lines" / "states.jsonl").write_bytes(line)
    file_of_lines(tmp_path / "lines", "0001", tmp_path / "journal.db")
    journal = Journal(sqlite_url(tmp_path / "journal.db"))
    try:
        assert journal.load_state("kept") == {"zero": 0.0}
        assert journal.accounts.entries(Headcount) == []
    finally:
        journal.close()


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"key": "x"}', b"\xff"])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "states.jsonl").write_bytes(b'{"key": "a", "document": 1}\n' + line + b"\n")
    with pytest.raises(ArchiveRefused, match="states, line 2"):
        file_of_lines(tmp_path / "lines", None, tmp_path / "journal.db")


def test_a_table_as_lines_is_what_it_was(tmp_path: Path, urls: Urls) -> None:
    url = urls("sqlite")
    fill_everything(url)
    revision, counts = write_lines(url, tmp_path / "lines")
    assert counts["tokens"] == 1
    file_of_lines(tmp_path / "lines", revision, tmp_path / "copy.db")
    assert rows(sqlite_url(tmp_path / "copy.db")) == rows(url)


def test_an_address_that_is_none_or_leads_nowhere_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="not understood"):
        is_empty("mysql://u:geheim@h/x")
    with pytest.raises(StoreUnavailable) as told:
        is_empty("postgresql+psycopg://u:geheim@127.0.0.1:9/x")
    assert "geheim" not in str(told.value)
