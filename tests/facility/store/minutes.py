"""Readings told in minutes from a fixed start, as the contract's tests write and read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from facility.readings import Batch, Status, to_us
from facility.series import Series
from facility.store import Store

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
START = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
START_US = to_us(START)


def at(minutes: float) -> int:
    """Microseconds of that minute."""
    return START_US + round(minutes * MINUTE_US)


def batch(minutes: float, **values: float | None) -> Batch:
    """One answer of device `m`, good."""
    return Batch(time_us=at(minutes), points=[f"m.{name}" for name in values], values=list(values.values()))


def rows(series: Series) -> list[tuple[float, float | None, Status]]:
    """(minute, value, status) of each reading."""
    return [
        ((time_us - START_US) / MINUTE_US, None if math.isnan(value) else value, Status(status))
        for time_us, value, status in zip(
            series.times_us.tolist(), series.values.tolist(), series.statuses.tolist(), strict=True
        )
    ]


def raw(
    store: Store, point: str = "m.power", start: float = -1e6, end: float = 1e6
) -> list[tuple[float, float | None]]:
    """(minute, value) of each reading from one minute to before another."""
    return [(minute, value) for minute, value, _ in rows(store.raw(point, at(start), at(end)))]
