"""Sharing out what one meter counted to those behind it: the outdoor unit's electricity to its indoor units.

Four measures of what an indoor unit took, one fallback, and a rounding that closes:

    F1 time_capacity  TE = ((sum of R_f * a_f) / k + sum of S_f * a_f) * P    (Panasonic CZ-256ESMC3, its instructions)
    F3 valve          P * hours with thermo on * mean opening of the expansion valve    (after Samsung DMS)
    F4 heat           heat taken, of heat meters
    F5 area           floor area

R_f running hours at fan speed f, S_f those of them with the compressor at work for the unit, a_f weight of the fan
speed, k how much less an hour of the fan alone counts, P rated capacity. The results are shares of a measured amount,
allocated, not metered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from facility.accounting.rounding import rounded
from facility.text import Text

__all__ = ["Rules", "Running", "Split", "UnitShare", "rounded", "split"]

Method = Literal["time_capacity", "valve", "heat", "area", "none"]
Applied = Literal["time_capacity", "valve", "heat", "area", "capacity", "standby", "none"]
"""`capacity` where floor areas were to be used but are not known of all units; `standby` where nothing ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How one indoor unit ran in a settlement span, a local day.

    Attributes:
        unit: its id.
        capacity_kw: rated cooling capacity, above 0.
        area_m2: floor area it serves; None where that is not known.
        fan_h: running hours per fan speed (high, medium, low, auto), compressor or not.
        cooling_h: of these, hours with thermo on.
        valve: mean opening of its expansion valve while thermo was on, 0..1; None where nothing tells it.
        heat_kwh: what it took from the water, thermal kWh; None without a heat meter.
        known: 0..1, share of the span for which its state is known.
    """

    unit: str
    capacity_kw: float
    area_m2: float | None
    fan_h: Mapping[str, float]
    cooling_h: Mapping[str, float]
    valve: float | None = None
    heat_kwh: float | None = None
    known: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How an outdoor unit is shared out; from the site file.

    Attributes:
        method: the measure of what a unit took; `none` shares nothing.
        weights: fan speed -> its weight.
        fan_only_divisor: how much less an hour of the fan without the compressor counts.
        standby_kwh: what of the span's energy went into standby and crankcase heaters; shared by capacity.
        data_limit: below this share of known time a unit's measure is estimated.
        area_limit: when less than this share of all capacity is known well enough, areas decide.
    """

    method: Method
    weights: Mapping[str, float] = field(default_factory=dict)
    fan_only_divisor: float = 20.0
    standby_kwh: float = 0.0
    data_limit: float = 0.95
    area_limit: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitShare:
    """One unit's share. `index` is its measure (TE, P * h * opening, thermal kWh, m2 or kW), `fraction` its part of the
    whole energy, standby among it.
    """

    unit: str
    index: float
    fraction: float
    energy_kwh: float
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What came of it. The fractions add up to 1 and the energies to `energy_kwh`, unrounded; without shares, nothing
    was split. `method` is the one applied; `why` says why it is not the one asked for, and what was estimated.
    """

    method: Applied
    energy_kwh: float
    standby_kwh: float
    index_total: float
    shares: tuple[UnitShare, ...]
    why: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Every unit's measure, and which of them are estimated."""

    method: Applied
    indexes: Sequence[float]
    estimated: Sequence[bool]
    why: tuple[Text, ...] = ()


def split(energy_kwh: float, units: Sequence[Running], rules: Rules) -> Split:
    """Shares the energy of an outdoor unit over one settlement span out to its indoor units.

    Standby goes by capacity, whoever ran; the rest by the method's measure. A unit whose state is not known for long
    enough is never taken for one that stood still: for the unknown part of the span it gets its capacity x the mean
    measure per kW of the units that are known, and is marked. When nothing ran, all is standby.

    Raises:
        ValueError: the energy is not a number, there are no units, or a capacity is not above 0.
    """
    if not math.isfinite(energy_kwh):
        raise ValueError(f"the energy to be split is {energy_kwh}; expected a number")
    if rules.method == "none":
        return Split(method="none", energy_kwh=energy_kwh, standby_kwh=0.0, index_total=0.0, shares=())
    if not units or any(not unit.capacity_kw > 0 for unit in units):
        raise ValueError("energy is split among units, each with a capacity above 0; there are none, or one has none")
    measured = _measured(units, rules)
    total = math.fsum(measured.indexes)
    standby_kwh = min(max(rules.standby_kwh, 0.0), max(energy_kwh, 0.0))
    method, why = measured.method, measured.why
    if total <= 0.0:
        standby_kwh, method, why = energy_kwh, "standby", (*why, _NOTHING_RAN)
    fractions = _fractions(energy_kwh, standby_kwh, [unit.capacity_kw for unit in units], measured.indexes)
    shares = tuple(
        UnitShare(unit=unit.unit, index=index, fraction=fraction, energy_kwh=fraction * energy_kwh, estimated=estimated)
        for unit, index, fraction, estimated in zip(units, measured.indexes, fractions, measured.estimated, strict=True)
    )
    return Split(
        method=method,
        energy_kwh=energy_kwh,
        standby_kwh=standby_kwh,
        index_total=total,
        shares=shares,
        why=Text("；".join(text.zh for text in why), "; ".join(text.en for text in why)) if why else None,
    )


_NOTHING_RAN = Text("没有内机运行，全部按容量作为待机电量分摊", "no unit ran; all of it is standby, shared by capacity")


def _fractions(energy: float, standby: float, capacities: Sequence[float], indexes: Sequence[float]) -> list[float]:
    """Each unit's part of the whole, made to add up to one."""
    by_capacity = np.asarray(capacities) / math.fsum(capacities)
    total = math.fsum(indexes)
    if total <= 0.0:
        return [float(part) for part in by_capacity]
    at_rest = standby / energy if energy > 0 else 0.0
    parts = at_rest * by_capacity + (1.0 - at_rest) * (np.asarray(indexes) / total)
    return [float(part) for part in parts]


def _measured(units: Sequence[Running], rules: Rules) -> _Measured:
    if rules.method == "area":
        return _by_area(units)
    raw = [_index(unit, rules) for unit in units]
    heard = [unit.known if index is not None else 0.0 for unit, index in zip(units, raw, strict=True)]
    sure = [share >= rules.data_limit and index is not None for share, index in zip(heard, raw, strict=True)]
    capacity_kw = math.fsum(unit.capacity_kw for unit in units)
    sure_kw = math.fsum(unit.capacity_kw for unit, is_sure in zip(units, sure, strict=True) if is_sure)
    if sure_kw <= 0.0 or sure_kw / capacity_kw < rules.area_limit:
        return _by_area(units, _too_little(sure_kw / capacity_kw, rules.area_limit))
    per_kw = math.fsum(index for index, is_sure in zip(raw, sure, strict=True) if is_sure and index) / sure_kw
    indexes = [
        (index or 0.0) if is_sure else (index or 0.0) + (1.0 - share) * unit.capacity_kw * per_kw
        for unit, index, is_sure, share in zip(units, raw, sure, heard, strict=True)
    ]
    guessed = [unit.unit for unit, is_sure in zip(units, sure, strict=True) if not is_sure]
    why = (_estimated(guessed),) if guessed else ()
    return _Measured(method=rules.method, indexes=indexes, estimated=[not is_sure for is_sure in sure], why=why)


def _index(unit: Running, rules: Rules) -> float | None:
    """The method's measure of what the unit took, as far as its state is known; None where nothing tells it."""
    match rules.method:
        case "valve":
            hours = math.fsum(unit.cooling_h.values())
            if hours == 0.0:
                return 0.0
            return None if unit.valve is None else unit.capacity_kw * hours * unit.valve
        case "heat":
            return unit.heat_kwh
        case _:
            fan, cooling = _weighed(unit.fan_h, rules.weights), _weighed(unit.cooling_h, rules.weights)
            return (fan / rules.fan_only_divisor + cooling) * unit.capacity_kw


def _weighed(hours: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Hours at full fan: R_eq or S_eq."""
    return math.fsum(time_h * weights[speed] for speed, time_h in hours.items())


def _by_area(units: Sequence[Running], *why: Text) -> _Measured:
    estimated = [bool(why)] * len(units)
    areas = [unit.area_m2 for unit in units if unit.area_m2 is not None]
    if len(areas) == len(units) and math.fsum(areas) > 0:
        return _Measured(method="area", indexes=areas, estimated=estimated, why=why)
    lacking = [unit.unit for unit in units if unit.area_m2 is None]
    reason = Text(
        f"缺少面积（{'、'.join(lacking)}），按容量分摊",
        f"no floor area of {', '.join(lacking)}; shared by capacity",
    )
    return _Measured(
        method="capacity",
        indexes=[unit.capacity_kw for unit in units],
        estimated=estimated,
        why=(*why, reason),
    )


def _too_little(known: float, limit: float) -> Text:
    return Text(
        f"运行数据充分的内机只占容量的 {known:.0%}，低于 {limit:.0%}，改按面积分摊",
        f"enough is known of {known:.0%} of the capacity only, less than {limit:.0%}; shared by area",
    )


def _estimated(units: Sequence[str]) -> Text:
    return Text(
        f"运行数据不足，按容量和其他内机的平均值估算：{'、'.join(units)}",
        f"too little is known, estimated from capacity and the mean of the other units: {', '.join(units)}",
    )
