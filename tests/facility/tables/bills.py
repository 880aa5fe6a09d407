"""Use over local hours, and tariffs written as a file would write them, for the tests of prices and costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from facility.accounting.amounts import Amounts, nothing
from facility.accounting.cost import Cost, cost
from facility.accounting.tariffs import DayType, Tariff
from facility.local_days import hour_edges, midnight_us
from facility.tables.tariffs_build import built
from facility.tables.tariffs_check import tariff_mistakes
from facility.tables.tariffs_schema import TariffEntry

SHANGHAI = ZoneInfo("Asia/Shanghai")


def workday(_: date) -> DayType:
    """Every day is a workday."""
    return "workday"


def hours(first: date, after: date, zone: ZoneInfo = SHANGHAI) -> list[int]:
    """The edges of the local hours of the dates [first, after)."""
    return hour_edges(midnight_us(first, zone), midnight_us(after, zone), zone)


def used(edges_us: Sequence[int], values: Sequence[float | None] | float) -> Amounts:
    """Measured use over intervals; None: nothing known of that one."""
    count = len(edges_us) - 1
    given = [values] * count if isinstance(values, int | float) else list(values)
    column = np.array([np.nan if value is None else value for value in given], np.float64)
    edges = np.asarray(edges_us, np.int64)
    return replace(nothing(edges), values=column, completeness=np.where(np.isnan(column), 0.0, 1.0))


def of_day(day: date, values: Sequence[float | None] | float, zone: ZoneInfo = SHANGHAI) -> Amounts:
    """Measured use in each hour of one local date."""
    return used(hours(day, day + timedelta(days=1), zone), values)


def file_of(**changes: Any) -> dict[str, Any]:
    """A tariff file of one price all day, with other top-level keys or keys of its only version in their place."""
    version: dict[str, Any] = {
        "valid_from": "2025-01-01",
        "prices": {"yuan": {"single": 0.5}},
        "days": [{"hours": {"single": ["00:00-24:00"]}}],
    }
    head: dict[str, Any] = {
        "tariff": "own",
        "name": {"zh": "自定"},
        "medium": "electricity",
        "source": {"document": "合同", "grade": "own"},
        "versions": [version],
    }
    for key, value in changes.items():
        (head if key in TariffEntry.model_fields else version)[key] = value
    return head


def versions_of(**changes: Any) -> tuple[Tariff, ...]:
    """The versions of such a file, which has no mistakes."""
    entry = TariffEntry.model_validate(file_of(**changes))
    assert tariff_mistakes(entry) == []
    return built(entry).versions


def bill(
    versions: Sequence[Tariff],
    amounts: Amounts,
    *,
    zone: ZoneInfo = SHANGHAI,
    day_type: Callable[[date], DayType] = workday,
    forecast: Mapping[date, float] | None = None,
    base: Mapping[str, float] | None = None,
    before: float | None = 0.0,
    fixed: float = 0.0,
    quantities: Mapping[str, float] | None = None,
) -> Cost:
    """The cost with whatever is of no matter left out."""
    return cost(
        versions,
        amounts,
        zone,
        day_type=day_type,
        forecast_max_c=forecast or {},
        base_prices=base or {},
        used_before=before,
        share_of_fixed=fixed,
        quantities=quantities,
    )


def lines(found: Cost) -> dict[str, tuple[float | None, float | None, float | None]]:
    """Period -> amount, price, yuan."""
    return {
        "" if line.period is None else line.period.value: (line.amount, line.price, line.yuan) for line in found.lines
    }
