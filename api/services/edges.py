"""Where intervals begin and end: local hours, days and months of the site, as aware UTC times.

All arithmetic is done in UTC: Python subtracts two times of one zone by their wall clocks, which is wrong across a
change of daylight-saving time. An hour is 3,600 seconds, a day is from local midnight to local midnight (23, 24 or 25
hours), a month from the first's midnight to the next first's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from api.problems import RequestProblem, too_much, wrong_range
from facility.text import Text

MAX_INTERVALS: Final = 10_000


class Every(StrEnum):
    """Length of one row of a usage table."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local date, UTC."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def local_date(when: datetime, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return when.astimezone(zone).date()


def next_month(day: date) -> date:
    """The first of the month after `day`'s."""
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def month_span(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """[start, end) of the local month that `month` lies in, UTC."""
    first = month.replace(day=1)
    return midnight(first, zone), midnight(next_month(first), zone)


def edges(start: datetime, end: datetime, every: Every, zone: ZoneInfo) -> list[datetime]:
    """Edges of the rows: `start`, the local boundaries between, `end`. The first and last row may be shorter.

    Raises:
        RequestProblem: not an interval, or too many rows.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        raise wrong_range(Text("结束时间必须晚于开始时间", "end must be later than start"))
    result = [start]
    for edge in _boundaries(start, every, zone):
        if edge >= end:
            break
        result.append(edge)
        _check_count(len(result))
    result.append(end)
    return result


def _boundaries(start: datetime, every: Every, zone: ZoneInfo) -> Iterator[datetime]:
    if every is Every.HOUR:
        yield from _hours(start, zone)
    elif every is Every.DAY:
        day = local_date(start, zone)
        while day < date.max:
            day += timedelta(days=1)
            yield midnight(day, zone)
    elif every is Every.MONTH:
        month = local_date(start, zone)
        while month.year < 9998:
            month = next_month(month)
            yield midnight(month, zone)


def _hours(start: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    local = start.astimezone(zone)
    into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    edge = start - into_hour
    while True:
        edge += timedelta(hours=1)
        yield edge


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
    _check_count(int((end - start) / step))
    edge = midnight(local_date(start, zone), zone)
    edge += step * ((start - edge) // step + 1)
    result = [start]
    while edge < end:
        result.append(edge)
        edge += step
    result.append(end)
    return result


def _check_count(count: int) -> None:
    if count > MAX_INTERVALS:
        raise too_much(
            Text(f"超过 {MAX_INTERVALS} 行", f"that is more than {MAX_INTERVALS} rows"),
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
