"""What Prometheus scrapes of the way that readings take into the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from facility.readings import to_us

if TYPE_CHECKING:
    from facility.spool import Figures
    from facility.store.worker import StoreWriter


def store_metrics(writer: StoreWriter, now: datetime) -> Iterator[Metric]:
    """Readings that wait, were refused or lost; with a spool how full it is, and what of which class it gave up."""
    yield _gauge("houqin_store_away", "1 while the store takes nothing", float(writer.away))
    yield _gauge("houqin_store_waiting_readings", "Readings in memory that are not safe yet", writer.waiting)
    yield _counter("houqin_store_refused_readings", "Readings that found no room", writer.refused)
    yield _counter("houqin_store_lost_readings", "Readings that the store would never take", writer.lost)
    if writer.spool is not None:
        yield from _spool(writer.spool, now)


def _spool(spool: Figures, now: datetime) -> Iterator[Metric]:
    yield _gauge("houqin_spool_bytes", "Bytes of the spool on disk", spool.bytes)
    yield _gauge("houqin_spool_limit_bytes", "Bytes it may grow to", spool.limit_bytes)
    yield _gauge("houqin_spool_damaged_files", "Files in which something could not be read", len(spool.damaged))
    age_s = 0.0 if spool.oldest_us is None else (to_us(now) - spool.oldest_us) / 1e6
    yield _gauge("houqin_spool_oldest_seconds", "Age of the oldest reading that waits, 0 when none does", age_s)
    waiting = GaugeMetricFamily("houqin_spool_waiting_readings", "Readings that wait for the store", labels=["class"])
    _fill(waiting, spool.waiting)
    dropped = CounterMetricFamily(
        "houqin_spool_dropped_readings", "Readings given up for want of room", labels=["class"]
    )
    _fill(dropped, spool.dropped)
    yield from (waiting, dropped)


def _fill(family: GaugeMetricFamily | CounterMetricFamily, by_class: Mapping[str, int]) -> None:
    for name, count in by_class.items():
        family.add_metric([name], count)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(name, help_text, value=value)
