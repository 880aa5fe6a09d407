"""What a unit of a medium costs at a time: versions of a tariff, day plans, periods, ratios, adders, tiers.

A tariff is a family of versions, each in force over dates of its own. A version says for every day which hours are of
which period (尖 sharp, 峰 peak, 平 flat, 谷 valley, 深谷 deep valley, 单一 single), and what a unit costs in each: an
absolute price, or a ratio to the price that is announced for the month and floats by time of use. What does not float
(system-operation fee, government funds) is an adder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from facility.accounting.entries import Medium
from facility.text import Text

DayType = Literal["workday", "rest", "holiday"]
DAY_TYPES: Final[tuple[DayType, ...]] = ("workday", "rest", "holiday")
DAY_MINUTES: Final = 24 * 60


class Period(StrEnum):
    """A class of hours with one price, from dear to cheap; `single` where hours make no difference."""

    SHARP = "sharp"
    PEAK = "peak"
    FLAT = "flat"
    VALLEY = "valley"
    DEEP_VALLEY = "deep_valley"
    SINGLE = "single"


PERIOD_NAMES: Final[Mapping[Period, Text]] = {
    Period.SHARP: Text("尖", "sharp"),
    Period.PEAK: Text("峰", "peak"),
    Period.FLAT: Text("平", "flat"),
    Period.VALLEY: Text("谷", "valley"),
    Period.DEEP_VALLEY: Text("深谷", "deep valley"),
    Period.SINGLE: Text("单一", "single"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Minutes of the local day, [start_min, end_min) within 0..1440, that belong to one period."""

    start_min: int
    end_min: int
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """The periods of the days in `months` (1..12) that are of `day_types`. `spans` cover 24 h in time order.

    `forecast_max_c`: holds only on days whose forecast maximum is at least that (Guangdong: 35 C); None: on all others.
    """

    months: frozenset[int]
    day_types: frozenset[DayType]
    spans: tuple[Span, ...]
    forecast_max_c: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adder:
    """What every unit costs on top and does not float, in yuan; only in `period` where one is named."""

    id: str
    name: Text
    price: float
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedCharge:
    """What is paid each month whatever is used: `price` yuan per kVA, kW or month, times `quantity`.

    `quantity` None: not known (a demand that is metered anew each month).
    """

    id: str
    name: Text
    per: Literal["kva", "kw", "month"]
    price: float
    quantity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierStep:
    """Every unit beyond `above` costs `add` yuan more than the price, up to the next step."""

    above: float
    add: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """Progressive surcharges on what was used since the start of the month or the year; `steps` ascend."""

    period: Literal["month", "year"]
    steps: tuple[TierStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffSource:
    """The document a tariff was taken from, and how far it is to be trusted."""

    document: str
    grade: Literal["official", "vendor", "third_party", "own"]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """One version of a tariff, in force on local dates in [valid_from, valid_until).

    Attributes:
        family: id of the tariff all versions belong to; what a site file and entries name.
        valid_until: first day it no longer holds; None: until further notice.
        prices: yuan per unit of the medium, or ratios to the month's announced price where `floats`.
        default_base: announced price to reckon with for a month that has none entered; None: such a month is unpriced.
        example: its prices are for illustration, not what any supplier bills.
        chosen_from: first day on which it is paid by, None: all along (see `during`).
        chosen_until: first day on which it no longer is, None: until further notice.
    """

    family: str
    name: Text
    medium: Medium
    region: str | None
    user_class: str | None
    voltage: str | None
    valid_from: date
    valid_until: date | None
    days: tuple[DayPlan, ...]
    prices: Mapping[Period, float]
    floats: bool
    source: TariffSource
    default_base: float | None = None
    adders: tuple[Adder, ...] = ()
    fixed: tuple[FixedCharge, ...] = ()
    tiers: Tiers | None = None
    currency: Literal["CNY"] = "CNY"
    example: bool = False
    chosen_from: date | None = None
    chosen_until: date | None = None

    @property
    def version(self) -> str:
        """Its name in documents: `hunan_2025@2025-08-01`."""
        return f"{self.family}@{self.valid_from.isoformat()}"

    @property
    def since(self) -> date:
        """The first day it is in force and paid by."""
        return self.valid_from if self.chosen_from is None else max(self.valid_from, self.chosen_from)

    def holds_on(self, day: date) -> bool:
        """Whether it is in force, and paid by, on the local date `day`."""
        ends = (end for end in (self.valid_until, self.chosen_until) if end is not None)
        return self.since <= day and all(day < end for end in ends)

    def during(self, start: date | None, end: date | None) -> Tariff:
        """The version as far as it is paid by in [start, end), where a site changes from one tariff to another. It
        keeps its name.
        """
        return replace(self, chosen_from=start, chosen_until=end)

    def price(self, period: Period, base: float | None) -> Decimal | None:
        """Yuan per unit in `period`, exactly; None where prices float and the announced price `base` is not known."""
        stated = exact(self.prices[period])
        if not self.floats:
            return stated
        return None if base is None else exact(base) * stated

    def plan(self, day: date, day_type: DayType, forecast_max_c: float | None) -> DayPlan:
        """The plan of the local date `day`: of those for its month and type the one with the highest forecast limit
        that the forecast reaches, else the one without. An unknown forecast (None) reaches no limit.
        """
        plans = self._plans(day, day_type)
        reached = [
            (plan.forecast_max_c, plan)
            for plan in plans
            if plan.forecast_max_c is not None and forecast_max_c is not None and forecast_max_c >= plan.forecast_max_c
        ]
        if reached:
            return max(reached, key=lambda pair: pair[0])[1]
        return next(plan for plan in plans if plan.forecast_max_c is None)

    def asks_forecast(self, day: date, day_type: DayType) -> bool:
        """Whether the periods of `day` depend on its forecast maximum."""
        return any(plan.forecast_max_c is not None for plan in self._plans(day, day_type))

    def _plans(self, day: date, day_type: DayType) -> list[DayPlan]:
        return [plan for plan in self.days if day.month in plan.months and day_type in plan.day_types]


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffFamily:
    """A tariff with all its versions, oldest first."""

    id: str
    name: Text
    medium: Medium
    versions: tuple[Tariff, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSpan:
    """Local wall time [start, end) of one day with its period; `end` 00:00 is the day's end. `price` in yuan per unit
    without adders and tiers; None: not known.
    """

    start: time
    end: time
    period: Period
    price: float | None


def exact(value: float) -> Decimal:
    """The decimal a number was written as: 0.1 is one tenth."""
    return Decimal(repr(float(value)))


def version_on(versions: Sequence[Tariff], day: date) -> Tariff | None:
    """The version in force on a local date; None when there is none."""
    return next((version for version in versions if version.holds_on(day)), None)


def periods(
    tariff: Tariff, day: date, day_type: DayType, forecast_max_c: float | None, base: float | None = None
) -> list[PricedSpan]:
    """The hours of one local date with their periods and prices.

    Args:
        tariff: the version in force on `day`.
        day: local date.
        day_type: what the calendar says of it.
        forecast_max_c: the day's forecast maximum in C; None: unknown, so that no forecast-dependent period applies.
        base: the announced price of the month, yuan per unit; None takes the version's default, where it has one.
    """
    known_base = tariff.default_base if base is None else base
    result = []
    for span in tariff.plan(day, day_type, forecast_max_c).spans:
        price = tariff.price(span.period, known_base)
        result.append(
            PricedSpan(
                start=_wall(span.start_min),
                end=_wall(span.end_min),
                period=span.period,
                price=None if price is None else float(price),
            )
        )
    return result


def _wall(minute: int) -> time:
    return time(minute % DAY_MINUTES // 60, minute % 60)
