"""Opens the time-series engine that a site file names."""

from __future__ import annotations

import os
from pathlib import Path

from facility.errors import StoreUnavailable
from facility.model.entries import StoreEntry
from facility.store.embedded import EmbeddedStore
from facility.store.protocol import Store


def open_store(entry: StoreEntry, data: Path) -> Store:
    """The store of a site. `data` is the site's data folder; the embedded engine lives in `store` under it.

    Raises:
        StoreUnavailable: it cannot be opened now, or the entry lacks what its engine needs.
        StoreDamaged: its file fails its checks.
    """
    if entry.engine == "embedded":
        return EmbeddedStore(data / "store")
    if entry.engine == "influxdb":
        return _influx(entry)
    return _victoria(entry)


def _influx(entry: StoreEntry) -> Store:
    if entry.url is None or entry.database is None:
        raise StoreUnavailable("store: engine influxdb needs `url` and `database` in the site file")
    from facility.store.influx import InfluxStore

    return InfluxStore(entry.url, entry.database, organisation=entry.organisation or "", token=_token(entry.token_env))


def _victoria(entry: StoreEntry) -> Store:
    if entry.url is None:
        raise StoreUnavailable("store: engine victoriametrics needs `url` in the site file")
    from facility.store.victoria import VictoriaStore

    return VictoriaStore(entry.url, entry.database or "houqin", token=_token(entry.token_env))


def _token(variable: str | None) -> str:
    if variable is None:
        return ""
    token = os.environ.get(variable)
    if token is None:
        raise StoreUnavailable(f"store: the environment variable {variable} that holds the token is not set")
    return token
