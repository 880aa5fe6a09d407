"""Degree days: how much heating and cooling the weather asked for, from outdoor temperatures by local day.

A cooling degree day is one kelvin of a day's mean above its base for one day, a heating degree day one below its base:
CDD26 and HDD18 in the thermal design code for civil buildings (GB 50176-2016).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from facility.local_days import date_at, day_edges
from facility.series import Series, Times, Values

COOLING_BASE_C: Final = 26.0
HEATING_BASE_C: Final = 18.0
COVERED_FROM: Final = 0.75
"""A day has a mean when readings cover at least this share of it: the missing quarter can hide one part of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DegreeDays:
    """Sums over a period, in K d.

    Attributes:
        cooling: None when no day has a mean.
        heating: None when no day has a mean.
        days: how many the period has.
        missing: how many of them have no mean and are in neither sum.
    """

    cooling: float | None
    heating: float | None
    cooling_base_c: float
    heating_base_c: float
    days: int
    missing: int


def degree_days(
    means_c: Mapping[date, float | None],
    days: Sequence[date],
    *,
    cooling_base_c: float = COOLING_BASE_C,
    heating_base_c: float = HEATING_BASE_C,
) -> DegreeDays:
    """The degree days of `days`; a day without a mean is missing, not mild."""
    known = [mean for mean in (means_c.get(day) for day in days) if mean is not None]
    return DegreeDays(
        cooling=math.fsum(max(0.0, mean - cooling_base_c) for mean in known) if known else None,
        heating=math.fsum(max(0.0, heating_base_c - mean) for mean in known) if known else None,
        cooling_base_c=cooling_base_c,
        heating_base_c=heating_base_c,
        days=len(days),
        missing=len(days) - len(known),
    )


def daily_means_c(
    series: Series,
    start_us: int,
    end_us: int,
    zone: ZoneInfo,
    *,
    hold_us: int,
    covered_from: float = COVERED_FROM,
) -> dict[date, float | None]:
    """Mean temperature of each local date that [start_us, end_us) touches; None where too little of it is covered.

    Args:
        series: outdoor temperatures, C; only good readings count.
        start_us: where the first day's part begins.
        end_us: where the last day's part ends.
        zone: the site's, for local dates.
        hold_us: a reading holds until the next one, but no longer than this.
        covered_from: 0..1, the share of a day that must be covered.
    """
    edges = np.array(day_edges(start_us, end_us, zone), np.int64)
    good = series.good
    times, values = series.times_us[good], series.values[good]
    seconds, sums = _held(times, values, edges, hold_us)
    shares = seconds / np.diff(edges)
    return {
        date_at(int(edge), zone): float(total / held) if held > 0 and share >= covered_from else None
        for edge, total, held, share in zip(edges[:-1], sums, seconds, shares, strict=True)
    }


def _held(times: Times, values: Values, edges: Times, hold_us: int) -> tuple[Values, Values]:
    """Per day the time that readings cover, and the integral of the temperature over it."""
    ends = np.minimum(np.append(times[1:], np.iinfo(np.int64).max), times + hold_us)
    covered, sums = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for day, (start_us, end_us) in enumerate(pairwise(edges)):
        low = int(np.searchsorted(ends, start_us, side="right"))
        high = int(np.searchsorted(times, end_us, side="left"))
        spans = np.minimum(ends[low:high], end_us) - np.maximum(times[low:high], start_us)
        covered[day] = spans.sum()
        sums[day] = (spans * values[low:high]).sum()
    return covered, sums
