"""How long each indoor unit ran on each local day, at which fan speed, with or without cooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.accounting.apportion import Running
from facility.model import Point, Site
from facility.model.entries import IndoorUnit
from facility.quantities import ENUMERATIONS
from facility.series import Series, Times, Values
from facility.store import Aggregate, Store

HOLD_US: Final = 900_000_000
"""A state holds until the next reading, at most so long (15 min)."""

_FANS: Final = ENUMERATIONS["fan_speed"]
_THERMO_ON: Final = float(ENUMERATIONS["thermo"].index("thermo_on"))
_HOUR_US: Final = 3.6e9

Flags = npt.NDArray[np.bool_]


def running_days(
    site: Site, store: Store, unit: IndoorUnit, edges_us: Times, heat_kwh: Values | None = None
) -> list[Running]:
    """One `Running` for each interval between neighbouring edges (local midnights).

    A unit whose gateway does not tell its fan speed counts as `auto`; one that does not tell its thermostat counts as
    cooling whenever it runs. `heat_kwh` is what its heat meter counted, NaN where that is not known.
    """
    on = site.point_of(unit.id, "on")
    spans = list(pairwise(edges_us.tolist()))
    days = [_NOTHING] * len(spans) if on is None else _days(site, store, unit, on, spans)
    return [
        _running(site, unit, day, None if heat_kwh is None else float(heat_kwh[index]))
        for index, day in enumerate(days)
    ]  # fmt: skip


def _running(site: Site, unit: IndoorUnit, day: _Day, heat_kwh: float | None) -> Running:
    measured = heat_kwh is not None and not np.isnan(heat_kwh)
    return Running(
        unit=unit.id,
        capacity_kw=unit.capacity_kw,
        area_m2=area_of(site, unit),
        fan_h=day.fan_h,
        cooling_h=day.cooling_h,
        valve=day.valve,
        heat_kwh=heat_kwh if measured else None,
        known=day.known if heat_kwh is None else float(measured),
    )


def area_of(site: Site, unit: IndoorUnit) -> float | None:
    """Floor area that a unit serves, None where that of a room is not known."""
    areas = [site.spaces[space].area_m2 for space in unit.serves]
    known = [area for area in areas if area is not None]
    return sum(known) if len(known) == len(areas) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _States:
    """Readings of one unit; None for a point that its gateway does not have."""

    on: Series
    fan: Series | None
    thermo: Series | None
    valve: Series | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    fan_h: Mapping[str, float]
    cooling_h: Mapping[str, float]
    valve: float | None
    known: float


_NOTHING: Final = _Day(fan_h={}, cooling_h={}, valve=None, known=0.0)


def _days(site: Site, store: Store, unit: IndoorUnit, on: Point, spans: Sequence[tuple[int, int]]) -> list[_Day]:
    """Of a day on which the unit never ran nothing more is read than that."""
    days = [spans[0][0], *(end for _, end in spans)]
    buckets = store.aggregate(on.id, days, Aggregate.MAX, hold_us=HOLD_US)
    return [
        _day(_read(site, store, unit, span), *span)
        if bucket.value
        else _Day(fan_h={}, cooling_h={}, valve=None, known=bucket.completeness)
        for span, bucket in zip(spans, buckets, strict=True)
    ]


def _read(site: Site, store: Store, unit: IndoorUnit, span: tuple[int, int]) -> _States:
    def series(name: str) -> Series | None:
        point = site.point_of(unit.id, name)
        return None if point is None else store.raw(point.id, span[0] - HOLD_US, span[1])

    return _States(on=store.raw(f"{unit.id}.on", span[0] - HOLD_US, span[1]), fan=series("fan"),
                   thermo=series("thermo"), valve=series("eev"))  # fmt: skip


def _day(states: _States, start_us: int, end_us: int) -> _Day:
    parts = [part for part in (states.on, states.fan, states.thermo, states.valve) if part is not None]
    cuts = np.unique(np.concatenate([_cuts(part, start_us, end_us) for part in parts] + [[start_us, end_us]]))
    starts, lengths = cuts[:-1], np.diff(cuts) / _HOUR_US
    on, on_known = _held(states.on, starts)
    runs = on_known & (on != 0.0)
    fan, fan_known = _held_or(states.fan, starts, 0.0)
    thermo, thermo_known = _held_or(states.thermo, starts, _THERMO_ON)
    cools = runs & thermo_known & (thermo == _THERMO_ON)
    speed = np.where(fan_known, fan, 0.0).astype(np.int64).clip(0, len(_FANS) - 1)
    known = on_known & (~runs | thermo_known)
    return _Day(
        fan_h=_hours(runs, speed, lengths),
        cooling_h=_hours(cools, speed, lengths),
        valve=_valve(states.valve, starts, lengths, cools),
        known=float(lengths[known].sum() / lengths.sum()),
    )


def _cuts(series: Series, start_us: int, end_us: int) -> Times:
    """Where the state may change: at each reading, and where one ceases to hold."""
    times_us = np.concatenate([series.times_us, series.times_us + HOLD_US])
    return times_us[(times_us > start_us) & (times_us < end_us)]


def _held(series: Series, at_us: Times) -> tuple[Values, Flags]:
    """The value that holds at each moment, and whether one does."""
    if not len(series):
        return np.zeros(len(at_us)), np.zeros(len(at_us), np.bool_)
    index = np.searchsorted(series.times_us, at_us, side="right") - 1
    safe = np.maximum(index, 0)
    known = (index >= 0) & (at_us - series.times_us[safe] < HOLD_US) & series.good[safe]
    return np.where(known, series.values[safe], 0.0), known


def _held_or(series: Series | None, at_us: Times, constant: float) -> tuple[Values, Flags]:
    if series is None:
        return np.full(len(at_us), constant), np.ones(len(at_us), np.bool_)
    return _held(series, at_us)


def _hours(chosen: Flags, speed: npt.NDArray[np.int64], lengths: Values) -> dict[str, float]:
    sums = np.bincount(speed[chosen], weights=lengths[chosen], minlength=len(_FANS))
    return {name: float(hours) for name, hours in zip(_FANS, sums, strict=True) if hours > 0}


def _valve(series: Series | None, starts: Times, lengths: Values, cools: Flags) -> float | None:
    """Mean opening 0..1 while cooling; None where it is not told, or nothing was cooled."""
    if series is None:
        return None
    opening, known = _held(series, starts)
    chosen = known & cools
    hours = lengths[chosen].sum()
    return float((opening[chosen] * lengths[chosen]).sum() / hours / 100.0) if hours > 0 else None
