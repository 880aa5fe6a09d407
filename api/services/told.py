"""The account book's figures as answers: the same fields, times in the site's zone, texts in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationInfo

from api.shapes import Bilingual, Shape
from facility.readings import from_us


def _in_zone(value: Any, info: ValidationInfo) -> Any:
    zone: ZoneInfo | None = info.context
    return from_us(value).astimezone(zone) if isinstance(value, int) else value


LocalTime = Annotated[datetime, BeforeValidator(_in_zone)]
"""A moment of the account book (microseconds), in the site's zone."""

Start = Annotated[LocalTime, Field(validation_alias="start_us")]
End = Annotated[LocalTime, Field(validation_alias="end_us")]
At = Annotated[LocalTime, Field(validation_alias="at_us")]

S = TypeVar("S", bound=Shape)


def told(shape: type[S], figure: object, zone: ZoneInfo) -> S:
    """`figure`, a dataclass of the account book, as `shape`."""
    return shape.model_validate(figure, from_attributes=True, context=zone)


def all_told(shape: type[S], figures: Iterable[object], zone: ZoneInfo) -> list[S]:
    """The same for several."""
    return [told(shape, figure, zone) for figure in figures]


class FigureView(Shape):
    """An amount and how well it is known. `value` None: nothing is known; it may be off by `error` either way."""

    value: float | None
    completeness: float
    estimated_share: float
    grade: str
    error: float


class CostLineView(Shape):
    """What was used in one period (sharp, peak, flat, valley, deep_valley, single) at one price in yuan per unit."""

    tariff: str | None
    period: str | None
    amount: float | None
    estimated: float
    price: float | None
    yuan: float | None


class ChargeLineView(Shape):
    """An adder, a tier's surcharge or a monthly charge."""

    tariff: str
    id: str
    name: Bilingual
    amount: float | None
    price: float
    yuan: float | None


class CostView(Shape):
    """What a use costs. `complete` False: a use or a price is not known, the true cost is another; `unpriced_amount` is
    known to be used but has no price.
    """

    currency: str
    total_yuan: float | None
    complete: bool
    lines: list[CostLineView]
    adders: list[ChargeLineView]
    tiers: list[ChargeLineView]
    fixed: list[ChargeLineView]
    unpriced_amount: float
    unknown_h: float
    completeness: float
    tariffs: list[str]
    notes: list[Bilingual]


class FactorView(Shape):
    """A published coefficient with its year, region and source."""

    kind: str
    carrier: str
    value: float
    unit: str
    year: int
    region: str
    source: str
    unverified: bool


class ReckonedView(Shape):
    """Standard coal (kgce) or CO2 (kgCO2) of a use, with the factor it rests on; `value` None says `why`."""

    value: float | None
    unit: str
    factor: FactorView | None
    factors: str
    version: str
    notes: list[Bilingual]
    why: Bilingual | None


class RatioView(Shape):
    """A numerator over a denominator; `value` None says `why`."""

    numerator: float | None
    denominator: float | None
    completeness: float
    value: float | None
    why: Bilingual | None


class ChangeView(Shape):
    """A figure now and before. `percent` of before; `incomplete`: one of them rests on too little data to judge by."""

    now: RatioView
    before: RatioView
    difference: float | None
    percent: float | None
    incomplete: bool
    why: Bilingual | None


class ComparisonView(Shape):
    """This month against the same month of last year (`year`) or the month before (`month`)."""

    against: str
    total: ChangeView
    per_head: ChangeView
    per_m2: ChangeView


class QuotaEntryView(Shape):
    """A quota as entered: so much per `per` (office, head, leader, staff, m2) and period, from a date on."""

    office: str | None
    medium: str
    item: str | None
    per: str
    period: str
    amount: float
    since: date
    source: str
    reason: str


class AllowancePartView(Shape):
    """What one quota contributes: `size` people, square metres or 1, over `days` of the period."""

    quota: QuotaEntryView
    size: float | None
    days: int
    amount: float | None


class AllowanceView(Shape):
    """What an office may use in a month or year; `amount` None says `why`."""

    medium: str
    item: str | None
    period: str
    amount: float | None
    parts: list[AllowancePartView]
    why: Bilingual | None


class ProjectionView(Shape):
    """How far a period's use has got, and where it leads at an even pace: `expected` at its end, `overrun` beyond the
    allowance (0.0: none), `exhausted` the date on which the allowance is used up.
    """

    used: float | None
    allowed: float | None
    elapsed: int
    length: int
    share: float | None
    expected: float | None
    overrun: float | None
    exhausted: date | None


class QuotaFigureView(Shape):
    """An allowance and how far its use has got."""

    allowance: AllowanceView
    projection: ProjectionView


class MediumView(Shape):
    """What was used of one medium, what it costs (None: no tariff is chosen), and its standard coal by calorific value
    (当量) and equivalent (等价), never added up, and CO2 (None: it is no energy).
    """

    medium: str
    unit: str
    total: FigureView
    cost: CostView | None
    coal_kgce: Annotated[ReckonedView | None, Field(validation_alias="coal_calorific")]
    coal_equivalent_kgce: Annotated[ReckonedView | None, Field(validation_alias="coal_equivalent")]
    co2_kg: Annotated[ReckonedView | None, Field(validation_alias="co2")]


class UnitLineView(Shape):
    """One indoor unit in a month's split: hours per fan speed, of these with the compressor at work, its measure, and
    what of the outdoor unit's electricity it is charged with, by office.
    """

    unit: str
    name: Bilingual
    capacity_kw: float
    area_m2: float | None
    fan_h: dict[str, float]
    cooling_h: dict[str, float]
    valve: float | None
    heat_kwh: float | None
    index: float
    energy_kwh: float | None
    estimated_days: int
    offices: dict[str, float | None]


class SpanLineView(Shape):
    """One day of a split. Each unit's kWh is `energy_kwh` times its fraction."""

    start: Start
    end: End
    energy_kwh: float | None
    standby_kwh: float
    method: str
    index_total: float
    indexes: dict[str, float]
    fractions: dict[str, float]
    why: Bilingual | None


class SplitView(Shape):
    """How one outdoor unit's electricity was split: formula, parameters, units, and every day."""

    outdoor: str
    name: Bilingual
    meter: str
    method: str
    formula: Bilingual
    parameters: dict[str, float]
    start: Start
    end: End
    energy_kwh: float | None
    unknown_spans: int
    units: list[UnitLineView]
    spans: list[SpanLineView]


class DegreeDaysView(Shape):
    """Cooling and heating degree days, K d; None where no day's outdoor temperature is known."""

    cooling: float | None
    heating: float | None
    cooling_base_c: float
    heating_base_c: float
    days: int
    missing: int


class PostingView(Shape):
    """One line of a correction to the closed month `of_month`, booked in the open month `month`."""

    month: str
    of_month: str
    office: str
    medium: str
    kind: str
    amount: float
    reason: str


class GapView(Shape):
    """A stretch of time that is not simply measured. `kind`: bridged, block, reset, held, rejected, silent, frozen;
    `amount`: what the counter rose by in it, None where that is not known.
    """

    kind: str
    start: Start
    end: End
    amount: float | None


class DoubtView(Shape):
    """What stands in doubt about a meter."""

    meter: str
    gap: GapView
