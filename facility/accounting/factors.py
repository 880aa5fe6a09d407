"""Standard coal and CO2 of what was used, with named, dated factors.

Coal by calorific value (当量) and by what its production took (等价) differ by a factor of about 2.3 for electricity:
they are never mixed. Every result names the factor, its unit, year, region and source, and the set it is from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from facility.accounting.entries import Medium
from facility.text import Text

Kind = Literal["calorific", "equivalent", "co2"]
CoalKind = Literal["calorific", "equivalent"]
NATION: Final = "china"
"""The region every other lies in."""

CARRIERS: Final[Mapping[Medium, str]] = {"electricity": "electricity", "gas": "natural_gas", "heat": "heat"}
"""What a medium is where no fuel is named; oil must name one, and water is no energy."""

UNITS: Final[Mapping[Medium, str]] = {"electricity": "kWh", "water": "m3", "gas": "m3", "heat": "GJ", "oil": "L"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One coefficient of one energy carrier (electricity, natural_gas, heat, petrol, diesel, raw_coal, ...).

    Attributes:
        value: kgce or kgCO2 per unit.
        unit: as written, `kgce/kWh`, `kgCO2/m3`.
        year: the year it was published for.
        region: id in the set's regions.
        unverified: taken from no source that was seen.
    """

    kind: Kind
    carrier: str
    value: float
    unit: str
    year: int
    region: str
    source: str
    unverified: bool = False

    @property
    def per(self) -> str:
        """The unit that is multiplied: kWh, m3, kg, GJ."""
        return self.unit.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """Kilograms per litre of a liquid fuel."""

    carrier: str
    kg_per_l: float
    source: str
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region and the one it lies in; None: the nation."""

    id: str
    name: Text
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSet:
    """Factors that go together, named and versioned; what reports store beside their figures."""

    id: str
    version: str
    name: Text
    factors: tuple[Factor, ...]
    densities: tuple[Density, ...]
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """An amount in coal or CO2, with all that it rests on.

    Attributes:
        value: kgce or kgCO2; None where the amount is not known or there is no factor, `why` says which.
        unit: `kgce` or `kgCO2`.
        factor: None where there is none.
        density: where litres were turned into kilograms.
        factors: id and version of the set.
        notes: another year or region than asked for, a coefficient that was not verified.
    """

    value: float | None
    unit: str
    factor: Factor | None
    density: Density | None
    factors: str
    version: str
    notes: tuple[Text, ...] = ()
    why: Text | None = None


def coal_kgce(
    factors: FactorSet,
    amount: float | None,
    carrier: str,
    unit: str,
    *,
    year: int,
    region: str | None = None,
    kind: CoalKind = "calorific",
) -> Reckoned:
    """Standard coal, kgce.

    Args:
        factors: the set to reckon with.
        amount: in `unit`; None: not known.
        carrier: electricity, natural_gas, heat, petrol, ... (see `carrier_of`).
        unit: kWh, m3, GJ, kg or L.
        year: the year reported on.
        region: id or name of the region (湖南, 湖南省, Hunan); None, or one the set does not know: the nation.
        kind: by calorific value (当量) or equivalent (等价); one is never taken for the other.
    """
    return _reckoned(factors, amount, carrier, unit, year=year, region=region, kind=kind)


def co2_kg(
    factors: FactorSet, amount: float | None, carrier: str, unit: str, *, year: int, region: str | None = None
) -> Reckoned:
    """Carbon dioxide, kg; arguments as for `coal_kgce`."""
    return _reckoned(factors, amount, carrier, unit, year=year, region=region, kind="co2")


def carrier_of(medium: Medium, fuel: str | None = None) -> str | None:
    """The energy carrier of what was used. None for water, which is no part of 综合能耗, and oil of no named fuel."""
    return fuel if fuel is not None else CARRIERS.get(medium)


def lineage(factors: FactorSet, region: str | None) -> tuple[str, ...]:
    """The region and all it lies in, nearest first; ends with the nation, which alone stands for one not known."""
    parents = {item.id: item.parent for item in factors.regions}
    place = None if region is None else _region_id(factors, region)
    found: list[str] = []
    while place is not None and place != NATION:
        found.append(place)
        place = parents[place]
    return (*found, NATION)


def _region_id(factors: FactorSet, region: str) -> str | None:
    """By id or name, in Chinese also with what follows it: 湖南, 湖南省, 湖南长沙."""
    for item in factors.regions:
        if region.lower() in (item.id, item.name.en.lower()) or region.startswith(item.name.zh):
            return item.id
    return None


def chosen(factors: FactorSet, kind: Kind, carrier: str, *, year: int, region: str | None) -> Factor | None:
    """The factor for a report on `year`: of the nearest region that has any, the newest that is not later; where all
    are later, the oldest. None where no region has one.
    """
    for place in lineage(factors, region):
        found = [
            item for item in factors.factors if item.kind == kind and item.carrier == carrier and item.region == place
        ]
        if found:
            fitting = [item for item in found if item.year <= year]
            return max(fitting, key=_year) if fitting else min(found, key=_year)
    return None


def _year(factor: Factor) -> int:
    return factor.year


def _reckoned(
    factors: FactorSet, amount: float | None, carrier: str, unit: str, *, year: int, region: str | None, kind: Kind
) -> Reckoned:
    factor = chosen(factors, kind, carrier, year=year, region=region)
    density = _density(factors, factor, unit)
    value, why = _value(amount, unit, factor, density)
    return Reckoned(
        value=value,
        unit="kgCO2" if kind == "co2" else "kgce",
        factor=factor,
        density=density,
        factors=factors.id,
        version=factors.version,
        notes=_notes(factors, factor, density, year=year, region=region),
        why=why,
    )


def _density(factors: FactorSet, factor: Factor | None, unit: str) -> Density | None:
    if factor is None or unit != "L" or factor.per != "kg":
        return None
    return next((item for item in factors.densities if item.carrier == factor.carrier), None)


def _value(
    amount: float | None, unit: str, factor: Factor | None, density: Density | None
) -> tuple[float | None, Text | None]:
    if factor is None:
        return None, Text("因子集中没有该能源的系数", "the factor set has no coefficient for this energy")
    if factor.per != unit and density is None:
        return None, Text(
            f"系数单位为 {factor.unit}，用量单位为 {unit}", f"the factor is {factor.unit}, the amount {unit}"
        )
    if amount is None:
        return None, Text("用量未知", "the amount is not known")
    return amount * (1.0 if density is None else density.kg_per_l) * factor.value, None


def _notes(
    factors: FactorSet, factor: Factor | None, density: Density | None, *, year: int, region: str | None
) -> tuple[Text, ...]:
    if factor is None:
        return ()
    notes = []
    if factor.year > year or (factor.year != year and factor.kind == "co2"):
        notes.append(
            Text(f"采用 {factor.year} 年系数（报告年 {year}）", f"factor of {factor.year} for a report on {year}")
        )
    if factor.kind != "calorific":
        notes += _region_notes(factors, factor, region)
    if factor.unverified or (density is not None and density.unverified):
        notes.append(Text("系数未经核实", "unverified coefficient"))
    return tuple(notes)


def _region_notes(factors: FactorSet, factor: Factor, region: str | None) -> list[Text]:
    """That the factor is of another region than asked for. What heat a fuel holds is the same everywhere."""
    wanted = lineage(factors, region)
    if wanted == (NATION,) and region not in (None, NATION):
        return [Text(f"因子集没有地区 {region}，采用全国系数", f"no region {region} in the set: national factor")]
    if factor.region == wanted[0]:
        return []
    name = next((item.name for item in factors.regions if item.id == factor.region), Text("全国", "the nation"))
    return [Text(f"采用{name.zh}的系数", f"factor of {name.en}")]


def total(results: Sequence[Reckoned]) -> float | None:
    """The sum of several carriers' coal or CO2; None where any is not known. Nothing at all adds up to 0.0.

    Raises:
        ValueError: coal and CO2, or coal of both kinds, together.
    """
    kinds = {result.factor.kind for result in results if result.factor is not None}
    if len(kinds) > 1:
        raise ValueError(f"these do not add up: {', '.join(sorted(kinds))}")
    values = [result.value for result in results]
    return None if any(value is None for value in values) else sum(value for value in values if value is not None)
