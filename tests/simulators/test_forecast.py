"""The forecast service's document: Open-Meteo's shape, issue times, errors that grow with lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any

from simulators.forecast import Forecaster, issued_at
from simulators.weather import Weather
from tests.sites import small_site

ZONE = small_site().zone


def forecaster(seed: int = 1) -> Forecaster:
    return Forecaster(Weather(ZONE), seed, 28.23, 112.94)


def morning(day: int) -> datetime:
    return datetime(2026, 7, day, 8, 0, tzinfo=ZONE)


def test_the_document_has_open_meteos_names_and_lengths() -> None:
    document = forecaster().document(morning(10), 3)
    hourly, daily = document["hourly"], document["daily"]
    assert document["timezone"] == "Asia/Shanghai"
    assert document["utc_offset_seconds"] == 8 * 3600
    assert hourly["time"][0] == "2026-07-10T00:00"
    assert hourly["time"][-1] == "2026-07-12T23:00"
    assert daily["time"] == ["2026-07-10", "2026-07-11", "2026-07-12"]
    assert {len(column) for column in hourly.values()} == {72}
    assert {len(column) for column in daily.values()} == {3}
    assert set(hourly) == set(document["hourly_units"])
    assert set(daily) == set(document["daily_units"])
    assert daily["temperature_2m_max"][0] == max(hourly["temperature_2m"][:24])


def test_a_new_issue_comes_every_six_hours_and_in_between_nothing_changes() -> None:
    source = forecaster()
    at_noon = datetime(2026, 7, 10, 6, 0, tzinfo=UTC)
    before = source.document(at_noon - timedelta(seconds=1))
    after = source.document(at_noon)
    assert before["issued"] == "2026-07-10T00:00:00Z"
    assert after["issued"] == "2026-07-10T06:00:00Z"
    assert source.document(at_noon + timedelta(hours=5)) == after
    assert issued_at(at_noon + timedelta(hours=5, minutes=59)) == at_noon


def test_the_same_seed_errs_the_same_way_and_another_does_not() -> None:
    assert forecaster(1).document(morning(10)) == forecaster(1).document(morning(10))
    assert forecaster(1).document(morning(10)) != forecaster(2).document(morning(10))


def test_errors_grow_with_lead_and_stay_small_on_the_first_day() -> None:
    def mean_error_k(lead_days: int) -> float:
        return fmean(_error_k(forecaster(seed), lead_days) for seed in range(40))

    assert 0.05 < mean_error_k(0) < 1.0
    assert mean_error_k(6) > 1.5 * mean_error_k(0)


def _error_k(source: Forecaster, lead_days: int) -> float:
    daily: dict[str, Any] = source.document(morning(8), 7)["daily"]
    day = datetime(2026, 7, 8, tzinfo=ZONE) + timedelta(days=lead_days)
    weather = Weather(ZONE)
    actual_c = max(weather.at(day + timedelta(hours=hour)).temperature_c for hour in range(24))
    return abs(float(daily["temperature_2m_max"][lead_days]) - actual_c)
