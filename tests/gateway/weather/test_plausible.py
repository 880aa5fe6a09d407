"""Forecasts that cannot be true, jump, or contradict each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from facility.bus import ForecastReceived
from facility.bus.messages import HourForecast
from facility.errors import BadAnswer
from gateway.weather.plausible import Jump, Steadiness, check_told, disagreement_k
from gateway.weather.provider import Told

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY, NEXT = date(2026, 7, 15), date(2026, 7, 16)
NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def told(max_c: dict[date, float], min_c: dict[date, float] | None = None, *hours_c: float | None) -> Told:
    hours = tuple(
        HourForecast(time=NOON + timedelta(hours=index), temperature_c=value, weather_code=None, cloud_percent=None)
        for index, value in enumerate(hours_c)
    )
    return Told(forecast=said(max_c, 0, hours), daily_min_c=min_c or {})


def said(max_c: dict[date, float], minutes: float = 0, hours: tuple[HourForecast, ...] = ()) -> ForecastReceived:
    at = NOON + timedelta(minutes=minutes)
    return ForecastReceived(provider="open_meteo", issued=at, fetched=at, daily_max_c=max_c, hours=hours)


@pytest.mark.parametrize(
    ("forecast", "words"),
    [
        (told({DAY: 34.0}), None),
        (told({DAY: 0.0}, {DAY: 0.0}), None),
        (told({DAY: -1.0}, {DAY: 0.0}), "below its minimum"),
        (told({DAY: 34.0, NEXT: 20.0}, {NEXT: 26.0}), "2026-07-16"),
        (told({DAY: 34.0}, {NEXT: 40.0}), None),
        (told({DAY: 34.0}, None, 37.0, None), None),
        (told({DAY: 34.0}, None, 37.1), "an hour of it has 37.1"),
        (told({DAY: 0.0}, None, 0.0), None),
        (told({NEXT: 34.0}), "nothing about today"),
    ],
)
def test_a_forecast_contradicts_neither_itself_nor_the_day(forecast: Told, words: str | None) -> None:
    if words is None:
        check_told(forecast, SHANGHAI, NOON)
        return
    with pytest.raises(BadAnswer, match=words):
        check_told(forecast, SHANGHAI, NOON)


def test_a_jump_waits_until_it_is_told_again_later() -> None:
    steady = Steadiness(10.0)
    ledger = [
        (0, {DAY: 34.0}, None),
        (60, {DAY: 24.0}, None),
        (120, {DAY: 34.1}, Jump(day=DAY, before_c=24.0, now_c=34.1)),
        (140, {DAY: 34.1}, Jump(day=DAY, before_c=24.0, now_c=34.1)),
        (150, {DAY: 33.0}, None),
        (180, {DAY: 0.0}, Jump(day=DAY, before_c=33.0, now_c=0.0)),
        (240, {DAY: 33.0}, None),
        (270, {DAY: 0.0}, Jump(day=DAY, before_c=33.0, now_c=0.0)),
        (330, {NEXT: 0.0}, None),
    ]
    for minutes, maxima, expected in ledger:
        assert steady.jump("a", said(maxima, minutes)) == expected, minutes


def test_each_provider_is_measured_by_itself() -> None:
    steady = Steadiness(10.0)
    assert steady.jump("a", said({DAY: 34.0})) is None
    assert steady.jump("b", said({DAY: 0.0})) is None
    assert steady.jump("a", said({DAY: 0.0}, 60)) is not None


def test_a_day_that_one_of_two_says_nothing_about_is_no_disagreement() -> None:
    assert disagreement_k(said({DAY: 34.0}), said({DAY: 0.0}), DAY) == 34.0
    assert disagreement_k(said({DAY: 0.0}), said({DAY: 0.0}), DAY) == 0.0
    assert disagreement_k(said({DAY: 34.0}), said({NEXT: 0.0}), DAY) is None
