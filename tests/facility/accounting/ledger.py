"""Counters as ledgers: minutes and register values in, amounts per interval and gaps out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from facility.accounting.counters import Account, CounterRules, counter_account
from facility.accounting.entries import Correction, JumpVerdict, ManualReading, MeterHistory, Replacement
from facility.readings import Status
from facility.series import Series, Thinned

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
NO_HISTORY = MeterHistory()

Row = tuple[float, float | None]


def at(minute: float) -> int:
    return round(minute * MINUTE_US)


def counted(*rows: Row) -> Series:
    """A counter's readings: (minute, register or None)."""
    return Series(
        point="m.energy_import",
        times_us=np.array([at(minute) for minute, _ in rows], np.int64),
        values=np.array([math.nan if value is None else value for _, value in rows], np.float64),
        statuses=np.array([Status.TIMEOUT if value is None else Status.GOOD for _, value in rows], np.uint8),
    )


def steady(first: float, last: float, start: int = 0, end: int = 60, every: int = 5) -> list[tuple[float, float]]:
    """Readings every `every` minutes that rise evenly."""
    span = end - start
    return [(start + minute, first + (last - first) * minute / span) for minute in range(0, span + 1, every)]


def rules(*, bridge_min: float = 60, hold_min: float = 15, **changes: Any) -> CounterRules:
    return CounterRules(
        **{
            "counter_max": None,
            "max_rate_per_s": None,
            "bridge_us": at(bridge_min),
            "hold_us": at(hold_min),
            **changes,
        }
    )


def account(
    source: Series | Thinned, edges_min: Sequence[float], history: MeterHistory = NO_HISTORY, **changes: Any
) -> Account:
    return counter_account(source, [at(minute) for minute in edges_min], rules(**changes), history)


def values(counted_: Account) -> list[float | None]:
    return [None if math.isnan(value) else round(value, 6) for value in counted_.amounts.values.tolist()]


def gaps(counted_: Account) -> list[tuple[str, float, float, float | None]]:
    """(kind, first minute, last minute, amount)."""
    return [
        (gap.kind.value, gap.start_us / MINUTE_US, gap.end_us / MINUTE_US, _rounded(gap.amount))
        for gap in counted_.gaps
    ]  # fmt: skip


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 6)


def replaced(minute: float, closing: float | None, opening: float | None, **changes: Any) -> Replacement:
    return Replacement(meter="m", at_us=at(minute), closing=closing, opening=opening, reason="broken", **changes)


def read(minute: float, value: float) -> ManualReading:
    return ManualReading(meter="m", at_us=at(minute), value=value, reason="the line was down")


def correction(start: float, end: float, amount: float) -> Correction:
    return Correction(meter="m", start_us=at(start), end_us=at(end), amount=amount, reason="agreed")


def verdict(start: float, end: float, *, accepted: bool) -> JumpVerdict:
    return JumpVerdict(meter="m", start_us=at(start), end_us=at(end), accepted=accepted, reason="looked at the meter")
