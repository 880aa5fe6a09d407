"""Which stretches of time belong to which version, month and period of a tariff, in a zone with or without summer time.

Periods follow the clock on the wall: an hour that summer time repeats counts twice in its period, one that it skips not
at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from facility.accounting.tariffs import DAY_MINUTES, DayPlan, DayType, Period, Tariff, version_on
from facility.local_days import days_between, midnight_us, month_text
from facility.readings import from_us

_MINUTE_US: Final = 60_000_000
_QUARTER_MIN: Final = 15
"""Clocks change at whole quarters of an hour (IANA time zone database, all zones since 1972)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Time from `start_us` to the next stretch's start. `tariff` and `period` are None where no version holds."""

    start_us: int
    month: str
    tariff: Tariff | None
    period: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """Neighbouring stretches that cover the local dates asked for. `unforecast`: dates whose periods depend on a
    forecast that is not known.
    """

    stretches: tuple[Stretch, ...]
    unforecast: tuple[date, ...]


def stretches(
    versions: Sequence[Tariff],
    start_us: int,
    end_us: int,
    zone: ZoneInfo,
    *,
    day_type: Callable[[date], DayType],
    forecast_max_c: Mapping[date, float],
) -> Stretches:
    """The stretches of all local dates that [start_us, end_us) touches."""
    found: list[Stretch] = []
    unforecast: list[date] = []
    for day in days_between(start_us, end_us, zone):
        tariff = version_on(versions, day)
        month = month_text(day)
        if tariff is None:
            found.append(Stretch(start_us=midnight_us(day, zone), month=month, tariff=None, period=None))
            continue
        kind, forecast = day_type(day), forecast_max_c.get(day)
        if forecast is None and tariff.asks_forecast(day, kind):
            unforecast.append(day)
        found += [
            Stretch(start_us=at_us, month=month, tariff=tariff, period=period)
            for at_us, period in _changes(tariff.plan(day, kind, forecast), day, zone)
        ]
    return Stretches(stretches=tuple(found), unforecast=tuple(unforecast))


def _changes(plan: DayPlan, day: date, zone: ZoneInfo) -> list[tuple[int, Period]]:
    """When which period begins on a day."""
    begin_us, end_us = midnight_us(day, zone), midnight_us(day + timedelta(days=1), zone)
    if end_us - begin_us == DAY_MINUTES * _MINUTE_US:
        return [(begin_us + span.start_min * _MINUTE_US, span.period) for span in plan.spans]
    found: list[tuple[int, Period]] = []
    for at_us in _instants(plan, begin_us, end_us):
        local = from_us(at_us).astimezone(zone)
        period = _period_at(plan, local.hour * 60 + local.minute)
        if not found or found[-1][1] is not period:
            found.append((at_us, period))
    return found


def _instants(plan: DayPlan, begin_us: int, end_us: int) -> list[int]:
    """Every moment of a day at which a period may begin: whole quarters, and the plan's odd minutes in each (none of
    its first span, which begins at midnight).
    """
    odd = {span.start_min % _QUARTER_MIN for span in plan.spans}
    quarters = range(begin_us, end_us, _QUARTER_MIN * _MINUTE_US)
    return sorted(quarter_us + minutes * _MINUTE_US for quarter_us in quarters for minutes in odd)


def _period_at(plan: DayPlan, minute: int) -> Period:
    return next(span.period for span in plan.spans if span.start_min <= minute < span.end_min)
