"""How a factor file is written, what makes no sense in one, and the set that comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from facility.accounting.factors import NATION, Density, Factor, FactorSet, Kind, Region
from facility.model.near import did_you_mean, listing
from facility.tables.loader import Mistake
from facility.tables.schema import Entry, Names, Positive, SourceEntry, TableId
from facility.text import Text

Carrier = Literal["electricity", "natural_gas", "heat", "petrol", "diesel", "lpg", "raw_coal"]
UNITS: Final[Mapping[Kind, str]] = {"calorific": "kgce", "equivalent": "kgce", "co2": "kgCO2"}

CALORIFIC_KWH: Final = 3.6 / 29.3076
"""kgce per kWh by definition: 3.6 MJ/kWh over 29.3076 MJ/kgce (GB/T 2589)."""

_ROUNDED_BY: Final = 0.01
"""Documents give it as 0.1229 or 0.1230."""


class RegionEntry(Entry):
    """A region and the one it lies in; none: the nation."""

    id: TableId
    name: Names
    parent: TableId | None = None


class FactorEntry(Entry):
    """Coefficients of one carrier, sort and year, by region. A year is required: undated ones are not taken."""

    carrier: Carrier
    kind: Kind
    unit: Literal["kgce/kWh", "kgce/m3", "kgce/kg", "kgce/GJ", "kgCO2/kWh", "kgCO2/m3", "kgCO2/kg", "kgCO2/GJ"]
    year: Annotated[int, Field(ge=1990, le=2100)]
    values: dict[TableId, Positive] = Field(min_length=1)
    source: str
    unverified: bool = False


class DensityEntry(Entry):
    """Kilograms per litre."""

    carrier: Literal["petrol", "diesel", "lpg"]
    kg_per_l: float = Field(gt=0.3, lt=1.2)
    source: str
    unverified: bool = False


class FactorsEntry(Entry):
    """A factor file. `sources` by a short name that the entries use."""

    factors: TableId
    version: str = Field(min_length=1)
    name: Names
    sources: dict[str, SourceEntry] = Field(min_length=1)
    regions: tuple[RegionEntry, ...] = ()
    coefficients: tuple[FactorEntry, ...] = Field(min_length=1)
    densities: tuple[DensityEntry, ...] = ()


def factor_mistakes(entry: FactorsEntry) -> list[Mistake]:
    """All mistakes of sense in a factor file."""
    return [*_regions(entry), *_sources(entry), *_coefficients(entry)]


def built(entry: FactorsEntry) -> FactorSet:
    """The set of a file without mistakes."""
    return FactorSet(
        id=entry.factors,
        version=entry.version,
        name=entry.name.text,
        factors=tuple(factor for item in entry.coefficients for factor in _factors(entry, item)),
        densities=tuple(
            Density(
                carrier=item.carrier,
                kg_per_l=item.kg_per_l,
                source=entry.sources[item.source].document,
                unverified=item.unverified,
            )
            for item in entry.densities
        ),
        regions=tuple(Region(id=item.id, name=item.name.text, parent=item.parent) for item in entry.regions),
    )


def _factors(entry: FactorsEntry, item: FactorEntry) -> Iterator[Factor]:
    for region, value in item.values.items():
        yield Factor(
            kind=item.kind,
            carrier=item.carrier,
            value=value,
            unit=item.unit,
            year=item.year,
            region=region,
            source=entry.sources[item.source].document,
            unverified=item.unverified,
        )


def _regions(entry: FactorsEntry) -> Iterator[Mistake]:
    parents: dict[str, str | None] = {}
    for number, region in enumerate(entry.regions):
        path = ("regions", number)
        if region.id in parents or region.id == NATION:
            what = Text(f"地区编号 `{region.id}` 重复", f"region id `{region.id}` is used twice")
            yield Mistake(path=(*path, "id"), code="duplicate_id", what=what)
        elif region.parent is not None and region.parent not in parents:
            what = Text(
                f"上级地区 `{region.parent}` 应写在 `{region.id}` 之前",
                f"region `{region.parent}`, which `{region.id}` lies in, is expected before it",
            )
            yield Mistake(path=(*path, "parent"), code="dangling", what=what, hint=did_you_mean(region.parent, parents))
        parents[region.id] = region.parent


def _sources(entry: FactorsEntry) -> Iterator[Mistake]:
    named = [(("coefficients", number), item.source) for number, item in enumerate(entry.coefficients)]
    named += [(("densities", number), item.source) for number, item in enumerate(entry.densities)]
    for path, source in named:
        if source not in entry.sources:
            what = Text(
                f"`sources` 里没有 `{source}`，可用：{listing(entry.sources)}",
                f"no source `{source}`; expected one of {listing(entry.sources)}",
            )
            hint = did_you_mean(source, entry.sources)
            yield Mistake(path=(*path, "source"), code="dangling", what=what, hint=hint)


def _coefficients(entry: FactorsEntry) -> Iterator[Mistake]:
    known = {NATION, *(region.id for region in entry.regions)}
    seen: set[tuple[str, str, int, str]] = set()
    for number, item in enumerate(entry.coefficients):
        path = ("coefficients", number)
        if not item.unit.startswith(f"{UNITS[item.kind]}/"):
            what = Text(
                f"`{item.kind}` 的单位应以 {UNITS[item.kind]} 开头",
                f"the unit of `{item.kind}` begins with {UNITS[item.kind]}",
            )
            yield Mistake(path=(*path, "unit"), code="wrong_unit", what=what)
        for region, value in item.values.items():
            place = (*path, "values", region)
            key = (item.kind, item.carrier, item.year, region)
            if region not in known:
                what = Text(f"`regions` 里没有 `{region}`", f"no region `{region}` in `regions`")
                yield Mistake(path=place, code="dangling", what=what, hint=did_you_mean(region, known))
            if key in seen:
                what = Text(f"{item.year} 年 `{region}` 的系数重复", f"`{region}` has two coefficients for {item.year}")
                yield Mistake(path=place, code="duplicate_id", what=what)
            seen.add(key)
            if (item.kind, item.carrier) == ("calorific", "electricity"):
                yield from _calorific(value, place)


def _calorific(value: float, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    if abs(value / CALORIFIC_KWH - 1) > _ROUNDED_BY:
        what = Text(
            f"电力当量值 {value:g} 不可能：按定义为 {CALORIFIC_KWH:.4f}；等价值请写 kind: equivalent",
            f"{value:g} cannot be electricity's calorific value, {CALORIFIC_KWH:.4f} by definition; "
            "an equivalent one is of kind `equivalent`",
        )
        yield Mistake(path=path, code="out_of_range", what=what)
