"""Every journal test runs on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facility.journal import Journal
from tests.facility.journal.postgresql import PostgreSQL, postgresql

SERVER = pytest.param("postgresql", marks=pytest.mark.server)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; the tests that need it are skipped where it is not installed."""
    with postgresql() as running:
        yield running


@pytest.fixture(params=["sqlite", SERVER])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty journal."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    running: PostgreSQL = request.getfixturevalue("server")
    return running.url(running.fresh())


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
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database without any tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    running: PostgreSQL = request.getfixturevalue("server")
    return running.url(running.empty())
