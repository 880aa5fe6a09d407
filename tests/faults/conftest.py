"""What the fault tests share: a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.facility.journal.postgresql import PostgreSQL, postgresql


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; the tests that need it are skipped where it is not installed."""
    with postgresql() as running:
        yield running
