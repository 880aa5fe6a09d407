"""What a counter showed at local midnights, months' ends or hours, and how far that may be off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from api.context import ApiContext
from api.problems import RequestProblem, wrong_range
from api.services.edges import Every, edges_us
from api.services.meters import check_meter
from api.shapes import Bilingual, Shape
from facility.accounting.metering import counter_of
from facility.model.site import Point
from facility.readings import from_us
from facility.series import Series, Times
from facility.text import Text


class CounterRow(Shape):
    """A counter at `time`. `value` is read off the straight line between the readings before and after; it may be off
    by `error` either way. Both are None where there is no reading before or after, or the counter fell between them.
    """

    time: datetime
    value: float | None
    error: float | None
    before_time: datetime | None
    before: float | None
    after_time: datetime | None
    after: float | None


class CounterValues(Shape):
    """A counter at the edges of intervals, in the point's own unit, as its readings were stored."""

    meter: str
    name: Bilingual
    point: str
    unit: str
    rows: list[CounterRow]


async def counter_values(
    context: ApiContext, meter: str, start: datetime, end: datetime, every: Every
) -> CounterValues:  # fmt: skip
    """The counter of a meter at `start`, the local boundaries between, and `end`, up to now.

    Raises:
        RequestProblem: no such meter, one without a counter, not an interval, or too many rows.
    """
    check_meter(context, meter)
    item = context.site.meters.get(meter)
    point = None if item is None else counter_of(context.site, item)
    if item is None or point is None:
        raise RequestProblem(
            422, "no_counter", Text(f"{meter} 没有累计读数", f"{meter} has no counter that can be read")
        )  # fmt: skip
    until = min(end, context.clock.now())
    if until <= start:
        raise wrong_range(Text("结束时间必须晚于开始时间,开始时间不能晚于现在", "start must lie before end and now"))
    times = edges_us(start, until, every, context.site.zone)
    series = await context.reckon(_read, context, point, times)
    return CounterValues(
        meter=meter,
        name=Bilingual.of(item.text),
        point=point.id,
        unit=point.unit,
        rows=_rows(context, series, times),
    )


def _read(context: ApiContext, point: Point, times: Times) -> Series:
    """The good readings next to the edges."""
    hold_us = context.books.standing().accounts.hold_us(point)
    series = context.store_reader.store.thinned(point.id, times.tolist(), pause_us=hold_us, rate_per_s=None).series
    good = series.good
    return Series(
        point=series.point,
        times_us=series.times_us[good],
        values=series.values[good],
        statuses=series.statuses[good],
    )


def _rows(context: ApiContext, series: Series, times: Times) -> list[CounterRow]:
    before = np.searchsorted(series.times_us, times, side="right") - 1
    after = np.searchsorted(series.times_us, times, side="left")
    moments, values = series.times_us.tolist(), series.values.tolist()
    return [
        _row(context, at, _at(moments, values, first), _at(moments, values, second))
        for at, first, second in zip(times.tolist(), before.tolist(), after.tolist(), strict=True)
    ]


Reading = tuple[int, float]


def _at(moments: Sequence[int], values: Sequence[float], place: int) -> Reading | None:
    return (moments[place], values[place]) if 0 <= place < len(moments) else None


def _row(context: ApiContext, at_us: int, before: Reading | None, after: Reading | None) -> CounterRow:
    value, error = between(at_us, before, after)
    return CounterRow(
        time=context.local(from_us(at_us)),
        value=value,
        error=error,
        before_time=None if before is None else context.local(from_us(before[0])),
        before=None if before is None else before[1],
        after_time=None if after is None else context.local(from_us(after[0])),
        after=None if after is None else after[1],
    )


def between(at_us: int, before: Reading | None, after: Reading | None) -> tuple[float | None, float | None]:
    """Value and error of a counter at a moment from its readings (time, value) before and after; (None, None) where one
    is missing or the counter fell.
    """
    if before is None or after is None or after[1] < before[1]:
        return None, None
    if before[0] == after[0]:
        return before[1], 0.0
    rise = after[1] - before[1]
    value = before[1] + rise * (at_us - before[0]) / (after[0] - before[0])
    return value, max(value - before[1], after[1] - value)
