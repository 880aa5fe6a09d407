"""How long each indoor unit ran on each local day, at which fan speed, with or without cooling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
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
    """Of a day on which the unit never ran nothing more is read than that; days side by side are read at once."""
    buckets = store.aggregate(on.id, [spans[0][0], *(end for _, end in spans)], Aggregate.MAX, hold_us=HOLD_US)
    days = [_Day(fan_h={}, cooling_h={}, valve=None, known=bucket.completeness) for bucket in buckets]
    for first, last in _runs([bool(bucket.value) for bucket in buckets]):
        edges_us = np.array([spans[first][0], *(end for _, end in spans[first:last])], np.int64)
        days[first:last] = _ran(_read(site, store, unit, (int(edges_us[0]), int(edges_us[-1]))), edges_us)
    return days


def _runs(chosen: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """[first, last) of neighbours that are chosen."""
    first = 0
    for is_chosen, group in groupby(chosen):
        last = first + len(list(group))
        if is_chosen:
            yield first, last
        first = last


def _read(site: Site, store: Store, unit: IndoorUnit, span: tuple[int, int]) -> _States:
    def series(name: str) -> Series | None:
        point = site.point_of(unit.id, name)
        return None if point is None else store.raw(point.id, span[0] - HOLD_US, span[1])

    return _States(on=store.raw(f"{unit.id}.on", span[0] - HOLD_US, span[1]), fan=series("fan"),
                   thermo=series("thermo"), valve=series("eev"))  # fmt: skip


def _ran(states: _States, edges_us: Times) -> list[_Day]:
    """The days between neighbouring edges."""
    starts, hours, day = _pieces(states, edges_us)
    on, on_known = _held(states.on, starts)
    runs = on_known & (on != 0.0)
    fan, fan_known = _held_or(states.fan, starts, 0.0)
    thermo, thermo_known = _held_or(states.thermo, starts, _THERMO_ON)
    cools = runs & thermo_known & (thermo == _THERMO_ON)
    speed = np.where(fan_known, fan, 0.0).astype(np.int64).clip(0, len(_FANS) - 1)
    count = len(edges_us) - 1
    fan_h, cooling_h = (_by_speed(chosen, day, speed, hours, count) for chosen in (runs, cools))
    known = np.bincount(day, weights=hours * (on_known & (~runs | thermo_known)), minlength=count)
    valve = _valves(states.valve, starts, hours * cools, day, count)
    whole = np.diff(edges_us) / _HOUR_US
    return [
        _Day(
            fan_h=fan_h[place], cooling_h=cooling_h[place], valve=valve[place], known=float(known[place] / whole[place])
        )
        for place in range(count)
    ]


def _pieces(states: _States, edges_us: Times) -> tuple[Times, Values, npt.NDArray[np.intp]]:
    """Stretches in which no state changes: where each begins, its hours, and the day that it lies in."""
    parts = [part for part in (states.on, states.fan, states.thermo, states.valve) if part is not None]
    inner = np.concatenate([_changes(part) for part in parts])
    inner = inner[(inner > edges_us[0]) & (inner < edges_us[-1])]
    cuts = np.union1d(edges_us, inner)
    return cuts[:-1], np.diff(cuts) / _HOUR_US, np.searchsorted(edges_us, cuts[:-1], side="right") - 1


def _changes(series: Series) -> Times:
    """Where the state changes, and where a reading ceases to hold before the next one comes."""
    if not len(series):
        return series.times_us
    values = np.where(series.good, series.values, np.inf)
    changed = np.append(True, values[1:] != values[:-1])
    lapses = np.append(np.diff(series.times_us) > HOLD_US, True)
    return np.concatenate([series.times_us[changed], series.times_us[lapses] + HOLD_US, _after_lapses(series, lapses)])


def _after_lapses(series: Series, lapses: Flags) -> Times:
    return series.times_us[1:][lapses[:-1]]


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


def _by_speed(
    chosen: Flags, day: npt.NDArray[np.intp], speed: npt.NDArray[np.int64], hours: Values, count: int
) -> list[dict[str, float]]:
    width = len(_FANS)
    sums = np.bincount((day * width + speed)[chosen], weights=hours[chosen], minlength=count * width)
    rows = sums.reshape(count, width).tolist()
    return [{name: part for name, part in zip(_FANS, row, strict=True) if part > 0} for row in rows]


def _valves(
    series: Series | None, starts: Times, hours: Values, day: npt.NDArray[np.intp], count: int
) -> list[float | None]:
    """Mean opening 0..1 of each day's `hours`; None where it is not told, or nothing was cooled."""
    if series is None:
        return [None] * count
    opening, known = _held(series, starts)
    lengths = np.bincount(day, weights=hours * known, minlength=count)
    sums = np.bincount(day, weights=hours * known * opening, minlength=count)
    return [
        part / length / 100.0 if length > 0 else None
        for part, length in zip(sums.tolist(), lengths.tolist(), strict=True)
    ]
