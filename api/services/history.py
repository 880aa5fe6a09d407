"""History of points: raw readings, or one value an interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from api.context import ApiContext
from api.problems import POINT, too_much, unknown, wrong_range
from api.services.edges import step_edges
from api.services.live import state_name
from api.shapes import Bilingual, Shape
from facility.clock import stretched_s
from facility.model.site import Point
from facility.quantities import Quantity
from facility.readings import Quality, Status, from_us, to_us
from facility.store.protocol import Aggregate, Bucket, Series
from facility.text import Text

HOLD_S: Final = 900.0
"""A good value holds for at most this long (clock seconds); a longer silence is a gap."""
MAX_RAW: Final = timedelta(days=7)
MAX_RAW_ROWS: Final = 200_000
MAX_POINTS: Final = 50


class HistoryRow(Shape):
    """One reading, or one interval from `time` on. `value` None: a failed reading, or an interval without any.

    `completeness` 0..1 is the share of the interval that good readings cover, None on raw rows.
    """

    time: datetime
    value: float | None
    quality: str
    reason: str | None = None
    completeness: float | None = None
    state: str | None = None


class History(Shape):
    """Rows of one point. `aggregate` and `every_s` are None for raw readings."""

    id: str
    name: Bilingual
    unit: str
    aggregate: str | None
    every_s: float | None
    rows: list[HistoryRow]


async def history(
    context: ApiContext,
    point_id: str,
    start: datetime,
    end: datetime,
    *,
    every: timedelta | None = None,
    aggregate: Aggregate | None = None,
) -> History:
    """History of one point in [start, end). Without `every` the readings as they are; with it one row an interval,
    by `aggregate` (default: mean, for states and counters the last value); with `aggregate` alone one row for it all.

    Raises:
        RequestProblem: no such point, not an interval, or too many rows.
    """
    point = context.site.points.get(point_id)
    if point is None:
        raise unknown(POINT, point_id)
    _check_range(start, end)
    if every is None and aggregate is None:
        return await _raw(context, point, start, end)
    if every is None:
        return await _aggregated(context, point, [start, end], end - start, aggregate or default_aggregate(point))
    how = aggregate if aggregate is not None else default_aggregate(point)
    return await _aggregated(context, point, step_edges(start, end, every, context.site.zone), every, how)


async def histories(
    context: ApiContext,
    points: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    every: timedelta | None = None,
    aggregate: Aggregate | None = None,
) -> list[History]:
    """History of several points, for one chart."""
    if len(points) > MAX_POINTS:
        raise too_much(
            Text(f"一次最多 {MAX_POINTS} 个测点", f"at most {MAX_POINTS} points at once"),
            Text("请分几次查询", "ask in several requests"),
        )
    return [await history(context, point, start, end, every=every, aggregate=aggregate) for point in points]


def default_aggregate(point: Point) -> Aggregate:
    """Mean where a mean means something; the last value of states and of counters."""
    is_counter = point.spec.counter or point.spec.counter_max is not None
    return Aggregate.LAST if is_counter or point.quantity is Quantity.STATE else Aggregate.MEAN


def chart_step(start: datetime, end: datetime, *, rows: int = 400) -> timedelta:
    """A round interval that gives a chart at most about `rows` rows."""
    for seconds in (60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200):
        if (end - start).total_seconds() / seconds <= rows:
            return timedelta(seconds=seconds)
    return timedelta(days=1)


def hold_us(context: ApiContext) -> int:
    """How long a good value holds, in microseconds of the site's clock."""
    return int(max(HOLD_S, 5 * stretched_s(1.0, context.clock.pace)) * 1e6)


def _check_range(start: datetime, end: datetime) -> None:
    if end <= start:
        raise wrong_range(Text("结束时间必须晚于开始时间", "end must be later than start"))


async def _raw(context: ApiContext, point: Point, start: datetime, end: datetime) -> History:
    hint = Text(
        "请加上 every(例如 every=5m),或缩短时间范围", "add `every` (for example every=5m) or ask for a shorter time"
    )
    if end - start > MAX_RAW:
        raise too_much(
            Text(f"原始读数一次最多 {MAX_RAW.days} 天", f"raw readings: at most {MAX_RAW.days} days at once"), hint
        )
    store = context.store_reader.store
    series = await context.store_reader.call(store.raw, point.id, to_us(start), to_us(end))
    if len(series) > MAX_RAW_ROWS:
        raise too_much(Text(f"共 {len(series)} 条读数", f"that is {len(series)} readings"), hint)
    rows = await context.store_reader.call(_raw_rows, context, point, series)
    return _history(point, None, None, rows)


def _raw_rows(context: ApiContext, point: Point, series: Series) -> list[HistoryRow]:
    rows = []
    columns = zip(series.times_us.tolist(), series.values.tolist(), series.statuses.tolist(), strict=True)
    for time_us, number, code in columns:
        status = Status(code)
        value = None if number != number else number  # noqa: PLR0124 - NaN marks a reading without a value
        rows.append(
            HistoryRow(
                time=context.local(from_us(time_us)),
                value=value,
                quality=status.quality.value,
                reason=status.reason,
                state=state_name(point, value),
            )
        )
    return rows


async def _aggregated(
    context: ApiContext, point: Point, times: list[datetime], every: timedelta, how: Aggregate
) -> History:
    store = context.store_reader.store
    edges_us = [to_us(edge) for edge in times]
    buckets = await context.store_reader.call(store.aggregate, point.id, edges_us, how, hold_us=hold_us(context))
    return _history(point, how, every, [_bucket_row(context, point, bucket, how) for bucket in buckets])


def _bucket_row(context: ApiContext, point: Point, bucket: Bucket, how: Aggregate) -> HistoryRow:
    quality = Quality.BAD if bucket.value is None else Quality.GOOD
    keeps_state = how in (Aggregate.LAST, Aggregate.MIN, Aggregate.MAX)
    return HistoryRow(
        time=context.local(from_us(bucket.start_us)),
        value=bucket.value,
        quality=quality.value,
        completeness=round(bucket.completeness, 6),
        state=state_name(point, bucket.value) if keeps_state else None,
    )


def _history(point: Point, how: Aggregate | None, every: timedelta | None, rows: list[HistoryRow]) -> History:
    return History(
        id=point.id,
        name=Bilingual.of(point.text),
        unit="s" if how is Aggregate.DURATION else point.unit,
        aggregate=None if how is None else how.value,
        every_s=None if every is None else every.total_seconds(),
        rows=rows,
    )
