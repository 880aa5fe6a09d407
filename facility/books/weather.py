"""Degree days of the outdoor temperature that the site keeps, and the forecast maxima that were on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from facility.accounting.degree_days import COVERED_FROM, DegreeDays, degree_days
from facility.journal import Journal
from facility.local_days import date_at, day_edges, midnight, midnight_us
from facility.model import Site
from facility.store import Aggregate, Store

HOLD_US: Final = 3_600_000_000
"""A temperature holds until the next reading, at most an hour."""

FORECASTS: Final = 4_000


def month_degree_days(site: Site, store: Store, start_us: int, end_us: int) -> DegreeDays | None:
    """Degree days of the local days that are over in [start, end), each from the first outdoor sensor that knows it.
    None where the site names no sensor.
    """
    sensors = site.file.weather.outdoor
    if not sensors:
        return None
    means = _daily_means(site, store, start_us, end_us)
    return degree_days(means, list(means))


def _daily_means(site: Site, store: Store, start_us: int, end_us: int) -> dict[date, float | None]:
    days = [edge for edge in day_edges(start_us, end_us, site.zone) if _is_midnight(edge, site.zone)]
    means: dict[date, float | None] = {date_at(first, site.zone): None for first, _ in pairwise(days)}
    for point in site.file.weather.outdoor if means else ():
        for bucket in store.aggregate(point, days, Aggregate.MEAN, hold_us=HOLD_US):
            day = date_at(bucket.start_us, site.zone)
            if means[day] is None and bucket.completeness >= COVERED_FROM:
                means[day] = bucket.value
    return means


def _is_midnight(time_us: int, zone: ZoneInfo) -> bool:
    return time_us == midnight_us(date_at(time_us, zone), zone)


def forecast_maxima(journal: Journal, site: Site, first: date, last: date) -> Mapping[date, float]:
    """What was forecast for each local date in [first, last] by the evening before; a day without such a forecast is
    missing.
    """
    maxima: dict[date, float] = {}
    for forecast in reversed(journal.forecasts(limit=FORECASTS)):  # oldest first: the latest before the day stays
        for day, value in forecast.daily_max_c.items():
            if first <= day <= last and forecast.fetched < midnight(day, site.zone):
                maxima[day] = value
    return maxima
