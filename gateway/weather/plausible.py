"""Whether a forecast can be true: no maximum below its minimum, no jump, providers that agree. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from facility.bus import ForecastReceived
from facility.errors import BadAnswer
from gateway.weather.provider import Told

OLDEST_ISSUE: Final = timedelta(hours=12)
"""An issue older than this permits nothing (CONTROL: newest issue not older than 12 h): the next provider is asked."""

CONFIRMED_AFTER: Final = timedelta(minutes=30)
"""A value that jumped and is still told so much later is believed."""

_HOURS_ABOVE_K: Final = 3.0
"""An hour may be so much above the day's maximum: providers round, and reckon days and hours by different models."""


def check_told(told: Told, zone: ZoneInfo, now: datetime) -> None:
    """Whether the forecast can be true by itself and says something about today.

    Raises:
        BadAnswer: a maximum below the minimum, an hour far above its day's maximum, or nothing about today.
    """
    maxima = told.forecast.daily_max_c
    for day, highest in maxima.items():
        lowest = told.daily_min_c.get(day)
        if lowest is not None and highest < lowest:
            raise BadAnswer(f"the maximum of {day} is {highest:g} °C, below its minimum of {lowest:g} °C")
    hottest: dict[date, float] = defaultdict(lambda: float("-inf"))
    for hour in told.forecast.hours:
        if hour.temperature_c is not None:
            day = hour.time.astimezone(zone).date()
            hottest[day] = max(hottest[day], hour.temperature_c)
    for day, hour_c in hottest.items():
        if day in maxima and hour_c > maxima[day] + _HOURS_ABOVE_K:
            raise BadAnswer(f"the maximum of {day} is {maxima[day]:g} °C, but an hour of it has {hour_c:g} °C")
    today = now.astimezone(zone).date()
    if today not in maxima:
        raise BadAnswer(f"the forecast says nothing about today, {today}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A daily maximum that differs much from the provider's issue before; degrees Celsius."""

    day: date
    before_c: float
    now_c: float


class Steadiness:
    """Remembers what each provider said last, and lets a jump through only when it is confirmed.

    Args:
        limit_k: a change of a day's maximum by more than this is a jump.
    """

    def __init__(self, limit_k: float) -> None:
        self._limit_k = limit_k
        self._last: dict[str, ForecastReceived] = {}
        self._held: dict[str, ForecastReceived] = {}

    def jump(self, key: str, forecast: ForecastReceived) -> Jump | None:
        """The jump for which this forecast waits; None when it is believed, which it is remembered as.

        A forecast that says again, half an hour later or more, what one before it was held for, is believed.
        """
        found = self._change(self._last.get(key), forecast)
        if found is None:
            self._believe(key, forecast)
            return None
        held = self._held.get(key)
        if held is not None and self._change(held, forecast) is None:
            if forecast.fetched - held.fetched >= CONFIRMED_AFTER:
                self._believe(key, forecast)
                return None
            return found
        self._held[key] = forecast
        return found

    def _believe(self, key: str, forecast: ForecastReceived) -> None:
        self._last[key] = forecast
        self._held.pop(key, None)

    def _change(self, before: ForecastReceived | None, forecast: ForecastReceived) -> Jump | None:
        if before is None:
            return None
        for day, now_c in sorted(forecast.daily_max_c.items()):
            before_c = before.daily_max_c.get(day)
            if before_c is not None and abs(now_c - before_c) > self._limit_k:
                return Jump(day=day, before_c=before_c, now_c=now_c)
        return None


def disagreement_k(one: ForecastReceived, other: ForecastReceived, day: date) -> float | None:
    """By how much two forecasts differ in a day's maximum; None where one says nothing about it."""
    a, b = one.daily_max_c.get(day), other.daily_max_c.get(day)
    return None if a is None or b is None else abs(a - b)
