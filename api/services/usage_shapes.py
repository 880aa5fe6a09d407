"""The shapes of tables of use."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.services.edges import Every
from api.services.told import ReckonedView
from api.services.use_extras import CostTerms
from api.shapes import Bilingual, Shape
from facility.accounting.metering import Medium

By = Literal["office", "floor", "building", "item", "meter", "equipment"]
"""What a row stands for."""


class UsageRow(Shape):
    """What one key used in [start, end). `value` is in the table's unit, None when nothing is known.

    `completeness` 0..1: share of the time that good readings cover. `estimated_share` 0..1: share of the value that was
    interpolated or allocated; `manual_share` 0..1: share that a person entered. `grade` says how the value came about.
    `error`: it may be off by so much either way, for lack of a reading at the interval's very ends. The key
    `unallocated` is what the main meter counted and no office's meter did.
    """

    key: str
    name: Bilingual
    start: datetime
    end: datetime
    value: float | None
    completeness: float
    estimated_share: float
    grade: str
    error: float
    manual_share: float


class UsageRowWith(UsageRow):
    """A row with all that `with` can add; what was not asked for is left out.

    `cost_yuan`: energy and what is added to every unit; surcharges of tiers and monthly charges are in statements.
    `cost_complete` False: a use or a price is not known. `coal_kgce` by calorific value (当量), `coal_equivalent_kgce`
    by what its production took (等价): never added up. `quota_*` of the office in the month. `year_before_*`: the same
    span a year earlier, `before_*`: the one before this; changes in percent of it; `people` and `area_m2` (by office)
    are means over the days of each.
    """

    cost_yuan: float | None = None
    cost_complete: bool | None = None
    coal_kgce: float | None = None
    coal_equivalent_kgce: float | None = None
    co2_kg: float | None = None
    quota_allowance: float | None = None
    quota_used_share: float | None = None
    quota_overrun: float | None = None
    year_before_value: float | None = None
    year_before_completeness: float | None = None
    year_before_change_percent: float | None = None
    before_value: float | None = None
    before_completeness: float | None = None
    before_change_percent: float | None = None
    people: float | None = None
    area_m2: float | None = None
    year_before_people: float | None = None
    year_before_area_m2: float | None = None
    before_people: float | None = None
    before_area_m2: float | None = None


class UsageBlock(Shape):
    """What a meter counted in a silence [start, end) that lies across rows: known as a whole, part of no row."""

    meter: str
    name: Bilingual
    start: datetime
    end: datetime
    value: float


class Usage(Shape):
    """A table of use."""

    unit: str
    by: By
    medium: Medium
    every: Every
    rows: list[UsageRow]
    blocks: list[UsageBlock]


class UsageTold(Usage):
    """A table of use with what `with` adds: `costs` says what costs were reckoned with, `factors` which factors coal
    and CO2, by field and year.
    """

    rows: list[UsageRowWith]  # type: ignore[assignment]
    costs: CostTerms | None = None
    factors: dict[str, dict[str, ReckonedView]] | None = None
