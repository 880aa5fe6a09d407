"""The engines under contract."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.store.influx import InfluxStore
from facility.store.victoria import VictoriaStore
from tests.facility.store.influxdb import influxdb
from tests.facility.store.victoriametrics import address, victoriametrics

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with influxdb(tmp_path_factory.mktemp("influxdb")) as url:
        yield url


@pytest.fixture(scope="session")
def victoria_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with victoriametrics(tmp_path_factory.mktemp("victoriametrics")) as server:
        yield address(server)


@pytest.fixture(
    params=[
        "embedded",
        "embedded, sealed at once",
        pytest.param("influxdb", marks=pytest.mark.server),
        pytest.param("victoriametrics", marks=pytest.mark.server),
    ]
)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens a store on the same data again and again; closes the one before."""
    held: list[Store] = []
    database = f"contract {next(_numbers)}"
    make: dict[str, Callable[[], Store]] = {
        "embedded": lambda: EmbeddedStore(tmp_path / "store", tail_limit=1_000),
        "embedded, sealed at once": lambda: EmbeddedStore(tmp_path / "store", tail_limit=1),
        "influxdb": lambda: InfluxStore(request.getfixturevalue("influx_url"), database),
        "victoriametrics": lambda: VictoriaStore(request.getfixturevalue("victoria_url"), database),
    }

    def opened_again() -> Store:
        for store in held:
            store.close()
        held[:] = [make[request.param]()]
        return held[0]

    yield opened_again
    for store in held:
        if isinstance(store, VictoriaStore):
            store._server.recent.forget(math.inf)  # nobody reads this database again: need not be waited for
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """A store of each engine, empty."""
    return opened()
