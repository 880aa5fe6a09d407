"""The periods that the pages show: a local day by hours, a month by days, a year by months; and their neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from api.services.edges import Every, month_span, next_month

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """[start, end) in aware UTC, shown in rows of `every`. `first` is its first local day."""

    every: Every
    first: date
    start: datetime
    end: datetime

    @property
    def title(self) -> str:
        """As people write it: a date, a month, a year."""
        if self.every is Every.HOUR:
            return f"{self.first:%Y-%m-%d}"
        return f"{self.first:%Y-%m}" if self.every is Every.DAY else f"{self.first:%Y}"

    def label(self, row_start: datetime, zone: ZoneInfo) -> str:
        """How one row's beginning is written."""
        local = row_start.astimezone(zone)
        if self.every is Every.HOUR:
            return f"{local:%H:%M}"
        return f"{local:%m-%d}" if self.every is Every.DAY else f"{local:%Y-%m}"

    def neighbour(self, direction: int) -> str:
        """The title of the period before (-1) or after (1)."""
        if self.every is Every.HOUR:
            return f"{self.first + timedelta(days=direction):%Y-%m-%d}"
        if self.every is Every.DAY:
            first = next_month(self.first) if direction > 0 else (self.first - timedelta(days=1)).replace(day=1)
            return f"{first:%Y-%m}"
        return f"{self.first.year + direction:04d}"


def period_of(query: Mapping[str, str], now: datetime, zone: ZoneInfo, default: Every = Every.HOUR) -> Period:
    """The period an address asks for with `by` and `at`; the present one where it asks for nothing sensible."""
    by = query.get("by", default.value)
    every = Every(by) if by in (Every.HOUR.value, Every.DAY.value, Every.MONTH.value) else default
    today = now.astimezone(zone).date()
    return make_period(every, _first(every, query.get("at", ""), today), zone)


def make_period(every: Every, first: date, zone: ZoneInfo) -> Period:
    """The day, month or year that `first` begins."""
    if every is Every.DAY:
        start, end = month_span(first, zone)
    elif every is Every.HOUR:
        start, end = _midnight(first, zone), _midnight(first + timedelta(days=1), zone)
    else:
        start, end = _midnight(first, zone), _midnight(date(first.year + 1, 1, 1), zone)
    return Period(every=every, first=first, start=start, end=end)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _first(every: Every, at: str, today: date) -> date:
    present = {Every.HOUR: today, Every.DAY: today.replace(day=1)}.get(every, date(today.year, 1, 1))
    full = {Every.HOUR: at, Every.DAY: f"{at}-01"}.get(every, f"{at}-01-01")
    try:
        asked = date.fromisoformat(full)
    except ValueError:
        return present
    return asked if 1971 <= asked.year <= 9000 else present


def recent_months(today: date, count: int = 13) -> list[date]:
    """The first days of this month and of those before, newest first."""
    months = [today.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
