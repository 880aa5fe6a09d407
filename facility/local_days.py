"""Local hours, days and months as moments: where intervals of accounts and reports begin and end.

All arithmetic is done in UTC: Python subtracts two times of one zone by their wall clocks, which is wrong across a
change of daylight-saving time. An hour is 3,600 seconds; a day is from local midnight to local midnight (23, 24 or 25
hours); a month from the first's midnight to the next first's. Moments are microseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from facility.readings import from_us, to_us

HOUR_US = 3_600_000_000


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local date, UTC."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def midnight_us(day: date, zone: ZoneInfo) -> int:
    """The first moment of a local date."""
    return to_us(midnight(day, zone))


def local_date(when: datetime, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return when.astimezone(zone).date()


def date_at(time_us: int, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return local_date(from_us(time_us), zone)


def next_month(day: date) -> date:
    """The first of the month after `day`'s."""
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def month_before(day: date, months: int = 1) -> date:
    """The first of the month that lies so many months before `day`'s."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def month_span_us(month: date, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) of the local month that `month` lies in."""
    first = month.replace(day=1)
    return midnight_us(first, zone), midnight_us(next_month(first), zone)


def month_text(month: date) -> str:
    """As `2026-07`."""
    return f"{month.year:04d}-{month.month:02d}"


def days_between(start_us: int, end_us: int, zone: ZoneInfo) -> Iterator[date]:
    """Every local date that [start, end) touches."""
    day = date_at(start_us, zone)
    while midnight_us(day, zone) < end_us:
        yield day
        day += timedelta(days=1)


def day_edges(start_us: int, end_us: int, zone: ZoneInfo) -> list[int]:
    """`start`, the local midnights between, `end`; the first and last day may be shorter."""
    inner = (midnight_us(day, zone) for day in days_between(start_us, end_us, zone))
    return [start_us, *(edge for edge in inner if edge > start_us), end_us]


def hour_edges(start_us: int, end_us: int, zone: ZoneInfo) -> list[int]:
    """`start`, the full local hours between, `end`; the first and last hour may be shorter."""
    local = from_us(start_us).astimezone(zone)
    into_us = (local.minute * 60 + local.second) * 1_000_000 + local.microsecond
    first = start_us - into_us + HOUR_US
    return [start_us, *range(first, end_us, HOUR_US), end_us]
