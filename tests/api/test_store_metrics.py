"""The way of readings into the store, as Prometheus and /health see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client.core import Metric

from api.metrics_store import store_metrics
from facility.readings import to_us
from facility.spool import Figures

NOW = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


@dataclass
class Writer:
    """A writer as it may stand."""

    away: bool = False
    waiting: int = 0
    refused: int = 0
    lost: int = 0
    spool: Figures | None = None


def shown(writer: Writer) -> dict[str, float]:
    found: list[Metric] = list(store_metrics(writer, NOW))  # type: ignore[arg-type]
    return {
        sample.name + "".join(sample.labels.values()): sample.value for family in found for sample in family.samples
    }


def test_without_a_spool_there_is_memory_only() -> None:
    assert shown(Writer(away=True, waiting=3, refused=2, lost=0)) == {
        "houqin_store_away": 1.0,
        "houqin_store_waiting_readings": 3.0,
        "houqin_store_refused_readings_total": 2.0,
        "houqin_store_lost_readings_total": 0.0,
    }


def test_of_a_spool_size_age_and_what_it_gave_up_by_class_are_shown() -> None:
    spool = Figures(
        bytes=80,
        limit_bytes=100,
        waiting={"counter": 0, "measurement": 7},
        dropped={"counter": 0, "measurement": 9},
        oldest_us=to_us(NOW) - 90_000_000,
    )
    found = shown(Writer(spool=spool))
    assert {name: value for name, value in found.items() if "spool" in name} == {
        "houqin_spool_bytes": 80.0,
        "houqin_spool_limit_bytes": 100.0,
        "houqin_spool_damaged_files": 0.0,
        "houqin_spool_oldest_seconds": 90.0,
        "houqin_spool_waiting_readingscounter": 0.0,
        "houqin_spool_waiting_readingsmeasurement": 7.0,
        "houqin_spool_dropped_readings_totalcounter": 0.0,
        "houqin_spool_dropped_readings_totalmeasurement": 9.0,
    }
    empty = Figures(bytes=0, limit_bytes=100, waiting={})
    assert shown(Writer(spool=empty))["houqin_spool_oldest_seconds"] == 0.0
