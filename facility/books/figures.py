"""The figures of a monthly statement: what one office used, what it rests on, what it costs and how it compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from facility.accounting.amounts import Amounts, part
from facility.accounting.comparison import Change, Ratio
from facility.accounting.cost import Cost
from facility.accounting.degree_days import DegreeDays
from facility.accounting.entries import Posting
from facility.accounting.factors import Reckoned
from facility.accounting.metering import Medium
from facility.accounting.quotas import Allowance, Projection
from facility.accounting.use import Gap, Grade
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An amount and how well it is known; fields as in `facility.accounting.Use`. `value` None: nothing is known."""

    value: float | None
    completeness: float
    estimated_share: float
    grade: Grade
    error: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFigure:
    """One item of an office's electricity; `code` is the guideline's, None where the chosen table has none."""

    item: str
    name: Text
    code: str | None
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigure:
    """One local day of electricity; `items` has the items of that day."""

    day: date
    total: Figure
    items: Mapping[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """One indoor unit in a month's split.

    Attributes:
        fan_h, cooling_h: hours per fan speed, and of these with the compressor asked for; sums of the month's spans.
        valve: mean opening 0..1 while cooling, weighted by those hours; None where it is not told.
        heat_kwh: thermal kWh, None without a heat meter.
        index: the unit's measure, summed over the spans.
        energy_kwh: its electricity, rounded so that all units add up to the outdoor unit's meter; None where nothing
            is known of what that counted.
        estimated_days: spans in which its running was not known well enough and was estimated.
        offices: office -> what of `energy_kwh` it is charged with, `unallocated` for nobody's.
    """

    unit: str
    name: Text
    capacity_kw: float
    area_m2: float | None
    fan_h: Mapping[str, float]
    cooling_h: Mapping[str, float]
    valve: float | None
    heat_kwh: float | None
    index: float
    energy_kwh: float | None
    estimated_days: int
    offices: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanLine:
    """One settlement span (a local day) of a month's split, so that it can be checked by hand.

    `energy_kwh` None: not known, nothing was split. `indexes` and `fractions` by unit.
    """

    start_us: int
    end_us: int
    energy_kwh: float | None
    standby_kwh: float
    method: str
    index_total: float
    indexes: Mapping[str, float]
    fractions: Mapping[str, float]
    why: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSplit:
    """How one outdoor unit's electricity of [start, end) was split.

    `energy_kwh`: what its meter counted in the spans that are known, rounded to 0.01; the units add up to it exactly.
    None where nothing is known. `unknown_spans`: spans of which nothing is known. `formula` in words and symbols.
    """

    outdoor: str
    name: Text
    meter: str
    method: str
    formula: Text
    parameters: Mapping[str, float]
    start_us: int
    end_us: int
    energy_kwh: float | None
    unknown_spans: int
    units: tuple[UnitLine, ...]
    spans: tuple[SpanLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaFigure:
    """One allowance of an office for the month or the year, and how far its use has got."""

    allowance: Allowance
    projection: Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonFigure:
    """This month's electricity against an earlier one's: `against` is `year` (the same month of last year) or `month`
    (the one before). Of a month that is not over, the same length of time from the earlier month's start.
    """

    against: str
    total: Change
    per_head: Change
    per_m2: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumFigure:
    """What an office used of one medium, and what of it.

    `cost` None where no tariff is chosen; standard coal by calorific value (当量) and equivalent (等价), and CO2, None
    where the medium is no energy.
    """

    medium: Medium
    unit: str
    total: Figure
    cost: Cost | None
    coal_calorific: Reckoned | None
    coal_equivalent: Reckoned | None
    co2: Reckoned | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFigures:
    """What one office used in one local month. Of a closed month these are the figures that were closed.

    Attributes:
        until_us: the month's end, or the clock's time while it is not over.
        people: period average, None where the headcount is not known.
        media: electricity first.
        items: electricity by item; they add up to its total.
        splits: of every outdoor unit that serves the office, with the lines of its own units only.
        postings: corrections of earlier, closed months that are booked in this one.
        doubts: (meter, gap) of the office's own meters: what is estimated, missing or held.
        closed_us: when the month was closed, None while it is open; `sha256` of the closed figures.
    """

    office: str
    name: Text
    responsible: str | None
    month: str
    start_us: int
    end_us: int
    until_us: int
    finished: bool
    people: float | None
    area_m2: float | None
    media: tuple[MediumFigure, ...]
    items: tuple[ItemFigure, ...]
    days: tuple[DayFigure, ...]
    splits: tuple[MonthSplit, ...]
    quotas: tuple[QuotaFigure, ...]
    comparisons: tuple[ComparisonFigure, ...]
    degree_days: DegreeDays | None
    per_head: Ratio
    per_m2: Ratio
    postings: tuple[Posting, ...]
    doubts: tuple[tuple[str, Gap], ...]
    meters: tuple[str, ...]
    closed_us: int | None
    sha256: str | None


def figures(amounts: Amounts) -> list[Figure]:
    """Every interval of a column."""
    return [
        Figure(
            value=use.value,
            completeness=use.completeness,
            estimated_share=use.estimated_share,
            grade=use.grade,
            error=use.error,
        )
        for use in amounts.uses()
    ]


def figure(amounts: Amounts, place: int = 0) -> Figure:
    """One interval of a column."""
    return figures(part(amounts, place, place + 1))[0]


def no_figure() -> Figure:
    """Nothing known."""
    return Figure(value=None, completeness=0.0, estimated_share=0.0, grade=Grade.UNKNOWN)
