"""How an outdoor unit's electricity of a month was split: the lines of units and days, to be checked by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from facility.accounting.apportion import Running
from facility.accounting.rounding import rounded
from facility.accounting.tree import UNALLOCATED
from facility.books.figures import MonthSplit, SpanLine, UnitLine
from facility.books.owners import Owners
from facility.books.splits import SpanSplit, Splits
from facility.model import Site
from facility.model.entries import IndoorUnit, OutdoorUnit
from facility.text import Text

FORMULAS: Final[Mapping[str, Text]] = {
    "time_capacity": Text(
        "每日:指数 = (Σ运行小时×风速系数 ÷ k + Σ制冷(制热)小时×风速系数) × 额定容量;"
        "分摊电量 = 待机电量 × 容量比 + (电表电量 − 待机电量) × 指数比",
        "each day: index = (sum of running hours x fan weight / k + sum of hours with compressor x fan weight) x rated "
        "capacity; share = standby x share of capacity + (metered - standby) x share of index",
    ),
    "valve": Text(
        "每日:指数 = 额定容量 × 制冷(制热)小时 × 膨胀阀平均开度;分摊同上,按指数比",
        "each day: index = rated capacity x hours with compressor x mean opening of its valve; shared by index",
    ),
    "heat": Text(
        "每日:指数 = 热量表读数(kWh);分摊电量按指数比", "each day: index = heat metered (kWh); shared by index"
    ),
    "area": Text("每日:按服务面积分摊", "each day: shared by floor area served"),
}


def month_split(
    site: Site, splits: Splits, owners: Owners, outdoor: OutdoorUnit, *, start_us: int, end_us: int
) -> MonthSplit:
    """The split of [start, end), rounded so that the units, and the offices of each unit, add up exactly."""
    spans = splits.spans(outdoor, start_us, end_us)
    units = splits.units_of(outdoor.id)
    known = [span for span in spans if span.energy_kwh is not None]
    energies = _energies(known, units)
    total = math.fsum(energies.values())
    closed = dict(zip(energies, rounded(list(energies.values()), total), strict=True)) if known else {}
    entry = site.file.accounting.split
    weights = {f"weight_{name}": value for name, value in entry.fan_weights.model_dump().items()}
    assert outdoor.meter is not None, f"{outdoor.id} has no meter"
    return MonthSplit(
        outdoor=outdoor.id,
        name=outdoor.text,
        meter=outdoor.meter,
        method=outdoor.split,
        formula=FORMULAS[outdoor.split],
        parameters={**weights, "k": entry.fan_only_divisor, "standby_kw": outdoor.standby_kw},
        start_us=start_us,
        end_us=end_us,
        energy_kwh=round(math.fsum(closed.values()), 2) if known else None,
        unknown_spans=len(spans) - len(known),
        units=tuple(_unit_line(unit, known, closed.get(unit.id), owners) for unit in units),
        spans=tuple(_span_line(span) for span in spans),
    )


def _energies(spans: Sequence[SpanSplit], units: Sequence[IndoorUnit]) -> dict[str, float]:
    parts: dict[str, list[float]] = {unit.id: [] for unit in units}
    for span in spans:
        for share in span.split.shares:
            parts[share.unit].append(share.energy_kwh)
    return {unit: math.fsum(values) for unit, values in parts.items()}


def _unit_line(unit: IndoorUnit, spans: Sequence[SpanSplit], energy_kwh: float | None, owners: Owners) -> UnitLine:
    days = [running for span in spans for running in span.units if running.unit == unit.id]
    shares = [share for span in spans for share in span.split.shares if share.unit == unit.id]
    return UnitLine(
        unit=unit.id,
        name=unit.text,
        capacity_kw=unit.capacity_kw,
        area_m2=days[0].area_m2 if days else None,
        fan_h=_sum([day.fan_h for day in days]),
        cooling_h=_sum([day.cooling_h for day in days]),
        valve=_mean_valve(days),
        heat_kwh=_heat(days),
        index=math.fsum(share.index for share in shares),
        energy_kwh=energy_kwh,
        estimated_days=sum(share.estimated for share in shares),
        offices=_charged(energy_kwh, owners.office_fractions(unit)),
    )


def _charged(energy_kwh: float | None, fractions: Mapping[str | None, float]) -> dict[str, float | None]:
    if energy_kwh is None:
        return {office or UNALLOCATED: None for office in fractions}
    parts = rounded([energy_kwh * fraction for fraction in fractions.values()], energy_kwh)
    return {office or UNALLOCATED: part for office, part in zip(fractions, parts, strict=True)}


def _sum(hours: Sequence[Mapping[str, float]]) -> dict[str, float]:
    speeds = dict.fromkeys(speed for day in hours for speed in day)
    return {speed: math.fsum(day.get(speed, 0.0) for day in hours) for speed in speeds}


def _mean_valve(days: Sequence[Running]) -> float | None:
    parts = [(day.valve, math.fsum(day.cooling_h.values())) for day in days if day.valve is not None]
    hours = math.fsum(weight for _, weight in parts)
    return math.fsum(valve * weight for valve, weight in parts) / hours if hours > 0 else None


def _heat(days: Sequence[Running]) -> float | None:
    known = [day.heat_kwh for day in days if day.heat_kwh is not None]
    return math.fsum(known) if known else None


def _span_line(span: SpanSplit) -> SpanLine:
    return SpanLine(
        start_us=span.start_us,
        end_us=span.end_us,
        energy_kwh=span.energy_kwh,
        standby_kwh=span.split.standby_kwh,
        method=span.split.method,
        index_total=span.split.index_total,
        indexes={share.unit: share.index for share in span.split.shares},
        fractions={share.unit: share.fraction for share in span.split.shares},
        why=span.split.why,
    )
