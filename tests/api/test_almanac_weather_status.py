"""Which forecast is in use, how old it is, and which providers fail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from facility.bus import AlarmChanged, ForecastReceived
from facility.bus.messages import AlarmLevel
from facility.text import Text
from tests.api.house import NOW, House

pytestmark = pytest.mark.asyncio

TODAY = date(2026, 7, 15)
UTC_NOW = NOW.astimezone(UTC)


def issue(provider: str, hours_ago: float, max_c: float | None, *, until: datetime | None = None) -> ForecastReceived:
    at = UTC_NOW - timedelta(hours=hours_ago)
    maxima = {} if max_c is None else {TODAY: max_c}
    return ForecastReceived(provider=provider, issued=at, fetched=at, daily_max_c=maxima, valid_until=until)


async def status(house: House, *forecasts: ForecastReceived) -> dict[str, Any]:
    for forecast in forecasts:
        house.journal.record_forecast(forecast)
    answer = await house.client("viewer").get("/api/v1/weather/forecast")
    found: dict[str, Any] = answer.json()["status"]
    return found


async def test_without_a_forecast_nothing_is_in_use(house: House) -> None:
    found = await status(house)
    assert [found[name] for name in ("provider", "issued", "age_s", "today_max_c")] == [None] * 4
    assert (found["listed"], found["troubles"]) == (["manual"], [])


async def test_the_newest_issue_about_today_that_has_not_ended_is_in_use(house: House) -> None:
    over = issue("manual", 0.5, 40.0, until=UTC_NOW)
    found = await status(house, issue("open_meteo", 3, 0.0), issue("qweather", 5, 34.0), issue("file", 1, None), over)
    assert (found["provider"], found["today_max_c"], found["age_s"]) == ("open_meteo", 0.0, 3 * 3600.0)
    assert found["issued"] == (NOW - timedelta(hours=3)).isoformat()


async def test_what_fails_is_told_until_it_is_settled(house: House) -> None:
    def alarm(key: str, *, active: bool) -> AlarmChanged:
        return AlarmChanged(key=key, active=active, level=AlarmLevel.WARNING, at=UTC_NOW, text=Text("坏", "bad"))

    house.bus.publish(alarm("forecast_provider:qweather", active=True))
    house.bus.publish(alarm("link_down:plant", active=True))
    assert [each["key"] for each in (await status(house))["troubles"]] == ["forecast_provider:qweather"]
    house.bus.publish(alarm("forecast_provider:qweather", active=False))
    assert (await status(house))["troubles"] == []
