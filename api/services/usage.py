"""What was used: per office, floor, building, item or meter, in local hours, days and months."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from api.context import ApiContext
from api.problems import too_much
from api.services.amounts import Used
from api.services.counting import uses_of
from api.services.edges import Every, edges
from api.services.meters import Medium, meters_of, unit_of
from api.shapes import Bilingual, Shape
from facility.accounting import usage_by
from facility.readings import from_us
from facility.text import Text

MAX_CELLS: Final = 60_000
"""Meters times rows that one answer may need."""


class By(StrEnum):
    """What a row of use stands for."""

    OFFICE = "office"
    FLOOR = "floor"
    BUILDING = "building"
    ITEM = "item"
    METER = "meter"


class UsageRow(Shape):
    """What one key used in [start, end). `value` is in the table's unit, None when nothing is known.

    `completeness` 0..1: share of the time that good readings cover. `estimated_share` 0..1: share of the value that was
    interpolated or allocated. `grade` says how it came about. The key `unallocated` is what the main meter counted and
    no office's meter did.
    """

    key: str
    name: Bilingual
    start: datetime
    end: datetime
    value: float | None
    completeness: float
    estimated_share: float
    grade: str


class Usage(Shape):
    """A table of use."""

    unit: str
    by: By
    medium: Medium
    every: Every
    rows: list[UsageRow]


async def usage(
    context: ApiContext,
    *,
    by: By,
    medium: Medium = Medium.ELECTRICITY,
    start: datetime,
    end: datetime,
    every: Every = Every.TOTAL,
) -> Usage:
    """What each key used, one row per key and interval, in time order per key. An interval that is not over ends now;
    one that has not begun has no row.

    Raises:
        RequestProblem: not an interval, or too many rows.
    """
    times = _past(edges(start, end, every, context.site.zone), context.clock.now())
    meters = meters_of(context.site, medium)
    if len(meters) * len(times) > MAX_CELLS:
        raise too_much(
            Text(
                f"{len(meters)} 块表 × {len(times)} 行,表太大", f"{len(meters)} meters x {len(times)} rows is too large"
            ),
            Text("请缩短时间范围或用更大的 every", "ask for a shorter time or a larger `every`"),
        )
    uses: dict[str, list[Used]] = {}
    for meter in meters if len(times) > 1 else ():
        uses[meter.id] = await uses_of(context, meter, times)
        await asyncio.sleep(0)  # a large table must not hold up the live values
    rows = await context.store_reader.call(_rows, context, by, uses)
    return Usage(unit=unit_of(medium), by=by, medium=medium, every=every, rows=rows)


def _past(times: list[datetime], now: datetime) -> list[datetime]:
    past = [time for time in times if time <= now]
    if past and len(past) < len(times) and past[-1] < now:
        past.append(now.astimezone(UTC))
    return past


def _rows(context: ApiContext, by: By, uses: dict[str, list[Used]]) -> list[UsageRow]:
    if not uses:
        return []
    return [
        UsageRow(
            key=row.key,
            name=Bilingual.of(row.name),
            start=context.local(from_us(row.start_us)),
            end=context.local(from_us(row.end_us)),
            value=row.value,
            completeness=round(row.completeness, 6),
            estimated_share=round(row.estimated_share, 6),
            grade=row.grade,
        )
        for row in usage_by(context.site, by.value, uses)
    ]
