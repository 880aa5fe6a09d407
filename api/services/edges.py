"""Where intervals begin and end: local hours, days and months of the site, as aware UTC times or as columns."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from api.problems import RequestProblem, too_much, wrong_range
from facility.local_days import (
    HOUR_US,
    date_at,
    day_edges,
    hour_edges,
    local_date,
    midnight,
    midnight_us,
    month_span_us,
    next_month,
)
from facility.readings import from_us, to_us
from facility.series import Times
from facility.text import Text

__all__ = [
    "MAX_INTERVALS", "Every", "edges", "edges_us", "local_date", "midnight", "month_span", "next_month", "parse_step",
    "step_edges",
]  # fmt: skip

MAX_INTERVALS: Final = 10_000


class Every(StrEnum):
    """Length of one row of a usage table."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


def month_span(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """[start, end) of the local month that `month` lies in, UTC."""
    start_us, end_us = month_span_us(month, zone)
    return from_us(start_us), from_us(end_us)


def edges(start: datetime, end: datetime, every: Every, zone: ZoneInfo) -> list[datetime]:
    """Edges of the rows: `start`, the local boundaries between, `end`. The first and last row may be shorter.

    Raises:
        RequestProblem: not an interval, or too many rows.
    """
    return [from_us(edge) for edge in edges_us(start, end, every, zone).tolist()]


def edges_us(start: datetime, end: datetime, every: Every, zone: ZoneInfo, *, most: int = MAX_INTERVALS) -> Times:
    """The same in microseconds since 1970 UTC, with at most `most` intervals between them."""
    start_us, end_us = to_us(start), to_us(end)
    if end_us <= start_us:
        raise wrong_range(Text("结束时间必须晚于开始时间", "end must be later than start"))
    shortest_us = {Every.HOUR: HOUR_US, Every.DAY: 23 * HOUR_US, Every.MONTH: 28 * 24 * HOUR_US}.get(every)
    if shortest_us is not None:
        _check_count((end_us - start_us) // shortest_us, most)
    return np.asarray(_edges(start_us, end_us, every, zone), np.int64)


def _edges(start_us: int, end_us: int, every: Every, zone: ZoneInfo) -> list[int]:
    match every:
        case Every.HOUR:
            return hour_edges(start_us, end_us, zone)
        case Every.DAY:
            return day_edges(start_us, end_us, zone)
        case Every.MONTH:
            return _month_edges(start_us, end_us, zone)
        case Every.TOTAL:
            return [start_us, end_us]


def _month_edges(start_us: int, end_us: int, zone: ZoneInfo) -> list[int]:
    result, month = [start_us], next_month(date_at(start_us, zone))
    while (edge := midnight_us(month, zone)) < end_us:
        result.append(edge)
        month = next_month(month)
    return [*result, end_us]


def step_edges(start: datetime, end: datetime, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    """Edges every `step`, counted from the local midnight before `start`; whole days follow local midnights.

    Raises:
        RequestProblem: not an interval, or too many rows.
    """
    if step == timedelta(days=1):
        return edges(start, end, Every.DAY, zone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        raise wrong_range(Text("结束时间必须晚于开始时间", "end must be later than start"))
    _check_count(int((end - start) / step), MAX_INTERVALS)
    edge = midnight(local_date(start, zone), zone)
    edge += step * ((start - edge) // step + 1)
    result = [start]
    while edge < end:
        result.append(edge)
        edge += step
    result.append(end)
    return result


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise too_much(
            Text(f"超过 {most} 行", f"that is more than {most} rows"),
            Text("请缩短时间范围或加大 every", "ask for a shorter time or a larger `every`"),
        )


_STEP = re.compile(r"(\d{1,6})(s|m|h|d)\Z")
_STEP_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_STEP_WORDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}


def parse_step(text: str) -> timedelta:
    """A row length such as `30s`, `5m`, `1h`, `1d`, `hour` or `day`.

    Raises:
        RequestProblem: anything else, or less than a second or more than 31 days.
    """
    match = _STEP.match(text)
    seconds = _STEP_WORDS.get(text) if match is None else int(match[1]) * _STEP_UNITS[match[2]]
    if seconds is None or not 1 <= seconds <= 31 * 86_400:
        raise RequestProblem(
            422,
            "wrong_every",
            Text(f"不认识的间隔“{text[:20]}”", f"{text[:20]!r} is not a length"),
            hint=Text("例如 30s、5m、1h、1d、hour、day", "for example 30s, 5m, 1h, 1d, hour, day"),
        )
    return timedelta(seconds=seconds)
