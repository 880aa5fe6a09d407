"""How a tariff file is written (see docs/tariffs.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from facility.accounting.entries import Medium
from facility.accounting.tariffs import DayType, Period, exact
from facility.tables.schema import Entry, Names, Positive, Price, SourceEntry, TableId

Month = Annotated[int, Field(ge=1, le=12)]
Money = Annotated[float, Field(allow_inf_nan=False)]


class PricesEntry(Entry):
    """What a unit costs in each period: in `yuan`, or as `ratios` to the announced price of the month.

    `sharp_over_peak`: the sharp ratio is the peak ratio times this. `default_base`: yuan per unit for months whose
    price nobody entered.
    """

    yuan: dict[Period, Price] | None = Field(None, min_length=1)
    ratios: dict[Period, Positive] | None = Field(None, min_length=1)
    sharp_over_peak: Positive | None = None
    default_base: Positive | None = None

    @property
    def stated(self) -> Mapping[Period, float]:
        """Prices or ratios by period, the sharp ratio reckoned from the peak's where it is given so."""
        if self.ratios is None:
            return self.yuan or {}
        peak = self.ratios.get(Period.PEAK)
        if self.sharp_over_peak is None or peak is None or Period.SHARP in self.ratios:
            return self.ratios
        return {**self.ratios, Period.SHARP: float(exact(peak) * exact(self.sharp_over_peak))}


class DayEntry(Entry):
    """Hours of the days in `months` of `day_types`; both default to all. `hours` by period, as `08:00-12:00`.

    `forecast_max_c`: only for days whose forecast maximum is at least that, C.
    """

    months: tuple[Month, ...] = Field(tuple(range(1, 13)), min_length=1)
    day_types: tuple[DayType, ...] = Field(("workday", "rest", "holiday"), min_length=1)
    forecast_max_c: float | None = Field(None, ge=-50, le=60)
    hours: dict[Period, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(min_length=1)


class AdderEntry(Entry):
    """Yuan per unit that do not float; negative where it is a rebate."""

    id: TableId
    name: Names
    price: Money
    period: Period | None = None


class FixedEntry(Entry):
    """Yuan per kVA, kW or month, each month; `quantity` left out where it differs from month to month."""

    id: TableId
    name: Names
    per: Literal["kva", "kw", "month"]
    price: Price
    quantity: Price | None = None


class StepEntry(Entry):
    """From `above` on each unit costs `add` yuan more than the price."""

    above: Price
    add: Price


class TiersEntry(Entry):
    """Steps ascend; they count from the start of the month or the year."""

    period: Literal["month", "year"]
    steps: tuple[StepEntry, ...] = Field(min_length=1)


class VersionEntry(Entry):
    """One version, in force from `valid_from` until the day before `valid_until`."""

    valid_from: date
    valid_until: date | None = None
    user_class: str | None = None
    voltage: str | None = None
    prices: PricesEntry
    days: tuple[DayEntry, ...] = Field(min_length=1)
    adders: tuple[AdderEntry, ...] = ()
    fixed: tuple[FixedEntry, ...] = ()
    tiers: TiersEntry | None = None
    single_rate_surcharge: Price | None = None
    source: SourceEntry | None = None


class TariffEntry(Entry):
    """A tariff file. `example`: its prices illustrate. A version's own `source` goes before the file's."""

    tariff: TableId
    name: Names
    medium: Medium
    region: str | None = None
    example: bool = False
    currency: Literal["CNY"] = "CNY"
    source: SourceEntry
    versions: tuple[VersionEntry, ...] = Field(min_length=1)
