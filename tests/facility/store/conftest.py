"""The engines under contract."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.store.influx import InfluxStore
from tests.facility.store.influxdb import influxdb

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with influxdb(tmp_path_factory.mktemp("influxdb")) as url:
        yield url


@pytest.fixture(
    params=["embedded", "embedded, sealed at once", pytest.param("influxdb", marks=pytest.mark.server)]
)  # fmt: skip
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens a store on the same data again and again; closes the one before."""
    held: list[Store] = []
    if request.param == "influxdb":
        url, database = request.getfixturevalue("influx_url"), f"contract {next(_numbers)}"

    def opened_again() -> Store:
        for store in held:
            store.close()
        held.clear()
        if request.param == "influxdb":
            held.append(InfluxStore(url, database))
        else:
            held.append(EmbeddedStore(tmp_path / "store", tail_limit=1_000 if request.param == "embedded" else 1))
        return held[0]

    yield opened_again
    for store in held:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """A store of each engine, empty."""
    return opened()
