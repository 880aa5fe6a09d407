"""What Prometheus scrapes: the clock, how live the points are, alarms, units, power, and every point's value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from api.context import ApiContext
from api.metrics_lines import line_metrics
from api.metrics_publish import publish_metrics
from api.metrics_store import store_metrics
from api.services.board import BoardOffice, board_offices
from api.services.live import Live, live
from facility.bus.messages import AlarmLevel
from facility.readings import Quality

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def metrics_text(context: ApiContext, streams: int) -> bytes:
    """The exposition format, made anew at each scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Building(context, streams))
    return generate_latest(registry)


class _Building(Collector):
    def __init__(self, context: ApiContext, streams: int) -> None:
        self._context = context
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        context = self._context
        now = live(context)
        yield _gauge("houqin_clock_seconds", "The site's clock, seconds since 1970 UTC", now.time.timestamp())
        yield _gauge("houqin_clock_pace", "Clock seconds per second of life", context.clock.pace)
        yield _gauge("houqin_live_streams", "Open live streams", self._streams)
        yield from _points(now)
        yield _alarms(context)
        yield _links(context)
        yield from line_metrics(context)
        yield _units(board_offices(context))
        if context.store_writer is not None:
            yield from store_metrics(context.store_writer, now.time)
        if context.line_board.published is not None:
            yield from publish_metrics(context.line_board.published, now.time)
        compared = None if context.reference is None else context.reference.last
        if compared is not None:
            help_text = "How much the time server is ahead of the site's clock"
            yield _gauge("houqin_clock_offset_seconds", help_text, compared.offset_s)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text)
    family.add_metric([], value)
    return family


def _points(now: Live) -> Iterator[Metric]:
    values = GaugeMetricFamily("houqin_point_value", "Newest value in its unit", labels=["point", "unit"])
    ages = GaugeMetricFamily("houqin_point_age_seconds", "Age of the newest reading", labels=["point"])
    qualities: Counter[str] = Counter({quality.value: 0 for quality in Quality})
    stale = 0
    for point in now.points:
        qualities[point.quality] += 1
        stale += point.stale
        if point.value is not None:
            values.add_metric([point.id, point.unit], point.value)
        if point.age_s is not None:
            ages.add_metric([point.id], point.age_s)
    counts = GaugeMetricFamily("houqin_points", "Points by quality of their newest reading", labels=["quality"])
    for quality, count in qualities.items():
        counts.add_metric([quality], count)
    yield from (values, ages, counts, _gauge("houqin_points_stale", "Points whose newest reading is too old", stale))


def _alarms(context: ApiContext) -> Metric:
    family = GaugeMetricFamily("houqin_alarms_active", "Standing alarms by level", labels=["level"])
    standing = Counter(alarm.level for alarm in context.latest.active_alarms())
    for level in AlarmLevel:
        family.add_metric([level.value], standing[level])
    return family


def _links(context: ApiContext) -> Metric:
    family = GaugeMetricFamily("houqin_link_up", "1 where the line or device answers", labels=["link", "device"])
    for (link, device), status in context.latest.links.items():
        family.add_metric([link, device or ""], float(status.up))
    return family


def _units(offices: list[BoardOffice]) -> Metric:
    family = GaugeMetricFamily("houqin_unit_on", "1 where the unit runs; absent when unknown", labels=["equipment"])
    for office in offices:
        for unit in office.units:
            if unit.on is not None:
                family.add_metric([unit.id], float(unit.on))
    return family
