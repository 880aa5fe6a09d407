"""Nothing here runs a task: hundreds of vectors need no event loop each, nor a collection of the heap after it."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_leaked_tasks() -> None:
    """Stands in for the fixture of all tests, which looks for tasks left behind."""
