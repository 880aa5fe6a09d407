"""Every journal test runs on both databases."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import alembic.command  # noqa: F401 - brought along by the first upgrade otherwise
import pytest

from facility.journal import Journal
from tests.facility.journal.postgresql import PostgreSQL, postgresql

gc.freeze()  # as in the suite's own: what SQLAlchemy and Alembic brought need not be walked after every test

SERVER = pytest.param("postgresql", marks=pytest.mark.server)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; the tests that need it are skipped where it is not installed."""
    with postgresql() as running:
        yield running


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that was upgraded once: copying it is quicker than upgrading another."""
    file: Path = tmp_path_factory.mktemp("journal") / "journal.db"
    Journal(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def file_url(empty_file: Path, tmp_path: Path) -> str:
    """Address of a journal in a file, with nothing in it."""
    shutil.copyfile(empty_file, tmp_path / "journal.db")
    return f"sqlite:///{tmp_path / 'journal.db'}"


@pytest.fixture(params=["sqlite", SERVER])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a journal with nothing in it."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("file_url"))
    running: PostgreSQL = request.getfixturevalue("server")
    return running.url(running.emptied())


@pytest.fixture
def opened(url: str) -> Iterator[Callable[[], Journal]]:
    """Opens the same journal again and again; closes the one before."""
    held: list[Journal] = []

    def opened_again() -> Journal:
        for journal in held:
            journal.close()
        held[:] = [Journal(url)]
        return held[0]

    yield opened_again
    for journal in held:
        journal.close()


@pytest.fixture
def journal(opened: Callable[[], Journal]) -> Journal:
    """An empty journal."""
    return opened()


@pytest.fixture(params=["sqlite", SERVER])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'journal.db'}"
        return
    running: PostgreSQL = request.getfixturevalue("server")
    with running.database() as name:
        yield running.url(name)
