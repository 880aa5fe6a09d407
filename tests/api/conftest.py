"""The small bureau for tests of the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.api.house import House, house_of


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A bureau that nobody may read without a token."""
    async with house_of(tmp_path) as made:
        yield made
