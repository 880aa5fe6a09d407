"""Degree days: how much heating and cooling the weather asked for, from outdoor temperatures by local day.

A cooling degree day is one kelvin of a day's mean above its base for one day, a heating degree day one below its base:
CDD26 and HDD18 in the thermal design code for civil buildings (GB 50176-2016).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

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
