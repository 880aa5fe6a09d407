"""One broker for all scenarios; each has lines, a building and a day of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Server, mosquitto


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Mosquitto."""
    with mosquitto(tmp_path_factory.mktemp("broker")) as running:
        yield running
