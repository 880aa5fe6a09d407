"""What Prometheus scrapes of publishing for other systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from facility.readings import to_us

if TYPE_CHECKING:
    from facility.publish_health import PublishHealth
    from facility.spool import Figures


def publish_metrics(health: PublishHealth, now: datetime) -> Iterator[Metric]:
    """What the broker took and refused, what waits for it on disk, and what other systems asked for."""
    yield GaugeMetricFamily("houqin_publish_up", "1 while the broker takes what is published", value=health.up is True)
    yield _counter("houqin_publish_messages", "Messages that the broker took", health.published)
    yield _counter("houqin_publish_refused_messages", "Messages that the broker will never take", health.refused)
    yield GaugeMetricFamily("houqin_publish_topics", "Topics that the broker is to keep", value=health.topics)
    yield _counter("houqin_publish_lost_readings", "Readings that did not get as far as the disk", health.lost)
    yield _by("houqin_publish_commands", "What was asked for, by what became of it", "outcome", health.commands)
    if health.spool is not None:
        yield from _spool(health.spool, now)


def _spool(spool: Figures, now: datetime) -> Iterator[Metric]:
    yield GaugeMetricFamily("houqin_publish_spool_bytes", "Bytes on disk that wait for the broker", value=spool.bytes)
    yield GaugeMetricFamily("houqin_publish_spool_limit_bytes", "Bytes they may grow to", value=spool.limit_bytes)
    age_s = 0.0 if spool.oldest_us is None else (to_us(now) - spool.oldest_us) / 1e6
    yield GaugeMetricFamily(
        "houqin_publish_spool_oldest_seconds", "Age of the oldest reading that waits, 0 when none does", value=age_s
    )
    waiting = GaugeMetricFamily(
        "houqin_publish_spool_waiting_readings", "Readings that wait for the broker", labels=["class"]
    )
    for name, count in spool.waiting.items():
        waiting.add_metric([name], count)
    yield waiting
    yield _by("houqin_publish_spool_dropped_readings", "Readings given up for want of room", "class", spool.dropped)


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(name, help_text, value=value)


def _by(name: str, help_text: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=[label])
    for key, count in counts.items():
        family.add_metric([key], count)
    return family
