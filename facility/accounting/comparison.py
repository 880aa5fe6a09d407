"""Offices beside one another and beside their own past: per head, per square metre, change in percent, rank.

The headcount of a period is the mean of the dated headcounts over its days, as the consumption statistics define
用能人数; so is the area. What is not known makes a figure None, and what is not complete is marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from facility.accounting.entries import FloorArea, Headcount
from facility.accounting.quotas import in_force, mean_by_days, steady
from facility.text import Text

COMPLETE_FROM: Final = 0.95
"""Completeness below which a comparison is marked, where the caller does not say otherwise."""

UNKNOWN_USE: Final = Text("用量未知", "use is not known")
UNKNOWN_SIZE: Final = Text("人数或面积未知", "headcount or floor area is not known")
NOBODY: Final = Text("人数或面积为 0", "headcount or floor area is zero")
NOTHING_BEFORE: Final = Text("上一期为 0，无法计算百分比", "nothing was used before: no percentage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A numerator over a denominator, both shown. `value` is None where either is not known or the denominator is 0;
    `why` says so. `completeness` 0..1 is the numerator's.
    """

    numerator: float | None
    denominator: float | None
    completeness: float
    value: float | None
    why: Text | None = None


def average_people(headcounts: Sequence[Headcount], office: str, start: date, end: date) -> float | None:
    """Mean number of people over the local dates [start, end), by days; None where any day has no headcount."""
    own = [entry for entry in headcounts if entry.office == office]
    found = [(in_force(own, day), days) for day, days in steady(own, start, end)]
    return mean_by_days([(None if entry is None else float(entry.people), days) for entry, days in found])


def average_area_m2(areas: Sequence[FloorArea], office: str, start: date, end: date) -> float | None:
    """Mean floor area over the local dates [start, end), by days; None where any day has none."""
    own = [entry for entry in areas if entry.office == office]
    found = [(in_force(own, day), days) for day, days in steady(own, start, end)]
    return mean_by_days([(None if entry is None else entry.area_m2, days) for entry, days in found])


def ratio(numerator: float | None, denominator: float | None, completeness: float = 1.0) -> Ratio:
    """A use per head, per square metre, per degree day."""
    why = UNKNOWN_USE if numerator is None else UNKNOWN_SIZE if denominator is None else None
    value = None
    if numerator is not None and denominator is not None:
        value, why = (None, NOBODY) if denominator == 0 else (numerator / denominator, None)
    return Ratio(numerator=numerator, denominator=denominator, completeness=completeness, value=value, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure now and before, each with its numerator and denominator.

    Attributes:
        difference: now less before; None where either is not known.
        percent: of before; None where either is not known or before was 0.
        incomplete: one of the two rests on less data than the limit: to be shown, not to be judged by.
    """

    now: Ratio
    before: Ratio
    difference: float | None
    percent: float | None
    incomplete: bool
    why: Text | None = None


def change(now: Ratio, before: Ratio, *, complete_from: float = COMPLETE_FROM) -> Change:
    """Year on year, month on month, or any two figures."""
    difference = None if now.value is None or before.value is None else now.value - before.value
    percent, why = None, now.why or before.why
    if difference is not None and before.value is not None:
        percent = None if before.value == 0 else 100 * difference / abs(before.value)
        why = NOTHING_BEFORE if percent is None else None
    return Change(
        now=now,
        before=before,
        difference=difference,
        percent=percent,
        incomplete=min(now.completeness, before.completeness) < complete_from,
        why=why,
    )


def total(use: float | None, completeness: float = 1.0) -> Ratio:
    """A use as it is, for comparing totals."""
    return ratio(use, 1.0, completeness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A key with its value and rank, 1 for the highest; equal values share a rank. Both are None where unknown."""

    key: str
    value: float | None
    rank: int | None


def ranking(values: Mapping[str, float | None]) -> list[Ranked]:
    """Highest first, what is not known last; equals in the order given."""
    known = sorted(((key, value) for key, value in values.items() if value is not None), key=lambda pair: -pair[1])
    ordered = [value for _, value in known]
    ranked = [Ranked(key=key, value=value, rank=ordered.index(value) + 1) for key, value in known]
    return ranked + [Ranked(key=key, value=None, rank=None) for key, value in values.items() if value is None]
