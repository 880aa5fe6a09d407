"""The engine that a site file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.errors import StoreRefused, StoreUnavailable
from facility.model.entries import StoreEntry
from facility.readings import Batch
from facility.store.embedded import EmbeddedStore
from facility.store.influx import InfluxStore
from facility.store.open import open_store
from facility.store.tags import point_of, tag_of
from facility.store.victoria import VictoriaStore
from tests.servers import free_port

ONE = [Batch(time_us=0, points=["m.power"], values=[1.0])]


def test_without_a_word_it_is_the_embedded_one(tmp_path: Path) -> None:
    store = open_store(StoreEntry(), tmp_path)
    assert isinstance(store, EmbeddedStore)
    assert (tmp_path / "store" / "readings.sqlite").exists()
    store.close()


def test_a_token_is_read_from_the_environment_and_missed_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = StoreEntry(engine="influxdb", url="http://127.0.0.1:1", database="x", token_env="HOUQIN_TEST_TOKEN")
    with pytest.raises(StoreUnavailable, match="HOUQIN_TEST_TOKEN"):
        open_store(entry, tmp_path)
    monkeypatch.setenv("HOUQIN_TEST_TOKEN", "secret")
    store = open_store(entry, tmp_path)
    assert isinstance(store, InfluxStore)
    store.close()


def test_an_influxdb_without_an_address_is_a_mistake_in_the_site_file(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="`url` and `database`"):
        open_store(StoreEntry(engine="influxdb"), tmp_path)


def test_a_victoriametrics_needs_an_address_only(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="victoriametrics needs `url`"):
        open_store(StoreEntry(engine="victoriametrics"), tmp_path)
    store = open_store(StoreEntry(engine="victoriametrics", url="http://127.0.0.1:1"), tmp_path)
    assert isinstance(store, VictoriaStore)
    store.close()


@pytest.mark.parametrize("engine", [InfluxStore, VictoriaStore])
def test_a_server_that_is_not_there_is_named(engine: type[InfluxStore] | type[VictoriaStore]) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    store = engine(address, "x")
    for call in (lambda: store.append(ONE), lambda: store.raw("m.power", 0, 10**15), store.points):
        with pytest.raises(StoreUnavailable, match=f"{address} does not answer"):
            call()
    store.close()


@pytest.mark.server
def test_what_the_server_will_never_take_is_told_apart(influx_url: str) -> None:
    store = InfluxStore(influx_url, "types")
    store._create_database()
    store._write(b'reading,point=other value="text",status=0i 1')
    with pytest.raises(StoreRefused, match="field type conflict"):
        store.append(ONE)
    store.append([Batch(time_us=8 * 86_400_000_000, points=["m.power"], values=[1.0])])
    assert store.points() == ["m.power", "other"]
    store.close()


@pytest.mark.parametrize("point", ["f4-401-ac.room_temperature", "办公室.功率"])
def test_names_as_site_files_have_them_stay_readable_in_the_database(point: str) -> None:
    assert tag_of(point) == point
    assert point_of(tag_of(f"{point} 'x'\n")) == f"{point} 'x'\n"
