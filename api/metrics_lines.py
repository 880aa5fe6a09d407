"""What Prometheus scrapes of the lines: budget and load, requests, errors, what was skipped or thrown away, devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

if TYPE_CHECKING:
    from api.context import ApiContext
    from facility.broker_health import BrokerHealth
    from facility.line_health import LineHealth


def line_metrics(context: ApiContext) -> Iterator[Metric]:
    """Of every line; what is not known yet is absent, never 0."""
    budget = GaugeMetricFamily("houqin_line_budget", "Share of a second that the polls need", labels=["line"])
    for line, view in context.budgets.of(context.site).items():
        budget.add_metric([line], view.share)
    yield budget
    lines = tuple(context.line_board.lines.values())
    yield from _busy(lines)
    yield from _counted(lines)
    yield _units(lines)
    yield from _brokers(tuple(context.line_board.brokers.values()))


def _busy(lines: Iterable[LineHealth]) -> Iterator[Metric]:
    load = GaugeMetricFamily("houqin_line_load", "Share of the last minute the line was busy", labels=["line"])
    latency = GaugeMetricFamily(
        "houqin_line_latency_seconds", "Latency of the last answers", labels=["line", "quantile"]
    )
    for line in lines:
        if line.load is not None:
            load.add_metric([line.link], line.load)
        for quantile, value_ms in (("0.5", line.latency_p50_ms), ("0.95", line.latency_p95_ms)):
            if value_ms is not None:
                latency.add_metric([line.link, quantile], value_ms / 1e3)
    yield from (load, latency)


def _counted(lines: Iterable[LineHealth]) -> Iterator[Metric]:
    requests = CounterMetricFamily("houqin_line_requests", "Requests", labels=["line"])
    errors = CounterMetricFamily("houqin_line_errors", "Requests that failed, by kind", labels=["line", "kind"])
    missed = CounterMetricFamily("houqin_line_missed_cycles", "Poll cycles that were skipped", labels=["line"])
    dropped = CounterMetricFamily("houqin_line_dropped_answers", "Answers that were thrown away", labels=["line"])
    for line in lines:
        requests.add_metric([line.link], line.requests)
        missed.add_metric([line.link], line.missed)
        dropped.add_metric([line.link], line.dropped_answers)
        _by(errors, line.link, line.errors)
    yield from (requests, errors, missed, dropped)


def _units(lines: Iterable[LineHealth]) -> Metric:
    up = GaugeMetricFamily(
        "houqin_line_unit_up", "1 where the device answers; absent before it was asked", labels=["line", "device"]
    )
    for line in lines:
        for unit in line.units:
            if unit.up is not None:
                up.add_metric([line.link, unit.device], float(unit.up))
    return up


def _brokers(brokers: Iterable[BrokerHealth]) -> Iterator[Metric]:
    messages = CounterMetricFamily("houqin_broker_messages", "Messages that came", labels=["line"])
    readings = CounterMetricFamily("houqin_broker_readings", "Readings they gave", labels=["line"])
    refused = CounterMetricFamily("houqin_broker_refused_messages", "Messages not used", labels=["line", "reason"])
    dropped = CounterMetricFamily("houqin_broker_dropped_messages", "Messages let go, too many", labels=["line"])
    waiting = GaugeMetricFamily("houqin_broker_unacknowledged_messages", "Messages not safe yet", labels=["line"])
    strangers = GaugeMetricFamily("houqin_broker_strangers", "Senders that are in no entry", labels=["line"])
    for broker in brokers:
        messages.add_metric([broker.link], broker.messages)
        readings.add_metric([broker.link], broker.readings)
        _by(refused, broker.link, broker.refused)
        dropped.add_metric([broker.link], sum(broker.dropped.values()))
        waiting.add_metric([broker.link], broker.unacknowledged)
        strangers.add_metric([broker.link], len(broker.strangers))
    yield from (messages, readings, refused, dropped, waiting, strangers)


def _by(family: CounterMetricFamily, line: str, counted: Mapping[str, int]) -> None:
    for kind, count in counted.items():
        family.add_metric([line, kind], count)
